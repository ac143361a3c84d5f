#ifndef TIME_ZONE_H
#define TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/*
 * A time zone as the system's zoneinfo tells it (TZif, RFC 9636, version 2 and later, with the
 * POSIX footer for instants past the table).  Immutable once loaded.
 */
typedef struct Zone Zone;

/* The zones of one load: each file is read once. */
typedef struct Zones Zones;

/* A stretch of constant offset: local seconds = at + offset_s for from_s <= at < until_s.  But
 * for the two ends of time, from_s and until_s lie within 2^59 s of 1970: adding is safe. */
typedef struct {
    int64_t from_s;   /* INT64_MIN: since ever */
    int64_t until_s;  /* INT64_MAX: for ever */
    int32_t offset_s; /* east of UTC */
    bool dst;
    const char *abbreviation; /* "CET"; lives as long as the zone */
} ZoneSpan;

Zones *zones_new(Arena *arena);

/*
 * The zone of that name.  A name is data: no leading '/', no '..', known to the zoneinfo folder
 * ($TZDIR, else /usr/share/zoneinfo); "UTC" always works, also without tzdata.  Fails with
 * ERR_INPUT: unknown (hint: the nearest name, or the package that is missing), damaged, or with
 * leap seconds.
 */
bool zone_load(Zones *zones, const char *name, const Zone **out, Error *error);

/*
 * The same from the bytes of a TZif file, without a folder; in the arena.  Fails with
 * ERR_INPUT: damaged, or with leap seconds.
 */
bool zone_parse(Arena *arena, const char *name, const unsigned char *bytes, size_t len,
    const Zone **out, Error *error);

const char *zone_name(const Zone *zone);

/* Hash of the zone file's bytes, so that hosts with other rules can be told apart. */
uint64_t zone_hash(const Zone *zone);

/* A hash over all zones loaded so far, in the order of their names. */
uint64_t zones_hash(const Zones *zones);

/* The stretch that holds at_s. */
ZoneSpan zone_span(const Zone *zone, int64_t at_s);

/* Local seconds of an instant; *offset_s (may be NULL) gets the offset used. */
int64_t zone_local(const Zone *zone, int64_t at_s, int32_t *offset_s);

/* How many instants have this local time: 0 (it falls in a gap), 1, or 2 (in an overlap),
 * ascending in at_s.  In a gap at_s[0] is the instant of the transition.  Where changes come so
 * close together that there are more than two, the first two are told. */
int zone_instants(const Zone *zone, int64_t local_ls, int64_t at_s[2]);

/* The first change of offset strictly after at_s; false when there is none any more. */
bool zone_next_change(const Zone *zone, int64_t after_s, int64_t *change_s);

#endif
