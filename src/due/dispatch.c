/* What no other file knows: which of the instants in (horizon, now] become rows and which
 * become records of what was missed.
 *
 * Time jumps, as they look from here.  A daylight-saving gap or fold is no jump: the plan has
 * settled it and hands out instants.  An outage, a long lock, a suspended host or a stopped
 * process are all the same: now is far ahead of the horizon when we are asked again, and the
 * catch-up below decides.  A clock that was put back leaves now behind the horizon: nothing is
 * due until it has passed it again.  A reload makes a new Dispatch from what the database
 * knows.  So there is one rule, and no case is special.
 *
 * A catch-up begins when the oldest undecided instant is more than DISPATCH_FRESH_S old; from
 * then on, until nothing is due, `fresh_s` stands still: instants from it on are always fired,
 * those before it are "old" and the job's policy decides over all of them, not over one
 * transaction's share. */

#include "due/dispatch.h"

#include <assert.h>

#include "due/timeline.h"

/* One transaction records at most this many dropped instants, so that it stays short. */
#define DROPS_MAX 2000000

typedef struct {
    int64_t since_s;
    int64_t cut_s;      /* old instants from here on are fired; valid for `cut_look` */
    MissReason cut_why; /* why those before are not */
    uint32_t cut_look;
    uint32_t fire_look; /* the look in which the job last had a fire */
    uint32_t miss_look;
    uint32_t miss; /* its newest record in that look */
} JobState;

typedef struct {
    const char *job;
    uint32_t index;
    int64_t since_s, until_s;
} Pause;

struct Dispatch {
    const Clockfile *file;
    Timeline *timeline; /* without paused jobs */
    int64_t horizon_s;
    int64_t promised_s; /* what the horizon row announces */
    Catchup catchup;
    JobState *jobs; /* by index into file->jobs */
    Pause *pauses;  /* those that end by themselves */
    size_t n_pauses;
    uint32_t look; /* counts looks, so that JobState needs no clearing */
    bool looked;   /* the timeline has run ahead of the horizon */
};

const char *
miss_reason(MissReason reason)
{
    static const char *const words[] = {
        [MISS_POLICY] = "policy",
        [MISS_WITHIN] = "within",
        [MISS_LIMIT] = "limit",
        [MISS_OVERLAP] = "overlap",
        [MISS_PAUSED] = "paused",
        [MISS_EDITED] = "edited",
        [MISS_REMOVED] = "removed",
        [MISS_REFUSED] = "refused",
    };
    return words[reason];
}

Dispatch *
dispatch_new(Arena *arena, const Clockfile *file, const JobRow *rows, size_t n_rows,
    int64_t fired_through_s, int64_t promised_s)
{
    Dispatch *dispatch = arena_alloc(arena, sizeof *dispatch);
    dispatch->file = file;
    dispatch->horizon_s = fired_through_s;
    dispatch->promised_s = promised_s;
    dispatch->catchup = CATCHUP_NONE;
    dispatch->jobs = arena_array(arena, file->n + 1, sizeof *dispatch->jobs);
    dispatch->pauses = arena_array(arena, n_rows + 1, sizeof *dispatch->pauses);
    bool *skip = arena_array(arena, file->n + 1, sizeof *skip);
    for (size_t i = 0; i < file->n; i++)
        dispatch->jobs[i].since_s = INT64_MIN;
    for (size_t i = 0; i < n_rows; i++) {
        const Job *job = clockfile_job(file, rows[i].job);
        if (job == NULL)
            continue;
        size_t index = (size_t)(job - file->jobs);
        dispatch->jobs[index].since_s = rows[i].since_s;
        skip[index] = rows[i].paused;
        if (rows[i].paused && rows[i].until_s != INT64_MAX)
            dispatch->pauses[dispatch->n_pauses++] = (Pause){.job = job->name,
                .index = (uint32_t)index,
                .since_s = rows[i].since_s,
                .until_s = rows[i].until_s};
    }
    dispatch->timeline = timeline_new(arena, file, skip, fired_through_s);
    return dispatch;
}

/* When the first pause ends by itself; it cannot end within what is decided already. */
static int64_t
next_resume(const Dispatch *dispatch)
{
    int64_t next_s = INT64_MAX;
    for (size_t i = 0; i < dispatch->n_pauses; i++) {
        if (dispatch->pauses[i].until_s < next_s)
            next_s = dispatch->pauses[i].until_s;
    }
    return next_s <= dispatch->horizon_s ? dispatch->horizon_s + 1 : next_s;
}

/* The next instant of a job, or a promise to keep, after done_s. */
static int64_t
next_instant(const Dispatch *dispatch, int64_t done_s)
{
    int64_t due_s = timeline_next(dispatch->timeline);
    bool promised = dispatch->promised_s > done_s && dispatch->promised_s < due_s;
    return promised ? dispatch->promised_s : due_s;
}

