/* What change.h and settle.h promise: whoever raises `since` accounts for
 * what it jumps over. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "due.h"
#include "due/change.h"
#include "due/settle.h"

/* The file in force was put there at T0; the horizon has come to T0 + 100, and another file
 * comes at T0 + 1000. */
#define FIRED (T0 + 100)
#define AT (T0 + 1000)

#define MINUTES(name) name ": {schedule: \"* * * * *\"}\n"

static JobRow *rows;
static size_t n_rows;

static Change
change_to(const char *before, const char *after)
{
    Change change;
    if (rows == NULL)
        rows = rows_of(file_of(before), T0, &n_rows);
    change_make(arena, zones_new(arena), file_of(after), rows, n_rows, FIRED, AT, &change);
    rows = NULL;
    return change;
}

static bool
is_put(const Change *change, const char *job, bool added)
{
    for (size_t i = 0; i < change->n_put; i++) {
        if (strcmp(change->put[i]->name, job) == 0)
            return (i < change->n_added) == added;
    }
    return false;
}

static const Miss *
record(const Change *change, const char *job)
{
    for (size_t i = 0; i < change->n_misses; i++) {
        if (strcmp(change->misses[i].job, job) == 0)
            return &change->misses[i];
    }
    return NULL;
}

static void
is_record(const Miss *miss, int64_t first_s, int64_t last_s, int64_t count, MissReason reason)
{
    assert_non_null(miss);
    assert_int_equal(miss->first_s, first_s);
    assert_int_equal(miss->last_s, last_s);
    assert_int_equal(miss->count, count);
    assert_int_equal(miss->reason, reason);
}

static void
a_first_start_puts_every_enabled_job_and_owes_nothing(void **state)
{
    (void)state;
    Change change;
    Clockfile *file = file_of(MINUTES("a") "b: {schedule: \"0 * * * *\", enabled: false}\n"
                                           "c: {schedule: \"@every 20s\"}\n");
    change_make(arena, zones_new(arena), file, NULL, 0, AT, AT, &change);
    assert_int_equal(change.n_put, 2);
    assert_int_equal(change.n_added, 2);
    assert_true(is_put(&change, "a", true) && is_put(&change, "c", true));
    assert_int_equal(change.n_misses, 0);
    assert_int_equal(change.n_removed, 0);
    assert_int_equal(change.next_due_s, T0 + 1020 - 1020 % 20);
}

static void
what_did_not_change_is_left_alone(void **state)
{
    (void)state;
    Change change =
        change_to(MINUTES("a"), "a: {schedule: \"* * * * *\", payload: 7, queue: q, "
                                "missed: all, overlap: skip, priority: 3}\n");
    assert_int_equal(change.n_put, 0);
    assert_int_equal(change.n_removed, 0);
    assert_int_equal(change.n_misses, 0);
    assert_int_equal(change.next_due_s, T0 + 120); /* what is undecided is promised still */
}

static void
an_edited_job_owes_what_its_old_rule_had_left(void **state)
{
    (void)state;
    Change change = change_to(MINUTES("a"), "a: {schedule: \"@every 40s\"}\n");
    assert_int_equal(change.n_put, 1);
    assert_true(is_put(&change, "a", false));
    is_record(record(&change, "a"), T0 + 120, T0 + 960, 15, MISS_EDITED);
    assert_int_equal(change.next_due_s, T0 + 1040 - (T0 + 1040) % 40); /* after the change */
}

static void
a_removed_job_owes_what_it_had_left(void **state)
{
    (void)state;
    Change change = change_to(MINUTES("a") MINUTES("b"), MINUTES("b"));
    assert_int_equal(change.n_removed, 1);
    assert_string_equal(change.removed[0], "a");
    assert_int_equal(change.n_put, 0);
    is_record(record(&change, "a"), T0 + 120, T0 + 960, 15, MISS_REMOVED);
    assert_null(record(&change, "b"));
}

static void
a_job_that_is_no_longer_enabled_is_removed(void **state)
{
    (void)state;
    Change change = change_to(MINUTES("a") MINUTES("b"),
        MINUTES("a") "b: {schedule: \"* * * * *\", enabled: false}\n");
    assert_int_equal(change.n_removed, 1);
    assert_string_equal(change.removed[0], "b");
    is_record(record(&change, "b"), T0 + 120, T0 + 960, 15, MISS_REMOVED);
}

static void
added_jobs_come_before_edited_ones_and_owe_nothing(void **state)
{
    (void)state;
    Change change = change_to(MINUTES("b"), MINUTES("a") "b: {schedule: \"@every 40s\"}\n"
                                                         "c: {schedule: \"@every 1h\"}\n");
    assert_int_equal(change.n_put, 3);
    assert_int_equal(change.n_added, 2);
    assert_true(is_put(&change, "a", true) && is_put(&change, "c", true));
    assert_true(is_put(&change, "b", false));
    assert_null(record(&change, "a"));
    assert_int_equal(change.n_misses, 1);
}

