#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/*
 * Memory that lives and dies together.  clock knows four lifetimes: a load (one Clockfile and
 * its zones), a tick (one turn of the dispatcher), a command (until exit), and handles that are
 * closed by name.  Nothing in an arena is freed alone.
 */
typedef struct Arena Arena;

/* A new arena, never NULL.  Without memory, or beyond limit_bytes (0: no limit), the process
 * ends with one line on stderr and exit status 71: safe, because every insert is repeatable. */
Arena *arena_new(size_t limit_bytes);

/* `bytes` of zeroed memory, aligned for any type, never NULL; valid until reset or free. */
void *arena_alloc(Arena *arena, size_t bytes);

/* The same for n elements of `size` bytes; a product that overflows ends like no memory. */
void *arena_array(Arena *arena, size_t n, size_t size);

/* old_bytes at `old` moved into new_bytes, in place when `old` is the newest allocation. */
void *arena_grow(Arena *arena, void *old, size_t old_bytes, size_t new_bytes);

/* A NUL-terminated copy of len bytes at `at`. */
char *arena_copy(Arena *arena, const char *at, size_t len);

/* A NUL-terminated text in the way of printf. */
char *arena_printf(Arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Bytes handed out since arena_new or the last reset. */
size_t arena_used(const Arena *arena);

/* Forgets everything allocated; keeps the first block for use again. */
void arena_reset(Arena *arena);

/* Gives all memory back.  NULL is a no-op. */
void arena_free(Arena *arena);

#endif
