#ifndef PLAN_EXPLAINTIME_H
#define PLAN_EXPLAINTIME_H

#include <stdbool.h>

#include "base/text.h"
#include "plan/cron.h"

/* What kind of phrase it became, so that the days can follow it. */
typedef struct {
    bool all_day; /* times of the whole day, by a frequency: "every day" goes without saying */
    bool comma;   /* a comma must part it from what follows */
} TimePhrase;

/* The times of a day that second, minute and hour allow: "at 02:30", "every 15 minutes from
 * 09:00 to 17:45". */
TimePhrase explaintime_write(const Cron *cron, Text *text);

#endif
