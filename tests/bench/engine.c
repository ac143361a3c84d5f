/* The schedule engine alone, for a person and for a benchmark beside other engines.
 *
 *   engine EXPRESSION ZONE FROM COUNT   prints the next COUNT instants after FROM (seconds
 * since 1970), one a line; on stderr the ns for each engine fires|bench|parse FILE COUNT
 * SECONDS the same for every row "id, class, zone, expression" of a file: its instants from
 * 2026 on, the ns for each next, or the ns to read it, each at most SECONDS long */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plan/schedule.h"

#define FROM_2026 INT64_C(1767225600)
#define ROUNDS 41
#define PARSES 1000
#define WALKED 1000

static Arena *arena, *zone_arena;
static Zones *zones;

static double
cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static Schedule *
read_schedule(const char *expression, const char *zone, Error *error)
{
    RuleSpec spec = {.job = ""};
    RuleFault fault;
    Rule *rule;
    spec.text[RULE_CRON] = expression;
    if (!zone_load(zones, zone, &spec.zone, error) ||
        !rule_read(arena, &spec, &rule, &fault, error))
        return NULL;
    return schedule_new(arena, &rule, 1);
}

static int
compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Walks at most `count` instants; returns how many there were. */
static long
walk(const Schedule *schedule, int64_t at_s, long count, int64_t *last_s)
{
    long n = 0;
    while (n < count && schedule_next(schedule, at_s, &at_s))
        n++;
    *last_s = at_s;
    return n;
}

/* The median ns of one next over many walks. */
static double
ns_per_next(const Schedule *schedule, int64_t from_s, long count, double most_ns)
{
    double rounds[ROUNDS], begun = cpu_ns();
    int64_t last_s;
    int n = 0;
    do { /* long enough that reading the clock does not count */
        double start = cpu_ns();
        long asked = 0;
        while (asked < WALKED) {
            long walked = walk(schedule, from_s, count, &last_s);
            asked += walked < count ? walked + 1 : walked;
        }
        rounds[n++] = (cpu_ns() - start) / (double)asked;
    } while (n < ROUNDS && cpu_ns() - begun < most_ns);
    qsort(rounds, (size_t)n, sizeof *rounds, compare);
    return rounds[n / 2];
}

static double
ns_per_parse(const char *expression, const char *zone, double most_ns)
{
    double rounds[ROUNDS], begun = cpu_ns();
    Error error;
    int n = 0;
    do {
        double start = cpu_ns();
        for (int i = 0; i < PARSES; i++)
            read_schedule(expression, zone, &error);
        rounds[n++] = (cpu_ns() - start) / PARSES;
        arena_reset(arena);
    } while (n < ROUNDS && cpu_ns() - begun < most_ns);
    qsort(rounds, (size_t)n, sizeof *rounds, compare);
    return rounds[n / 2];
}

static void
print_fires(const char *id, const Schedule *schedule, long count, double most_ns)
{
    int64_t *fires = malloc((size_t)count * sizeof *fires), at_s = FROM_2026;
    const char *status = "ok";
    double begun = cpu_ns();
    long n = 0;
    for (; n < count; fires[n++] = at_s) {
        if (!schedule_next(schedule, at_s, &at_s))
            status = "end";
        else if (cpu_ns() - begun > most_ns)
            status = "budget";
        else
            continue;
        break;
    }
    printf("%s\t%s\t%ld\t", id, status, n);
    for (long i = 0; i < n; i++)
        printf("%s%" PRId64, i > 0 ? "," : "", fires[i]);
    putchar('\n');
    free(fires);
}

static int
run_file(const char *mode, const char *path, long count, double most_ns)
{
    char line[1024];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return 2;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        char *save = NULL;
        const char *id = strtok_r(line, "\t\n", &save), *class = strtok_r(NULL, "\t\n", &save);
        const char *zone = strtok_r(NULL, "\t\n", &save), *text = strtok_r(NULL, "\t\n", &save);
        Error error;
        if (line[0] == '#' || class == NULL || text == NULL)
            continue;
        const Schedule *schedule = read_schedule(text, zone, &error);
        if (schedule == NULL)
            printf("%s\terror: %s\t0\t\n", id, error.text);
        else if (strcmp(mode, "fires") == 0)
            print_fires(id, schedule, count, most_ns);
        else if (strcmp(mode, "bench") == 0)
            printf("%s\tok\t%ld\t%.1f\n", id, count,
                ns_per_next(schedule, FROM_2026, count, most_ns));
        else
            printf("%s\tok\t%d\t%.1f\n", id, PARSES, ns_per_parse(text, zone, most_ns));
        fflush(stdout);
        arena_reset(arena);
    }
    fclose(file);
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc != 5 || strtol(argv[4], NULL, 10) < 0) {
        fprintf(stderr, "usage: engine EXPRESSION ZONE FROM COUNT\n"
                        "       engine fires|bench|parse FILE COUNT SECONDS\n");
        return 2;
    }
    arena = arena_new(0);
    zone_arena = arena_new(0);
    zones = zones_new(zone_arena);
    const char *mode = argv[1];
    if (strcmp(mode, "fires") == 0 || strcmp(mode, "bench") == 0 || strcmp(mode, "parse") == 0)
        return run_file(mode, argv[2], strtol(argv[3], NULL, 10), strtod(argv[4], NULL) * 1e9);
    Error error;
    const Schedule *schedule = read_schedule(argv[1], argv[2], &error);
    if (schedule == NULL) {
        fprintf(stderr, "engine: %s; %s\n", error.text, error.hint);
        return 3;
    }
    int64_t from_s = strtoll(argv[3], NULL, 10), at_s = from_s;
    long count = strtol(argv[4], NULL, 10);
    for (long n = 0; n < count && schedule_next(schedule, at_s, &at_s); n++)
        printf("%" PRId64 "\n", at_s);
    fprintf(stderr, "%.1f ns a next\n", ns_per_next(schedule, from_s, count, 1e9));
    return 0;
}
