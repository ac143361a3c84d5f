/* src/plan/ against a slow reading of the same rules: random expressions, in three dialects and
 * under every daylight-saving rule, in many zones, at random instants and around changes of the
 * clocks.  The matcher here shares no code with src/plan/: it reads the expression's text
 * again, asks libc (TZ, localtime_r) what the wall clock shows, and looks at every local time
 * of a few days one by one.
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

#include "plan/schedule.h"

#define DAY 86400
#define MAX_ZONES 500
#define MAX_SEGMENTS 64
#define MAX_FIRES 6000
#define MAX_TOLD 10
#define WINDOW_DAYS 3

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

/* ---- the wall clock, as libc knows it ---- */

typedef struct {
    int64_t from_s, until_s;
    int64_t offset_s;
} Segment;

static Segment segments[MAX_SEGMENTS];
static int n_segments;

static void
use_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

static int64_t
libc_offset(int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm tm;
    localtime_r(&at, &tm);
    return tm.tm_gmtoff;
}

/* The stretches of constant offset within [from_s, until_s]. */
static void
find_segments(int64_t from_s, int64_t until_s)
{
    n_segments = 0;
    int64_t begun_s = from_s, offset_s = libc_offset(from_s);
    for (int64_t at_s = from_s; at_s < until_s; at_s += 3600) {
        int64_t low_s = at_s, high_s = at_s + 3600;
        if (libc_offset(high_s) == offset_s)
            continue;
        while (high_s - low_s > 1) {
            int64_t middle_s = low_s + (high_s - low_s) / 2;
            if (libc_offset(middle_s) == offset_s)
                low_s = middle_s;
            else
                high_s = middle_s;
        }
        segments[n_segments++] = (Segment){begun_s, high_s, offset_s};
        begun_s = high_s;
        offset_s = libc_offset(high_s);
        if (n_segments == MAX_SEGMENTS - 1)
            break;
    }
    segments[n_segments++] = (Segment){begun_s, INT64_MAX / 4, offset_s};
}

/* ---- the expression, read slowly ---- */

typedef struct {
    bool second[60], minute[60], hour[24], day[32], month[13], weekday[7], year[2300];
    bool last[31];     /* L-n */
    bool last_weekday; /* LW */
    bool near[32];     /* nW */
    bool nth[7][7];    /* d#n; n = 6: the last */
    bool minute_star, hour_star, day_star, weekday_star;
    char days; /* c(ron), a(nd), o(r) */
    char dst;  /* c(ron), s(kip), a(ll), u(tc) */
    bool quartz;
} Slow;

static int
slow_value(const char **at, const char *names, int first_name)
{
    if (**at >= '0' && **at <= '9')
        return (int)strtol(*at, (char **)(uintptr_t)at, 10);
    for (int i = 0; names != NULL && names[i * 4] != '\0'; i++) {
        if (strncasecmp(*at, names + i * 4, 3) == 0) {
            *at += 3;
            return first_name + i;
        }
    }
    abort();
}

/* One item of a field of plain values: "*", "a", "a-b", "a/n", "a-b/n". */
static void
slow_item(const char *at, int low, int high, const char *names, int first_name, bool wraps,
    void (*set)(Slow *, int), Slow *slow)
{
    int from = low, to = high, step = 1;
    if (*at == '*') {
        at++;
    } else {
        from = to = slow_value(&at, names, first_name);
        if (*at == '-') {
            at++;
            to = slow_value(&at, names, first_name);
            if (high == 7 && low == 0 && to == 0 && from > 0)
                to = 7;
        } else if (*at == '/') {
            to = high;
        }
    }
    if (*at == '/')
        step = number(at + 1);
    if (wraps && to < from)
        to += high - low + 1;
    for (int v = from; v <= to; v += step)
        set(slow, v > high ? v - (high - low + 1) : v);
}

