/* What no other file knows: the dates, minutes and bounds that keep a rule from firing though
 * its fields match, and how far a search may jump over them. */

#include "plan/limits.h"

#include <string.h>

#include "time/civil.h"

#define DAY_MINUTES 1440

Limits *
limits_new(Arena *arena, const Zone *zone)
{
    Limits *limits = arena_alloc(arena, sizeof *limits);
    limits->zone = zone;
    limits->starts.at_s = INT64_MIN;
    limits->ends.at_s = INT64_MAX;
    limits->none_after_s = INT64_MAX;
    limits->none_before_s = INT64_MIN;
    return limits;
}

/* ---- reading ---- */

static bool
read_bound(const Limits *limits, const char *text, Bound *out, Error *error)
{
    Bound bound;
    if (!instant_read(text, &bound.kind, &bound.written, error))
        return false;
    bound.at_s = bound.written;
    if (bound.kind != INSTANT_UTC) {
        int64_t at_s[2];
        zone_instants(limits->zone, bound.written, at_s);
        bound.at_s = at_s[0];
    }
    *out = bound;
    return true;
}

/* What a search found out under wider limits may not hold under narrower ones. */
static void
forget(Limits *limits)
{
    limits->none_after_s = INT64_MAX;
    limits->none_before_s = INT64_MIN;
}

bool
limits_start(Limits *limits, const char *text, Error *error)
{
    Bound bound;
    if (!read_bound(limits, text, &bound, error))
        return false;
    if (bound.at_s > limits->starts.at_s)
        limits->starts = bound;
    forget(limits);
    return true;
}

bool
limits_end(Limits *limits, const char *text, Error *error)
{
    Bound bound;
    if (!read_bound(limits, text, &bound, error))
        return false;
    if (bound.at_s < limits->ends.at_s)
        limits->ends = bound;
    forget(limits);
    return true;
}

/* Room for one more of n elements: doubled whenever n is a power of two. */
static void *
room(Arena *arena, void *at, size_t n, size_t size)
{
    if (n == 0)
        return arena_array(arena, 4, size);
    if (n < 4 || (n & (n - 1)) != 0)
        return at;
    return arena_grow(arena, at, n * size, 2 * n * size);
}

/* Puts a range in its place and joins it with those that it touches. */
static void
add_days(Arena *arena, Limits *limits, DayRange range)
{
    limits->days = room(arena, limits->days, limits->n_days, sizeof *limits->days);
    DayRange *days = limits->days;
    size_t n = limits->n_days, i = 0, touched = 0;
    while (i < n && days[i].last + 1 < range.first)
        i++;
    for (; i + touched < n && days[i + touched].first <= range.last + 1; touched++) {
        if (days[i + touched].first < range.first)
            range.first = days[i + touched].first;
        if (days[i + touched].last > range.last)
            range.last = days[i + touched].last;
    }
    memmove(days + i + 1, days + i + touched, (n - i - touched) * sizeof *days);
    days[i] = range;
    limits->n_days = n + 1 - touched;
}

static bool
read_date(const char *text, int32_t *day, Error *error)
{
    InstantKind kind;
    int64_t at_ls;
    if (!instant_read(text, &kind, &at_ls, error))
        return false;
    if (kind != INSTANT_DATE) {
        error_set(error, ERR_INPUT, "'%.60s' is no date", text);
        return error_hint(error,
            "write %.10s: exclude takes whole days, or a cron expression "
            "for minutes",
            text);
    }
    *day = (int32_t)(at_ls / CIVIL_DAY_S - (at_ls % CIVIL_DAY_S < 0));
    return true;
}

static bool
exclude_dates(Arena *arena, Limits *limits, const char *text, size_t *offset, Error *error)
{
    DayRange range = {0, 0};
    const char *dots = strstr(text, "..");
    *offset = 0;
    size_t len = dots == NULL ? strlen(text) : (size_t)(dots - text);
    if (!read_date(arena_copy(arena, text, len), &range.first, error))
        return false;
    range.last = range.first;
    if (dots != NULL) {
        *offset = (size_t)(dots + 2 - text);
        if (!read_date(dots + 2, &range.last, error))
            return false;
    }
    *offset = 0;
    if (range.last < range.first) {
        error_set(error, ERR_INPUT, "the range of dates '%.60s' runs backwards", text);
        return error_hint(error, "write the earlier date first: %.40s..%.*s", dots + 2,
            (int)(dots - text), text);
    }
    add_days(arena, limits, range);
    return true;
}

static bool
is_date(const char *text)
{
    return strspn(text, "0123456789") >= 2 && strchr("-./", text[strspn(text, "0123456789")]) &&
           strpbrk(text, " \t*,") == NULL;
}

bool
limits_exclude(Arena *arena, Limits *limits, const char *text, const char *job, size_t *offset,
    Error *error)
{
    *offset = 0;
    if (limits->n_days + limits->n_masks >= LIMITS_EXCLUDES_MAX) {
        error_set(error, ERR_INPUT, "more than %d exclusions", LIMITS_EXCLUDES_MAX);
        return error_hint(error, "write ranges of dates, a..b, or cron expressions");
    }
    forget(limits);
    if (is_date(text))
        return exclude_dates(arena, limits, text, offset, error);
    Cron cron;
    if (!cron_read(arena, text, DIALECT_VIXIE, DAYS_CRON, job, &cron, offset, error))
        return false;
    limits->masks = room(arena, limits->masks, limits->n_masks, sizeof *limits->masks);
    limits->masks[limits->n_masks++] = (CronMask){.cron = cron};
    return true;
}

