#ifndef PLAN_LIMITS_H
#define PLAN_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "plan/cron.h"
#include "plan/cronnext.h"
#include "time/instant.h"
#include "time/zone.h"

/* A bound as it was written, and the instant that it comes to in the zone. */
typedef struct {
    int64_t at_s; /* INT64_MIN (starts), INT64_MAX (ends): none */
    int64_t written;
    InstantKind kind;
} Bound;

/* Local days first..last, as day numbers. */
typedef struct {
    int32_t first, last;
} DayRange;

typedef struct {
    Cron cron;
    CronMonth month;
} CronMask;

/* When a rule may not fire although its fields match. */
typedef struct {
    Bound starts, ends; /* starts inclusive, ends exclusive */
    const Zone *zone;
    DayRange *days; /* sorted, apart */
    size_t n_days;
    CronMask *masks; /* local minutes that are left out */
    size_t n_masks;
    int64_t none_after_s;  /* nothing fires after it: a search found out */
    int64_t none_before_s; /* nothing fires before it */
} Limits;

#define LIMITS_EXCLUDES_MAX 1000

Limits *limits_new(Arena *arena, const Zone *zone);

/* Narrows by a bound as a Clockfile writes it.  Fails with ERR_INPUT and a hint. */
bool limits_start(Limits *limits, const char *text, Error *error);
bool limits_end(Limits *limits, const char *text, Error *error);

/* Leaves out a date, a range a..b of dates, or what a crontab expression matches; fails with
 * ERR_INPUT, a hint, and *offset. */
bool limits_exclude(Arena *arena, Limits *limits, const char *text, const char *job,
    size_t *offset, Error *error);

/*
 * True when at_s is left out; *resume_s is then a later instant before which nothing can be let
 * through, *back_s an earlier one after which nothing can.  `wanted`: the minutes of a day, by
 * hour, that the caller may ask for on a day without a change of the clocks.
 */
bool limits_excluded(const Limits *limits, int64_t at_s, const uint64_t wanted[24],
    int64_t *resume_s, int64_t *back_s);

/* True when an instant that shows this local time would be left out. */
bool limits_exclude_local(const Limits *limits, int64_t at_ls);

/* A date, a local time or an instant, as instant_read reads it. */
void limits_write_time(Text *text, InstantKind kind, int64_t written);

/* "; starts ...; ends ...; exclude ..." */
void limits_write(const Limits *limits, Text *text);

#endif
