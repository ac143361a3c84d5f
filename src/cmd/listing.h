#ifndef CMD_LISTING_H
#define CMD_LISTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/clockfile.h"
#include "time/zone.h"

/* Coming fires on stdout, in the order of time, from the timeline that
 * `clock run` fires from. */
typedef struct {
    const Clockfile *file;
    bool *skip;       /* by index into file->jobs: left out */
    const Zone *zone; /* to show instants in; NULL: each job's own */
    int64_t from_s;   /* exclusive */
    int64_t until_s;  /* inclusive; INT64_MAX: no end */
    int64_t count;    /* at most */
    size_t passed;    /* of the first fires after from_s: left out, not counted */
    int64_t now_s;    /* what "in 5m" is counted from */
} Listing;

/* Moves from_s forward so that only the newest `count` fires up to until_s (not INT64_MAX) are
 * left; from_s may be INT64_MIN. */
void listing_newest(Listing *listing, Arena *arena);

/* A line a fire, footnotes below on what daylight saving did.  *any: there were fires. */
bool listing_table(const Listing *listing, Arena *arena, bool *any, Error *error);

/* One JSON object a fire. */
bool listing_objects(const Listing *listing, Arena *arena, bool *any, Error *error);

/* Names on stderr the jobs that no listing ever shows: never due, not enabled. */
void listing_silent(const Listing *listing, Arena *arena);

#endif
