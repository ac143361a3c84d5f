/* Schedules in plain English: every row of tests/tables/descriptions.tsv (the first 45 are what
 * cronstrue was asked too), what stands beside the sentence, and what holds of any schedule.
 *
 *   plan_explain [SEED]   EXPLAIN_CASES: how many random expressions (default 4000) */

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <setjmp.h>

#include <cmocka.h>

#include "plan.h"
#include "plan/explain.h"
#include "plan/explainnote.h"
#include "plan/shift.h"

#define LINE_BYTES 4096
#define COLUMNS 4

static const char *
english(const Schedule *schedule)
{
    Text text = text_new(arena);
    explain_schedule(schedule, &text);
    return text.at;
}

static const Schedule *
again(const Schedule *schedule)
{
    Schedule *out = NULL;
    Error error;
    if (!schedule_parse(arena, zones, canonical(schedule), &out, &error))
        fail_msg("not read back: %s", error.text);
    return out;
}

/* Also when read back from its canonical text. */
static void
assert_english(const Schedule *schedule, const char *wanted)
{
    assert_string_equal(english(schedule), wanted);
    assert_string_equal(english(again(schedule)), wanted);
}

static void
every_row_of_the_table_reads_as_told(void **state)
{
    (void)state;
    const char *top = getenv("CLOCK_TESTS");
    char path[LINE_BYTES], line[LINE_BYTES], *column[COLUMNS];
    snprintf(path, sizeof path, "%s/tables/descriptions.tsv", top == NULL ? "tests" : top);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file)); /* the heading */
    int rows = 0;
    for (; fgets(line, sizeof line, file) != NULL; rows++) {
        char *at = line;
        line[strcspn(line, "\n")] = '\0';
        for (int i = 0; i < COLUMNS; i++) {
            assert_non_null(at);
            column[i] = at;
            at = strchr(at, '\t');
            if (at != NULL)
                *at++ = '\0';
        }
        Given given = {.cron = column[2], .job = "reports"};
        if (strcmp(column[1], "-") != 0)
            given.dialect = column[1];
        assert_english(schedule_of(given), column[3]);
    }
    fclose(file);
    assert_true(rows >= 130);
}

static void
intervals_tell_what_they_count_from(void **state)
{
    (void)state;
    assert_english(schedule_of((Given){.every = "37m", .phase = "3m"}),
        "Every 37 minutes, counted from 1970-01-01T00:03:00Z.");
    assert_english(
        schedule_of((Given){.every = "36h"}), "Every 36 hours, counted from 1970 (UTC).");
    assert_english(
        schedule_of((Given){
            .every = "2 weeks", .day = "friday", .at = "09:00", .starts = "2027-01-08"}),
        "Every 2 weeks on Friday at 09:00, starting 2027-01-08.");
    assert_english(schedule_of((Given){.every = "2 weeks",
                       .day = "friday",
                       .at = "09:00",
                       .starts = "2027-01-05T12:00:00Z"}),
        "Every 2 weeks on Friday at 09:00, counted from 2027-01-08, starting "
        "2027-01-05T12:00:00Z.");
    assert_english(
        schedule_of((Given){.every = "1 day", .at = "06:30"}), "Every day at 06:30.");
    assert_english(schedule_of((Given){.every = "3 days", .starts = "2027-01-05"}),
        "Every 3 days at 00:00, starting 2027-01-05.");
    assert_english(schedule_of((Given){.every = "1 month", .day = "31", .at = "06:30:15"}),
        "Every month on the 31st at 06:30:15, months without one left out.");
    assert_english(schedule_of((Given){.every = "2 months", .day = "1"}),
        "Every 2 months on the 1st at 00:00, counted from 1970-01-01.");
    assert_english(schedule_of((Given){.every = "4 years", .starts = "2024-02-29"}),
        "Every 4 years on 29 February at 00:00, years without one left out, starting "
        "2024-02-29.");
}

