/* Schedules as a whole: unions and exclusions as sets, the canonical text, what daylight saving
 * did, jitter, and lints. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <setjmp.h>

#include <cmocka.h>

#include "plan.h"
#include "time/civil.h"

#define BERLIN "Europe/Berlin"

static Schedule *
union_of(const Given *given, size_t n)
{
    Rule **rules = arena_array(arena, n, sizeof *rules);
    for (size_t i = 0; i < n; i++)
        rules[i] = rule_of(given[i]);
    return schedule_new(arena, rules, n);
}

static void
a_union_fires_each_instant_once(void **state)
{
    (void)state;
    Given given[] = {{.cron = "0 9 * * *"}, {.cron = "0 9,10 * * *"},
        {.cron = "0 18 * * *", .zone = "Asia/Tokyo"}, {.at = "2026-01-01T09:30"}};
    assert_schedule_fires(union_of(given, 4), "2026-01-01T00:00:00Z",
        "2026-01-01T09:00:00Z 2026-01-01T09:30:00Z 2026-01-01T10:00:00Z 2026-01-02T09:00:00Z "
        "2026-01-02T10:00:00Z");
    assert_string_equal(zone_name(schedule_zone(union_of(given + 2, 2))), "Asia/Tokyo");
    Given never[] = {{.cron = "0 0 31 2 *"}, {.cron = "0 0 30 2 *"}};
    assert_schedule_fires(union_of(never, 2), "2026-01-01T00:00:00Z", "never");
}

static uint64_t random_state;

/* splitmix64 */
static uint64_t
random_next(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int
between(int low, int high)
{
    return low + (int)(random_next() % (uint64_t)(high - low + 1));
}

static Given
random_rule(void)
{
    static const char *const zones_used[] = {
        "UTC", BERLIN, "Australia/Lord_Howe", "Asia/Kolkata"};
    static const char *const crons[] = {"*/15 * * * *", "30 2 * * *", "0 */3 * * 1-5",
        "5,35 1-3 * * *", "0 0 L,15W * *", "59 23 * * 0#1"};
    static const char *const spans[] = {"37m", "6h", "45s", "1d"};
    Given given = {.zone = zones_used[between(0, 3)]};
    if (between(0, 2) == 0)
        given.every = spans[between(0, 3)];
    else
        given.cron = crons[between(0, 5)];
    return given;
}

static void
a_union_is_the_least_of_its_rules(void **state)
{
    (void)state;
    random_state = (uint64_t)time(NULL);
    print_message("# seed %llu\n", (unsigned long long)random_state);
    for (int round = 0; round < 200; round++) {
        Given given[3] = {random_rule(), random_rule(), random_rule()};
        Schedule *all = union_of(given, 3), *one[3];
        for (int i = 0; i < 3; i++)
            one[i] = union_of(&given[i], 1);
        int64_t at_s = instant("2027-03-25T00:00:00Z") + between(0, 20000000);
        for (int step = 0; step < 50; step++) {
            int64_t least_s = INT64_MAX, greatest_s = INT64_MIN, fire_s, due_s;
            for (int i = 0; i < 3; i++) {
                if (schedule_next(one[i], at_s, &fire_s) && fire_s < least_s)
                    least_s = fire_s;
                if (schedule_prev(one[i], at_s, &fire_s) && fire_s > greatest_s)
                    greatest_s = fire_s;
            }
            assert_true(schedule_prev(all, at_s, &due_s));
            assert_int_equal(due_s, greatest_s);
            assert_true(schedule_next(all, at_s, &due_s));
            assert_int_equal(due_s, least_s);
            at_s = due_s;
        }
    }
}

/* Hours and weekdays that are left out, known by their numbers. */
typedef struct {
    int first_minute, last_minute, first_hour, last_hour, first_day, last_day;
    int32_t date; /* a day number */
} Hole;

static bool
in_hole(const Hole *hole, const Zone *zone, int64_t at_s)
{
    int64_t local_ls = zone_local(zone, at_s, NULL);
    Civil civil = civil_from_seconds(local_ls);
    int weekday = civil_weekday(civil_days(civil.year, civil.month, civil.day));
    if (civil_days(civil.year, civil.month, civil.day) == hole->date)
        return true;
    return civil.minute >= hole->first_minute && civil.minute <= hole->last_minute &&
           civil.hour >= hole->first_hour && civil.hour <= hole->last_hour &&
           weekday >= hole->first_day && weekday <= hole->last_day;
}

static void
exclusion_takes_away_what_matches_and_no_more(void **state)
{
    (void)state;
    random_state = (uint64_t)time(NULL);
    print_message("# seed %llu\n", (unsigned long long)random_state);
    for (int round = 0; round < 300; round++) {
        Given given = random_rule();
        const Zone *zone = zone_of(given.zone);
        Schedule *whole = union_of(&given, 1);
        int64_t from_s = instant("2027-03-20T00:00:00Z") + between(0, 20000000), at_s = from_s;
        Hole hole = {between(0, 30), between(30, 59), between(0, 12), between(10, 23),
            between(0, 3), between(3, 6), (int32_t)(from_s / 86400) + between(-1, 3)};
        int year, month, day;
        civil_date(hole.date, &year, &month, &day);
        given.exclude[0] = arena_printf(arena, "%d-%d %d-%d * * %d-%d", hole.first_minute,
            hole.last_minute, hole.first_hour, hole.last_hour, hole.first_day, hole.last_day);
        given.exclude[1] = arena_printf(arena, "%04d-%02d-%02d", year, month, day);
        if (hole.last_hour < hole.first_hour)
            continue;
        Schedule *holed = union_of(&given, 1);
        int64_t last_s = from_s;
        for (int step = 0; step < 200; step++) {
            assert_true(schedule_next(whole, at_s, &at_s));
            if (in_hole(&hole, zone, at_s))
                continue;
            int64_t due_s = 0;
            assert_true(schedule_next(holed, last_s, &due_s));
            assert_int_equal(due_s, at_s);
            assert_true(!schedule_prev(holed, due_s, &due_s) || due_s <= last_s);
            last_s = at_s;
        }
    }
}

static void
equal_meanings_have_equal_texts(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"0 0 * * MON", "00 0 * * 1"},
        {"*/15 * * * *", "*/15,0,30 * * * *"},
        {"0 9-17 * * 1-5", "0 9,10-17 * * mon-fri"},
        {"@daily", "0 0 * * *"},
        {"0 0 L,1 * *", "0 0 1,l * *"},
        {"0 0 * * 5#3,1L", "0 0 * * MON#L,fri#3"},
        {"*/60 1 * * *", "*/100 1 * * *"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(canonical(schedule_of((Given){.cron = pairs[i][0]})),
            canonical(schedule_of((Given){.cron = pairs[i][1]})));
    /* A star makes an interval of it, so these are two. */
    assert_string_not_equal(canonical(schedule_of((Given){.cron = "* * * * *"})),
        canonical(schedule_of((Given){.cron = "0-59 0-23 * * *"})));
}

static void
the_canonical_text_tells_everything(void **state)
{
    (void)state;
    Given given[] = {{.cron = "30 2 * * 1-5",
                         .dst = "skip",
                         .starts = "2026-12-01",
                         .ends = "2027-06-30T12:00:00",
                         .exclude = {"2026-12-25", "* 12 * * *"},
                         .zone = BERLIN},
        {.every = "2 weeks", .day = "mon", .at = "09:00", .starts = "2026-01-05T08:00:00Z"},
        {.cron = "0 0 12 ? * 2 2027-2029", .dialect = "quartz"}};
    assert_string_equal(canonical(union_of(given, 3)),
        "cron 30 2 * * 1-5; zone Europe/Berlin; dst skip; starts 2026-12-01; "
        "ends 2027-06-30T12:00:00; exclude 2026-12-25; exclude * 12 * * *\n"
        "every 2 weeks; day monday; at 09:00; from 2026-01-05; zone UTC; "
        "starts 2026-01-05T08:00:00Z\n"
        "cron 0 0 12 * * 1 2027-2029; dialect seconds; zone UTC");
    assert_schedule_fires(union_of(given, 3), "2027-01-01T00:00:00Z",
        "2027-01-01T02:30:00+01:00 2027-01-04T02:30:00+01:00 2027-01-04T10:00:00+01:00 "
        "2027-01-04T13:00:00+01:00");
}

static void
a_stored_text_that_is_damaged_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "cron", "cron 61 * * * *; zone UTC",
        "cron * * * * *; zone Nowhere/Else", "cron * * * * *; colour red", "zone UTC",
        "cron * * * * *; zone UTC\n\ncron * * * * *", "every 2 weeks; from never; zone UTC"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Schedule *schedule = NULL;
        Error error = {0};
        assert_false(schedule_parse(arena, zones, texts[i], &schedule, &error));
        assert_null(schedule);
        assert_int_equal(error.kind, ERR_INPUT);
        assert_non_null(strstr(error.text, "cannot read the stored schedule"));
    }
}

