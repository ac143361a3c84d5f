#ifndef DB_ALONE_H
#define DB_ALONE_H

#include <stdbool.h>
#include <stdint.h>

#include "db/pg.h"

#define ALONE_LOCK_MS 1000 /* the longest wait for another session's lock */
#define ALONE_IDLE_MS                                                                          \
    5000 /* the longest silence of ours: the deadline of a statement, and more */

/* When a statement was sent, and when its answer had arrived (now_mono_us). */
typedef struct {
    int64_t asked_us, answered_us;
} AloneTrip;

/*
 * pg_query in a transaction of its own, which the server itself ends: a lock is waited for
 * ALONE_LOCK_MS (ERR_DB_LOST), the statement lasts server_us (the same).  Without that a
 * session that has given up a wait for somebody's lock leaves its server process waiting, and
 * the next one too, until there are no connections left.  A process that is stopped before its
 * COMMIT keeps the rows that it has changed from their workers for ALONE_IDLE_MS.  trip may be
 * NULL.
 */
bool alone_query(Pg *pg, Arena *arena, const char *sql, const char *const *params, int n,
    int64_t server_us, int64_t until_us, PgRows *rows, AloneTrip *trip, Error *error);

#endif
