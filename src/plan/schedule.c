/* What no other file knows: how rules unite to one schedule. */

#include "plan/schedule.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "plan/fires.h"
#include "plan/rule.h"

Schedule *
schedule_new(Arena *arena, Rule *const *rules, size_t n)
{
    Schedule *schedule = arena_alloc(arena, sizeof *schedule + n * sizeof *rules);
    schedule->n = n;
    for (size_t i = 0; i < n; i++)
        schedule->rules[i] = rules[i];
    return schedule;
}

bool
schedule_next(const Schedule *schedule, int64_t after_s, int64_t *due_s)
{
    if (schedule->n == 1)
        return fires_next(schedule->rules[0], after_s, due_s);
    bool found = false;
    for (size_t i = 0; i < schedule->n; i++) {
        int64_t fire_s;
        if (fires_next(schedule->rules[i], after_s, &fire_s) && (!found || fire_s < *due_s)) {
            *due_s = fire_s;
            found = true;
        }
    }
    return found;
}

bool
schedule_prev(const Schedule *schedule, int64_t before_s, int64_t *due_s)
{
    if (schedule->n == 1)
        return fires_prev(schedule->rules[0], before_s, due_s);
    bool found = false;
    for (size_t i = 0; i < schedule->n; i++) {
        int64_t fire_s;
        if (fires_prev(schedule->rules[i], before_s, &fire_s) && (!found || fire_s > *due_s)) {
            *due_s = fire_s;
            found = true;
        }
    }
    return found;
}

const Zone *
schedule_zone(const Schedule *schedule)
{
    return schedule->rules[0]->zone;
}

int64_t
schedule_jitter(const char *job, int64_t due_s, int64_t jitter_s)
{
    char decimal[24];
    if (jitter_s <= 0)
        return 0;
    int len = snprintf(decimal, sizeof decimal, "%" PRId64, due_s);
    uint64_t hash = hash_bytes(HASH_START, job, strlen(job) + 1);
    return (int64_t)(hash_final(hash_bytes(hash, decimal, (size_t)len)) % (uint64_t)jitter_s);
}
