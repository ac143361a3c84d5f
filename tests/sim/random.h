#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* Chance from a seed (splitmix64): the same seed, the same simulation. */
typedef struct {
    uint64_t state;
} Random;

static inline uint64_t
random_next(Random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* In [0, below). */
static inline int64_t
random_below(Random *random, int64_t below)
{
    return (int64_t)(random_next(random) % (uint64_t)below);
}

/* In [least, most]. */
static inline int64_t
random_between(Random *random, int64_t least, int64_t most)
{
    return least + random_below(random, most - least + 1);
}

static inline bool
random_in_100(Random *random, int64_t percent)
{
    return random_below(random, 100) < percent;
}

/* Between least and most, each order of magnitude as likely as the next. */
static inline int64_t
random_span(Random *random, int64_t least, int64_t most)
{
    int64_t top = least;
    while (top < most && !random_in_100(random, 25))
        top *= 4;
    return random_between(random, least, top < most ? top : most);
}

#endif
