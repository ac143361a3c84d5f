/* due/advice: what is told of a Clockfile on a given day, and where the bounds lie. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "due/advice.h"

#define NOW_S INT64_C(1795348800) /* 2026-11-22T12:00:00Z */
#define DAY_S INT64_C(86400)

/* The warnings of a file on that day, a line each. */
static const char *
told(Arena *arena, const char *yaml, int64_t now_s)
{
    Diags *diags = diags_new(arena, "f");
    Clockfile *file;
    Error error;
    Text text = text_new(arena);
    if (!clockfile_read(arena, "f", yaml, strlen(yaml), &file, diags, &error)) {
        diags_write(diags, &text);
        fail_msg("%s", text.at);
    }
    assert_int_equal(diags_warnings(diags), 0);
    advice_add(file, now_s, diags);
    diags_write(diags, &text);
    return text.len == 0 ? "" : text.at;
}

static void
assert_told(const char *yaml, int64_t now_s, const char *part)
{
    Arena *arena = arena_new(0);
    const char *all = told(arena, yaml, now_s);
    if (part == NULL ? *all != '\0' : strstr(all, part) == NULL)
        fail_msg("on %lld, for\n%s\ntold: %s\nwanted: %s", (long long)now_s, yaml, all,
            part == NULL ? "nothing" : part);
    arena_free(arena);
}

static void
gap_and_fold_of_the_coming_year_are_told_with_their_dates(void **state)
{
    (void)state;
    static const char paris[] =
        "timezone: Europe/Paris\njobs: {a: {schedule: \"30 2 * * *\"}}\n";
    assert_told(paris, NOW_S,
        "job \"a\": 2027-03-28T02:30:00 does not exist in Europe/Paris, it fires at "
        "2027-03-28T03:00:00+02:00 instead");
    assert_told(paris, NOW_S, "job \"a\": 2027-10-31T02:30:00 comes twice in Europe/Paris");
    assert_told(paris, NOW_S + 200 * DAY_S, "2028-03-26T02:30:00 does not exist");
}

static void
a_rule_of_a_union_is_seen_in_its_own_zone(void **state)
{
    (void)state;
    assert_told("jobs: {a: {schedule: [\"@daily\", {cron: \"30 2 * * *\", "
                "timezone: America/New_York}]}}\n",
        NOW_S, "2027-03-14T02:30:00 does not exist in America/New_York");
}

static void
a_change_that_no_fire_meets_is_not_told(void **state)
{
    (void)state;
    static const char *const quiet[] = {"\"0 3 * * *\"", "\"59 1 * * *\"", "\"30 2 * 6 *\"",
        "\"30 2 * * MON\"", "\"*/5 * * * *\"", "\"@every 1h\"",
        "{cron: \"30 2 * * *\", dst: all}", "{cron: \"30 2 * * *\", starts: 2028-01-01}",
        "{cron: \"30 2 * * *\", exclude: [2027-03-28, 2027-10-31]}"};
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++) {
        Arena *arena = arena_new(0);
        assert_told(arena_printf(
                        arena, "timezone: Europe/Paris\njobs: {a: {schedule: %s}}\n", quiet[i]),
            NOW_S, NULL);
        arena_free(arena);
    }
}

static void
a_job_is_over_at_its_last_instant_and_not_before(void **state)
{
    (void)state;
    static const char once[] = "jobs: {a: {schedule: \"@at 2026-11-22T12:00:00Z\"}}\n";
    assert_told(once, NOW_S - 1, NULL);
    assert_told(once, NOW_S, "never fires again: the last instant was 2026-11-22T12:00:00Z");
}

static void
two_fires_within_a_minute_are_told_and_a_minute_is_not(void **state)
{
    (void)state;
    assert_told("jobs: {a: {schedule: \"@every 59s\"}}\n", NOW_S, "and 59 s later");
    assert_told("jobs: {a: {schedule: \"@every 60s\"}}\n", NOW_S, NULL);
}

static void
jobs_of_one_schedule_are_told_of_together(void **state)
{
    (void)state;
    static const char shared[] = "jobs:\n  a: {schedule: \"@every 20s\"}\n"
                                 "  idle: {schedule: \"@every 20s\", enabled: false}\n"
                                 "  b: {schedule: \"@every 20s\"}\n";
    Arena *arena = arena_new(0);
    const char *all = told(arena, shared, NOW_S);
    assert_non_null(strstr(all, "job \"a\" and 1 more fires more than once a minute"));
    assert_null(strchr(strchr(all, '\n') + 1, '\n')); /* one warning: a line, and its own */
    arena_free(arena);
}

static void
what_never_fires_is_told_when_it_is_read_and_not_again(void **state)
{
    (void)state;
    static const char never[] = "jobs: {a: {schedule: \"0 0 31 2 *\"}}\n";
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, "f");
    Clockfile *file;
    Error error;
    assert_true(clockfile_read(arena, "f", never, strlen(never), &file, diags, &error));
    assert_int_equal(diags_warnings(diags), 1);
    advice_add(file, NOW_S, diags);
    assert_int_equal(diags_warnings(diags), 1);
    arena_free(arena);
}

static const char *
crowd(Arena *arena, int n, const char *when)
{
    Text text = text_new(arena);
    text_add(&text, "jobs:\n");
    for (int i = 0; i < n; i++)
        text_addf(&text, "  j%03d: {schedule: \"%s\"}\n", i, when);
    return text.at;
}

static void
a_crowd_is_more_than_its_bound(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    assert_told(crowd(arena, ADVICE_CROWD, "0 3 * * MON"), NOW_S, NULL);
    assert_told(crowd(arena, ADVICE_CROWD + 1, "0 3 * * MON"), NOW_S,
        "101 jobs fall due at one instant, 2026-11-23T03:00:00Z, job \"j000\" among them");
    assert_told(crowd(arena, ADVICE_CROWD + 1, "H 3 * * MON"), NOW_S, NULL);
    assert_told(crowd(arena, ADVICE_CROWD + 1, "0 3 25 12 *"), NOW_S, NULL); /* next month */
    assert_told(arena_printf(arena, "%s  idle: {schedule: \"0 3 * * MON\", enabled: false}\n",
                    crowd(arena, ADVICE_CROWD, "0 3 * * MON")),
        NOW_S, NULL);
    assert_told(arena_printf(arena, "%s  late: {schedule: \"0 3 * * MON\", jitter: 5m}\n",
                    crowd(arena, ADVICE_CROWD, "0 3 * * MON")),
        NOW_S, NULL);
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gap_and_fold_of_the_coming_year_are_told_with_their_dates),
        cmocka_unit_test(a_rule_of_a_union_is_seen_in_its_own_zone),
        cmocka_unit_test(a_change_that_no_fire_meets_is_not_told),
        cmocka_unit_test(a_job_is_over_at_its_last_instant_and_not_before),
        cmocka_unit_test(two_fires_within_a_minute_are_told_and_a_minute_is_not),
        cmocka_unit_test(jobs_of_one_schedule_are_told_of_together),
        cmocka_unit_test(what_never_fires_is_told_when_it_is_read_and_not_again),
        cmocka_unit_test(a_crowd_is_more_than_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
