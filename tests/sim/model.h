#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "due/dispatch.h"
#include "ledger.h"
#include "world.h"

/*
 * The database: the four tables of the protocol as PostgreSQL would treat them under READ
 * COMMITTED.  A statement sees what was committed when it began, an UPDATE of a row that
 * another transaction has changed waits for that one's end and looks again, a COMMIT happens at
 * one moment whether or not anybody learns of it, and sessions end by the server's timeouts.
 */

/* The rules of the SQL and of the operators' commands that a planted bug leaves out. */
typedef enum {
    FLAW_NO_LOCK,           /* compare and set does not lock the row */
    FLAW_TWO_TRANSACTIONS,  /* rows first, then the horizon */
    FLAW_FIRED_UNCHECKED,   /* the compare leaves out fired_through */
    FLAW_VERSION_UNCHECKED, /* ... version */
    FLAW_NOW_UNCHECKED,     /* ... that the instant has come */
    FLAW_NO_GUARD,          /* COMMIT without clock.not_before */
    FLAW_PUT_KEEPS_VERSION, /* putting in force does not renew the version */
    FLAW_PUT_UNCHECKED,     /* ... does not compare it */
    FLAW_COUNTER,           /* a version is a number that counts */
    FLAW_T_BEFORE_LOCK,     /* the moment of change is read before the wait */
    FLAW_TWO_LOOKS,         /* rules and horizon are read in two snapshots */
    FLAW_TOMBSTONE,         /* a removed job keeps its row */
    FLAW_TAKEOVER_BLIND,    /* a take-over compares the version only */
    FLAW_PAUSE_FLAG,        /* a pause leaves `since` as it is */
    FLAW_PAUSE_SILENT,      /* ... and the version */
    FLAW_RESUME_FORGETS,    /* a resume records nothing */
    FLAW_RESUME_EARLY,      /* ... reads the moment before the lock */
    FLAW_BACKFILL_AHEAD,    /* a backfill goes beyond the horizon */
    FLAWS
} Flaw;

extern bool model_flaws[FLAWS];
/* The flaw of that name, FLAWS when there is none: "no-lock" and so on. */
Flaw model_flaw(const char *name);

typedef struct {
    bool exists;
    int64_t fired_through_s, next_due_s;
    uint64_t revision, version;
    int64_t started_at_us;
} Row;

/* A row of schedules. */
typedef struct {
    bool exists, paused;
    const Spec *spec;
    int64_t since_s, until_s;
} Known;

typedef struct {
    int job;
    int64_t due_s;
    bool solo;
    MissedPolicy missed;
    int32_t limit;
    int64_t within_s;
} SimFire;

typedef struct {
    int job;
    int64_t first_s, last_s, count;
    MissReason reason;
} SimMiss;

typedef enum {
    MESSAGE_CONNECT,
    MESSAGE_LOOK,
    MESSAGE_COMPARE,
    MESSAGE_START,
    MESSAGE_PUT,
    MESSAGE_CHANGE,
    MESSAGE_FIRES,
    MESSAGE_CAREFUL,
    MESSAGE_MISSES,
    MESSAGE_RESUME,
    MESSAGE_NOTIFY,
    MESSAGE_STAMP,
    MESSAGE_COMMIT,
    MESSAGE_MOVE, /* the second transaction of FLAW_TWO_TRANSACTIONS */
    MESSAGE_ROLLBACK,
    MESSAGE_OPERATOR
} MessageKind;

typedef enum { OPERATOR_PAUSE, OPERATOR_RESUME, OPERATOR_BACKFILL, OPERATOR_HOLD } OperatorKind;

/* A statement on its way, and its answer. */
typedef struct {
    MessageKind kind;
    struct Session *session;
    Client *from;
    bool first; /* of its transaction: BEGIN goes with it */
    int64_t lead_us;
    int64_t old_s, new_s, next_due_s, at_s, until_s;
    int64_t started_at_us;
    uint64_t revision, version;
    bool now, renew, takeover, guard, promises;
    SimFire *fires;
    size_t n_fires;
    SimMiss *misses;
    size_t n_misses;
    uint32_t put, removed; /* sets of jobs */
    const Spec *specs[SIM_JOBS];
    OperatorKind operator_kind;
    int job;
    /* of the server: */
    bool seen;       /* it has run before, and waited for the lock */
    int64_t early_s; /* when it first ran */
    /* the answer */
    bool answered;
    ErrorKind error; /* ERR_NONE: done */
    const char *sqlstate;
    bool held;
    int64_t db_us;
    Row row;
    Known *known; /* LOOK: the job rows, NULL when they were not wanted; RESUME: the job's */
    uint32_t overlapped, refused;
} Message;

void model_begin(void);

/* Sends the message and waits for the answer, until_us by the host's monotonic clock.  False
 * with *error filled. */
bool model_ask(Client *client, Message *message, int64_t until_us, Error *error);

/* The client closes its connection, or it is killed and the system does. */
void model_cut(Client *client);

/* False once the client has seen that its connection is gone. */
bool model_is_open(const Client *client);

/* True when the client could see that its connection is gone. */
bool model_is_broken(const Client *client);

/* True when nothing has changed the rules for so long that every clock has looked since. */
bool model_is_quiet(void);

/* The database's clock. */
int64_t model_now_us(void);

/* ---- what happens to the database ---- */

void model_crash(int64_t for_us, bool silent);
void model_stall(int64_t for_us);
void model_snapshot(void);
bool model_has_snapshot(void);
void model_fail_over(bool pooler, int64_t offset_us);
void model_step_clock(int64_t by_us);
/* The clock is about to jump for a moment, in which nothing ahead may be fired.  False: not
 * now.
 */
bool model_begin_jump(int64_t by_us, int64_t for_us);
void model_slow(size_t fires, int64_t for_us);
void model_poison(int job, int64_t for_us);
void model_full(int64_t for_us);
void model_heal(void);

/* ---- what the world may look at ---- */

const Row *model_row(void);
const Known *model_known(int job);
const Ledger *model_ledger(void);

/* The bound up to which a job's instants are decided. */
int64_t model_low(int job);

/* The earliest moment (true time) at which a promised instant after after_us is due. */
int64_t model_next_due_us(int64_t after_us);

#endif
