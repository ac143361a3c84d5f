#ifndef CMD_TARGET_H
#define CMD_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cmd/context.h"

/* Which Clockfile in the database, and which jobs of it, a command works on.  --name says the
 * former, else a Clockfile's own name does. */

/* For who may look at all: --name, else the name of the file given with -f, else NULL. */
bool target_any(Context *context, const char **name, Error *error);

/* For who changes something: --name, else the file given with -f or found in the working
 * directory, else the only one in the database.  Needs the connection. */
bool target_one(Context *context, const char **name, Error *error);

/* Refuses neither operands nor --tag, or both, and what target_any refuses: ERR_USAGE. */
bool target_check(Context *context, Error *error);

/* The jobs named by the operands, or with --tag those of the Clockfile that have it. */
bool target_jobs(Context *context, const char *const **jobs, size_t *n, Error *error);

#endif
