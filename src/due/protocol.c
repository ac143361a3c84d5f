/* What no other file knows: the order in which a clock connects, looks, takes its place, arms
 * and fires, so that any number of them agree without talking to one another.  All they share
 * is the horizon row, and a compare-and-set on it.  Memory is never believed against a look. */

#include "due/protocol.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "due/change.h"
#include "due/jump.h"
#include "due/upkeep.h"
#include "due/vigil.h"

#define BACKOFF_FIRST_US INT64_C(100000)
#define BACKOFF_MAX_US INT64_C(5000000)
#define NEVER INT64_MAX
#define ROWS_DELAY 1000 /* a look that brings more job rows is followed by one without */

struct Protocol {
    const Clockfile *file;
    const Clockfile *fallback;
    int64_t born_us; /* mono, when the file was started */
    /* The same in database time, fixed at the first look; INT64_MIN: unknown. */
    int64_t started_us;
    int64_t least_us; /* and no less than this */
    int64_t fallback_born_us, fallback_started_us;
    /* What started_us becomes when a take-over is committed; INT64_MIN: none. */
    int64_t taking_us;
    /* It was in force or standing by once: from here on nothing ends this clock. */
    bool placed;
    bool replace;
    uint64_t chance;

    bool connected;
    int64_t dialled_us; /* mono, when the last attempt to connect began */
    int64_t retry_us;   /* mono */
    int64_t backoff_us;

    bool seen; /* `horizon` is of this connection and nothing is known to have changed */
    Horizon horizon;
    int64_t look_us;   /* mono, when the next look is due */
    int64_t offset_us; /* database time - mono */
    bool has_offset;
    Jump jump;
    Vigil vigil;
    bool wants_rows; /* the next look must bring the job rows */
    int64_t stood_s; /* where the horizon stood when last known; INT64_MIN: never seen */

    Catchup carried;    /* the catch-up of a dispatch that a reload took away */
    Arena *known;       /* of dispatch */
    Dispatch *dispatch; /* NULL until the file is in force and its rows are known */
    char version[40];   /* that dispatch stands on */
    Arena *tick;
    Batch batch;
    int64_t lead_us; /* of what is armed */
    bool armed;
    bool careful;
    size_t max_rows;
    Upkeep upkeep;
};

Protocol *
protocol_new(Arena *arena, const Clockfile *file, int64_t mono_us, uint64_t seed, bool replace)
{
    Protocol *protocol = arena_alloc(arena, sizeof *protocol);
    protocol->file = file;
    protocol->born_us = mono_us;
    protocol->started_us = protocol->least_us = INT64_MIN;
    protocol->taking_us = INT64_MIN;
    protocol->stood_s = INT64_MIN;
    protocol->carried = CATCHUP_NONE;
    protocol->chance = seed;
    protocol->replace = replace;
    protocol->known = arena_new(0);
    protocol->tick = arena_new(0);
    protocol->max_rows = DISPATCH_ROWS;
    protocol->upkeep = upkeep_new(mono_us);
    return protocol;
}

void
protocol_free(Protocol *protocol)
{
    arena_free(protocol->known);
    arena_free(protocol->tick);
}

/* A number in [0, below): only spreads waits, so a mixed counter will do. */
static int64_t
chance(Protocol *protocol, int64_t below)
{
    protocol->chance += UINT64_C(0x9e3779b97f4a7c15);
    return (int64_t)(hash_final(protocol->chance) % (uint64_t)below);
}

int64_t
protocol_db_us(const Protocol *protocol, int64_t mono_us)
{
    return mono_us + protocol->offset_us;
}

static bool
is_in_force(const Protocol *protocol)
{
    return protocol->seen && protocol->horizon.exists &&
           protocol->horizon.revision == protocol->file->revision;
}

/* Nothing is armed any more, and what is known of the horizon is asked for again. */
static void
forget(Protocol *protocol)
{
    protocol->seen = false;
    protocol->armed = false;
    if (protocol->dispatch != NULL)
        dispatch_rewind(protocol->dispatch);
}

/* ---- steps ---- */