static void
what_is_up_to_since_is_settled_already(void **state)
{
    (void)state;
    rows = rows_of(file_of(MINUTES("a")), T0 + 700, &n_rows);
    Change change = change_to(NULL, MINUTES("b"));
    is_record(record(&change, "a"), T0 + 720, T0 + 960, 5, MISS_REMOVED);
    rows = rows_of(file_of(MINUTES("a")), AT, &n_rows);
    change = change_to(NULL, MINUTES("b"));
    assert_null(record(&change, "a"));
    rows = rows_of(file_of(MINUTES("a")), AT + 500, &n_rows); /* the clock was set back */
    change = change_to(NULL, MINUTES("b"));
    assert_null(record(&change, "a"));
}

static void
a_paused_job_is_owed_from_its_pause_on(void **state)
{
    (void)state;
    rows = rows_of(file_of(MINUTES("a") MINUTES("b")), T0 + 20, &n_rows);
    row_of(rows, n_rows, "a")->paused = row_of(rows, n_rows, "b")->paused = true;
    Change change = change_to(NULL, "a: {schedule: \"@every 40s\"}\n");
    is_record(record(&change, "a"), T0 + 60, T0 + 960, 16, MISS_EDITED);
    is_record(record(&change, "b"), T0 + 60, T0 + 960, 16, MISS_REMOVED);
    assert_true(is_put(&change, "a", false)); /* and stays paused: */
    assert_int_equal(change.next_due_s, NEVER);
}

static void
a_pause_survives_and_its_end_is_promised(void **state)
{
    (void)state;
    rows = rows_of(file_of(MINUTES("a")), T0, &n_rows);
    rows[0].paused = true;
    rows[0].until_s = T0 + 5000;
    Change change = change_to(NULL, MINUTES("a") "b: {schedule: \"0 0 * * *\"}\n");
    assert_int_equal(change.n_put, 1);
    assert_true(is_put(&change, "b", true));
    assert_int_equal(change.n_misses, 0);
    assert_int_equal(change.next_due_s, T0 + 5000);
}

static void
a_rule_that_cannot_be_read_is_recorded_without_a_count(void **state)
{
    (void)state;
    rows = rows_of(file_of(MINUTES("a")), T0, &n_rows);
    rows[0].spec = "a rule of another engine";
    Change change = change_to(NULL, MINUTES("a"));
    assert_int_equal(change.n_misses, 1);
    is_record(record(&change, "a"), FIRED + 1, AT, -1, MISS_EDITED);
    assert_true(is_put(&change, "a", false));
}

static void
a_rule_that_owed_nothing_leaves_no_record(void **state)
{
    (void)state;
    Change change = change_to("a: {schedule: \"0 12 * * *\"}\nb: {schedule: \"0 0 31 2 *\"}\n",
        "c: {schedule: \"0 13 * * *\"}\n");
    assert_int_equal(change.n_removed, 2);
    assert_int_equal(change.n_misses, 0);
}

static void
files_share_a_job_by_its_name_alone(void **state)
{
    (void)state;
    JobRow *known = rows_of(file_of(MINUTES("a") MINUTES("b")), T0, &n_rows);
    assert_true(change_shares(file_of("b: {schedule: \"@every 1h\"}\n"), known, n_rows));
    assert_true(change_shares(
        file_of("b: {schedule: \"@every 1h\", enabled: false}\n"), known, n_rows));
    assert_false(change_shares(file_of(MINUTES("c")), known, n_rows));
    assert_false(change_shares(file_of(MINUTES("c")), known, 0));
}

/* ---- the end of a pause by hand ---- */

static void
a_resume_records_what_fell_due_and_fires_from_then_on(void **state)
{
    (void)state;
    Settlement settlement;
    JobRow *known = rows_of(file_of(MINUTES("a") MINUTES("b")), T0 + 30, &n_rows);
    row_of(known, n_rows, "a")->paused = true;
    settle_pauses(arena, zones_new(arena), known, n_rows, FIRED, AT, &settlement);
    assert_int_equal(settlement.n, 1);
    assert_string_equal(settlement.jobs[0], "a");
    assert_int_equal(settlement.since_s[0], AT);
    assert_int_equal(settlement.n_misses, 1);
    is_record(&settlement.misses[0], T0 + 60, T0 + 960, 16, MISS_PAUSED);
    assert_int_equal(settlement.next_due_s, T0 + 1020);
}

