/* What dispatch.h promises: which instants become rows, and which records. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <setjmp.h>

#include <cmocka.h>

#include "duebatch.h"

/* ---- what is due ---- */

static void
the_next_instant_is_announced_and_fired(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10m\"}\nb: {schedule: \"@every 20m\"}\n");
    assert_int_equal(dispatch_next(f.dispatch), T0 + 600);
    assert_int_equal(dispatch_next_jobs(f.dispatch), 1);
    nothing_is_due(&f, 599);
    look(&f, 600, ALL_ROWS);
    assert_int_equal(f.batch.old_s, T0);
    assert_int_equal(f.batch.new_s, T0 + 600);
    assert_int_equal(f.batch.next_due_s, T0 + 1200);
    fires(&f, "a", 600);
    fires_never(&f, "b");
    dispatch_move(f.dispatch, &f.batch);
    assert_int_equal(dispatch_horizon(f.dispatch), T0 + 600);
    assert_int_equal(dispatch_next_jobs(f.dispatch), 2);
    nothing_is_due(&f, 600);
}

static void
a_batch_that_came_to_nothing_is_looked_at_again(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10m\"}\n");
    look(&f, 600, ALL_ROWS);
    assert_int_equal(dispatch_horizon(f.dispatch), T0);
    look(&f, 650, ALL_ROWS); /* also without being told */
    fires(&f, "a", 600);
    dispatch_rewind(f.dispatch);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 600);
    look(&f, 650, ALL_ROWS);
    fires(&f, "a", 600);
}

static void
somebody_else_may_move_the_horizon_either_way(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10m\"}\n");
    look(&f, 600, ALL_ROWS);
    dispatch_stand(f.dispatch, T0 + 600, T0 + 1200);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 1200);
    nothing_is_due(&f, 1199);
    dispatch_stand(f.dispatch, T0 - 600, T0); /* a failover */
    look(&f, 30, ALL_ROWS);
    fires_never(&f, "a"); /* `since` is T0 */
    assert_int_equal(f.batch.new_s, T0);
}

static void
nothing_up_to_since_is_fired(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\nb: {schedule: \"@every 10s\"}\n");
    row_of(f.rows, f.n_rows, "b")->since_s = T0 + 30;
    stand_again(&f, T0, NEVER);
    look(&f, 50, ALL_ROWS);
    fires(&f, "a", 10, 20, 30, 40, 50);
    fires(&f, "b", 40, 50);
    assert_null(record(&f, "b", 0));
}

static void
an_instant_is_never_split(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"0 * * * *\", missed: all}\n"
                      "b: {schedule: \"0 * * * *\", missed: all}\n"
                      "c: {schedule: \"*/30 * * * *\", missed: all}\n"
                      "d: {schedule: \"@every 60m\", missed: all}\n");
    look_and_move(&f, 3630, 1);
    assert_int_equal(f.batch.new_s, T0 + 1800);
    assert_int_equal(f.batch.next_due_s, T0 + 3600);
    look_and_move(&f, 3630, 1);
    assert_int_equal(f.batch.n_fires, 4);
    assert_int_equal(f.batch.new_s, T0 + 3600);
    assert_int_equal(f.batch.next_due_s, T0 + 5400);
}

static void
slices_take_the_oldest_instants_first(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\n");
    look_and_move(&f, 55, 2);
    fires(&f, "a", 10, 20);
    assert_int_equal(f.batch.next_due_s, T0 + 30);
    look_and_move(&f, 55, 2);
    fires(&f, "a", 30, 40);
    look_and_move(&f, 55, 2);
    fires(&f, "a", 50);
    nothing_is_due(&f, 55);
}

