/* What no other file knows: what a paused job is owed when somebody ends the pause. */

#include "due/settle.h"

#include "plan/schedule.h"

int64_t
settle_low(const JobRow *row, int64_t fired_through_s)
{
    return row->paused || row->since_s > fired_through_s ? row->since_s : fired_through_s;
}

/* When the pause ends: now, or when it was to end if nobody has seen to that. */
static int64_t
moment(const JobRow *row, int64_t fired_through_s, int64_t now_s)
{
    if (row->until_s >= now_s)
        return now_s;
    return row->until_s > fired_through_s ? row->until_s : fired_through_s;
}

static void
settle(Arena *arena, Zones *zones, const JobRow *row, int64_t at_s, Settlement *settlement)
{
    Schedule *schedule;
    Error ignored; /* a rule that cannot be read is said by count -1 */
    int64_t due_s;
    Miss *miss = &settlement->misses[settlement->n_misses];
    bool readable = schedule_parse(arena, zones, row->spec, &schedule, &ignored);
    if (!readable)
        due_s = at_s + 1;
    else if (!schedule_next(schedule, at_s, &due_s))
        due_s = INT64_MAX;
    if (due_s < settlement->next_due_s)
        settlement->next_due_s = due_s;
    if (row->since_s >= at_s)
        return;
    if (readable) {
        settlement->n_misses +=
            dispatch_owed(row->job, schedule, row->since_s, at_s, MISS_PAUSED, miss);
        return;
    }
    *miss = (Miss){.job = row->job,
        .first_s = row->since_s + 1,
        .last_s = at_s,
        .count = -1,
        .reason = MISS_PAUSED};
    settlement->n_misses++;
}

void
settle_pauses(Arena *arena, Zones *zones, const JobRow *rows, size_t n_rows,
    int64_t fired_through_s, int64_t now_s, Settlement *settlement)
{
    *settlement = (Settlement){.next_due_s = INT64_MAX};
    settlement->jobs = arena_array(arena, n_rows + 1, sizeof *settlement->jobs);
    settlement->since_s = arena_array(arena, n_rows + 1, sizeof *settlement->since_s);
    settlement->misses = arena_array(arena, n_rows + 1, sizeof *settlement->misses);
    for (size_t i = 0; i < n_rows; i++) {
        if (!rows[i].paused)
            continue;
        int64_t at_s = moment(&rows[i], fired_through_s, now_s);
        settle(arena, zones, &rows[i], at_s, settlement);
        settlement->jobs[settlement->n] = rows[i].job;
        settlement->since_s[settlement->n++] = at_s;
    }
}
