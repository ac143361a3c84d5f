#ifndef PLAN_EXPLAIN_H
#define PLAN_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "plan/cron.h"
#include "plan/schedule.h"
#include "time/zone.h"

/* Schedules in plain English, from what was understood and not from what was written: equal for
 * schedules of equal canonical text. */

/* One sentence: "At 09:00, Monday to Friday; and also at 08:30 on the last day of every month."
 * A zone is named only where the rules of a union differ in it. */
void explain_schedule(const Schedule *schedule, Text *text);

/* What an expression asks for: "at 02:30 every day", no full stop. */
void explain_cron(const Cron *cron, Text *text);

/* The zones whose wall clocks the schedule follows, each once; up to `cap`, returns how many
 * were written.  None: it counts elapsed time, or is an instant. */
size_t explain_zones(const Schedule *schedule, const Zone **zones, size_t cap);

/* One member of the union. */
typedef struct {
    const char *text;    /* the expression or macro as it was written; NULL: not by one */
    CronDialect dialect; /* of `text` */
    const Cron *cron;    /* what it was understood as; NULL: no fields (@every, @at) */
    bool is_span;        /* an interval of elapsed time */
    int64_t every_s;     /* of it, else 0 */
    const Zone *zone;
    bool chooses_clocks; /* `dst:` is another than cron */
    bool has_limits;     /* starts, ends or exclude */
} ExplainRule;

size_t explain_count(const Schedule *schedule);
ExplainRule explain_rule(const Schedule *schedule, size_t i);

/* The i-th member alone; in the arena, sharing the rule. */
const Schedule *explain_member(Arena *arena, const Schedule *schedule, size_t i);

#endif
