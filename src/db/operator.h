#ifndef DB_OPERATOR_H
#define DB_OPERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"
#include "due/settle.h"
#include "file/clockfile.h"

/*
 * What an operator changes by hand.  A change of the rules is one transaction that takes the
 * horizon's lock first, so it is ordered before or after every fire; who waits in vain for the
 * lock tries again a few times.  `arena` holds parameters and answers.  After ERR_DB_AWAY it
 * may have been done or not.
 */

/* Instants of a change, by the server's clock. */
typedef struct {
    int64_t fired_through_s;
    int64_t now_s; /* the moment of change, never before fired_through_s */
} OperatorMoment;

typedef enum {
    OPERATOR_RULES, /* the rules change: a new version */
    OPERATOR_ROWS   /* only rows of the past are made */
} OperatorLock;

/* Begins a transaction and takes the horizon's lock; ERR_NO when no clock has run this
 * Clockfile here. */
bool operator_begin(Pg *pg, Arena *arena, const char *clockfile, OperatorLock what,
    OperatorMoment *moment, Error *error);
bool operator_commit(Pg *pg, Arena *arena, Error *error);

/* Ends what has come to nothing; always false, *error as it was. */
bool operator_give_up(Pg *pg, Arena *arena);

/* The rules of these jobs, in the order of their names; ERR_NO names one that is not in force.
 * Under the lock. */
bool operator_rules(Pg *pg, Arena *arena, const char *clockfile, const char *const *jobs,
    size_t n, JobRow **rows, size_t *n_rows, Error *error);

/* Pauses n jobs; until_s INT64_MAX: until told, otherwise it must lie ahead (ERR_USAGE).
 * rows: the rules as they were. */
bool operator_pause(Pg *pg, Arena *arena, const char *clockfile, const char *const *jobs,
    size_t n, int64_t until_s, const char *reason, JobRow **rows, size_t *n_rows, Error *error);

/* Ends the pauses of those of n jobs that are paused. */
bool operator_resume(Pg *pg, Arena *arena, const char *clockfile, const char *const *jobs,
    size_t n, Settlement *settlement, Error *error);

typedef enum { OPERATOR_ALONE, OPERATOR_BESIDE } OperatorOverlap;

/* Inserts `count` rows of a job that no schedule asked for, and wakes its queue.  `payload`
 * NULL: that of the job.  ids: of the rows, *n 0 when the job must not overlap and has an
 * unfinished row (OPERATOR_BESIDE: all the same).  Never to be repeated after ERR_DB_AWAY. */
bool operator_fire(Pg *pg, Arena *arena, const char *clockfile, const Job *job,
    const char *payload, int64_t count, OperatorOverlap overlap, int64_t **ids, size_t *n,
    Error *error);

#endif