static void
bounds_and_exclusions_follow(void **state)
{
    (void)state;
    assert_english(
        schedule_of((Given){
            .cron = "0 9 * * 1-5", .starts = "2026-12-01", .ends = "2027-06-30T12:00:00"}),
        "At 09:00, Monday to Friday, starting 2026-12-01, ending before 2027-06-30T12:00:00.");
    assert_english(schedule_of((Given){.cron = "*/15 9-17 * * MON-FRI",
                       .exclude = {"2026-12-25", "2027-01-01..2027-01-03", "* * 4 7 *",
                           "* 12 * * *", "* * * * 1-5"}}),
        "Every 15 minutes from 09:00 to 17:45, Monday to Friday, but not on 2026-12-25, from "
        "2027-01-01 to 2027-01-03, on 4 July every year, every minute from 12:00 to 12:59, "
        "every day and Monday to Friday.");
    Rule *rule = rule_of((Given){.cron = "@daily", .exclude = {"2026-12-01", "2026-12-03"}});
    const char *more[] = {"2027-01-01", "2027-01-03", "2027-01-05", "2027-01-07", "2027-01-09",
        "2027-01-11", "2027-01-13", "2027-01-15..2027-01-20"};
    RuleSpec outer = {.exclude = more, .excludes = 8};
    RuleFault fault;
    Error error;
    assert_true(rule_narrow(arena, rule, &outer, &fault, &error));
    assert_english(schedule_new(arena, &rule, 1),
        "At 00:00 every day, but not on 2026-12-01, on 2026-12-03, on 2027-01-01, on "
        "2027-01-03, on 2027-01-05, on 2027-01-07, on 2027-01-09, on 2027-01-11 and at 2 other "
        "times.");
    assert_english(
        schedule_of((Given){.at = "2026-12-31T23:59:00Z"}), "Once, at 2026-12-31T23:59:00Z.");
}

static void
a_union_names_zones_where_they_differ(void **state)
{
    (void)state;
    Rule *rules[] = {rule_of((Given){.cron = "0 9 * * MON-FRI", .zone = "Europe/Paris"}),
        rule_of((Given){.cron = "30 8 L * *", .zone = "Asia/Tokyo"}),
        rule_of((Given){.every = "90m", .zone = "Asia/Tokyo"})};
    assert_english(schedule_new(arena, rules, 3),
        "At 09:00, Monday to Friday, in Europe/Paris; and also at 08:30 on the last day of "
        "every month, in Asia/Tokyo; and also every 1 hour 30 minutes, counted from 1970 "
        "(UTC).");
    rules[1] = rule_of((Given){.cron = "30 8 L * *", .zone = "Europe/Paris"});
    assert_english(schedule_new(arena, rules, 2),
        "At 09:00, Monday to Friday; and also at 08:30 on the last day of every month.");
    rules[1] = rule_of((Given){.cron = "30 8 L * *", .zone = "Europe/Paris", .dst = "utc"});
    assert_english(schedule_new(arena, rules, 2),
        "At 09:00, Monday to Friday, in Europe/Paris; and also at 08:30 on the last day of "
        "every month, in UTC.");
}

/* ---- beside the sentence ---- */

/* "kind: text; hint" a line. */
static const char *
notes_of(const Schedule *schedule, const char *job)
{
    static const char *const kinds[] = {"hash", "or", "and", "clocks", "lint"};
    const ExplainNote *notes;
    size_t n = explainnote_list(arena, schedule, job, &notes);
    Text text = text_new(arena);
    for (size_t i = 0; i < n; i++)
        text_addf(&text, "%s%s: %s%s%s", i == 0 ? "" : "\n", kinds[notes[i].kind],
            notes[i].text, *notes[i].hint == '\0' ? "" : "; ", notes[i].hint);
    return text.at;
}

static void
assert_notes(Given given, const char *wanted)
{
    assert_string_equal(
        notes_of(schedule_of(given), given.job == NULL ? "" : given.job), wanted);
}

