#ifndef PLAN_NOTES_H
#define PLAN_NOTES_H

#include <stddef.h>
#include <stdint.h>

#include "time/zone.h"

typedef struct Schedule Schedule;

/* What daylight saving did to a due instant. */
typedef enum {
    DST_PLAIN,
    DST_MOVED,  /* its local time does not exist that day: fires at the end of the gap */
    DST_FIRST,  /* its local time exists twice; this is the first, the second fires too */
    DST_SECOND, /* the second of the two */
    DST_ONCE,   /* its local time exists twice; only this one fires */
    DST_DROPPED /* never a due instant: a wanted local time that does not fire that day */
} DstEffect;

typedef struct {
    DstEffect effect;
    int64_t at_s;      /* the instant (for DST_DROPPED: the transition) */
    int64_t wanted_ls; /* the local time that the fields ask for */
    int64_t change_s;  /* the transition */
    const Zone *zone;  /* whose: that of the rule, which in a union need not be schedule_zone */
} DstNote;

/* What daylight saving did at this due instant. */
DstNote schedule_dst(const Schedule *schedule, int64_t due_s);

/* Up to `cap` local times that the fields ask for within (after_s, until_s] and that do not
 * fire because they fall in a gap; returns how many were written. */
size_t schedule_dropped(
    const Schedule *schedule, int64_t after_s, int64_t until_s, DstNote *notes, size_t cap);

/*
 * The first local time within (after_s, until_s] that a change of the clocks moves (DST_MOVED),
 * and the first that it repeats and that fires once (DST_ONCE), of each rule with a fixed time
 * whose `dst` is cron, which holds when nobody chose.  Up to `cap`; returns how many.
 */
size_t schedule_touched(
    const Schedule *schedule, int64_t after_s, int64_t until_s, DstNote *notes, size_t cap);

#endif
