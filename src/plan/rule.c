/* What no other file knows: how the keys of a schedule mapping go together to one rule - which
 * of them may stand beside which, and what each value may be. */

#include "plan/rule.h"

#include <stdio.h>
#include <string.h>

#include "plan/fires.h"
#include "time/civil.h"
#include "time/instant.h"
#include "time/span.h"

#define LONGEST_SPAN_S PLAN_SEARCH_S

static const char *const KEYS[RULE_KEYS] = {
    [RULE_CRON] = "cron",
    [RULE_EVERY] = "every",
    [RULE_AT] = "at",
    [RULE_PHASE] = "phase",
    [RULE_DAY] = "day",
    [RULE_DIALECT] = "dialect",
    [RULE_DAYS] = "days",
    [RULE_DST] = "dst",
    [RULE_STARTS] = "starts",
    [RULE_ENDS] = "ends",
    [RULE_EXCLUDE] = "exclude",
};

/* A rule in the making. */
typedef struct {
    Arena *arena;
    const RuleSpec *spec;
    Rule *rule;
    RuleFault fault;
    Error *error;
} Reading;

static bool
blame(Reading *reading, RuleKey key, size_t offset)
{
    reading->fault.key = key;
    reading->fault.offset = offset;
    return false;
}

/* One of `words`, whose place goes to *out; a missing key leaves *out alone. */
static bool
read_word(Reading *reading, RuleKey key, const char *const *words, size_t n, int *out)
{
    const char *text = reading->spec->text[key];
    if (text == NULL)
        return true;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = (int)i;
            return true;
        }
    }
    Text all = text_new(reading->arena);
    for (size_t i = 0; i < n; i++)
        text_addf(&all, "%s%s", i == 0 ? "" : ", ", words[i]);
    const char *near = text_nearest(text, words, n);
    error_set(reading->error, ERR_INPUT, "%s '%.60s' is none of %s", KEYS[key],
        text_safe(reading->arena, text), all.at);
    if (near != NULL)
        error_hint(reading->error, "did you mean %s?", near);
    return blame(reading, key, 0);
}

/* Refuses a key that means nothing beside what the rule is. */
static bool
refuse_beside(Reading *reading, RuleKey key, const char *beside, const char *hint)
{
    if (reading->spec->text[key] == NULL)
        return true;
    error_set(reading->error, ERR_INPUT, "%s '%.60s' beside %s", KEYS[key],
        text_safe(reading->arena, reading->spec->text[key]), beside);
    error_hint(reading->error, "%s", hint);
    return blame(reading, key, 0);
}

static bool
read_cron(Reading *reading)
{
    static const char *const dialects[] = {"vixie", "seconds", "quartz"};
    static const char *const rules[] = {"cron", "and", "or"};
    const RuleSpec *spec = reading->spec;
    const char *text = spec->text[RULE_CRON];
    int dialect = DIALECT_VIXIE, days = DAYS_CRON;
    if (!read_word(reading, RULE_DIALECT, dialects, 3, &dialect) ||
        !read_word(reading, RULE_DAYS, rules, 3, &days))
        return false;
    if (!refuse_beside(reading, RULE_PHASE, "a cron expression",
            "remove phase, or write every: 37m instead of the expression") ||
        !refuse_beside(reading, RULE_DAY, "a cron expression",
            "write the day into the expression: 0 9 * * mon"))
        return false;
    size_t offset = 0;
    if (!cron_read(reading->arena, text, (CronDialect)dialect, (CronDays)days,
            spec->job == NULL ? "" : spec->job, &reading->rule->cron, &offset, reading->error))
        return blame(reading, RULE_CRON, offset);
    reading->rule->kind = KIND_CRON;
    reading->rule->dialect = (uint8_t)dialect;
    reading->rule->says_days = spec->text[RULE_DAYS] != NULL;
    reading->rule->text = arena_copy(reading->arena, text, strlen(text));
    return true;
}

static bool
read_calendar(Reading *reading, RuleKey key, const char *every, size_t offset)
{
    const RuleSpec *spec = reading->spec;
    static const RuleKey keys[] = {RULE_EVERY, RULE_DAY, RULE_AT};
    int wrong = 0;
    if (!refuse_beside(reading, RULE_PHASE, "an interval of the calendar",
            "remove phase: day and at say when"))
        return false;
    if (!calendar_read(every, spec->text[RULE_DAY], spec->text[RULE_AT],
            &reading->rule->calendar, &wrong, reading->error))
        return wrong == 0 ? blame(reading, key, offset) : blame(reading, keys[wrong], 0);
    reading->rule->kind = KIND_CALENDAR;
    return true;
}

