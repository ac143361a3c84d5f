/* What no other file knows: how memory is taken from the system, and
 * what happens without it. */

#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BLOCK_BYTES (64u * 1024)
#define MANY_BYTES (1024u * 1024) /* an arena that has so much grows in large blocks */
#define LARGE_BYTES (4u * 1024 * 1024 - 64)
#define ALIGN _Alignof(max_align_t)
#define HUGE_BYTES (2u * 1024 * 1024) /* a huge page, where there are such */
#define EXIT_NO_MEMORY 71             /* EX_OSERR of sysexits.h */

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
#define TEXT_ALIGN ALIGN
#else
#define HIDE(at, bytes) ((void)(at), (void)(bytes))
#define SHOW(at, bytes) ((void)(at), (void)(bytes))
#define GAP_BYTES 0u
#define TEXT_ALIGN 1
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

/* Large blocks come from the system, in huge pages where it has such: memory that is touched
 * for the first time in pages of 4 KiB is a fifth of what reading a large Clockfile costs.  Not
 * so for the sanitizers, which look for leaks in what malloc gave. */
static bool
is_large(size_t size)
{
    return GAP_BYTES == 0 && size >= LARGE_BYTES;
}

static Block *
block_new(Block *older, size_t size)
{
    Block *block;
    if (is_large(size)) {
        size = (size + sizeof *block + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
        block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
            out_of_memory("the system gave none");
        madvise(block, size, MADV_HUGEPAGE); /* a wish: its failure costs nothing */
        size -= sizeof *block;
    } else {
        block = malloc(sizeof *block + size);
        if (block == NULL)
            out_of_memory("the system gave none");
    }
    block->older = older;
    block->size = size;
    block->used = 0;
    HIDE(block->bytes, size);
    return block;
}

static void
block_free(Block *block)
{
    if (block != NULL && is_large(block->size))
        munmap(block, sizeof *block + block->size);
    else
        free(block);
}

/* Small at first; in an arena that has grown large, what is one huge page at least, wherever it
 * begins. */
static size_t
size_of_block(const Arena *arena, size_t bytes)
{
    size_t size = arena->used < MANY_BYTES ? BLOCK_BYTES : LARGE_BYTES;
    return bytes > size / 4 ? bytes : size;
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

/* `bytes` that no one has, not zeroed. */
static char *
take(Arena *arena, size_t bytes, size_t align)
{
    if (bytes > SIZE_MAX / 2)
        out_of_memory("a request beyond any machine");
    if (arena->limit != 0 && (bytes > arena->limit || arena->used > arena->limit - bytes))
        out_of_memory("a limit of clock's own was passed");
    Block *block = arena->newest;
    size_t skip = block == NULL ? 0 : -block->used & (align - 1);
    if (block == NULL || block->size - block->used < skip + bytes + GAP_BYTES) {
        block = block_new(block, size_of_block(arena, bytes + GAP_BYTES));
        arena->newest = block;
        skip = 0;
    }
    arena->last = (char *)block->bytes + block->used + skip;
    block->used += skip + bytes + GAP_BYTES;
    arena->used += bytes;
    SHOW(arena->last, bytes);
    return arena->last;
}

void *
arena_alloc(Arena *arena, size_t bytes)
{
    return memset(take(arena, bytes, ALIGN), 0, bytes);
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
    size_t more = new_bytes - old_bytes;
    if (old != arena->last || more > block->size - block->used)
        return false;
    if (arena->limit != 0 && arena->used + more > arena->limit)
        return false;
    SHOW(old, new_bytes);
    memset(old + old_bytes, 0, more);
    block->used += more;
    arena->used += more;
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
    char *copy = take(arena, len + 1, TEXT_ALIGN);
    if (len != 0)
        memcpy(copy, at, len);
    copy[len] = '\0';
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
        block_free(block);
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
    block_free(arena->newest);
    free(arena);
}
