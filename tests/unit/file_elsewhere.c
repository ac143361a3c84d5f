/* How other systems read what clock reads.  What Quartz does was held against its own
 * CronExpression 2.3.2, what Kubernetes does against robfig/cron's parser, the daemons against
 * their entry.c. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include "file/elsewhere.h"
#include "file/quartz.h"
#include "file/robfig.h"
#include "plan.h"

/* "Debian | cronie | Kubernetes | Quartz", "-" for nothing. */
static const char *
told(const Schedule *schedule, const char *zone)
{
    Shift shifts[2];
    size_t n = 0;
    int64_t at_s = instant("2027-01-01T00:00:00Z");
    for (; zone != NULL && n < 2 && shift_next(schedule, zone_of(zone), at_s, &shifts[n]); n++)
        at_s = shifts[n].at_s;
    Elsewhere all = elsewhere_read(arena, schedule, shifts, n);
    Text text = text_new(arena);
    for (int i = 0; i < ELSEWHERE_SYSTEMS; i++)
        text_addf(&text, "%s%s", i == 0 ? "" : " | ", all.text[i] == NULL ? "-" : all.text[i]);
    return text.at;
}

static void
assert_told(Given given, const char *wanted)
{
    assert_string_equal(told(schedule_of(given), given.zone), wanted);
}

static void
what_all_read_alike_needs_only_quartzs_spelling(void **state)
{
    (void)state;
    assert_told((Given){.cron = "30 2 * * *"}, "- | - | - | write 0 30 2 * * ?");
    assert_told(
        (Given){.cron = "*/15 9-17 * * MON-FRI"}, "- | - | - | write 0 */15 9-17 ? * MON-FRI");
    assert_told((Given){.cron = "@weekly"}, "- | - | - | write 0 0 0 ? * SUN");
    assert_told((Given){.cron = "*/90 */24 */40 * *"}, "- | - | - | write 0 0 0 1 * ?");
    assert_told((Given){.cron = "0 0 13 * 5"},
        "- | - | - | takes two triggers, 0 0 0 13 * ? and 0 0 0 ? * FRI");
    assert_told((Given){.cron = "0 0 31 2 *"}, "- | - | - | write 0 0 0 31 2 ?");
    const char *none = "has no starts, ends or exclude";
    assert_told((Given){.cron = "@daily", .ends = "2030-01-01"},
        arena_printf(arena, "%s | %s | %s | write 0 0 0 * * ?", none, none, none));
}

static void
sunday_is_seven_only_for_some(void **state)
{
    (void)state;
    assert_told((Given){.cron = "0 0 * * 7"},
        "- | - | refuses '7'; write 0 0 * * 0 | write 0 0 0 ? * SUN");
    assert_told((Given){.cron = "0 0 * * 1,3-7"},
        "- | - | refuses '3-7'; write 0 0 * * 0,1,3-6 | write 0 0 0 ? * MON,WED-SUN");
    assert_told((Given){.cron = "0 0 * * fri-sun"},
        "takes a range that runs backwards, and never runs it; write 0 0 * * 0,5,6 | - | "
        "refuses 'fri-sun'; write 0 0 * * 0,5,6 | write 0 0 0 ? * FRI-SUN");
}

static void
extensions_are_refused_or_misread(void **state)
{
    (void)state;
    const char *none = "refuses 'L'; has no other way to say it";
    assert_told((Given){.cron = "0 0 L * *"},
        arena_printf(arena, "%s | %s | %s | write 0 0 0 L * ?", none, none, none));
    assert_told((Given){.cron = "0 0 * * 5#3"},
        "reads it as: at 00:00 on Fridays | refuses '5#3'; has no other way to say it | "
        "refuses '5#3'; has no other way to say it | write 0 0 0 ? * FRI#3");
    assert_told((Given){.cron = "0 0 ? * MON"},
        "refuses '?'; write 0 0 * * 1 | refuses '?'; write 0 0 * * 1 | - | write 0 0 0 ? * "
        "MON");
    assert_told((Given){.cron = "H/15 * * * *", .job = "sync-stock"},
        "refuses 'H/15'; write 8,23,38,53 * * * * | refuses 'H/15'; write 8,23,38,53 * * * * | "
        "refuses 'H/15'; write 8,23,38,53 * * * * | write 0 8,23,38,53 * * * ?");
    assert_told((Given){.cron = "~ 0 * * *", .job = "x"},
        "refuses '~'; write 57 0 * * * | picks another value for '~' whenever it reads the "
        "crontab; write 57 0 * * * | refuses '~'; write 57 0 * * * | write 0 57 0 * * ?");
    assert_told((Given){.cron = "0 0 5,31W * *"},
        "refuses '31W'; has no other way to say it | refuses '31W'; has no other way to say "
        "it | refuses '31W'; has no other way to say it | write 0 0 0 5,31W * ? (version 2.5); "
        "before 2.5 takes the last weekday of a month that lacks the day");
    none = "refuses '1L'; has no other way to say it";
    assert_told((Given){.cron = "0 0 * * 1L,5L"},
        arena_printf(arena, "%s | %s | %s | no expression says it", none, none, none));
}

