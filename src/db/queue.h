#ifndef DB_QUEUE_H
#define DB_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"
#include "file/clockfile.h"

/*
 * A worker's statements on clock.jobs, by the functions of the schema: one round trip each.
 * until_us is a deadline (now_mono_us); `arena` holds parameters and answers.  Every function
 * fails as pg_query does.
 */

/* What a worker takes. */
typedef struct {
    const char *clockfile;
    const char *jobs;   /* those with a command, as an array parameter */
    const char *queues; /* likewise */
    const char *names;  /* the queues for people: "a,b" */
    const char *worker; /* what it calls itself */
    int64_t lease_us;
} QueueView;

/* The queues of the file's jobs with a command, or those of `queues` (NULL-terminated) when it
 * is not NULL.  *commands: how many such jobs there are. */
QueueView queue_view(Arena *arena, const Clockfile *file, const char *const *queues,
    const char *worker, int64_t lease_us, size_t *commands);

/* A row under a lease of ours. */
typedef struct {
    int64_t id;
    const char *lease_id;
    const char *job;
    int attempt, max_attempts;
    const char *payload;      /* JSON */
    const char *scheduled_at; /* RFC 3339; NULL: no schedule asked for it */
} Claim;

typedef enum { REPORT_DONE, REPORT_FAILED, REPORT_RELEASED } ReportKind;

/* How an attempt has ended. */
typedef struct {
    int64_t id;
    const char *lease_id;
    ReportKind kind;
    const char *error;  /* or NULL */
    const char *output; /* UTF-8, or NULL */
    int exit_status;    /* -1: none */
    int signal;         /* 0: none */
} Report;

/* ERR_DB_REFUSED when the schema has not the functions of version 2. */
bool queue_check(Pg *pg, Arena *arena, Error *error);

/* Whether nobody keeps the tables of work locked: ERR_DB_LOST soon if somebody does, and no
 * server process is left waiting, as each statement that is given up would leave one. */
bool queue_reach(Pg *pg, Arena *arena, int64_t until_us, Error *error);

/* Asks to be woken by NOTIFY.  *listening false: behind a pooler nobody would wake us. */
bool queue_listen(Pg *pg, Arena *arena, int64_t until_us, bool *listening, Error *error);

/* Takes up to `most` rows; claims live in the arena. */
bool queue_claim(Pg *pg, Arena *arena, const QueueView *view, size_t most, int64_t until_us,
    Claim **claims, size_t *n, Error *error);

/* How far away the next waiting row is; INT64_MAX: there is none. */
bool queue_next(Pg *pg, Arena *arena, int64_t until_us, int64_t *in_us, Error *error);

/* Lengthens n leases, counted from the server's now; held[i] false: it is lost. */
bool queue_heartbeat(Pg *pg, Arena *arena, const Claim *const *claims, size_t n,
    int64_t lease_us, int64_t until_us, bool *held, Error *error);

/* Reports n ends in one transaction; held[i] false: the lease was lost, nothing has changed.
 * What the database's encoding cannot hold is sent again as ASCII. */
bool queue_report(Pg *pg, Arena *arena, const Report *reports, size_t n, int64_t until_us,
    bool *held, Error *error);

/* Deletes a page of history older than the file's retention; *pruned: how many rows. */
bool queue_prune(Pg *pg, Arena *arena, const Clockfile *file, int64_t until_us, int64_t *pruned,
    Error *error);

#endif