static Step
wait_until(int64_t until_us)
{
    return (Step){.kind = STEP_WAIT, .until_us = until_us};
}

static Step
look(const Protocol *protocol)
{
    const char *known = protocol->horizon.version;
    if (protocol->wants_rows)
        known = "";
    else if (protocol->dispatch != NULL)
        known = protocol->version;
    return (Step){.kind = STEP_LOOK, .known = known};
}

/* The file in force is of another application that happens to use the same name. */
static bool
is_foreign(const Protocol *protocol)
{
    const Horizon *horizon = &protocol->horizon;
    return horizon->has_rows && horizon->n_rows > 0 && !protocol->replace &&
           !change_shares(protocol->file, horizon->rows, horizon->n_rows);
}

static Step
put_in_force(Protocol *protocol, int64_t mono_us)
{
    if (!protocol->horizon.has_rows) {
        protocol->wants_rows = true;
        return look(protocol);
    }
    if (is_foreign(protocol)) {
        if (!protocol->placed || protocol->fallback != NULL)
            return (Step){.kind = STEP_REFUSE};
        return mono_us >= protocol->look_us ? look(protocol) : wait_until(protocol->look_us);
    }
    return (Step){
        .kind = STEP_PUT, .horizon = &protocol->horizon, .started_at_us = protocol->started_us};
}

/* A take-over counts as a start at that moment, but only once it is committed: one that finds
 * the clock in force alive after all must leave this clock as old as it was. */
static Step
take_over(Protocol *protocol, int64_t mono_us)
{
    Step step = put_in_force(protocol, mono_us);
    if (step.kind != STEP_PUT)
        return step;
    protocol->taking_us = protocol_db_us(protocol, mono_us);
    step.takeover = true;
    step.started_at_us = protocol->taking_us;
    return step;
}

static Step
stand_by(Protocol *protocol, int64_t mono_us)
{
    if (is_foreign(protocol)) {
        if (!protocol->placed)
            return (Step){.kind = STEP_REFUSE};
        vigil_reset(&protocol->vigil); /* it is not ours to take over */
    }
    protocol->placed = true;
    protocol->backoff_us = 0;
    if (vigil_is_over(&protocol->vigil, mono_us))
        return take_over(protocol, mono_us);
    return mono_us >= protocol->look_us ? look(protocol) : wait_until(protocol->look_us);
}

/* The COMMIT waits until the server's log is on disk.  That of many rows is written behind
 * them, by default every 200 ms, and what is written before the instant need not be then. */
int64_t
protocol_lead_us(size_t rows)
{
    return PROTOCOL_LEAD_US + PROTOCOL_LEAD_ROW_US * (int64_t)rows +
           (rows < PROTOCOL_LEAD_LOG_ROWS ? 0 : PROTOCOL_LEAD_LOG_US);
}

static int64_t
trip_us(const Protocol *protocol)
{
    int64_t us = protocol->horizon.trip_us;
    return us < PROTOCOL_LEAD_TRIP_US ? us : PROTOCOL_LEAD_TRIP_US;
}

static Step
fire(Protocol *protocol, StepKind kind, int64_t lead_us)
{
    return (Step){.kind = kind,
        .batch = &protocol->batch,
        .lead_us = lead_us,
        .careful = protocol->careful};
}

/* When the server's clock was put back meanwhile, its instant is far away again, and so is the
 * server's timeout: the guard then undoes what would hold the row until both have come. */
static Step
armed(Protocol *protocol, int64_t mono_us)
{
    int64_t due_us = protocol->batch.new_s * 1000000 - protocol->offset_us;
    int64_t most_us = protocol->lead_us + PROTOCOL_PUT_BACK_US;
    return mono_us >= due_us || due_us - mono_us > most_us ? fire(protocol, STEP_COMMIT, 0)
                                                           : wait_until(due_us);
}