static void
jitter_moves_the_run_and_not_the_instant(void **state)
{
    (void)state;
    Fixture f =
        stand("a: {schedule: \"@every 1s\", jitter: 30s}\nb: {schedule: \"@every 1s\"}\n");
    int64_t least_s = 30, most_s = 0;
    look(&f, 60, ALL_ROWS);
    for (size_t i = 0; i < f.batch.n_fires; i++) {
        const Fire *fire = &f.batch.fires[i];
        int64_t late_s = fire->run_at_s - fire->due_s;
        if (fire->job->jitter_s == 0) {
            assert_int_equal(late_s, 0);
            continue;
        }
        assert_int_equal(late_s, schedule_jitter("a", fire->due_s, 30));
        least_s = late_s < least_s ? late_s : least_s;
        most_s = late_s > most_s ? late_s : most_s;
    }
    assert_true(least_s >= 0 && least_s < 10);
    assert_true(most_s <= 30 && most_s > 20);
}

static void
a_promise_is_kept_though_nothing_comes_of_it(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 1h\"}\n");
    stand_again(&f, T0, T0 + 600);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 600);
    nothing_is_due(&f, 599);
    look_and_move(&f, 600, ALL_ROWS);
    assert_int_equal(f.batch.new_s, T0 + 600);
    assert_int_equal(f.batch.n_fires, 0);
    assert_int_equal(f.batch.next_due_s, T0 + 3600);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 3600);
    stand_again(&f, T0 + 600, T0 + 600); /* one that was kept is none */
    assert_int_equal(dispatch_next(f.dispatch), T0 + 3600);
}

static void
a_batch_goes_to_the_last_of_instants_and_promises(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 20s\"}\n");
    stand_again(&f, T0, T0 + 50);
    look(&f, 55, ALL_ROWS);
    fires(&f, "a", 20, 40);
    assert_int_equal(f.batch.new_s, T0 + 50);
    assert_int_equal(f.batch.next_due_s, T0 + 60);
    look(&f, 55, 1); /* a slice promises what is left */
    fires(&f, "a", 20);
    assert_int_equal(f.batch.new_s, T0 + 20);
    assert_int_equal(f.batch.next_due_s, T0 + 40);
}

/* ---- overlap ---- */

static void
one_transaction_holds_one_fire_of_a_job_that_must_not_overlap(void **state)
{
    (void)state;
    Fixture f =
        stand("a: {schedule: \"@every 10s\", overlap: skip}\nb: {schedule: \"@every 10s\"}\n");
    look_and_move(&f, 50, ALL_ROWS);
    fires(&f, "a", 10);
    fires(&f, "b", 10, 20, 30, 40, 50);
    missed(&f, "a", 0, 20, 50, 4, MISS_OVERLAP);
    look(&f, 60, ALL_ROWS);
    fires(&f, "a", 60);
    assert_null(record(&f, "a", 0));
}

/* ---- pauses ---- */

static void
a_paused_job_has_no_part(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\nb: {schedule: \"@every 30s\"}\n");
    row_of(f.rows, f.n_rows, "a")->paused = true;
    stand_again(&f, T0, NEVER);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 30);
    look(&f, 45, ALL_ROWS);
    fires_never(&f, "a");
    assert_null(record(&f, "a", 0));
    fires(&f, "b", 30);
    assert_int_equal(f.batch.new_s, T0 + 30);
}

static void
a_pause_ends_by_itself_and_is_settled_in_that_transaction(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\nb: {schedule: \"@every 30s\"}\n");
    JobRow *row = row_of(f.rows, f.n_rows, "a");
    row->paused = true;
    row->since_s = T0 + 10; /* the horizon may have gone on since */
    row->until_s = T0 + 75;
    stand_again(&f, T0 + 30, NEVER);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 60);
    look_and_move(&f, 60, ALL_ROWS);
    assert_int_equal(f.batch.n_resumed, 0);
    assert_int_equal(f.batch.next_due_s, T0 + 75);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 75);
    look(&f, 100, ALL_ROWS); /* goes no further: then there are other rules */
    assert_int_equal(f.batch.new_s, T0 + 75);
    assert_int_equal(f.batch.n_resumed, 1);
    assert_string_equal(f.batch.resumed[0], "a");
    missed(&f, "a", 0, 20, 70, 6, MISS_PAUSED);
    assert_int_equal(f.batch.n_fires, 0);
    assert_true(f.batch.next_due_s <= T0 + 80);
}

