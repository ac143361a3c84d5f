/* What no other file knows: when two jobs are the same, and which fires of one became which of
 * the other. */

#include "cmd/differ.h"

#include <string.h>

#include "base/text.h"
#include "time/civil.h"
#include "time/span.h"

/* Jobs that are gone for whose new name is looked: each one looks at all jobs. */
#define RENAMED_MAX 500

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_list(const char *const *a, const char *const *b)
{
    for (; a != NULL && b != NULL && *a != NULL && *b != NULL; a++, b++) {
        if (strcmp(*a, *b) != 0)
            return false;
    }
    return (a == NULL || *a == NULL) && (b == NULL || *b == NULL);
}

static void
add_key(Text *keys, const char *name)
{
    text_addf(keys, "%s%s", keys->len > 0 ? ", " : "", name);
}

static void
compare_word(Text *keys, const char *name, const char *was, const char *is)
{
    if (same_text(was, is))
        return;
    add_key(keys, name);
    text_add_char(keys, ' ');
    text_add_safe(keys, was, strlen(was));
    text_add(keys, " -> ");
    text_add_safe(keys, is, strlen(is));
}

static void
compare_number(Text *keys, const char *name, int64_t was, int64_t is)
{
    if (was == is)
        return;
    add_key(keys, name);
    text_addf(keys, " %lld -> %lld", (long long)was, (long long)is);
}

static void
compare_span(Text *keys, const char *name, int64_t was_s, int64_t is_s)
{
    if (was_s == is_s)
        return;
    add_key(keys, name);
    text_add_char(keys, ' ');
    span_write(keys, was_s);
    text_add(keys, " -> ");
    span_write(keys, is_s);
}

/* A task that is the job's name was mostly not written. */
static const char *
own_task(const Job *job)
{
    return strcmp(job->task, job->name) == 0 ? "" : job->task;
}

/* What the rows say, all but when. */
static const char *
compare_keys(Arena *arena, const Job *was, const Job *is)
{
    static const char *const missed[] = {
        [MISSED_SKIP] = "skip", [MISSED_LATEST] = "latest", [MISSED_ALL] = "all"};
    static const char *const overlap[] = {[OVERLAP_ALLOW] = "allow", [OVERLAP_SKIP] = "skip"};
    Text keys = text_new(arena);
    if (!same_text(own_task(was), own_task(is)))
        compare_word(&keys, "task", was->task, is->task);
    compare_word(&keys, "queue", was->queue, is->queue);
    if (!same_text(was->payload, is->payload))
        add_key(&keys, "payload");
    if (!same_list(was->command, is->command))
        add_key(&keys, "command");
    if (!same_list(was->env, is->env))
        add_key(&keys, "env");
    compare_number(&keys, "priority", was->priority, is->priority);
    compare_number(&keys, "max_attempts", was->max_attempts, is->max_attempts);
    compare_span(&keys, "timeout", was->timeout_s, is->timeout_s);
    if (was->backoff_s != is->backoff_s || was->backoff_max_s != is->backoff_max_s)
        add_key(&keys, "backoff");
    compare_span(&keys, "jitter", was->jitter_s, is->jitter_s);
    compare_word(&keys, "overlap", overlap[was->overlap], overlap[is->overlap]);
    compare_word(&keys, "missed", missed[was->missed], missed[is->missed]);
    compare_span(&keys, "within", was->within_s, is->within_s);
    compare_number(&keys, "limit", was->limit, is->limit);
    if (!same_list(was->tags, is->tags))
        add_key(&keys, "tags");
    if (!same_text(was->description, is->description))
        add_key(&keys, "description");
    return keys.at;
}

static void
add_fire(FireDiffs *fires, int64_t was_s, int64_t is_s)
{
    if (fires->n < DIFFER_FIRST) {
        fires->was_s[fires->n] = was_s;
        fires->is_s[fires->n] = is_s;
    }
    fires->n++;
}

/* The next fire of a job, INT64_MAX when there is none up to until_s. */
static int64_t
next_fire(const Job *job, int64_t after_s, int64_t until_s)
{
    int64_t due_s;
    if (job == NULL || !job->enabled || !schedule_next(job->schedule, after_s, &due_s) ||
        due_s > until_s)
        return INT64_MAX;
    return due_s;
}

/* A fire of only one file, waiting for its partner. */
typedef struct {
    int64_t was_s, is_s; /* INT64_MAX: not this one */
} Lone;

static void
settle(JobDiff *diff, Lone *lone)
{
    if (lone->was_s != INT64_MAX)
        add_fire(&diff->vanish, lone->was_s, 0);
    if (lone->is_s != INT64_MAX)
        add_fire(&diff->appear, 0, lone->is_s);
    *lone = (Lone){INT64_MAX, INT64_MAX};
}

/* True when `next`, an instant of one file alone, has a nearer partner behind it than `lone`
 * before it. */
static bool
nearer_ahead(const JobDiff *diff, Lone lone, Lone next, int64_t ahead_s, int64_t until_s)
{
    bool was = next.was_s != INT64_MAX;
    int64_t at_s = was ? next.was_s : next.is_s;
    int64_t before_s = was ? lone.is_s : lone.was_s;
    if (ahead_s == INT64_MAX || before_s == INT64_MAX || ahead_s - at_s >= at_s - before_s)
        return false;
    return next_fire(was ? diff->was : diff->is, ahead_s - 1, until_s) != ahead_s;
}

