#ifndef CMD_REPLAY_H
#define CMD_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "due/dispatch.h"
#include "file/clockfile.h"

/* What a clock would have enqueued over a span with outages, by the dispatcher that `clock run`
 * fires with, fed made-up times. */

/* Late instants kept of each job and outage, the first ones. */
#define REPLAY_FIRST 3

typedef struct {
    int64_t from_s, until_s; /* nobody fires at from_s <= now < until_s */
} Outage;

/* One job: in all, or at the end of one outage. */
typedef struct {
    int64_t on_time;
    int64_t late;
    int64_t first_s[REPLAY_FIRST]; /* instants enqueued late */
    int64_t latest_by_s;           /* the longest delay */
    Miss misses[MISS_REFUSED + 1]; /* by reason; count 0: none */
    int64_t undecided;             /* due when the span ends in an outage */
} Tally;

typedef struct {
    const Clockfile *file;
    int64_t from_s, until_s; /* from_s < due <= until_s */
    const Outage *outages;   /* in the order of time, apart from each other */
    size_t n_outages;
} ReplaySpec;

typedef struct {
    Tally *jobs;   /* by index into file->jobs: the whole span */
    Tally **ends;  /* by outage, then by job: what its end brought */
    int64_t fires; /* in all */
    int64_t skipped;
} Replay;

Replay *replay_new(Arena *arena, const ReplaySpec *spec);

/* How many instants were skipped, whatever the reason. */
int64_t tally_skipped(const Tally *tally);

#endif
