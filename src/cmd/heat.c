/* What no other file knows: how the fires of some days are counted by the hour or the minute of
 * a wall clock, and which instants are the busiest.  A second is the grain: one counter for
 * each second of the span, so that jitter may put a fire anywhere and every picture adds up. */

#include "cmd/heat.h"

#include <stdlib.h>

#include "base/hash.h"
#include "due/timeline.h"
#include "time/civil.h"

#define WEEK_DAYS 7

/* What runs in one second. */
typedef struct {
    uint32_t fires;
    uint32_t at;  /* seconds after begin_s */
    uint64_t who; /* a sum over the jobs: equal when they are the same */
} Second;

typedef struct {
    Heat *heat;
    Second *seconds;
    size_t n;
    bool *seen; /* by index into file->jobs */
} Count;

static int64_t
midnight(const Zone *zone, int64_t day)
{
    int64_t at_s[2];
    zone_instants(zone, day * CIVIL_DAY_S, at_s);
    return at_s[0];
}

static void
count_fire(Count *count, uint32_t index, int64_t at_s)
{
    if (at_s < count->heat->begin_s || at_s >= count->heat->end_s)
        return;
    Second *second = &count->seconds[at_s - count->heat->begin_s];
    second->fires++;
    second->who += hash_final(index + UINT64_C(1));
    count->seen[index] = true;
}

static int64_t
widest_jitter(const HeatSpec *spec)
{
    int64_t widest_s = 0;
    for (size_t i = 0; i < spec->file->n; i++) {
        const Job *job = &spec->file->jobs[i];
        if (job->enabled && !spec->skip[i] && job->jitter_s > widest_s)
            widest_s = job->jitter_s;
    }
    return widest_s;
}

/* Jitter may carry a fire into the span from before it. */
static void
count_fires(Count *count, Arena *scratch)
{
    Heat *heat = count->heat;
    const HeatSpec *spec = heat->spec;
    int64_t jitter_s = widest_jitter(spec);
    Timeline *timeline =
        timeline_new(scratch, spec->file, spec->skip, heat->begin_s - jitter_s - 1);
    TimelineGroup group;
    while (timeline_next(timeline) < heat->end_s && timeline_take(timeline, &group)) {
        for (size_t i = 0; i < group.n; i++) {
            const Job *job = &spec->file->jobs[group.jobs[i]];
            int64_t late_s = schedule_jitter(job->name, group.due_s, job->jitter_s);
            count_fire(count, group.jobs[i], group.due_s + late_s);
        }
    }
    heat->jittered = jitter_s > 0;
    for (size_t i = 0; i < spec->file->n; i++)
        heat->jobs += count->seen[i];
}

/* Seconds into cells, by the wall clock. */
static void
fill_cells(Heat *heat, const Second *seconds)
{
    int cells = heat->rows * heat->columns;
    int64_t at_s = heat->begin_s;
    while (at_s < heat->end_s) {
        ZoneSpan span = zone_span(heat->spec->zone, at_s);
        int64_t until_s = span.until_s < heat->end_s ? span.until_s : heat->end_s;
        for (; at_s < until_s; at_s++) {
            int64_t cell = (at_s + span.offset_s - heat->first_ls) / heat->unit_s;
            cell = cell < 0 ? 0 : cell >= cells ? cells - 1 : cell;
            heat->lasts_s[cell]++;
            heat->cells[cell] += seconds[at_s - heat->begin_s].fires;
        }
    }
    for (int i = 0; i < cells; i++) {
        heat->fires += heat->cells[i];
        if (heat->cells[i] > heat->most)
            heat->most = heat->cells[i];
        if (heat->cells[i] > 0 && (heat->least == 0 || heat->cells[i] < heat->least))
            heat->least = heat->cells[i];
    }
}

