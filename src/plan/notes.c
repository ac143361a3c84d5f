/* What no other file knows: how to tell people what a change of the clocks did to a due
 * instant, or to a local time that was wanted and never came. */

#include "plan/notes.h"

#include "plan/fires.h"
#include "plan/limits.h"
#include "plan/rule.h"
#include "plan/schedule.h"

static bool
fires_at(Rule *rule, int64_t due_s)
{
    int64_t fire_s;
    return fires_next(rule, due_s - 1, &fire_s) && fire_s == due_s;
}

/* For a rule that fires at due_s. */
static DstNote
note_of(Rule *rule, int64_t due_s)
{
    DstNote note = {DST_PLAIN, due_s, due_s, 0, rule->zone};
    if (!fires_follow_clocks(rule)) {
        note.wanted_ls = zone_local(rule->zone, due_s, NULL);
        return note;
    }
    const RuleStretch *now = fires_stretch(rule, due_s);
    int64_t wanted_ls;
    note.wanted_ls = due_s + now->offset_s;
    if (now->moves && due_s == now->from_s &&
        fires_wanted(rule, now->from_s + now->before_s, &wanted_ls) &&
        wanted_ls < now->from_s + now->offset_s) {
        note = (DstNote){DST_MOVED, due_s, wanted_ls, now->from_s, rule->zone};
    } else if (note.wanted_ls < now->from_s + now->before_s) {
        note.effect = DST_SECOND;
        note.change_s = now->from_s;
    } else if (note.wanted_ls >= now->until_s + now->after_s) {
        bool once = fires_once(rule, (int64_t)now->offset_s - now->after_s);
        note.effect = once ? DST_ONCE : DST_FIRST;
        note.change_s = now->until_s;
    }
    return note;
}

DstNote
schedule_dst(const Schedule *schedule, int64_t due_s)
{
    const Zone *zone = schedule_zone(schedule);
    DstNote plain = {DST_PLAIN, due_s, zone_local(zone, due_s, NULL), 0, zone};
    for (size_t i = 0; i < schedule->n; i++) {
        if (!fires_at(schedule->rules[i], due_s))
            continue;
        DstNote note = note_of(schedule->rules[i], due_s);
        if (note.effect != DST_PLAIN)
            return note;
    }
    return plain;
}

static bool
is_allowed(const Rule *rule, int64_t change_s, int64_t wanted_ls)
{
    const Limits *limits = rule->limits;
    return limits == NULL || (change_s >= limits->starts.at_s && change_s < limits->ends.at_s &&
                                 !limits_exclude_local(limits, wanted_ls));
}

/* The wanted local times in the gap at change_s, behind the n notes there are. */
static size_t
dropped_in(Rule *rule, int64_t change_s, DstNote *notes, size_t n, size_t cap)
{
    const RuleStretch *now = fires_stretch(rule, change_s);
    int64_t wanted_ls = change_s + now->before_s, end_ls = change_s + now->offset_s;
    if (now->moves)
        return n;
    for (; n < cap && wanted_ls < end_ls; wanted_ls++) {
        if (!fires_wanted(rule, wanted_ls, &wanted_ls) || wanted_ls >= end_ls)
            break;
        if (is_allowed(rule, change_s, wanted_ls))
            notes[n++] = (DstNote){DST_DROPPED, change_s, wanted_ls, change_s, rule->zone};
    }
    return n;
}

size_t
schedule_dropped(
    const Schedule *schedule, int64_t after_s, int64_t until_s, DstNote *notes, size_t cap)
{
    size_t n = 0;
    if (until_s > PLAN_MAX_S)
        until_s = PLAN_MAX_S;
    for (size_t i = 0; i < schedule->n; i++) {
        Rule *rule = schedule->rules[i];
        int64_t change_s = after_s;
        if (rule->never || !fires_follow_clocks(rule))
            continue;
        while (
            n < cap && zone_next_change(rule->zone, change_s, &change_s) && change_s <= until_s)
            n = dropped_in(rule, change_s, notes, n, cap);
    }
    return n;
}

/* What the change at change_s does to a fixed time of the rule; DST_PLAIN: nothing. */
static DstNote
touched_at(Rule *rule, int64_t change_s)
{
    DstNote note = {.effect = DST_PLAIN};
    int64_t shift_s = (int64_t)zone_span(rule->zone, change_s).offset_s -
                      zone_span(rule->zone, change_s - 1).offset_s;
    int64_t due_s = change_s + (shift_s < 0 ? shift_s : 0);
    if (fires_next(rule, due_s - 1, &due_s) && due_s < change_s + (shift_s > 0))
        note = note_of(rule, due_s);
    return note;
}

static size_t
touched_of(Rule *rule, int64_t after_s, int64_t until_s, DstNote *notes, size_t n, size_t cap)
{
    bool told[DST_DROPPED + 1] = {true, false, true, true, false, true}; /* MOVED, ONCE */
    int64_t change_s = after_s;
    while (
        n < cap && zone_next_change(rule->zone, change_s, &change_s) && change_s <= until_s) {
        DstNote note = touched_at(rule, change_s);
        if (!told[note.effect])
            notes[n++] = note;
        told[note.effect] = true;
    }
    return n;
}

size_t
schedule_touched(
    const Schedule *schedule, int64_t after_s, int64_t until_s, DstNote *notes, size_t cap)
{
    size_t n = 0;
    if (until_s > PLAN_MAX_S)
        until_s = PLAN_MAX_S;
    for (size_t i = 0; i < schedule->n; i++) {
        Rule *rule = schedule->rules[i];
        if (!rule->never && rule->clocks == CLOCKS_CRON && rule->effects & CLOCKS_MOVE &&
            fires_follow_clocks(rule))
            n = touched_of(rule, after_s, until_s, notes, n, cap);
    }
    return n;
}
