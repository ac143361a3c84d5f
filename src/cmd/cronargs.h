#ifndef CMD_CRONARGS_H
#define CMD_CRONARGS_H

#include <stdbool.h>

#include "base/error.h"
#include "cmd/context.h"
#include "file/crontab.h"

/* The options --system, --cron and --tz of commands that read or write crontabs; *from (may be
 * NULL) gets who named the zone, for people: "--tz", "/etc/localtime".  ERR_USAGE. */
bool cronargs_read(
    const Context *context, CrontabOptions *options, const char **from, Error *error);

/* Loads the crontab at path (NULL: refused) into context->file, as context_load loads a
 * Clockfile; `kind` is what --crontab was given. */
bool cronargs_load(Context *context, const char *path, const char *kind, Error *error);

/* After a Clockfile was refused: gives *error the hint to import the file when it is a crontab.
 * Always false. */
bool cronargs_suspect(const Context *context, const char *path, Error *error);

#endif
