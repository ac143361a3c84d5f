/* What no other file knows: what a cron expression means, told as slowly and as plainly as the
 * semantics are written, from its text and libc's wall clock alone. */

#include "slow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY SLOW_DAY_S
#define MAX_SEGMENTS 64
#define MAX_FIRES 6000
#define TEXT_MAX 4096

/* ---- the wall clock, as libc knows it ---- */

typedef struct {
    int64_t from_s, until_s;
    int64_t offset_s;
} Segment;

static Segment segments[MAX_SEGMENTS];
static int n_segments;

void
slow_use_zone(const char *name)
{
    setenv("TZ", name, 1);
    tzset();
}

int64_t
slow_offset(int64_t at_s)
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
    int64_t begun_s = from_s, offset_s = slow_offset(from_s);
    for (int64_t at_s = from_s; at_s < until_s; at_s += 3600) {
        int64_t low_s = at_s, high_s = at_s + 3600;
        if (slow_offset(high_s) == offset_s)
            continue;
        while (high_s - low_s > 1) {
            int64_t middle_s = low_s + (high_s - low_s) / 2;
            if (slow_offset(middle_s) == offset_s)
                low_s = middle_s;
            else
                high_s = middle_s;
        }
        segments[n_segments++] = (Segment){begun_s, high_s, offset_s};
        begun_s = high_s;
        offset_s = slow_offset(high_s);
        if (n_segments == MAX_SEGMENTS - 1)
            break;
    }
    segments[n_segments++] = (Segment){begun_s, INT64_MAX / 4, offset_s};
}

int64_t
slow_change(int64_t at_s)
{
    for (int64_t t = at_s; t < at_s + 400 * (int64_t)DAY; t += 10 * DAY) {
        if (slow_offset(t) == slow_offset(t + 10 * DAY))
            continue;
        find_segments(t, t + 10 * DAY);
        return segments[0].until_s;
    }
    return at_s;
}

/* ---- the expression, read slowly ---- */

static int
number(const char *at)
{
    return (int)strtol(at, NULL, 10);
}

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
    abort(); /* src/plan/ took it: one of us is wrong */
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
    else if (item[0] == 'L' || item[0] == 'l')
        slow->last[item[1] == '-' ? number(item + 2) : 0] = true;
    else if (strpbrk(item, "Ww") != NULL)
        slow->near[number(item)] = true;
    else
        slow_item(item, 1, 31, NULL, 0, slow->quartz, set_day, slow);
}

static void
slow_weekday_item(Slow *slow, const char *item)
{
    const char *mark = strpbrk(item, "#Ll");
    if (mark == item) { /* quartz: L alone is Saturday */
        set_weekday(slow, 7);
        return;
    }
    if (mark != NULL) {
        int day = slow_value(&item, WEEKDAYS, slow->quartz ? 1 : 0);
        day = slow->quartz ? day - 1 : day % 7;
        mark += *mark == '#';
        slow->nth[day][*mark >= '0' && *mark <= '9' ? number(mark) : 6] = true;
        return;
    }
    slow_item(item, slow->quartz ? 1 : 0, 7, WEEKDAYS, slow->quartz ? 1 : 0, slow->quartz,
        set_weekday, slow);
}

/* The years: `*` and the like mean also those that cannot be written. */
static void
slow_year_item(Slow *slow, const char *item)
{
    const char *step = strchr(item, '/');
    if (item[0] == '*' && (step == NULL || number(step + 1) == 1))
        memset(slow->year, true, sizeof slow->year);
    else
        slow_item(item, 1970, 2199, NULL, 0, false, set_year, slow);
}

static void
slow_any_item(Slow *slow, int n, const char *item)
{
    switch (n) {
    case 0:
        slow_item(item, 0, 59, NULL, 0, slow->quartz, set_second, slow);
        break;
    case 1:
        slow_item(item, 0, 59, NULL, 0, slow->quartz, set_minute, slow);
        break;
    case 2:
        slow_item(item, 0, 23, NULL, 0, slow->quartz, set_hour, slow);
        break;
    case 3:
        slow_day_item(slow, item);
        break;
    case 4:
        slow_item(item, 1, 12, MONTHS, 1, slow->quartz, set_month, slow);
        break;
    case 5:
        slow_weekday_item(slow, item);
        break;
    case 6:
        slow_year_item(slow, item);
        break;
    default:
        abort();
    }
}

