/* The keys of a schedule mapping: intervals, instants, bounds, exclusions, and which of them
 * may stand together. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include "plan.h"

#define BERLIN "Europe/Berlin"

static void
elapsed_intervals_count_from_the_epoch(void **state)
{
    (void)state;
    assert_fires((Given){.every = "37m", .phase = "3m"}, "1970-01-01T00:00:00Z",
        "1970-01-01T00:03:00Z 1970-01-01T00:40:00Z 1970-01-01T01:17:00Z");
    assert_fires((Given){.cron = "@every 37m", .phase = "40m"}, "2026-01-01T00:00:00Z",
        "2026-01-01T00:19:00Z 2026-01-01T00:56:00Z");
    assert_fires((Given){.cron = " @every  1s "}, "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:01Z 2026-01-01T00:00:02Z");
    assert_canonical(
        (Given){.every = "90m", .phase = "95m"}, "every 1h30m; phase 5m; zone UTC");
    /* Elapsed time knows no daylight saving: 02:30 is an hour of its own in the gap. */
    assert_fires((Given){.every = "30m", .zone = BERLIN}, "2027-03-28T00:30:00Z",
        "2027-03-28T03:00:00+02:00 2027-03-28T03:30:00+02:00");
}

static void
calendar_intervals_count_from_their_start(void **state)
{
    (void)state;
    assert_fires((Given){.every = "2 weeks",
                     .day = "monday",
                     .at = "09:00",
                     .starts = "2026-01-01",
                     .zone = BERLIN},
        "2025-12-01T00:00:00Z",
        "2026-01-05T09:00:00+01:00 2026-01-19T09:00:00+01:00 2026-02-02T09:00:00+01:00");
    assert_fires((Given){.cron = "@every 3 days", .at = "23:30:15", .starts = "2026-02-27"},
        "2026-01-01T00:00:00Z",
        "2026-02-27T23:30:15Z 2026-03-02T23:30:15Z 2026-03-05T23:30:15Z");
    assert_fires((Given){.every = "1 week", .starts = "2026-01-07"}, "2026-01-01T00:00:00Z",
        "2026-01-07T00:00:00Z 2026-01-14T00:00:00Z");
    assert_fires((Given){.every = "1 day", .at = "07:00", .ends = "2026-01-03"},
        "2026-01-01T00:00:00Z", "2026-01-01T07:00:00Z 2026-01-02T07:00:00Z never");
}

static void
a_month_without_the_day_is_skipped(void **state)
{
    (void)state;
    assert_fires((Given){.every = "1 month", .day = "31"}, "2026-01-01T00:00:00Z",
        "2026-01-31T00:00:00Z 2026-03-31T00:00:00Z 2026-05-31T00:00:00Z 2026-07-31T00:00:00Z");
    assert_fires((Given){.every = "2 months", .day = "31", .starts = "2026-01-01"},
        "2026-01-01T00:00:00Z",
        "2026-01-31T00:00:00Z 2026-03-31T00:00:00Z 2026-05-31T00:00:00Z 2026-07-31T00:00:00Z "
        "2027-01-31T00:00:00Z");
    assert_fires((Given){.every = "1 year", .at = "12:00", .starts = "2024-02-29"},
        "2024-01-01T00:00:00Z", "2024-02-29T12:00:00Z 2028-02-29T12:00:00Z");
    assert_fires((Given){.every = "12 months", .day = "31", .starts = "2026-04-01"},
        "2026-01-01T00:00:00Z", "2026-05-31T00:00:00Z 2027-05-31T00:00:00Z");
    assert_fires((Given){.every = "1 year", .day = "30", .starts = "2026-02-01"},
        "2026-01-01T00:00:00Z", "never");
    assert_fires((Given){.every = "1 month", .day = "15", .starts = "2026-01-20"},
        "2026-01-01T00:00:00Z", "2026-02-15T00:00:00Z 2026-03-15T00:00:00Z");
}

