/* Durations: what is read, what is refused and how it is put, and that writing reads back. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "time/span.h"

static void
spans_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t span_s;
    } rows[] = {{"90s", 90}, {"15m", 900}, {"2h30m", 9000}, {"1d", 86400}, {"1w", 604800},
        {"0s", 0}, {"1w1d1h1m1s", 694861}, {"007m", 420}, {"1d1s", 86401}, {"90m", 5400},
        {"9223372036854775807s", INT64_MAX}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t span_s;
        Error error;
        if (!span_read(rows[i].text, 0, INT64_MAX, &span_s, &error))
            fail_msg("%s: %s", rows[i].text, error.text);
        assert_int_equal(span_s, rows[i].span_s);
    }
}

static void
what_is_no_span_is_refused_with_what_to_type(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says, *hint;
    } rows[] = {
        {"", "empty", "90s"},
        {"90", "unit", "90s for seconds"},
        {"5 min", "duration", "type 5m"},
        {"2 hours", "duration", "type 2h"},
        {"10Days", "duration", "type 10d"},
        {"3 ", "unit", "3s"},
        {"10x", "10x", "90s"},
        {"1:30", "1:30", "90s"},
        {"1e3s", "duration", "90s"},
        {"-5m", "-5m", "whole numbers"},
        {"+5m", "+5m", "whole numbers"},
        {" 5m", "duration", "90s"},
        {"5m ", "duration", "90s"},
        {"1.5h", "1.5h", "whole numbers"},
        {"30m2h", "30m2h", "units w d h m s"},
        {"1h1h", "1h1h", "units w d h m s"},
        {"m", "duration", "90s"},
        {"1h30", "duration", "90s"},
        {"5M", "duration", "type 5m"},
        {"\xc2\xb2s", "duration", "90s"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t span_s = -7;
        Error error;
        if (span_read(rows[i].text, 0, INT64_MAX, &span_s, &error))
            fail_msg("'%s' was read as %" PRId64, rows[i].text, span_s);
        assert_int_equal(span_s, -7);
        assert_int_equal(error.kind, ERR_INPUT);
        assert_non_null(strstr(error.text, "duration"));
        if (strstr(error.text, rows[i].says) == NULL ||
            strstr(error.hint, rows[i].hint) == NULL)
            fail_msg("'%s': %s; %s", rows[i].text, error.text, error.hint);
    }
}

static void
a_span_out_of_range_is_refused_with_the_range(void **state)
{
    (void)state;
    static const char *const texts[] = {"0s", "8d", "1w1s", "9999999999999999d",
        "99999999999999999999999999s", "9223372036854775807s", "15250284452471w3d15h30m8s",
        "30500568904943w7h"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t span_s = -7;
        Error error;
        if (span_read(texts[i], 1, 604800, &span_s, &error))
            fail_msg("'%s' was read as %" PRId64, texts[i], span_s);
        assert_int_equal(span_s, -7);
        assert_non_null(strstr(error.text, "out of range: 1s to 1w"));
        assert_non_null(strstr(error.text, texts[i]));
        assert_string_equal(error.hint, i == 0 ? "type 1s or more" : "type 1w or less");
    }
}

static void
written_spans_read_back(void **state)
{
    (void)state;
    const char *env = getenv("SEED");
    uint64_t seed = env != NULL ? strtoull(env, NULL, 10) : (uint64_t)time(NULL);
    print_message("# SEED=%" PRIu64 "\n", seed);
    Arena *arena = arena_new(0);
    for (int i = 0; i < 20000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int64_t span_s = (int64_t)(seed >> 1 >> (i % 63)), again_s;
        Error error;
        Text text = text_new(arena);
        span_write(&text, span_s);
        if (!span_read(text.at, 0, INT64_MAX, &again_s, &error) || again_s != span_s)
            fail_msg("%" PRId64 " is written %s", span_s, text.at);
        arena_reset(arena);
    }
    Text text = text_new(arena);
    span_write(&text, 9000);
    span_write(&text, 0);
    span_write(&text, -90);
    assert_string_equal(text.at, "2h30m0s-1m30s");
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_read),
        cmocka_unit_test(what_is_no_span_is_refused_with_what_to_type),
        cmocka_unit_test(a_span_out_of_range_is_refused_with_the_range),
        cmocka_unit_test(written_spans_read_back),
    };
    return cmocka_run_group_tests_name("time_span", tests, NULL, NULL);
}
