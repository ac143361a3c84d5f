#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "files.h"

/*
 * The ghost of the simulation: which (job, instant) each rule promised while it was in force,
 * and what became of it.  It is part of the database's state, so that a failover takes it back
 * too; nothing under test can see it.  What breaks a promise goes to world_fail.
 */

/* A rule in force: its instants in (from_s, to_s] are owed. */
typedef struct {
    const Spec *spec;
    int64_t from_s, to_s; /* INT64_MAX: until now */
} Reign;

/* An instant that became a row or a record. */
typedef struct {
    int64_t at_s;
    bool is_row;
} Entry;

typedef struct {
    Reign *reigns;
    size_t n_reigns, reigns_cap;
    Entry *entries; /* ascending */
    size_t n, cap;
    int64_t checked_s; /* nothing is lost up to here */
    int64_t excused_s; /* removed and added again, the clock having been set back meanwhile */
} Account;

typedef struct {
    Arena *arena;
    Account jobs[SIM_JOBS];
} Ledger;

void ledger_begin(Ledger *ledger, Arena *arena);
void ledger_copy(Ledger *to, const Ledger *from);

/* From at_s on the job goes by this rule; NULL: it is no job any more. */
void ledger_rule(Ledger *ledger, int job, const Spec *spec, int64_t at_s);

/* The rule that the job goes by, or NULL. */
const Reign *ledger_reign(const Ledger *ledger, int job);

/* The least instant after after_s that was promised; INT64_MAX: none. */
int64_t ledger_next(const Ledger *ledger, int job, int64_t after_s);

/* A row was inserted. */
void ledger_row(Ledger *ledger, int job, int64_t at_s);

/* A record of `count` (-1: it does not say) instants in [first_s, last_s] was written. */
void ledger_record(
    Ledger *ledger, int job, int64_t first_s, int64_t last_s, int64_t count, const char *why);

/* A backfill made a row of a record. */
void ledger_make_up(Ledger *ledger, int job, int64_t at_s);

/* Everything promised up to low_s must be a row or a record, and nothing after it. */
void ledger_check(Ledger *ledger, int job, int64_t low_s);

#endif