static void
an_instant_at_the_end_of_a_pause_belongs_to_the_pause(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\nb: {schedule: \"@every 30s\"}\n");
    JobRow *row = row_of(f.rows, f.n_rows, "a");
    row->paused = true;
    row->until_s = T0 + 30;
    stand_again(&f, T0, NEVER);
    look(&f, 30, ALL_ROWS);
    fires(&f, "b", 30);
    fires_never(&f, "a");
    missed(&f, "a", 0, 10, 30, 3, MISS_PAUSED);
    assert_int_equal(f.batch.new_s, T0 + 30);
}

static void
pauses_that_end_together_are_settled_together(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\nb: {schedule: \"@every 30s\"}\n"
                      "c: {schedule: \"@every 40s\"}\n");
    for (size_t i = 0; i < f.n_rows; i++) {
        f.rows[i].paused = true;
        f.rows[i].until_s = T0 + (i == 2 ? 200 : 50);
    }
    stand_again(&f, T0, NEVER);
    look(&f, 120, ALL_ROWS);
    assert_int_equal(f.batch.n_resumed, 2);
    assert_int_equal(f.batch.new_s, T0 + 50);
    missed(&f, "a", 0, 10, 50, 5, MISS_PAUSED);
    missed(&f, "b", 0, 30, 30, 1, MISS_PAUSED);
    assert_null(record(&f, "c", 0));
}

static void
a_pause_that_was_to_end_behind_the_horizon_ends_just_after_it(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\n");
    f.rows[0].paused = true;
    f.rows[0].until_s = T0 + 15;
    stand_again(&f, T0 + 40, NEVER);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 41);
    nothing_is_due(&f, 40);
    look(&f, 60, ALL_ROWS);
    assert_int_equal(f.batch.old_s, T0 + 40);
    assert_int_equal(f.batch.new_s, T0 + 41);
    assert_int_equal(f.batch.n_resumed, 1);
    missed(&f, "a", 0, 10, 40, 4, MISS_PAUSED);
}

static void
a_pause_that_an_edit_has_settled_owes_nothing_when_it_ends(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\n");
    f.rows[0].paused = true;
    f.rows[0].since_s = T0 + 100;
    f.rows[0].until_s = T0 + 50;
    stand_again(&f, T0, NEVER);
    look(&f, 120, ALL_ROWS);
    assert_int_equal(f.batch.n_resumed, 1);
    assert_int_equal(f.batch.n_misses, 0);
}

static void
a_backlog_before_the_end_of_a_pause_goes_first(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\"}\nb: {schedule: \"@every 10s\"}\n");
    JobRow *row = row_of(f.rows, f.n_rows, "a");
    row->paused = true;
    row->until_s = T0 + 35;
    stand_again(&f, T0, NEVER);
    look_and_move(&f, 50, 2);
    fires(&f, "b", 10, 20);
    assert_int_equal(f.batch.n_resumed, 0);
    look_and_move(&f, 50, 2);
    fires(&f, "b", 30);
    assert_int_equal(f.batch.n_resumed, 1);
    assert_int_equal(f.batch.new_s, T0 + 35);
}

/* ---- what is owed ---- */

static void
what_a_rule_owes_is_one_record(void **state)
{
    (void)state;
    Clockfile *file = file_of("a: {schedule: \"@every 10m\"}\n");
    const Schedule *schedule = file->jobs[0].schedule;
    Miss miss;
    assert_true(dispatch_owed("a", schedule, T0, T0 + 3600, MISS_EDITED, &miss));
    assert_int_equal(miss.first_s, T0 + 600);
    assert_int_equal(miss.last_s, T0 + 3600);
    assert_int_equal(miss.count, 6);
    assert_int_equal(miss.reason, MISS_EDITED);
    assert_string_equal(miss.job, "a");
    assert_false(dispatch_owed("a", schedule, T0, T0 + 599, MISS_EDITED, &miss));
    assert_false(dispatch_owed("a", schedule, T0 + 600, T0 + 600, MISS_EDITED, &miss));
}

