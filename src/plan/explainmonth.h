#ifndef PLAN_EXPLAINMONTH_H
#define PLAN_EXPLAINMONTH_H

#include <stdbool.h>

#include "base/text.h"
#include "plan/cron.h"

/* Behind days of the month: " of every month", " of March and June". */
void explainmonth_of(const Cron *cron, Text *text);

/* Behind weekdays, or every day: " in March and June"; nothing when it is every month. */
void explainmonth_in(const Cron *cron, Text *text);

/* Behind all: ", in 2027", ", from 2027 to 2030", ", in 2027 and 2029"; nothing when it is
 * every year. */
void explainmonth_years(const Cron *cron, Text *text);

bool explainmonth_has_years(const Cron *cron);

#endif
