/* The end of an output is kept, and is text that any column takes, whatever was written. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"
#include "proc/tail.h"

/* Writes through a pipe, as a command does; pieces, so that the ring turns at any place. */
static void
feed(Tail *tail, const char *at, size_t len, size_t piece)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    while (len > 0) {
        size_t n = len < piece ? len : piece;
        assert_int_equal(write(ends[1], at, n), (long)n);
        for (size_t left = n; left > 0;) {
            long got = tail_read(tail, ends[0]);
            assert_true(got > 0);
            left -= (size_t)got;
        }
        at += n;
        len -= n;
    }
    close(ends[1]);
    assert_int_equal(tail_read(tail, ends[0]), 0);
    close(ends[0]);
}

static void
is_text(const char *wanted, const char *at, size_t len)
{
    Arena *arena = arena_new(0);
    Tail tail = tail_new(arena);
    feed(&tail, at, len, len);
    assert_string_equal(tail_text(&tail, arena), wanted);
    arena_free(arena);
}

static void
keeps_what_is_text(void **state)
{
    (void)state;
    is_text("plain", "plain", 5);
    is_text("\xc3\xa9\xf0\x9f\x95\x90\n", "\xc3\xa9\xf0\x9f\x95\x90\n", 7);
}

static void
replaces_what_is_not(void **state)
{
    (void)state;
    is_text("a\xef\xbf\xbd"
            "b",
        "a\0b", 3);
    is_text("a\xef\xbf\xbd", "a\xff", 2);
    is_text("\xef\xbf\xbd", "\xc3", 1);
    is_text("\xef\xbf\xbd\xef\xbf\xbd", "\xc0\x80", 2);
    is_text("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "\xed\xa0\x80", 3);
}

static void
nothing_is_null(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Tail tail = tail_new(arena);
    assert_null(tail_text(&tail, arena));
    feed(&tail, "x", 1, 1);
    tail_reset(&tail);
    assert_null(tail_text(&tail, arena));
    arena_free(arena);
}

/* For any bytes and pieces: the end of them, valid, no longer than the ring. */
static void
keeps_the_end_of_anything(void **state)
{
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < 60; round++) {
        Arena *arena = arena_new(0);
        size_t len = (size_t)rand() % (3 * TAIL_BYTES), bad_at;
        char *bytes = arena_alloc(arena, len + 1);
        int kind = rand() % 3; /* any byte; ASCII; characters of three bytes */
        for (size_t i = 0; i < len; i++)
            bytes[i] = kind == 0   ? (char)(rand() % 256)
                       : kind == 1 ? (char)(' ' + rand() % 90)
                                   : "\xe2\x82\xac"[i % 3];
        Tail tail = tail_new(arena);
        feed(&tail, bytes, len, 1 + (size_t)rand() % 50000);
        char *text = tail_text(&tail, arena);
        size_t got = text == NULL ? 0 : strlen(text);
        assert_true(got <= TAIL_BYTES);
        assert_true(text == NULL || text_utf8(text, got, &bad_at));
        if (kind == 1 && len > 0) {
            assert_int_equal(got, len < TAIL_BYTES ? len : TAIL_BYTES);
            assert_memory_equal(text, bytes + len - got, got);
        }
        if (kind == 2 && len > TAIL_BYTES && len % 3 == 0) {
            assert_true(got >= TAIL_BYTES - 2);
            assert_memory_equal(text, bytes + len - got, got);
        }
        arena_free(arena);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_text),
        cmocka_unit_test(replaces_what_is_not),
        cmocka_unit_test(nothing_is_null),
        cmocka_unit_test(keeps_the_end_of_anything),
    };
    return cmocka_run_group_tests_name("proc_tail", tests, NULL, NULL);
}
