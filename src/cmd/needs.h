#ifndef CMD_NEEDS_H
#define CMD_NEEDS_H

#include <stdbool.h>

#include "base/error.h"
#include "cmd/context.h"

/* How what a command needs is come by. */

/* Loads the Clockfile at path (NULL: finds it), or with --crontab KIND the crontab there, into
 * context->file; on failure its problems are in context->diags. */
bool context_load(Context *context, const char *path, Error *error);

/* True when --db, DATABASE_URL or libpq's environment says which server: when not, an absent
 * one is no outage to wait for. */
bool context_has_server(const Context *context);

/* Connects context->pg, trying again while the database is away, for 10 s. */
bool context_connect(Context *context, Error *error);

#endif