static void
set_second(Slow *s, int v)
{
    s->second[v] = true;
}
static void
set_minute(Slow *s, int v)
{
    s->minute[v] = true;
}
static void
set_hour(Slow *s, int v)
{
    s->hour[v] = true;
}
static void
set_day(Slow *s, int v)
{
    s->day[v] = true;
}
static void
set_month(Slow *s, int v)
{
    s->month[v] = true;
}
static void
set_weekday(Slow *s, int v)
{
    s->weekday[s->quartz ? v - 1 : v % 7] = true;
}
static void
set_year(Slow *s, int v)
{
    s->year[v] = true;
}

static const char MONTHS[] = "jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec,";
static const char WEEKDAYS[] = "sun,mon,tue,wed,thu,fri,sat,";

static void
slow_day_item(Slow *slow, const char *item)
{
    if (strcasecmp(item, "LW") == 0)
        slow->last_weekday = true;
    else if (item[0] == 'L')
        slow->last[item[1] == '-' ? number(item + 2) : 0] = true;
    else if (strchr(item, 'W') != NULL)
        slow->near[number(item)] = true;
    else
        slow_item(item, 1, 31, NULL, 0, slow->quartz, set_day, slow);
}

static void
slow_weekday_item(Slow *slow, const char *item)
{
    const char *mark = strpbrk(item, "#L");
    if (mark != NULL && item[0] != '*') {
        int day = slow_value(&item, WEEKDAYS, slow->quartz ? 1 : 0);
        day = slow->quartz ? day - 1 : day % 7;
        slow->nth[day][*mark == 'L' ? 6 : number(mark + 1)] = true;
        return;
    }
    slow_item(item, slow->quartz ? 1 : 0, 7, WEEKDAYS, slow->quartz ? 1 : 0, slow->quartz,
        set_weekday, slow);
}

/* Reads the text that we made ourselves: it is known to be correct. */
static void
slow_read(Slow *slow, const char *text, const char *dialect, char days, char dst)
{
    char copy[512], *save_field = NULL;
    memset(slow, 0, sizeof *slow);
    slow->days = days;
    slow->dst = dst;
    slow->quartz = dialect[0] == 'q';
    snprintf(copy, sizeof copy, "%s", text);
    int n = dialect[0] == 'v' ? 1 : 0;
    slow->second[0] = n == 1;
    bool wraps = slow->quartz, years = false;
    for (char *field = strtok_r(copy, " ", &save_field); field != NULL;
         field = strtok_r(NULL, " ", &save_field), n++) {
        bool star = field[0] == '*' || field[0] == '?';
        slow->minute_star |= n == 1 && star;
        slow->hour_star |= n == 2 && star;
        slow->day_star |= n == 3 && star;
        slow->weekday_star |= n == 5 && star;
        if (field[0] == '?')
            field[0] = '*';
        years |= n == 6;
        char *save_item = NULL;
        for (char *item = strtok_r(field, ",", &save_item); item != NULL;
             item = strtok_r(NULL, ",", &save_item)) {
            switch (n) {
            case 0:
                slow_item(item, 0, 59, NULL, 0, wraps, set_second, slow);
                break;
            case 1:
                slow_item(item, 0, 59, NULL, 0, wraps, set_minute, slow);
                break;
            case 2:
                slow_item(item, 0, 23, NULL, 0, wraps, set_hour, slow);
                break;
            case 3:
                slow_day_item(slow, item);
                break;
            case 4:
                slow_item(item, 1, 12, MONTHS, 1, wraps, set_month, slow);
                break;
            case 5:
                slow_weekday_item(slow, item);
                break;
            default:
                if (strcmp(item, "*") == 0) /* every year, also those that cannot be written */
                    memset(slow->year, true, sizeof slow->year);
                else
                    slow_item(item, 1970, 2199, NULL, 0, false, set_year, slow);
                break;
            }
        }
    }
    if (!years)
        memset(slow->year, true, sizeof slow->year);
}