static void
a_calendar_interval_is_a_fixed_time(void **state)
{
    (void)state;
    assert_fires((Given){.every = "1 day", .at = "02:30", .zone = BERLIN},
        "2027-03-27T00:00:00Z",
        "2027-03-27T02:30:00+01:00 2027-03-28T03:00:00+02:00 2027-03-29T02:30:00+02:00");
    assert_fires((Given){.every = "1 day", .at = "02:30", .dst = "skip", .zone = BERLIN},
        "2027-03-27T00:00:00Z", "2027-03-27T02:30:00+01:00 2027-03-29T02:30:00+02:00");
    assert_fires((Given){.every = "1 day", .at = "02:30", .dst = "all", .zone = BERLIN},
        "2027-10-30T12:00:00Z",
        "2027-10-31T02:30:00+02:00 2027-10-31T02:30:00+01:00 2027-11-01T02:30:00+01:00");
}

static void
the_anchor_may_come_from_outside(void **state)
{
    (void)state;
    Rule *rule = rule_of((Given){.every = "2 weeks", .day = "fri"});
    Given outer = {.starts = "2026-01-08"};
    RuleSpec spec = spec_of(&outer);
    RuleFault fault;
    Error error;
    assert_true(rule_narrow(arena, rule, &spec, &fault, &error));
    assert_schedule_fires(schedule_new(arena, &rule, 1), "2026-01-01T00:00:00Z",
        "2026-01-09T00:00:00Z 2026-01-23T00:00:00Z");
    /* One that has its own keeps it. */
    rule = rule_of((Given){.every = "2 weeks", .day = "fri", .starts = "2026-01-01"});
    assert_true(rule_narrow(arena, rule, &spec, &fault, &error));
    assert_schedule_fires(schedule_new(arena, &rule, 1), "2026-01-01T00:00:00Z",
        "2026-01-16T00:00:00Z 2026-01-30T00:00:00Z");
}

static void
an_instant_fires_once(void **state)
{
    (void)state;
    assert_fires((Given){.cron = "@at 2026-12-31T23:59:00", .zone = BERLIN},
        "2026-01-01T00:00:00Z", "2026-12-31T23:59:00+01:00 never");
    assert_fires((Given){.at = "2026-12-31T23:59:00Z", .zone = BERLIN}, "2026-01-01T00:00:00Z",
        "2027-01-01T00:59:00+01:00 never");
    assert_fires((Given){.at = "2027-03-28T02:30", .zone = BERLIN}, "2026-01-01T00:00:00Z",
        "2027-03-28T03:00:00+02:00 never");
    assert_fires((Given){.at = "2027-03-28T02:30", .dst = "skip", .zone = BERLIN},
        "2026-01-01T00:00:00Z", "never");
    assert_fires((Given){.at = "2027-10-31T02:30", .zone = BERLIN}, "2026-01-01T00:00:00Z",
        "2027-10-31T02:30:00+02:00 never");
    assert_fires((Given){.at = "2027-03-28T02:30", .dst = "utc", .zone = BERLIN},
        "2026-01-01T00:00:00Z", "2027-03-28T04:30:00+02:00 never");
    assert_canonical((Given){.at = "2026-12-31 23:59"}, "at 2026-12-31T23:59:00; zone UTC");
}