static void
a_pause_whose_end_has_passed_ended_then(void **state)
{
    (void)state;
    Settlement settlement;
    JobRow *known = rows_of(file_of(MINUTES("a")), T0, &n_rows);
    known[0].paused = true;
    known[0].until_s = T0 + 500;
    settle_pauses(arena, zones_new(arena), known, n_rows, FIRED, AT, &settlement);
    assert_int_equal(settlement.since_s[0], T0 + 500);
    is_record(&settlement.misses[0], T0 + 60, T0 + 480, 8, MISS_PAUSED);
    assert_int_equal(settlement.next_due_s, T0 + 540); /* the clock owes it */
    known[0].until_s = T0 + 50;                        /* behind the horizon: decided by then */
    settle_pauses(arena, zones_new(arena), known, n_rows, FIRED, AT, &settlement);
    assert_int_equal(settlement.since_s[0], FIRED);
    is_record(&settlement.misses[0], T0 + 60, T0 + 60, 1, MISS_PAUSED);
}

static void
a_resume_that_cannot_read_the_rule_says_so(void **state)
{
    (void)state;
    Settlement settlement;
    JobRow *known = rows_of(file_of(MINUTES("a")), T0, &n_rows);
    known[0].paused = true;
    known[0].spec = "?";
    settle_pauses(arena, zones_new(arena), known, n_rows, FIRED, AT, &settlement);
    assert_int_equal(settlement.n_misses, 1);
    is_record(&settlement.misses[0], T0 + 1, AT, -1, MISS_PAUSED);
    assert_int_equal(settlement.next_due_s, AT + 1);
}

static void
a_resume_of_a_job_without_instants_owes_and_promises_nothing(void **state)
{
    (void)state;
    Settlement settlement;
    JobRow *known = rows_of(file_of("a: {schedule: \"0 0 31 2 *\"}\n"), T0, &n_rows);
    known[0].paused = true;
    settle_pauses(arena, zones_new(arena), known, n_rows, FIRED, AT, &settlement);
    assert_int_equal(settlement.n, 1);
    assert_int_equal(settlement.since_s[0], AT);
    assert_int_equal(settlement.n_misses, 0);
    assert_int_equal(settlement.next_due_s, NEVER);
}

static void
a_pause_that_began_later_than_it_ends_owes_nothing(void **state)
{
    (void)state;
    Settlement settlement;
    JobRow *known = rows_of(file_of(MINUTES("a")), AT + 500, &n_rows);
    known[0].paused = true; /* the server's clock was put back */
    settle_pauses(arena, zones_new(arena), known, n_rows, FIRED, AT, &settlement);
    assert_int_equal(settlement.n_misses, 0);
    assert_int_equal(settlement.next_due_s, T0 + 1020);
    known[0].spec = "?"; /* nor when the rule cannot be read */
    settle_pauses(arena, zones_new(arena), known, n_rows, FIRED, AT, &settlement);
    assert_int_equal(settlement.n_misses, 0);
    assert_int_equal(settlement.next_due_s, AT + 1);
}

static void
the_first_of_several_resumed_jobs_is_promised(void **state)
{
    (void)state;
    Settlement settlement;
    JobRow *known =
        rows_of(file_of(MINUTES("a") "b: {schedule: \"0 0 * * *\"}\n"), T0, &n_rows);
    known[0].paused = known[1].paused = true;
    settle_pauses(arena, zones_new(arena), known, n_rows, FIRED, AT, &settlement);
    assert_int_equal(settlement.n, 2);
    assert_int_equal(settlement.next_due_s, T0 + 1020);
}

static void
a_job_is_decided_up_to_the_horizon_or_its_since(void **state)
{
    (void)state;
    JobRow row = {.since_s = T0};
    assert_int_equal(settle_low(&row, T0 + 50), T0 + 50);
    row.since_s = T0 + 70;
    assert_int_equal(settle_low(&row, T0 + 50), T0 + 70);
    row = (JobRow){.since_s = T0, .paused = true};
    assert_int_equal(settle_low(&row, T0 + 50), T0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, due_begin, due_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_first_start_puts_every_enabled_job_and_owes_nothing),
        TEST(what_did_not_change_is_left_alone),
        TEST(an_edited_job_owes_what_its_old_rule_had_left),
        TEST(a_removed_job_owes_what_it_had_left),
        TEST(a_job_that_is_no_longer_enabled_is_removed),
        TEST(added_jobs_come_before_edited_ones_and_owe_nothing),
        TEST(what_is_up_to_since_is_settled_already),
        TEST(a_paused_job_is_owed_from_its_pause_on),
        TEST(a_pause_survives_and_its_end_is_promised),
        TEST(a_rule_that_cannot_be_read_is_recorded_without_a_count),
        TEST(a_rule_that_owed_nothing_leaves_no_record),
        TEST(files_share_a_job_by_its_name_alone),
        TEST(a_resume_records_what_fell_due_and_fires_from_then_on),
        TEST(a_pause_whose_end_has_passed_ended_then),
        TEST(a_resume_that_cannot_read_the_rule_says_so),
        TEST(a_resume_of_a_job_without_instants_owes_and_promises_nothing),
        TEST(a_pause_that_began_later_than_it_ends_owes_nothing),
        TEST(the_first_of_several_resumed_jobs_is_promised),
        TEST(a_job_is_decided_up_to_the_horizon_or_its_since),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
