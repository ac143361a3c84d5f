/* What no other file knows: what a COMMIT must not do.  Everything that becomes visible passes
 * here, and is held against what was promised. */

#include <assert.h>

#include "server.h"

#define FRESH_S 60
#define STALE_S 300 /* what a catch-up may take, with some to spare */
#define WAIT_S 10   /* ... and a compare for its lock */

/* Only a file that was started later takes the place of another, but for a take-over, which
 * counts as a start.  A clock learns the database's time by an answer that may be slow. */
static void
check_order(const Txn *txn)
{
    int64_t born_us = txn->takeover ? world.now_us : txn->born_us;
    if (world.profile.steady && born_us < server.state.born_us - 10 * SECOND)
        world_fail("order: a file is put in force that was started %lld s before the other",
            (long long)((server.state.born_us - born_us) / SECOND));
    server.state.born_us = born_us;
}

/* Whatever the horizon accounts for is written under its lock. */
static void
check_lock(const Session *session)
{
    const Txn *txn = &session->txn;
    bool writes = txn->row_set || txn->known_set != 0 || txn->n_fires > 0 || txn->n_misses > 0;
    bool flawed = model_flaws[FLAW_NO_LOCK] || model_flaws[FLAW_BACKFILL_AHEAD];
    if (writes && server.lock != session && !flawed)
        world_fail("unlocked: a transaction writes without the horizon's lock");
}

/* Those who stand by look at nothing else: what is owed next is never after the promise. */
static void
check_promise(void)
{
    const Row *row = &server.state.row;
    for (int i = 0; i < SIM_JOBS; i++) {
        const Known *known = &server.state.known[i];
        if (!known->exists)
            continue;
        int64_t next_s =
            known->paused ? known->until_s : ledger_next(&server.state.ledger, i, model_low(i));
        if (next_s <= row->fired_through_s)
            next_s = row->fired_through_s + 1;
        if (row->next_due_s > next_s)
            world_fail("promise: %lld, and %s %s at %lld", (long long)row->next_due_s,
                job_name(i), known->paused ? "is to be resumed" : "is due", (long long)next_s);
    }
}

/* Who moves the horizon over the end of a pause ends it. */
static void
check_pauses(const Txn *txn)
{
    const State *state = &server.state;
    for (int i = 0; i < SIM_JOBS; i++) {
        const Known *known = txn->known_set >> i & 1 ? &txn->known[i] : &state->known[i];
        if (known->exists && known->paused && known->until_s > state->row.fired_through_s &&
            known->until_s <= txn->row.fired_through_s)
            world_fail("the horizon passes %lld, where the pause of %s was to end",
                (long long)known->until_s, job_name(i));
    }
}

/* The rules that come into force, by the texts of the files alone. */
static void
change_rules(const Txn *txn)
{
    Ledger *ledger = &server.state.ledger;
    assert(txn->put != NULL);
    world_tally(txn->takeover ? "take-over" : "file put in force");
    for (int i = 0; i < SIM_JOBS; i++) {
        const JobLine *rule = &txn->put->jobs[i];
        const Spec *spec = rule->spec != NULL && rule->enabled ? rule->spec : NULL;
        const Reign *reign = ledger_reign(ledger, i);
        const Known *known = &server.state.known[i];
        bool ahead = known->exists && known->since_s > txn->rules_at_s;
        if (spec != (reign == NULL ? NULL : reign->spec))
            ledger_rule(ledger, i, spec, ahead ? known->since_s : txn->rules_at_s);
    }
    bool calm = !world.profile.faults && world.now_us < world.calm_us;
    if (txn->takeover && (calm || world.now_us - server.state.moved_us < 25 * SECOND))
        world_fail("a take-over from a live clock");
}

/* The rules that are known must be those that are in force. */
static void
check_rules(void)
{
    for (int i = 0; i < SIM_JOBS && !model_flaws[FLAW_TOMBSTONE]; i++) {
        const Reign *reign = ledger_reign(&server.state.ledger, i);
        const Known *known = &server.state.known[i];
        if (known->exists != (reign != NULL) || (reign != NULL && known->spec != reign->spec))
            world_fail("rules: %s is known as '%s' and goes by '%s'", job_name(i),
                known->exists ? known->spec->text : "no job",
                reign == NULL ? "nothing" : reign->spec->text);
    }
}

