#ifndef PLAN_CALENDAR_H
#define PLAN_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* "Every 2 weeks on Monday at 09:00": steps over the calendar from an anchor,
 * on a wall clock. */
typedef enum { CALENDAR_DAYS, CALENDAR_WEEKS, CALENDAR_MONTHS, CALENDAR_YEARS } CalendarUnit;

typedef struct {
    int32_t every;  /* units */
    int32_t second; /* of the day */
    int32_t
        from_day;  /* the anchor as a day number: steps count from the first fit on or after */
    int32_t first; /* derived: that fit, as a day number or a month number (year * 12 + month -
                      1) */
    int32_t step;  /* derived: in days, or in months */
    uint8_t unit;  /* CalendarUnit */
    int8_t day;    /* as written: weekday 0..6 or day of month 1..31; -1: none, the anchor's */
    int8_t month_day; /* derived: day of month 1..31 */
    bool has_from;    /* an anchor was given; else it is 1970-01-01 */
} Calendar;

/* True when the text is meant as one: a number, a blank, a word. */
bool calendar_is_meant(const char *every);

/* Reads `every`, and `day` and `at` (each may be NULL).  Fails with ERR_INPUT, a hint, and
 * *wrong: 0 every, 1 day, 2 at. */
bool calendar_read(const char *every, const char *day, const char *at, Calendar *out,
    int *wrong, Error *error);

/* Counts from this day. */
void calendar_anchor(Calendar *calendar, int64_t from_day);

/* "2 weeks; day monday; at 09:00; from 2026-01-05" */
void calendar_write(const Calendar *calendar, Text *text);

/* The first local time >= from_ls, or the last <= to_ls; false: none within 400 years. */
bool calendar_from(const Calendar *calendar, int64_t from_ls, int64_t *out_ls);
bool calendar_to(const Calendar *calendar, int64_t to_ls, int64_t *out_ls);

#endif