/* What a macro stands for, or NULL. */
static const char *
slow_macro(const char *text)
{
    static const char *const macros[][2] = {{"@hourly", "0 * * * *"}, {"@daily", "0 0 * * *"},
        {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"}, {"@monthly", "0 0 1 * *"},
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}};
    text += strspn(text, " \t");
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
        if (strncmp(text, macros[i][0], strlen(macros[i][0])) == 0)
            return macros[i][1];
    }
    return NULL;
}

bool
slow_read(Slow *slow, const char *text, const char *dialect, char days, char dst)
{
    char copy[TEXT_MAX + 1], *save_field = NULL;
    const char *macro = slow_macro(text);
    if (macro == NULL && text[strspn(text, " \t")] == '@')
        return false;
    dialect = macro != NULL ? "vixie" : dialect;
    memset(slow, 0, sizeof *slow);
    slow->days = days;
    slow->dst = dst;
    slow->quartz = dialect[0] == 'q';
    snprintf(copy, sizeof copy, "%s", macro != NULL ? macro : text);
    int n = dialect[0] == 'v' ? 1 : 0;
    slow->second[0] = n == 1;
    for (char *field = strtok_r(copy, " \t", &save_field); field != NULL;
         field = strtok_r(NULL, " \t", &save_field), n++) {
        bool star = field[0] == '*' || field[0] == '?';
        slow->minute_star |= n == 1 && star;
        slow->hour_star |= n == 2 && star;
        slow->day_star |= n == 3 && star;
        slow->weekday_star |= n == 5 && star;
        if (field[0] == '?')
            field[0] = '*';
        char *save_item = NULL;
        for (char *item = strtok_r(field, ",", &save_item); item != NULL;
             item = strtok_r(NULL, ",", &save_item)) {
            if (item[0] == 'H' || strchr(item, '~') != NULL)
                return false;
            slow_any_item(slow, n, item);
        }
    }
    if (n < 7)
        memset(slow->year, true, sizeof slow->year);
    return true;
}

/* The parts of a local time, as if it were UTC. */
struct tm
slow_parts(int64_t local_ls)
{
    time_t at = (time_t)local_ls;
    struct tm tm;
    gmtime_r(&at, &tm);
    return tm;
}

static int
month_length(int64_t local_ls)
{
    struct tm tm = slow_parts(local_ls);
    int month = tm.tm_mon;
    int64_t at = local_ls + (int64_t)(28 - tm.tm_mday) * DAY;
    int length = 28;
    for (at += DAY; slow_parts(at).tm_mon == month; at += DAY)
        length++;
    return length;
}

/* The day of the month that nW means in this one; 0: none. */
static int
near_day(int n, int64_t local_ls, int length)
{
    struct tm tm = slow_parts(local_ls);
    if (n > length)
        return 0;
    int weekday = slow_parts(local_ls + (int64_t)(n - tm.tm_mday) * DAY).tm_wday;
    if (weekday >= 1 && weekday <= 5)
        return n;
    int other = weekday == 6 ? n - 1 : n + 1;
    if (other < 1)
        other = n + 2;
    if (other > length)
        other = n - 2;
    return other;
}

