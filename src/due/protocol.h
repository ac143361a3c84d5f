#ifndef DUE_PROTOCOL_H
#define DUE_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "due/dispatch.h"
#include "file/clockfile.h"

/*
 * What a clock does next.  Any number of clocks share one horizon row in the database; each
 * runs this machine and nothing else agrees with the others.  It is asked for a step, somebody
 * takes the step against the database (or against a model of one) and tells how it went.  Pure:
 * instants are arguments, chance comes from a seed.
 *
 *     connect -> look -> no row:               start        -> look
 *                        another file, older:  put in force -> look
 *                        another file, newer:  stand by: look every 10 s; overdue for a grace:
 * take over this file:            wait, arm, commit; or fire what is due already
 *
 * "mono" is now_mono_us; database time is the server's stamp counted on from the arrival of the
 * answer that carried it.
 */
typedef struct Protocol Protocol;

/* The horizon is looked at at least this often. */
#define PROTOCOL_LOOK_US INT64_C(10000000)
/* Overdue for so long, in so many looks: the clock in force is gone. */
#define PROTOCOL_GRACE_US INT64_C(30000000)
#define PROTOCOL_GRACE_LOOKS 3
/* A transaction is armed so long before its instant: for itself, for each row, for each trip to
 * the server that it takes, and with many rows for their log to reach the server's disk. */
#define PROTOCOL_LEAD_US INT64_C(50000)
#define PROTOCOL_LEAD_ROW_US INT64_C(20)
#define PROTOCOL_LEAD_TRIPS 5
#define PROTOCOL_LEAD_TRIP_US INT64_C(100000) /* a longer one is an accident */
#define PROTOCOL_LEAD_LOG_US INT64_C(250000)
#define PROTOCOL_LEAD_LOG_ROWS 100
/* A greater difference of clocks is confirmed for so long first. */
#define PROTOCOL_JUMP_US INT64_C(3600000000)
#define PROTOCOL_CONFIRM_US INT64_C(60000000)
/* So much further off than its lead an armed instant may be. */
#define PROTOCOL_PUT_BACK_US INT64_C(1000000)

/* The same as microseconds for so many rows, but for the trips. */
int64_t protocol_lead_us(size_t rows);

/* What a look found: clock.horizons, and the job rows when its version is not the one that was
 * known. */
typedef struct {
    bool exists;
    char version[40];
    uint64_t revision;
    int64_t fired_through_s;
    int64_t next_due_s;    /* INT64_MAX: none */
    int64_t started_at_us; /* of the clock that put this revision in force */
    int64_t db_us;         /* the server's clock, whether the row exists or not */
    int64_t waiting_us;    /* when the next waiting row becomes ready; INT64_MAX: none waits */
    int64_t answered_us;   /* mono, when the answer had arrived */
    int64_t trip_us;       /* from the question to the answer */
    int64_t wall_us;       /* this host's clock at that moment */
    bool has_rows;
    const JobRow *rows; /* live until the next look */
    size_t n_rows;
} Horizon;

typedef enum {
    STEP_WAIT, /* nothing to do before until_us */
    STEP_CONNECT,
    STEP_LOOK,    /* with `known` */
    STEP_START,   /* insert the horizon: at_s, or the server's now when it is INT64_MIN */
    STEP_PUT,     /* put the file in force, against *horizon */
    STEP_FIRE,    /* one transaction with *batch, guarded by the server's clock */
    STEP_ARM,     /* the same up to its COMMIT */
    STEP_COMMIT,  /* the instant has come: guard and commit */
    STEP_PROMOTE, /* make waiting rows ready whose time has come */
    STEP_PRUNE,   /* delete a page of old history: nothing else is to be done for a while */
    STEP_REFUSE   /* the file shares no job with the one in force */
} StepKind;

typedef struct {
    StepKind kind;
    int64_t until_us;  /* WAIT */
    const char *known; /* LOOK: rows are wanted unless the version is this one */
    int64_t at_s;      /* START */
    /* START, PUT: when this clock's file was started, in database time */
    int64_t started_at_us;
    const Horizon *horizon; /* PUT */
    bool takeover;          /* PUT: only if the row is still untouched and overdue */
    const Batch *batch;     /* FIRE, ARM, COMMIT */
    int64_t lead_us;        /* FIRE, ARM: how long the transaction may stay open */
    bool careful;           /* FIRE: find the row that the server refuses */
} Step;

/* How this clock stands to the horizon. */
typedef enum { STANCE_AWAY, STANCE_UNKNOWN, STANCE_IN_FORCE, STANCE_STAND_BY } Stance;

/* `mono_us` is when this process started.  replace: --replace was given. */
Protocol *protocol_new(
    Arena *arena, const Clockfile *file, int64_t mono_us, uint64_t seed, bool replace);
void protocol_free(Protocol *protocol); /* the arenas of its own */

/* The next step; what it points to lives until the next call. */
Step protocol_step(Protocol *protocol, int64_t mono_us);

/* How a step went. */
void protocol_connected(Protocol *protocol, int64_t mono_us);
void protocol_failed(
    Protocol *protocol, int64_t mono_us); /* no connection, or not now: back off */
void protocol_looked(Protocol *protocol, const Horizon *horizon);
void protocol_lost(Protocol *protocol); /* another was first: look again */
void protocol_armed(
    Protocol *protocol, int64_t db_us, int64_t answered_us); /* the server's clock anew */
void protocol_disarmed(Protocol *protocol); /* rolled back: too early, or before a reload */
void protocol_done(
    Protocol *protocol, int64_t mono_us);      /* START, PUT, FIRE or COMMIT is committed */
void protocol_slow(Protocol *protocol);        /* a statement timed out: smaller batches */
void protocol_row_refused(Protocol *protocol); /* the server refused a value: go careful */

/* So many rows were made ready; next_us: database time at which the next one is (INT64_MAX:
 * none). */
void protocol_promoted(Protocol *protocol, int64_t rows, int64_t next_us, int64_t mono_us);

/* So many rows of history were deleted; -1: that is refused, and not to be asked for again. */
void protocol_pruned(Protocol *protocol, int64_t rows, int64_t mono_us);

/* STEP_REFUSE was said: back to the file before; false when there is none. */
bool protocol_refused(Protocol *protocol);

/* A new file was read; nothing may be armed.  It is put in force as if this clock had started
 * now; if it is refused, the old one stays. */
void protocol_reload(Protocol *protocol, const Clockfile *file, int64_t mono_us);

/* The file that this clock goes by, and the one it would fall back to (NULL: none). */
const Clockfile *protocol_file(const Protocol *protocol);
const Clockfile *protocol_fallback(const Protocol *protocol);

Stance protocol_stance(const Protocol *protocol);
bool protocol_confirming(const Protocol *protocol); /* a jump of clocks is being confirmed */

/* True when START or PUT has just been dated beyond the horizon by a server's clock that is
 * further ahead than is believed without being confirmed: undo it, and look. */
bool protocol_jumped(const Protocol *protocol, int64_t db_s, int64_t mono_us);

bool protocol_is_armed(const Protocol *protocol);
int64_t protocol_db_us(const Protocol *protocol, int64_t mono_us); /* database time */
int64_t protocol_next_s(const Protocol *protocol); /* the next promised instant; INT64_MAX */
const Horizon *protocol_horizon(const Protocol *protocol); /* as last seen */

#endif
