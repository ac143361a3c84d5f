/* What no other file knows: how local times become instants - what happens to those that a
 * change of the clocks skips or repeats (semantics of Debian's cron, or as `dst:` says).
 *
 * A stretch of constant offset shows local times [from + offset, until + offset).  Where the
 * offset grows by d, the local times between the stretches are skipped (a gap); where it
 * shrinks, the last |d| seconds of one stretch are shown again by the next (a fold). */

#include "plan/fires.h"

#define THREE_HOURS 10800
#define FOR_EVER (INT64_C(1) << 60) /* far beyond PLAN_MAX_S, and safe to add to */

/* Farther from a change of the clocks than two offsets of one zone can differ (RFC 9636: they
 * lie between -25 and 26 hours). */
#define FAR_S (3 * 86400)

#define DAY_S 86400
#define DAY_MINUTES 1440

bool
fires_follow_clocks(const Rule *rule)
{
    return rule->kind != KIND_SPAN && !(rule->kind == KIND_ONCE && !rule->once.is_local) &&
           !(rule->effects & CLOCKS_NONE);
}

bool
fires_once(const Rule *rule, int64_t fold_s)
{
    return rule->effects & CLOCKS_ONCE &&
           (!(rule->effects & CLOCKS_BOUNDED) || fold_s <= THREE_HOURS);
}

bool
fires_moved(const Rule *rule, int64_t gap_s)
{
    return rule->effects & CLOCKS_MOVE &&
           (!(rule->effects & CLOCKS_BOUNDED) || gap_s < THREE_HOURS);
}

static void
load_stretch(Rule *rule, int64_t at_s)
{
    RuleStretch *stretch = &rule->stretch;
    if (rule->effects & CLOCKS_NONE) {
        *stretch = (RuleStretch){.from_s = -FOR_EVER,
            .until_s = FOR_EVER,
            .fresh_s = -FOR_EVER,
            .knows_edges = true};
        return;
    }
    ZoneSpan span = zone_span(rule->zone, at_s);
    stretch->from_s = span.from_s <= -FOR_EVER ? -FOR_EVER : span.from_s;
    stretch->until_s = span.until_s >= FOR_EVER ? FOR_EVER : span.until_s;
    stretch->offset_s = span.offset_s;
    stretch->fresh_s = stretch->from_s + FAR_S;
    stretch->knows_edges = false;
}

/* Looks at the neighbours: most instants are too far from them for it to matter. */
static void
load_edges(Rule *rule)
{
    RuleStretch *stretch = &rule->stretch;
    stretch->knows_edges = true;
    stretch->before_s = stretch->after_s = stretch->offset_s;
    if (stretch->from_s > -FOR_EVER)
        zone_local(rule->zone, stretch->from_s - 1, &stretch->before_s);
    if (stretch->until_s < FOR_EVER)
        zone_local(rule->zone, stretch->until_s, &stretch->after_s);
    int64_t gap_s = (int64_t)stretch->offset_s - stretch->before_s;
    stretch->moves = gap_s > 0 && fires_moved(rule, gap_s);
    stretch->fresh_s = stretch->from_s;
    if (stretch->moves)
        stretch->fresh_s = stretch->from_s + 1;
    else if (gap_s < 0 && fires_once(rule, -gap_s))
        stretch->fresh_s = stretch->from_s - gap_s;
}

static inline RuleStretch *
stretch_at(Rule *rule, int64_t at_s)
{
    RuleStretch *stretch = &rule->stretch;
    if (__builtin_expect(at_s < stretch->from_s || at_s >= stretch->until_s, 0))
        load_stretch(rule, at_s);
    return stretch;
}

const RuleStretch *
fires_stretch(Rule *rule, int64_t at_s)
{
    stretch_at(rule, at_s);
    if (!rule->stretch.knows_edges)
        load_edges(rule);
    return &rule->stretch;
}

/* Local times keep to the years 1 to 9999, as instants do: both ways the
 * same ones are found. */
