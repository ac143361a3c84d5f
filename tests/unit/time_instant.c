/* Instants: the three kinds of text, what is refused, and that writing reads back. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include "time/civil.h"
#include "time/instant.h"

static void
dates_local_times_and_instants_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        InstantKind kind;
        int64_t at;
    } rows[] = {
        {"1970-01-01", INSTANT_DATE, 0},
        {"2026-12-31", INSTANT_DATE, 1798675200},
        {"2026-12-31T23:59", INSTANT_LOCAL, 1798761540},
        {"2026-12-31T23:59:07", INSTANT_LOCAL, 1798761547},
        {"2026-12-31 23:59:07", INSTANT_LOCAL, 1798761547},
        {"2026-12-31T23:59:07Z", INSTANT_UTC, 1798761547},
        {"2026-12-31T23:59Z", INSTANT_UTC, 1798761540},
        {"2026-12-31T23:59:07+01:00", INSTANT_UTC, 1798757947},
        {"2026-12-31T23:59:07-09:30", INSTANT_UTC, 1798795747},
        {"2026-12-31T23:59:07-00:00", INSTANT_UTC, 1798761547},
        {"1970-01-01T00:00:00+14:00", INSTANT_UTC, -50400},
        {"2028-02-29", INSTANT_DATE, 1835395200},
        {"9999-12-31T23:59:59Z", INSTANT_UTC, INT64_C(253402300799)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        InstantKind kind;
        int64_t at;
        Error error;
        if (!instant_read(rows[i].text, &kind, &at, &error))
            fail_msg("%s: %s", rows[i].text, error.text);
        assert_int_equal(kind, rows[i].kind);
        assert_int_equal(at, rows[i].at);
    }
}

static void
what_is_no_time_is_refused_with_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "empty"},
        {"tomorrow", "begin with a date"},
        {"2026-1-1", "begin with a date"},
        {"26-01-01", "begin with a date"},
        {"2026/01/01", "begin with a date"},
        {"-026-01-01", "begin with a date"},
        {"+2026-01-01", "begin with a date"},
        {" 2026-01-01", "begin with a date"},
        {"2026-02-30", "no such day"},
        {"2027-02-29", "no such day"},
        {"2026-00-10", "no such month"},
        {"2026-13-10", "no such month"},
        {"2026-01-00", "no such day"},
        {"1899-12-31", "1900 to 9999"},
        {"0000-01-01", "1900 to 9999"},
        {"12026-01-01", "years run from 0001 to 9999"},
        {"20260101", "begin with a date"},
        {"2026-01-01T24:00", "next day"},
        {"2026-01-01T24:01", "next day"},
        {"2026-01-01T25:00", "no such time"},
        {"2026-01-01T23:60", "no such time"},
        {"2026-01-01T23:59:60", "leap seconds"},
        {"2026-01-01T23:59:61", "no such time"},
        {"2026-01-01T1:00", "no hh:mm"},
        {"2026-01-01T", "no hh:mm"},
        {"2026-01-01T12", "no hh:mm"},
        {"2026-01-01T12:00:", "no hh:mm"},
        {"2026-01-01  12:00", "no hh:mm"},
        {"2026-01-01t12:00", "capital"},
        {"2026-01-01T12:00:00z", "capital"},
        {"2026-01-01T12:00:00.5Z", "whole seconds"},
        {"2026-01-01T12:00:00+1:00", "+hh:mm"},
        {"2026-01-01T12:00:00+0100", "+hh:mm"},
        {"2026-01-01T12:00:00+24:00", "+hh:mm"},
        {"2026-01-01T12:00:00+01:60", "+hh:mm"},
        {"2026-01-01T12:00:00+01:00:00", "form"},
        {"2026-01-01T12:00:00 ", "form"},
        {"2026-01-01Z", "form"},
        {"2026-01-01+01:00", "an offset"},
        {"2026-01-01T12:00:00Europe/Paris", "form"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        InstantKind kind = (InstantKind)9;
        int64_t at = -7;
        Error error;
        if (instant_read(rows[i].text, &kind, &at, &error))
            fail_msg("'%s' was read as %" PRId64, rows[i].text, at);
        assert_true(kind == (InstantKind)9 && at == -7);
        assert_int_equal(error.kind, ERR_INPUT);
        assert_non_null(strstr(error.text, rows[i].text));
        if (strstr(error.text, rows[i].says) == NULL || error.hint[0] == '\0')
            fail_msg("'%s': %s; %s", rows[i].text, error.text, error.hint);
    }
}

static void
instants_in_utc_read_back(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const int64_t end_s = civil_days(10000, 1, 1) * CIVIL_DAY_S;
    for (int64_t at_s = 0; at_s < end_s; at_s += 86400 * 31 + 3671) {
        Text text = text_new(arena);
        InstantKind kind;
        int64_t again_s;
        Error error;
        instant_write_utc(&text, at_s);
        if (!instant_read(text.at, &kind, &again_s, &error) || again_s != at_s ||
            kind != INSTANT_UTC)
            fail_msg("%" PRId64 " is written %s", at_s, text.at);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void
instants_are_written_in_their_zone(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Zones *zones = zones_new(arena);
    static const struct {
        const char *zone;
        int64_t at_s;
        const char *written;
    } rows[] = {
        {"UTC", 1795316400, "2026-11-22T03:00:00Z"}, {"UTC", INT64_MAX, "never"},
        {"Europe/Paris", 1795316400, "2026-11-22T04:00:00+01:00"},
        {"Europe/Paris", INT64_MAX, "never"}, {"Europe/Paris", 0, "1970-01-01T01:00:00+01:00"},
        {"America/St_Johns", 1795316400, "2026-11-21T23:30:00-03:30"},
        {"Africa/Monrovia", 0, "1969-12-31T23:15:30-00:44:30"}, /* until 1972 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const Zone *zone;
        Error error;
        if (!zone_load(zones, rows[i].zone, &zone, &error))
            fail_msg("%s", error.text);
        Text text = text_new(arena);
        instant_write(&text, rows[i].at_s, zone);
        assert_string_equal(text.at, rows[i].written);
    }
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_local_times_and_instants_are_told_apart),
        cmocka_unit_test(what_is_no_time_is_refused_with_its_reason),
        cmocka_unit_test(instants_in_utc_read_back),
        cmocka_unit_test(instants_are_written_in_their_zone),
    };
    return cmocka_run_group_tests_name("time_instant", tests, NULL, NULL);
}
