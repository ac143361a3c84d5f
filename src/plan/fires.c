/* What no other file knows: how local times become instants - what happens to those that a
 * change of the clocks skips or repeats (semantics of Debian's cron, or as `dst:` says).
 *
 * A stretch of constant offset shows local times [from + offset, until + offset).  Where the
 * offset grows by d, the local times between the stretches are skipped (a gap); where it
 * shrinks, the last |d| seconds of one stretch are shown again by the next (a fold). */

#include "plan/fires.h"

#define THREE_HOURS 10800
#define FOR_EVER (INT64_C(1) << 60) /* far beyond PLAN_MAX_S, and safe to add to */

/* No zone's offset differs from another of its own by as much. */
#define TWO_DAYS (2 * 86400)

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
        *stretch =
            (RuleStretch){.from_s = -FOR_EVER, .until_s = FOR_EVER, .fresh_s = -FOR_EVER};
        return;
    }
    ZoneSpan span = zone_span(rule->zone, at_s);
    bool first = span.from_s <= -FOR_EVER, last = span.until_s >= FOR_EVER;
    stretch->from_s = first ? -FOR_EVER : span.from_s;
    stretch->until_s = last ? FOR_EVER : span.until_s;
    stretch->offset_s = span.offset_s;
    stretch->before_s = first ? span.offset_s : zone_span(rule->zone, span.from_s - 1).offset_s;
    stretch->after_s = last ? span.offset_s : zone_span(rule->zone, span.until_s).offset_s;
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
    return stretch_at(rule, at_s);
}

static inline bool
wanted_from(Rule *rule, int64_t from_ls, int64_t *out_ls)
{
    if (rule->kind == KIND_CRON)
        return cronnext_from(&rule->cron, &rule->month, from_ls, out_ls);
    if (rule->kind == KIND_CALENDAR)
        return calendar_from(&rule->calendar, from_ls, out_ls);
    *out_ls = rule->once.at;
    return rule->once.at >= from_ls;
}

static inline bool
wanted_to(Rule *rule, int64_t to_ls, int64_t *out_ls)
{
    if (rule->kind == KIND_CRON)
        return cronnext_to(&rule->cron, &rule->month, to_ls, out_ls);
    if (rule->kind == KIND_CALENDAR)
        return calendar_to(&rule->calendar, to_ls, out_ls);
    *out_ls = rule->once.at;
    return rule->once.at <= to_ls;
}

bool
fires_wanted(Rule *rule, int64_t from_ls, int64_t *out_ls)
{
    return wanted_from(rule, from_ls, out_ls);
}

/* The first instant >= at_s whose local time is wanted. */
static bool
clocks_from(Rule *rule, int64_t at_s, int64_t *due_s)
{
    const int64_t end_s = at_s + PLAN_SEARCH_S;
    for (;;) {
        const RuleStretch *now = stretch_at(rule, at_s);
        int64_t from_ls = at_s + now->offset_s, wanted_ls;
        if (__builtin_expect(at_s < now->fresh_s, 0)) {
            if (!now->moves) { /* all of this was shown before */
                at_s = now->fresh_s;
                continue;
            }
            from_ls = now->from_s + now->before_s; /* where the gap begins */
        }
        bool found = wanted_from(rule, from_ls, &wanted_ls);
        if (found && wanted_ls < now->until_s + now->offset_s) {
            int64_t fire_s = wanted_ls - now->offset_s;
            *due_s = fire_s < now->from_s ? now->from_s : fire_s;
            return true;
        }
        if (now->until_s > end_s)
            return false;
        if (at_s + now->offset_s > now->until_s + now->after_s) {
            at_s = now->until_s; /* the clock goes back behind where we began */
            continue;
        }
        if (!found || wanted_ls - now->offset_s > end_s)
            return false;
        /* No local time before wanted_ls fits, so go where that is shown. */
        int64_t until_s = now->until_s;
        int64_t near_s = wanted_ls - now->offset_s;
        now = stretch_at(rule, near_s);
        int64_t fire_s = wanted_ls - now->offset_s;
        int64_t fold_s = (int64_t)now->before_s - now->offset_s;
        if (fire_s >= now->from_s + (fold_s > 0 ? fold_s : 0) && fire_s < now->until_s) {
            *due_s = fire_s;
            return true;
        }
        at_s = near_s - TWO_DAYS > until_s ? near_s - TWO_DAYS : until_s;
    }
}

/* The last instant <= at_s whose local time is wanted. */
static bool
clocks_to(Rule *rule, int64_t at_s, int64_t *due_s)
{
    const int64_t end_s = at_s - PLAN_SEARCH_S;
    for (;;) {
        const RuleStretch *now = stretch_at(rule, at_s);
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
        int64_t before_s = now->from_s - 1;
        if (now->before_s <= now->offset_s) { /* the clock did not go back at from_s */
            if (!found || wanted_ls - now->offset_s < end_s)
                return false;
            int64_t near_s = wanted_ls - now->offset_s + TWO_DAYS;
            before_s = near_s < before_s ? near_s : before_s;
        }
        at_s = before_s;
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

static bool
limited_next(Rule *rule, int64_t at_s, int64_t *due_s)
{
    Limits *limits = rule->limits;
    if (at_s < limits->starts.at_s)
        at_s = limits->starts.at_s;
    if (at_s > limits->none_after_s)
        return false;
    const int64_t begun_s = at_s, end_s = at_s + PLAN_SEARCH_S;
    int64_t fire_s, resume_s, back_s;
    while (at_s <= end_s && fire_from(rule, at_s, &fire_s)) {
        if (fire_s >= limits->ends.at_s || fire_s > PLAN_MAX_S)
            break;
        if (!limits_excluded(limits, fire_s, &resume_s, &back_s)) {
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
    const int64_t begun_s = at_s, end_s = at_s - PLAN_SEARCH_S;
    int64_t fire_s, resume_s, back_s;
    while (at_s >= end_s && fire_to(rule, at_s, &fire_s)) {
        if (fire_s < limits->starts.at_s || fire_s < PLAN_MIN_S)
            break;
        if (!limits_excluded(limits, fire_s, &resume_s, &back_s)) {
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
