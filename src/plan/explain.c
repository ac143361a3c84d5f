/* What no other file knows: the sentence that a whole schedule becomes - its rules, bounds,
 * exclusions and zones. */

#include "plan/explain.h"

#include <string.h>

#include "plan/explainday.h"
#include "plan/explaintime.h"
#include "plan/fires.h"
#include "plan/rule.h"
#include "plan/words.h"
#include "time/civil.h"

/* Exclusions that are told one by one. */
#define EXCLUSIONS_TOLD 8

#define MINUTE_S 60
#define HOUR_S 3600

static int64_t
day_of(int64_t at_ls)
{
    return at_ls / CIVIL_DAY_S - (at_ls % CIVIL_DAY_S < 0);
}

void
explain_cron(const Cron *cron, Text *text)
{
    TimePhrase times = explaintime_write(cron, text);
    explainday_write(cron, times, text);
    if (cron->flags & CRON_NEVER)
        text_add(text, ": there is no such date, so it never fires");
}

/* ---- intervals and instants ---- */

/* "37 minutes", "1 hour 30 minutes", "7 days of 24 hours"; one unit alone without its 1. */
static void
add_length(int64_t span_s, Text *text)
{
    if (span_s % CIVIL_DAY_S == 0 && span_s > CIVIL_DAY_S) {
        words_amount(text, span_s / CIVIL_DAY_S, "day");
        text_add(text, " of 24 hours");
        return;
    }
    static const struct {
        int64_t length_s;
        const char *name;
    } units[] = {{HOUR_S, "hour"}, {MINUTE_S, "minute"}, {1, "second"}};
    const char *joint = "";
    int64_t left_s = span_s;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        int64_t n = left_s / units[i].length_s;
        left_s -= n * units[i].length_s;
        if (n == 0)
            continue;
        text_add(text, joint);
        if (span_s == units[i].length_s)
            text_add(text, units[i].name);
        else
            words_amount(text, n, units[i].name);
        joint = " ";
    }
}

static void
add_span(const Rule *rule, Text *text)
{
    text_add(text, "every ");
    add_length(rule->span.every_s, text);
    text_add(text, ", counted from ");
    if (rule->span.phase_s == 0)
        text_add(text, "1970 (UTC)");
    else
        instant_write_utc(text, rule->span.phase_s);
}

static void
add_once(const Rule *rule, Text *text)
{
    if (!rule->once.is_local) {
        text_add(text, "once, at ");
        instant_write_utc(text, rule->once.at);
        return;
    }
    int64_t day = day_of(rule->once.at);
    text_add(text, "once, on ");
    words_value(text, WORD_WEEKDAY, civil_weekday(day));
    text_add_char(text, ' ');
    words_date(text, day);
    text_add(text, " at ");
    words_time(text, (int)(rule->once.at - day * CIVIL_DAY_S), TIME_SHORT);
}

/* The first day that the steps of a calendar interval count from. */
static int64_t
first_day(const Calendar *c)
{
    if (c->unit == CALENDAR_DAYS || c->unit == CALENDAR_WEEKS)
        return c->first;
    int year = c->first / 12 - (c->first % 12 < 0);
    return civil_days(year, c->first - year * 12 + 1, c->month_day);
}

/* True when `starts` names the day that the interval counts from. */
static bool
starts_at_anchor(const Rule *rule)
{
    const Limits *limits = rule->limits;
    return limits != NULL && limits->starts.at_s != INT64_MIN &&
           limits->starts.kind == INSTANT_DATE &&
           day_of(limits->starts.written) == rule->calendar.from_day;
}

static void
add_calendar(const Rule *rule, Text *text)
{
    static const char *const units[] = {"day", "week", "month", "year"};
    const Calendar *c = &rule->calendar;
    int64_t first = first_day(c);
    int year, month, day;
    civil_date(first, &year, &month, &day);
    text_add(text, "every ");
    if (c->every == 1)
        text_add(text, units[c->unit]);
    else
        words_amount(text, c->every, units[c->unit]);
    if (c->unit == CALENDAR_WEEKS) {
        text_add(text, " on ");
        words_value(text, WORD_WEEKDAY, civil_weekday(first));
    } else if (c->unit == CALENDAR_MONTHS) {
        text_add(text, " on the ");
        words_value(text, WORD_ORDINAL, c->month_day);
    } else if (c->unit == CALENDAR_YEARS) {
        text_addf(text, " on %d ", c->month_day);
        words_value(text, WORD_MONTH, month);
    }
    text_add(text, " at ");
    words_time(text, c->second, TIME_SHORT);
    if (c->unit == CALENDAR_MONTHS && c->month_day > 28)
        text_add(text, ", months without one left out");
    if (c->unit == CALENDAR_YEARS && c->month_day == 29 && month == 2)
        text_add(text, ", years without one left out");
    if (c->every > 1 && !starts_at_anchor(rule)) {
        text_add(text, ", counted from ");
        words_date(text, first);
    }
}

/* ---- limits ---- */