/* Nothing is due: look, promote, arm for the next instant, or wait for the first of these. */
static Step
idle(Protocol *protocol, int64_t mono_us)
{
    protocol->backoff_us = 0;
    if (mono_us >= protocol->look_us)
        return look(protocol);
    if (mono_us >= protocol->upkeep.promote_us)
        return (Step){.kind = STEP_PROMOTE};
    int64_t next_s = dispatch_next(protocol->dispatch);
    int64_t lead_us = protocol_lead_us(dispatch_next_jobs(protocol->dispatch)) +
                      PROTOCOL_LEAD_TRIPS * trip_us(protocol);
    int64_t arm_us = next_s == NEVER ? NEVER : next_s * 1000000 - lead_us - protocol->offset_us;
    if (mono_us < arm_us)
        return upkeep_step(&protocol->upkeep, mono_us, protocol->look_us, arm_us);
    if (protocol->careful) /* a poison row is found under the plain form only */
        return wait_until(next_s * 1000000 - protocol->offset_us);
    arena_reset(protocol->tick);
    bool due = dispatch_look(
        protocol->dispatch, protocol->tick, next_s, protocol->max_rows, &protocol->batch);
    assert(due);
    (void)due;
    protocol->lead_us = lead_us;
    return fire(protocol, STEP_ARM, lead_us);
}

static Step
in_force(Protocol *protocol, int64_t mono_us)
{
    if (protocol->dispatch == NULL ||
        strcmp(protocol->version, protocol->horizon.version) != 0) {
        protocol->wants_rows = true;
        return look(protocol);
    }
    int64_t now_us = protocol_db_us(protocol, mono_us);
    arena_reset(protocol->tick);
    if (dispatch_look(protocol->dispatch, protocol->tick, now_us / 1000000, protocol->max_rows,
            &protocol->batch))
        return fire(protocol, STEP_FIRE, protocol_lead_us(protocol->batch.n_fires));
    return idle(protocol, mono_us);
}

Step
protocol_step(Protocol *protocol, int64_t mono_us)
{
    if (!protocol->connected) {
        if (mono_us < protocol->retry_us)
            return wait_until(protocol->retry_us);
        protocol->dialled_us = mono_us;
        return (Step){.kind = STEP_CONNECT};
    }
    if (protocol->armed)
        return armed(protocol, mono_us);
    if (!protocol->seen)
        return look(protocol);
    if (protocol->jump.until_us != 0)
        return mono_us >= protocol->look_us ? look(protocol) : wait_until(protocol->look_us);
    if (!protocol->horizon.exists) /* the first start; or it is gone: anew where it stood */
        return (Step){
            STEP_START, .at_s = protocol->stood_s, .started_at_us = protocol->started_us};
    if (is_in_force(protocol))
        return in_force(protocol, mono_us);
    if (protocol->started_us > protocol->horizon.started_at_us)
        return put_in_force(protocol, mono_us);
    return stand_by(protocol, mono_us);
}

/* ---- how it went ---- */

void
protocol_connected(Protocol *protocol, int64_t mono_us)
{
    protocol->connected = true;
    vigil_reset(&protocol->vigil); /* a grace is seen on one connection, or it begins anew */
    protocol->look_us = mono_us;
    forget(protocol);
}

void
protocol_failed(Protocol *protocol, int64_t mono_us)
{
    /* A silent server has taken up the wait already: dial on, to be there when it speaks. */
    int64_t from_us = protocol->connected ? mono_us : protocol->dialled_us;
    protocol->connected = false;
    forget(protocol);
    int64_t backoff_us =
        protocol->backoff_us == 0 ? BACKOFF_FIRST_US : protocol->backoff_us * 2;
    if (backoff_us > BACKOFF_MAX_US)
        backoff_us = BACKOFF_MAX_US;
    protocol->backoff_us = backoff_us;
    protocol->retry_us = from_us + backoff_us / 2 + chance(protocol, backoff_us / 2 + 1);
}

/* Compares the server's clock with what it was expected to show: with this host's at the first
 * look, with its own later.  A jump is believed only after it has lasted. */
static void
confirm_jump(Protocol *protocol, const Horizon *horizon)
{
    int64_t offset_us = horizon->db_us - horizon->answered_us;
    int64_t expected_us =
        protocol->has_offset ? horizon->answered_us + protocol->offset_us : horizon->wall_us;
    if (!jump_look(
            &protocol->jump, offset_us, horizon->db_us - expected_us, horizon->answered_us))
        return;
    protocol->offset_us = offset_us;
    protocol->has_offset = true;
}