static DstNote
note_at(Given given, const char *due)
{
    return schedule_dst(schedule_of(given), instant(due));
}

/* Local seconds of a wall clock's time. */
static int64_t
wall(const char *text)
{
    return instant(text);
}

static void
notes_tell_what_daylight_saving_did(void **state)
{
    (void)state;
    Given fixed = {.cron = "30 2 * * *", .zone = BERLIN};
    DstNote note = note_at(fixed, "2027-03-28T03:00:00+02:00");
    assert_int_equal(note.effect, DST_MOVED);
    assert_int_equal(note.wanted_ls, wall("2027-03-28T02:30:00"));
    assert_int_equal(note.change_s, instant("2027-03-28T01:00:00Z"));
    note = note_at(fixed, "2027-10-31T02:30:00+02:00");
    assert_int_equal(note.effect, DST_ONCE);
    assert_int_equal(note.change_s, instant("2027-10-31T01:00:00Z"));
    assert_int_equal(note_at(fixed, "2027-10-30T02:30:00+02:00").effect, DST_PLAIN);
    Given interval = {.cron = "*/30 * * * *", .zone = BERLIN};
    assert_int_equal(note_at(interval, "2027-03-28T03:00:00+02:00").effect, DST_PLAIN);
    assert_int_equal(note_at(interval, "2027-10-31T01:30:00+02:00").effect, DST_PLAIN);
    assert_int_equal(note_at(interval, "2027-10-31T02:00:00+02:00").effect, DST_FIRST);
    assert_int_equal(note_at(interval, "2027-10-31T02:30:00+01:00").effect, DST_SECOND);
    assert_int_equal(note_at(interval, "2027-10-31T03:00:00+01:00").effect, DST_PLAIN);
    Given half = {.cron = "15 2 * * *", .zone = "Australia/Lord_Howe"};
    note = note_at(half, "2027-10-03T02:30:00+11:00");
    assert_int_equal(note.effect, DST_MOVED);
    assert_int_equal(note.wanted_ls, wall("2027-10-03T02:15:00"));
    half.cron = "45 1 * * *";
    assert_int_equal(note_at(half, "2027-04-04T01:45:00+11:00").effect, DST_ONCE);
    half.dst = "all";
    assert_int_equal(note_at(half, "2027-04-04T01:45:00+11:00").effect, DST_FIRST);
    assert_int_equal(note_at(half, "2027-04-04T01:45:00+10:30").effect, DST_SECOND);
    fixed.dst = "utc";
    assert_int_equal(note_at(fixed, "2027-10-31T02:30:00Z").effect, DST_PLAIN);
    assert_int_equal(
        note_at((Given){.every = "30m", .zone = BERLIN}, "2027-10-31T00:30:00Z").effect,
        DST_PLAIN);
}

