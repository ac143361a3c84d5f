/* Crontab expressions: what the fields and extensions mean, and what a refusal says. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <setjmp.h>

#include <cmocka.h>

#include "plan.h"

#define NOON_2026 "2026-01-01T12:00:00Z"

static void
plain_fields_fire_as_crontab_says(void **state)
{
    (void)state;
    assert_fires((Given){.cron = "30 2 * * 1-5"}, NOON_2026,
        "2026-01-02T02:30:00Z 2026-01-05T02:30:00Z 2026-01-06T02:30:00Z");
    assert_fires((Given){.cron = " \t05  00\t1 JAN,jul * "}, NOON_2026,
        "2026-07-01T00:05:00Z 2027-01-01T00:05:00Z");
    assert_fires((Given){.cron = "*/7 0 * * *"}, "2026-01-01T00:40:00Z",
        "2026-01-01T00:42:00Z 2026-01-01T00:49:00Z 2026-01-01T00:56:00Z 2026-01-02T00:00:00Z");
}

static void
weekdays_reach_sunday_from_both_ends(void **state)
{
    (void)state;
    assert_canonical((Given){.cron = "0 0 * * 7"}, "cron 0 0 * * 0; zone UTC");
    assert_canonical((Given){.cron = "0 0 * * fri-sun"}, "cron 0 0 * * 0,5,6; zone UTC");
    assert_canonical((Given){.cron = "0 0 * * 5-0"}, "cron 0 0 * * 0,5,6; zone UTC");
    assert_canonical((Given){.cron = "0 0 * * 1-7/2"}, "cron 0 0 * * 0,1,3,5; zone UTC");
    assert_canonical((Given){.cron = "0 0 * * */5"}, "cron 0 0 * * */5; zone UTC");
}

static void
the_day_rule_is_vixies_unless_said_otherwise(void **state)
{
    (void)state;
    assert_fires((Given){.cron = "0 0 13 * 5"}, "2026-03-07T00:00:00Z",
        "2026-03-13T00:00:00Z 2026-03-20T00:00:00Z 2026-03-27T00:00:00Z 2026-04-03T00:00:00Z "
        "2026-04-10T00:00:00Z 2026-04-13T00:00:00Z");
    assert_fires((Given){.cron = "0 0 13 * 5", .days = "and"}, NOON_2026,
        "2026-02-13T00:00:00Z 2026-03-13T00:00:00Z 2026-11-13T00:00:00Z");
    assert_fires((Given){.cron = "0 0 */2 * 1-5"}, "2026-01-01T12:00:00Z",
        "2026-01-05T00:00:00Z 2026-01-07T00:00:00Z 2026-01-09T00:00:00Z 2026-01-13T00:00:00Z");
    assert_fires((Given){.cron = "0 0 */20 * 1", .days = "or"}, NOON_2026,
        "2026-01-05T00:00:00Z 2026-01-12T00:00:00Z 2026-01-19T00:00:00Z 2026-01-21T00:00:00Z");
    assert_canonical((Given){.cron = "0 0 * * 1", .days = "and"}, "cron 0 0 * * 1; zone UTC");
    assert_canonical(
        (Given){.cron = "0 0 13 * 5", .days = "and"}, "cron 0 0 13 * 5; days and; zone UTC");
}

