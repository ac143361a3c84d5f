/* What no other file knows: which schedules are right and yet probably not meant, now that it
 * is known what time it is.  Each distinct schedule is looked at once, however many jobs share
 * it. */

#include "due/advice.h"

#include <stdlib.h>

#include "due/timeline.h"
#include "plan/schedule.h"
#include "time/instant.h"

#define MINUTE_S 60
#define WEEK_S (INT64_C(7) * 86400)
#define YEAR_S (INT64_C(366) * 86400)

/* Fires looked at for two within a minute. */
#define FIRES_MAX 64

/* Changes of the clocks told of one schedule. */
#define NOTES_MAX 4

/* Groups of jobs taken from the timeline in search of a crowd: a week of two thousand hourly
 * schedules; what lies beyond is not looked at. */
#define TAKES_MAX 400000

/* A distinct schedule, and those who share it. */
typedef struct {
    const Job *job; /* the first by name */
    size_t n;
} Shared;

typedef struct {
    Arena *brief; /* reset after each schedule */
    Diags *diags;
    int64_t now_s;
} Advice;

static const char *
show(const Advice *advice, int64_t at_s, const Zone *zone)
{
    Text text = text_new(advice->brief);
    instant_write(&text, at_s, zone);
    return text.at;
}

/* Local time as `2027-03-28T02:30:00`: an instant of UTC without its Z. */
static const char *
show_local(const Advice *advice, int64_t local_ls)
{
    Text text = text_new(advice->brief);
    instant_write_utc(&text, local_ls);
    return arena_copy(advice->brief, text.at, text.len - 1);
}

/* `job "a"`, or `job "a" and 3 more`. */
static const char *
who(const Advice *advice, const Shared *shared)
{
    if (shared->n == 1)
        return arena_printf(advice->brief, "job \"%s\"", shared->job->name);
    return arena_printf(
        advice->brief, "job \"%s\" and %zu more", shared->job->name, shared->n - 1);
}

/* ---- one schedule ---- */

/* Nothing is ahead.  What never had an instant was told when it was read. */
static void
warn_over(const Advice *advice, const Shared *shared)
{
    const Schedule *schedule = shared->job->schedule;
    int64_t last_s;
    if (schedule_prev(schedule, advice->now_s + 1, &last_s))
        diag_add(advice->diags, DIAG_WARNING, shared->job->pos,
            "correct its \"at\" or \"ends\", or remove it",
            "%s never fires again: the last instant was %s", who(advice, shared),
            show(advice, last_s, schedule_zone(schedule)));
}

/* Looks at the fires from due_s on. */
static void
warn_often(const Advice *advice, const Shared *shared, int64_t due_s)
{
    const Schedule *schedule = shared->job->schedule;
    int64_t next_s;
    for (int i = 0; i < FIRES_MAX && schedule_next(schedule, due_s, &next_s); i++) {
        if (next_s - due_s < MINUTE_S) {
            diag_add(advice->diags, DIAG_WARNING, shared->job->pos,
                "each fire is a row; a worker that loops may suit better",
                "%s fires more than once a minute: at %s and %lld s later", who(advice, shared),
                show(advice, due_s, schedule_zone(schedule)), (long long)(next_s - due_s));
            return;
        }
        due_s = next_s;
    }
}

static void
warn_touched(const Advice *advice, const Shared *shared, const DstNote *note)
{
    const char *name = zone_name(note->zone), *local = show_local(advice, note->wanted_ls);
    const char *hint = arena_printf(advice->brief,
        "choose another time, or say what is meant: %s, or dst: utc",
        note->effect == DST_MOVED ? "dst: skip to leave it out"
                                  : "dst: skip for once, dst: all for twice");
    if (note->effect == DST_MOVED)
        diag_add(advice->diags, DIAG_WARNING, shared->job->pos, hint,
            "%s: %s does not exist in %s, it fires at %s instead", who(advice, shared), local,
            name, show(advice, note->at_s, note->zone));
    else
        diag_add(advice->diags, DIAG_WARNING, shared->job->pos, hint,
            "%s: %s comes twice in %s, it fires the first time only", who(advice, shared),
            local, name);
}

