#ifndef PLAN_RULE_H
#define PLAN_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/calendar.h"
#include "plan/cron.h"
#include "plan/cronnext.h"
#include "plan/limits.h"
#include "plan/schedule.h"
#include "time/zone.h"

/* What schedule.h keeps opaque: one rule of a union.  Only src/plan/ looks inside. */

/* Instants that a schedule can name: the years 1 to 9999. */
#define PLAN_MIN_S INT64_C(-62135596800)
#define PLAN_MAX_S INT64_C(253402300799)

/* The Gregorian calendar repeats itself after 400 years: what did not fire
 * by then never will. */
#define PLAN_SEARCH_S (INT64_C(146097) * 86400)

/* The years that a field can name, 1970 to 2199. */
#define PLAN_FIELDS_MIN_S INT64_C(0)
#define PLAN_FIELDS_MAX_S INT64_C(7258118400)

typedef enum { KIND_CRON, KIND_CALENDAR, KIND_ONCE, KIND_SPAN } RuleKind;

typedef enum { CLOCKS_CRON, CLOCKS_SKIP, CLOCKS_ALL, CLOCKS_UTC } RuleClocks; /* `dst:` */

/* What becomes of local times that a change of the clocks skips or repeats. */
enum {
    CLOCKS_MOVE = 1,    /* skipped: at the end of the gap; else not at all */
    CLOCKS_ONCE = 2,    /* repeated: the first time only; else both times */
    CLOCKS_BOUNDED = 4, /* the two above only for changes up to three hours */
    CLOCKS_NONE = 8     /* the fields are read in UTC */
};

/* The stretch of constant offset that was last looked at, and its neighbours' offsets. */
typedef struct {
    int64_t from_s, until_s; /* until_s <= from_s: nothing known yet */
    int64_t fresh_s;         /* before it (and from from_s), local times need a closer look */
    int32_t offset_s, before_s, after_s;
    bool knows_edges; /* before_s, after_s, moves and the true fresh_s are known */
    bool moves;       /* the gap at from_s moves its local times to from_s */
} RuleStretch;

struct Rule {
    union {
        Cron cron;
        Calendar calendar;
        struct {
            int64_t at; /* local seconds, or seconds since 1970 */
            bool is_local;
        } once;
        struct {
            int64_t every_s, phase_s;
        } span;
    };
    RuleStretch stretch; /* changes as the rule is asked; so does the next */
    CronMonth month;
    uint8_t kind;    /* RuleKind */
    uint8_t clocks;  /* RuleClocks */
    uint8_t effects; /* CLOCKS_MOVE ... */
    uint8_t dialect; /* CronDialect of `text` */
    bool says_days;  /* `days:` was given */
    bool never;      /* not a single instant */
    const Zone *zone;
    const char *text; /* RULE_CRON as it was written; NULL for other kinds */
    Limits *limits;   /* NULL: no bounds, no exclusions */
};

struct Schedule {
    size_t n;
    Rule *rules[];
};

/* Settles what follows from kind, clocks, fields and limits; to be called when one changed. */
void rule_settle(Rule *rule);

#endif