static inline bool
wanted_from(Rule *rule, int64_t from_ls, int64_t *out_ls)
{
    if (from_ls < PLAN_MIN_S)
        from_ls = PLAN_MIN_S;
    if (rule->kind == KIND_CRON)
        return cronnext_from(&rule->cron, &rule->month, from_ls, out_ls);
    if (rule->kind == KIND_CALENDAR)
        return calendar_from(&rule->calendar, from_ls, out_ls) && *out_ls <= PLAN_MAX_S;
    *out_ls = rule->once.at;
    return rule->once.at >= from_ls;
}

static inline bool
wanted_to(Rule *rule, int64_t to_ls, int64_t *out_ls)
{
    if (to_ls > PLAN_MAX_S)
        to_ls = PLAN_MAX_S;
    if (rule->kind == KIND_CRON)
        return cronnext_to(&rule->cron, &rule->month, to_ls, out_ls);
    if (rule->kind == KIND_CALENDAR)
        return calendar_to(&rule->calendar, to_ls, out_ls) && *out_ls >= PLAN_MIN_S;
    *out_ls = rule->once.at;
    return rule->once.at <= to_ls;
}

bool
fires_wanted(Rule *rule, int64_t from_ls, int64_t *out_ls)
{
    return wanted_from(rule, from_ls, out_ls);
}

/* True when the wall clock, before the stretch ends, shows a time that it will show again after
 * it, behind where we began: then nothing can be said of what comes later. */
static bool
goes_back_behind(Rule *rule, int64_t at_s)
{
    if (at_s < rule->stretch.until_s - FAR_S)
        return false;
    const RuleStretch *now = fires_stretch(rule, at_s);
    return at_s + now->offset_s > now->until_s + now->after_s;
}

/* The instant that shows wanted_ls for the first time, when it is one of the stretch around
 * near_s and no other stretch can show it earlier. */
static bool
shown_near(Rule *rule, int64_t wanted_ls, int64_t near_s, int64_t *due_s)
{
    const RuleStretch *now = stretch_at(rule, near_s);
    int64_t fire_s = wanted_ls - now->offset_s, since_s = now->from_s;
    if (fire_s < since_s + FAR_S) {
        now = fires_stretch(rule, near_s);
        if (now->before_s > now->offset_s)
            since_s += now->before_s - now->offset_s;
    }
    *due_s = fire_s;
    return fire_s >= since_s && fire_s < now->until_s;
}

/* Where a search from at_s on ends, and one back from it: what has no match in 400 years has
 * none, but for a single instant, and for the years that a field can name. */
static int64_t
search_end(const Rule *rule, int64_t at_s)
{
    int64_t least_s = rule->kind == KIND_ONCE ? PLAN_MAX_S : PLAN_FIELDS_MIN_S;
    return (at_s > least_s ? at_s : least_s) + PLAN_SEARCH_S;
}

static int64_t
search_start(const Rule *rule, int64_t at_s)
{
    int64_t most_s = rule->kind == KIND_ONCE ? PLAN_MIN_S : PLAN_FIELDS_MAX_S;
    return (at_s < most_s ? at_s : most_s) - PLAN_SEARCH_S;
}

/* The first instant >= at_s whose local time is wanted. */
static bool
clocks_from(Rule *rule, int64_t at_s, int64_t *due_s)
{
    const int64_t end_s = search_end(rule, at_s);
    for (;;) {
        const RuleStretch *now = stretch_at(rule, at_s);
        int64_t from_ls = at_s + now->offset_s, wanted_ls = 0;
        if (__builtin_expect(at_s < now->fresh_s, 0)) {
            now = fires_stretch(rule, at_s);
            if (at_s < now->fresh_s && !now->moves) { /* all of this was shown before */
                at_s = now->fresh_s;
                continue;
            }
            if (at_s < now->fresh_s)
                from_ls = now->from_s + now->before_s; /* where the gap begins */
        }
        bool found = wanted_from(rule, from_ls, &wanted_ls);
        int64_t fire_s = wanted_ls - now->offset_s, until_s = now->until_s;
        if (found && fire_s < until_s) {
            *due_s = fire_s < now->from_s ? now->from_s : fire_s; /* in a gap: at its end */
            return true;
        }
        if (until_s > end_s)
            return false;
        if (goes_back_behind(rule, at_s)) {
            at_s = until_s;
            continue;
        }
        if (!found || fire_s > end_s)
            return false;
        /* No local time before wanted_ls fits, so go where that is shown. */
        if (shown_near(rule, wanted_ls, fire_s, due_s))
            return true;
        at_s = fire_s - FAR_S > until_s ? fire_s - FAR_S : until_s;
    }
}