static void
add_days(const DayRange *range, Text *text)
{
    text_add(text, range->first == range->last ? "on " : "from ");
    words_date(text, range->first);
    if (range->first == range->last)
        return;
    text_add(text, " to ");
    words_date(text, range->last);
}

/* "on 4 July every year", "at 12:00 on Fridays" */
static void
add_mask(const Cron *cron, Text *text)
{
    if (cron->minutes != CRON_ALL_MINUTES || cron->hours != CRON_ALL_HOURS) {
        explain_cron(cron, text);
        return;
    }
    Text days = text_new(text->arena);
    explainday_write(cron, (TimePhrase){false, false}, &days);
    text_add(text, days.at + strspn(days.at, ", "));
}

static void
add_exclusions(const Limits *limits, Text *text)
{
    size_t n = limits->n_days + limits->n_masks;
    size_t parts = n > EXCLUSIONS_TOLD ? EXCLUSIONS_TOLD + 1 : n; /* the last: all others */
    text_add(text, n > 0 ? ", but not " : "");
    for (size_t i = 0; i < n && i < EXCLUSIONS_TOLD; i++) {
        words_joint(text, i, parts);
        if (i < limits->n_days)
            add_days(&limits->days[i], text);
        else
            add_mask(&limits->masks[i - limits->n_days].cron, text);
    }
    if (n > EXCLUSIONS_TOLD)
        text_addf(text, " and at %zu other times", n - EXCLUSIONS_TOLD);
}

static void
add_limits(const Limits *limits, Text *text)
{
    if (limits->starts.at_s != INT64_MIN) {
        text_add(text, ", starting ");
        limits_write_time(text, limits->starts.kind, limits->starts.written);
    }
    if (limits->ends.at_s != INT64_MAX) {
        text_add(text, ", ending before ");
        limits_write_time(text, limits->ends.kind, limits->ends.written);
    }
    add_exclusions(limits, text);
}

/* ---- the schedule ---- */

static bool
reads_wall(const Rule *rule)
{
    return rule->kind != KIND_SPAN && !(rule->kind == KIND_ONCE && !rule->once.is_local);
}

/* The zone whose wall clock it reads. */
static const char *
wall_zone(const Rule *rule)
{
    return rule->effects & CLOCKS_NONE ? "UTC" : zone_name(rule->zone);
}

static bool
zones_differ(const Schedule *schedule)
{
    const char *zone = NULL;
    for (size_t i = 0; i < schedule->n; i++) {
        const Rule *rule = schedule->rules[i];
        if (!reads_wall(rule))
            continue;
        if (zone != NULL && strcmp(zone, wall_zone(rule)) != 0)
            return true;
        zone = wall_zone(rule);
    }
    return false;
}

static void
add_rule(const Rule *rule, Text *text)
{
    switch ((RuleKind)rule->kind) {
    case KIND_CRON:
        explain_cron(&rule->cron, text);
        break;
    case KIND_CALENDAR:
        add_calendar(rule, text);
        break;
    case KIND_ONCE:
        add_once(rule, text);
        break;
    case KIND_SPAN:
        add_span(rule, text);
        break;
    }
}

void
explain_schedule(const Schedule *schedule, Text *text)
{
    bool differ = zones_differ(schedule);
    size_t start = text->len;
    for (size_t i = 0; i < schedule->n; i++) {
        const Rule *rule = schedule->rules[i];
        text_add(text, i == 0 ? "" : "; and also ");
        add_rule(rule, text);
        if (differ && reads_wall(rule))
            text_addf(text, ", in %s", wall_zone(rule));
        if (rule->limits != NULL)
            add_limits(rule->limits, text);
    }
    if (text->at[start] >= 'a' && text->at[start] <= 'z')
        text->at[start] -= 'a' - 'A';
    text_add_char(text, '.');
}

size_t
explain_zones(const Schedule *schedule, const Zone **zones, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < schedule->n && n < cap; i++) {
        const Rule *rule = schedule->rules[i];
        size_t k = 0;
        while (k < n && zones[k] != rule->zone)
            k++;
        if (k == n && fires_follow_clocks(rule))
            zones[n++] = rule->zone;
    }
    return n;
}

size_t
explain_count(const Schedule *schedule)
{
    return schedule->n;
}

ExplainRule
explain_rule(const Schedule *schedule, size_t i)
{
    const Rule *rule = schedule->rules[i];
    return (ExplainRule){.text = rule->text,
        .dialect = (CronDialect)rule->dialect,
        .cron = rule->kind == KIND_CRON ? &rule->cron : NULL,
        .is_span = rule->kind == KIND_SPAN,
        .every_s = rule->kind == KIND_SPAN ? rule->span.every_s : 0,
        .zone = rule->zone,
        .chooses_clocks = rule->clocks != CLOCKS_CRON,
        .has_limits = rule->limits != NULL};
}

const Schedule *
explain_member(Arena *arena, const Schedule *schedule, size_t i)
{
    return schedule_new(arena, &schedule->rules[i], 1);
}
