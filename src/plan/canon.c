/* What no other file knows: the canonical text of a schedule, which is kept in the database:
 * one line a rule, "cron 30 2 * * 1-5; zone Europe/Berlin; exclude 2026-12-25", each part a key
 * of the schedule mapping and its value.  It never changes for the same meaning: a job whose
 * text is another counts as edited. */

#include "plan/canon.h"

#include <string.h>

#include "plan/schedule.h"
#include "time/civil.h"
#include "time/span.h"

static const char *const CLOCKS[] = {
    [CLOCKS_CRON] = "cron",
    [CLOCKS_SKIP] = "skip",
    [CLOCKS_ALL] = "all",
    [CLOCKS_UTC] = "utc",
};

/* ---- writing ---- */

static void
write_cron(const Rule *rule, Text *text)
{
    CronDialect dialect;
    text_add(text, "cron ");
    cron_write(&rule->cron, text, &dialect);
    if (dialect != DIALECT_VIXIE)
        text_add(text, "; dialect seconds");
    int by_or = rule->cron.flags & CRON_DAYS_OR;
    if (by_or != cron_day_rule(rule->cron.flags))
        text_add(text, by_or ? "; days or" : "; days and");
}

static void
write_span(const Rule *rule, Text *text)
{
    text_add(text, "every ");
    span_write(text, rule->span.every_s);
    if (rule->span.phase_s != 0) {
        text_add(text, "; phase ");
        span_write(text, rule->span.phase_s);
    }
}

void
canon_write(const Rule *rule, Text *text)
{
    bool by_wall = true;
    switch ((RuleKind)rule->kind) {
    case KIND_CRON:
        write_cron(rule, text);
        break;
    case KIND_CALENDAR:
        text_add(text, "every ");
        calendar_write(&rule->calendar, text);
        break;
    case KIND_ONCE:
        text_add(text, "at ");
        by_wall = rule->once.is_local;
        limits_write_time(text, by_wall ? INSTANT_LOCAL : INSTANT_UTC, rule->once.at);
        break;
    case KIND_SPAN:
        write_span(rule, text);
        by_wall = false;
        break;
    }
    text_addf(text, "; zone %s", zone_name(rule->zone));
    if (by_wall && rule->clocks != CLOCKS_CRON)
        text_addf(text, "; dst %s", CLOCKS[rule->clocks]);
    if (rule->limits != NULL)
        limits_write(rule->limits, text);
}

void
schedule_write(const Schedule *schedule, Text *text)
{
    for (size_t i = 0; i < schedule->n; i++) {
        if (i > 0)
            text_add_char(text, '\n');
        canon_write(schedule->rules[i], text);
    }
}

/* ---- reading ---- */

typedef struct {
    RuleSpec spec;
    const char *zone;
    const char *from;
    const char **exclude; /* what spec.exclude points to */
} Line;

/* Puts one part, "key value", where it belongs. */
static bool
read_part(Arena *arena, const char *at, size_t len, Line *line)
{
    static const struct {
        const char *word;
        RuleKey key;
    } keys[] = {{"cron", RULE_CRON}, {"every", RULE_EVERY}, {"at", RULE_AT},
        {"phase", RULE_PHASE}, {"day", RULE_DAY}, {"dialect", RULE_DIALECT},
        {"days", RULE_DAYS}, {"dst", RULE_DST}, {"starts", RULE_STARTS}, {"ends", RULE_ENDS}};
    const char *blank = memchr(at, ' ', len);
    if (blank == NULL)
        return false;
    const char *word = arena_copy(arena, at, (size_t)(blank - at));
    const char *value = arena_copy(arena, blank + 1, len - (size_t)(blank + 1 - at));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(word, keys[i].word) == 0) {
            line->spec.text[keys[i].key] = value;
            return true;
        }
    }
    if (strcmp(word, "zone") == 0)
        line->zone = value;
    else if (strcmp(word, "from") == 0)
        line->from = value;
    else if (strcmp(word, "exclude") == 0)
        line->exclude[line->spec.excludes++] = value;
    else
        return false;
    return true;
}

static bool
read_parts(Arena *arena, const char *text, Line *line)
{
    size_t parts = 1;
    for (const char *at = text; (at = strstr(at, "; ")) != NULL; at += 2)
        parts++;
    *line = (Line){.exclude = arena_array(arena, parts, sizeof(char *))};
    line->spec.exclude = line->exclude;
    line->spec.job = "";
    line->zone = "UTC";
    for (const char *at = text; at != NULL;) {
        const char *end = strstr(at, "; ");
        size_t len = end == NULL ? strlen(at) : (size_t)(end - at);
        if (!read_part(arena, at, len, line))
            return false;
        at = end == NULL ? NULL : end + 2;
    }
    return true;
}

static bool
set_anchor(Rule *rule, const char *from, Error *error)
{
    InstantKind kind;
    int64_t at_ls;
    if (from == NULL || rule->kind != KIND_CALENDAR)
        return true;
    if (!instant_read(from, &kind, &at_ls, error))
        return false;
    calendar_anchor(&rule->calendar, at_ls / CIVIL_DAY_S - (at_ls % CIVIL_DAY_S < 0));
    return true;
}

static bool
read_line(Arena *arena, Zones *zones, const char *text, Rule **out, Error *error)
{
    Line line;
    RuleFault fault;
    Error cause;
    error_set(&cause, ERR_INPUT, "a part of it is unknown");
    if (read_parts(arena, text, &line) &&
        zone_load(zones, line.zone, &line.spec.zone, &cause) &&
        rule_read(arena, &line.spec, out, &fault, &cause) &&
        set_anchor(*out, line.from, &cause))
        return true;
    error_set(error, ERR_INPUT, "cannot read the stored schedule '%.150s': %s",
        text_safe(arena, text), cause.text);
    return error_hint(error, "%s", cause.hint);
}

bool
schedule_parse(Arena *arena, Zones *zones, const char *canonical, Schedule **out, Error *error)
{
    size_t n = 1;
    for (const char *at = canonical; *at != '\0'; at++)
        n += at[0] == '\n' && at[1] != '\0';
    Rule **rules = arena_array(arena, n, sizeof *rules);
    const char *at = canonical;
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(at, "\n");
        if (!read_line(arena, zones, arena_copy(arena, at, len), &rules[i], error))
            return false;
        at += len + (at[len] == '\n');
    }
    *out = schedule_new(arena, rules, n);
    return true;
}