/* The last instant <= at_s whose local time is wanted. */
static bool
clocks_to(Rule *rule, int64_t at_s, int64_t *due_s)
{
    const int64_t end_s = search_start(rule, at_s);
    for (;;) {
        const RuleStretch *now = fires_stretch(rule, at_s);
        int64_t wanted_ls;
        if (at_s < now->fresh_s && !now->moves) { /* all of this was shown before */
            at_s = now->from_s - 1;
            continue;
        }
        bool found = wanted_to(rule, at_s + now->offset_s, &wanted_ls);
        int64_t first_s = now->moves ? now->from_s : now->fresh_s;
        if (found && wanted_ls >= first_s + now->offset_s) {
            *due_s = wanted_ls - now->offset_s;
            return true;
        }
        if (found && now->moves && wanted_ls >= now->from_s + now->before_s) {
            *due_s = now->from_s;
            return true;
        }
        if (now->from_s < end_s)
            return false;
        at_s = now->from_s - 1;
        if (now->before_s > now->offset_s)
            continue; /* the clock went back at from_s: look at all that it showed before */
        if (!found || wanted_ls - now->offset_s < end_s)
            return false;
        int64_t near_s = wanted_ls - now->offset_s + FAR_S;
        at_s = near_s < at_s ? near_s : at_s;
    }
}

static bool
span_from(const Rule *rule, int64_t at_s, int64_t *due_s)
{
    int64_t every_s = rule->span.every_s, since_s = at_s - rule->span.phase_s;
    int64_t n = since_s / every_s + (since_s % every_s > 0);
    *due_s = n * every_s + rule->span.phase_s;
    return true;
}

static bool
span_to(const Rule *rule, int64_t at_s, int64_t *due_s)
{
    int64_t every_s = rule->span.every_s, since_s = at_s - rule->span.phase_s;
    int64_t n = since_s / every_s - (since_s % every_s < 0);
    *due_s = n * every_s + rule->span.phase_s;
    return true;
}

static bool
fire_from(Rule *rule, int64_t at_s, int64_t *due_s)
{
    if (rule->kind == KIND_SPAN)
        return span_from(rule, at_s, due_s);
    if (rule->kind == KIND_ONCE && !rule->once.is_local) {
        *due_s = rule->once.at;
        return rule->once.at >= at_s;
    }
    return clocks_from(rule, at_s, due_s);
}

static bool
fire_to(Rule *rule, int64_t at_s, int64_t *due_s)
{
    if (rule->kind == KIND_SPAN)
        return span_to(rule, at_s, due_s);
    if (rule->kind == KIND_ONCE && !rule->once.is_local) {
        *due_s = rule->once.at;
        return rule->once.at <= at_s;
    }
    return clocks_to(rule, at_s, due_s);
}

static int64_t
common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The minutes of the day, by hour, on which the rule may fire around at_s while no change of
 * the clocks is near: so that days on which all of them are excluded are passed at once. */