/* The parts of a local time, as if it were UTC. */
static struct tm
parts_of(int64_t local_ls)
{
    time_t at = (time_t)local_ls;
    struct tm tm;
    gmtime_r(&at, &tm);
    return tm;
}

static int
month_length(int64_t local_ls)
{
    struct tm tm = parts_of(local_ls);
    int month = tm.tm_mon;
    int64_t at = local_ls + (int64_t)(28 - tm.tm_mday) * DAY;
    int length = 28;
    for (at += DAY; parts_of(at).tm_mon == month; at += DAY)
        length++;
    return length;
}

/* The day of the month that nW means in this one; 0: none. */
static int
near_day(int n, int64_t local_ls, int length)
{
    struct tm tm = parts_of(local_ls);
    if (n > length)
        return 0;
    int weekday = parts_of(local_ls + (int64_t)(n - tm.tm_mday) * DAY).tm_wday;
    if (weekday >= 1 && weekday <= 5)
        return n;
    int other = weekday == 6 ? n - 1 : n + 1;
    if (other < 1)
        other = n + 2;
    if (other > length)
        other = n - 2;
    return other;
}

static bool
slow_day(const Slow *slow, int64_t local_ls)
{
    struct tm tm = parts_of(local_ls);
    int year = tm.tm_year + 1900, length = month_length(local_ls);
    if (!slow->month[tm.tm_mon + 1] || year < 0 || year >= 2300 || !slow->year[year])
        return false;
    bool day = slow->day[tm.tm_mday], weekday = slow->weekday[tm.tm_wday];
    for (int n = 0; n <= 30; n++)
        day |= slow->last[n] && tm.tm_mday == length - n;
    day |= slow->last_weekday && tm.tm_mday == near_day(length, local_ls, length);
    for (int n = 1; n <= 31; n++)
        day |= slow->near[n] && tm.tm_mday == near_day(n, local_ls, length);
    weekday |= slow->nth[tm.tm_wday][(tm.tm_mday - 1) / 7 + 1];
    weekday |= slow->nth[tm.tm_wday][6] && tm.tm_mday + 7 > length;
    bool both = slow->day_star || slow->weekday_star;
    if (slow->days != 'c')
        both = slow->days == 'a';
    return both ? day && weekday : day || weekday;
}

/* ---- local times become instants ---- */

/* The instants of one wanted local time; rule 3 of the semantics, word by word. */
static int
slow_instants(const Slow *slow, int64_t local_ls, int64_t at_s[2])
{
    bool interval = slow->minute_star || slow->hour_star;
    int found = 0, in[2] = {0, 0};
    for (int i = 0; i < n_segments && found < 2; i++) {
        int64_t t = local_ls - segments[i].offset_s;
        if (t >= segments[i].from_s && t < segments[i].until_s) {
            in[found] = i;
            at_s[found++] = t;
        }
    }
    if (found == 1)
        return 1;
    if (found == 2) {
        int64_t d = segments[in[0]].offset_s - segments[in[1]].offset_s;
        bool both = slow->dst == 'a' || (slow->dst == 'c' && (interval || d > 10800));
        return both ? 2 : 1;
    }
    for (int i = 0; i + 1 < n_segments; i++) {
        int64_t t = segments[i].until_s, a = segments[i].offset_s, b = segments[i + 1].offset_s;
        if (local_ls >= t + a && local_ls < t + b) {
            at_s[0] = t;
            return slow->dst == 'c' && !interval && b - a < 10800 ? 1 : 0;
        }
    }
    return 0;
}

static int
compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t fires[MAX_FIRES + 2];

