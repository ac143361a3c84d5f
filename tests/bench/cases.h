#ifndef CASES_H
#define CASES_H

/* What every engine in the race shares: the file of cases, and how time is taken.  Whoever
 * includes this defines the three functions below, for one engine.
 *
 *   PROGRAM fires|bench|parse FILE COUNT SECONDS
 *
 * For every row "id, class, zone, expression" of the file: the instants from 2026 on, the ns
 * for each next, or the ns to read it; COUNT instants, and at most SECONDS of processor time.
 * Answers: id, status (ok, end: there are no more, budget, error), how many, the answer. */

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Reads the expression, for next_fire; NULL: done, else what is wrong. */
static const char *read_case(const char *expression, const char *zone);

/* The first instant strictly after after_s. */
static bool next_fire(int64_t after_s, int64_t *due_s);

/* Forgets all that was read since the last time. */
static void forget(void);

#define FROM_2026 INT64_C(1767225600)
#define ROUNDS 41
#define PARSES 1000
#define WALKED 1000

static double
cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double
median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return values[n / 2];
}

/* Walks at most `count` instants; returns how many there were. */
static long
walk(int64_t at_s, long count)
{
    long n = 0;
    while (n < count && next_fire(at_s, &at_s))
        n++;
    return n;
}

/* The median ns of one next over many walks, each long enough that reading the clock does not
 * count. */
static double
ns_per_next(int64_t from_s, long count, double most_ns)
{
    double rounds[ROUNDS], begun = cpu_ns();
    int n = 0;
    do {
        double start = cpu_ns();
        long asked = 0;
        while (asked < WALKED) {
            long walked = walk(from_s, count);
            asked += walked < count ? walked + 1 : walked;
        }
        rounds[n++] = (cpu_ns() - start) / (double)asked;
    } while (n < ROUNDS && cpu_ns() - begun < most_ns);
    return median(rounds, n);
}

static double
ns_per_parse(const char *expression, const char *zone, double most_ns)
{
    double rounds[ROUNDS], begun = cpu_ns();
    int n = 0;
    do {
        double start = cpu_ns();
        for (int i = 0; i < PARSES; i++)
            read_case(expression, zone);
        rounds[n++] = (cpu_ns() - start) / PARSES;
        forget();
    } while (n < ROUNDS && cpu_ns() - begun < most_ns);
    return median(rounds, n);
}

static void
print_fires(const char *id, long count, double most_ns)
{
    int64_t *fires = malloc((size_t)count * sizeof *fires), at_s = FROM_2026;
    const char *status = "ok";
    double begun = cpu_ns();
    long n = 0;
    for (; n < count; fires[n++] = at_s) {
        if (!next_fire(at_s, &at_s))
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

static void
run_case(const char *mode, const char *id, const char *text, const char *zone, long count,
    double most_ns)
{
    const char *wrong = read_case(text, zone);
    if (wrong != NULL)
        printf("%s\terror: %s\t0\t\n", id, wrong);
    else if (strcmp(mode, "fires") == 0)
        print_fires(id, count, most_ns);
    else if (strcmp(mode, "bench") == 0)
        printf("%s\tok\t%ld\t%.1f\n", id, count, ns_per_next(FROM_2026, count, most_ns));
    else
        printf("%s\tok\t%d\t%.1f\n", id, PARSES, ns_per_parse(text, zone, most_ns));
    fflush(stdout);
    forget();
}

/* -1: these arguments ask for something else. */
static int
run_cases(int argc, char **argv)
{
    char line[1024];
    const char *mode = argc == 5 ? argv[1] : "";
    if (strcmp(mode, "fires") != 0 && strcmp(mode, "bench") != 0 && strcmp(mode, "parse") != 0)
        return -1;
    long count = strtol(argv[3], NULL, 10);
    FILE *file = fopen(argv[2], "r");
    if (file == NULL || count < 0) {
        perror(argv[2]);
        return 2;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        char *save = NULL;
        const char *id = strtok_r(line, "\t\n", &save), *class = strtok_r(NULL, "\t\n", &save);
        const char *zone = strtok_r(NULL, "\t\n", &save), *text = strtok_r(NULL, "\t\n", &save);
        if (line[0] != '#' && class != NULL && text != NULL)
            run_case(mode, id, text, zone, count, strtod(argv[4], NULL) * 1e9);
    }
    fclose(file);
    return 0;
}

#endif
