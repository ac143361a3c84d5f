#ifndef FILE_POOL_H
#define FILE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Texts kept once however often they occur, each with a place for what is known about it. */
typedef struct Pool Pool;

typedef struct {
    const char *at; /* NUL-terminated copy */
    size_t len;
    uint64_t hash;
    size_t uses; /* how often it was asked for */
    void *known; /* the owner's; NULL at first */
} PoolEntry;

Pool *pool_new(Arena *arena);

/* The entry of that text, made when there is none; stays where it is. */
PoolEntry *pool_entry(Pool *pool, const char *at, size_t len);

/* The entry of that text, or NULL; counts no use. */
PoolEntry *pool_find(const Pool *pool, const char *at, size_t len);

/* All entries in the order of their coming: the first when previous is NULL; NULL: no more. */
PoolEntry *pool_next(const Pool *pool, const PoolEntry *previous);

/* A hash of len bytes, going on from `start`, eight bytes at a step; the same on every host. */
uint64_t pool_mix(uint64_t start, const void *at, size_t len);

/* A hash of the text that nobody can foresee: other in every process, so that no file can be
 * made whose names all collide. */
uint64_t pool_hash(const char *at, size_t len);

#endif