static void
wanted_minutes(const Rule *rule, int64_t at_s, uint64_t minutes[24])
{
    int64_t from = 0, step = 1;
    int32_t offset_s = 0;
    zone_local(rule->zone, at_s, &offset_s);
    for (int hour = 0; hour < 24; hour++)
        minutes[hour] = 0;
    if (rule->kind == KIND_CRON && !(rule->effects & CLOCKS_NONE)) {
        for (uint32_t hours = rule->cron.hours; hours != 0; hours &= hours - 1)
            minutes[__builtin_ctz(hours)] = rule->cron.minutes;
        return;
    }
    if (rule->kind == KIND_SPAN && rule->span.every_s % 60 == 0) {
        /* Day after day it comes round to all that this divisor leaves over. */
        step = common_divisor(rule->span.every_s / 60, DAY_MINUTES);
        from = (rule->span.phase_s + offset_s + 2 * DAY_S) / 60 % step;
    }
    bool hourly = 60 % step == 0; /* every hour alike */
    for (int64_t minute = from; minute < (hourly ? 60 : DAY_MINUTES); minute += step)
        minutes[minute / 60] |= UINT64_C(1) << minute % 60;
    for (int hour = 1; hourly && hour < 24; hour++)
        minutes[hour] = minutes[0];
}

/* limits_excluded, for this rule. */
static bool
is_excluded(const Rule *rule, int64_t at_s, int64_t *resume_s, int64_t *back_s)
{
    uint64_t minutes[24];
    bool by_minute = rule->limits->n_masks > 0;
    if (by_minute)
        wanted_minutes(rule, at_s, minutes);
    return limits_excluded(rule->limits, at_s, by_minute ? minutes : NULL, resume_s, back_s);
}

static bool
limited_next(Rule *rule, int64_t at_s, int64_t *due_s)
{
    Limits *limits = rule->limits;
    if (at_s < limits->starts.at_s)
        at_s = limits->starts.at_s;
    if (at_s > limits->none_after_s)
        return false;
    const int64_t begun_s = at_s, end_s = search_end(rule, at_s);
    int64_t fire_s, resume_s, back_s;
    while (at_s <= end_s && fire_from(rule, at_s, &fire_s)) {
        if (fire_s >= limits->ends.at_s || fire_s > PLAN_MAX_S)
            break;
        if (!is_excluded(rule, fire_s, &resume_s, &back_s)) {
            *due_s = fire_s;
            return true;
        }
        at_s = resume_s;
    }
    limits->none_after_s = begun_s - 1;
    return false;
}

static bool
limited_prev(Rule *rule, int64_t at_s, int64_t *due_s)
{
    Limits *limits = rule->limits;
    if (at_s >= limits->ends.at_s)
        at_s = limits->ends.at_s - 1;
    if (at_s < limits->none_before_s)
        return false;
    const int64_t begun_s = at_s, end_s = search_start(rule, at_s);
    int64_t fire_s, resume_s, back_s;
    while (at_s >= end_s && fire_to(rule, at_s, &fire_s)) {
        if (fire_s < limits->starts.at_s || fire_s < PLAN_MIN_S)
            break;
        if (!is_excluded(rule, fire_s, &resume_s, &back_s)) {
            *due_s = fire_s;
            return true;
        }
        at_s = back_s;
    }
    limits->none_before_s = begun_s + 1;
    return false;
}

bool
fires_next(Rule *rule, int64_t after_s, int64_t *due_s)
{
    if (rule->never || after_s >= PLAN_MAX_S)
        return false;
    int64_t at_s = after_s < PLAN_MIN_S ? PLAN_MIN_S : after_s + 1, fire_s;
    if (__builtin_expect(rule->limits != NULL, 0))
        return limited_next(rule, at_s, due_s);
    if (!fire_from(rule, at_s, &fire_s) || fire_s > PLAN_MAX_S)
        return false;
    *due_s = fire_s;
    return true;
}

bool
fires_prev(Rule *rule, int64_t before_s, int64_t *due_s)
{
    if (rule->never || before_s <= PLAN_MIN_S)
        return false;
    int64_t at_s = before_s > PLAN_MAX_S ? PLAN_MAX_S : before_s - 1, fire_s;
    if (__builtin_expect(rule->limits != NULL, 0))
        return limited_prev(rule, at_s, due_s);
    if (!fire_to(rule, at_s, &fire_s) || fire_s < PLAN_MIN_S)
        return false;
    *due_s = fire_s;
    return true;
}
