#ifndef PLAN_CRONDAY_H
#define PLAN_CRONDAY_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/cron.h"

/* Which days of a month match (bit d - 1 for day d), its first day being `first_weekday`
 * (0 = Sunday) and its length `days`; the month and year themselves are not looked at. */
uint32_t cronday_mask(const Cron *cron, int first_weekday, int days);

/* True when no date of the calendar matches, in any year. */
bool cronday_never(const Cron *cron);

/* The first year >= `year` that matches, or the last one <= `year`; false: there is none. */
bool cronday_year_from(const Cron *cron, int year, int *out);
bool cronday_year_to(const Cron *cron, int year, int *out);

#endif
