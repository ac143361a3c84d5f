/* cron's lines in syslog: stamps with and without year and offset, the turn of the year, the
 * hour that comes twice, and who ran what. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "file/cronlog.h"
#include "time/instant.h"

static Arena *arena;

static const Zone *
zone_of(const char *name)
{
    const Zone *zone;
    Error error;
    if (!zone_load(zones_new(arena), name, &zone, &error))
        fail_msg("%s", error.text);
    return zone;
}

static bool
read_text(const char *text, const char *zone, int year, const char *written, CronLog *log,
    Error *error)
{
    char path[] = "/tmp/clock-log-XXXXXX";
    int64_t written_s = 0;
    InstantKind kind;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    if (written != NULL) {
        assert_true(instant_read(written, &kind, &written_s, error));
        struct timespec times[2] = {
            {.tv_sec = (time_t)written_s}, {.tv_sec = (time_t)written_s}};
        assert_int_equal(futimens(fd, times), 0);
    }
    close(fd);
    CronLogSource source = {.path = path, .zone = zone_of(zone), .year = year};
    bool ok = cronlog_read(arena, source, log, error);
    unlink(path);
    return ok;
}

static CronLog
log_of(const char *text, const char *zone, int year, const char *written)
{
    CronLog log;
    Error error;
    if (!read_text(text, zone, year, written, &log, &error))
        fail_msg("%s", error.text);
    return log;
}

static const char *
utc(int64_t at_s)
{
    Text text = text_new(arena);
    instant_write_utc(&text, at_s);
    return text.at;
}

static void
lines_of_cron_are_told_from_others(void **state)
{
    (void)state;
    static const struct {
        const char *line, *at, *user, *command; /* NULL: no run */
    } rows[] = {
        {"Nov 22 04:15:01 host CRON[123]: (root) CMD (/usr/bin/x)", "2026-11-22T03:15:01Z",
            "root", "/usr/bin/x"},
        {"Nov  2 04:15:01 host CRON[123]: (www-data) CMD (a (b) c)", "2026-11-02T03:15:01Z",
            "www-data", "a (b) c"},
        {"Jul 22 04:15:01 host CROND[1]: (root) CMD (run-parts /etc/cron.hourly)",
            "2026-07-22T02:15:01Z", "root", "run-parts /etc/cron.hourly"},
        {"Nov 22 04:15:01 host /USR/SBIN/CRON[9]: (root) CMD (x)", "2026-11-22T03:15:01Z",
            "root", "x"},
        {"Nov 22 04:15:01 host CRON[123]: (root) CMD ([4711] x)", "2026-11-22T03:15:01Z",
            "root", "x"},
        {"2026-11-22T04:15:01+01:00 host CRON[1]: (root) CMD (x)", "2026-11-22T03:15:01Z",
            "root", "x"},
        {"2026-11-22T04:15:01.123456+01:00 host CRON[1]: (root) CMD (x)",
            "2026-11-22T03:15:01Z", "root", "x"},
        {"2026-11-22T04:15:01+0100 host CRON[1]: (root) CMD (x)", "2026-11-22T03:15:01Z",
            "root", "x"},
        {"2026-11-22T03:15:01Z host CRON[1]: (root) CMD (x)", "2026-11-22T03:15:01Z", "root",
            "x"},
        {"2026-11-22T04:15:01 host CRON[1]: (root) CMD (x)", "2026-11-22T03:15:01Z", "root",
            "x"},
        {"<78>Nov 22 04:15:01 host CRON[1]: (root) CMD (x)", "2026-11-22T03:15:01Z", "root",
            "x"},
        {"<78>1 2026-11-22T04:15:01+01:00 host CRON 1 - - (root) CMD (x)",
            "2026-11-22T03:15:01Z", "root", "x"},
        {"Nov 22 04:15:01 host CRON[123]: (root) CMD (x)\r", "2026-11-22T03:15:01Z", "root",
            "x"},
        {"Nov 22 04:15:01 host CRON[123]: (root) END (x)", NULL, NULL, NULL},
        {"Nov 22 04:15:01 host cron[12]: (CRON) INFO (pidfile fd = 3)", NULL, NULL, NULL},
        {"Nov 22 04:15:01 host other[12]: (root) CMD (x)", NULL, NULL, NULL},
        {"Nov 22 04:15:01 host CRON[123]: pam_unix(cron:session): session opened", NULL, NULL,
            NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CronLog log =
            log_of(arena_printf(arena, "%s\n", rows[i].line), "Europe/Prague", 2026, NULL);
        assert_int_equal(log.n, rows[i].at != NULL);
        if (rows[i].at == NULL)
            continue;
        assert_string_equal(utc(log.runs[0].at_s), rows[i].at);
        assert_string_equal(log.runs[0].user, rows[i].user);
        assert_string_equal(log.runs[0].command, rows[i].command);
    }
}

