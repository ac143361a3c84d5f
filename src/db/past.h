#ifndef DB_PAST_H
#define DB_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"
#include "due/backfill.h"
#include "file/clockfile.h"

/*
 * The past: fires made up for by hand, and history that goes.  `arena` holds parameters and
 * answers.
 */

typedef enum {
    PAST_MISSED, /* what is on record as missed; may be repeated */
    PAST_ALL     /* every instant of the schedule; repeated, it fires again */
} PastWhich;

typedef enum { PAST_DRY, PAST_FIRE } PastDepth;

typedef struct {
    PastWhich which;
    PastDepth depth;
    int64_t from_s, until_s; /* the span: from_s excluded, until_s included */
    size_t most;             /* rows */
} PastSpan;

/*
 * One transaction under the horizon's lock: rows of the job for instants of the span that are
 * decided, the records of them consumed.  *low_s: up to where the job is decided; *inserted:
 * rows, fewer than backfill->n when some are there already.  ERR_NO when the job must not
 * overlap and has an unfinished row, or no clock has run here.
 */
bool past_fire(Pg *pg, Arena *arena, const char *clockfile, const Job *job,
    const PastSpan *span, Backfill *backfill, int64_t *low_s, int64_t *inserted, Error *error);

/* Deletes a page of history older than keep_s; *pruned: how many rows; 0: there is no more. */
bool past_prune(
    Pg *pg, Arena *arena, const char *clockfile, int64_t keep_s, int64_t *pruned, Error *error);

#endif
