/* Text and places: every offset of random texts against counting from the start, and every byte
 * that may not stand in a file. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "file/source.h"

static uint64_t seed;

static unsigned
pick(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* Line and column by the book: LF, CR LF and CR end lines, characters count. */
static Pos
count(const char *at, size_t len, size_t offset)
{
    Pos pos = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        if (at[i] == '\n' || (at[i] == '\r' && (i + 1 == len || at[i + 1] != '\n')))
            pos = (Pos){pos.line + 1, 1};
        else if (((unsigned char)at[i] & 0xc0) != 0x80)
            pos.col++;
    }
    return pos;
}

static void
hold_against_counting(Arena *arena, const char *at, size_t len)
{
    Source source = source_new(arena, at, len);
    for (size_t i = 0; i <= source.len; i++) {
        Pos is = source_pos(&source, i), want = count(source.at, source.len, i);
        if (is.line != want.line || is.col != want.col)
            fail_msg("offset %zu of %zu: %u:%u, not %u:%u (seed %llu)", i, len, is.line, is.col,
                want.line, want.col, (unsigned long long)seed);
    }
}

static void
every_offset_has_its_line_and_column(void **state)
{
    (void)state;
    static const char *const parts[] = {"a", "bc", " ", "\n", "\r\n", "\t", "\r", "\xc3\xa9",
        "\xe2\x82\xac", "\xf0\x9f\x98\x80", "key: value", "\n\n"};
    Arena *arena = arena_new(0);
    seed = (uint64_t)time(NULL);
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 400; round++) {
        char text[600];
        size_t len = 0, want = pick(500);
        unsigned kinds = round % 3 == 0 ? 4 : round % 3 == 1 ? 6 : 12; /* plain, and not */
        while (len < want) {
            const char *part = parts[pick(kinds)];
            memcpy(text + len, part, strlen(part));
            len += strlen(part);
        }
        hold_against_counting(arena, text, len);
        arena_reset(arena);
    }
    arena_free(arena);
}

static void
a_byte_order_mark_is_no_column(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Source source = source_new(arena, "\xef\xbb\xbfjobs:", 8);
    assert_int_equal(source.len, 5);
    assert_int_equal(source_pos(&source, 0).col, 1);
    assert_true(source.plain);
    Source empty = source_new(arena, "\xef\xbb\xbf", 3);
    assert_int_equal(source_pos(&empty, 0).line, 1);
    arena_free(arena);
}

/* What source_check says of a text: NULL when nothing. */
static const char *
said(Arena *arena, const char *at, size_t len)
{
    Diags *diags = diags_new(arena, "f");
    Source source = source_new(arena, at, len);
    bool ok = source_check(&source, diags);
    Text text = text_new(arena);
    diags_write(diags, &text);
    assert_int_equal(ok, diags_errors(diags) == 0);
    assert_true(diags_errors(diags) <= 1);
    return ok ? NULL : text.at;
}

static void
every_byte_is_allowed_or_named(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    for (int c = 0; c < 256; c++) {
        char text[24] = "0123456789\nab", want[32];
        for (size_t pad = 0; pad < 9; pad++) { /* wherever it stands in a step of eight bytes */
            size_t len = 13 + pad;
            memset(text + 13, 'x', pad);
            text[len] = (char)c;
            text[len + 1] = 'y';
            const char *is = said(arena, text, len + 2);
            bool allowed = c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f);
            if (allowed && is != NULL)
                fail_msg("0x%02x: %s", (unsigned)c, is);
            if (allowed)
                continue;
            snprintf(want, sizeof want, "f:2:%zu: error: ", 3 + pad);
            if (is == NULL || strstr(is, want) == NULL)
                fail_msg(
                    "0x%02x: %s, not at %s", (unsigned)c, is == NULL ? "allowed" : is, want);
            snprintf(want, sizeof want, "0x%02X", (unsigned)c);
            if (strstr(is, want) == NULL)
                fail_msg("0x%02x: %s", (unsigned)c, is);
        }
    }
    arena_free(arena);
}

static void
what_is_no_text_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *want; /* NULL: allowed */
    } rows[] = {
        {"", 0, NULL},
        {"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10, NULL},
        {"a\xc2\x85z", 4, NULL}, /* NEL */
        {"a\xc2\x9bz", 4, "U+009B"},
        {"a\xef\xbb\xbfz", 5, "U+FEFF"},
        {"a\xef\xbf\xbfz", 5, "1:2"},
        {"a\xed\xa0\x80z", 5, "0xED"},     /* a surrogate */
        {"a\xc0\x80z", 4, "0xC0"},         /* overlong */
        {"a\xf4\x90\x80\x80z", 6, "0xF4"}, /* beyond Unicode */
        {"\xc3\xa9\nb\xc3", 5, "2:2"},     /* cut */
        {"\xff\xfej\0o\0", 6, "UTF-16"},
        {"\xfe\xff\0j\0o", 6, "UTF-16"},
        {"j\0o\0b\0", 6, "UTF-16"},
        {"\0j\0o\0b", 6, "UTF-16"},
    };
    Arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *is = said(arena, rows[i].text, rows[i].len);
        if ((is == NULL) != (rows[i].want == NULL) ||
            (is != NULL && strstr(is, rows[i].want) == NULL))
            fail_msg("row %zu: %s", i, is == NULL ? "allowed" : is);
    }
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_offset_has_its_line_and_column),
        cmocka_unit_test(a_byte_order_mark_is_no_column),
        cmocka_unit_test(every_byte_is_allowed_or_named),
        cmocka_unit_test(what_is_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
