#ifndef DB_SURVEY_H
#define DB_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"

/*
 * How things stand, for people: reads only, and locks nothing.  `clockfile` NULL: all of them.
 * Answers live in the arena; every function fails as pg_query does.
 */

typedef struct {
    const char *clockfile;
    int64_t fired_through_s;
    int64_t next_due_s; /* INT64_MAX: none */
    const char *revision;
    int64_t started_at_us; /* of the clock whose file is in force */
    int64_t db_us;         /* the server's clock */
} SurveyHorizon;

typedef struct {
    const char *clockfile, *job;
    const char *spec; /* canonical */
    int64_t since_s;
    int64_t until_s; /* INT64_MAX: when told */
    int64_t last_s;  /* the last fire of which there is a trace; INT64_MIN: none */
    int64_t ready, waiting, running, dead, missed;
    const char *reason; /* NULL: none */
    bool paused;
} SurveyJob;

typedef struct {
    const char *clockfile, *job;
    int64_t first_s, last_s;
    int64_t count; /* -1: cannot be told */
    int64_t at_s;  /* when it was recorded */
    const char *reason, *sqlstate;
} SurveyMiss;

/* The rows of a queue that are of one Clockfile ("": an application's own). */
typedef struct {
    const char *clockfile, *queue;
    int64_t ready, waiting, running, dead;
    int64_t oldest_us; /* how long the oldest ready row has been so; 0: none */
} SurveyQueue;

typedef enum { SURVEY_RULES, SURVEY_ROWS } SurveyDepth; /* the latter counts rows */

/* *ahead_us: how far this host's clock is ahead of the server's, to within half the time that
 * the answer took; 0 when there is no horizon. */
bool survey_horizons(Pg *pg, Arena *arena, const char *clockfile, SurveyHorizon **horizons,
    size_t *n, int64_t *ahead_us, Error *error);

/* In the order of Clockfiles and jobs. */
bool survey_jobs(Pg *pg, Arena *arena, const char *clockfile, SurveyDepth depth,
    SurveyJob **jobs, size_t *n, Error *error);

/* In the order of Clockfiles and queues; one without a row is not there. */
bool survey_queues(
    Pg *pg, Arena *arena, const char *clockfile, SurveyQueue **queues, size_t *n, Error *error);

/* The latest first, `most` at most; job NULL: of all jobs. */
bool survey_missed(Pg *pg, Arena *arena, const char *clockfile, const char *job, int64_t most,
    SurveyMiss **misses, size_t *n, Error *error);

#endif
