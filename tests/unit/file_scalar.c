/* What plain scalars mean: as YAML 1.1 and 1.2 both read them, and where they part. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "file/scalar.h"

static void
scalars_mean_what_all_yaml_readers_agree_on(void **state)
{
    (void)state;
    static const struct {
        ScalarMeaning meaning;
        const char *texts[32];
    } rows[] = {
        {SCALAR_NULL, {"", "~", "null", "Null", "NULL"}},
        {SCALAR_TRUE, {"true", "True", "TRUE"}},
        {SCALAR_FALSE, {"false", "False", "FALSE"}},
        {SCALAR_NUMBER,
            {"0", "-0", "5", "+5", "-12", "1.5", "1.10", ".5", "5.", "-.5", "1e3", "1E+3",
                "1.5e-300", "12345678901234567890", "007.5", "0.1000000000000000055"}},
        {SCALAR_NOT_FINITE, {".nan", ".NaN", ".NAN", ".inf", "-.inf", "+.Inf", "-.INF"}},
        {SCALAR_DISPUTED, {"yes", "Yes", "YES", "no", "No", "on", "OFF", "off", "012", "0123",
                              "0x1F", "0o17", "0b11", "1_000", "1:30", "22:22", "1:02:03.5"}},
        {SCALAR_TEXT, {"nULL", "tRUE", "yES", "oN", "y", "n", "-", "+", ".", "..", "1.2.3",
                          "1.2.3.4", "1e", "1e+", "e5", "abc", "-a", "2026-01-01", "5m", "1:",
                          "12a", "~x", "nulls", "+-5", "1,5", ".e5", "truer", "0 3 * * *"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t j = 0; j < 32 && rows[i].texts[j] != NULL; j++) {
            const char *text = rows[i].texts[j];
            if (scalar_meaning(text, strlen(text)) != rows[i].meaning)
                fail_msg("'%s' means %d, not %d", text, (int)scalar_meaning(text, strlen(text)),
                    (int)rows[i].meaning);
        }
    }
}

static void
only_the_given_bytes_are_looked_at(void **state)
{
    (void)state;
    assert_int_equal(scalar_meaning("true, x", 4), SCALAR_TRUE);
    assert_int_equal(scalar_meaning("12]", 2), SCALAR_NUMBER);
    assert_int_equal(scalar_meaning("1e5", 2), SCALAR_TEXT);
    assert_int_equal(scalar_meaning("0x1", 1), SCALAR_NUMBER);
    assert_int_equal(scalar_meaning("5.5", 2), SCALAR_NUMBER);
    assert_true(scalar_is_date("2026-01-31T", 10));
    assert_false(scalar_is_date("2026-01-31", 9));
    assert_false(scalar_is_date("2026-1-31", 9));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_mean_what_all_yaml_readers_agree_on),
        cmocka_unit_test(only_the_given_bytes_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