static bool
read_span(Reading *reading, RuleKey key, const char *every, size_t offset)
{
    const RuleSpec *spec = reading->spec;
    Rule *rule = reading->rule;
    if (!refuse_beside(reading, RULE_AT, "an interval of elapsed time",
            "write every: 1 day to fire at a time of day, or phase: to shift") ||
        !refuse_beside(reading, RULE_DAY, "an interval of elapsed time",
            "write every: 1 week or every: 1 month to fire on a day"))
        return false;
    if (!span_read(every, 1, LONGEST_SPAN_S, &rule->span.every_s, reading->error))
        return blame(reading, key, offset);
    int64_t phase_s = 0;
    const char *phase = spec->text[RULE_PHASE];
    if (phase != NULL && !span_read(phase, 0, LONGEST_SPAN_S, &phase_s, reading->error))
        return blame(reading, RULE_PHASE, 0);
    rule->span.phase_s = phase_s % rule->span.every_s;
    rule->kind = KIND_SPAN;
    return true;
}

/* `every`, or what stands behind "@every" at `offset` of the expression. */
static bool
read_every(Reading *reading, RuleKey key, const char *every, size_t offset)
{
    if (!refuse_beside(reading, RULE_DIALECT, "an interval",
            "remove dialect: it tells how to read a cron expression") ||
        !refuse_beside(reading, RULE_DAYS, "an interval",
            "remove days: it tells how the day fields of a cron expression go together"))
        return false;
    if (calendar_is_meant(every))
        return read_calendar(reading, key, every, offset);
    return read_span(reading, key, every, offset);
}

static bool
read_once(Reading *reading, RuleKey key, const char *at, size_t offset)
{
    if (!refuse_beside(reading, RULE_PHASE, "an instant", "remove phase, or write every:") ||
        !refuse_beside(
            reading, RULE_DAY, "an instant", "remove day, or write every: 1 week beside it") ||
        !refuse_beside(reading, RULE_DIALECT, "an instant", "remove dialect") ||
        !refuse_beside(reading, RULE_DAYS, "an instant", "remove days"))
        return false;
    InstantKind kind;
    int64_t value;
    if (!instant_read(at, &kind, &value, reading->error))
        return blame(reading, key, offset);
    reading->rule->once.at = value;
    reading->rule->once.is_local = kind != INSTANT_UTC;
    reading->rule->kind = KIND_ONCE;
    return true;
}

/* The argument of "@every 37m", without the blanks around it; NULL when `text` is no such
 * macro.  An argument that is missing is "". */
static const char *
macro_argument(Reading *reading, const char *text, const char *macro, size_t *offset)
{
    size_t start = strspn(text, " \t"), len = strlen(macro);
    if (strncmp(text + start, macro, len) != 0)
        return NULL;
    start += len;
    if (text[start] != '\0' && text[start] != ' ' && text[start] != '\t')
        return NULL;
    start += strspn(text + start, " \t");
    len = strlen(text + start);
    while (len > 0 && (text[start + len - 1] == ' ' || text[start + len - 1] == '\t'))
        len--;
    *offset = start;
    return arena_copy(reading->arena, text + start, len);
}

/* "@every 37m" and "@at 2026-12-31T23:59:00" are `every` and `at` in other words. */
static bool
read_text(Reading *reading)
{
    const char *text = reading->spec->text[RULE_CRON];
    size_t offset, length = strnlen(text, CRON_TEXT_MAX + 1);
    if (length > CRON_TEXT_MAX || text[strspn(text, " \t")] != '@')
        return read_cron(reading);
    const char *every = macro_argument(reading, text, "@every", &offset);
    if (every != NULL && *every == '\0') {
        error_set(reading->error, ERR_INPUT, "'@every' lacks a length of time");
        error_hint(reading->error, "write @every 37m");
        return blame(reading, RULE_CRON, length);
    }
    if (every != NULL)
        return read_every(reading, RULE_CRON, every, offset);
    const char *at = macro_argument(reading, text, "@at", &offset);
    if (at != NULL && *at == '\0') {
        error_set(reading->error, ERR_INPUT, "'@at' lacks a date and time");
        error_hint(reading->error, "write @at 2026-12-31T23:59:00");
        return blame(reading, RULE_CRON, length);
    }
    if (at == NULL)
        return read_cron(reading);
    return read_once(reading, RULE_CRON, at, offset);
}

