#ifndef CMD_SHADOW_H
#define CMD_SHADOW_H

#include <stdbool.h>

#include "base/error.h"
#include "cmd/context.h"
#include "file/crontab.h"

/* Compares the runs in cron's log with what clock would have fired over its span, and writes
 * the differences to stdout.  The entries must have names.  ERR_NO when there are differences.
 */
bool shadow_run(Context *context, const Crontab *crontab, const char *log, Error *error);

#endif
