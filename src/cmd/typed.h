#ifndef CMD_TYPED_H
#define CMD_TYPED_H

#include <stdbool.h>

#include "base/error.h"
#include "cmd/context.h"

/* A schedule typed as an operand. */

/* True when the text can only be a schedule: it holds a blank, begins with '@' or is empty. */
bool typed_is_sure(const char *operand);

/* True when the operand (may be NULL) is a schedule rather than a name: it holds a blank or
 * begins with '@', or an option says how to read it.  A file's name with a blank in it needs
 * -f. */
bool typed_is_schedule(const Context *context, const char *operand);

/* The first of the options that say how a schedule is read, --dialect, --dst or --days, that
 * was given; or NULL. */
const char *typed_option(const Context *context);

/* Makes context->file a Clockfile of one job, named as --job says ("" without), with this
 * schedule in the zone of --tz (UTC without); context->path stays NULL.  Fails with ERR_INPUT
 * and an excerpt when the schedule is refused, with ERR_USAGE when an option is. */
bool typed_read(Context *context, const char *expression, Error *error);

#endif