static void
bounds_begin_inclusive_and_end_exclusive(void **state)
{
    (void)state;
    assert_fires(
        (Given){
            .cron = "0 0 * * *", .starts = "2026-03-01", .ends = "2026-03-03", .zone = BERLIN},
        "2026-01-01T00:00:00Z", "2026-03-01T00:00:00+01:00 2026-03-02T00:00:00+01:00 never");
    assert_fires((Given){.cron = "0 * * * *",
                     .starts = "2026-03-01T09:00:00Z",
                     .ends = "2026-03-01T11:00:00+00:00",
                     .zone = BERLIN},
        "2026-01-01T00:00:00Z", "2026-03-01T10:00:00+01:00 2026-03-01T11:00:00+01:00 never");
    assert_fires(
        (Given){.every = "1h", .starts = "2026-03-01T09:30", .ends = "2026-03-01T11:00"},
        "2026-01-01T00:00:00Z", "2026-03-01T10:00:00Z never");
    assert_fires((Given){.cron = "0 0 * * *", .starts = "2026-03-03", .ends = "2026-03-03"},
        "2026-01-01T00:00:00Z", "never");
    /* Where midnight itself does not exist the day begins at the end of the gap. */
    assert_fires(
        (Given){.cron = "*/30 * * * *", .starts = "2018-11-04", .zone = "America/Sao_Paulo"},
        "2018-11-01T00:00:00Z", "2018-11-04T01:00:00-02:00 2018-11-04T01:30:00-02:00");
}

static void
narrower_bounds_win(void **state)
{
    (void)state;
    Rule *rule =
        rule_of((Given){.cron = "0 0 * * *", .starts = "2026-03-01", .ends = "2026-03-05"});
    Given outer = {.starts = "2026-02-01", .ends = "2026-03-04", .exclude = {"2026-03-02"}};
    RuleSpec spec = spec_of(&outer);
    RuleFault fault;
    Error error;
    assert_true(rule_narrow(arena, rule, &spec, &fault, &error));
    assert_schedule_fires(schedule_new(arena, &rule, 1), "2026-01-01T00:00:00Z",
        "2026-03-01T00:00:00Z 2026-03-03T00:00:00Z never");
}

static void
excluded_dates_and_minutes_are_left_out(void **state)
{
    (void)state;
    assert_fires((Given){.cron = "0 9 * * *",
                     .exclude = {"2026-12-25", "2027-01-01..2027-01-03", "2026-12-26"},
                     .zone = "America/New_York"},
        "2026-12-24T12:00:00Z",
        "2026-12-24T09:00:00-05:00 2026-12-27T09:00:00-05:00 2026-12-28T09:00:00-05:00 "
        "2026-12-29T09:00:00-05:00 2026-12-30T09:00:00-05:00 2026-12-31T09:00:00-05:00 "
        "2027-01-04T09:00:00-05:00");
    assert_fires((Given){.every = "6h", .exclude = {"* * * * sat,sun", "0 12 * * *"}},
        "2026-01-02T00:00:00Z",
        "2026-01-02T06:00:00Z 2026-01-02T18:00:00Z 2026-01-05T00:00:00Z 2026-01-05T06:00:00Z");
    assert_fires(
        (Given){.cron = "*/20 * * * * *", .dialect = "seconds", .exclude = {"1 * * * *"}},
        "2026-01-01T00:00:30Z", "2026-01-01T00:00:40Z 2026-01-01T00:02:00Z");
    assert_canonical((Given){.cron = "@daily",
                         .exclude = {"2026-01-03", "@hourly", "2026-01-01..2026-01-02"}},
        "cron 0 0 * * *; zone UTC; exclude 2026-01-01..2026-01-03; exclude 0 * * * *");
}

static void
an_excluded_time_is_the_one_on_the_wall(void **state)
{
    (void)state;
    /* 01:00 UTC is 02:00 in Berlin in winter and 03:00 in summer. */
    assert_fires((Given){.every = "1 day",
                     .at = "01:00",
                     .dst = "utc",
                     .exclude = {"0 3 * * *"},
                     .zone = BERLIN},
        "2027-10-29T12:00:00Z", "2027-10-31T02:00:00+01:00 2027-11-01T02:00:00+01:00");
}

