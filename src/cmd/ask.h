#ifndef CMD_ASK_H
#define CMD_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/context.h"

/* What options that several commands share ask for. */

/* An option that is an instant, `otherwise` when not given.  A wall clock's time alone is
 * refused (ERR_USAGE): which instant it means depends on the zone, and twice a year not even
 * that settles it. */
bool ask_instant(
    const Context *context, const char *name, int64_t otherwise, int64_t *out, Error *error);

/* The same from any text; `name` is the option's, for the message. */
bool ask_instant_text(const char *name, const char *value, int64_t *out, Error *error);

/* The index of the file's job of that name; ERR_USAGE names the nearest. */
bool ask_job(const Clockfile *file, const char *name, size_t *index, Error *error);

/* Sets skip[index] for every job without that tag; ERR_USAGE when no job has it. */
bool ask_tag(const Clockfile *file, const char *tag, bool *skip, Error *error);

/* A zone by its name, loaded among those of `zones`; ERR_USAGE says --tz. */
bool ask_zone(Zones *zones, const char *name, const Zone **zone, Error *error);

#endif