static void
a_union_can_be_asked_rule_by_rule(void **state)
{
    (void)state;
    Rule *rules[] = {rule_of((Given){.cron = "0 9 * * 1", .zone = "Asia/Tokyo"}),
        rule_of((Given){.every = "37m", .ends = "2030-01-01"})};
    const Schedule *schedule = schedule_new(arena, rules, 2);
    assert_int_equal(explain_count(schedule), 2);
    ExplainRule cron = explain_rule(schedule, 0), span = explain_rule(schedule, 1);
    assert_string_equal(cron.text, "0 9 * * 1");
    assert_non_null(cron.cron);
    assert_false(cron.is_span || cron.has_limits || cron.chooses_clocks);
    assert_ptr_equal(cron.zone, zone_of("Asia/Tokyo"));
    assert_true(span.is_span && span.has_limits);
    assert_int_equal(span.every_s, 37 * 60);
    assert_null(span.cron);
    assert_english(
        explain_member(arena, schedule, 0), english(schedule_of((Given){.cron = "0 9 * * 1"})));
}

static void
the_value_behind_h_is_told(void **state)
{
    (void)state;
    assert_notes((Given){.cron = "H/15 * * * *", .job = "sync-stock"},
        "hash: 'H/15' in the minute field is 8, 23, 38 and 53: chosen by the job's name "
        "'sync-stock', the same on every host and after every restart");
    assert_notes((Given){.cron = "H H(1-5) * * H", .job = "weekly"},
        "hash: 'H' in the minute field is 29, 'H(1-5)' in the hour field is 3, 'H' in the day "
        "of week field is Saturday: chosen by the job's name 'weekly', the same on every host "
        "and after every restart");
    assert_notes((Given){.cron = "0 0 9 ? * H", .dialect = "quartz", .job = "weekly"},
        "hash: 'H' in the day of week field is Saturday: chosen by the job's name 'weekly', "
        "the same on every host and after every restart");
    assert_notes((Given){.cron = "5,~ 3 * 1~6 *"},
        "hash: '~' in the minute field is 11, '1~6' in the month field is April: chosen by the "
        "job's name, which is empty here; another name gives another value");
    assert_notes((Given){.cron = "5 3 * MAR THU"}, "");
}

static void
the_day_rule_is_told_where_it_bites(void **state)
{
    (void)state;
    assert_notes((Given){.cron = "0 0 13 * 5"},
        "or: a day need match only one of the two day fields, since neither begins with '*'; "
        "if it had to match both: at 00:00 on every Friday the 13th; for that, write days: "
        "and");
    assert_notes((Given){.cron = "0 0 1-7 * */7"},
        "and: a day must match both day fields, since the day of week begins with '*'; if one "
        "were enough: at 00:00 from the 1st to the 7th of every month, and on Sundays; for "
        "that, write days: or");
    assert_notes((Given){.cron = "0 0 */2 * 1"},
        "and: a day must match both day fields, since the day of month begins with '*'; if one "
        "were enough: at 00:00 on the odd days of every month, and on Mondays; for that, write "
        "days: or\nlint: '*/2' does not divide the day of month field: after 31 comes 1 again; "
        "write every: 2 days for even steps");
    assert_notes((Given){.cron = "0 0 13 * 5", .days = "and"},
        "and: a day must match both day fields, as days: and says; if one were enough: at "
        "00:00 on the 13th of every month, and on Fridays; for that, write days: or");
    assert_notes((Given){.cron = "0 0 30 2 1"},
        "or: a day need match only one of the two day fields, since neither begins with '*'; "
        "if it had to match both: at 00:00 on every Monday the 30th in February: there is no "
        "such date, so it never fires; for that, write days: and");
    assert_notes((Given){.cron = "0 0 13 * *"}, "");
    assert_notes((Given){.cron = "0 0 ? * 5"}, "");
    assert_notes((Given){.cron = "@weekly"}, "");
}