/* ---- asking ---- */

static const DayRange *
find_days(const Limits *limits, int64_t day)
{
    size_t low = 0, high = limits->n_days;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (limits->days[middle].last < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < limits->n_days && limits->days[low].first <= day ? &limits->days[low] : NULL;
}

/* The minutes of the day that masks hold. */
static void
masked_minutes(const Limits *limits, int64_t at_ls, uint64_t minutes[24])
{
    for (size_t i = 0; i < limits->n_masks; i++) {
        CronMask *mask = &limits->masks[i];
        if (!cronnext_holds_day(&mask->cron, &mask->month, at_ls))
            continue;
        for (uint32_t hours = mask->cron.hours; hours != 0; hours &= hours - 1)
            minutes[__builtin_ctz(hours)] |= mask->cron.minutes;
    }
}

/* What surrounds a local time that is left out: [first_ls, end_ls). */
typedef struct {
    int64_t first_ls, end_ls;
} Run;

/* True when masks hold this minute of the day; then the run of minutes around it that they hold
 * as well, or that nobody wants. */
static bool
masked(const Limits *limits, int64_t day_ls, int minute, const uint64_t *wanted, Run *run)
{
    uint64_t held[24] = {0};
    masked_minutes(limits, day_ls, held);
    if (!(held[minute / 60] >> minute % 60 & 1))
        return false;
    for (int hour = 0; wanted != NULL && hour < 24; hour++)
        held[hour] |= ~wanted[hour] & CRON_ALL_MINUTES;
    int from = minute, until = minute;
    while (from > 0 && held[(from - 1) / 60] >> (from - 1) % 60 & 1)
        from -= from % 60 == 0 && held[from / 60 - 1] == CRON_ALL_MINUTES ? 60 : 1;
    while (until < DAY_MINUTES && held[until / 60] >> until % 60 & 1)
        until += until % 60 == 0 && held[until / 60] == CRON_ALL_MINUTES ? 60 : 1;
    *run = (Run){day_ls + from * 60, day_ls + until * 60};
    return true;
}

static int64_t
day_of(int64_t at_ls)
{
    return at_ls / CIVIL_DAY_S - (at_ls % CIVIL_DAY_S < 0);
}

static bool
left_out(const Limits *limits, int64_t at_ls, const uint64_t *wanted, Run *run)
{
    int64_t day = day_of(at_ls);
    const DayRange *days = find_days(limits, day);
    if (days != NULL) {
        run->first_ls = (int64_t)days->first * CIVIL_DAY_S;
        run->end_ls = ((int64_t)days->last + 1) * CIVIL_DAY_S;
        return true;
    }
    int minute = (int)(at_ls - day * CIVIL_DAY_S) / 60;
    return limits->n_masks > 0 && masked(limits, day * CIVIL_DAY_S, minute, wanted, run);
}

bool
limits_exclude_local(const Limits *limits, int64_t at_ls)
{
    Run run;
    return left_out(limits, at_ls, NULL, &run);
}

bool
limits_excluded(const Limits *limits, int64_t at_s, const uint64_t wanted[24],
    int64_t *resume_s, int64_t *back_s)
{
    if (limits->n_days == 0 && limits->n_masks == 0)
        return false;
    ZoneSpan span = zone_span(limits->zone, at_s);
    int64_t at_ls = at_s + span.offset_s;
    int64_t day_s = day_of(at_ls) * CIVIL_DAY_S - span.offset_s;
    Run run;
    /* What the clocks moved fires at a minute that the rule does not name. */
    if (span.from_s >= day_s || span.until_s < day_s + CIVIL_DAY_S)
        wanted = NULL;
    if (!left_out(limits, at_ls, wanted, &run))
        return false;
    /* Beyond a change of the clocks the wall may show something else. */
    *resume_s = run.end_ls - span.offset_s;
    if (span.until_s < *resume_s)
        *resume_s = span.until_s;
    *back_s = run.first_ls - span.offset_s - 1;
    if (span.from_s > *back_s)
        *back_s = span.from_s - 1;
    return true;
}

/* ---- writing ---- */

static void
write_date(Text *text, int64_t day)
{
    int year, month, of_month;
    civil_date(day, &year, &month, &of_month);
    text_addf(text, "%04d-%02d-%02d", year, month, of_month);
}

void
limits_write_time(Text *text, InstantKind kind, int64_t written)
{
    if (kind == INSTANT_UTC) {
        instant_write_utc(text, written);
        return;
    }
    Civil civil = civil_from_seconds(written);
    text_addf(text, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
    if (kind == INSTANT_LOCAL)
        text_addf(text, "T%02d:%02d:%02d", civil.hour, civil.minute, civil.second);
}

void
limits_write(const Limits *limits, Text *text)
{
    if (limits->starts.at_s != INT64_MIN) {
        text_add(text, "; starts ");
        limits_write_time(text, limits->starts.kind, limits->starts.written);
    }
    if (limits->ends.at_s != INT64_MAX) {
        text_add(text, "; ends ");
        limits_write_time(text, limits->ends.kind, limits->ends.written);
    }
    for (size_t i = 0; i < limits->n_days; i++) {
        const DayRange *range = &limits->days[i];
        text_add(text, "; exclude ");
        write_date(text, range->first);
        if (range->last != range->first) {
            text_add(text, "..");
            write_date(text, range->last);
        }
    }
    for (size_t i = 0; i < limits->n_masks; i++) {
        CronDialect dialect;
        text_add(text, "; exclude ");
        cron_write(&limits->masks[i].cron, text, &dialect);
    }
}
