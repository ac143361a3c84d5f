/* What no other file knows: how memory is taken from the system, and what happens without it.
 */

#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES (64u * 1024)
#define ALIGN sizeof(max_align_t)
#define EXIT_NO_MEMORY 71 /* EX_OSERR of sysexits.h */

/* AddressSanitizer knows only what malloc gave: without a word from us it would take one
 * allocation that runs into the next, and what a reset has forgotten, for sound. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define GUARDED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define GUARDED
#endif
#ifdef GUARDED
#include <sanitizer/asan_interface.h>
#define HIDE(at, bytes) ASAN_POISON_MEMORY_REGION(at, bytes)
#define SHOW(at, bytes) ASAN_UNPOISON_MEMORY_REGION(at, bytes)
#define GAP_BYTES ALIGN /* that no one may touch, behind each allocation */
#else
#define HIDE(at, bytes) ((void)(at), (void)(bytes))
#define SHOW(at, bytes) ((void)(at), (void)(bytes))
#define GAP_BYTES 0u
#endif

typedef struct Block {
    struct Block *older;
    size_t size; /* bytes of `bytes` */
    size_t used;
    max_align_t bytes[];
} Block;

struct Arena {
    Block *newest;
    size_t limit;
    size_t used;
    char *last; /* the newest allocation: the one that can grow in place */
};

__attribute__((noreturn)) static void
out_of_memory(const char *why)
{
    fprintf(stderr, "clock: out of memory: %s\n", why); /* unbuffered: asks for no memory */
    _exit(EXIT_NO_MEMORY);
}

static Block *
block_new(Block *older, size_t size)
{
    Block *block = malloc(sizeof *block + size);
    if (block == NULL)
        out_of_memory("the system gave none");
    block->older = older;
    block->size = size;
    block->used = 0;
    HIDE(block->bytes, size);
    return block;
}

Arena *
arena_new(size_t limit_bytes)
{
    Arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        out_of_memory("the system gave none");
    arena->limit = limit_bytes;
    return arena;
}

void *
arena_alloc(Arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        out_of_memory("a request beyond any machine");
    size_t need = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (arena->limit != 0 && (need > arena->limit || arena->used > arena->limit - need))
        out_of_memory("a limit of clock's own was passed");
    size_t take = need + GAP_BYTES;
    if (arena->newest == NULL || arena->newest->size - arena->newest->used < take)
        arena->newest = block_new(arena->newest, take > BLOCK_BYTES / 4 ? take : BLOCK_BYTES);
    Block *block = arena->newest;
    char *at = (char *)block->bytes + block->used;
    block->used += take;
    arena->used += need;
    arena->last = at;
    SHOW(at, bytes);
    return memset(at, 0, bytes);
}

void *
arena_array(Arena *arena, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / 2 / size)
        out_of_memory("a request beyond any machine");
    return arena_alloc(arena, n * size);
}

/* True when the newest allocation could be stretched where it stands. */
static bool
grow_in_place(Arena *arena, char *old, size_t old_bytes, size_t new_bytes)
{
    Block *block = arena->newest;
    size_t have = (old_bytes + ALIGN - 1) / ALIGN * ALIGN;
    size_t need = (new_bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (old != arena->last || need - have > block->size - block->used)
        return false;
    if (arena->limit != 0 && arena->used + (need - have) > arena->limit)
        return false;
    SHOW(old, new_bytes);
    memset(old + old_bytes, 0, new_bytes - old_bytes);
    block->used += need - have;
    arena->used += need - have;
    return true;
}

void *
arena_grow(Arena *arena, void *old, size_t old_bytes, size_t new_bytes)
{
    if (new_bytes <= old_bytes)
        return old;
    if (old != NULL && new_bytes < SIZE_MAX / 2 &&
        grow_in_place(arena, old, old_bytes, new_bytes))
        return old;
    void *at = arena_alloc(arena, new_bytes);
    if (old != NULL)
        memcpy(at, old, old_bytes);
    return at;
}

char *
arena_copy(Arena *arena, const char *at, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (len != 0)
        memcpy(copy, at, len);
    return copy;
}

char *
arena_printf(Arena *arena, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *at = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(at, (size_t)len + 1, fmt, again);
    va_end(again);
    return at;
}

size_t
arena_used(const Arena *arena)
{
    return arena->used;
}

void
arena_reset(Arena *arena)
{
    Block *block = arena->newest;
    while (block != NULL && block->older != NULL) {
        Block *older = block->older;
        free(block);
        block = older;
    }
    if (block != NULL) {
        block->used = 0;
        HIDE(block->bytes, block->size);
    }
    arena->newest = block;
    arena->used = 0;
    arena->last = NULL;
}

void
arena_free(Arena *arena)
{
    if (arena == NULL)
        return;
    arena_reset(arena);
    free(arena->newest);
    free(arena);
}
