/* src/plan/ against a slow reading of the same rules (tests/lib/slow.h): random expressions, in
 * three dialects and under every daylight-saving rule, in many zones, at random instants and
 * around changes of the clocks.
 *
 *   cron [SECONDS [SEED]]   how long the random tests run (default 6), and from which seed
 *   cron --answer           reads "EXPRESSION<tab>ZONE<tab>FROM<tab>COUNT" lines, FROM in
 * seconds since 1970, and prints the next COUNT instants of each */

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../lib/slow.h"
#include "plan/schedule.h"

#define DAY SLOW_DAY_S
#define MAX_ZONES 500
#define MAX_TOLD 10
#define WINDOW_DAYS 3
#define FAR_DAYS (12 * 365)

static const char MONTHS[] = "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec,";
static const char WEEKDAYS[] = "sun,mon,tue,wed,thu,fri,sat,";

static uint64_t random_state;

/* splitmix64 */
static uint64_t
random_next(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int
between(int low, int high)
{
    return low + (int)(random_next() % (uint64_t)(high - low + 1));
}

static bool
one_in(int n)
{
    return random_next() % (uint64_t)n == 0;
}

static int
number(const char *at)
{
    return (int)strtol(at, NULL, 10);
}

/* ---- random expressions ---- */

typedef struct {
    char text[512];
    const char *dialect, *days, *dst;
    Slow slow;
} Case;

static void add(Case *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
add(Case *c, const char *fmt, ...)
{
    size_t len = strlen(c->text);
    va_list args;
    va_start(args, fmt);
    vsnprintf(c->text + len, sizeof c->text - len, fmt, args);
    va_end(args);
}

static void
add_value(Case *c, int v, int low, const char *names)
{
    if (names != NULL && one_in(3) && v - low < (int)strlen(names) / 4)
        add(c, "%.3s", names + 4 * (v - low));
    else
        add(c, one_in(8) ? "%02d" : "%d", v);
}

/* A list of values, ranges and steps; `most` items. */
static void
add_plain(Case *c, int low, int high, const char *names, int most)
{
    bool quartz = c->dialect[0] == 'q', longer = c->dialect[0] != 'v';
    int items = one_in(3) ? between(1, most) : 1;
    for (int i = 0; i < items; i++) {
        if (i > 0)
            add(c, ",");
        int a = between(low, high), b = between(low, high), shape = between(0, 9);
        if (a > b && !(quartz && low < 1970)) {
            int swap = a;
            a = b;
            b = swap;
        }
        if (shape == 0) {
            add(c, one_in(2) ? "*" : "*/%d", between(1, high - low + 2));
            continue;
        }
        add_value(c, a, low, names);
        if (shape <= 3) {
            add(c, "-");
            add_value(c, b, low, names);
        }
        if ((shape == 3 || (shape == 4 && longer)) && low < 1970)
            add(c, "/%d", between(1, high - low + 2));
    }
}

static void
add_month_days(Case *c)
{
    switch (between(0, 9)) {
    case 0:
        add(c, "L");
        break;
    case 1:
        add(c, "L-%d", between(1, 30));
        break;
    case 2:
        add(c, one_in(2) ? "LW" : "%d,LW", between(1, 31));
        break;
    case 3:
        add(c, "%dW", between(1, 31));
        break;
    case 4:
        add(c, "%dW,%d,L", between(1, 31), between(1, 31));
        break;
    default:
        add_plain(c, 1, 31, NULL, 3);
        break;
    }
}

static void
add_weekdays(Case *c)
{
    int low = c->dialect[0] == 'q' ? 1 : 0;
    switch (between(0, 7)) {
    case 0:
        add_value(c, between(low, 7), low, WEEKDAYS);
        add(c, "#%d", between(1, 5));
        break;
    case 1:
        add_value(c, between(low, 7), low, WEEKDAYS);
        add(c, "L");
        break;
    case 2:
        add(c, "%d,%d#%d", between(low, 7), between(low, 7), between(1, 5));
        break;
    case 3:
        if (low == 0)
            add(c, "%s-%s", one_in(2) ? "fri" : "4", one_in(2) ? "sun" : "0");
        else
            add(c, "fri-mon");
        break;
    default:
        add_plain(c, low, 7, WEEKDAYS, 3);
        break;
    }
}

static void
make_case(Case *c)
{
    static const char *const dialects[] = {"vixie", "vixie", "seconds", "quartz"};
    static const char *const days[] = {"cron", "cron", "cron", "and", "or"};
    static const char *const dst[] = {"cron", "cron", "cron", "skip", "all", "utc"};
    c->text[0] = '\0';
    c->dialect = dialects[between(0, 3)];
    c->days = days[between(0, 4)];
    c->dst = dst[between(0, 5)];
    if (c->dialect[0] != 'v') {
        if (one_in(20))
            add_plain(c, 0, 59, NULL, 3);
        else
            add(c, "%d", one_in(2) ? 0 : between(0, 59));
        add(c, " ");
    }
    if (one_in(4))
        add(c, one_in(2) ? "*" : "*/%d", between(2, 61));
    else
        add_plain(c, 0, 59, NULL, 3);
    add(c, " ");
    if (one_in(3))
        add(c, one_in(2) ? "*" : "*/%d", between(2, 25));
    else if (one_in(2))
        add(c, "%d-%d", between(0, 2), between(2, 4));
    else
        add_plain(c, 0, 23, NULL, 3);
    add(c, " ");
    int which = between(0, 3); /* which day fields are restricted */
    if (c->dialect[0] == 'q')
        which = between(1, 2);
    if (which & 1)
        add_month_days(c);
    else
        add(c, c->dialect[0] == 'q' || one_in(4) ? "?" : "*");
    add(c, " ");
    if (one_in(3))
        add_plain(c, 1, 12, MONTHS, 3);
    else
        add(c, "*");
    add(c, " ");
    if (which & 2)
        add_weekdays(c);
    else
        add(c, c->dialect[0] == 'q' || one_in(4) ? "?" : "*");
    if (c->dialect[0] != 'v' && one_in(6)) {
        add(c, " ");
        add_plain(c, 1970, 2199, NULL, 3);
    }
    slow_read(&c->slow, c->text, c->dialect, c->days[0], c->dst[0]);
}

/* ---- comparing ---- */

typedef struct {
    Arena *arena, *kept;
    Zones *zones;
    const char *names[MAX_ZONES];
    size_t n_names;
    long cases, instants, differences, told;
} Run;

static bool
schedule_of(Run *run, const Case *c, const char *zone, Schedule **out)
{
    RuleSpec spec = {.job = ""};
    RuleFault fault;
    Rule *rule;
    Error error;
    spec.text[RULE_CRON] = c->text;
    spec.text[RULE_DIALECT] = c->dialect;
    spec.text[RULE_DAYS] = c->days;
    spec.text[RULE_DST] = c->dst;
    arena_reset(run->arena);
    if (!zone_load(run->zones, zone, &spec.zone, &error) ||
        !rule_read(run->arena, &spec, &rule, &fault, &error)) {
        printf("# '%s' (%s) in %s is refused: %s\n", c->text, c->dialect, zone, error.text);
        run->differences++;
        return false;
    }
    *out = schedule_new(run->arena, &rule, 1);
    return true;
}

/* Adds up what was found, and tells the first ones. */
static void
tell(Run *run, const Case *c, const char *zone, const SlowCheck *check)
{
    run->cases++;
    run->instants += check->instants;
    run->differences += check->differences;
    if (check->differences > 0 && run->told++ < MAX_TOLD)
        printf("# '%s' dialect %s days %s dst %s in %s: %s\n", c->text, c->dialect, c->days,
            c->dst, zone, check->told);
}

static int64_t
random_instant(void)
{
    return (int64_t)(random_next() % UINT64_C(4102444800)); /* 1970 to 2099 */
}

static void
check_change(Run *run, const char *zone, int64_t change_s, int cases)
{
    int64_t from_s = change_s - between(DAY, 2 * DAY), until_s = from_s + WINDOW_DAYS * DAY;
    for (int i = 0; i < cases; i++) {
        Case c;
        Schedule *schedule;
        make_case(&c);
        if (!schedule_of(run, &c, zone, &schedule))
            continue;
        SlowCheck check = {.schedule = schedule, .slow = &c.slow};
        if (slow_check_window(&check, from_s, until_s, 8, random_next()))
            tell(run, &c, zone, &check);
    }
}

static void
around_a_change(Run *run)
{
    const char *zone = run->names[random_next() % run->n_names];
    slow_use_zone(zone);
    check_change(run, zone, slow_change(random_instant()), 10);
}

/* Once each change of each zone, 1900 to 2099. */
static void
around_every_change(Run *run)
{
    for (size_t i = 0; i < run->n_names; i++) {
        const Zone *zone;
        Error error;
        int64_t at_s = -INT64_C(2208988800);
        slow_use_zone(run->names[i]);
        if (!zone_load(run->zones, run->names[i], &zone, &error)) {
            printf("# %s: %s\n", run->names[i], error.text);
            run->differences++;
            continue;
        }
        while (zone_next_change(zone, at_s, &at_s) && at_s < INT64_C(4102444800))
            check_change(run, run->names[i], at_s, 1);
    }
}

/* From at_s to the next instant and the one before, however far. */
static void
check_far(Run *run, const Case *c, const char *zone, int64_t at_s)
{
    Schedule *schedule;
    slow_use_zone(zone);
    if (!schedule_of(run, c, zone, &schedule))
        return;
    SlowCheck check = {.schedule = schedule, .slow = &c->slow};
    if (slow_check_far(&check, at_s, FAR_DAYS))
        tell(run, c, zone, &check);
}

static void
far_away(Run *run)
{
    Case c;
    make_case(&c);
    check_far(run, &c, run->names[random_next() % run->n_names], random_instant());
}

/* A rare schedule whose one time a year falls in, or near, what a change skips or repeats. */
static void
pinned_to_a_change(Run *run)
{
    static const char *const dst[] = {"cron", "cron", "skip", "all"};
    const char *zone = run->names[random_next() % run->n_names];
    slow_use_zone(zone);
    int64_t change_s = slow_change(random_instant());
    int64_t local_ls = change_s + slow_offset(change_s - 1) + between(-2 * 3600, 2 * 3600);
    struct tm tm = slow_parts(local_ls);
    Case c = {.dialect = "vixie", .days = "cron", .dst = dst[between(0, 3)]};
    bool steps = one_in(3);
    add(&c, steps ? "*/%d" : "%d", steps ? between(2, 30) : tm.tm_min);
    add(&c, " %d %d %d *", tm.tm_hour, tm.tm_mday, tm.tm_mon + 1);
    slow_read(&c.slow, c.text, c.dialect, 'c', c.dst[0]);
    check_far(run, &c, zone, change_s - (int64_t)between(-700, 700) * DAY - between(0, DAY));
}

/* The zones that the system's table names, and UTC. */
static void
list_zones(Run *run)
{
    const char *folder = getenv("TZDIR");
    char path[4096], line[1024];
    snprintf(path, sizeof path, "%s/zone1970.tab", folder ? folder : "/usr/share/zoneinfo");
    FILE *file = fopen(path, "r");
    run->names[run->n_names++] = "UTC";
    while (file != NULL && run->n_names < MAX_ZONES && fgets(line, sizeof line, file) != NULL) {
        char *save = NULL;
        if (line[0] == '#' || strtok_r(line, "\t\n", &save) == NULL)
            continue;
        strtok_r(NULL, "\t\n", &save);
        const char *name = strtok_r(NULL, "\t\n", &save);
        if (name != NULL)
            run->names[run->n_names++] = arena_copy(run->kept, name, strlen(name));
    }
    if (file != NULL)
        fclose(file);
}

static void
answer(Run *run)
{
    char line[8192];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *save = NULL;
        char *expression = strtok_r(line, "\t\n", &save), *zone = strtok_r(NULL, "\t\n", &save);
        char *from = strtok_r(NULL, "\t\n", &save), *count = strtok_r(NULL, "\t\n", &save);
        Case c = {.dialect = "vixie", .days = "cron", .dst = "cron"};
        Schedule *schedule;
        if (count == NULL)
            continue;
        snprintf(c.text, sizeof c.text, "%s", expression);
        if (schedule_of(run, &c, zone, &schedule)) {
            int64_t at_s = strtoll(from, NULL, 10);
            for (int n = number(count); n > 0 && schedule_next(schedule, at_s, &at_s); n--)
                printf("%" PRId64 " ", at_s);
        }
        putchar('\n');
    }
}

static double
now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool
run_for(Run *run, double seconds, int number, const char *name, void (*step)(Run *))
{
    run->cases = run->instants = run->differences = 0;
    for (double end_s = now_s() + seconds; now_s() < end_s || run->cases == 0;)
        step(run);
    bool ok = run->differences == 0;
    printf("%s %d - %s: %ld differences among %ld instants of %ld expressions\n",
        ok ? "ok" : "not ok", number, name, run->differences, run->instants, run->cases);
    return ok;
}

int
main(int argc, char **argv)
{
    Run run = {.arena = arena_new(0), .kept = arena_new(0)};
    run.zones = zones_new(run.kept);
    if (argc > 1 && strcmp(argv[1], "--answer") == 0) {
        answer(&run);
        arena_free(run.arena);
        arena_free(run.kept);
        return 0;
    }
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 6;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    random_state = seed;
    list_zones(&run);
    printf("1..4\n# seed %" PRIu64 ", %zu zones\n", seed, run.n_names);
    bool ok = run_for(&run, seconds / 2, 1, "around changes of the clocks", around_a_change);
    ok &= run_for(&run, 0, 2, "once around every change", around_every_change);
    ok &= run_for(&run, seconds / 4, 3, "years away", far_away);
    ok &= run_for(&run, seconds / 4, 4, "years away, at a change", pinned_to_a_change);
    arena_free(run.arena);
    arena_free(run.kept);
    return ok ? 0 : 1;
}
