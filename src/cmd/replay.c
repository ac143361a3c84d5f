/* What no other file knows: how the dispatcher is driven through a span that never was.  Time
 * goes from one instant to the next; an instant within an outage is looked at when it ends. */

#include "cmd/replay.h"

static void
add_fire(Tally *tally, int64_t due_s, int64_t now_s)
{
    if (due_s == now_s) {
        tally->on_time++;
        return;
    }
    if (tally->late < REPLAY_FIRST)
        tally->first_s[tally->late] = due_s;
    tally->late++;
    if (now_s - due_s > tally->latest_by_s)
        tally->latest_by_s = now_s - due_s;
}

static void
add_miss(Tally *tally, const Miss *miss)
{
    Miss *all = &tally->misses[miss->reason];
    if (all->count == 0) {
        *all = *miss;
        return;
    }
    all->count += miss->count;
    all->last_s = miss->last_s;
}

static void
add_batch(Replay *replay, const ReplaySpec *spec, const Batch *batch, int64_t now_s, Tally *end)
{
    for (size_t i = 0; i < batch->n_fires; i++) {
        size_t job = (size_t)(batch->fires[i].job - spec->file->jobs);
        add_fire(&replay->jobs[job], batch->fires[i].due_s, now_s);
        if (end != NULL)
            add_fire(&end[job], batch->fires[i].due_s, now_s);
    }
    for (size_t i = 0; i < batch->n_misses; i++) {
        const Job *job = clockfile_job(spec->file, batch->misses[i].job);
        add_miss(&replay->jobs[job - spec->file->jobs], &batch->misses[i]);
        if (end != NULL)
            add_miss(&end[job - spec->file->jobs], &batch->misses[i]);
        replay->skipped += batch->misses[i].count;
    }
    replay->fires += (int64_t)batch->n_fires;
}

/* Which outage the instant falls into; n_outages: none. */
static size_t
find_outage(const ReplaySpec *spec, int64_t at_s)
{
    size_t i = 0;
    while (i < spec->n_outages &&
           (at_s < spec->outages[i].from_s || at_s >= spec->outages[i].until_s))
        i++;
    return i;
}

/* The first start knows nothing of the past: every job begins at from_s. */
static Dispatch *
start(Arena *arena, const ReplaySpec *spec)
{
    const Clockfile *file = spec->file;
    JobRow *rows = arena_array(arena, file->n + 1, sizeof *rows);
    for (size_t i = 0; i < file->n; i++)
        rows[i] = (JobRow){.job = file->jobs[i].name,
            .spec = file->jobs[i].spec,
            .since_s = spec->from_s,
            .until_s = INT64_MAX};
    return dispatch_new(arena, file, rows, file->n, spec->from_s, INT64_MAX);
}

static void
count_undecided(Replay *replay, const ReplaySpec *spec, int64_t horizon_s)
{
    for (size_t i = 0; i < spec->file->n; i++) {
        const Job *job = &spec->file->jobs[i];
        Miss owed;
        if (job->enabled && dispatch_owed(job->name, job->schedule, horizon_s, spec->until_s,
                                MISS_POLICY, &owed))
            replay->jobs[i].undecided = owed.count;
    }
}

Replay *
replay_new(Arena *arena, const ReplaySpec *spec)
{
    Replay *replay = arena_alloc(arena, sizeof *replay);
    size_t jobs = spec->file->n + 1;
    replay->jobs = arena_array(arena, jobs, sizeof *replay->jobs);
    replay->ends = arena_array(arena, spec->n_outages + 1, sizeof *replay->ends);
    for (size_t i = 0; i < spec->n_outages; i++)
        replay->ends[i] = arena_array(arena, jobs, sizeof **replay->ends);

    Arena *tick = arena_new(0);
    Dispatch *dispatch = start(arena, spec);
    int64_t now_s;
    while ((now_s = dispatch_next(dispatch)) <= spec->until_s) {
        size_t outage = find_outage(spec, now_s);
        Tally *end = outage < spec->n_outages ? replay->ends[outage] : NULL;
        if (end != NULL)
            now_s = spec->outages[outage].until_s;
        if (now_s > spec->until_s)
            break;
        Batch batch;
        while (dispatch_look(dispatch, tick, now_s, DISPATCH_ROWS, &batch)) {
            add_batch(replay, spec, &batch, now_s, end);
            dispatch_move(dispatch, &batch);
            arena_reset(tick);
        }
    }
    if (now_s != INT64_MAX)
        count_undecided(replay, spec, dispatch_horizon(dispatch));
    arena_free(tick);
    return replay;
}

int64_t
tally_skipped(const Tally *tally)
{
    int64_t skipped = 0;
    for (int reason = 0; reason <= MISS_REFUSED; reason++)
        skipped += tally->misses[reason].count;
    return skipped;
}
