/* What no other file knows: what a change of the clocks does to a whole schedule - which of its
 * local times it moves, drops or doubles - and the words for that. */

#include "plan/shift.h"

#include "plan/fires.h"
#include "plan/limits.h"
#include "plan/rule.h"
#include "plan/words.h"
#include "time/civil.h"
#include "time/span.h"

/* ---- finding out ---- */

/* Keeps the first few. */
static void
add_time(ShiftTimes *times, int64_t at_ls)
{
    size_t kept = times->n < SHIFT_LISTED ? times->n : SHIFT_LISTED, i = kept;
    while (i > 0 && times->at_ls[i - 1] > at_ls)
        i--;
    for (size_t k = kept < SHIFT_LISTED ? kept : SHIFT_LISTED - 1; k > i; k--)
        times->at_ls[k] = times->at_ls[k - 1];
    if (i < SHIFT_LISTED)
        times->at_ls[i] = at_ls;
    if (times->n == 0 || at_ls > times->last_ls)
        times->last_ls = at_ls;
    times->n++;
}

static bool
is_allowed(const Rule *rule, int64_t at_s, int64_t at_ls)
{
    const Limits *limits = rule->limits;
    return limits == NULL || (at_s >= limits->starts.at_s && at_s < limits->ends.at_s &&
                                 !limits_exclude_local(limits, at_ls));
}

static bool
is_gap(const Shift *shift)
{
    return shift->after_ls > shift->before_ls;
}

/* Where a wanted time of the rule belongs; NULL: it is bounded or excluded. */
static ShiftTimes *
fate(Shift *shift, Rule *rule, int64_t wanted_ls)
{
    int64_t fire_s;
    if (!is_gap(shift)) {
        int64_t fold_s = shift->before_ls - shift->after_ls;
        if (!is_allowed(rule, shift->at_s - (shift->before_ls - wanted_ls), wanted_ls))
            return NULL;
        return fires_once(rule, fold_s) ? &shift->once : &shift->twice;
    }
    if (fires_stretch(rule, shift->at_s)->moves && fires_next(rule, shift->at_s - 1, &fire_s) &&
        fire_s == shift->at_s)
        return &shift->moved;
    return is_allowed(rule, shift->at_s, wanted_ls) ? &shift->dropped : NULL;
}

static bool
is_touched(const Shift *shift, const Rule *rule)
{
    return rule->zone == shift->zone && !rule->never && fires_follow_clocks(rule);
}

/* True when one of the first n rules has told of that time already. */
static bool
is_told(
    Shift *shift, const Schedule *schedule, size_t n, int64_t at_ls, const ShiftTimes *times)
{
    for (size_t i = 0; i < n; i++) {
        Rule *rule = schedule->rules[i];
        int64_t wanted_ls;
        if (is_touched(shift, rule) && fires_wanted(rule, at_ls, &wanted_ls) &&
            wanted_ls == at_ls && fate(shift, rule, at_ls) == times)
            return true;
    }
    return false;
}

/* The times of one rule that do not exist, or come twice. */
static void
add_rule(Shift *shift, const Schedule *schedule, size_t i)
{
    Rule *rule = schedule->rules[i];
    bool gap = is_gap(shift);
    int64_t wanted_ls = gap ? shift->before_ls : shift->after_ls;
    int64_t end_ls = gap ? shift->after_ls : shift->before_ls;
    for (; fires_wanted(rule, wanted_ls, &wanted_ls) && wanted_ls < end_ls; wanted_ls++) {
        ShiftTimes *times = fate(shift, rule, wanted_ls);
        if (times != NULL && !is_told(shift, schedule, i, wanted_ls, times))
            add_time(times, wanted_ls);
    }
}

