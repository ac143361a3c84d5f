/* What no other file knows: how one set of rules gives way to another without losing or
 * doubling what the old one owed. */

#include "due/change.h"

#include <stdlib.h>
#include <string.h>

/* A job is in force when the file has it and it is enabled. */
static const Job *
enabled_job(const Clockfile *file, const char *name)
{
    const Job *job = clockfile_job(file, name);
    return job != NULL && job->enabled ? job : NULL;
}

bool
change_shares(const Clockfile *file, const JobRow *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        if (clockfile_job(file, rows[i].job) != NULL)
            return true;
    }
    return false;
}

/* Records what a rule owed over (low, at_s] before it is changed or removed. */
static void
settle(Arena *arena, Zones *zones, const JobRow *row, int64_t low_s, int64_t at_s,
    MissReason reason, Change *change)
{
    Miss *miss = &change->misses[change->n_misses];
    Schedule *old;
    Error ignored; /* a rule that cannot be read is said by count -1 */
    if (low_s >= at_s)
        return;
    if (!schedule_parse(arena, zones, row->spec, &old, &ignored)) {
        *miss = (Miss){.job = row->job,
            .first_s = low_s + 1,
            .last_s = at_s,
            .count = -1,
            .reason = reason};
        change->n_misses++;
    } else if (dispatch_owed(row->job, old, low_s, at_s, reason, miss)) {
        change->n_misses++;
    }
}

static void
promise(Change *change, const Schedule *schedule, int64_t after_s)
{
    int64_t due_s;
    if (schedule_next(schedule, after_s, &due_s) && due_s < change->next_due_s)
        change->next_due_s = due_s;
}

/* One rule that the database knows: kept, changed or removed; true when its job needs no new
 * row. */
static bool
weigh(Arena *arena, Zones *zones, const Clockfile *file, const JobRow *row,
    int64_t fired_through_s, int64_t at_s, Change *change)
{
    int64_t low_s =
        row->paused || row->since_s > fired_through_s ? row->since_s : fired_through_s;
    const Job *job = enabled_job(file, row->job);
    if (job == NULL) {
        settle(arena, zones, row, low_s, at_s, MISS_REMOVED, change);
        change->removed[change->n_removed++] = row->job;
        return true;
    }
    bool same = strcmp(job->spec, row->spec) == 0;
    if (!same)
        settle(arena, zones, row, low_s, at_s, MISS_EDITED, change);
    if (!row->paused)
        promise(change, job->schedule, same ? low_s : at_s);
    else if (row->until_s < change->next_due_s)
        change->next_due_s = row->until_s;
    return same;
}

void
change_make(Arena *arena, Zones *zones, const Clockfile *file, const JobRow *rows,
    size_t n_rows, int64_t fired_through_s, int64_t at_s, Change *change)
{
    *change = (Change){.next_due_s = INT64_MAX};
    change->put = arena_array(arena, file->n + 1, sizeof *change->put);
    change->removed = arena_array(arena, n_rows + 1, sizeof *change->removed);
    change->misses = arena_array(arena, n_rows + 1, sizeof *change->misses);
    const Job **edited = arena_array(arena, n_rows + 1, sizeof *edited);
    size_t n_edited = 0;
    bool *known = arena_array(arena, file->n + 1, sizeof *known);
    for (size_t i = 0; i < n_rows; i++) {
        const Job *job = enabled_job(file, rows[i].job);
        if (job != NULL)
            known[job - file->jobs] = true;
        if (!weigh(arena, zones, file, &rows[i], fired_through_s, at_s, change))
            edited[n_edited++] = job;
    }
    for (size_t i = 0; i < file->n; i++) {
        const Job *job = &file->jobs[i];
        if (!job->enabled || known[i])
            continue;
        change->put[change->n_put++] = job;
        promise(change, job->schedule, at_s);
    }
    change->n_added = change->n_put;
    for (size_t i = 0; i < n_edited; i++)
        change->put[change->n_put++] = edited[i];
}