static void
excluding_everything_ends(void **state)
{
    (void)state;
    assert_fires((Given){.cron = "* * * * *", .exclude = {"* * * * *"}}, "2026-01-01T00:00:00Z",
        "never");
    assert_fires(
        (Given){.every = "1s", .exclude = {"* 0-11 * * *", "* 12-23 * * *"}, .zone = BERLIN},
        "2026-01-01T00:00:00Z", "never");
    assert_fires(
        (Given){.cron = "@daily", .exclude = {"1970-01-01..9999-12-31"}, .zone = BERLIN},
        "2026-01-01T00:00:00Z", "never");
    assert_fires(
        (Given){.every = "1d", .exclude = {"0 0 * * *"}}, "2026-01-01T00:00:00Z", "never");
    Schedule *schedule = schedule_of((Given){.cron = "* * * * *", .exclude = {"* * * * *"}});
    int64_t due_s = 42;
    assert_false(schedule_prev(schedule, instant("2026-01-01T00:00:00Z"), &due_s));
    assert_false(schedule_next(schedule, INT64_MIN, &due_s));
    assert_false(schedule_prev(schedule, INT64_MAX, &due_s));
    assert_int_equal(due_s, 42);
}

static void
what_is_far_away_is_found(void **state)
{
    (void)state;
    static const Given given[] = {{.at = "2026-03-29T02:30", .zone = BERLIN},
        {.at = "9876-07-01T00:00", .zone = BERLIN},
        {.cron = "0 0 0 1 7 ? 2199", .dialect = "quartz", .zone = BERLIN},
        {.cron = "0 0 1 1 *", .starts = "9998-06-01", .zone = BERLIN},
        {.every = "400 years", .starts = "2026-01-01", .ends = "2027-01-01", .zone = BERLIN}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        Schedule *schedule = schedule_of(given[i]);
        int64_t next_s = 0, prev_s = 1;
        assert_true(schedule_next(schedule, INT64_MIN, &next_s));
        assert_true(schedule_prev(schedule, INT64_MAX, &prev_s));
        assert_int_equal(next_s, prev_s);
        assert_true(schedule_next(schedule, next_s - 1, &next_s));
        assert_int_equal(next_s, prev_s);
        assert_false(schedule_next(schedule, next_s, &next_s));
        assert_false(schedule_prev(schedule, prev_s, &prev_s));
    }
}

static void
daylight_saving_is_a_choice(void **state)
{
    (void)state;
    const char *spring = "2027-03-27T12:00:00Z", *autumn = "2027-10-30T12:00:00Z";
    Given fixed = {.cron = "30 2 * * *", .zone = BERLIN};
    assert_fires(fixed, spring, "2027-03-28T03:00:00+02:00 2027-03-29T02:30:00+02:00");
    assert_fires(fixed, autumn, "2027-10-31T02:30:00+02:00 2027-11-01T02:30:00+01:00");
    fixed.dst = "skip";
    assert_fires(fixed, spring, "2027-03-29T02:30:00+02:00");
    assert_fires(fixed, autumn, "2027-10-31T02:30:00+02:00 2027-11-01T02:30:00+01:00");
    fixed.dst = "all";
    assert_fires(fixed, spring, "2027-03-29T02:30:00+02:00");
    assert_fires(fixed, autumn,
        "2027-10-31T02:30:00+02:00 2027-10-31T02:30:00+01:00 2027-11-01T02:30:00+01:00");
    fixed.dst = "utc";
    assert_fires(fixed, spring, "2027-03-28T04:30:00+02:00 2027-03-29T04:30:00+02:00");
    Given interval = {.cron = "*/30 2 * * *", .zone = BERLIN};
    assert_fires(interval, spring, "2027-03-29T02:00:00+02:00 2027-03-29T02:30:00+02:00");
    assert_fires(interval, autumn,
        "2027-10-31T02:00:00+02:00 2027-10-31T02:30:00+02:00 2027-10-31T02:00:00+01:00 "
        "2027-10-31T02:30:00+01:00 2027-11-01T02:00:00+01:00");
    interval.dst = "skip";
    assert_fires(interval, autumn,
        "2027-10-31T02:00:00+02:00 2027-10-31T02:30:00+02:00 2027-11-01T02:00:00+01:00");
    /* Half an hour, from 02:00 to 02:30 and back. */
    Given half = {.cron = "15 2 * * *", .zone = "Australia/Lord_Howe"};
    assert_fires(
        half, "2027-10-02T00:00:00Z", "2027-10-03T02:30:00+11:00 2027-10-04T02:15:00+11:00");
    half.cron = "45 1 * * *";
    assert_fires(
        half, "2027-04-03T00:00:00Z", "2027-04-04T01:45:00+11:00 2027-04-05T01:45:00+10:30");
}

