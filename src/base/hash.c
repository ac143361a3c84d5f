/* What no other file knows: the two hash functions that H, jitter and revisions are made of. */

#include "base/hash.h"

uint64_t
hash_bytes(uint64_t hash, const void *at, size_t len)
{
    const unsigned char *byte = at;
    for (size_t i = 0; i < len; i++) {
        hash ^= byte[i];
        hash *= UINT64_C(0x100000001b3);
    }
    return hash;
}

uint64_t
hash_final(uint64_t hash)
{
    hash ^= hash >> 33;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    hash ^= hash >> 33;
    hash *= UINT64_C(0xc4ceb9fe1a85ec53);
    hash ^= hash >> 33;
    return hash;
}
