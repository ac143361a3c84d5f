#ifndef CMD_SHOWN_H
#define CMD_SHOWN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "time/zone.h"

/* How commands that report on the database write instants: for people in a zone, for programs
 * in UTC. */

/* "-" for INT64_MIN, "never" for INT64_MAX; zone NULL: UTC. */
const char *shown_instant(Arena *arena, int64_t at_s, const Zone *zone);

/* A string, null for both. */
void shown_json(Json *json, const char *key, int64_t at_s);

/* Rules of a canonical schedule on one line: "cron 0 9 * * *; zone Asia/Tokyo | at ...". */
const char *shown_spec(Arena *arena, const char *spec);

#endif