static void
more_than_can_be_counted_is_told_as_that(void **state)
{
    (void)state;
    Clockfile *file = file_of("a: {schedule: \"@every 1s\"}\n");
    const Schedule *schedule = file->jobs[0].schedule;
    Miss miss;
    assert_true(
        dispatch_owed("a", schedule, T0, T0 + DISPATCH_COUNTED - 1, MISS_PAUSED, &miss));
    assert_int_equal(miss.count, DISPATCH_COUNTED - 1);
    assert_true(
        dispatch_owed("a", schedule, T0, T0 + DISPATCH_COUNTED * 3, MISS_PAUSED, &miss));
    assert_int_equal(miss.count, -1);
    assert_int_equal(miss.first_s, T0 + 1);
    assert_int_equal(miss.last_s, T0 + DISPATCH_COUNTED * 3);
}

static void
every_reason_has_the_word_that_the_table_takes(void **state)
{
    (void)state;
    static const char *const words[] = {[MISS_POLICY] = "policy",
        [MISS_WITHIN] = "within",
        [MISS_LIMIT] = "limit",
        [MISS_OVERLAP] = "overlap",
        [MISS_PAUSED] = "paused",
        [MISS_EDITED] = "edited",
        [MISS_REMOVED] = "removed",
        [MISS_REFUSED] = "refused"};
    for (int i = 0; i <= MISS_REFUSED; i++)
        assert_string_equal(miss_reason((MissReason)i), words[i]);
}

static void
jobs_that_the_file_does_not_have_are_passed_over(void **state)
{
    (void)state;
    Fixture f = stand("b: {schedule: \"@every 10s\"}\n");
    JobRow rows[] = {
        {.job = "a", .spec = "?", .since_s = T0, .until_s = T0 + 5, .paused = true}, f.rows[0],
        {.job = "c", .spec = "?", .since_s = T0 + 90, .until_s = NEVER}};
    f.dispatch = dispatch_new(arena, f.file, rows, 3, T0, NEVER);
    assert_int_equal(dispatch_next(f.dispatch), T0 + 10);
    look(&f, 20, ALL_ROWS);
    fires(&f, "b", 10, 20);
    assert_int_equal(f.batch.n_resumed, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, due_begin, due_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_next_instant_is_announced_and_fired),
        TEST(a_batch_that_came_to_nothing_is_looked_at_again),
        TEST(somebody_else_may_move_the_horizon_either_way),
        TEST(nothing_up_to_since_is_fired),
        TEST(an_instant_is_never_split),
        TEST(slices_take_the_oldest_instants_first),
        TEST(jitter_moves_the_run_and_not_the_instant),
        TEST(a_promise_is_kept_though_nothing_comes_of_it),
        TEST(a_batch_goes_to_the_last_of_instants_and_promises),
        TEST(one_transaction_holds_one_fire_of_a_job_that_must_not_overlap),
        TEST(a_paused_job_has_no_part),
        TEST(a_pause_ends_by_itself_and_is_settled_in_that_transaction),
        TEST(an_instant_at_the_end_of_a_pause_belongs_to_the_pause),
        TEST(pauses_that_end_together_are_settled_together),
        TEST(a_pause_that_was_to_end_behind_the_horizon_ends_just_after_it),
        TEST(a_pause_that_an_edit_has_settled_owes_nothing_when_it_ends),
        TEST(a_backlog_before_the_end_of_a_pause_goes_first),
        TEST(what_a_rule_owes_is_one_record),
        TEST(more_than_can_be_counted_is_told_as_that),
        TEST(every_reason_has_the_word_that_the_table_takes),
        TEST(jobs_that_the_file_does_not_have_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
