#ifndef FILE_QUARTZ_H
#define FILE_QUARTZ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "plan/cron.h"

/* Quartz, the scheduler of Java (2.3 and later). */

/* Writes what fires like `cron` in Quartz: one expression, or two for two triggers, " and "
 * between them.  *triggers becomes 1 or 2; 0: no expression of Quartz says it, and nothing was
 * written. */
void quartz_write(Arena *arena, const Cron *cron, Text *text, int *triggers);

/* True when only version 2.5 and later take what quartz_write writes: L or W in a list. */
bool quartz_is_new(const Cron *cron);

/* True when it names the weekday nearest to a day that some month lacks: before version 2.5
 * that month's last weekday is taken then. */
bool quartz_clamps(const Cron *cron);

/* Why Quartz reads six or seven fields of its own kind otherwise than clock. */
typedef enum {
    QUARTZ_SAME,
    QUARTZ_REFUSES, /* the item is none of its syntax */
    QUARTZ_STEP,    /* refuses a step that goes beyond its field */
    QUARTZ_LIST,    /* L or # among weekdays: refused or misread */
    QUARTZ_DATES,   /* L or W among days of the month: the same before version 2.5 */
    QUARTZ_NAMES    /* passes over the step behind names of days or months */
} QuartzQuirk;

/* The first of them in the text; *item and *len become the item. */
QuartzQuirk quartz_quirk(const char *text, const char **item, size_t *len);

#endif
