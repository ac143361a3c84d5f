#ifndef CMD_BYHAND_H
#define CMD_BYHAND_H

#include <stdbool.h>

#include "base/error.h"
#include "cmd/context.h"
#include "db/ended.h"

/* What clock retry and clock discard share: rows by their ids, or the dead ones of a job. */

#define BYHAND_MAX_IDS 1000

/* ERR_USAGE unless there are either ids or --job. */
bool byhand_check(Context *context, Error *error);

/* Does it and says how many, in words that begin with `verb`; ERR_NO when there were none, or
 * not all of those named. */
bool byhand_run(Context *context, Hand hand, const char *verb, Error *error);

#endif
