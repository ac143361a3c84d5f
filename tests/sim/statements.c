/* What no other file knows: what each statement of the protocol does to the tables, as the
 * files of src/sql say it, and what a COMMIT must not do. */

#include <assert.h>
#include <string.h>

#include "nature.h"
#include "server.h"

#define GRACE_US (30 * SECOND)

bool model_flaws[FLAWS];

Flaw
model_flaw(const char *name)
{
    static const char *const names[FLAWS] = {
        [FLAW_NO_LOCK] = "no-lock",
        [FLAW_TWO_TRANSACTIONS] = "two-transactions",
        [FLAW_FIRED_UNCHECKED] = "fired-unchecked",
        [FLAW_VERSION_UNCHECKED] = "version-unchecked",
        [FLAW_NOW_UNCHECKED] = "now-unchecked",
        [FLAW_NO_GUARD] = "no-guard",
        [FLAW_PUT_KEEPS_VERSION] = "put-keeps-version",
        [FLAW_PUT_UNCHECKED] = "put-unchecked",
        [FLAW_COUNTER] = "counter",
        [FLAW_T_BEFORE_LOCK] = "t-before-lock",
        [FLAW_TWO_LOOKS] = "two-looks",
        [FLAW_TOMBSTONE] = "tombstone",
        [FLAW_TAKEOVER_BLIND] = "takeover-blind",
        [FLAW_PAUSE_FLAG] = "pause-flag",
        [FLAW_PAUSE_SILENT] = "pause-silent",
        [FLAW_RESUME_FORGETS] = "resume-forgets",
        [FLAW_RESUME_EARLY] = "resume-early",
        [FLAW_BACKFILL_AHEAD] = "backfill-ahead",
    };
    int flaw = 0;
    while (flaw < FLAWS && strcmp(names[flaw], name) != 0)
        flaw++;
    return (Flaw)flaw;
}

static uint64_t
new_version(const Row *row)
{
    return model_flaws[FLAW_COUNTER] ? row->version + 1 : ++server.versions;
}

static int64_t
now_s(void)
{
    return model_now_us() / SECOND;
}

/* The moment of change: never before what is decided. */
static int64_t
moment(int64_t fired_through_s)
{
    return now_s() > fired_through_s ? now_s() : fired_through_s;
}

static bool
refuse(Message *message, ErrorKind kind, const char *sqlstate)
{
    server.hindered_us = world.now_us;
    message->error = kind;
    message->sqlstate = sqlstate;
    return true;
}

/* ---- what a transaction writes ---- */

static Known *
known_to_write(Txn *txn, int job)
{
    if (!(txn->known_set >> job & 1))
        txn->known[job] = server.state.known[job];
    txn->known_set |= UINT32_C(1) << job;
    return &txn->known[job];
}

static void
add_fire(Txn *txn, SimFire fire)
{
    if (txn->n_fires == txn->fires_cap) {
        size_t cap = txn->fires_cap * 2 + 16;
        txn->fires = arena_grow(
            world.arena, txn->fires, txn->fires_cap * sizeof fire, cap * sizeof fire);
        txn->fires_cap = cap;
    }
    txn->fires[txn->n_fires++] = fire;
}

static void
add_miss(Txn *txn, SimMiss miss)
{
    if (txn->n_misses == txn->misses_cap) {
        size_t cap = txn->misses_cap * 2 + 16;
        txn->misses = arena_grow(
            world.arena, txn->misses, txn->misses_cap * sizeof miss, cap * sizeof miss);
        txn->misses_cap = cap;
    }
    txn->misses[txn->n_misses++] = miss;
}

/* ---- statements ---- */

static bool
look(Message *message)
{
    const State *state = &server.state;
    message->row = state->row;
    message->db_us = model_now_us();
    if (state->row.exists && state->row.version != message->version) {
        message->known = arena_array(world.arena, SIM_JOBS, sizeof *message->known);
        memcpy(message->known, state->known, sizeof state->known);
    }
    return true;
}