static void
a_note_is_of_the_rule_that_fires(void **state)
{
    (void)state;
    const int64_t change_s = instant("2027-03-28T01:00:00Z");
    Rule *rules[] = {rule_of((Given){.cron = "0 12 * * *", .zone = BERLIN}),
        rule_of((Given){.cron = "0 3 * * *", .zone = BERLIN}),
        rule_of((Given){.cron = "30 2 * * *", .zone = BERLIN})};
    DstNote note = schedule_dst(schedule_new(arena, rules, 3), change_s);
    assert_int_equal(note.effect, DST_MOVED); /* 02:30, not the 03:00 that fires too */
    assert_int_equal(note.wanted_ls, wall("2027-03-28T02:30:00"));
    note = schedule_dst(schedule_new(arena, rules, 2), change_s);
    assert_int_equal(note.effect, DST_PLAIN);
    assert_int_equal(note.wanted_ls, wall("2027-03-28T03:00:00"));
}

static void
dropped_times_are_found(void **state)
{
    (void)state;
    int64_t from_s = instant("2027-01-01T00:00:00Z"), until_s = instant("2028-01-01T00:00:00Z");
    DstNote notes[8];
    Given given = {.cron = "*/30 2 * * *", .zone = BERLIN};
    assert_int_equal(schedule_dropped(schedule_of(given), from_s, until_s, notes, 8), 2);
    assert_int_equal(notes[0].effect, DST_DROPPED);
    assert_int_equal(notes[0].at_s, instant("2027-03-28T01:00:00Z"));
    assert_int_equal(notes[0].wanted_ls, wall("2027-03-28T02:00:00"));
    assert_int_equal(notes[1].wanted_ls, wall("2027-03-28T02:30:00"));
    assert_int_equal(schedule_dropped(schedule_of(given), from_s, until_s, notes, 1), 1);
    assert_int_equal(schedule_dropped(schedule_of(given), from_s, INT64_MAX, notes, 8), 8);
    given.exclude[0] = "2027-03-28";
    assert_int_equal(schedule_dropped(schedule_of(given), from_s, until_s, notes, 8), 0);
    given = (Given){.cron = "30 2 * * *", .zone = BERLIN};
    assert_int_equal(schedule_dropped(schedule_of(given), from_s, until_s, notes, 8), 0);
    given.dst = "skip";
    assert_int_equal(schedule_dropped(schedule_of(given), from_s, until_s, notes, 8), 1);
    given.ends = "2027-03-01";
    assert_int_equal(schedule_dropped(schedule_of(given), from_s, until_s, notes, 8), 0);
    /* The day that Samoa left out: no daylight saving, so nothing is made up for. */
    given = (Given){.cron = "0 12 * * *", .zone = "Pacific/Apia"};
    assert_int_equal(schedule_dropped(schedule_of(given), instant("2011-12-01T00:00:00Z"),
                         instant("2012-01-31T00:00:00Z"), notes, 8),
        1);
    assert_int_equal(notes[0].wanted_ls, wall("2011-12-30T12:00:00"));
    assert_int_equal(
        schedule_dropped(schedule_of((Given){.cron = "0 0 31 2 *", .zone = BERLIN}), from_s,
            INT64_MAX, notes, 8),
        0);
}