/* Fixed times that a change of the clocks in the coming year skips or repeats. */
static void
warn_clocks(const Advice *advice, const Shared *shared)
{
    DstNote notes[NOTES_MAX];
    int64_t until_s = advice->now_s + YEAR_S;
    size_t n =
        schedule_touched(shared->job->schedule, advice->now_s, until_s, notes, NOTES_MAX);
    for (size_t i = 0; i < n; i++)
        warn_touched(advice, shared, &notes[i]);
}

static void
warn_schedule(const Advice *advice, const Shared *shared)
{
    int64_t due_s;
    if (!schedule_next(shared->job->schedule, advice->now_s, &due_s)) {
        warn_over(advice, shared);
        return;
    }
    warn_often(advice, shared, due_s);
    warn_clocks(advice, shared);
}

/* ---- all of them ---- */

typedef struct {
    int64_t due_s;
    size_t n;
    uint32_t job; /* one of them */
} Crowd;

/* The instant of the most jobs in the coming week. */
static Crowd
fullest(Timeline *timeline, int64_t until_s)
{
    Crowd most = {.n = 0}, now = {.n = 0};
    TimelineGroup group;
    for (int i = 0; i < TAKES_MAX && timeline_next(timeline) <= until_s; i++) {
        timeline_take(timeline, &group);
        if (now.n == 0 || now.due_s != group.due_s)
            now = (Crowd){.due_s = group.due_s, .job = group.jobs[0]};
        now.n += group.n;
        if (now.n > most.n)
            most = now;
    }
    return most;
}

static void
warn_crowd(const Advice *advice, const Clockfile *file)
{
    bool *skip = arena_array(advice->brief, file->n + 1, sizeof *skip);
    size_t left = 0;
    for (size_t i = 0; i < file->n; i++) {
        skip[i] = !file->jobs[i].enabled || file->jobs[i].jitter_s > 0;
        left += !skip[i];
    }
    if (left <= ADVICE_CROWD)
        return;
    Timeline *timeline = timeline_new(advice->brief, file, skip, advice->now_s);
    Crowd crowd = fullest(timeline, advice->now_s + WEEK_S);
    if (crowd.n <= ADVICE_CROWD)
        return;
    const Job *job = &file->jobs[crowd.job];
    diag_add(advice->diags, DIAG_WARNING, job->pos,
        "spread them: H for the minute, or jitter: 10m",
        "%zu jobs fall due at one instant, %s, job \"%s\" among them", crowd.n,
        show(advice, crowd.due_s, file->zone), job->name);
}

static int
by_schedule(const void *a, const void *b)
{
    const Job *x = *(const Job *const *)a, *y = *(const Job *const *)b;
    uintptr_t left = (uintptr_t)x->schedule, right = (uintptr_t)y->schedule;
    return left != right ? (left > right) - (left < right) : (x > y) - (x < y);
}

void
advice_add(const Clockfile *file, int64_t now_s, Diags *diags)
{
    Arena *scratch = arena_new(0);
    Advice advice = {.brief = arena_new(0), .diags = diags, .now_s = now_s};
    const Job **jobs = arena_array(scratch, file->n + 1, sizeof *jobs);
    size_t n = 0;
    for (size_t i = 0; i < file->n; i++) {
        if (file->jobs[i].enabled)
            jobs[n++] = &file->jobs[i];
    }
    qsort(jobs, n, sizeof *jobs, by_schedule);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && jobs[next]->schedule == jobs[i]->schedule;)
            next++;
        Shared shared = {.job = jobs[i], .n = next - i};
        warn_schedule(&advice, &shared);
        arena_reset(advice.brief);
    }
    warn_crowd(&advice, file);
    arena_free(advice.brief);
    arena_free(scratch);
}