/* The horizon as a transaction sees it. */
static const Row *
visible_row(const Message *message)
{
    const Txn *txn = &message->session->txn;
    return txn->row_set ? &txn->row : &server.state.row;
}

static bool
compare_matches(const Message *message)
{
    const Row *row = visible_row(message);
    return row->exists && row->revision == message->revision &&
           (row->fired_through_s == message->old_s || model_flaws[FLAW_FIRED_UNCHECKED]) &&
           (row->version == message->version || model_flaws[FLAW_VERSION_UNCHECKED]) &&
           (!message->now || message->new_s <= now_s() || model_flaws[FLAW_NOW_UNCHECKED]);
}

/* compare.sql */
static bool
compare(Message *message, Txn *txn)
{
    if (!compare_matches(message))
        return true;
    if (!model_flaws[FLAW_NO_LOCK] && !server_lock(message->session, message))
        return false;
    txn->row = *visible_row(message);
    txn->row.fired_through_s = message->new_s;
    txn->row.next_due_s = message->next_due_s;
    if (message->renew)
        txn->row.version = new_version(&txn->row);
    txn->row_set = true;
    txn->plain = message->now;
    message->held = true;
    message->db_us = model_now_us();
    return true;
}

/* start.sql */
static bool
start(Message *message, Txn *txn)
{
    if (server.state.row.exists)
        return true;
    if (!message->seen)
        nature_change();
    if (!server_lock(message->session, message))
        return false;
    txn->row = (Row){.exists = true,
        .fired_through_s = message->at_s == INT64_MIN ? now_s() : message->at_s,
        .next_due_s = INT64_MAX,
        .revision = message->revision,
        .version = new_version(&txn->row),
        .started_at_us = message->started_at_us};
    txn->row_set = true;
    txn->put = files_find(&world.files, message->revision);
    txn->born_us = message->from->born_us;
    message->at_s = txn->rules_at_s = txn->row.fired_through_s;
    message->held = true;
    return true;
}

static bool
put_matches(const Message *message)
{
    const Row *row = visible_row(message);
    if (!row->exists || (row->version != message->version && !model_flaws[FLAW_PUT_UNCHECKED]))
        return false;
    if (!message->takeover || model_flaws[FLAW_TAKEOVER_BLIND])
        return true;
    return row->fired_through_s == message->old_s && row->next_due_s == message->next_due_s &&
           row->next_due_s * SECOND < model_now_us() - GRACE_US;
}

/* put.sql and takeover.sql */
static bool
put(Message *message, Txn *txn)
{
    if (!put_matches(message))
        return true;
    if (!message->seen) {
        message->early_s = moment(server.state.row.fired_through_s);
        nature_change();
    }
    if (!server_lock(message->session, message))
        return false;
    txn->row = *visible_row(message);
    txn->row.revision = message->revision;
    txn->row.started_at_us = message->started_at_us;
    if (!model_flaws[FLAW_PUT_KEEPS_VERSION])
        txn->row.version = new_version(&txn->row);
    txn->row_set = true;
    txn->takeover = message->takeover;
    txn->put = files_find(&world.files, message->revision);
    txn->born_us = message->from->born_us;
    txn->rules_at_s = moment(txn->row.fired_through_s);
    message->at_s = model_flaws[FLAW_T_BEFORE_LOCK] ? message->early_s : txn->rules_at_s;
    message->old_s = txn->row.fired_through_s;
    message->held = true;
    return true;
}

/* delete_schedules.sql, put_schedules.sql, promise.sql */
static bool
change(const Message *message, Txn *txn)
{
    for (int i = 0; i < SIM_JOBS; i++) {
        if (message->removed >> i & 1 && !model_flaws[FLAW_TOMBSTONE])
            *known_to_write(txn, i) = (Known){.exists = false};
        if (message->put >> i & 1) {
            Known *known = known_to_write(txn, i);
            if (!known->exists)
                *known = (Known){.exists = true, .since_s = INT64_MIN};
            known->spec = message->specs[i];
            if (known->since_s < message->at_s)
                known->since_s = message->at_s;
        }
    }
    txn->row.next_due_s = message->next_due_s;
    return true;
}