int64_t
dispatch_next(const Dispatch *dispatch)
{
    int64_t due_s = next_instant(dispatch, dispatch->horizon_s);
    int64_t resume_s = next_resume(dispatch);
    return due_s < resume_s ? due_s : resume_s;
}

size_t
dispatch_next_jobs(const Dispatch *dispatch)
{
    return timeline_next_jobs(dispatch->timeline);
}

int64_t
dispatch_horizon(const Dispatch *dispatch)
{
    return dispatch->horizon_s;
}

Catchup
dispatch_catchup(const Dispatch *dispatch)
{
    return dispatch->catchup;
}

void
dispatch_set_catchup(Dispatch *dispatch, Catchup catchup)
{
    dispatch->catchup = catchup;
}

/* The oldest of the newest `limit` instants in [least_s, before_s); before_s
 * if there is none. */
static int64_t
newest(const Schedule *schedule, int64_t limit, int64_t least_s, int64_t before_s)
{
    int64_t cut_s = before_s, due_s = before_s;
    while (limit-- > 0 && schedule_prev(schedule, due_s, &due_s) && due_s >= least_s)
        cut_s = due_s;
    return cut_s;
}

/* Settles from which old instant on the job's policy fires, over the whole of (low, now]. */
static void
settle_policy(const Dispatch *dispatch, const Job *job, JobState *state, int64_t now_s)
{
    int64_t fresh_s = dispatch->catchup.fresh_s;
    int64_t low_s = state->since_s > dispatch->horizon_s ? state->since_s : dispatch->horizon_s;
    int64_t least_s = fresh_s - job->within_s > low_s ? fresh_s - job->within_s : low_s + 1;
    int64_t due_s;
    state->cut_s = fresh_s;
    state->cut_why = MISS_POLICY;
    switch (job->missed) {
    case MISSED_SKIP:
        break;
    case MISSED_LATEST:
        if (!schedule_next(job->schedule, fresh_s - 1, &due_s) || due_s > now_s)
            state->cut_s = newest(job->schedule, 1, least_s, fresh_s);
        break;
    case MISSED_ALL:
        state->cut_s = newest(job->schedule, job->limit, least_s, fresh_s);
        state->cut_why = MISS_LIMIT;
        break;
    }
}

/* What is being put together for one transaction. */
typedef struct {
    Dispatch *dispatch;
    Arena *arena;
    Batch *batch;
    int64_t now_s;
    size_t fires_cap, misses_cap;
    int64_t drops;
} Look;

static void
add_fire(Look *look, const Job *job, int64_t due_s)
{
    Batch *batch = look->batch;
    if (batch->n_fires == look->fires_cap) {
        size_t cap = look->fires_cap == 0 ? 64 : look->fires_cap * 2;
        batch->fires = arena_grow(look->arena, batch->fires,
            look->fires_cap * sizeof *batch->fires, cap * sizeof *batch->fires);
        look->fires_cap = cap;
    }
    int64_t run_at_s = due_s;
    if (job->jitter_s > 0)
        run_at_s += schedule_jitter(job->name, due_s, job->jitter_s);
    batch->fires[batch->n_fires++] = (Fire){.job = job, .due_s = due_s, .run_at_s = run_at_s};
}

static Miss *
new_miss(Look *look)
{
    Batch *batch = look->batch;
    if (batch->n_misses == look->misses_cap) {
        size_t cap = look->misses_cap == 0 ? 64 : look->misses_cap * 2;
        batch->misses = arena_grow(look->arena, batch->misses,
            look->misses_cap * sizeof *batch->misses, cap * sizeof *batch->misses);
        look->misses_cap = cap;
    }
    return &batch->misses[batch->n_misses++];
}

/* Adds an instant to the job's record; instants come in order, so records do not interleave. */
static void
add_miss(Look *look, const Job *job, JobState *state, int64_t due_s, MissReason reason)
{
    look->drops++;
    if (state->miss_look == look->dispatch->look) {
        Miss *miss = &look->batch->misses[state->miss];
        if (miss->reason == reason) {
            miss->last_s = due_s;
            miss->count++;
            return;
        }
    }
    *new_miss(look) = (Miss){
        .job = job->name, .first_s = due_s, .last_s = due_s, .count = 1, .reason = reason};
    state->miss_look = look->dispatch->look;
    state->miss = (uint32_t)(look->batch->n_misses - 1);
}

/* One job at one instant: a row, a record, or decided already. */
static void
decide(Look *look, uint32_t index, int64_t due_s)
{
    Dispatch *dispatch = look->dispatch;
    const Job *job = &dispatch->file->jobs[index];
    JobState *state = &dispatch->jobs[index];
    if (due_s <= state->since_s)
        return;
    if (due_s < dispatch->catchup.fresh_s) {
        if (state->cut_look != dispatch->look) {
            settle_policy(dispatch, job, state, look->now_s);
            state->cut_look = dispatch->look;
        }
        if (due_s < state->cut_s) {
            bool old = due_s < dispatch->catchup.fresh_s - job->within_s;
            add_miss(look, job, state, due_s, old ? MISS_WITHIN : state->cut_why);
            return;
        }
    }
    if (job->overlap == OVERLAP_SKIP && state->fire_look == dispatch->look) {
        add_miss(look, job, state, due_s, MISS_OVERLAP);
        return;
    }
    state->fire_look = dispatch->look;
    add_fire(look, job, due_s);
}