static void
keys_that_do_not_go_together_are_refused(void **state)
{
    (void)state;
    assert_refused(
        (Given){.zone = "UTC"}, RULE_CRON, 0, "without cron, every or at", "every: 37m");
    assert_refused((Given){.cron = "@daily", .every = "5m"}, RULE_EVERY, 0, "beside a cron",
        "one of cron, every and at");
    assert_refused((Given){.cron = "@daily", .at = "09:00"}, RULE_AT, 0, "beside a cron",
        "one of cron, every and at");
    assert_refused(
        (Given){.cron = "@daily", .day = "mon"}, RULE_DAY, 0, "beside a cron", "0 9 * * mon");
    assert_refused(
        (Given){.cron = "@daily", .phase = "3m"}, RULE_PHASE, 0, "beside a cron", "every: 37m");
    assert_refused(
        (Given){.every = "37m", .at = "09:00"}, RULE_AT, 0, "elapsed", "every: 1 day");
    assert_refused(
        (Given){.every = "37m", .day = "mon"}, RULE_DAY, 0, "elapsed", "every: 1 week");
    assert_refused(
        (Given){.every = "2 weeks", .phase = "3m"}, RULE_PHASE, 0, "calendar", "remove phase");
    assert_refused((Given){.every = "37m", .dialect = "quartz"}, RULE_DIALECT, 0, "interval",
        "remove dialect");
    assert_refused((Given){.at = "2026-12-31T00:00", .days = "and"}, RULE_DAYS, 0, "instant",
        "remove days");
}

static void
values_are_refused_with_what_to_write(void **state)
{
    (void)state;
    assert_refused((Given){.cron = "@daily", .dialect = "quarz"}, RULE_DIALECT, 0,
        "dialect 'quarz' is none of vixie, seconds, quartz", "did you mean quartz?");
    assert_refused((Given){.cron = "@daily", .days = "both"}, RULE_DAYS, 0,
        "days 'both' is none of cron, and, or", "");
    assert_refused(
        (Given){.cron = "@daily", .dst = "UTC"}, RULE_DST, 0, "dst 'UTC'", "did you mean utc?");
    assert_refused((Given){.cron = "@every"}, RULE_CRON, 6, "'@every' lacks", "@every 37m");
    assert_refused((Given){.cron = "@every 0s"}, RULE_CRON, 7, "0s", "");
    assert_refused(
        (Given){.cron = "@at"}, RULE_CRON, 3, "'@at' lacks", "@at 2026-12-31T23:59:00");
    assert_refused((Given){.cron = "@at tomorrow"}, RULE_CRON, 4, "tomorrow", "");
    assert_refused((Given){.every = "2 fortnights"}, RULE_EVERY, 0, "'2 fortnights'", "weeks");
    assert_refused((Given){.every = "2 hours"}, RULE_EVERY, 0, "'2 hours'", "write 2h");
    assert_refused(
        (Given){.every = "0 days"}, RULE_EVERY, 0, "out of range 1-146097 days", "1 days");
    assert_refused(
        (Given){.every = "99999999999999999999 weeks"}, RULE_EVERY, 0, "out of range", "weeks");
    assert_refused(
        (Given){.every = "2 weeks", .day = "mondy"}, RULE_DAY, 0, "'mondy'", "write monday");
    assert_refused((Given){.every = "1 month", .day = "32"}, RULE_DAY, 0, "'32'", "1-31");
    assert_refused((Given){.every = "1 month", .day = "mon"}, RULE_DAY, 0, "'mon'", "mon#1");
    assert_refused((Given){.every = "3 days", .day = "mon"}, RULE_DAY, 0, "all alike", "weeks");
    assert_refused(
        (Given){.every = "1 day", .at = "24:00"}, RULE_AT, 0, "'24:00'", "00:00-23:59");
    assert_refused((Given){.every = "1 day", .at = "9:00"}, RULE_AT, 0, "'9:00'", "09:00");
    assert_refused((Given){.every = "1 day", .at = "09:00:"}, RULE_AT, 0, "'09:00:'", "09:00");
    assert_refused((Given){.cron = "@daily", .starts = "soon"}, RULE_STARTS, 0, "soon", "");
    assert_refused((Given){.cron = "@daily", .ends = "soon"}, RULE_ENDS, 0, "soon", "");
    assert_refused((Given){.every = "5m", .phase = "x"}, RULE_PHASE, 0, "'x'", "type 90s");
    assert_refused((Given){.cron = "@daily", .exclude = {"2026-02-30"}}, RULE_EXCLUDE, 0,
        "2026-02-30", "");
    assert_refused((Given){.cron = "@daily", .exclude = {"2026-03-02..2026-03-01"}},
        RULE_EXCLUDE, 0, "runs backwards", "2026-03-01..2026-03-02");
    assert_refused((Given){.cron = "@daily", .exclude = {"2026-03-02..2026-13-01"}},
        RULE_EXCLUDE, 12, "2026-13-01", "");
    assert_refused((Given){.cron = "@daily", .exclude = {"2026-03-02T10:00:00"}}, RULE_EXCLUDE,
        0, "no date", "write 2026-03-02");
    assert_refused(
        (Given){.cron = "@daily", .exclude = {"0 0 1 1"}}, RULE_EXCLUDE, 7, "4 fields", "");
}