static bool
is_poison(int job)
{
    return job == server.poison && world.now_us < server.poison_until_us;
}

/* insert_jobs.sql and insert_overlap.sql, with savepoints or without. */
static bool
fires(Message *message, Txn *txn)
{
    bool careful = message->kind == MESSAGE_CAREFUL;
    if (statement_is_slow(message) && !careful) {
        world_tally("statement took too long");
        return refuse(message, ERR_DB_LOST, "57014");
    }
    if (world.now_us < server.full_until_us)
        return refuse(message, ERR_DB_AWAY, "53100");
    for (size_t i = 0; i < message->n_fires && !careful; i++) {
        if (is_poison(message->fires[i].job))
            return refuse(message, ERR_DB_ROW, "P0001");
    }
    for (size_t i = 0; i < message->n_fires; i++) {
        const SimFire *fire = &message->fires[i];
        bool busy = fire->solo && world.now_us < server.state.busy_until_us[fire->job];
        if (!busy && !is_poison(fire->job)) {
            add_fire(txn, *fire);
            continue;
        }
        add_miss(txn, (SimMiss){.job = fire->job,
                          .first_s = fire->due_s,
                          .last_s = fire->due_s,
                          .count = 1,
                          .reason = busy ? MISS_OVERLAP : MISS_REFUSED});
        world_tally(busy ? "row left out for overlap" : "row refused by the server");
    }
    return true;
}

static bool
misses(const Message *message, Txn *txn)
{
    for (size_t i = 0; i < message->n_misses; i++)
        add_miss(txn, message->misses[i]);
    return true;
}

/* resume.sql, and operator_resume.sql with operator_promise.sql */
static bool
resume(const Message *message, Txn *txn)
{
    for (int i = 0; i < SIM_JOBS; i++) {
        if (!(message->put >> i & 1))
            continue;
        Known *known = known_to_write(txn, i);
        bool clock = message->session->client != NULL && message->session->client->is_clock;
        int64_t next_s = server.state.row.fired_through_s + 1;
        if (clock && message->at_s != (known->until_s > next_s ? known->until_s : next_s))
            world_fail("a pause of %s ends at %lld, and was to end at %lld", job_name(i),
                (long long)message->at_s, (long long)known->until_s);
        known->paused = false;
        if (known->since_s < message->at_s)
            known->since_s = message->at_s;
        known->until_s = INT64_MAX;
        if (clock)
            world_tally("pause ended by its until");
    }
    if (message->promises && message->next_due_s < txn->row.next_due_s)
        txn->row.next_due_s = message->next_due_s;
    return true;
}

bool
statement_is_slow(const Message *message)
{
    return world.now_us < server.slow_until_us && message->n_fires > server.slow_fires;
}

/* ---- operators ---- */

/* operator_pause.sql and operator_promise.sql */
static void
pause_job(const Message *message, Txn *txn)
{
    Known *known = known_to_write(txn, message->job);
    if (!known->paused && !model_flaws[FLAW_PAUSE_FLAG])
        known->since_s = model_low(message->job);
    known->paused = true;
    known->until_s = message->until_s;
    if (message->until_s < txn->row.next_due_s)
        txn->row.next_due_s = message->until_s;
}

/* operator_rules.sql: the rest is for the operator to work out, and comes in other messages. */
static void
show_pause(Message *message, const Txn *txn)
{
    message->known = arena_alloc(world.arena, sizeof *message->known);
    *message->known = server.state.known[message->job];
    message->old_s = txn->row.fired_through_s;
    message->at_s =
        model_flaws[FLAW_RESUME_EARLY] ? message->early_s : moment(txn->row.fired_through_s);
}

/* Everything owed beyond the bound, as an operator might type it. */
static void
backfill_ahead(int job, Txn *txn)
{
    int64_t at_s = model_low(job);
    while ((at_s = ledger_next(&server.state.ledger, job, at_s)) <= now_s())
        add_fire(txn, (SimFire){.job = job, .due_s = at_s});
}

