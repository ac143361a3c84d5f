#ifndef DUE_TIMELINE_H
#define DUE_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/clockfile.h"

/*
 * The instants of many jobs merged in time order.  Jobs that share a schedule share one place:
 * a million real jobs have about two thousand distinct schedules, so an instant costs what its
 * schedules cost, not what its jobs do.  `clock next` prints from it and `clock run` fires from
 * it.
 */
typedef struct Timeline Timeline;

/* Jobs that fall due together because they share a schedule, in the order of their names. */
typedef struct {
    int64_t due_s;
    const uint32_t *jobs; /* indexes into Clockfile.jobs; lives as long as the timeline */
    size_t n;
} TimelineGroup;

/* All enabled jobs, but those with skip[index] (may be NULL), standing just after after_s. */
Timeline *timeline_new(Arena *arena, const Clockfile *file, const bool *skip, int64_t after_s);

/* Stands just after after_s, whichever way that is. */
void timeline_seek(Timeline *timeline, int64_t after_s);

/* The least instant ahead; INT64_MAX: nothing will ever fall due. */
int64_t timeline_next(const Timeline *timeline);

/* How many jobs fall due at timeline_next. */
size_t timeline_next_jobs(const Timeline *timeline);

/* Takes one group of timeline_next and moves past it; false when nothing is ahead.  Groups of
 * one instant come one after another, in the order of their first jobs. */
bool timeline_take(Timeline *timeline, TimelineGroup *group);

#endif
