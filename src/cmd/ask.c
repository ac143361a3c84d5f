/* What no other file knows: how an instant, a job, a tag or a zone named on the command line is
 * found, and how one that is not there is refused. */

#include "cmd/ask.h"

#include <string.h>

#include "base/text.h"
#include "time/instant.h"

bool
ask_instant_text(const char *name, const char *value, int64_t *out, Error *error)
{
    InstantKind kind;
    int64_t at;
    Error why;
    if (!instant_read(value, &kind, &at, &why)) {
        error_set(error, ERR_USAGE, "--%s: %s", name, why.text);
        return error_hint(error, "type 2026-12-31T23:59:00Z, or with an offset such as +01:00");
    }
    if (kind != INSTANT_UTC) {
        error_set(
            error, ERR_USAGE, "--%s '%s' has no offset: which instant is it?", name, value);
        return error_hint(error, "end it with Z or an offset: %s%s, or ...+01:00", value,
            kind == INSTANT_DATE ? "T00:00:00Z" : "Z");
    }
    *out = at;
    return true;
}

bool
ask_instant(
    const Context *context, const char *name, int64_t otherwise, int64_t *out, Error *error)
{
    const char *value = context_option(context, name);
    if (value != NULL)
        return ask_instant_text(name, value, out, error);
    *out = otherwise;
    return true;
}

bool
ask_job(const Clockfile *file, const char *name, size_t *index, Error *error)
{
    const Job *job = clockfile_job(file, name);
    if (job != NULL) {
        *index = (size_t)(job - file->jobs);
        return true;
    }
    Arena *arena = arena_new(0);
    const char **names = arena_array(arena, file->n + 1, sizeof *names);
    for (size_t i = 0; i < file->n; i++)
        names[i] = file->jobs[i].name;
    error_set(error, ERR_USAGE, "no job '%.128s' in %s", name, file->path);
    const char *nearest = text_nearest(name, names, file->n);
    if (nearest != NULL)
        error_hint(error, "did you mean '%s'?", nearest);
    arena_free(arena);
    return false;
}

static bool
has_tag(const Job *job, const char *tag)
{
    for (const char *const *at = job->tags; at != NULL && *at != NULL; at++) {
        if (strcmp(*at, tag) == 0)
            return true;
    }
    return false;
}

static bool
no_tag(const Clockfile *file, const char *tag, Error *error)
{
    const char *some = NULL, *nearest = NULL;
    for (size_t i = 0; i < file->n; i++) {
        for (const char *const *at = file->jobs[i].tags; at != NULL && *at != NULL; at++) {
            some = *at;
            if (text_nearest(tag, at, 1) != NULL)
                nearest = *at;
        }
    }
    error_set(error, ERR_USAGE, "no job in %s has the tag '%.128s'", file->path, tag);
    if (nearest != NULL)
        return error_hint(error, "did you mean '%s'?", nearest);
    if (some != NULL)
        return error_hint(error, "there are others, such as '%s'", some);
    return error_hint(error, "tags are a key of the jobs, as in tags: [nightly, mail]");
}

bool
ask_tag(const Clockfile *file, const char *tag, bool *skip, Error *error)
{
    size_t n = 0;
    for (size_t i = 0; i < file->n; i++)
        n += has_tag(&file->jobs[i], tag);
    if (n == 0)
        return no_tag(file, tag, error);
    for (size_t i = 0; i < file->n; i++)
        skip[i] = skip[i] || !has_tag(&file->jobs[i], tag);
    return true;
}

bool
ask_zone(Zones *zones, const char *name, const Zone **zone, Error *error)
{
    Error why;
    if (zone_load(zones, name, zone, &why))
        return true;
    error_set(error, ERR_USAGE, "--tz: %s", why.text);
    return error_hint(error, "%s", why.hint);
}