static void
the_year_comes_from_the_last_writing(void **state)
{
    (void)state;
    static const char text[] = "Dec 30 23:00:00 h x\nDec 31 23:59:59 h x\nJan  1 00:00:00 h x\n"
                               "Jan  2 10:00:00 h x\n";
    CronLog log = log_of(text, "UTC", 0, "2027-01-02T10:00:00Z");
    assert_string_equal(utc(log.from_s), "2026-12-30T23:00:00Z");
    assert_string_equal(utc(log.until_s), "2027-01-02T10:00:00Z");
    log = log_of(text, "UTC", 0, "2027-11-22T10:00:00Z"); /* copied months later */
    assert_string_equal(utc(log.from_s), "2026-12-30T23:00:00Z");
    log = log_of(text, "UTC", 0, "2027-01-02T09:00:00Z"); /* by a clock that is behind */
    assert_string_equal(utc(log.until_s), "2027-01-02T10:00:00Z");
    log = log_of(text, "UTC", 2019, "2027-01-02T10:00:00Z");
    assert_string_equal(utc(log.from_s), "2019-12-30T23:00:00Z");
    log = log_of("Dec 30 23:00:00 h x\n", "UTC", 0, "2027-01-02T10:00:00Z");
    assert_string_equal(utc(log.from_s), "2026-12-30T23:00:00Z");
    log = log_of("Feb 29 10:00:00 h x\nMar  1 00:00:00 h x\n", "UTC", 2027, NULL);
    assert_int_equal(log.unread, 1);
    assert_string_equal(utc(log.from_s), "2027-03-01T00:00:00Z");
}

static void
the_hour_that_comes_twice_is_told_by_the_order(void **state)
{
    (void)state;
    static const char text[] = "Oct 25 01:59:01 h CRON[1]: (r) CMD (a)\n"
                               "Oct 25 02:00:01 h CRON[1]: (r) CMD (b)\n"
                               "Oct 25 02:59:01 h CRON[1]: (r) CMD (c)\n"
                               "Oct 25 02:58:59 h CRON[1]: (r) CMD (late)\n"
                               "Oct 25 02:00:01 h CRON[1]: (r) CMD (d)\n"
                               "Oct 25 02:30:01 h CRON[1]: (r) CMD (e)\n"
                               "Oct 25 03:00:01 h CRON[1]: (r) CMD (f)\n";
    static const char *const at[] = {"2026-10-24T23:59:01Z", "2026-10-25T00:00:01Z",
        "2026-10-25T00:59:01Z", "2026-10-25T00:58:59Z", "2026-10-25T01:00:01Z",
        "2026-10-25T01:30:01Z", "2026-10-25T02:00:01Z"};
    CronLog log = log_of(text, "Europe/Prague", 2026, NULL);
    assert_int_equal(log.n, 7);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(utc(log.runs[i].at_s), at[i]);
}

static void
what_is_no_log_is_refused(void **state)
{
    (void)state;
    CronLog log;
    Error error;
    assert_false(read_text("0 3 * * * x\n\n\n", "UTC", 0, NULL, &log, &error));
    assert_int_equal(error.kind, ERR_INPUT);
    assert_non_null(strstr(error.text, "begins with a time"));
    assert_false(read_text("", "UTC", 0, NULL, &log, &error));
    assert_false(read_text("\x1f\x8b\b....\n", "UTC", 0, NULL, &log, &error));
    assert_non_null(strstr(error.hint, "zcat"));
    CronLogSource source = {.path = "/nonexistent/log", .zone = zone_of("UTC")};
    assert_false(cronlog_read(arena, source, &log, &error));
    assert_non_null(strstr(error.text, "cannot read"));
    source.path = "/";
    assert_false(cronlog_read(arena, source, &log, &error));
}

static void
commands_are_logged_as_mkprints_does(void **state)
{
    (void)state;
    assert_string_equal(
        cronlog_command(arena, "a\tb\x7f caf\xc3\xa9 %"), "a^Ib^? caf\\303\\251 %");
}

static int
open_arena(void **state)
{
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int
close_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_cron_are_told_from_others),
        cmocka_unit_test(the_year_comes_from_the_last_writing),
        cmocka_unit_test(the_hour_that_comes_twice_is_told_by_the_order),
        cmocka_unit_test(what_is_no_log_is_refused),
        cmocka_unit_test(commands_are_logged_as_mkprints_does),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