/* Makes what this clock knows of its file's jobs agree with the look. */
static void
take_place(Protocol *protocol)
{
    const Horizon *horizon = &protocol->horizon;
    vigil_reset(&protocol->vigil);
    protocol->placed = true;
    if (horizon->has_rows) {
        Catchup catchup = protocol->dispatch == NULL ? protocol->carried
                                                     : dispatch_catchup(protocol->dispatch);
        arena_reset(protocol->known);
        protocol->dispatch = dispatch_new(protocol->known, protocol->file, horizon->rows,
            horizon->n_rows, horizon->fired_through_s, horizon->next_due_s);
        dispatch_set_catchup(protocol->dispatch, catchup);
        memcpy(protocol->version, horizon->version, sizeof protocol->version);
        protocol->fallback = NULL;
        if (horizon->n_rows > ROWS_DELAY) /* the stamp is as old as the answer was long */
            protocol->look_us = horizon->answered_us;
    } else if (protocol->dispatch != NULL &&
               dispatch_horizon(protocol->dispatch) != horizon->fired_through_s) {
        dispatch_stand(protocol->dispatch, horizon->fired_through_s, horizon->next_due_s);
    }
}

/* When this file was started by the server's clock, as soon as that is believed. */
static void
date_start(Protocol *protocol)
{
    if (protocol->started_us != INT64_MIN || !protocol->has_offset)
        return;
    int64_t started_us = protocol_db_us(protocol, protocol->born_us);
    protocol->started_us = started_us > protocol->least_us ? started_us : protocol->least_us;
}

/* An instant of database time as mono. */
static int64_t
mono_of(const Protocol *protocol, int64_t db_us)
{
    return db_us == NEVER ? NEVER : db_us - protocol->offset_us;
}

void
protocol_looked(Protocol *protocol, const Horizon *horizon)
{
    confirm_jump(protocol, horizon);
    protocol->horizon = *horizon;
    protocol->seen = true;
    protocol->wants_rows = false;
    protocol->taking_us = INT64_MIN;
    protocol->look_us = horizon->answered_us + PROTOCOL_LOOK_US * 3 / 4 +
                        chance(protocol, PROTOCOL_LOOK_US / 4);
    protocol->upkeep.promote_us = mono_of(protocol, horizon->waiting_us);
    date_start(protocol);
    if (!horizon->exists)
        return;
    protocol->stood_s = horizon->fired_through_s;
    if (is_in_force(protocol)) {
        take_place(protocol);
        return;
    }
    vigil_look(&protocol->vigil, horizon);
    if (protocol->started_us != INT64_MIN && protocol->started_us <= horizon->started_at_us)
        protocol->fallback = NULL; /* the new file stands by as the old one would */
}

void
protocol_lost(Protocol *protocol)
{
    vigil_reset(&protocol->vigil); /* somebody moves the row */
    forget(protocol);
}

void
protocol_armed(Protocol *protocol, int64_t db_us, int64_t answered_us)
{
    protocol->armed = true;
    int64_t offset_us = db_us - answered_us;
    int64_t drift_us = offset_us - protocol->offset_us;
    if (drift_us < PROTOCOL_JUMP_US && drift_us > -PROTOCOL_JUMP_US)
        protocol->offset_us = offset_us;
}

void
protocol_disarmed(Protocol *protocol)
{
    forget(protocol);
}

