#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "model.h"

/* What model.c (sessions, locks, time) and statements.c (what SQL does) share. */

/* Instants that a record of missed ones stands for; a backfill takes whole records. */
typedef struct {
    int job;
    int64_t first_s, last_s;
    bool whole; /* may be made up for: its count is known */
} Record;

/* What is committed. */
typedef struct {
    Row row;
    Known known[SIM_JOBS];
    int64_t born_us;  /* by the truth: when the clock that put its file in force was started */
    int64_t moved_us; /* ... and when a clock in force last fired: lost with what it fired */
    int64_t busy_until_us[SIM_JOBS]; /* a worker has the job's last row until then */
    Record *records;
    size_t n_records, records_cap;
    Ledger ledger;
} State;

/* What a transaction has written. */
typedef struct {
    bool open, failed;
    bool row_set;
    Row row;
    uint32_t known_set;
    Known known[SIM_JOBS];
    const FileText *put; /* the rules that come into force */
    int64_t rules_at_s;  /* ... and when, by the truth */
    bool plain;          /* the compare was one for now, not for an instant ahead */
    int64_t clock_us;    /* the latest that the database's clock showed meanwhile */
    int64_t began_us;    /* ... at the compare */
    SimFire *fires;
    size_t n_fires, fires_cap;
    SimMiss *misses;
    size_t n_misses, misses_cap;
    bool takeover;
    int64_t born_us; /* by the truth: when that clock was started */
    int backfill;    /* job + 1, whose oldest record is made up for; 0: none */
} Txn;

typedef struct Session {
    bool alive, ended;
    Client *client; /* NULL: it has gone, though the server may not know */
    bool broken;    /* the client knows that it is over */
    bool hung_up;   /* the end of the connection has arrived */
    bool severed;   /* nothing passes between the two any more */
    int64_t opened_us;
    Message *busy; /* being executed, or waiting for the lock */
    bool waiting;
    uint64_t turns; /* tells timers of other statements apart */
    int64_t lead_us;
    int64_t arrival_us; /* of the last message: they stay in order */
    Txn txn;
    struct Session *older;
} Session;

typedef struct {
    State state;
    Session *sessions;
    Session *lock; /* who holds the row of the horizon */
    Session *queue[64];
    size_t n_queue;
    int64_t offset_us;                 /* its clock - the truth */
    int64_t stepped_us;                /* when that was last set */
    int64_t jump_until_us, jump_by_us; /* a passing jump */
    int64_t jump_offset_us;            /* the clock without it */
    int64_t down_until_us, stall_until_us;
    bool silent; /* nobody hears that it is down */
    bool has_snapshot;
    State snapshot;
    size_t slow_fires;
    int64_t slow_until_us;
    int poison;
    int64_t poison_until_us, full_until_us;
    int64_t hindered_us; /* when a fire last was refused or had to wait too long */
    uint64_t versions;
    int64_t changed_us; /* when the rules last changed */
} Server;

extern Server server;

/* Takes the lock for the session; false: it is queued, and its statement will be run again. */
bool server_lock(Session *session, Message *message);
void server_unlock(Session *session);

/* True when the server needs longer for it than a statement may take. */
bool statement_is_slow(const Message *message);

/* Executes a statement: true when it is done (its answer is filled in), false when it waits. */
bool statement_run(Message *message);

/* Makes what the transaction wrote visible, and holds it against the ledger. */
void statement_commit(Session *session);

#endif