/* In a world without faults nothing is late, but what an operator has just changed. */
static void
check_prompt(const SimFire *fire)
{
    int64_t late_us = model_now_us() - fire->due_s * SECOND;
    bool changed = world.now_us - server.changed_us < 15 * SECOND;
    bool calm = !world.profile.faults && world.now_us < world.calm_us;
    if (calm && late_us > (changed ? 12 : 0) * SECOND + 900000)
        world_fail("late: %s at %lld by %lld ms", job_name(fire->job), (long long)fire->due_s,
            (long long)(late_us / 1000));
}

static bool
clock_was_set(void)
{
    return world.now_us - server.stepped_us < 3600 * SECOND;
}

/* What is old goes by the job's policy, how many of the job's old ones the transaction has
 * fired so far included; a catch-up that could not get on is as old as its first attempt. */
static void
check_policy(const Session *session, const SimFire *fire, int *fired)
{
    const Client *client = session->client;
    int64_t old_s = session->txn.began_us / SECOND - FRESH_S - fire->due_s;
    bool stopped = client == NULL || client->thawed_us >= session->opened_us;
    bool tried = world.now_us - server.hindered_us < 100 * SECOND;
    if (old_s <= STALE_S || stopped || tried || clock_was_set())
        return;
    int64_t next_s = ledger_next(&server.state.ledger, fire->job, fire->due_s);
    const char *wrong = NULL;
    fired[fire->job]++;
    if (fire->missed == MISSED_SKIP)
        wrong = "it skips";
    else if (fire->missed == MISSED_LATEST && next_s < session->txn.began_us / SECOND - WAIT_S)
        wrong = "it is not the latest";
    else if (old_s > fire->within_s + STALE_S)
        wrong = "it is not within";
    else if (fire->missed == MISSED_ALL && fired[fire->job] > fire->limit)
        wrong = "there is a limit";
    if (wrong != NULL)
        world_fail("stale: %s at %lld is fired though %s, %lld s too old", job_name(fire->job),
            (long long)fire->due_s, wrong, (long long)old_s);
}

/* Fires of one transaction do not see one another. */
static void
check_overlap(const Txn *txn)
{
    uint32_t solo = 0;
    for (size_t i = 0; i < txn->n_fires; i++) {
        uint32_t job = UINT32_C(1) << txn->fires[i].job;
        if (txn->fires[i].solo && (solo & job) != 0)
            world_fail("overlap: %s has two fires in one transaction, and should wait",
                job_name(txn->fires[i].job));
        solo |= txn->fires[i].solo ? job : 0;
    }
}

static void
commit_fires(const Session *session)
{
    const Txn *txn = &session->txn;
    int fired[SIM_JOBS] = {0};
    check_overlap(txn);
    for (size_t i = 0; i < txn->n_fires; i++) {
        const SimFire *fire = &txn->fires[i];
        if (fire->due_s * SECOND > txn->clock_us)
            world_fail("early: %s at %lld, and the database's clock has only come to %lld us",
                job_name(fire->job), (long long)fire->due_s, (long long)txn->clock_us);
        ledger_row(&server.state.ledger, fire->job, fire->due_s);
        if (world_verbose > 1)
            world_note("  row", fire->job, fire->due_s, 0);
        if (txn->backfill != 0)
            continue;
        check_prompt(fire);
        check_policy(session, fire, fired);
        if (fire->solo)
            server.state.busy_until_us[fire->job] =
                world.now_us + world_span(SECOND, 5000 * SECOND);
    }
}

static void
add_record(const SimMiss *miss)
{
    State *state = &server.state;
    if (state->n_records == state->records_cap) {
        size_t cap = state->records_cap * 2 + 32;
        state->records = arena_grow(world.arena, state->records,
            state->records_cap * sizeof *state->records, cap * sizeof *state->records);
        state->records_cap = cap;
    }
    state->records[state->n_records++] = (Record){.job = miss->job,
        .first_s = miss->first_s,
        .last_s = miss->last_s,
        .whole = miss->count > 0 && miss->count < 50};
}

