#ifndef TIME_FOOTER_H
#define TIME_FOOTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* Beyond this many seconds from 1970 nothing changes any more: the age of the universe, as in
 * zic.  So every instant of a change can be added to any offset. */
#define ZONE_FAR_S (INT64_C(1) << 59)

/* One kind of local time. */
typedef struct {
    int32_t offset_s; /* east of UTC */
    bool dst;
    const char *abbreviation;
} ZoneType;

/* The rule at the end of a TZif file, "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX XBD 8.3, TZ, with
 * the hours -167..167 of RFC 9636), worked out for one cycle of the Gregorian calendar. */
typedef struct {
    ZoneType standard;
    ZoneType daylight;      /* never in force when the footer names no daylight saving */
    const int64_t *turns_s; /* into and out of it by turns, within [0, 400 years), ascending */
    size_t n;               /* even */
    bool starts_first;      /* turns_s[0] begins daylight saving */
} Footer;

/* A stretch in which daylight saving is in force throughout, or not at all. */
typedef struct {
    int64_t from_s;  /* INT64_MIN: since ever */
    int64_t until_s; /* INT64_MAX: for ever */
    bool dst;
} Season;

/* Reads the text of a footer, not empty.  Fails with ERR_INPUT, the text
 * saying only the cause. */
bool footer_read(Arena *arena, const char *text, Footer *out, Error *error);

/* The season that holds at_s. */
Season footer_season(const Footer *footer, int64_t at_s);

#endif
