#ifndef TESTS_UNIT_PLAN_H
#define TESTS_UNIT_PLAN_H

/* What the tests of src/plan/ share: a schedule from the keys of a mapping, and its instants as
 * text.  To be included after cmocka.h. */

#include <string.h>

#include "plan/schedule.h"
#include "time/instant.h"

typedef struct {
    const char *cron, *every, *at, *phase, *day, *dialect, *days, *dst, *starts, *ends;
    const char *exclude[8];
    const char *zone; /* NULL: UTC */
    const char *job;
} Given;

static Arena *arena;
static Zones *zones;

static int
plan_begin(void **state)
{
    (void)state;
    arena = arena_new(0);
    zones = zones_new(arena);
    return 0;
}

static int
plan_end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const Zone *
zone_of(const char *name)
{
    const Zone *zone = NULL;
    Error error;
    if (!zone_load(zones, name == NULL ? "UTC" : name, &zone, &error))
        fail_msg("no zone %s: %s", name, error.text);
    return zone;
}

static RuleSpec
spec_of(const Given *given)
{
    RuleSpec spec = {.job = given->job == NULL ? "" : given->job};
    spec.text[RULE_CRON] = given->cron;
    spec.text[RULE_EVERY] = given->every;
    spec.text[RULE_AT] = given->at;
    spec.text[RULE_PHASE] = given->phase;
    spec.text[RULE_DAY] = given->day;
    spec.text[RULE_DIALECT] = given->dialect;
    spec.text[RULE_DAYS] = given->days;
    spec.text[RULE_DST] = given->dst;
    spec.text[RULE_STARTS] = given->starts;
    spec.text[RULE_ENDS] = given->ends;
    while (spec.excludes < 8 && given->exclude[spec.excludes] != NULL)
        spec.excludes++;
    spec.exclude = given->exclude;
    spec.zone = zone_of(given->zone);
    return spec;
}

static Rule *
rule_of(Given given)
{
    RuleSpec spec = spec_of(&given);
    RuleFault fault;
    Error error;
    Rule *rule = NULL;
    if (!rule_read(arena, &spec, &rule, &fault, &error))
        fail_msg("refused: %s; %s", error.text, error.hint);
    return rule;
}

static inline Schedule *
schedule_of(Given given)
{
    Rule *rule = rule_of(given);
    return schedule_new(arena, &rule, 1);
}

static inline int64_t
instant(const char *text)
{
    InstantKind kind;
    int64_t at_s = 0;
    Error error;
    if (!instant_read(text, &kind, &at_s, &error))
        fail_msg("%s", error.text);
    return at_s;
}

static inline const char *
canonical(const Schedule *schedule)
{
    Text text = text_new(arena);
    schedule_write(schedule, &text);
    return text.at;
}

/* The instants after `from`, as many as `wanted` has words, must read as it does, in the
 * schedule's zone; a last word "never" says that there are no more.  Back from the last, the
 * same; and all of it again when read back from the canonical text. */
static inline void
walk_both_ways(const Schedule *schedule, const char *from, const char *wanted)
{
    Text got = text_new(arena);
    int64_t at_s = instant(from), seen[64];
    size_t n = 0, words = 1;
    for (const char *c = wanted; *c != '\0'; c++)
        words += *c == ' ';
    for (size_t i = 0; i < words; i++) {
        if (i > 0)
            text_add_char(&got, ' ');
        if (!schedule_next(schedule, at_s, &at_s)) {
            text_add(&got, "never");
            break;
        }
        instant_write(&got, at_s, schedule_zone(schedule));
        seen[n++] = at_s;
    }
    assert_string_equal(got.at, wanted);
    for (size_t i = n; i-- > 1;) {
        int64_t due_s = 0;
        assert_true(schedule_prev(schedule, seen[i], &due_s));
        assert_int_equal(due_s, seen[i - 1]);
    }
    int64_t due_s;
    if (n > 0 && schedule_prev(schedule, seen[0], &due_s))
        assert_true(due_s <= instant(from));
}

static inline void
assert_schedule_fires(const Schedule *schedule, const char *from, const char *wanted)
{
    Schedule *again = NULL;
    Error error;
    walk_both_ways(schedule, from, wanted);
    const char *text = canonical(schedule);
    if (!schedule_parse(arena, zones, text, &again, &error))
        fail_msg("'%s' is not read back: %s", text, error.text);
    assert_string_equal(canonical(again), text);
    walk_both_ways(again, from, wanted);
}

static inline void
assert_fires(Given given, const char *from, const char *wanted)
{
    assert_schedule_fires(schedule_of(given), from, wanted);
}

static inline void
assert_canonical(Given given, const char *wanted)
{
    assert_string_equal(canonical(schedule_of(given)), wanted);
}

/* The rule is refused for this key and byte; text and hint hold these words. */
static inline void
assert_refused(Given given, RuleKey key, size_t offset, const char *text, const char *hint)
{
    RuleSpec spec = spec_of(&given);
    RuleFault fault = {RULE_KEYS, 0, 0};
    Error error = {0};
    Rule *rule = NULL;
    if (rule_read(arena, &spec, &rule, &fault, &error))
        fail_msg("accepted, but '%s' was expected", text);
    if (strstr(error.text, text) == NULL || strstr(error.hint, hint) == NULL)
        fail_msg("'%s; %s' lacks '%s' or '%s'", error.text, error.hint, text, hint);
    assert_null(rule);
    assert_int_equal(error.kind, ERR_INPUT);
    assert_int_equal(fault.key, key);
    assert_int_equal(fault.offset, offset);
}

#endif
