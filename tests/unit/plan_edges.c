/* The edges of src/plan/ that no schedule of daily life comes near: times beyond the calendar,
 * values that run around the end, limits that leave nothing. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "plan.h"
#include "plan/calendar.h"
#include "plan/cronnext.h"
#include "plan/explain.h"
#include "time/civil.h"

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
behind_utc_the_first_year_begins_later(void **state)
{
    (void)state;
    const int64_t year_one_s = -INT64_C(62135596800);
    const Given daily[] = {{.cron = "0 0 * * *", .zone = "Etc/GMT+5"},
        {.every = "1 day", .at = "00:00", .zone = "Etc/GMT+5"}};
    for (size_t i = 0; i < 2; i++) {
        Schedule *schedule = schedule_of(daily[i]);
        int64_t due_s = 0;
        assert_true(schedule_next(schedule, INT64_MIN, &due_s));
        assert_int_equal(due_s, year_one_s + 5 * 3600); /* not the day before, in no year */
        assert_true(schedule_next(schedule, due_s, &due_s));
        assert_int_equal(due_s, year_one_s + 29 * 3600);
        assert_true(schedule_prev(schedule, due_s, &due_s));
        assert_int_equal(due_s, year_one_s + 5 * 3600);
        assert_false(schedule_prev(schedule, due_s, &due_s));
    }
}

static void
what_is_over_is_over_however_often_it_is_asked(void **state)
{
    (void)state;
    Schedule *schedule =
        schedule_of((Given){.cron = "0 0 * * *", .starts = "2026-01-01", .ends = "2026-02-01"});
    const int64_t first_s = instant("2026-01-01T00:00:00Z");
    const int64_t last_s = instant("2026-01-31T00:00:00Z");
    int64_t due_s = -7;
    for (int i = 0; i < 3; i++) {
        assert_false(schedule_next(schedule, last_s + i * 86400, &due_s));
        assert_false(schedule_prev(schedule, first_s - i * 86400, &due_s));
        assert_int_equal(due_s, -7);
    }
    assert_true(schedule_next(schedule, last_s - 1, &due_s)); /* and not a second earlier */
    assert_int_equal(due_s, last_s);
    assert_true(schedule_prev(schedule, first_s + 1, &due_s));
    assert_int_equal(due_s, first_s);
}

static void
behind_the_last_year_of_a_field_there_is_nothing(void **state)
{
    (void)state;
    Schedule *schedule =
        schedule_of((Given){.cron = "0 0 0 1 1,7 ? 2030,2032", .dialect = "seconds"});
    const int64_t last_s = instant("2032-07-01T00:00:00Z");
    int64_t due_s = -7;
    assert_false(schedule_next(schedule, last_s, &due_s));
    assert_false(schedule_next(schedule, instant("2033-01-01T00:00:00Z"), &due_s));
    assert_int_equal(due_s, -7);
    assert_true(schedule_prev(schedule, instant("2050-06-15T00:00:00Z"), &due_s));
    assert_int_equal(due_s, last_s);
    assert_true(schedule_next(schedule, instant("2030-07-01T00:00:00Z"), &due_s));
    assert_int_equal(due_s, instant("2032-01-01T00:00:00Z"));
}

static void
a_date_that_never_comes_is_found_neither_way(void **state)
{
    (void)state;
    Calendar calendar;
    Error error;
    int wrong;
    int64_t at_ls = -7;
    assert_true(calendar_read("1 year", "31", NULL, &calendar, &wrong, &error));
    calendar_anchor(&calendar, civil_days(2026, 4, 1)); /* 31 April */
    assert_false(calendar_from(&calendar, 0, &at_ls));
    assert_false(calendar_to(&calendar, 0, &at_ls));
    assert_int_equal(at_ls, -7);
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
        cmocka_unit_test(behind_utc_the_first_year_begins_later),
        cmocka_unit_test(what_is_over_is_over_however_often_it_is_asked),
        cmocka_unit_test(behind_the_last_year_of_a_field_there_is_nothing),
        cmocka_unit_test(a_date_that_never_comes_is_found_neither_way),
        cmocka_unit_test(limits_that_leave_nothing_leave_nothing_both_ways),
        cmocka_unit_test(keys_that_say_the_same_twice_are_refused),
        cmocka_unit_test(a_range_that_goes_round_is_one_cycle_longer),
        cmocka_unit_test(runs_of_dates_are_told_beside_other_days),
        cmocka_unit_test(notes_end_with_the_last_year),
    };
    return cmocka_run_group_tests(tests, plan_begin, plan_end);
}
