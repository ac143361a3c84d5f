#ifndef CMD_SHOWN_H
#define CMD_SHOWN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "db/survey.h"
#include "time/zone.h"

/* How commands that report on the database write instants: for people in a zone, for programs
 * in UTC. */

/* "-" for INT64_MIN, "never" for INT64_MAX; zone NULL: UTC. */
const char *shown_instant(Arena *arena, int64_t at_s, const Zone *zone);

/* A string, null for both. */
void shown_json(Json *json, const char *key, int64_t at_s);

/* The job's next fire, a pause taken into account, and the zone to show it in (NULL: unknown);
 * INT64_MIN when this clock cannot tell, INT64_MAX: never. */
int64_t shown_next(Arena *arena, Zones *zones, const SurveyHorizon *horizon,
    const SurveyJob *job, const Zone **zone);

/* Rules of a canonical schedule on one line: "cron 0 9 * * *; zone Asia/Tokyo | at ...". */
const char *shown_spec(Arena *arena, const char *spec);

#endif