static void
month_days_count_from_the_end_and_to_weekdays(void **state)
{
    (void)state;
    assert_fires((Given){.cron = "0 0 L * *"}, "2028-01-31T12:00:00Z",
        "2028-02-29T00:00:00Z 2028-03-31T00:00:00Z 2028-04-30T00:00:00Z");
    assert_fires((Given){.cron = "0 0 L-2 2 *"}, NOON_2026,
        "2026-02-26T00:00:00Z 2027-02-26T00:00:00Z 2028-02-27T00:00:00Z");
    assert_fires((Given){.cron = "0 0 L-30 * *"}, NOON_2026,
        "2026-03-01T00:00:00Z 2026-05-01T00:00:00Z 2026-07-01T00:00:00Z");
    assert_fires((Given){.cron = "0 0 LW * *"}, NOON_2026,
        "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z 2026-03-31T00:00:00Z");
    /* Saturday the 1st goes forward to Monday, Sunday the 31st back to Friday: never out. */
    assert_fires((Given){.cron = "0 0 1W 8 *"}, NOON_2026, "2026-08-03T00:00:00Z");
    assert_fires((Given){.cron = "0 0 31W 5 *"}, NOON_2026, "2026-05-29T00:00:00Z");
    assert_fires((Given){.cron = "0 0 15W 2,8 *"}, NOON_2026,
        "2026-02-16T00:00:00Z 2026-08-14T00:00:00Z");
    assert_fires((Given){.cron = "0 0 31W 2,4,6,9,11 *"}, NOON_2026, "never");
    assert_fires((Given){.cron = "0 0 10,l,15w 2 *"}, NOON_2026,
        "2026-02-10T00:00:00Z 2026-02-16T00:00:00Z 2026-02-28T00:00:00Z");
}

static void
weekdays_are_counted_within_the_month(void **state)
{
    (void)state;
    assert_fires(
        (Given){.cron = "0 0 * * 5#3"}, NOON_2026, "2026-01-16T00:00:00Z 2026-02-20T00:00:00Z");
    assert_fires((Given){.cron = "0 0 * * thu#5"}, NOON_2026,
        "2026-01-29T00:00:00Z 2026-04-30T00:00:00Z 2026-07-30T00:00:00Z");
    assert_fires((Given){.cron = "0 0 * * friL"}, NOON_2026,
        "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z");
    assert_fires((Given){.cron = "0 0 * * 1#1,5L"}, NOON_2026,
        "2026-01-05T00:00:00Z 2026-01-30T00:00:00Z 2026-02-02T00:00:00Z");
    assert_fires((Given){.cron = "0 0 ? * 0#1"}, NOON_2026, "2026-01-04T00:00:00Z");
}

static void
seconds_and_years_belong_to_the_longer_dialects(void **state)
{
    (void)state;
    assert_fires((Given){.cron = "*/20 59 23 31 12 *", .dialect = "seconds"}, NOON_2026,
        "2026-12-31T23:59:00Z 2026-12-31T23:59:20Z 2026-12-31T23:59:40Z 2027-12-31T23:59:00Z");
    assert_fires((Given){.cron = "0 0 0 1 1 * 2030,2199", .dialect = "seconds"}, NOON_2026,
        "2030-01-01T00:00:00Z 2199-01-01T00:00:00Z never");
    assert_fires((Given){.cron = "0 5/20 12 * * *", .dialect = "seconds"}, NOON_2026,
        "2026-01-01T12:05:00Z 2026-01-01T12:25:00Z 2026-01-01T12:45:00Z 2026-01-02T12:05:00Z");
    assert_canonical(
        (Given){.cron = "0 30 2 * * * *", .dialect = "seconds"}, "cron 30 2 * * *; zone UTC");
    assert_canonical((Given){.cron = "0 0 0 1 1 * 2027,*", .dialect = "seconds"},
        "cron 0 0 1 1 *; zone UTC");
}

static void
quartz_counts_weekdays_from_one_and_goes_round(void **state)
{
    (void)state;
    assert_canonical(
        (Given){.cron = "0 0 12 ? * 2-6", .dialect = "quartz"}, "cron 0 12 * * 1-5; zone UTC");
    assert_canonical((Given){.cron = "0 0 22-2/2 ? NOV-FEB FRI-MON", .dialect = "quartz"},
        "cron 0 0,2,22 * 1,2,11,12 0,1,5,6; zone UTC");
    assert_canonical(
        (Given){.cron = "0 0 0 ? * L", .dialect = "quartz"}, "cron 0 0 * * 6; zone UTC");
    assert_canonical(
        (Given){.cron = "0 0 0 ? * 1L", .dialect = "quartz"}, "cron 0 0 * * 0L; zone UTC");
    assert_refused((Given){.cron = "0 0 0 * * *", .dialect = "quartz"}, RULE_CRON, 0,
        "neither day of month nor day of week is '?'", "write ? in the day field");
    assert_refused((Given){.cron = "0 0 0 ? * ?", .dialect = "quartz"}, RULE_CRON, 6,
        "both day fields are '?'", "write the days in one of them");
}

