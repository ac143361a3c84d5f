/* Any bytes as a schedule's expression.  What is refused is refused with a message, a hint and
 * a place; what is accepted has one canonical text, and fires when a slow reading of the text
 * (tests/lib/slow.h) says so.
 *
 * The first bytes choose what stands beside the expression: dialect, days, dst, zone, and when
 * to look (a day in two bytes, and a second; an odd one: near a change of the clocks). */

#include "fuzz.h"

#include <inttypes.h>

#include "../lib/slow.h"
#include "plan/explain.h"
#include "plan/explainnote.h"

#define HEAD 7
#define DAYS_TO_2199 84006
#define FAR_DAYS 1500
#define CHOICES(list) (sizeof(list) / sizeof *(list))

static const char *const dialects[] = {NULL, "vixie", "seconds", "quartz"};
static const char *const days[] = {NULL, "cron", "and", "or"};
static const char *const dst[] = {NULL, "cron", "skip", "all", "utc"};
static const char *const names[] = {"UTC", "Europe/Paris", "America/New_York",
    "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo", "America/Sao_Paulo",
    "Pacific/Apia", "Europe/Dublin", "Asia/Tehran", "Antarctica/Troll", "Asia/Gaza"};

static Arena *arena;
static Zones *zones;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    arena = arena_new(0);
    zones = zones_new(arena_new(0));
    return 0;
}

static Rule *
read_rule(const RuleSpec *spec)
{
    RuleFault fault = {.key = RULE_KEYS};
    Rule *rule = NULL;
    Error error = {.kind = ERR_NONE};
    if (rule_read(arena, spec, &rule, &fault, &error))
        return rule;
    REQUIRE(rule == NULL, "an output was touched");
    REQUIRE(error.kind == ERR_INPUT, "%d", error.kind);
    REQUIRE(
        error.text[0] != '\0' && error.hint[0] != '\0', "'%s'; '%s'", error.text, error.hint);
    REQUIRE(error.text[strlen(error.text) - 1] != '.', "'%s'", error.text);
    REQUIRE(fault.key < RULE_EXCLUDE && spec->text[fault.key] != NULL, "key %d", fault.key);
    REQUIRE(
        fault.offset <= strlen(spec->text[fault.key]), "at %zu: %s", fault.offset, error.text);
    return NULL;
}

/* The canonical text reads back to itself, and explanations are there. */
static const char *
canonical_of(const Schedule *schedule, Schedule **again)
{
    Text first = text_new(arena), second = text_new(arena), english = text_new(arena);
    const ExplainNote *notes;
    Error error;
    schedule_write(schedule, &first);
    REQUIRE(schedule_parse(arena, zones, first.at, again, &error), "%s", error.text);
    schedule_write(*again, &second);
    REQUIRE(strcmp(first.at, second.at) == 0, "'%s' becomes '%s'", first.at, second.at);
    explain_schedule(schedule, &english);
    REQUIRE(is_showable(english.at) && english.at[english.len - 1] == '.', "'%s'", english.at);
    size_t n = explainnote_list(arena, schedule, "job", &notes);
    for (size_t i = 0; i < n; i++)
        REQUIRE(is_showable(notes[i].text), "'%s'", notes[i].text);
    return first.at;
}

/* What holds for every schedule: next and prev are each other's inverse, and a schedule and its
 * canonical text fire alike. */
static void
check_steps(const Schedule *schedule, const Schedule *again, int64_t at_s)
{
    for (int i = 0; i < 10; i++) {
        int64_t due_s = at_s, same_s = at_s, back_s;
        bool found = schedule_next(schedule, at_s, &due_s);
        REQUIRE(schedule_next(again, at_s, &same_s) == found && same_s == due_s,
            "next(%" PRId64 "): %" PRId64 ", %" PRId64, at_s, due_s, same_s);
        if (!found)
            return;
        REQUIRE(due_s > at_s, "next(%" PRId64 ") is %" PRId64, at_s, due_s);
        REQUIRE(schedule_prev(schedule, due_s + 1, &back_s) && back_s == due_s,
            "prev(%" PRId64 ")", due_s + 1);
        if (schedule_prev(schedule, due_s, &back_s))
            REQUIRE(back_s <= at_s, "prev(%" PRId64 ") is %" PRId64, due_s, back_s);
        at_s = due_s;
    }
}

static void
check_slow(const Schedule *schedule, const Slow *slow, int64_t at_s)
{
    SlowCheck check = {.schedule = schedule, .slow = slow};
    if (slow_check_window(&check, at_s, at_s + 3 * SLOW_DAY_S, 4, (uint64_t)at_s))
        slow_check_far(&check, at_s, FAR_DAYS);
    REQUIRE(check.differences == 0, "%s", check.told);
}

/* The fields of a canonical text, "cron FIELDS; dialect seconds; days or; zone ...": H and ~
 * are values in it. */
static bool
read_canonical(Slow *slow, const char *canonical, char clocks)
{
    if (strncmp(canonical, "cron ", 5) != 0)
        return false;
    canonical += 5;
    char *fields = arena_copy(arena, canonical, strcspn(canonical, ";"));
    const char *by = strstr(canonical, "; days ");
    return slow_read(slow, fields, strstr(canonical, "; dialect ") ? "seconds" : "vixie",
        by == NULL ? 'c' : by[strlen("; days ")], clocks);
}

/* The instant that the bytes choose. */
static int64_t
instant_of(const uint8_t *bytes)
{
    int64_t day = ((int64_t)bytes[0] << 8 | bytes[1]) * 2 % DAYS_TO_2199;
    int64_t at_s = day * SLOW_DAY_S + bytes[2] * INT64_C(337);
    return bytes[2] % 2 == 0 ? at_s : slow_change(at_s) - bytes[2] * INT64_C(700);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < HEAD)
        return -1;
    RuleSpec spec = {.job = "job"};
    Schedule *again;
    Slow slow;
    Error error;
    arena_reset(arena);
    const char *zone = names[bytes[3] % CHOICES(names)];
    const char *text = arena_copy(arena, (const char *)bytes + HEAD, len - HEAD);
    const char *dialect = spec.text[RULE_DIALECT] = dialects[bytes[0] % CHOICES(dialects)];
    const char *day = spec.text[RULE_DAYS] = days[bytes[1] % CHOICES(days)];
    const char *clocks = spec.text[RULE_DST] = dst[bytes[2] % CHOICES(dst)];
    spec.text[RULE_CRON] = text;
    REQUIRE(zone_load(zones, zone, &spec.zone, &error), "%s", error.text);
    Rule *rule = read_rule(&spec);
    if (rule == NULL)
        return 0;
    slow_use_zone(zone);
    int64_t at_s = instant_of(bytes + 4);
    const Schedule *schedule = schedule_new(arena, &rule, 1);
    const char *canonical = canonical_of(schedule, &again);
    check_steps(schedule, again, at_s);
    char by = day == NULL ? 'c' : day[0], change = clocks == NULL ? 'c' : clocks[0];
    if (slow_read(&slow, text, dialect == NULL ? "vixie" : dialect, by, change) ||
        read_canonical(&slow, canonical, change))
        check_slow(schedule, &slow, at_s);
    return 0;
}
