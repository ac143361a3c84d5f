/* What the daemons make of five fields: facts from their sources, each quirk by its name. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "crontab.h"
#include "file/crondaemon.h"
#include "file/crontime.h"

/* The canonical fields, or what else the daemon does. */
static const char *
reading(Daemon daemon, const char *fields)
{
    Cron cron;
    CronDialect dialect;
    Text text = text_new(arena);
    switch (crondaemon_read(daemon, fields, &cron)) {
    case DAEMON_REFUSES:
        return "refuses";
    case DAEMON_NEVER:
        return "never";
    case DAEMON_RANDOM:
        return "random";
    case DAEMON_FIRES:
        cron_write(&cron, &text, &dialect);
        return text.at;
    }
    return "?";
}

static void
each_daemon_reads_fields_in_its_own_way(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *debian, *cronie;
    } rows[] = {
        {"0 3 * * *", "0 3 * * *", "0 3 * * *"},
        {"05 08 * * 7", "5 8 * * 0", "5 8 * * 0"},
        {"0 0 1 JAN,jul MON-Fri", "0 0 1 1,7 1-5", "0 0 1 1,7 1-5"},
        {"*/7 * * * *", "*/7 * * * *", "*/7 * * * *"},
        {"*/100 * * * *", "*/60 * * * *", "*/60 * * * *"},
        {"0 0 */2 * 1-5", "0 0 */2 * 1-5", "0 0 */2 * 1-5"},
        {"0 22-2 * * *", "never", "never"},
        {"0 0 * nov-feb *", "never", "never"},
        {"0 0-5,22-2 * * *", "0 0-5 * * *", "0 0-5 * * *"},
        {"0 0 20-10 * 1", "0 0 * * 1", "0 0 * * 1"},
        {"0 0 20-10 * *", "never", "never"},
        {"0 0 20-10 * 5-2", "never", "never"},
        {"0 0 * * fri-sun", "never", "0 0 * * 0,5,6"},
        {"0 0 * * 5-0", "never", "0 0 * * 0,5,6"},
        {"0 0 * * fri-sun/2", "never", "never"},
        {"5-0 * * * *", "never", "5-7 * * * *"},
        {"5/15 * * * *", "refuses", "refuses"},
        {"5#3 * * * *", "5 * * * *", "refuses"},
        {"0 9 * * 5#3", "0 9 * * 5", "refuses"},
        {"1.5 * * * *", "1 * * * *", "refuses"},
        {"** * * * *", "* * * * *", "refuses"},
        {"*5 * * * *", "* * * * *", "refuses"},
        {"*/5/2 * * * *", "*/5 * * * *", "refuses"},
        {"1-5-7 * * * *", "1-5 * * * *", "refuses"},
        {"0~30 * * * *", "0 * * * *", "random"},
        {"~ * * * *", "refuses", "random"},
        {"30~10 * * * *", "30 * * * *", "refuses"},
        {"50-70/30 * * * *", "refuses", "50 * * * *"},
        {"0 3 L * *", "refuses", "refuses"},
        {"0 3 15W * *", "refuses", "refuses"},
        {"0 3 ? * *", "refuses", "refuses"},
        {"0 3 * * 5L", "refuses", "refuses"},
        {"H 3 * * *", "refuses", "refuses"},
        {"60 * * * *", "refuses", "refuses"},
        {"0 24 * * *", "refuses", "refuses"},
        {"0 0 0 * *", "refuses", "refuses"},
        {"0 0 * * 8", "refuses", "refuses"},
        {"0 0 * * sunday", "refuses", "refuses"},
        {"*/0 * * * *", "refuses", "refuses"},
        {"1, * * * *", "refuses", "refuses"},
        {"-5 * * * *", "refuses", "refuses"},
        {"99999999999999999999 * * * *", "refuses", "refuses"},
        {"0 3 * *", "refuses", "refuses"},
        {"0 3 * * * *", "refuses", "refuses"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(reading(DAEMON_DEBIAN, rows[i].fields), rows[i].debian);
        assert_string_equal(reading(DAEMON_CRONIE, rows[i].fields), rows[i].cronie);
    }
}

