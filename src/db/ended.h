#ifndef DB_ENDED_H
#define DB_ENDED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"

/* What has ended (runs, and rows that are dead), and what people do about it.  Instants are RFC
 * 3339 in UTC; what is not known is NULL.  Every function fails as pg_query does. */

typedef struct {
    int64_t id;
    const char *clockfile, *job; /* "" for a row of an application */
    const char *task, *queue;
    const char *scheduled_at, *started_at;
    int attempt;
    const char *error;
    const char *payload; /* JSON */
} DeadRow;

/* The latest `most`; job NULL: of all. */
bool ended_dead(Pg *pg, Arena *arena, const char *job, int64_t most, DeadRow **rows, size_t *n,
    Error *error);

typedef struct {
    int64_t id;
    const char *clockfile, *job, *task, *queue;
    const char *scheduled_at, *started_at, *ended_at;
    int64_t took_ms; /* -1: it never began */
    int attempt;
    const char *worker, *outcome;
    int exit_status, signal; /* -1: none */
    const char *error, *output;
} EndedRun;

bool ended_runs(Pg *pg, Arena *arena, const char *job, int64_t most, EndedRun **runs, size_t *n,
    Error *error);

typedef enum { HAND_RETRY, HAND_DISCARD } Hand;

/* Does so to n rows; done[i] tells which there were. */
bool ended_by_id(
    Pg *pg, Arena *arena, Hand hand, const int64_t *ids, size_t n, bool *done, Error *error);

/* The same to all dead rows of a job; *count: how many. */
bool ended_by_job(Pg *pg, Hand hand, const char *job, int64_t *count, Error *error);

#endif