static bool
operate(Message *message, Txn *txn)
{
    const Row *row = &server.state.row;
    const Known *known = &server.state.known[message->job];
    OperatorKind kind = message->operator_kind;
    if (!row->exists || (kind != OPERATOR_HOLD && row->version != message->version))
        return true;
    if (kind == OPERATOR_PAUSE ? !known->exists || message->until_s <= now_s()
                               : kind == OPERATOR_RESUME && !(known->exists && known->paused))
        return true;
    if (!message->seen)
        message->early_s = moment(row->fired_through_s);
    if (kind == OPERATOR_BACKFILL && model_flaws[FLAW_BACKFILL_AHEAD])
        backfill_ahead(message->job, txn);
    else if (!server_lock(message->session, message))
        return false;
    message->held = true;
    if (kind == OPERATOR_BACKFILL)
        txn->backfill = message->job + 1;
    if (kind == OPERATOR_BACKFILL || kind == OPERATOR_HOLD)
        return true;
    txn->row = *row;
    txn->row_set = true;
    if (kind != OPERATOR_PAUSE || !model_flaws[FLAW_PAUSE_SILENT])
        txn->row.version = new_version(row);
    if (kind == OPERATOR_PAUSE)
        pause_job(message, txn);
    else
        show_pause(message, txn);
    return true;
}

/* ---- the end of a transaction ---- */

static bool
commit(const Message *message, Txn *txn)
{
    Message *answer = (Message *)(uintptr_t)message;
    bool early = message->guard && model_now_us() < message->at_s * SECOND;
    if (early && !model_flaws[FLAW_NO_GUARD]) {
        world_tally("commit refused: too early");
        return refuse(answer, ERR_DB_LOST, "TE001");
    }
    if (!txn->failed) {
        if (txn->row_set)
            message->from->committed_s = txn->row.fired_through_s;
        statement_commit(message->session);
    }
    *txn = (Txn){.open = false};
    server_unlock(message->session);
    return true;
}

static bool
rollback(Message *message, Txn *txn)
{
    *txn = (Txn){.open = false};
    server_unlock(message->session);
    return true;
}

/* The horizon in a transaction of its own. */
static bool
move(const Message *message)
{
    Row *row = &server.state.row;
    if (row->exists && row->fired_through_s == message->old_s) {
        row->fired_through_s = message->new_s;
        row->next_due_s = message->next_due_s;
    }
    return true;
}

static void
begin(const Message *message, Txn *txn)
{
    if (txn->open) /* a second BEGIN only warns */
        return;
    *txn = (Txn){.open = true, .clock_us = model_now_us(), .began_us = model_now_us()};
    message->session->lead_us = message->lead_us;
}

bool
statement_run(Message *message)
{
    Txn *txn = &message->session->txn;
    if (message->first && !message->seen)
        begin(message, txn);
    if (txn->clock_us < model_now_us())
        txn->clock_us = model_now_us();
    if (txn->failed && message->kind != MESSAGE_ROLLBACK && message->kind != MESSAGE_COMMIT)
        return refuse(message, ERR_DB_REFUSED, "25P02");
    switch (message->kind) {
    case MESSAGE_LOOK:
        return look(message);
    case MESSAGE_COMPARE:
        return compare(message, txn);
    case MESSAGE_START:
        return start(message, txn);
    case MESSAGE_PUT:
        return put(message, txn);
    case MESSAGE_CHANGE:
        return misses(message, txn) && change(message, txn);
    case MESSAGE_FIRES:
    case MESSAGE_CAREFUL:
        return fires(message, txn);
    case MESSAGE_MISSES:
        return misses(message, txn);
    case MESSAGE_RESUME:
        return resume(message, txn);
    case MESSAGE_COMMIT:
        return commit(message, txn);
    case MESSAGE_MOVE:
        return move(message);
    case MESSAGE_ROLLBACK:
        return rollback(message, txn);
    case MESSAGE_OPERATOR:
        return operate(message, txn);
    case MESSAGE_STAMP:
        message->db_us = model_now_us();
        break;
    case MESSAGE_CONNECT:
    case MESSAGE_NOTIFY:
        break;
    }
    return true;
}
