#ifndef FILE_ROBFIG_H
#define FILE_ROBFIG_H

#include <stdbool.h>

#include "plan/cron.h"

/* Reads five fields as the standard parser of robfig/cron (v3) does, which Kubernetes uses for
 * CronJobs; false: it refuses them. */
bool robfig_read(const char *fields, Cron *cron);

#endif