static void
macros_stand_for_their_fields(void **state)
{
    (void)state;
    assert_canonical((Given){.cron = "@yearly"}, "cron 0 0 1 1 *; zone UTC");
    assert_canonical((Given){.cron = "@annually"}, "cron 0 0 1 1 *; zone UTC");
    assert_canonical((Given){.cron = "@monthly"}, "cron 0 0 1 * *; zone UTC");
    assert_canonical((Given){.cron = "@weekly"}, "cron 0 0 * * 0; zone UTC");
    assert_canonical((Given){.cron = " @daily\t"}, "cron 0 0 * * *; zone UTC");
    assert_canonical(
        (Given){.cron = "@midnight", .dialect = "quartz"}, "cron 0 0 * * *; zone UTC");
    assert_canonical((Given){.cron = "@hourly"}, "cron 0 * * * *; zone UTC");
}

/* The five examples of clockfile(5): this table never changes. */
static void
hashed_values_are_fixed_for_ever(void **state)
{
    (void)state;
    assert_canonical(
        (Given){.cron = "H H * * *", .job = "nightly-report"}, "cron 59 22 * * *; zone UTC");
    assert_canonical(
        (Given){.cron = "H * * * *", .job = "hourly-rollup"}, "cron 35 * * * *; zone UTC");
    assert_canonical((Given){.cron = "H/15 * * * *", .job = "sync-stock"},
        "cron 8,23,38,53 * * * *; zone UTC");
    assert_canonical(
        (Given){.cron = "H H(1-5) * * H", .job = "weekly"}, "cron 29 3 * * 6; zone UTC");
    assert_canonical(
        (Given){.cron = "H H H * *", .job = "monthly"}, "cron 33 17 18 * *; zone UTC");
    assert_canonical(
        (Given){.cron = "~ 1~5 * * ~", .job = "weekly"}, "cron 29 3 * * 6; zone UTC");
    assert_canonical(
        (Given){.cron = "0 ~ * * *", .job = "monthly"}, "cron 0 17 * * *; zone UTC");
}

static void
hashed_values_stay_in_their_range(void **state)
{
    (void)state;
    bool days[32] = {false};
    for (int i = 0; i < 2000; i++) {
        const char *job = arena_printf(arena, "job-%d", i);
        const char *text =
            canonical(schedule_of((Given){.cron = "H(10-19) 20~22 H * mon", .job = job}));
        int minute = 0, hour = 0, day = 0;
        assert_int_equal(sscanf(text, "cron %d %d %d", &minute, &hour, &day), 3);
        assert_in_range(minute, 10, 19);
        assert_in_range(hour, 20, 22);
        assert_in_range(day, 1, 28);
        days[day] = true;
    }
    for (int day = 1; day <= 28; day++)
        assert_true(days[day]); /* and reach all of it */
}

static void
dates_that_never_come_are_no_error(void **state)
{
    (void)state;
    assert_fires((Given){.cron = "0 0 31 2 *"}, NOON_2026, "never");
    assert_fires((Given){.cron = "0 0 30-31 2 1", .days = "and"}, NOON_2026, "never");
    assert_fires((Given){.cron = "0 0 31 2 1"}, NOON_2026, "2026-02-02T00:00:00Z");
    assert_fires((Given){.cron = "0 0 L-29 2 *"}, NOON_2026, "never");
    assert_fires((Given){.cron = "0 0 * 2 sun#5"}, NOON_2026,
        "2032-02-29T00:00:00Z 2060-02-29T00:00:00Z");
    assert_fires((Given){.cron = "0 0 29 2 0", .days = "and"}, "2061-01-01T00:00:00Z",
        "2088-02-29T00:00:00Z 2128-02-29T00:00:00Z");
    assert_fires((Given){.cron = "0 0 0 29 2 ? 2100", .dialect = "quartz"}, NOON_2026, "never");
    assert_fires(
        (Given){.cron = "0 0 1 1 *"}, "9998-06-01T00:00:00Z", "9999-01-01T00:00:00Z never");
}