static void
other_notes_come_from_dst_and_lint(void **state)
{
    (void)state;
    assert_notes((Given){.cron = "0 0 * * *", .dst = "skip"},
        "clocks: dst: skip: a time that does not exist does not fire, one that comes twice "
        "fires the first time");
    assert_notes((Given){.cron = "*/90 * * * *"},
        "lint: the step of '*/90' goes beyond the minute field: only 0 is left; write @every "
        "90m for even steps");
    assert_notes((Given){.cron = "0 0 31 2 *"}, "");
    Rule *rules[] = {rule_of((Given){.cron = "@daily"}), rule_of((Given){.cron = "0 0 1 * 1"})};
    assert_string_equal(notes_of(schedule_new(arena, rules, 2), ""),
        "or: '0 0 1 * 1': a day need match only one of the two day fields, since neither "
        "begins with '*'; if it had to match both: at 00:00 on every Monday the 1st; for "
        "that, write days: and");
}

static void
what_fires_once_or_in_some_years_is_not_called_dead(void **state)
{
    (void)state;
    assert_notes((Given){.cron = "@at 2026-12-31T23:59:00", .zone = "Europe/Berlin"}, "");
    assert_notes((Given){.cron = "0 0 9 1 1 ? 2199", .dialect = "seconds"}, "");
    assert_notes((Given){.cron = "0 0 9 1 1 ? 1970", .dialect = "seconds"}, "");
    Schedule *schedule = schedule_of((Given){
        .cron = "@at 2026-12-31T23:59:00", .zone = "Europe/Berlin", .ends = "2027-06-01"});
    assert_string_equal(notes_of(schedule, ""), "");
    int64_t due_s = 0;
    assert_true(schedule_next(schedule, instant("2026-01-01T00:00:00Z"), &due_s));
    assert_int_equal(due_s, instant("2026-12-31T22:59:00Z"));
    assert_notes(
        (Given){.cron = "@at 2026-12-31T23:59:00", .ends = "2026-12-31", .zone = "Asia/Tokyo"},
        "lint: it never fires: no instant matches; correct it, or write enabled: false to "
        "switch the job off");
}

/* ---- changes of the clocks ---- */

static const char *
shift_of(const Schedule *schedule, const char *zone, const char *after, Shift *shift)
{
    if (!shift_next(schedule, zone_of(zone), instant(after), shift))
        return "none";
    Text text = text_new(arena);
    shift_write(shift, &text);
    return text.at;
}

static void
assert_shift(Given given, const char *after, const char *wanted)
{
    Shift shift;
    assert_string_equal(shift_of(schedule_of(given), given.zone, after, &shift), wanted);
}

#define SPRING "2027-03-01T00:00:00Z"
#define AUTUMN "2027-10-01T00:00:00Z"

static void
a_gap_moves_fixed_times_and_drops_others(void **state)
{
    (void)state;
    const char *zone = "Europe/Berlin";
    assert_shift((Given){.cron = "30 2 * * *", .zone = zone}, SPRING,
        "02:30 does not exist: fires at 03:00, right after the gap");
    assert_shift((Given){.cron = "15,45 2 * * *", .zone = zone}, SPRING,
        "02:15 and 02:45 do not exist: fires once, at 03:00, right after the gap");
    assert_shift((Given){.cron = "30 2 * * *", .zone = zone, .dst = "skip"}, SPRING,
        "02:30 does not exist and does not fire: after 2027-03-27 02:30 comes 2027-03-29 "
        "02:30, 1d23h later");
    assert_shift((Given){.cron = "*/15 * * * *", .zone = zone}, SPRING,
        "02:00, 02:15, 02:30 and 02:45 do not exist and do not fire: after 01:45 comes 03:00, "
        "15m later");
    assert_shift((Given){.cron = "*/5 * * * *", .zone = zone}, SPRING,
        "02:00 to 02:55 (12 times) do not exist and do not fire: after 01:55 comes 03:00, 5m "
        "later");
    assert_shift((Given){.cron = "30 3 * * *", .zone = zone}, SPRING,
        "nothing changes: not due between 02:00 and 03:00");
    assert_shift((Given){.cron = "30 2 * * *", .zone = zone, .exclude = {"2027-03-28"}}, SPRING,
        "nothing changes: not due between 02:00 and 03:00");
    assert_shift((Given){.cron = "30 2 * * *", .zone = zone, .ends = "2027-01-01"}, SPRING,
        "nothing changes: not due between 02:00 and 03:00");
    assert_shift((Given){.cron = "0 12 * * *", .zone = "Pacific/Apia"}, "2011-12-01T00:00:00Z",
        "12:00 does not exist and does not fire: after 2011-12-29 12:00 comes "
        "2011-12-31 12:00, 1d later");
}