static void
jitter_is_fixed_and_below_its_bound(void **state)
{
    (void)state;
    bool seen[30] = {false};
    assert_int_equal(schedule_jitter("hourly-rollup", 1767225600, 0), 0);
    assert_int_equal(schedule_jitter("hourly-rollup", 1767225600, -5), 0);
    assert_int_equal(schedule_jitter("hourly-rollup", 1767225600, 1), 0);
    /* FNV-1a over "hourly-rollup", NUL, "1767225600", finalised, modulo 3600: never another. */
    assert_int_equal(schedule_jitter("hourly-rollup", 1767225600, 3600), 183);
    for (int64_t due_s = 0; due_s < 3000; due_s++) {
        int64_t jitter_s = schedule_jitter("job", due_s, 30);
        assert_in_range(jitter_s, 0, 29);
        seen[jitter_s] = true;
    }
    for (int i = 0; i < 30; i++)
        assert_true(seen[i]);
}

/* The kinds of the lints, in order. */
static const char *
lints_of(Given given)
{
    static const char *const names[] = {[LINT_BOTH_DAYS] = "both-days",
        [LINT_STAR_STEP] = "star-step",
        [LINT_STEP_UNEVEN] = "uneven",
        [LINT_STEP_BEYOND] = "beyond",
        [LINT_NEVER] = "never",
        [LINT_NO_ANCHOR] = "no-anchor"};
    Lint lints[16];
    Text text = text_new(arena);
    size_t n = schedule_lint(schedule_of(given), lints, 16);
    assert_true(n <= 16);
    for (size_t i = 0; i < n; i++) {
        assert_true(lints[i].text[0] != '\0' && lints[i].hint[0] != '\0');
        text_addf(&text, "%s%s@%zu", i > 0 ? " " : "", names[lints[i].kind], lints[i].offset);
    }
    return text.at;
}