/* Settles the pauses that end at until_s: what fell due meanwhile is recorded. */
static void
resume(Look *look, int64_t until_s)
{
    Dispatch *dispatch = look->dispatch;
    Batch *batch = look->batch;
    batch->resumed = arena_array(look->arena, dispatch->n_pauses, sizeof *batch->resumed);
    for (size_t i = 0; i < dispatch->n_pauses; i++) {
        const Pause *pause = &dispatch->pauses[i];
        if (pause->until_s > until_s)
            continue;
        batch->resumed[batch->n_resumed++] = pause->job;
        Miss miss;
        const Job *job = &dispatch->file->jobs[pause->index];
        if (dispatch_owed(
                job->name, job->schedule, pause->since_s, until_s, MISS_PAUSED, &miss))
            *new_miss(look) = miss;
    }
}

bool
dispatch_owed(const char *job, const Schedule *schedule, int64_t low_s, int64_t through_s,
    MissReason reason, Miss *miss)
{
    int64_t due_s = low_s;
    *miss = (Miss){.job = job, .reason = reason};
    while (schedule_next(schedule, due_s, &due_s) && due_s <= through_s) {
        if (miss->count == 0)
            miss->first_s = due_s;
        miss->last_s = due_s;
        if (++miss->count == DISPATCH_COUNTED) {
            miss->last_s = through_s;
            miss->count = -1;
            return true;
        }
    }
    return miss->count != 0;
}

/* Begins, ends or goes on with a catch-up; first_s is the oldest undecided instant.  A clock
 * that was stopped or cut off in the middle of one begins anew, as one that was killed does. */
static void
judge_lateness(Catchup *catchup, int64_t first_s, int64_t now_s)
{
    bool unasked = catchup->asked_s != INT64_MIN && now_s - catchup->asked_s > DISPATCH_FRESH_S;
    catchup->asked_s = now_s;
    if (first_s == INT64_MAX || unasked)
        catchup->fresh_s = INT64_MIN;
    if (first_s < now_s - DISPATCH_FRESH_S && catchup->fresh_s == INT64_MIN)
        catchup->fresh_s = now_s - DISPATCH_FRESH_S;
}

bool
dispatch_look(Dispatch *dispatch, Arena *tick, int64_t now_s, size_t max_rows, Batch *batch)
{
    dispatch_rewind(dispatch);
    int64_t first_s = dispatch_next(dispatch);
    bool due = first_s <= now_s;
    judge_lateness(&dispatch->catchup, due ? first_s : INT64_MAX, now_s);
    if (!due)
        return false;
    dispatch->looked = true;
    dispatch->look++;
    *batch = (Batch){.old_s = dispatch->horizon_s, .new_s = dispatch->horizon_s};
    Look look = {.dispatch = dispatch, .arena = tick, .batch = batch, .now_s = now_s};

    int64_t resume_s = next_resume(dispatch);
    int64_t last_s = resume_s < now_s ? resume_s : now_s;
    int64_t due_s;
    while ((due_s = next_instant(dispatch, batch->new_s)) <= last_s &&
           batch->n_fires < max_rows && look.drops < DROPS_MAX) {
        TimelineGroup group;
        while (timeline_next(dispatch->timeline) == due_s &&
               timeline_take(dispatch->timeline, &group)) {
            for (size_t i = 0; i < group.n; i++)
                decide(&look, group.jobs[i], due_s);
        }
        batch->new_s = due_s;
    }
    if (resume_s <= now_s && next_instant(dispatch, batch->new_s) > resume_s) {
        resume(&look, resume_s);
        batch->new_s = resume_s;
    }
    batch->next_due_s = next_instant(dispatch, batch->new_s);
    if (batch->n_resumed > 0) /* they are not in the timeline yet: look again at once */
        batch->next_due_s = batch->new_s + 1;
    else if (resume_s < batch->next_due_s)
        batch->next_due_s = resume_s;
    return true;
}

void
dispatch_move(Dispatch *dispatch, const Batch *batch)
{
    assert(batch->old_s == dispatch->horizon_s);
    dispatch->horizon_s = batch->new_s;
    dispatch->promised_s = batch->next_due_s;
    dispatch->looked = false;
}

void
dispatch_rewind(Dispatch *dispatch)
{
    if (!dispatch->looked)
        return;
    timeline_seek(dispatch->timeline, dispatch->horizon_s);
    dispatch->looked = false;
}

void
dispatch_stand(Dispatch *dispatch, int64_t fired_through_s, int64_t promised_s)
{
    dispatch->horizon_s = fired_through_s;
    dispatch->promised_s = promised_s;
    dispatch->looked = true;
    dispatch_rewind(dispatch);
}