static bool
read_kind(Reading *reading)
{
    const char *const *text = reading->spec->text;
    if (text[RULE_CRON] != NULL) {
        bool is_every =
            macro_argument(reading, text[RULE_CRON], "@every", &(size_t){0}) != NULL;
        if (!refuse_beside(reading, RULE_EVERY, "a cron expression",
                "a rule is one of cron, every and at: give one, or a list of schedules") ||
            (!is_every &&
                !refuse_beside(reading, RULE_AT, "a cron expression",
                    "a rule is one of cron, every and at: give one, or a list of schedules")))
            return false;
        return read_text(reading);
    }
    if (text[RULE_EVERY] != NULL)
        return read_every(reading, RULE_EVERY, text[RULE_EVERY], 0);
    if (text[RULE_AT] != NULL)
        return read_once(reading, RULE_AT, text[RULE_AT], 0);
    error_set(reading->error, ERR_INPUT, "a schedule without cron, every or at");
    error_hint(
        reading->error, "write cron: \"0 2 * * *\", every: 37m, or at: 2026-12-31T23:59:00");
    return blame(reading, RULE_CRON, 0);
}

/* The bounds and exclusions of `spec`, upon those that the rule has. */
static bool
read_limits(Reading *reading)
{
    const RuleSpec *spec = reading->spec;
    Rule *rule = reading->rule;
    const char *starts = spec->text[RULE_STARTS], *ends = spec->text[RULE_ENDS];
    if (starts == NULL && ends == NULL && spec->excludes == 0)
        return true;
    if (rule->limits == NULL)
        rule->limits = limits_new(reading->arena, rule->zone);
    if (starts != NULL && !limits_start(rule->limits, starts, reading->error))
        return blame(reading, RULE_STARTS, 0);
    if (ends != NULL && !limits_end(rule->limits, ends, reading->error))
        return blame(reading, RULE_ENDS, 0);
    for (size_t i = 0; i < spec->excludes; i++) {
        size_t offset;
        reading->fault.index = i;
        if (!limits_exclude(reading->arena, rule->limits, spec->exclude[i],
                spec->job == NULL ? "" : spec->job, &offset, reading->error))
            return blame(reading, RULE_EXCLUDE, offset);
    }
    return true;
}

/* An interval of the calendar without an anchor counts from the first bound that it gets. */
static void
anchor(Rule *rule)
{
    if (rule->kind != KIND_CALENDAR || rule->calendar.has_from || rule->limits == NULL ||
        rule->limits->starts.at_s == INT64_MIN)
        return;
    int64_t at_ls = zone_local(rule->zone, rule->limits->starts.at_s, NULL);
    if (rule->limits->starts.kind != INSTANT_UTC)
        at_ls = rule->limits->starts.written;
    calendar_anchor(&rule->calendar, at_ls / CIVIL_DAY_S - (at_ls % CIVIL_DAY_S < 0));
}

void
rule_settle(Rule *rule)
{
    bool interval = rule->kind == KIND_CRON && cron_is_interval(&rule->cron);
    static const uint8_t effects[] = {
        [CLOCKS_CRON] = CLOCKS_MOVE | CLOCKS_ONCE | CLOCKS_BOUNDED,
        [CLOCKS_SKIP] = CLOCKS_ONCE,
        [CLOCKS_ALL] = 0,
        [CLOCKS_UTC] = CLOCKS_NONE,
    };
    rule->effects = effects[rule->clocks];
    if (rule->clocks == CLOCKS_CRON && interval)
        rule->effects = 0;
    anchor(rule);
    rule->never = rule->kind == KIND_CRON && rule->cron.flags & CRON_NEVER;
    rule->stretch.until_s = rule->stretch.from_s = 0;
}

bool
rule_read(Arena *arena, const RuleSpec *spec, Rule **out, RuleFault *fault, Error *error)
{
    static const char *const clocks[] = {"cron", "skip", "all", "utc"};
    Rule *rule = arena_alloc(arena, sizeof *rule);
    Reading reading = {.arena = arena, .spec = spec, .rule = rule, .error = error};
    int dst = CLOCKS_CRON;
    rule->zone = spec->zone;
    if (!read_kind(&reading) || !read_word(&reading, RULE_DST, clocks, 4, &dst) ||
        !read_limits(&reading)) {
        *fault = reading.fault;
        return false;
    }
    rule->clocks = (uint8_t)dst;
    rule_settle(rule);
    *out = rule;
    return true;
}

bool
rule_narrow(Arena *arena, Rule *rule, const RuleSpec *outer, RuleFault *fault, Error *error)
{
    Reading reading = {.arena = arena, .spec = outer, .rule = rule, .error = error};
    if (!read_limits(&reading)) {
        *fault = reading.fault;
        return false;
    }
    rule_settle(rule);
    return true;
}
