#ifndef TIME_INSTANT_H
#define TIME_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "time/zone.h"

/* Instants as people and programs write them (RFC 3339), whole seconds. */

/* What a text said about its zone. */
typedef enum {
    INSTANT_DATE,  /* 2026-12-31: a date, no time */
    INSTANT_LOCAL, /* 2026-12-31T23:59[:00]: a wall clock's time, no offset */
    INSTANT_UTC    /* with Z or +hh:mm: an instant */
} InstantKind;

/* Reads a date, a local time or an instant; *out is local seconds for the first two, seconds
 * since 1970 for the last.  'T' or one blank stands between date and time; seconds may be left
 * out.  A date or time that does not exist (2026-02-30, 24:01) is refused. */
bool instant_read(const char *text, InstantKind *kind, int64_t *out, Error *error);

/* "2026-11-22T03:00:00Z"; INT64_MAX is written "never". */
void instant_write_utc(Text *text, int64_t at_s);

/* "2026-11-22T04:00:00+01:00": in the zone, with its offset; Z in UTC itself. */
void instant_write(Text *text, int64_t at_s, const Zone *zone);

#endif