static void
lints_point_at_what_is_likely_not_meant(void **state)
{
    (void)state;
    static const struct {
        const char *cron, *lints;
    } rows[] = {
        {"30 2 * * 1-5", ""},
        {"*/15 */6 * */3 *", ""},
        {"5-59/15 0-23/2 * * *", ""},
        {"0 0 1,15 * *", ""},
        {"0 0 13 * 5", "both-days@4"},
        {"0 0 1-31 * mon", "both-days@4"},
        {"0 0 */2 * 1-5", "uneven@4 star-step@4"},
        {"0 0 1-7 * */7", "star-step@10"},
        {"0 0 1-7 * *", ""},
        {"0 0 ? * 5#3", ""},
        {"*/7 * * * *", "uneven@0"},
        {"*/90 * * * *", "beyond@0"},
        {"1,*/25 */5 * * *", "uneven@2 uneven@7"},
        {"H/7 * * * *", "uneven@0"},
        {"H(0-59)/7 * * * *", "uneven@0"},
        {"H(0-30)/7 * * * *", ""},
        {"0 0 1 */5 *", "uneven@6"},
        {"0 0 1 */6 *", ""},
        {"0 0 31 2 *", "never@0"},
        {"0 0 30 2 1", "both-days@4"},
        {"@daily", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(lints_of((Given){.cron = rows[i].cron}), rows[i].lints);
    assert_string_equal(lints_of((Given){.cron = "0 0 13 * 5", .days = "or"}), "");
    assert_string_equal(lints_of((Given){.cron = "0 0 */10 * 5", .days = "and"}), "uneven@4");
    assert_string_equal(
        lints_of((Given){.cron = "*/7 0 0 ? * 2", .dialect = "quartz"}), "uneven@0");
    assert_string_equal(
        lints_of((Given){.cron = "0 0/7 0 * * *", .dialect = "seconds"}), "uneven@2");
    assert_string_equal(lints_of((Given){.cron = "0 0 0 1 1 ? */7", .dialect = "seconds"}), "");
    assert_string_equal(lints_of((Given){.every = "2 weeks", .day = "mon"}), "no-anchor@0");
    assert_string_equal(lints_of((Given){.every = "1 week", .day = "mon"}), "");
    assert_string_equal(
        lints_of((Given){.every = "1 day", .starts = "2026-01-02", .ends = "2026-01-01"}),
        "never@0");
    Lint one[1];
    assert_int_equal(schedule_lint(schedule_of((Given){.cron = "*/7 */5 * * *"}), one, 1), 2);
    assert_non_null(strstr(one[0].hint, "@every 7m"));
    assert_int_equal(schedule_lint(schedule_of((Given){.cron = "0 0 1 */5 *"}), one, 1), 1);
    assert_non_null(strstr(one[0].hint, "every: 5 months"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_union_fires_each_instant_once),
        cmocka_unit_test(a_union_is_the_least_of_its_rules),
        cmocka_unit_test(exclusion_takes_away_what_matches_and_no_more),
        cmocka_unit_test(equal_meanings_have_equal_texts),
        cmocka_unit_test(the_canonical_text_tells_everything),
        cmocka_unit_test(a_stored_text_that_is_damaged_is_refused),
        cmocka_unit_test(notes_tell_what_daylight_saving_did),
        cmocka_unit_test(a_note_is_of_the_rule_that_fires),
        cmocka_unit_test(dropped_times_are_found),
        cmocka_unit_test(jitter_is_fixed_and_below_its_bound),
        cmocka_unit_test(lints_point_at_what_is_likely_not_meant),
    };
    return cmocka_run_group_tests(tests, plan_begin, plan_end);
}
