/* What no other file knows: how equal texts find each other in constant time, also when their
 * writer would rather they did not. */

#include "file/pool.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

#include "base/hash.h"

/* An entry and what links it to the one that came next. */
typedef struct Link {
    PoolEntry entry;
    struct Link *next;
} Link;

struct Pool {
    Arena *arena;
    Link **slots; /* open addressing, at most half full */
    size_t size;  /* a power of two */
    size_t n;
    Link *first, *last;
};

#define FIRST_SLOTS 64
/* 2^64 over the golden ratio: odd, its bits spread. */
#define MIX UINT64_C(0x9e3779b97f4a7c15)

uint64_t
pool_mix(uint64_t start, const void *at, size_t len)
{
    const unsigned char *byte = at;
    uint64_t hash = start ^ len, word;
    for (; len >= sizeof word; len -= sizeof word, byte += sizeof word) {
        memcpy(&word, byte, sizeof word);
        hash = (hash ^ le64toh(word)) * MIX;
        hash ^= hash >> 32;
    }
    word = 0;
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)byte[i] << (8 * i);
    hash = (hash ^ word) * MIX;
    return hash ^ hash >> 32;
}

uint64_t
pool_hash(const char *at, size_t len)
{
    static uint64_t seed; /* drawn once; no result depends on it but speed */
    if (seed == 0 && getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
        seed = (uint64_t)(uintptr_t)&seed;
    return hash_final(pool_mix(seed, at, len));
}

Pool *
pool_new(Arena *arena)
{
    Pool *pool = arena_alloc(arena, sizeof *pool);
    pool->arena = arena;
    pool->size = FIRST_SLOTS;
    pool->slots = arena_array(arena, pool->size, sizeof *pool->slots);
    return pool;
}

static Link **
slot_of(Link **slots, size_t size, const char *at, size_t len, uint64_t hash)
{
    size_t i = (size_t)hash & (size - 1);
    while (slots[i] != NULL && (slots[i]->entry.hash != hash || slots[i]->entry.len != len ||
                                   memcmp(slots[i]->entry.at, at, len) != 0))
        i = (i + 1) & (size - 1);
    return &slots[i];
}

static void
grow(Pool *pool)
{
    size_t size = pool->size * 4;
    Link **slots = arena_array(pool->arena, size, sizeof *slots);
    for (Link *link = pool->first; link != NULL; link = link->next)
        *slot_of(slots, size, link->entry.at, link->entry.len, link->entry.hash) = link;
    pool->slots = slots;
    pool->size = size;
}

PoolEntry *
pool_find(const Pool *pool, const char *at, size_t len)
{
    Link *link = *slot_of(pool->slots, pool->size, at, len, pool_hash(at, len));
    return link == NULL ? NULL : &link->entry;
}

PoolEntry *
pool_entry(Pool *pool, const char *at, size_t len)
{
    uint64_t hash = pool_hash(at, len);
    Link **slot = slot_of(pool->slots, pool->size, at, len, hash);
    if (*slot != NULL) {
        (*slot)->entry.uses++;
        return &(*slot)->entry;
    }
    Link *link = arena_alloc(pool->arena, sizeof *link);
    link->entry = (PoolEntry){
        .at = arena_copy(pool->arena, at, len), .len = len, .hash = hash, .uses = 1};
    *slot = link;
    if (pool->last == NULL)
        pool->first = link;
    else
        pool->last->next = link;
    pool->last = link;
    if (++pool->n * 2 > pool->size)
        grow(pool);
    return &link->entry;
}

PoolEntry *
pool_next(const Pool *pool, const PoolEntry *previous)
{
    const Link *link = (const Link *)(const void *)previous;
    Link *next = link == NULL ? pool->first : link->next;
    return next == NULL ? NULL : &next->entry;
}