static void
the_day_rule_differs(void **state)
{
    (void)state;
    assert_told((Given){.cron = "0 0 */2 * 1-5"},
        "- | - | reads it as: at 00:00 on the odd days of every month, and Monday to Friday | "
        "no expression says it");
    assert_told((Given){.cron = "0 0 5,* * 1"},
        "- | - | reads it as: at 00:00 on Mondays; write 0 0 1-31 * 1 | write 0 0 0 * * ?");
    const char *either = "reads it as: at 00:00 on the 13th of every month, and on Fridays";
    assert_told((Given){.cron = "0 0 13 * 5", .days = "and"},
        arena_printf(arena, "%s | %s | %s | no expression says it", either, either, either));
}

static void
longer_dialects_lose_their_seconds(void **state)
{
    (void)state;
    const char *five = "takes five fields and would run the rest as a command";
    const char *kube = "takes five fields, without seconds";
    assert_told((Given){.cron = "0 0 9 ? * 2-6", .dialect = "quartz"},
        arena_printf(arena,
            "%s; write 0 9 * * 1-5 | %s; write 0 9 * * 1-5 | %s; write 0 9 * "
            "* 1-5 | -",
            five, five, kube));
    assert_told((Given){.cron = "0 0 9 ? * 2-6", .dialect = "seconds"},
        arena_printf(arena,
            "%s; write 0 9 * * 2-6 | %s; write 0 9 * * 2-6 | %s; write 0 9 * "
            "* 2-6 | reads it as: at 09:00, Monday to Friday; write 0 0 9 ? * "
            "TUE-SAT",
            five, five, kube));
    assert_told((Given){.cron = "*/20 * * * * *", .dialect = "seconds"},
        arena_printf(arena,
            "%s; cannot say it | %s; cannot say it | %s; cannot say it | "
            "refuses it; write 0,20,40 * * * * ?",
            five, five, kube));
    assert_told((Given){.cron = "0 0 9 ? * MON-FRI/2", .dialect = "quartz"},
        arena_printf(arena,
            "%s; write 0 9 * * 1,3,5 | %s; write 0 9 * * 1,3,5 | %s; write 0 9 "
            "* * 1,3,5 | passes over the step of 'MON-FRI/2'; write 0 0 9 ? * "
            "MON,WED,FRI",
            five, five, kube));
    assert_told((Given){.cron = "0 */90 9 ? * 2,6#3 2027", .dialect = "quartz"},
        arena_printf(arena,
            "%s; cannot say it | %s; cannot say it | %s; cannot say it | "
            "refuses the step of '*/90'; no expression says it",
            five, five, kube));
    assert_told((Given){.cron = "H 0 9 1,L * ? 2027", .dialect = "quartz", .job = "x"},
        arena_printf(arena,
            "%s; cannot say it | %s; cannot say it | %s; cannot say it | "
            "refuses 'H'; write 18 0 9 1,L * ? 2027 (version 2.5)",
            five, five, kube));
    static const struct {
        const char *cron, *told;
    } lists[] = {
        {"0 0 0 L-3,15 * ?",
            "before 2.5 refuses or misreads 'L-3' in a list; write 0 0 0 15,L-3 * ? (version "
            "2.5)"},
        {"0 0 0 ? * 2#3,6#1", "refuses or misreads '2#3' in a list; no expression says it"},
        {"0 0 0 ? * MON#L", "refuses 'MON#L'; write 0 0 0 ? * MONL"},
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        assert_told((Given){.cron = lists[i].cron, .dialect = "quartz"},
            arena_printf(arena,
                "%s; cannot say it | %s; cannot say it | %s; cannot say it | %s", five, five,
                kube, lists[i].told));
}

static void
clocks_change_otherwise(void **state)
{
    (void)state;
    const char *zone = "Europe/Berlin";
    assert_told((Given){.cron = "30 2 * * *", .zone = zone},
        "knows the host's zone alone | with CRON_TZ=Europe/Berlin skips a time that does not "
        "exist, and fires both times when one comes twice | skips a time that does not exist; "
        "fires both times when a time comes twice | write 0 30 2 * * ?; skips a time that does "
        "not exist; fires the second time when a time comes twice");
    assert_told((Given){.cron = "30 4 * * *", .zone = zone},
        "knows the host's zone alone | - | - | write 0 30 4 * * ?");
    assert_told((Given){.cron = "0 * * * *", .zone = zone},
        "knows the host's zone alone | - | - | write 0 0 * * * ?; fires the second time when a "
        "time comes twice");
    assert_told((Given){.cron = "30 2 * * *", .zone = zone, .dst = "all"},
        "knows the host's zone alone; does as dst: cron when the clocks change | does as dst: "
        "cron when the clocks change | - | write 0 30 2 * * ?; fires the second time when a "
        "time comes twice");
    assert_told((Given){.cron = "30 2 * * *", .zone = "Asia/Tokyo"},
        "knows the host's zone alone | - | - | write 0 30 2 * * ?");
}

static void
what_is_no_expression_is_said_so(void **state)
{
    (void)state;
    assert_told((Given){.cron = "@every 36h30m"},
        "counts no elapsed time | counts no elapsed time | takes @every 36h30m, counted from "
        "when the CronJob was made | a simple trigger does it, no expression");
    assert_told((Given){.every = "2d"},
        "counts no elapsed time | counts no elapsed time | takes @every 48h, counted from when "
        "the CronJob was made | a simple trigger does it, no expression");
    const char *none = "no expression says it";
    const char *all = arena_printf(arena, "%s | %s | %s | %s", none, none, none, none);
    assert_told((Given){.cron = "@at 2026-12-31T23:59:00"}, all);
    assert_told((Given){.every = "2 weeks", .day = "friday"}, all);
}

static void
robfig_takes_and_refuses_as_its_parser_does(void **state)
{
    (void)state;
    static const char *const taken[] = {"* * * * *", "5/15 * * * *", "? ? ? ? ?",
        "1,,2 * * * *", "*/90 * * * *", "0 0 * JAN-mar sun", "0 0 */2,? * 0-6/2"};
    static const char *const refused[] = {"* * * *", "* * * * * *", "60 * * * *", "5-1 * * * *",
        "*/0 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "* * 0 * *", "* * * * 7",
        "* * * * mond", "H * * * *", "-1 * * * *", "1- * * * *", "/5 * * * *", "* * L * *",
        "~ * * * *"};
    Cron cron;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        assert_true(robfig_read(taken[i], &cron));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (robfig_read(refused[i], &cron))
            fail_msg("'%s' is taken", refused[i]);
    assert_true(robfig_read("5/15 * * * *", &cron));
    assert_int_equal(
        cron.minutes, UINT64_C(1) << 5 | 1 << 20 | UINT64_C(1) << 35 | UINT64_C(1) << 50);
    assert_true(robfig_read("0 0 */2 * 1", &cron));
    assert_true(cron.flags & CRON_DAYS_OR);
    assert_true(robfig_read("0 0 */1 * 1", &cron));
    assert_false(cron.flags & CRON_DAYS_OR);
    assert_true(robfig_read("0 0 5,* * 1", &cron));
    assert_false(cron.flags & CRON_DAYS_OR);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_all_read_alike_needs_only_quartzs_spelling, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(sunday_is_seven_only_for_some, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            extensions_are_refused_or_misread, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(the_day_rule_differs, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            longer_dialects_lose_their_seconds, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(clocks_change_otherwise, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(what_is_no_expression_is_said_so, plan_begin, plan_end),
        cmocka_unit_test_setup_teardown(
            robfig_takes_and_refuses_as_its_parser_does, plan_begin, plan_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
