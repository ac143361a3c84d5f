#ifndef PLAN_SHIFT_H
#define PLAN_SHIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "plan/schedule.h"
#include "time/zone.h"

/* Local times that share a fate at a change of the clocks, ascending. */
#define SHIFT_LISTED 4
typedef struct {
    size_t n;
    int64_t at_ls[SHIFT_LISTED]; /* the first ones */
    int64_t last_ls;
} ShiftTimes;

/* One change of a zone's clocks, and what it does to a schedule. */
typedef struct {
    const Zone *zone;
    int64_t at_s;
    int64_t before_ls, after_ls; /* what the clock would show then, and what it shows */
    ShiftTimes moved;            /* do not exist, fire at at_s */
    ShiftTimes dropped;          /* do not exist, do not fire */
    ShiftTimes once;             /* come twice, fire the first time */
    ShiftTimes twice;            /* come twice, fire both times */
    bool has_neighbours;         /* when some were dropped: the fires around at_s are known */
    int64_t prev_s, next_s;
} Shift;

/* The first change of the zone's clocks after after_s, and what it does to those rules of the
 * schedule that follow them; false: the clocks do not change any more. */
bool shift_next(const Schedule *schedule, const Zone *zone, int64_t after_s, Shift *out);

/* "02:30 does not exist: it fires at 03:00, right after the gap". */
void shift_write(const Shift *shift, Text *text);

#endif