bool
shift_next(const Schedule *schedule, const Zone *zone, int64_t after_s, Shift *out)
{
    int64_t at_s;
    if (!zone_next_change(zone, after_s, &at_s))
        return false;
    Shift shift = {.zone = zone,
        .at_s = at_s,
        .before_ls = at_s + zone_span(zone, at_s - 1).offset_s,
        .after_ls = at_s + zone_span(zone, at_s).offset_s};
    for (size_t i = 0; i < schedule->n; i++) {
        if (is_touched(&shift, schedule->rules[i]))
            add_rule(&shift, schedule, i);
    }
    if (shift.dropped.n > 0)
        shift.has_neighbours = schedule_prev(schedule, at_s, &shift.prev_s) &&
                               schedule_next(schedule, at_s - 1, &shift.next_s);
    *out = shift;
    return true;
}

/* ---- telling ---- */

/* "02:30", with the date when it is not that of the change. */
static void
say_time(Text *text, const Shift *shift, int64_t at_ls)
{
    int64_t day = at_ls / CIVIL_DAY_S - (at_ls % CIVIL_DAY_S < 0);
    int64_t said = shift->before_ls / CIVIL_DAY_S - (shift->before_ls % CIVIL_DAY_S < 0);
    if (day != said) {
        words_date(text, day);
        text_add_char(text, ' ');
    }
    words_time(text, (int)(at_ls - day * CIVIL_DAY_S), TIME_SHORT);
}

/* "02:15 and 02:45", "02:00 to 02:55 (12 times)" */
static void
say_times(Text *text, const Shift *shift, const ShiftTimes *times)
{
    if (times->n > SHIFT_LISTED) {
        say_time(text, shift, times->at_ls[0]);
        text_add(text, " to ");
        say_time(text, shift, times->last_ls);
        text_addf(text, " (%zu times)", times->n);
        return;
    }
    for (size_t i = 0; i < times->n; i++) {
        words_joint(text, i, times->n);
        say_time(text, shift, times->at_ls[i]);
    }
}

static void
say_moved(Text *text, const Shift *shift)
{
    bool one = shift->moved.n == 1;
    say_times(text, shift, &shift->moved);
    text_add(text, one ? " does not exist: fires at " : " do not exist: fires once, at ");
    say_time(text, shift, shift->after_ls);
    text_add(text, ", right after the gap");
}

static void
say_dropped(Text *text, const Shift *shift)
{
    bool one = shift->dropped.n == 1;
    say_times(text, shift, &shift->dropped);
    text_add(text, one ? " does not exist and does not fire" : " do not exist and do not fire");
    if (!shift->has_neighbours)
        return;
    text_add(text, ": after ");
    say_time(text, shift, zone_local(shift->zone, shift->prev_s, NULL));
    text_add(text, " comes ");
    say_time(text, shift, zone_local(shift->zone, shift->next_s, NULL));
    text_add(text, ", ");
    span_write(text, shift->next_s - shift->prev_s);
    text_add(text, " later");
}

static void
say_doubled(Text *text, const Shift *shift, const ShiftTimes *times, const char *how)
{
    say_times(text, shift, times);
    text_add(text, times->n == 1 ? " comes twice: fires " : " come twice: each fires ");
    text_add(text, how);
}

static void
say_nothing(Text *text, const Shift *shift)
{
    bool gap = is_gap(shift);
    text_add(text, "nothing changes: not due between ");
    say_time(text, shift, gap ? shift->before_ls : shift->after_ls);
    text_add(text, " and ");
    say_time(text, shift, gap ? shift->after_ls : shift->before_ls);
}

void
shift_write(const Shift *shift, Text *text)
{
    size_t start = text->len;
    if (shift->moved.n > 0)
        say_moved(text, shift);
    if (shift->dropped.n > 0) {
        text_add(text, text->len > start ? "; " : "");
        say_dropped(text, shift);
    }
    if (shift->once.n > 0)
        say_doubled(text, shift, &shift->once, "once, the first time");
    if (shift->twice.n > 0) {
        text_add(text, text->len > start ? "; " : "");
        say_doubled(text, shift, &shift->twice, "both times");
    }
    if (text->len == start)
        say_nothing(text, shift);
}
