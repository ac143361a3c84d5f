/* A timeline of many jobs: what it takes to build, what it holds a job, and how long it takes
 * to find and move all that falls due in a minute.
 *
 *   timeline [JOBS [MINUTES]]     1 000 000 and 1 440
 *
 * 5 % of the jobs are due every minute, 15 % every 2 to 30 minutes, 30 % hourly, 10 % every 2
 * to 12 hours, 40 % daily, which is some 1 900 schedules.  Beside it, in the same run, stands
 * the least that can be had: the same groups in a wheel of a day's minutes, which knows nothing
 * of zones, seconds, or what comes after the day. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "due/timeline.h"

#define START_S INT64_C(1796083200) /* 2026-12-01 */
#define DAY_MINUTES 1440
#define ZONE "Europe/Berlin"

static Arena *arena;
static const Zone *zone;
static uint64_t drawn;

static unsigned
draw(unsigned below)
{
    drawn = hash_final(drawn + UINT64_C(0x9e3779b97f4a7c15));
    return (unsigned)(drawn % below);
}

static double
cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* One schedule for each way to fire; those that nobody has stay NULL. */
static const Schedule **ways;
static uint16_t *way_of; /* by job */

static unsigned
draw_way(char *text, size_t size)
{
    static const unsigned minutes[] = {2, 3, 5, 10, 15, 20, 30}, hours[] = {2, 3, 4, 6, 8, 12};
    unsigned share = draw(100), minute = draw(60), hour = draw(24);
    if (share < 5) {
        snprintf(text, size, "* * * * *");
        return 0;
    }
    if (share < 20) {
        unsigned i = draw(7);
        snprintf(text, size, "*/%u * * * *", minutes[i]);
        return 1 + i;
    }
    if (share < 50) {
        snprintf(text, size, "%u * * * *", minute);
        return 10 + minute;
    }
    if (share < 60) {
        unsigned i = draw(6);
        snprintf(text, size, "%u */%u * * *", minute, hours[i]);
        return 100 + i * 60 + minute;
    }
    snprintf(text, size, "%u %u * * *", minute, hour);
    return 1000 + hour * 60 + minute;
}

#define WAYS (1000 + DAY_MINUTES)

static const Schedule *
read_schedule(const char *text)
{
    RuleSpec spec = {.text[RULE_CRON] = text, .zone = zone, .job = ""};
    RuleFault fault;
    Error error;
    Rule *rule;
    if (rule_read(arena, &spec, &rule, &fault, &error))
        return schedule_new(arena, &rule, 1);
    fprintf(stderr, "timeline: %s: %s\n", text, error.text);
    exit(2);
}

static Clockfile
draw_jobs(size_t n, size_t *distinct)
{
    Clockfile file = {.jobs = calloc(n, sizeof *file.jobs), .n = n};
    ways = calloc(WAYS, sizeof *ways);
    way_of = calloc(n, sizeof *way_of);
    *distinct = 0;
    for (size_t i = 0; i < n; i++) {
        char text[64];
        unsigned way = draw_way(text, sizeof text);
        if (ways[way] == NULL) {
            ways[way] = read_schedule(text);
            ++*distinct;
        }
        way_of[i] = (uint16_t)way;
        file.jobs[i] = (Job){.name = "", .schedule = ways[way], .enabled = true};
    }
    return file;
}

/* ---- the least ---- */

typedef struct {
    const Schedule *schedule;
    uint32_t *jobs;
    uint32_t n, next; /* the group behind it in its minute, plus one */
    int64_t due_s;
} Group;

typedef struct {
    Group *groups;
    uint32_t minutes[DAY_MINUTES]; /* the first group, plus one */
} Wheel;

static void
put(Wheel *wheel, uint32_t group)
{
    Group *it = &wheel->groups[group];
    uint32_t *minute = &wheel->minutes[it->due_s / 60 % DAY_MINUTES];
    it->next = *minute;
    *minute = group + 1;
}