static int
busier(const void *a, const void *b)
{
    const Second *x = a, *y = b;
    if (x->fires != y->fires)
        return x->fires > y->fires ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* True when the job, with its jitter, runs at that instant. */
static bool
runs_at(const Job *job, int64_t at_s)
{
    int64_t due_s = at_s - (job->jitter_s > 0 ? job->jitter_s : 1);
    while (schedule_next(job->schedule, due_s, &due_s) && due_s <= at_s) {
        if (due_s + schedule_jitter(job->name, due_s, job->jitter_s) == at_s)
            return true;
    }
    return false;
}

static void
name_jobs(Arena *arena, const Heat *heat, Busy *busy)
{
    const HeatSpec *spec = heat->spec;
    const Job **jobs = arena_array(arena, (size_t)busy->fires, sizeof *jobs);
    for (size_t i = 0; i < spec->file->n && busy->n_jobs < (size_t)busy->fires; i++) {
        const Job *job = &spec->file->jobs[i];
        if (job->enabled && !spec->skip[i] && runs_at(job, busy->at_s))
            jobs[busy->n_jobs++] = job;
    }
    busy->jobs = jobs;
}

static bool
same_time(const Heat *heat, int64_t a_s, int64_t b_s)
{
    const Zone *zone = heat->spec->zone;
    return (zone_local(zone, a_s, NULL) - zone_local(zone, b_s, NULL)) % CIVIL_DAY_S == 0;
}

/* Adds an instant to those like it; false when there are none. */
static bool
join_busy(const Heat *heat, Busy *busy, const uint64_t *who, const Second *second)
{
    int64_t at_s = heat->begin_s + second->at;
    for (size_t i = 0; i < heat->n_busy; i++) {
        bool daily = same_time(heat, at_s, busy[i].at_s);
        if (who[i] != second->who && (!daily || second->fires * INT64_C(2) < busy[i].fires))
            continue;
        busy[i].times++;
        busy[i].daily = busy[i].daily && daily;
        busy[i].alike = busy[i].alike && second->fires == busy[i].fires;
        return true;
    }
    return false;
}

/* `seconds` with the busiest first. */
static void
find_busiest(Arena *arena, Heat *heat, const Second *seconds, size_t n)
{
    size_t cap = heat->spec->busiest < n ? heat->spec->busiest : n;
    Busy *busy = arena_array(arena, cap + 1, sizeof *busy);
    uint64_t *who = arena_array(arena, cap + 1, sizeof *who);
    for (size_t i = 0; i < n && seconds[i].fires > 1; i++) {
        if (heat->n_busy == cap && seconds[i].fires * INT64_C(2) < busy[cap - 1].fires)
            break;
        if (join_busy(heat, busy, who, &seconds[i]) || heat->n_busy == cap)
            continue;
        who[heat->n_busy] = seconds[i].who;
        busy[heat->n_busy++] = (Busy){.at_s = heat->begin_s + seconds[i].at,
            .fires = seconds[i].fires,
            .times = 1,
            .daily = true,
            .alike = true};
    }
    for (size_t i = 0; i < heat->n_busy; i++)
        name_jobs(arena, heat, &busy[i]);
    heat->busy = busy;
}

const Heat *
heat_new(Arena *arena, const HeatSpec *spec)
{
    Heat *heat = arena_alloc(arena, sizeof *heat);
    bool week = spec->grid == HEAT_WEEK;
    int64_t today_ls = zone_local(spec->zone, spec->from_s, NULL);
    int64_t day = today_ls / CIVIL_DAY_S - (today_ls % CIVIL_DAY_S < 0);
    heat->spec = spec;
    heat->rows = week ? WEEK_DAYS : 24;
    heat->columns = week ? 24 : 60;
    heat->unit_s = week ? 3600 : 60;
    heat->first_ls = day * CIVIL_DAY_S;
    heat->begin_s = midnight(spec->zone, day);
    heat->end_s = midnight(spec->zone, day + (week ? WEEK_DAYS : 1));

    Arena *scratch = arena_new(0);
    Count count = {.heat = heat, .n = (size_t)(heat->end_s - heat->begin_s)};
    count.seconds = arena_array(scratch, count.n + 1, sizeof *count.seconds);
    count.seen = arena_array(scratch, spec->file->n + 1, sizeof *count.seen);
    for (size_t i = 0; i < count.n; i++)
        count.seconds[i].at = (uint32_t)i;
    count_fires(&count, scratch);
    fill_cells(heat, count.seconds);
    qsort(count.seconds, count.n, sizeof *count.seconds, busier);
    find_busiest(arena, heat, count.seconds, count.n);
    arena_free(scratch);
    return heat;
}

/* The most fires that still have this shade. */
static int64_t
limit_of(const Heat *heat, int level)
{
    int64_t base = 2 * heat->least - heat->most;
    if (base < 0 || heat->least == heat->most)
        base = 0;
    return base + (heat->most - base) * level * level / (HEAT_LEVELS * HEAT_LEVELS);
}

int
heat_level(const Heat *heat, int64_t fires)
{
    int level = fires == 0 ? 0 : 1;
    while (fires > 0 && level < HEAT_LEVELS && limit_of(heat, level) < fires)
        level++;
    return level;
}

bool
heat_range(const Heat *heat, int level, int step, int64_t *from, int64_t *to)
{
    *from = limit_of(heat, level - step) + 1;
    *to = limit_of(heat, level);
    if (*from < heat->least)
        *from = heat->least;
    return *from <= *to && *to > 0;
}

int
heat_peak(const Heat *heat)
{
    int peak = 0;
    while (heat->cells[peak] != heat->most)
        peak++;
    return peak;
}