static void
a_fold_doubles_or_not(void **state)
{
    (void)state;
    const char *zone = "Europe/Berlin";
    assert_shift((Given){.cron = "30 2 * * *", .zone = zone}, AUTUMN,
        "02:30 comes twice: fires once, the first time");
    assert_shift((Given){.cron = "30 2 * * *", .zone = zone, .dst = "all"}, AUTUMN,
        "02:30 comes twice: fires both times");
    assert_shift((Given){.cron = "0,20 * * * *", .zone = zone}, AUTUMN,
        "02:00 and 02:20 come twice: each fires both times");
    assert_shift((Given){.cron = "0 3 * * *", .zone = zone}, AUTUMN,
        "nothing changes: not due between 02:00 and 03:00");
    assert_shift((Given){.cron = "30 2 * * *", .zone = zone, .exclude = {"2027-10-31"}}, AUTUMN,
        "nothing changes: not due between 02:00 and 03:00");
    assert_shift((Given){.every = "1 day", .at = "02:30", .zone = zone}, AUTUMN,
        "02:30 comes twice: fires once, the first time");
    Rule *rules[] = {rule_of((Given){.cron = "30 2 * * *", .zone = zone}),
        rule_of((Given){.cron = "0 * * * *", .zone = zone}),
        rule_of((Given){.cron = "30 2 * * 0", .zone = zone}),
        rule_of((Given){.cron = "30 1 * * *", .zone = "America/New_York"})};
    Shift shift;
    assert_string_equal(shift_of(schedule_new(arena, rules, 4), zone, AUTUMN, &shift),
        "02:30 comes twice: fires once, the first time; 02:00 comes twice: fires both times");
    assert_int_equal(shift.at_s, instant("2027-10-31T01:00:00Z"));
    assert_int_equal(shift.once.n, 1);
}

/* Of the rules of a union, by their expressions. */
static const char *
shift_of_union(const char *const *crons, size_t n, const char *dst, const char *after)
{
    Rule *rules[8];
    Shift shift;
    for (size_t i = 0; i < n; i++)
        rules[i] = rule_of((Given){.cron = crons[i], .zone = "Europe/Berlin", .dst = dst});
    return shift_of(schedule_new(arena, rules, n), "Europe/Berlin", after, &shift);
}

static void
a_time_that_several_rules_share_is_told_once(void **state)
{
    (void)state;
    static const char *const many[] = {"*/5 2 * * *", "*/5 1-2 * * *", "5,12 2 * * *"};
    assert_string_equal(shift_of_union(many, 3, "all", AUTUMN),
        "02:00 to 02:55 (13 times) come twice: each fires both times");
    assert_string_equal(shift_of_union(many, 2, "skip", AUTUMN),
        "02:00 to 02:55 (12 times) come twice: each fires once, the first time");
    assert_string_equal(shift_of_union(many, 3, "skip", SPRING),
        "02:00 to 02:55 (13 times) do not exist and do not fire: after 01:55 comes "
        "2027-03-29 01:00, 22h5m later");
    static const char *const few[] = {"30 2 * * *", "20 2 * * *", "30 2 * * 0", "40 2 * * *"};
    assert_string_equal(shift_of_union(few, 4, NULL, SPRING),
        "02:20, 02:30 and 02:40 do not exist: fires once, at 03:00, right after the gap");
}

