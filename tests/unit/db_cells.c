/* Values as PostgreSQL writes and reads them. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "db/cells.h"

static void
array_elements_are_quoted_so_that_they_come_out_as_they_went_in(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Text text = text_new(arena);
    pg_array_open(&text);
    pg_array_add(&text, "plain");
    pg_array_add(&text, "a\"b\\c");
    pg_array_add(&text, "\"");
    pg_array_add(&text, "{x, y}");
    pg_array_add(&text, "NULL");
    pg_array_add(&text, NULL);
    pg_array_add(&text, "");
    pg_array_add(&text, "d\xc3\xa9j\xc3\xa0");
    pg_array_close(&text);
    assert_string_equal(text.at, "{\"plain\",\"a\\\"b\\\\c\",\"\\\"\",\"{x, "
                                 "y}\",\"NULL\",NULL,\"\",\"d\xc3\xa9j\xc3\xa0\"}");
    arena_free(arena);
}

static void
array_of_numbers_takes_the_whole_range(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Text text = text_new(arena);
    pg_array_open(&text);
    pg_array_add_number(&text, 0);
    pg_array_add_number(&text, INT64_MAX);
    pg_array_add_number(&text, INT64_MIN);
    pg_array_close(&text);
    assert_string_equal(text.at, "{0,9223372036854775807,-9223372036854775808}");
    arena_free(arena);
}

static void
empty_array_has_no_elements(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Text text = text_new(arena);
    pg_array_open(&text);
    pg_array_close(&text);
    assert_string_equal(text.at, "{}");
    arena_free(arena);
}

static void
cells_are_read_by_row_and_column(void **state)
{
    (void)state;
    const char *cells[] = {"t", "-7", NULL, "f", "9223372036854775807", "x"};
    PgRows rows = {.rows = 2, .columns = 3, .cells = cells};
    assert_true(pg_bool(&rows, 0, 0));
    assert_false(pg_bool(&rows, 1, 0));
    assert_false(pg_bool(&rows, 0, 2)); /* SQL NULL is not true */
    assert_int_equal(pg_number(&rows, 0, 1, 0), -7);
    assert_true(pg_number(&rows, 1, 1, 0) == INT64_MAX);
    assert_int_equal(pg_number(&rows, 0, 2, 42), 42);
    assert_null(pg_cell(&rows, 0, 2));
    assert_string_equal(pg_cell(&rows, 1, 2), "x");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(array_elements_are_quoted_so_that_they_come_out_as_they_went_in),
        cmocka_unit_test(array_of_numbers_takes_the_whole_range),
        cmocka_unit_test(empty_array_has_no_elements),
        cmocka_unit_test(cells_are_read_by_row_and_column),
    };
    return cmocka_run_group_tests_name("db/cells", tests, NULL, NULL);
}
