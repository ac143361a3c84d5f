/* The edges of src/plan/ that no schedule of daily life comes near: times beyond the calendar,
 * values that run around the end, limits that leave nothing. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "plan.h"
#include "plan/cronnext.h"
#include "plan/explain.h"

static Cron
cron_of(const char *text, CronDialect dialect)
{
    Cron cron;
    Error error;
    size_t offset;
    if (!cron_read(arena, text, dialect, DAYS_CRON, "job", &cron, &offset, &error))
        fail_msg("%s", error.text);
    return cron;
}

static void
times_beyond_the_calendar_match_nothing(void **state)
{
    (void)state;
    static const int64_t beyond[] = {INT64_MIN, INT64_MIN / 2, INT64_MAX / 2, INT64_MAX};
    Cron cron = cron_of("* * * * *", DIALECT_VIXIE);
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        CronMonth month = {0};
        int64_t out = -7;
        assert_false(cronnext_from(&cron, &month, beyond[i], &out));
        assert_false(cronnext_to(&cron, &month, beyond[i], &out));
        assert_false(cronnext_holds_day(&cron, &month, beyond[i]));
        assert_int_equal(out, -7);
    }
}

static void
before_the_first_year_there_is_nothing(void **state)
{
    (void)state;
    Schedule *schedule = schedule_of((Given){.cron = "0 0 29 2 *"});
    int64_t due_s = -7;
    const int64_t year_one_s = -INT64_C(62135596800);
    assert_false(schedule_prev(schedule, year_one_s + 86400, &due_s));
    assert_false(schedule_prev(schedule, INT64_MIN, &due_s));
    assert_false(schedule_next(schedule, INT64_MAX, &due_s));
    assert_int_equal(due_s, -7);
    assert_true(schedule_next(schedule, INT64_MIN, &due_s));
    assert_int_equal(due_s, year_one_s + INT64_C(86400) * (3 * 365 + 31 + 28));
}

static void
limits_that_leave_nothing_leave_nothing_both_ways(void **state)
{
    (void)state;
    Schedule *schedule =
        schedule_of((Given){.cron = "0 0 * * *", .starts = "2026-01-01", .ends = "2026-01-01"});
    int64_t due_s = -7;
    assert_false(schedule_next(schedule, 0, &due_s));
    assert_false(schedule_prev(schedule, INT64_C(4102444800), &due_s));
    schedule = schedule_of((Given){.cron = "0 0 * * *", .starts = "2026-01-01"});
    assert_false(schedule_prev(schedule, 0, &due_s));
    assert_int_equal(due_s, -7);
}

static void
keys_that_say_the_same_twice_are_refused(void **state)
{
    (void)state;
    assert_refused((Given){.cron = "@at 2026-12-31T23:59:00", .at = "2026-12-31T23:59:00"},
        RULE_AT, 0, "beside a cron expression", "give one");
    assert_refused((Given){.cron = "0 0 * * *", .exclude = {"2026-01-01T10:00"}}, RULE_EXCLUDE,
        0, "no date", "write 2026-01-01");
    RuleSpec outer = {.text[RULE_STARTS] = "soon", .zone = zone_of(NULL), .job = ""};
    Rule *rule = rule_of((Given){.cron = "0 0 * * *"});
    RuleFault fault = {.key = RULE_KEYS};
    Error error;
    assert_false(rule_narrow(arena, rule, &outer, &fault, &error));
    assert_int_equal(fault.key, RULE_STARTS);
}

static void
a_range_that_goes_round_is_one_cycle_longer(void **state)
{
    (void)state;
    Lint lints[4];
    Schedule *schedule =
        schedule_of((Given){.cron = "0 0 12 ? * fri-mon/9", .dialect = "quartz"});
    size_t n = schedule_lint(schedule, lints, 4);
    assert_int_equal(n, 1);
    assert_int_equal(lints[0].kind, LINT_STEP_BEYOND);
}

static void
runs_of_dates_are_told_beside_other_days(void **state)
{
    (void)state;
    Text text = text_new(arena);
    Cron cron = cron_of("0 0 1-5,9,LW * *", DIALECT_VIXIE);
    explain_cron(&cron, &text);
    assert_non_null(strstr(text.at, "the 1st to the 5th"));
    assert_non_null(strstr(text.at, "9th"));
}

static void
notes_end_with_the_last_year(void **state)
{
    (void)state;
    DstNote notes[4];
    Schedule *schedule = schedule_of((Given){.cron = "30 2 * * *", .zone = "Europe/Berlin"});
    const int64_t last_s = INT64_C(253402300799);
    assert_int_equal(schedule_touched(schedule, last_s - 86400, INT64_MAX, notes, 4), 0);
    assert_true(schedule_touched(schedule, last_s - 366 * 86400, INT64_MAX, notes, 4) > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_beyond_the_calendar_match_nothing),
        cmocka_unit_test(before_the_first_year_there_is_nothing),
        cmocka_unit_test(limits_that_leave_nothing_leave_nothing_both_ways),
        cmocka_unit_test(keys_that_say_the_same_twice_are_refused),
        cmocka_unit_test(a_range_that_goes_round_is_one_cycle_longer),
        cmocka_unit_test(runs_of_dates_are_told_beside_other_days),
        cmocka_unit_test(notes_end_with_the_last_year),
    };
    return cmocka_run_group_tests(tests, plan_begin, plan_end);
}
