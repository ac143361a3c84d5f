#ifndef DUE_SETTLE_H
#define DUE_SETTLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "due/dispatch.h"
#include "time/zone.h"

/* What ending pauses by hand does to the rules. */
typedef struct {
    const char **jobs; /* those that were paused */
    int64_t *since_s;  /* for each: from here on it fires again */
    size_t n;
    Miss *misses; /* what fell due meanwhile */
    size_t n_misses;
    int64_t next_due_s; /* the first instant that is due again; INT64_MAX: none */
} Settlement;

/*
 * Ends the pauses among the rows.  now_s is the moment, read under the horizon's lock;
 * fired_through_s the horizon.  A pause whose own end has passed ended then, or at the horizon
 * when that is later: what fell due since is the clock's.  A rule that this binary cannot read
 * is recorded with count -1, and promises an instant at once.
 */
void settle_pauses(Arena *arena, Zones *zones, const JobRow *rows, size_t n_rows,
    int64_t fired_through_s, int64_t now_s, Settlement *settlement);

/* How far a job is decided: instants up to here are rows, records, or were never owed. */
int64_t settle_low(const JobRow *row, int64_t fired_through_s);

#endif
