#ifndef DUE_BACKFILL_H
#define DUE_BACKFILL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "plan/schedule.h"

/* A record of clock.missed: `count` instants (-1: cannot be told), the first and the last. */
typedef struct {
    int64_t id;
    int64_t first_s, last_s;
    int64_t count;
} Record;

/* Which instants a backfill fires, and what becomes of the records. */
typedef struct {
    int64_t *due_s; /* ascending, each once */
    size_t n;
    int64_t *consumed; /* ids */
    size_t n_consumed;
    Record *kept; /* what is left of consumed records, under their ids */
    size_t n_kept;
    size_t n_untold;   /* records that do not say which instants they are */
    int64_t through_s; /* all of the span up to here is seen to */
} Backfill;

/*
 * Takes the recorded instants in (from_s, until_s], `most` at most, the oldest records first.
 * A record tells its instants when it has at most two, or when the schedule has exactly as many
 * between its first and its last; else it stays as it is.
 */
void backfill_recorded(Arena *arena, const Schedule *schedule, const Record *records, size_t n,
    int64_t from_s, int64_t until_s, size_t most, Backfill *backfill);

/* Takes the first `most` instants of the schedule in (from_s, until_s], and those of records up
 * to there. */
void backfill_all(Arena *arena, const Schedule *schedule, const Record *records, size_t n,
    int64_t from_s, int64_t until_s, size_t most, Backfill *backfill);

#endif
