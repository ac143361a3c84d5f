/* What timeline.h promises: the instants of many jobs in one order. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "due.h"
#include "due/timeline.h"

static void
instants_come_in_time_order_and_none_is_left_out(void **state)
{
    static const char *const whens[] = {"*/7 * * * *", "0 * * * *", "@every 90s", "@every 37m",
        "30 2 * * *", "*/7 * * * *", "0 0 * * 0", "@every 1h"};
    (void)state;
    Text jobs = text_new(arena);
    for (int i = 0; i < 40; i++)
        text_addf(&jobs, "job%02d: {schedule: \"%s\"}\n", i, whens[i * 5 % 8]);
    Clockfile *file = file_of(jobs.at);
    Timeline *timeline = timeline_new(arena, file, NULL, T0);
    int64_t *next_s = arena_array(arena, file->n, sizeof *next_s);
    for (size_t i = 0; i < file->n; i++)
        assert_true(schedule_next(file->jobs[i].schedule, T0, &next_s[i]));

    int64_t last_s = T0;
    for (int taken = 0; taken < 20000; taken++) {
        TimelineGroup group;
        int64_t announced_s = timeline_next(timeline);
        assert_true(timeline_take(timeline, &group));
        assert_int_equal(group.due_s, announced_s);
        assert_true(group.due_s >= last_s);
        last_s = group.due_s;
        for (size_t i = 0; i < group.n; i++) {
            uint32_t job = group.jobs[i];
            assert_int_equal(next_s[job], group.due_s);
            assert_true(schedule_next(file->jobs[job].schedule, group.due_s, &next_s[job]));
        }
    }
    for (size_t i = 0; i < file->n; i++)
        assert_true(next_s[i] >= last_s);
}

static void
jobs_of_one_schedule_come_together_by_name(void **state)
{
    (void)state;
    Clockfile *file = file_of("b: {schedule: \"0 * * * *\"}\n"
                              "c: {schedule: \"0 */2 * * *\"}\n"
                              "a: {schedule: \"0 * * * *\"}\n"
                              "d: {schedule: \"0 * * * *\"}\n");
    Timeline *timeline = timeline_new(arena, file, NULL, T0 - 1);
    TimelineGroup group;
    assert_int_equal(timeline_next(timeline), T0);
    assert_int_equal(timeline_next_jobs(timeline), 4);
    assert_true(timeline_take(timeline, &group));
    assert_int_equal(group.n, 3); /* first the group of the first job */
    assert_string_equal(file->jobs[group.jobs[0]].name, "a");
    assert_string_equal(file->jobs[group.jobs[1]].name, "b");
    assert_string_equal(file->jobs[group.jobs[2]].name, "d");
    assert_int_equal(timeline_next(timeline), T0);
    assert_true(timeline_take(timeline, &group));
    assert_int_equal(group.n, 1);
    assert_string_equal(file->jobs[group.jobs[0]].name, "c");
    assert_int_equal(timeline_next(timeline), T0 + 3600);
    assert_int_equal(timeline_next_jobs(timeline), 3);
}

static void
jobs_skipped_or_not_enabled_never_come(void **state)
{
    (void)state;
    Clockfile *file = file_of("a: {schedule: \"0 * * * *\"}\n"
                              "b: {schedule: \"0 * * * *\", enabled: false}\n"
                              "c: {schedule: \"0 * * * *\"}\n");
    const bool skip[] = {true, false, false};
    Timeline *timeline = timeline_new(arena, file, skip, T0);
    for (int i = 1; i < 100; i++) {
        TimelineGroup group;
        assert_true(timeline_take(timeline, &group));
        assert_int_equal(group.due_s, T0 + 3600 * i);
        assert_int_equal(group.n, 1);
        assert_string_equal(file->jobs[group.jobs[0]].name, "c");
    }
}

static void
seeking_goes_either_way(void **state)
{
    (void)state;
    Clockfile *file = file_of("a: {schedule: \"@every 1h\"}\nb: {schedule: \"@every 45m\"}\n");
    Timeline *timeline = timeline_new(arena, file, NULL, T0);
    TimelineGroup group;
    for (int i = 0; i < 50; i++)
        assert_true(timeline_take(timeline, &group));
    timeline_seek(timeline, T0);
    assert_int_equal(timeline_next(timeline), T0 + 2700);
    timeline_seek(timeline, T0 + 86400);
    assert_int_equal(timeline_next(timeline), T0 + 86400 + 2700);
    timeline_seek(timeline, T0 + 2700); /* strictly after */
    assert_int_equal(timeline_next(timeline), T0 + 3600);
}

static void
schedules_that_have_ended_leave_the_others_alone(void **state)
{
    (void)state;
    Clockfile *file = file_of("a: {schedule: \"@at 2026-01-01T01:00:00\"}\n"
                              "b: {schedule: \"@at 2026-01-01T02:00:00\"}\n"
                              "c: {schedule: \"0 0 31 2 *\"}\n");
    Timeline *timeline = timeline_new(arena, file, NULL, T0);
    TimelineGroup group;
    assert_true(timeline_take(timeline, &group));
    assert_int_equal(group.due_s, T0 + 3600);
    assert_true(timeline_take(timeline, &group));
    assert_int_equal(group.due_s, T0 + 7200);
    assert_int_equal(timeline_next(timeline), NEVER);
    assert_int_equal(timeline_next_jobs(timeline), 0);
    assert_false(timeline_take(timeline, &group));
    timeline_seek(timeline, T0);
    assert_int_equal(timeline_next(timeline), T0 + 3600);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            instants_come_in_time_order_and_none_is_left_out, due_begin, due_end),
        cmocka_unit_test_setup_teardown(
            jobs_of_one_schedule_come_together_by_name, due_begin, due_end),
        cmocka_unit_test_setup_teardown(
            jobs_skipped_or_not_enabled_never_come, due_begin, due_end),
        cmocka_unit_test_setup_teardown(seeking_goes_either_way, due_begin, due_end),
        cmocka_unit_test_setup_teardown(
            schedules_that_have_ended_leave_the_others_alone, due_begin, due_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