/* All instants of (from_s, until_s), in order; -1 when there are too many to look at. */
static int
slow_fires(const Slow *slow, int64_t from_s, int64_t until_s)
{
    int n = 0;
    int64_t first = (from_s - 3 * DAY) / DAY - 1, last = (until_s + 3 * DAY) / DAY + 1;
    for (int64_t day = first; day <= last; day++) {
        if (!slow_day(slow, day * DAY))
            continue;
        for (int tick = 0; tick < DAY; tick++) {
            if (!slow->hour[tick / 3600]) {
                tick += 3599;
                continue;
            }
            if (!slow->minute[tick / 60 % 60]) {
                tick += 59;
                continue;
            }
            if (!slow->second[tick % 60])
                continue;
            int64_t at_s[2];
            int found = slow_instants(slow, day * DAY + tick, at_s);
            for (int i = 0; i < found; i++) {
                if (at_s[i] <= from_s || at_s[i] >= until_s)
                    continue;
                if (n == MAX_FIRES)
                    return -1;
                fires[n++] = at_s[i];
            }
        }
    }
    qsort(fires, (size_t)n, sizeof *fires, compare);
    int kept = 0;
    for (int i = 0; i < n; i++)
        if (kept == 0 || fires[kept - 1] != fires[i])
            fires[kept++] = fires[i];
    return kept;
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
    long cases, instants, differences;
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

static void
tell(Run *run, const Case *c, const char *zone, const char *what, int64_t at_s, bool found,
    int64_t got_s, int64_t wanted_s)
{
    if (++run->differences > MAX_TOLD)
        return;
    printf("# '%s' dialect %s days %s dst %s in %s: %s(%" PRId64 ") is %" PRId64
           "%s, not %" PRId64 "\n",
        c->text, c->dialect, c->days, c->dst, zone, what, at_s, found ? got_s : 0,
        found ? "" : " (none)", wanted_s);
}

/* next(at_s) must be wanted_s, or lie beyond `until_s` when wanted_s does. */
static void
check_next(Run *run, const Case *c, const char *zone, const Schedule *schedule, int64_t at_s,
    int64_t wanted_s, int64_t until_s)
{
    int64_t due_s = 0;
    bool found = schedule_next(schedule, at_s, &due_s);
    bool right = wanted_s < until_s ? found && due_s == wanted_s : !found || due_s >= until_s;
    run->instants++;
    if (!right)
        tell(run, c, zone, "next", at_s, found, due_s, wanted_s);
}

static void
check_prev(Run *run, const Case *c, const char *zone, const Schedule *schedule, int64_t at_s,
    int64_t wanted_s, int64_t from_s)
{
    int64_t due_s = 0;
    bool found = schedule_prev(schedule, at_s, &due_s);
    bool right = wanted_s > from_s ? found && due_s == wanted_s : !found || due_s <= from_s;
    run->instants++;
    if (!right)
        tell(run, c, zone, "prev", at_s, found, due_s, wanted_s);
}

/* All instants of the window, walked forward and back, and from random places in it. */
static void
check_window(Run *run, const Case *c, const char *zone, int64_t from_s, int64_t until_s)
{
    Schedule *schedule;
    if (!schedule_of(run, c, zone, &schedule))
        return;
    int n = slow_fires(&c->slow, from_s, until_s);
    if (n < 0)
        return;
    run->cases++;
    for (int i = 0; i <= n; i++)
        check_next(run, c, zone, schedule, i == 0 ? from_s : fires[i - 1],
            i < n ? fires[i] : until_s, until_s);
    for (int i = n; i >= 0; i--)
        check_prev(run, c, zone, schedule, i == n ? until_s : fires[i],
            i > 0 ? fires[i - 1] : from_s, from_s);
    for (int k = 0; k < 8; k++) {
        int64_t at_s = from_s + (int64_t)(random_next() % (uint64_t)(until_s - from_s));
        int i = 0;
        while (i < n && fires[i] <= at_s)
            i++;
        check_next(run, c, zone, schedule, at_s, i < n ? fires[i] : until_s, until_s);
        while (i > 0 && fires[i - 1] >= at_s)
            i--;
        check_prev(run, c, zone, schedule, at_s, i > 0 ? fires[i - 1] : from_s, from_s);
    }
}

/* The first change of the clocks after at_s, by libc; at_s itself when there is none. */
static int64_t
libc_change(int64_t at_s)
{
    for (int64_t t = at_s; t < at_s + 400 * (int64_t)DAY; t += 10 * DAY) {
        if (libc_offset(t) == libc_offset(t + 10 * DAY))
            continue;
        find_segments(t, t + 10 * DAY);
        return segments[0].until_s;
    }
    return at_s;
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
    find_segments(from_s - 5 * DAY, until_s + 5 * DAY);
    for (int i = 0; i < cases; i++) {
        Case c;
        make_case(&c);
        if (c.slow.dst == 'u') {
            Segment utc = {INT64_MIN / 4, INT64_MAX / 4, 0};
            segments[0] = utc;
            n_segments = 1;
        }
        check_window(run, &c, zone, from_s, until_s);
        if (c.slow.dst == 'u')
            find_segments(from_s - 5 * DAY, until_s + 5 * DAY);
    }
}

static void
around_a_change(Run *run)
{
    const char *zone = run->names[random_next() % run->n_names];
    use_zone(zone);
    check_change(run, zone, libc_change(random_instant()), 10);
}

/* Once each change of each zone, 1900 to 2099. */
static void
around_every_change(Run *run)
{
    for (size_t i = 0; i < run->n_names; i++) {
        const Zone *zone;
        Error error;
        int64_t at_s = -INT64_C(2208988800);
        use_zone(run->names[i]);
        if (!zone_load(run->zones, run->names[i], &zone, &error)) {
            printf("# %s: %s\n", run->names[i], error.text);
            run->differences++;
            continue;
        }
        while (zone_next_change(zone, at_s, &at_s) && at_s < INT64_C(4102444800))
            check_change(run, run->names[i], at_s, 1);
    }
}

/* The instants within two days of a matching day: false when there are too many. */
static bool
fires_near(const Slow *slow, int64_t day, int64_t after_s, int64_t before_s, int *n)
{
    int64_t from_s = (day - 2) * DAY, until_s = (day + 3) * DAY;
    find_segments(from_s - 5 * DAY, until_s + 5 * DAY);
    *n = slow_fires(
        slow, after_s > from_s ? after_s : from_s, before_s < until_s ? before_s : until_s);
    return *n >= 0;
}

/* From at_s to the next instant and the one before, however far: up to twelve years. */
static void
check_far(Run *run, const Case *c, const char *zone, int64_t at_s)
{
    Schedule *schedule;
    int64_t span_s = 12 * 365 * (int64_t)DAY, next_s = at_s + span_s, prev_s = at_s - span_s;
    int n = 0;
    use_zone(c->slow.dst == 'u' ? "UTC" : zone);
    if (!schedule_of(run, c, zone, &schedule))
        return;
    for (int64_t day = at_s / DAY - 2; n == 0 && day * DAY < at_s + span_s; day++) {
        if (!slow_day(&c->slow, day * DAY))
            continue;
        if (!fires_near(&c->slow, day, at_s, INT64_MAX, &n))
            return;
        next_s = n > 0 ? fires[0] : next_s;
    }
    n = 0;
    for (int64_t day = at_s / DAY + 2; n == 0 && day * DAY > at_s - span_s; day--) {
        if (!slow_day(&c->slow, day * DAY))
            continue;
        if (!fires_near(&c->slow, day, INT64_MIN, at_s, &n))
            return;
        prev_s = n > 0 ? fires[n - 1] : prev_s;
    }
    run->cases++;
    check_next(run, c, zone, schedule, at_s, next_s, at_s + span_s);
    check_prev(run, c, zone, schedule, at_s, prev_s, at_s - span_s);
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
    use_zone(zone);
    int64_t change_s = libc_change(random_instant());
    int64_t local_ls = change_s + libc_offset(change_s - 1) + between(-2 * 3600, 2 * 3600);
    struct tm tm = parts_of(local_ls);
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