void
protocol_done(Protocol *protocol, int64_t mono_us)
{
    protocol->armed = false;
    protocol->backoff_us = 0;
    if (protocol->taking_us != INT64_MIN)
        protocol->started_us = protocol->taking_us;
    if (!is_in_force(protocol) || protocol->batch.n_resumed > 0) {
        forget(protocol); /* the rules are new: a look brings them */
        return;
    }
    protocol->careful = false;
    protocol->max_rows =
        protocol->max_rows * 2 < DISPATCH_ROWS ? protocol->max_rows * 2 : DISPATCH_ROWS;
    dispatch_move(protocol->dispatch, &protocol->batch);
    protocol->stood_s = protocol->batch.new_s;
    for (size_t i = 0; i < protocol->batch.n_fires; i++) {
        const Fire *fired = &protocol->batch.fires[i];
        int64_t at_us = fired->run_at_s * 1000000 - protocol->offset_us;
        if (fired->run_at_s > fired->due_s)
            upkeep_expect(&protocol->upkeep, at_us, mono_us);
    }
}

void
protocol_slow(Protocol *protocol)
{
    if (protocol->max_rows > 1)
        protocol->max_rows /= 2;
    forget(protocol);
}

void
protocol_row_refused(Protocol *protocol)
{
    protocol->careful = true;
    forget(protocol);
}

void
protocol_promoted(Protocol *protocol, int64_t rows, int64_t next_us, int64_t mono_us)
{
    upkeep_promoted(&protocol->upkeep, rows, mono_of(protocol, next_us), mono_us);
}

void
protocol_pruned(Protocol *protocol, int64_t rows, int64_t mono_us)
{
    upkeep_pruned(&protocol->upkeep, rows, mono_us, (uint64_t)chance(protocol, INT64_MAX));
}

/* What was known of the jobs was known under another file; a catch-up goes
 * on under the next. */
static void
drop_dispatch(Protocol *protocol)
{
    if (protocol->dispatch != NULL)
        protocol->carried = dispatch_catchup(protocol->dispatch);
    protocol->dispatch = NULL;
}

void
protocol_reload(Protocol *protocol, const Clockfile *file, int64_t mono_us)
{
    if (protocol->fallback == NULL) {
        protocol->fallback = protocol->file;
        protocol->fallback_born_us = protocol->born_us;
        protocol->fallback_started_us = protocol->started_us;
    }
    /* The clock in force stays the newest, also when the database's clock was put back. */
    if (is_in_force(protocol))
        protocol->least_us = protocol->horizon.started_at_us + 1;
    protocol->file = file;
    protocol->born_us = mono_us;
    protocol->started_us = INT64_MIN;
    date_start(protocol);
    drop_dispatch(protocol);
    forget(protocol);
    protocol->look_us = mono_us;
}

bool
protocol_refused(Protocol *protocol)
{
    if (protocol->fallback == NULL)
        return false;
    protocol->file = protocol->fallback;
    protocol->born_us = protocol->fallback_born_us;
    protocol->started_us = protocol->fallback_started_us;
    protocol->fallback = NULL;
    drop_dispatch(protocol);
    forget(protocol);
    return true;
}

/* ---- what may be asked ---- */

const Clockfile *
protocol_file(const Protocol *protocol)
{
    return protocol->file;
}

const Clockfile *
protocol_fallback(const Protocol *protocol)
{
    return protocol->fallback;
}

Stance
protocol_stance(const Protocol *protocol)
{
    if (!protocol->connected)
        return STANCE_AWAY;
    if (!protocol->seen || !protocol->horizon.exists)
        return STANCE_UNKNOWN;
    if (is_in_force(protocol))
        return STANCE_IN_FORCE;
    return protocol->started_us > protocol->horizon.started_at_us ? STANCE_UNKNOWN
                                                                  : STANCE_STAND_BY;
}

bool
protocol_confirming(const Protocol *protocol)
{
    return protocol->jump.until_us != 0;
}

bool
protocol_jumped(const Protocol *protocol, int64_t db_s, int64_t mono_us)
{
    return db_s > protocol->stood_s &&
           db_s * 1000000 > protocol_db_us(protocol, mono_us) + PROTOCOL_JUMP_US;
}

bool
protocol_is_armed(const Protocol *protocol)
{
    return protocol->armed;
}

const Horizon *
protocol_horizon(const Protocol *protocol)
{
    return &protocol->horizon;
}

int64_t
protocol_next_s(const Protocol *protocol)
{
    return protocol->dispatch == NULL ? NEVER : dispatch_next(protocol->dispatch);
}
