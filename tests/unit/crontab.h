#ifndef TESTS_UNIT_CRONTAB_H
#define TESTS_UNIT_CRONTAB_H

/* What the tests of crontabs share: an arena, numbers by chance from a seed that is told, and a
 * crontab from its text.  To be included after cmocka.h. */

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/arena.h"
#include "file/cronname.h"
#include "file/crontab.h"

static Arena *arena;
static uint64_t seed;

static inline int
crontab_begin(void **state)
{
    (void)state;
    arena = arena_new(0);
    seed = (uint64_t)time(NULL);
    printf("# seed %" PRIu64 "\n", seed);
    return 0;
}

static inline int
crontab_end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* splitmix64 */
static inline unsigned
random_below(unsigned n)
{
    uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((z ^ (z >> 31)) % n);
}

/* With names. */
static inline Crontab *
read_crontab(CrontabOptions options, const char *at, size_t len)
{
    Error error;
    Crontab *crontab;
    if (!crontab_new(arena, &options, &crontab, &error))
        fail_msg("%s", error.text);
    crontab_add(crontab, "crontab", at, len);
    cronname_give(crontab);
    return crontab;
}

#endif
