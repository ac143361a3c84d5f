/* Problems of a file: which are kept, in which order they are shown, and that no byte of theirs
 * can harm a terminal. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "file/diag.h"

static const char *
written(Arena *arena, const Diags *diags)
{
    Text text = text_new(arena);
    diags_write(diags, &text);
    return text.at;
}

static size_t
lines(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static void
a_problem_is_one_line_with_place_and_hint(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, "a.yml");
    diag_add(diags, DIAG_ERROR, (Pos){4, 5}, "did you mean \"queue\"?", "unknown key \"%s\"",
        "querue");
    diag_add(diags, DIAG_WARNING, (Pos){0, 0}, NULL, "all may write to it");
    assert_string_equal(written(arena, diags), "a.yml: warning: all may write to it\n"
                                               "a.yml:4:5: error: unknown key \"querue\"; "
                                               "did you mean \"queue\"?\n");
    assert_int_equal(diags_errors(diags), 1);
    assert_int_equal(diags_warnings(diags), 1);
    arena_free(arena);
}

static void
problems_stand_in_the_order_of_their_places(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, "f");
    const Diag *list;
    diag_add(diags, DIAG_ERROR, (Pos){7, 1}, NULL, "c");
    diag_add(diags, DIAG_ERROR, (Pos){2, 9}, NULL, "b");
    diag_add(diags, DIAG_WARNING, (Pos){2, 3}, NULL, "a");
    diag_add(diags, DIAG_ERROR, (Pos){7, 1}, NULL, "d");
    assert_int_equal(diags_list(diags, &list), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(list[i].text[0], "abcd"[i]);
    arena_free(arena);
}

static void
the_first_twenty_places_are_kept_whatever_order_they_come_in(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, "f");
    const Diag *list;
    for (uint32_t i = 0; i < 1000; i++)
        diag_add(diags, DIAG_ERROR, (Pos){1 + i * 7919 % 1000, 1}, NULL, "x");
    assert_int_equal(diags_errors(diags), 1000);
    assert_int_equal(diags_list(diags, &list), DIAG_SHOWN);
    for (size_t i = 0; i < DIAG_SHOWN; i++)
        assert_int_equal(list[i].pos.line, i + 1);
    const char *text = written(arena, diags);
    assert_int_equal(lines(text), DIAG_SHOWN + 1);
    assert_non_null(strstr(text, "f: and 980 more\n"));
    arena_free(arena);
}

static void
warnings_never_hide_an_error(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, "f");
    for (uint32_t i = 0; i < 30; i++)
        diag_add(diags, DIAG_WARNING, (Pos){i + 1, 1}, NULL, "odd");
    diag_add(diags, DIAG_ERROR, (Pos){99, 1}, NULL, "wrong");
    const char *text = written(arena, diags);
    assert_non_null(strstr(text, "f:99:1: error: wrong\n"));
    assert_int_equal(lines(text), DIAG_SHOWN + 1);
    assert_non_null(strstr(text, "f: and 11 more\n"));
    assert_null(strstr(text, "f:20:1:"));
    assert_non_null(strstr(text, "f:19:1:"));
    arena_free(arena);
}

static void
exactly_twenty_are_shown_without_more(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, "f");
    for (uint32_t i = 0; i < DIAG_SHOWN; i++)
        diag_add(diags, DIAG_ERROR, (Pos){i + 1, 1}, NULL, "x");
    assert_int_equal(lines(written(arena, diags)), DIAG_SHOWN);
    assert_false(diag_is_kept(diags, DIAG_ERROR, (Pos){DIAG_SHOWN, 1}));
    assert_true(diag_is_kept(diags, DIAG_ERROR, (Pos){1, 1}));
    assert_true(diag_is_kept(diags, DIAG_WARNING, (Pos){99, 1}));
    arena_free(arena);
}

static void
no_control_byte_gets_out(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, "a\x1b[31m.yml");
    diag_add(diags, DIAG_ERROR, (Pos){1, 1}, "h\n\x07", "a\r\n\tb\x7f\xff\xc2\x9b\xe2\x80\xae");
    const char *text = written(arena, diags);
    assert_string_equal(text, "a\\x1b[31m.yml:1:1: error: a\\r\\n\\tb\\x7f\\xffU+009BU+202E; "
                              "h\\n\\x07\n");
    arena_free(arena);
}

static void
a_long_text_is_cut_between_characters(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, "f");
    const Diag *list;
    size_t bad;
    for (size_t i = 0; i < 4; i++) {
        char text[3001];
        for (size_t j = 0; j < i; j++)
            text[j] = 'x';
        for (size_t j = i; j + 2 < sizeof text; j += 2)
            memcpy(text + j, "\xc3\xa9", 3);
        diag_add(diags, DIAG_ERROR, (Pos){1, 1}, text, "%s", text);
    }
    assert_int_equal(diags_list(diags, &list), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(strlen(list[i].text) < 1000);
        assert_true(text_utf8(list[i].text, strlen(list[i].text), &bad));
        assert_string_equal(list[i].text + strlen(list[i].text) - 3, "...");
        assert_null(strstr(list[i].hint, "\\x"));
    }
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_is_one_line_with_place_and_hint),
        cmocka_unit_test(problems_stand_in_the_order_of_their_places),
        cmocka_unit_test(the_first_twenty_places_are_kept_whatever_order_they_come_in),
        cmocka_unit_test(warnings_never_hide_an_error),
        cmocka_unit_test(exactly_twenty_are_shown_without_more),
        cmocka_unit_test(no_control_byte_gets_out),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