bool
slow_day(const Slow *slow, int64_t local_ls)
{
    struct tm tm = slow_parts(local_ls);
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

/* The stretches that matter to the instants of (from_s, until_s). */
static void
look_around(const Slow *slow, int64_t from_s, int64_t until_s)
{
    if (slow->dst != 'u') {
        find_segments(from_s - 5 * DAY, until_s + 5 * DAY);
        return;
    }
    segments[0] = (Segment){INT64_MIN / 4, INT64_MAX / 4, 0};
    n_segments = 1;
}

/* ---- comparing ---- */

static void
tell(SlowCheck *check, const char *what, int64_t at_s, bool found, int64_t got_s,
    int64_t wanted_s)
{
    if (check->differences++ == 0)
        snprintf(check->told, sizeof check->told,
            "%s(%" PRId64 ") is %" PRId64 "%s, not %" PRId64, what, at_s, found ? got_s : 0,
            found ? "" : " (none)", wanted_s);
}

/* next(at_s) must be wanted_s, or lie beyond `until_s` when wanted_s does. */
static void
check_next(SlowCheck *check, int64_t at_s, int64_t wanted_s, int64_t until_s)
{
    int64_t due_s = 0;
    bool found = schedule_next(check->schedule, at_s, &due_s);
    bool right = wanted_s < until_s ? found && due_s == wanted_s : !found || due_s >= until_s;
    check->instants++;
    if (!right)
        tell(check, "next", at_s, found, due_s, wanted_s);
}

static void
check_prev(SlowCheck *check, int64_t at_s, int64_t wanted_s, int64_t from_s)
{
    int64_t due_s = 0;
    bool found = schedule_prev(check->schedule, at_s, &due_s);
    bool right = wanted_s > from_s ? found && due_s == wanted_s : !found || due_s <= from_s;
    check->instants++;
    if (!right)
        tell(check, "prev", at_s, found, due_s, wanted_s);
}

/* From a place between the n instants of the window. */
static void
check_place(SlowCheck *check, int n, int64_t at_s, int64_t from_s, int64_t until_s)
{
    int i = 0;
    while (i < n && fires[i] <= at_s)
        i++;
    check_next(check, at_s, i < n ? fires[i] : until_s, until_s);
    while (i > 0 && fires[i - 1] >= at_s)
        i--;
    check_prev(check, at_s, i > 0 ? fires[i - 1] : from_s, from_s);
}

bool
slow_check_window(SlowCheck *check, int64_t from_s, int64_t until_s, int places, uint64_t seed)
{
    look_around(check->slow, from_s, until_s);
    int n = slow_fires(check->slow, from_s, until_s);
    if (n < 0)
        return false;
    for (int i = 0; i <= n; i++)
        check_next(check, i == 0 ? from_s : fires[i - 1], i < n ? fires[i] : until_s, until_s);
    for (int i = n; i >= 0; i--)
        check_prev(check, i == n ? until_s : fires[i], i > 0 ? fires[i - 1] : from_s, from_s);
    for (int k = 0; k < places; k++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int64_t at_s = from_s + (int64_t)((seed >> 20) % (uint64_t)(until_s - from_s));
        check_place(check, n, at_s, from_s, until_s);
    }
    return true;
}

/* The instants within two days of a matching day: false when there are too many. */
static bool
fires_near(const Slow *slow, int64_t day, int64_t after_s, int64_t before_s, int *n)
{
    int64_t from_s = (day - 2) * DAY, until_s = (day + 3) * DAY;
    look_around(slow, from_s, until_s);
    *n = slow_fires(
        slow, after_s > from_s ? after_s : from_s, before_s < until_s ? before_s : until_s);
    return *n >= 0;
}

bool
slow_check_far(SlowCheck *check, int64_t at_s, int days)
{
    int64_t span_s = days * (int64_t)DAY, next_s = at_s + span_s, prev_s = at_s - span_s;
    int n = 0;
    for (int64_t day = at_s / DAY - 2; n == 0 && day * DAY < at_s + span_s; day++) {
        if (!slow_day(check->slow, day * DAY))
            continue;
        if (!fires_near(check->slow, day, at_s, INT64_MAX, &n))
            return false;
        next_s = n > 0 ? fires[0] : next_s;
    }
    n = 0;
    for (int64_t day = at_s / DAY + 2; n == 0 && day * DAY > at_s - span_s; day--) {
        if (!slow_day(check->slow, day * DAY))
            continue;
        if (!fires_near(check->slow, day, INT64_MIN, at_s, &n))
            return false;
        prev_s = n > 0 ? fires[n - 1] : prev_s;
    }
    check_next(check, at_s, next_s, at_s + span_s);
    check_prev(check, at_s, prev_s, at_s - span_s);
    return true;
}
