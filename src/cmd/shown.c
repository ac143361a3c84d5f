/* What no other file knows: how instants and schedules that come out of the database are
 * written. */

#include "cmd/shown.h"

#include <string.h>

#include "plan/schedule.h"
#include "time/instant.h"

const char *
shown_instant(Arena *arena, int64_t at_s, const Zone *zone)
{
    if (at_s == INT64_MIN)
        return "-";
    Text text = text_new(arena);
    if (zone == NULL || at_s == INT64_MAX)
        instant_write_utc(&text, at_s);
    else
        instant_write(&text, at_s, zone);
    return text.at;
}

void
shown_json(Json *json, const char *key, int64_t at_s)
{
    Arena *arena = json->out->arena;
    bool none = at_s == INT64_MIN || at_s == INT64_MAX;
    json_key(json, key);
    json_string(json, none ? NULL : shown_instant(arena, at_s, NULL));
}

int64_t
shown_next(Arena *arena, Zones *zones, const SurveyHorizon *horizon, const SurveyJob *job,
    const Zone **zone)
{
    Schedule *schedule;
    Error ignored; /* a rule of a later clock */
    int64_t due_s, after_s = horizon->fired_through_s;
    *zone = NULL;
    if (!schedule_parse(arena, zones, job->spec, &schedule, &ignored))
        return INT64_MIN;
    *zone = schedule_zone(schedule);
    if (job->since_s > after_s)
        after_s = job->since_s;
    if (job->paused && job->until_s == INT64_MAX)
        return INT64_MAX;
    if (job->paused && job->until_s > after_s)
        after_s = job->until_s;
    return schedule_next(schedule, after_s, &due_s) ? due_s : INT64_MAX;
}

const char *
shown_spec(Arena *arena, const char *spec)
{
    Text text = text_new(arena);
    size_t len = strlen(spec);
    while (len > 0 && spec[len - 1] == '\n')
        len--;
    for (size_t i = 0; i < len; i++) {
        if (spec[i] == '\n')
            text_add(&text, " | ");
        else
            text_add_char(&text, spec[i]);
    }
    return text.at;
}
