/* Arenas: memory is zeroed and aligned, keeps what it held when it grows, and never goes beyond
 * its limit; and under AddressSanitizer nobody touches what was not given. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

static Arena *arena;

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

static const size_t sizes[] = {0, 1, 7, 8, 15, 16, 17, 100, 4096, 16384, 65536, 1000000};

static void
memory_is_zeroed_aligned_and_its_own(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        unsigned char *given[sizeof sizes / sizeof *sizes];
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            given[i] = arena_alloc(arena, sizes[i]);
            assert_int_equal((uintptr_t)given[i] % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(given[i][k], 0);
            memset(given[i], (int)i + 1, sizes[i]);
        }
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(given[i][k], i + 1);
        }
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
}

static void
what_grows_keeps_what_it_held(void **state)
{
    (void)state;
    for (int between = 0; between < 2; between++) {
        size_t bytes = 1;
        unsigned char *at = arena_alloc(arena, bytes);
        at[0] = 0;
        for (size_t more = 3; more < 300000; more = more * 3 + 1) {
            if (between)
                arena_alloc(arena, 1); /* then it cannot stay where it is */
            at = arena_grow(arena, at, bytes, more);
            for (size_t k = 0; k < more; k++)
                assert_int_equal(at[k], k < bytes ? k % 251 : 0);
            for (size_t k = 0; k < more; k++)
                at[k] = (unsigned char)(k % 251);
            bytes = more;
        }
        assert_ptr_equal(arena_grow(arena, at, bytes, bytes - 1), at);
    }
}

static void
texts_are_copied(void **state)
{
    (void)state;
    char bytes[] = "abc";
    const char *copy = arena_copy(arena, bytes, 2);
    bytes[0] = 'x';
    assert_string_equal(copy, "ab");
    assert_string_equal(arena_copy(arena, NULL, 0), "");
    assert_string_equal(arena_printf(arena, "%d-%s", 7, bytes), "7-xbc");
}

/* ---- limits ---- */

static void
take_at_once(Arena *small)
{
    arena_alloc(small, 1001);
}

static void
take_by_and_by(Arena *small)
{
    for (int i = 0; i < 100; i++)
        arena_alloc(small, 16);
}

static void
take_by_growing(Arena *small)
{
    arena_grow(small, arena_alloc(small, 900), 900, 1100);
}

static void
take_more_than_there_is(Arena *small)
{
    (void)small;
    arena_array(arena, SIZE_MAX / 8, 16);
}

static void
take_half_of_all(Arena *small)
{
    (void)small;
    arena_alloc(arena, SIZE_MAX / 2 + 1);
}

static void
beyond_a_limit_the_process_ends_with_71(void **state)
{
    (void)state;
    static void (*const take[])(Arena *) = {take_at_once, take_by_and_by, take_by_growing,
        take_more_than_there_is, take_half_of_all};
    for (size_t i = 0; i < sizeof take / sizeof *take; i++) {
        int status = 0;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            close(STDERR_FILENO);
            static Arena *volatile small; /* valgrind is to find it */
            small = arena_new(1000);
            take[i](small);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 71);
    }
    Arena *enough = arena_new(1024);
    assert_non_null(arena_alloc(enough, 512));
    assert_non_null(arena_alloc(enough, 512));
    arena_free(enough);
    arena_free(NULL);
}

/* ---- guards ---- */

#ifdef __SANITIZE_ADDRESS__

static void
nobody_may_touch_what_was_not_given(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *at = arena_alloc(arena, sizes[i]);
        assert_null(__asan_region_is_poisoned(at, sizes[i]));
        assert_true(__asan_address_is_poisoned(at + sizes[i]));
        char *more = arena_grow(arena, at, sizes[i], sizes[i] + 5);
        assert_null(__asan_region_is_poisoned(more, sizes[i] + 5));
        assert_true(__asan_address_is_poisoned(more + sizes[i] + 5));
    }
    arena_reset(arena);
    char *kept = arena_alloc(arena, 8);
    arena_reset(arena);
    assert_true(__asan_address_is_poisoned(kept));
}

#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            memory_is_zeroed_aligned_and_its_own, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_grows_keeps_what_it_held, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(texts_are_copied, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(
            beyond_a_limit_the_process_ends_with_71, open_arena, close_arena),
#ifdef __SANITIZE_ADDRESS__
        cmocka_unit_test_setup_teardown(
            nobody_may_touch_what_was_not_given, open_arena, close_arena),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
