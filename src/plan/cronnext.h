#ifndef PLAN_CRONNEXT_H
#define PLAN_CRONNEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/cron.h"

/* The month that was last looked at: a schedule mostly asks for the same one again.  All zero
 * is a valid beginning. */
typedef struct {
    int32_t first_day; /* as a day number */
    uint32_t days;     /* which match: bit 0 is the first */
    int16_t year;
    uint8_t month;
    uint8_t length; /* 0: nothing known yet */
} CronMonth;

/* The first local time >= from_ls whose fields match; false: none within 400 years. */
bool cronnext_from(const Cron *cron, CronMonth *month, int64_t from_ls, int64_t *out_ls);

/* The last local time <= to_ls whose fields match; false: none within 400 years. */
bool cronnext_to(const Cron *cron, CronMonth *month, int64_t to_ls, int64_t *out_ls);

/* True when the day that holds this local time matches. */
bool cronnext_holds_day(const Cron *cron, CronMonth *month, int64_t at_ls);

#endif
