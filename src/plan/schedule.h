#ifndef PLAN_SCHEDULE_H
#define PLAN_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "plan/lint.h"
#include "plan/notes.h"
#include "time/zone.h"

/*
 * A schedule says when: a union of rules, each a crontab expression, an interval, a calendar
 * interval or an instant, with exclusions and bounds, in a zone.  One instant fires once.
 * Nothing here reads a clock, a file (but for zones handed in) or the environment.
 */
typedef struct Rule Rule;
typedef struct Schedule Schedule;

/* The keys of one rule, as a schedule mapping of the Clockfile spells them. */
typedef enum {
    RULE_CRON,    /* "30 2 * * *", a macro (@daily), "@every 37m", "@at 2026-12-31T23:59:00" */
    RULE_EVERY,   /* "37m", or "2 weeks" */
    RULE_AT,      /* beside RULE_EVERY of days and longer: "09:00"; alone: an instant */
    RULE_PHASE,   /* "3m" */
    RULE_DAY,     /* "monday", "15" */
    RULE_DIALECT, /* vixie | seconds | quartz */
    RULE_DAYS,    /* cron | and | or */
    RULE_DST,     /* cron | skip | all | utc */
    RULE_STARTS,  /* a date in the zone, or an instant: the first that may fire */
    RULE_ENDS,    /* the first that may no more */
    RULE_EXCLUDE, /* not a text of its own: see `exclude` */
    RULE_KEYS
} RuleKey;

typedef struct {
    const char *text[RULE_KEYS]; /* NULL: not given */
    const char *const *exclude;  /* dates, date ranges a..b, crontab expressions */
    size_t excludes;
    const Zone *zone; /* whose wall clock the fields mean; never NULL */
    const char *job;  /* what H hashes; "" when there is no name */
} RuleSpec;

/* Which text was wrong, and where in it. */
typedef struct {
    RuleKey key;
    size_t index;  /* for RULE_EXCLUDE: which one */
    size_t offset; /* bytes into the text */
} RuleFault;

/* Reads one rule; fails with ERR_INPUT, *fault, and a hint where the text
 * alone does not tell. */
bool rule_read(Arena *arena, const RuleSpec *spec, Rule **out, RuleFault *fault, Error *error);

/* Narrows a rule by another level's RULE_STARTS, RULE_ENDS and exclude (a job's, around those
 * of a named schedule); the other keys of `outer` are not looked at. */
bool rule_narrow(
    Arena *arena, Rule *rule, const RuleSpec *outer, RuleFault *fault, Error *error);

/* The union of n rules, n >= 1; owns nothing, all in the arena. */
Schedule *schedule_new(Arena *arena, Rule *const *rules, size_t n);

/* The least due instant strictly greater than after_s; false: never (the search is bounded, 400
 * years), *due_s untouched. */
bool schedule_next(const Schedule *schedule, int64_t after_s, int64_t *due_s);

/* The greatest due instant strictly less than before_s; false: none. */
bool schedule_prev(const Schedule *schedule, int64_t before_s, int64_t *due_s);

/*
 * The canonical text: equal exactly when two schedules mean the same rule texts (H already
 * resolved, zone by name); reads back by schedule_parse to a schedule with the same text.  One
 * line a rule.  Kept in the database, so that what an old rule still owed can be accounted for.
 */
void schedule_write(const Schedule *schedule, Text *text);
bool schedule_parse(
    Arena *arena, Zones *zones, const char *canonical, Schedule **out, Error *error);

/* The zone to show instants in: that of the first rule. */
const Zone *schedule_zone(const Schedule *schedule);

/* Uniform in [0, jitter_s), fixed by (job, due_s): the same on every host; 0
 * for jitter_s <= 0. */
int64_t schedule_jitter(const char *job, int64_t due_s, int64_t jitter_s);

#endif