static void
backwards_ranges_go_round_as_their_authors_meant(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *meant;
    } rows[] = {
        {"0 22-2 * * *", "0 0-2,22,23 * * *"},
        {"0 22-2/2 * * *", "0 0,2,22 * * *"},
        {"50-10/10 * * * *", "0,10,50 * * * *"},
        {"0 0 30-2 * *", "0 0 1,2,30,31 * *"},
        {"0 0 1 nov-feb *", "0 0 1 1,2,11,12 *"},
        {"0 0 * * sat-mon", "0 0 * * 0,1,6"},
        {"0 0 * * fri-sun", "0 0 * * 0,5,6"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(reading(DAEMON_WRAPPING, rows[i].fields), rows[i].meant);
}

/* ---- what is written then ---- */

static void
what_a_daemon_ran_is_written_as_it_ran(void **state)
{
    (void)state;
    static const struct {
        const char *fields;
        CrontabDaemon daemon;
        CrontabOutcome outcome;
        bool enabled;
        const char *schedule;
    } rows[] = {
        {"0 3 * * *", CRONTAB_EITHER, CRONTAB_CONVERTED, true, "0 3 * * *"},
        {"@daily", CRONTAB_EITHER, CRONTAB_CONVERTED, true, "@daily"},
        {"@reboot", CRONTAB_EITHER, CRONTAB_REFUSED, false, NULL},
        {"@every", CRONTAB_EITHER, CRONTAB_REFUSED, false, NULL},
        {"@Daily", CRONTAB_EITHER, CRONTAB_REFUSED, false, NULL},
        {"0 9 * * 5#3", CRONTAB_EITHER, CRONTAB_DECISION, true, "0 9 * * 5"},
        {"0 9 * * 5#3", CRONTAB_DEBIAN, CRONTAB_DECISION, true, "0 9 * * 5"},
        {"0 9 * * 5#3", CRONTAB_CRONIE, CRONTAB_DECISION, false, "0 9 * * 5#3"},
        {"0 22-2 * * *", CRONTAB_EITHER, CRONTAB_DECISION, false, "0 0-2,22,23 * * *"},
        {"0 0-5,22-2 * * *", CRONTAB_EITHER, CRONTAB_DECISION, true, "0 0-5 * * *"},
        {"0 6 * * fri-sun", CRONTAB_EITHER, CRONTAB_DECISION, false, "0 6 * * fri-sun"},
        {"0 6 * * fri-sun", CRONTAB_CRONIE, CRONTAB_CONVERTED, true, "0 6 * * fri-sun"},
        {"5-0 * * * *", CRONTAB_CRONIE, CRONTAB_DECISION, true, "5-7 * * * *"},
        {"~ * * * *", CRONTAB_EITHER, CRONTAB_CONVERTED, true, "~ * * * *"},
        {"0~30 * * * *", CRONTAB_EITHER, CRONTAB_DECISION, true, "0 * * * *"},
        {"0~30 * * * *", CRONTAB_CRONIE, CRONTAB_CONVERTED, true, "0~30 * * * *"},
        {"0~30 * * * *", CRONTAB_DEBIAN, CRONTAB_DECISION, true, "0 * * * *"},
        {"0 3 L * *", CRONTAB_EITHER, CRONTAB_DECISION, false, "0 3 L * *"},
        {"5/15 * * * *", CRONTAB_EITHER, CRONTAB_REFUSED, false, NULL},
        {"0 25 * * *", CRONTAB_EITHER, CRONTAB_REFUSED, false, NULL},
        {"0 0 31 2 *", CRONTAB_EITHER, CRONTAB_CONVERTED, true, "0 0 31 2 *"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Crontime time = crontime_judge(arena, rows[i].daemon, rows[i].fields);
        if (time.outcome != rows[i].outcome || time.enabled != rows[i].enabled)
            fail_msg("'%s' under %d: outcome %d, enabled %d", rows[i].fields,
                (int)rows[i].daemon, (int)time.outcome, (int)time.enabled);
        if (rows[i].schedule == NULL)
            assert_null(time.schedule);
        else
            assert_string_equal(time.schedule, rows[i].schedule);
        if (time.outcome != CRONTAB_CONVERTED)
            assert_non_null(time.text);
    }
}

/* Whatever is written can be read, and no line that is converted as it stands is read
 * otherwise by a daemon that takes it. */
static void
what_is_written_can_be_read(void **state)
{
    (void)state;
    static const char *const items[] = {"*", "*/2", "*/7", "1", "0", "7", "5-9", "9-5", "1-9/3",
        "1,3,5", "12", "31", "L", "5#3", "0~5", "~", "mon", "fri-sun", "?", "60", "5/2", "1-"};
    const size_t n = sizeof items / sizeof *items;
    for (size_t i = 0; i < n * n * n; i++) {
        const char *fields = arena_printf(arena, "%s %s * %s %s", items[i % n],
            items[i / n % n], i % 3 == 0 ? "*" : "1-6", items[i / n / n]);
        Crontime time = crontime_judge(arena, CRONTAB_EITHER, fields);
        Cron written, debian;
        size_t at;
        Error error;
        if (time.outcome == CRONTAB_REFUSED)
            continue;
        if (!cron_read(
                arena, time.schedule, DIALECT_VIXIE, DAYS_CRON, "", &written, &at, &error))
            fail_msg("'%s' becomes '%s': %s", fields, time.schedule, error.text);
        DaemonVerdict verdict = crondaemon_read(DAEMON_DEBIAN, fields, &debian);
        if (time.enabled && verdict == DAEMON_FIRES && !crondaemon_same(&written, &debian))
            fail_msg("'%s' becomes '%s'", fields, time.schedule);
        if (time.enabled && verdict == DAEMON_NEVER)
            fail_msg("'%s' never ran, and does as '%s'", fields, time.schedule);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_daemon_reads_fields_in_its_own_way),
        cmocka_unit_test(backwards_ranges_go_round_as_their_authors_meant),
        cmocka_unit_test(what_a_daemon_ran_is_written_as_it_ran),
        cmocka_unit_test(what_is_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, crontab_begin, crontab_end);
}