static Wheel *
build_wheel(const Clockfile *file)
{
    Wheel *wheel = calloc(1, sizeof *wheel);
    wheel->groups = calloc(WAYS, sizeof *wheel->groups);
    for (uint32_t way = 0; way < WAYS; way++)
        wheel->groups[way].schedule = ways[way];
    for (size_t i = 0; i < file->n; i++) {
        Group *group = &wheel->groups[way_of[i]];
        if ((group->n & (group->n - 1)) == 0)
            group->jobs = realloc(group->jobs, (group->n * 2 + 1) * sizeof *group->jobs);
        group->jobs[group->n++] = (uint32_t)i;
    }
    for (uint32_t way = 0; way < WAYS; way++) {
        Group *group = &wheel->groups[way];
        if (group->n > 0 && schedule_next(group->schedule, START_S, &group->due_s))
            put(wheel, way);
    }
    return wheel;
}

static size_t
turn(Wheel *wheel, int64_t at_s, uint64_t *sum)
{
    uint32_t group = wheel->minutes[at_s / 60 % DAY_MINUTES], next;
    size_t due = 0;
    wheel->minutes[at_s / 60 % DAY_MINUTES] = 0;
    for (; group != 0; group = next) {
        Group *it = &wheel->groups[group - 1];
        next = it->next;
        for (uint32_t i = 0; i < it->n; i++)
            *sum += it->jobs[i];
        due += it->n;
        if (schedule_next(it->schedule, at_s, &it->due_s))
            put(wheel, group - 1);
    }
    return due;
}

/* ---- the timeline ---- */

static size_t
take_due(Timeline *timeline, int64_t at_s, uint64_t *sum)
{
    TimelineGroup group;
    size_t due = 0;
    while (timeline_next(timeline) <= at_s && timeline_take(timeline, &group)) {
        for (size_t i = 0; i < group.n; i++)
            *sum += group.jobs[i];
        due += group.n;
    }
    return due;
}

static int
compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void
print(const char *name, double *took_ms, int n, size_t due)
{
    qsort(took_ms, (size_t)n, sizeof *took_ms, compare);
    printf("%s\t%.4f\t%.4f\t%.4f\t%zu\n", name, took_ms[n / 2], took_ms[n * 99 / 100],
        took_ms[n - 1], due / (size_t)n);
}

int
main(int argc, char **argv)
{
    size_t jobs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000, distinct;
    int minutes = argc > 2 ? (int)strtol(argv[2], NULL, 10) : DAY_MINUTES;
    double *ours_ms = calloc((size_t)minutes + 1, sizeof *ours_ms);
    double *least_ms = calloc((size_t)minutes + 1, sizeof *least_ms);
    size_t ours = 0, least = 0;
    uint64_t our_sum = 0, least_sum = 0;
    Error error;
    arena = arena_new(0);
    if (!zone_load(zones_new(arena), ZONE, &zone, &error) || jobs == 0 || minutes < 1) {
        fprintf(stderr, "usage: timeline [JOBS [MINUTES]]\n");
        return 2;
    }
    Clockfile file = draw_jobs(jobs, &distinct);
    size_t schedules = arena_used(arena);
    double start_ms = cpu_ms();
    Timeline *timeline = timeline_new(arena, &file, NULL, START_S);
    double built_ms = cpu_ms() - start_ms;
    size_t held = arena_used(arena) - schedules;
    Wheel *wheel = build_wheel(&file);
    for (int i = 0; i < minutes; i++) {
        int64_t at_s = START_S + 60 * (i + 1);
        double before_ms = cpu_ms();
        ours += take_due(timeline, at_s, &our_sum);
        double between_ms = cpu_ms();
        least += turn(wheel, at_s, &least_sum);
        ours_ms[i] = between_ms - before_ms;
        least_ms[i] = cpu_ms() - between_ms;
    }
    printf("jobs\tschedules\tbuild_ms\tbytes_a_job\n%zu\t%zu\t%.1f\t%.1f\n", jobs, distinct,
        built_ms, (double)(held + schedules) / (double)jobs);
    printf("tick_ms\tmedian\tp99\tmost\tdue\n");
    print("timeline", ours_ms, minutes, ours);
    print("least", least_ms, minutes, least);
    return ours == least && our_sum == least_sum ? 0 : 1;
}