static void
commit_misses(const Txn *txn)
{
    for (size_t i = 0; i < txn->n_misses; i++) {
        const SimMiss *miss = &txn->misses[i];
        bool by_age = miss->reason == MISS_POLICY || miss->reason == MISS_WITHIN ||
                      miss->reason == MISS_LIMIT;
        if (by_age && !clock_was_set() && miss->last_s >= txn->clock_us / SECOND - FRESH_S)
            world_fail("fresh: %s at %lld is dropped (%s) after %lld s", job_name(miss->job),
                (long long)miss->last_s, miss_reason(miss->reason),
                (long long)(txn->clock_us / SECOND - miss->last_s));
        if (world_verbose > 1)
            world_note("  record", miss->job, miss->first_s, miss->last_s);
        ledger_record(&server.state.ledger, miss->job, miss->first_s, miss->last_s, miss->count,
            miss_reason(miss->reason));
        add_record(miss);
        world_tally(miss_reason(miss->reason));
    }
}

/* The job's oldest whole record becomes rows. */
static void
make_up(int job)
{
    State *state = &server.state;
    for (size_t i = 0; i < state->n_records; i++) {
        Record *record = &state->records[i];
        if (record->job != job || !record->whole)
            continue;
        record->whole = false;
        world_tally("record made up for");
        int64_t at_s = record->first_s - 1;
        while ((at_s = ledger_next(&state->ledger, job, at_s)) <= record->last_s)
            ledger_make_up(&state->ledger, job, at_s);
        return;
    }
}

static void
check_accounts(void)
{
    Ledger *ledger = &server.state.ledger;
    for (int i = 0; i < SIM_JOBS; i++) {
        if (server.state.known[i].exists)
            ledger_check(ledger, i, model_low(i));
        else if (ledger->jobs[i].n_reigns > 0 && ledger_reign(ledger, i) == NULL)
            ledger_check(ledger, i, ledger->jobs[i].reigns[ledger->jobs[i].n_reigns - 1].to_s);
    }
}

void
statement_commit(Session *session)
{
    Txn *txn = &session->txn;
    State *state = &server.state;
    world_note(
        "commit", txn->row.fired_through_s, (int64_t)txn->n_fires, (int64_t)txn->n_misses);
    bool changed = txn->row_set && (txn->row.version != state->row.version);
    if (txn->row_set && state->row.exists &&
        txn->row.fired_through_s < state->row.fired_through_s)
        world_fail("back: the horizon goes from %lld to %lld",
            (long long)state->row.fired_through_s, (long long)txn->row.fired_through_s);
    int64_t most_s = (world.now_us + server.jump_offset_us) / SECOND + 3600;
    bool ahead = txn->n_fires > 0 && txn->row.fired_through_s > most_s;
    bool rules_ahead = txn->put != NULL && txn->rules_at_s > most_s &&
                       txn->rules_at_s > state->row.fired_through_s;
    if ((ahead || rules_ahead) && world.now_us < server.jump_until_us)
        world_fail("jump: a clock that jumps for a moment is believed");
    check_lock(session);
    if (txn->row_set && state->row.exists)
        check_pauses(txn);
    if (txn->put != NULL) {
        check_order(txn);
        change_rules(txn);
    }
    commit_fires(session);
    commit_misses(txn);
    if (txn->backfill != 0 && !model_flaws[FLAW_BACKFILL_AHEAD])
        make_up(txn->backfill - 1);
    if (txn->row_set && !(model_flaws[FLAW_TWO_TRANSACTIONS] && txn->put == NULL))
        state->row = txn->row;
    for (int i = 0; i < SIM_JOBS; i++) {
        if (txn->known_set >> i & 1)
            state->known[i] = txn->known[i];
    }
    check_accounts();
    if (txn->row_set)
        check_promise();
    if (txn->put != NULL)
        check_rules();
    if (txn->plain && txn->n_fires > 0 &&
        model_next_due_us(txn->row.fired_through_s * SECOND - server.offset_us) <
            world.now_us - SECOND)
        world_tally("slice of a backlog");
    if (txn->row_set && txn->n_fires > 0)
        state->moved_us = world.now_us;
    if (changed) {
        server.changed_us = world.now_us;
        world_stir();
    }
}
