#ifndef DUE_DISPATCH_H
#define DUE_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/clockfile.h"

/*
 * Which (job, instant) is fired, dropped or still ahead.  A step function: *look* (what is due
 * at now), then somebody inserts it, then *move* (after COMMIT, never before).  Pure: the time
 * is an argument; no clock, file or socket is read, so a year of outages is replayed in a
 * second.
 */
typedef struct Dispatch Dispatch;

/* Fires at most this old are enqueued in full whatever the policy: restarts and failovers. */
#define DISPATCH_FRESH_S 60

/* A transaction takes whole instants, oldest first, until it has this many rows. */
#define DISPATCH_ROWS 10000

/* What the database knows of a job (clock.schedules). */
typedef struct {
    const char *job;
    const char *spec; /* canonical schedule, as it was put in force */
    int64_t since_s;  /* instants up to here are decided */
    int64_t until_s;  /* the pause ends here; INT64_MAX: when told */
    bool paused;
} JobRow;

/* One row to come: a job at one of its instants. */
typedef struct {
    const Job *job;
    int64_t due_s;
    int64_t run_at_s; /* due_s, or later by the jitter */
} Fire;

typedef enum {
    MISS_POLICY,  /* the job's `missed` policy leaves it out */
    MISS_WITHIN,  /* older than `within` */
    MISS_LIMIT,   /* more than `limit` of them */
    MISS_OVERLAP, /* the previous row is unfinished */
    MISS_PAUSED,
    MISS_EDITED,
    MISS_REMOVED,
    MISS_REFUSED /* the database refused the row */
} MissReason;

/* Instants that were due and will have no row. */
typedef struct {
    const char *job;
    int64_t first_s, last_s;
    int64_t count; /* -1: cannot be told */
    MissReason reason;
    char sqlstate[6]; /* for MISS_REFUSED */
} Miss;

/* One transaction: everything decided in (old_s, new_s]. */
typedef struct {
    int64_t old_s, new_s;
    int64_t next_due_s; /* the next promised instant after it; INT64_MAX: none */
    Fire *fires;        /* oldest first */
    size_t n_fires;
    Miss *misses;
    size_t n_misses;
    const char **resumed; /* jobs whose pause ends at new_s */
    size_t n_resumed;
} Batch;

/* "policy", "within", ...: the word of clock.missed. */
const char *miss_reason(MissReason reason);

/*
 * Stands at the horizon fired_through_s, where promised_s was announced as the next instant
 * (INT64_MAX: none), with what the database knows of the jobs; `rows` in any order, rows of
 * jobs that the file does not have are passed over.  Job and row texts must live as long.
 */
Dispatch *dispatch_new(Arena *arena, const Clockfile *file, const JobRow *rows, size_t n_rows,
    int64_t fired_through_s, int64_t promised_s);

/* The next instant at which something must be committed: a fire, the end of a pause, or a
 * promise made under other rules, which is kept though no row comes of it.  INT64_MAX: none. */
int64_t dispatch_next(const Dispatch *dispatch);

/* How many jobs fall due at dispatch_next. */
size_t dispatch_next_jobs(const Dispatch *dispatch);

/*
 * Looks at what is due at now_s: the oldest undecided instants, whole, up to about max_rows.
 * False: nothing is (and a catch-up, if one was under way, is over).  The batch lives in
 * `tick`.
 */
bool dispatch_look(
    Dispatch *dispatch, Arena *tick, int64_t now_s, size_t max_rows, Batch *batch);

/* The batch is committed: its new_s is the horizon. */
void dispatch_move(Dispatch *dispatch, const Batch *batch);

/* The batch came to nothing: as if never looked. */
void dispatch_rewind(Dispatch *dispatch);

/* The horizon was moved by somebody else: stands there. */
void dispatch_stand(Dispatch *dispatch, int64_t fired_through_s, int64_t promised_s);

int64_t dispatch_horizon(const Dispatch *dispatch);

/* A catch-up under way: lateness is judged once, at its beginning.  Carried
 * over to new rules. */
typedef struct {
    /* From this instant on all is fired, whatever the policy; INT64_MIN: none is under way. */
    int64_t fresh_s;
    /* The last look; one that goes unasked for DISPATCH_FRESH_S begins anew. */
    int64_t asked_s;
} Catchup;

#define CATCHUP_NONE ((Catchup){INT64_MIN, INT64_MIN})

Catchup dispatch_catchup(const Dispatch *dispatch);
void dispatch_set_catchup(Dispatch *dispatch, Catchup catchup);

/* Beyond this many instants a record says "many": see dispatch_owed. */
#define DISPATCH_COUNTED 10000000

/*
 * What a schedule still owed in (low_s, through_s], as one record: true when there is any. More
 * than DISPATCH_COUNTED are not counted (count -1), so that a change of rules stays short.
 */
bool dispatch_owed(const char *job, const Schedule *schedule, int64_t low_s, int64_t through_s,
    MissReason reason, Miss *miss);

#endif
