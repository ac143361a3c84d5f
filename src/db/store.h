#ifndef DB_STORE_H
#define DB_STORE_H

#define STORE_STATEMENT_US INT64_C(5000000) /* the longest that one statement may take */
#define STORE_SERVER_US INT64_C(4000000)    /* the server's own limit: it answers with a name */
#define STORE_EARLY "TE001"                 /* what clock.not_before raises */
#define STORE_CHUNK 1000                    /* rows a statement */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"
#include "due/change.h"
#include "due/dispatch.h"
#include "due/protocol.h"

/*
 * The dispatcher's statements on the horizon and the rules: one function each, no general
 * query. The rows that hang on them stand in rows.h.  until_us is a deadline (now_mono_us);
 * `arena` holds parameters and answers.  Every function fails as pg_query does.
 */

/* Sees the horizon of this Clockfile name; job rows too unless its version is `known`. */
bool store_look(Pg *pg, Arena *arena, const char *clockfile, const char *known,
    int64_t until_us, Horizon *horizon, Error *error);

/* Opens a transaction that the server ends by itself when it stays open longer than lead_us and
 * half a second. */
bool store_begin(Pg *pg, Arena *arena, int64_t lead_us, int64_t until_us, Error *error);
bool store_commit(Pg *pg, Arena *arena, int64_t until_us, Error *error);
bool store_rollback(Pg *pg, Arena *arena, int64_t until_us, Error *error);

/* Asks for the server's clock in an armed transaction, and has what the guard of its COMMIT
 * needs loaded. */
bool store_stamp(Pg *pg, Arena *arena, int64_t until_us, int64_t *db_us, Error *error);

/* Guards and commits in one message: *early, and nothing is committed, when the server's clock
 * has not reached at_s. */
bool store_commit_at(
    Pg *pg, Arena *arena, int64_t at_s, int64_t until_us, bool *early, Error *error);

/* Inserts the horizon.  *first false: another clock was first.  at_s INT64_MIN: now; *begun_s
 * is where it stands. */
bool store_start(Pg *pg, Arena *arena, const Clockfile *file, int64_t at_s,
    int64_t started_at_us, int64_t until_us, bool *first, int64_t *begun_s, Error *error);

/* Puts file's revision in force against `seen`; *held false: the rules, or for a take-over the
 * row, have changed. *at_s: the moment of change. */
bool store_put(Pg *pg, Arena *arena, const Clockfile *file, const Horizon *seen,
    int64_t started_at_us, bool takeover, int64_t until_us, bool *held,
    int64_t *fired_through_s, int64_t *at_s, Error *error);

/* Marks the unfinished rows of jobs with overlap: skip, a transaction of its own.  *left: some
 * are still without a mark, in the hands of workers. */
bool store_mark_solo(Pg *pg, Arena *arena, const Clockfile *file, bool *left, Error *error);

/* Writes what the change does to schedules and missed, and the promise; a thousand rows a
 * statement, each with a deadline of its own. */
bool store_change(Pg *pg, Arena *arena, const Clockfile *file, const Change *change,
    int64_t at_s, Error *error);

/* Ends the batch's pauses at its new_s. */
bool store_resume(
    Pg *pg, Arena *arena, const Clockfile *file, const Batch *batch, Error *error);

typedef enum {
    STORE_NOW,
    STORE_AHEAD
} StoreGuard; /* compare only once the instant has come, or before it */

/* Compare-and-set of the horizon; *held false: another clock was first.  *db_us: the server's
 * clock. */
bool store_compare(Pg *pg, Arena *arena, const Clockfile *file, const char *version,
    const Batch *batch, StoreGuard guard, int64_t until_us, bool *held, int64_t *db_us,
    Error *error);

/* Makes waiting rows ready whose time has come, a thousand at most; *next_us: database time of
 * the next one (INT64_MAX: none). */
bool store_promote(
    Pg *pg, Arena *arena, int64_t until_us, int64_t *promoted, int64_t *next_us, Error *error);

/* Deletes a page of history older than the file's retention: a small one, for a clock is never
 * away for long.  *pruned: how many rows.  Needs the functions of schema version 2. */
bool store_prune(Pg *pg, Arena *arena, const Clockfile *file, int64_t until_us, int64_t *pruned,
    Error *error);

/* True when the server is a standby that accepts no writes. */
bool store_is_read_only(Pg *pg, Arena *arena, int64_t until_us, bool *read_only, Error *error);

#endif