static void
settle_pair(JobDiff *diff, Lone *lone, Lone next)
{
    Lone pair = {lone->was_s < next.was_s ? lone->was_s : next.was_s,
        lone->is_s < next.is_s ? lone->is_s : next.is_s};
    int64_t shift_s = pair.is_s - pair.was_s;
    if (pair.was_s == INT64_MAX || pair.is_s == INT64_MAX || shift_s >= CIVIL_DAY_S ||
        shift_s <= -CIVIL_DAY_S) {
        settle(diff, lone);
        *lone = next;
        return;
    }
    diff->shift_s = diff->move.n == 0 || diff->shift_s == shift_s ? shift_s : 0;
    add_fire(&diff->move, pair.was_s, pair.is_s);
    *lone = (Lone){INT64_MAX, INT64_MAX};
}

static void
compare_fires(JobDiff *diff, int64_t from_s, int64_t until_s)
{
    int64_t was_s = next_fire(diff->was, from_s, until_s);
    int64_t is_s = next_fire(diff->is, from_s, until_s);
    Lone lone = {INT64_MAX, INT64_MAX};
    while (was_s != INT64_MAX || is_s != INT64_MAX) {
        bool old = was_s <= is_s, new = is_s <= was_s;
        if (old && new) {
            settle(diff, &lone);
            diff->same++;
        } else {
            Lone next = {old ? was_s : INT64_MAX, new ? is_s : INT64_MAX};
            if (nearer_ahead(diff, lone, next, old ? is_s : was_s, until_s))
                settle(diff, &lone);
            if (lone.was_s == INT64_MAX && lone.is_s == INT64_MAX)
                lone = next;
            else
                settle_pair(diff, &lone, next);
        }
        if (old)
            was_s = next_fire(diff->was, was_s, until_s);
        if (new)
            is_s = next_fire(diff->is, is_s, until_s);
    }
    settle(diff, &lone);
}

/* A rename: the fires are identified by the name, so none of them is the same. */
static void
list_fires(FireDiffs *fires, const Job *job, int64_t from_s, int64_t until_s)
{
    int64_t due_s = from_s;
    while ((due_s = next_fire(job, due_s, until_s)) != INT64_MAX)
        add_fire(fires, due_s, due_s);
}

static bool
looks_renamed(const Job *was, const Job *is)
{
    return same_text(was->written, is->written) && same_text(was->payload, is->payload) &&
           same_text(was->queue, is->queue) && same_list(was->command, is->command) &&
           same_text(own_task(was), own_task(is)) && was->enabled == is->enabled &&
           same_text(
               zone_name(schedule_zone(was->schedule)), zone_name(schedule_zone(is->schedule)));
}

/* Joins jobs that are gone with the first new ones that look like them. */
static size_t
join_renamed(JobDiff *diffs, size_t n)
{
    size_t left = 0, gone = 0;
    for (size_t i = 0; i < n && gone < RENAMED_MAX; i++) {
        gone += diffs[i].is == NULL;
        for (size_t k = 0; k < n && diffs[i].was != NULL && diffs[i].is == NULL; k++) {
            if (diffs[k].was != NULL || diffs[k].is == NULL ||
                !looks_renamed(diffs[i].was, diffs[k].is))
                continue;
            diffs[i].is = diffs[k].is;
            diffs[k].is = NULL;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (diffs[i].was != NULL || diffs[i].is != NULL)
            diffs[left++] = diffs[i];
    }
    return left;
}

static void
compare_job(Arena *arena, JobDiff *diff, int64_t from_s, int64_t until_s)
{
    diff->keys = "";
    if (diff->was != NULL && diff->is != NULL)
        diff->keys = compare_keys(arena, diff->was, diff->is);
    if (diff->was != NULL && diff->is != NULL && strcmp(diff->was->name, diff->is->name) != 0) {
        list_fires(&diff->vanish, diff->was, from_s, until_s);
        list_fires(&diff->appear, diff->is, from_s, until_s);
    } else {
        compare_fires(diff, from_s, until_s);
    }
}

JobDiff *
differ_jobs(Arena *arena, const Clockfile *was, const Clockfile *is, int64_t from_s,
    int64_t until_s, size_t *n)
{
    JobDiff *diffs = arena_array(arena, was->n + is->n + 1, sizeof *diffs);
    size_t count = 0, i = 0, k = 0;
    while (i < was->n || k < is->n) {
        int order = i == was->n  ? 1
                    : k == is->n ? -1
                                 : strcmp(was->jobs[i].name, is->jobs[k].name);
        JobDiff *diff = &diffs[count++];
        diff->was = order <= 0 ? &was->jobs[i++] : NULL;
        diff->is = order >= 0 ? &is->jobs[k++] : NULL;
    }
    count = join_renamed(diffs, count);
    for (size_t at = 0; at < count; at++)
        compare_job(arena, &diffs[at], from_s, until_s);
    *n = count;
    return diffs;
}

bool
differ_any(const JobDiff *diff)
{
    if (diff->was == NULL || diff->is == NULL || *diff->keys != '\0')
        return true;
    return strcmp(diff->was->name, diff->is->name) != 0 ||
           strcmp(diff->was->spec, diff->is->spec) != 0 ||
           diff->was->enabled != diff->is->enabled;
}