static void
what_has_no_fire_before_or_after_a_gap_names_none(void **state)
{
    (void)state;
    Given given = {.cron = "30 2 * * *",
        .zone = "Europe/Berlin",
        .dst = "skip",
        .starts = "2027-03-28",
        .ends = "2027-04-01"};
    assert_shift(given, SPRING, "02:30 does not exist and does not fire");
    given.starts = "2027-03-20";
    given.ends = "2027-03-28T12:00";
    assert_shift(given, SPRING, "02:30 does not exist and does not fire");
    Rule *rules[] = {
        rule_of((Given){.cron = "30 2 * * *", .zone = "Europe/Berlin"}),
        rule_of((Given){.cron = "*/20 * * * *", .zone = "Europe/Berlin"}),
    };
    Shift shift;
    assert_string_equal(
        shift_of(schedule_new(arena, rules, 2), "Europe/Berlin", SPRING, &shift),
        "02:30 does not exist: fires at 03:00, right after the gap; 02:00, 02:20 and 02:40 do "
        "not exist and do not fire: after 01:40 comes 03:00, 20m later");
}

static void
zones_without_changes_have_none(void **state)
{
    (void)state;
    assert_shift((Given){.cron = "30 2 * * *", .zone = "Asia/Tokyo"}, SPRING, "none");
    const Zone *followed[4];
    Schedule *schedule = schedule_of((Given){.every = "37m", .zone = "Europe/Berlin"});
    assert_int_equal(explain_zones(schedule, followed, 4), 0);
    schedule = schedule_of((Given){.cron = "@daily", .zone = "Europe/Berlin", .dst = "utc"});
    assert_int_equal(explain_zones(schedule, followed, 4), 0);
    Rule *rules[] = {rule_of((Given){.cron = "@daily", .zone = "Europe/Berlin"}),
        rule_of((Given){.cron = "@hourly", .zone = "Europe/Berlin"}),
        rule_of((Given){.cron = "@daily", .zone = "Asia/Tokyo"})};
    assert_int_equal(explain_zones(schedule_new(arena, rules, 3), followed, 4), 2);
}

/* ---- any expression ---- */

static uint64_t random_state;

/* splitmix64 */
static uint64_t
random_below(uint64_t n)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % n;
}

/* A list of values, ranges and steps; small numbers, so that equal ones are met again. */
static void
add_field(Text *text, int low, int high)
{
    size_t items = random_below(4) == 0 ? 1 + random_below(3) : 1;
    for (size_t i = 0; i < items; i++) {
        int a = low + (int)random_below((uint64_t)(high - low + 1));
        int b = a + (int)random_below((uint64_t)(high - a + 1));
        text_add(text, i == 0 ? "" : ",");
        switch (random_below(6)) {
        case 0:
            text_add(text, "*");
            break;
        case 1:
            text_addf(text, "*/%d", 1 + (int)random_below(12));
            break;
        case 2:
            text_addf(text, "%d-%d", a, b);
            break;
        case 3:
            text_addf(text, "%d-%d/%d", a, b, 1 + (int)random_below(12));
            break;
        default:
            text_addf(text, "%d", a);
            break;
        }
    }
    text_add_char(text, ' ');
}

static void
add_day_fields(Text *text)
{
    static const char *const dates[] = {"L ", "LW ", "15W ", "L-3 ", "1,L ", "2W,31W ", "1-7 "};
    static const char *const weekdays[] = {"5#3 ", "1L ", "1#1,5 ", "5#5 ", "mon-fri ", "*/7 "};
    if (random_below(3) == 0)
        text_add(text, dates[random_below(sizeof dates / sizeof *dates)]);
    else if (random_below(2) == 0)
        text_add(text, "* ");
    else
        add_field(text, 1, 31);
    if (random_below(3) == 0)
        text_add(text, "* ");
    else
        add_field(text, 1, 12);
    if (random_below(3) == 0)
        text_add(text, weekdays[random_below(sizeof weekdays / sizeof *weekdays)]);
    else if (random_below(2) == 0)
        text_add(text, "* ");
    else
        add_field(text, 0, 7);
}