static void
refusals_name_field_place_and_remedy(void **state)
{
    (void)state;
    static const struct {
        const char *cron;
        size_t offset;
        const char *text, *hint;
    } rows[] = {
        {"61 * * * *", 0, "minute 61 is out of range 0-59", "the full hour is minute 0"},
        {"0 24 * * *", 2, "hour 24 is out of range 0-23", "midnight is hour 0"},
        {"0 0 0 * *", 4, "day of month 0 is out of range 1-31",
            "the last day of the month is L"},
        {"* * * * 8", 8, "day of week 8 is out of range 0-7", "0 and 7 are Sunday"},
        {"0 22-2 * * *", 2, "range '22-2' runs backwards in the hour field", "write 22-23,0-2"},
        {"0 18-6/5 * * *", 2, "range '18-6/5' runs backwards", "write 18-23/5,4"},
        {"0 0 * nov-feb *", 6, "range 'nov-feb' runs backwards in the month field",
            "write nov-dec,jan-feb"},
        {"0 0 * * sat-mon", 8, "range 'sat-mon' runs backwards", "write sat,sun-mon"},
        {"0 0 * * 7-3/2", 8, "range '7-3/2' runs backwards", "write 0-3/2"},
        {"0 22-2/12 * * *", 2, "range '22-2/12' runs backwards", "write 22"},
        {"H(1-x) * * * *", 4, "'H(1-x)' in the minute field is no value", "0-59"},
        {"H(1 * * * *", 3, "'H(1' in the minute field", "write H, H(0-29)"},
        {"H(1-5 * * * *", 5, "'H(1-5' in the minute field", "write H, H(0-29)"},
        {"5/15 * * * *", 0, "'5/15' in the minute field has a step but no range",
            "write 5-59/15"},
        {"1,,2 * * * *", 2, "empty", "write 1,2"},
        {"1- * * * *", 1, "the range '1-' in the minute field lacks its end", "write 1-59"},
        {"*/0 * * * *", 2, "the step '0' in '*/0' of the minute field",
            "write * for every minute"},
        {"*/00 * * * *", 2, "the step '00'", "write * for every minute"},
        {"*/ * * * *", 2, "the step '' in '*/'", "write a whole number behind the '/'"},
        {"/15 * * * *", 0, "'/15' in the minute field is no value", "write */15"},
        {"/0 * * * *", 0, "'/0' in the minute field is no value", "write */2"},
        {"* / * * *", 2, "'/' in the hour field is no value", "write */2"},
        {"* * 1,/MON * *", 6, "'/MON' in the day of month field is no value", "write */2"},
        {"* * * FOO *", 6, "'FOO' in the month field", "jan-dec"},
        {"* * * * MOO", 8, "'MOO' in the day of week field", "did you mean mon?"},
        {"* * * * monday", 11, "'monday' in the day of week field", "write mon"},
        {"* mon * * *", 2, "'mon' in the hour field", "belongs in the day of week field"},
        {"0 6pm * * *", 3, "'6pm' in the hour field", "write 18"},
        {"0x10 * * * *", 1, "0x10", "plain decimal digits"},
        {"* * * * *#x", 9, "'*#x' in the day of week field", "comments"},
        {"0 0 5L * *", 5, "'5L' in the day of month field", "L-5 for five days before"},
        {"0 0 L-31 * *", 6, "'L-31' in the day of month field", "L-n with n 1-30"},
        {"0 0 * * 5#6", 10, "out of range #1 to #5", "5L for the last"},
        {"0 0 1,? * *", 6, "does not stand alone", "write ? alone"},
        {"? * * * *", 0, "only day fields have it", "write *"},
        {"h * * * *", 0, "'h' in the minute field", "write H"},
        {"H(30-10) * * * *", 0, "leaves nothing to pick from", "H(0-29)"},
        {"0 0 H(29-31) * *", 4, "leaves nothing to pick from", "H(1-28)"},
        {"\xef\xbc\x95 * * * *", 0, "in the minute field",
            "type 5 as a plain digit; minute takes 0-59"},
        {"0\xc2\xa0 0 * * *", 1, "U+00A0", "type a plain blank"},
        {"0 0\n* * *", 3, "\\x0a", "one line"},
        {"", 0, "the schedule is empty", "write five fields"},
        {"* * * *", 7, "4 fields where 5 are wanted", "add what is missing"},
        {"* * * * * /bin/true", 10, "6 fields where 5 are wanted", "a command?"},
        {"* * * * * root", 10, "6 fields", "a user"},
        {"0 0 1 1 * 2030", 10, "6 fields", "for a year, write dialect: seconds"},
        {"*/10 * * * * *", 13, "6 fields", "dialect: seconds"},
        {"0 22, 10 * * *", 13, "6 fields", "holds no blanks"},
        {"0 0 * * sun mon", 12, "6 fields", "write sun,mon"},
        {"0 1 ? * * *", 10, "6 fields", "a sixth field that is a year"},
        {"CRON_TZ=Asia/Tokyo 0 0 * * *", 0, "inside a schedule", "timezone: Asia/Tokyo"},
        {"TZ=UTC 0 0 * *", 0, "inside a schedule", "timezone: UTC"},
        {"MAILTO=root", 0, "a crontab's variable", "clock import"},
        {"daily", 0, "'daily'", "write @daily"},
        {"03:05", 0, "a time of day", "write \"5 3 * * *\""},
        {"9:00", 0, "a time of day", "write \"0 9 * * *\""},
        {"25:00", 5, "1 field where 5 are wanted", "add what is missing"},
        {"every day at 3", 0, "not written in words", "@every 5m"},
        {"On Mondays at 9 o'clock sharp", 0, "not written in words", "five fields"},
        {"@fortnightly", 0, "unknown macro '@fortnightly'", "@weekly"},
        {"@Daily", 0, "unknown macro '@Daily'", "did you mean @daily?"},
        {"@daily x", 7, "'@daily' stands alone", "write @daily"},
        {"@reboot", 0, "'@reboot' names no instant", "systemd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_refused((Given){.cron = rows[i].cron}, RULE_CRON, rows[i].offset, rows[i].text,
            rows[i].hint);
    assert_refused((Given){.cron = "0 0 0 1 1 ? 2030-2027", .dialect = "seconds"}, RULE_CRON,
        12, "range '2030-2027' runs backwards in the year field",
        "write the earlier year first");
    assert_refused((Given){.cron = "0 0 * * *", .dialect = "seconds"}, RULE_CRON, 9,
        "5 fields where 6 or 7 are wanted", "write the seconds in front, 0 0 0 * * *");
}

static void
what_is_too_much_is_refused_by_its_limit(void **state)
{
    (void)state;
    char *text = arena_alloc(arena, 100001);
    memset(text, '*', 100000);
    assert_refused((Given){.cron = text}, RULE_CRON, 4096, "longer than 4096 bytes", "ranges");
    memset(text, ' ', 100000);
    assert_refused((Given){.cron = text}, RULE_CRON, 4096, "longer than 4096 bytes", "ranges");
    for (size_t i = 0; i < 2002; i++)
        text[i] = i % 2 == 0 ? '1' : ',';
    memcpy(text + 2001, " * * * *", sizeof " * * * *");
    assert_refused((Given){.cron = text}, RULE_CRON, 1999, "more than 1000 items", "range");
    assert_refused((Given){.cron = "99999999999999999999 * * * *"}, RULE_CRON, 0,
        "minute 99999999999999999999 is out of range 0-59", "");
    assert_refused((Given){.cron = "*/99999999999999999999 * * * *"}, RULE_CRON, 2, "the step",
        "whole number");
}

static uint64_t random_state;

static unsigned
below(unsigned n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % n;
}

/* Fields of pieces that expressions are made of, and now and then of others. */
static void
random_text(char *text, size_t size)
{
    static const char *const pieces[] = {"*", "*", "0", "1", "5", "12", "23", "-", "/", ",",
        "?", "H", "~", "L", "W", "LW", "#", "31", "59", "60", "H(", ")", "mon", "fri", "jan",
        "sunday", "@daily", "@every", "TZ=", "2027", "99999999999", "\t", "\n", "\x01",
        "\xc2\xa0", "\xef\xbc\x91", "\xff", "\xe2\x82", "'", "root", "/bin/x", "#x", ".", " "};
    const unsigned n_pieces = sizeof pieces / sizeof *pieces;
    size_t len = 0;
    unsigned fields = below(8) == 0 ? below(9) : 5 + below(3);
    text[0] = '\0';
    for (unsigned i = 0; i < fields; i++) {
        unsigned parts = 1 + (below(5) == 0 ? below(5) : 0);
        for (unsigned k = 0; k < parts; k++) {
            const char *piece = pieces[below(below(5) == 0 ? n_pieces : 7)];
            len += (size_t)snprintf(text + len, size - len, "%s", piece);
        }
        len += (size_t)snprintf(text + len, size - len, " ");
    }
}

static void
any_text_is_read_or_refused_with_place_and_hint(void **state)
{
    (void)state;
    static const char *const dialects[] = {"vixie", "seconds", "quartz"};
    random_state = (uint64_t)time(NULL);
    print_message("# seed %llu\n", (unsigned long long)random_state);
    Arena *kept = arena;
    long read = 0;
    RuleSpec spec = spec_of(&(Given){.job = "x"});
    arena = arena_new(0);
    for (int i = 0; i < 100000; i++) {
        char text[512];
        random_text(text, sizeof text);
        arena_reset(arena);
        Rule *rule = NULL;
        RuleFault fault = {RULE_KEYS, 0, 0};
        Error error = {0};
        spec.text[RULE_CRON] = text;
        spec.text[RULE_DIALECT] = dialects[i % 3];
        if (rule_read(arena, &spec, &rule, &fault, &error)) {
            int64_t due_s;
            Lint lints[4];
            Schedule *schedule = schedule_new(arena, &rule, 1);
            schedule_next(schedule, 0, &due_s);
            schedule_lint(schedule, lints, 4);
            read++;
            continue;
        }
        bool teaches = error.kind == ERR_INPUT && error.text[0] != '\0' &&
                       fault.offset <= strlen(text) && fault.key != RULE_KEYS;
        for (const char *c = error.text; *c != '\0'; c++)
            teaches &= (unsigned char)*c >= ' ' && *c != 127; /* nothing that moves a cursor */
        if (!teaches)
            fail_msg("'%s' is refused poorly: %s; %s", text, error.text, error.hint);
    }
    assert_true(read > 100); /* it is no test of refusals alone */
    arena_free(arena);
    arena = kept;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_fields_fire_as_crontab_says),
        cmocka_unit_test(weekdays_reach_sunday_from_both_ends),
        cmocka_unit_test(the_day_rule_is_vixies_unless_said_otherwise),
        cmocka_unit_test(month_days_count_from_the_end_and_to_weekdays),
        cmocka_unit_test(weekdays_are_counted_within_the_month),
        cmocka_unit_test(seconds_and_years_belong_to_the_longer_dialects),
        cmocka_unit_test(quartz_counts_weekdays_from_one_and_goes_round),
        cmocka_unit_test(macros_stand_for_their_fields),
        cmocka_unit_test(hashed_values_are_fixed_for_ever),
        cmocka_unit_test(hashed_values_stay_in_their_range),
        cmocka_unit_test(dates_that_never_come_are_no_error),
        cmocka_unit_test(refusals_name_field_place_and_remedy),
        cmocka_unit_test(what_is_too_much_is_refused_by_its_limit),
        cmocka_unit_test(any_text_is_read_or_refused_with_place_and_hint),
    };
    return cmocka_run_group_tests(tests, plan_begin, plan_end);
}