static void
too_many_exclusions_are_refused(void **state)
{
    (void)state;
    const char *dates[1001];
    for (int i = 0; i < 1001; i++)
        dates[i] = arena_printf(arena, "%04d-%02d-01", 2000 + i * 2 / 12, i * 2 % 12 + 1);
    Given given = {.cron = "@daily"};
    RuleSpec spec = spec_of(&given);
    RuleFault fault;
    Error error;
    Rule *rule;
    spec.exclude = dates;
    spec.excludes = 1000;
    assert_true(rule_read(arena, &spec, &rule, &fault, &error));
    spec.excludes = 1001;
    assert_false(rule_read(arena, &spec, &rule, &fault, &error));
    assert_int_equal(fault.key, RULE_EXCLUDE);
    assert_int_equal(fault.index, 1000);
    assert_non_null(strstr(error.text, "1000 exclusions"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elapsed_intervals_count_from_the_epoch),
        cmocka_unit_test(calendar_intervals_count_from_their_start),
        cmocka_unit_test(a_month_without_the_day_is_skipped),
        cmocka_unit_test(a_calendar_interval_is_a_fixed_time),
        cmocka_unit_test(the_anchor_may_come_from_outside),
        cmocka_unit_test(an_instant_fires_once),
        cmocka_unit_test(bounds_begin_inclusive_and_end_exclusive),
        cmocka_unit_test(narrower_bounds_win),
        cmocka_unit_test(excluded_dates_and_minutes_are_left_out),
        cmocka_unit_test(an_excluded_time_is_the_one_on_the_wall),
        cmocka_unit_test(excluding_everything_ends),
        cmocka_unit_test(what_is_far_away_is_found),
        cmocka_unit_test(daylight_saving_is_a_choice),
        cmocka_unit_test(keys_that_do_not_go_together_are_refused),
        cmocka_unit_test(values_are_refused_with_what_to_write),
        cmocka_unit_test(too_many_exclusions_are_refused),
    };
    return cmocka_run_group_tests(tests, plan_begin, plan_end);
}