static Schedule *
random_schedule(void)
{
    static const char *const days[] = {"cron", "cron", "and", "or"};
    Text text = text_new(arena);
    Given given = {.days = days[random_below(4)]};
    if (random_below(4) == 0) {
        given.dialect = "seconds";
        add_field(&text, 0, 59);
    }
    add_field(&text, 0, random_below(2) == 0 ? 59 : 3);
    add_field(&text, 0, random_below(2) == 0 ? 23 : 3);
    add_day_fields(&text);
    if (given.dialect != NULL && random_below(3) == 0)
        add_field(&text, 2026, 2036);
    given.cron = text.at;
    return schedule_of(given);
}

typedef struct {
    const char *english;
    const Schedule *schedule;
} Told;

static int
compare_told(const void *a, const void *b)
{
    return strcmp(((const Told *)a)->english, ((const Told *)b)->english);
}

/* Both fire at the same instants, looked at from several places. */
static bool
fire_alike(const Schedule *a, const Schedule *b)
{
    for (int place = 0; place < 8; place++) {
        int64_t at_s = INT64_C(1767225600) + (int64_t)random_below(3 * 366 * 86400);
        for (int i = 0; i < 20; i++) {
            int64_t a_s = 0, b_s = 0;
            bool a_fires = schedule_next(a, at_s, &a_s), b_fires = schedule_next(b, at_s, &b_s);
            if (a_fires != b_fires || a_s != b_s)
                return false;
            if (!a_fires)
                break;
            at_s = a_s;
        }
    }
    return true;
}

static void
equal_sentences_mean_equal_fires_and_outlive_the_canonical_text(void **state)
{
    (void)state;
    const char *cases = getenv("EXPLAIN_CASES");
    size_t n = cases == NULL ? 4000 : strtoul(cases, NULL, 10), met = 0;
    print_message("# seed %" PRIu64 "\n", random_state);
    Told *told = arena_array(arena, n, sizeof *told);
    for (size_t i = 0; i < n; i++) {
        told[i].schedule = random_schedule();
        told[i].english = english(told[i].schedule);
        assert_string_equal(english(again(told[i].schedule)), told[i].english);
    }
    qsort(told, n, sizeof *told, compare_told);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(told[i - 1].english, told[i].english) != 0)
            continue;
        met++;
        if (!fire_alike(told[i - 1].schedule, told[i].schedule))
            fail_msg("both '%s' and '%s' read: %s", canonical(told[i - 1].schedule),
                canonical(told[i].schedule), told[i].english);
    }
    assert_true(met > 0);
}

int
main(int argc, char **argv)
{
    random_state = argc > 1 ? strtoull(argv[1], NULL, 10) : (uint64_t)time(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            every_row_of_the_table_reads_as_told, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            intervals_tell_what_they_count_from, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(bounds_and_exclusions_follow, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            a_union_names_zones_where_they_differ, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            a_union_can_be_asked_rule_by_rule, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(the_value_behind_h_is_told, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            the_day_rule_is_told_where_it_bites, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            other_notes_come_from_dst_and_lint, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            what_fires_once_or_in_some_years_is_not_called_dead, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            a_gap_moves_fixed_times_and_drops_others, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(a_fold_doubles_or_not, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            a_time_that_several_rules_share_is_told_once, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            what_has_no_fire_before_or_after_a_gap_names_none, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(zones_without_changes_have_none, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            equal_sentences_mean_equal_fires_and_outlive_the_canonical_text, plan_begin,
            plan_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
