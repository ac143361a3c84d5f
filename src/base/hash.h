#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Where an FNV-1a hash of 64 bits starts. */
#define HASH_START UINT64_C(0xcbf29ce484222325)

/* FNV-1a over len bytes, going on from `hash`.  Part of the Clockfile's meaning (H, jitter):
 * it never changes. */
uint64_t hash_bytes(uint64_t hash, const void *at, size_t len);

/* murmur3's 64-bit finaliser: spreads every bit of an FNV hash over all bits. */
uint64_t hash_final(uint64_t hash);

#endif
