#ifndef PLAN_EXPLAINDAY_H
#define PLAN_EXPLAINDAY_H

#include "base/text.h"
#include "plan/cron.h"
#include "plan/explaintime.h"

/* The days that day of month, month, weekday and year allow, as what follows the times:
 * " every day", " on the 1st of every month", ", Monday to Friday". */
void explainday_write(const Cron *cron, TimePhrase times, Text *text);

/* True when it makes a difference whether both day fields must match or either will do. */
bool explainday_bites(const Cron *cron);

#endif
