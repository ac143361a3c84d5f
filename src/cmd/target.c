/* What no other file knows: how a Clockfile in the database is named on the command line, and
 * how it is guessed when it is not. */

#include "cmd/target.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/ask.h"
#include "cmd/needs.h"
#include "db/survey.h"

bool
target_any(Context *context, const char **name, Error *error)
{
    const char *path = context_option(context, "file");
    *name = context_option(context, "name");
    if (path == NULL)
        return true;
    if (*name != NULL)
        return error_set(error, ERR_USAGE, "--name and --file exclude each other");
    if (context->file == NULL && !context_load(context, path, error))
        return false;
    *name = context->file->name;
    return true;
}

/* True when a command without -f would take a Clockfile of the working directory. */
static bool
is_beside_file(void)
{
    return access("Clockfile.yml", F_OK) == 0 || access("clockfile.yml", F_OK) == 0;
}

static bool
only_one(Context *context, const char **name, Error *error)
{
    SurveyHorizon *horizons;
    size_t n;
    int64_t ahead_us;
    if (!survey_horizons(context->pg, context->arena, NULL, &horizons, &n, &ahead_us, error))
        return false;
    if (n == 1) {
        *name = horizons[0].clockfile;
        return true;
    }
    if (n == 0) {
        error_set(error, ERR_NO, "no clock has run here yet");
        return error_hint(error, "type clock run, or name another database");
    }
    Text names = text_new(context->arena);
    for (size_t i = 0; i < n && names.len < 160; i++)
        text_addf(&names, "%s%s", i == 0 ? "" : ", ", horizons[i].clockfile);
    error_set(error, ERR_USAGE, "which of the %zu Clockfiles in the database?", n);
    return error_hint(error, "--name takes one of: %s", names.at);
}

bool
target_one(Context *context, const char **name, Error *error)
{
    if (!target_any(context, name, error))
        return false;
    if (*name != NULL)
        return true;
    if (!is_beside_file())
        return only_one(context, name, error);
    if (!context_load(context, NULL, error))
        return false;
    *name = context->file->name;
    return true;
}

static bool
tagged(Context *context, const char *tag, const char *const **jobs, size_t *n, Error *error)
{
    if (context->file == NULL && !context_load(context, context_option(context, "file"), error))
        return false;
    const Clockfile *file = context->file;
    bool *skip = arena_array(context->arena, file->n + 1, sizeof *skip);
    const char **list = arena_array(context->arena, file->n + 1, sizeof *list);
    if (!ask_tag(file, tag, skip, error))
        return false;
    *n = 0;
    for (size_t i = 0; i < file->n; i++) {
        if (!skip[i] && file->jobs[i].enabled)
            list[(*n)++] = file->jobs[i].name;
    }
    *jobs = list;
    return *n > 0 || error_set(error, ERR_NO, "no job with the tag '%.128s' is enabled", tag);
}

bool
target_check(Context *context, Error *error)
{
    const char *name, *tag = context_option(context, "tag");
    if ((tag == NULL) != (context->n_operands == 0))
        return target_any(context, &name, error);
    error_set(
        error, ERR_USAGE, tag == NULL ? "which job?" : "a JOB and --tag exclude each other");
    return error_hint(error, "clock %s JOB, or clock %s --tag NAME", context->command->name,
        context->command->name);
}

bool
target_jobs(Context *context, const char *const **jobs, size_t *n, Error *error)
{
    const char *tag = context_option(context, "tag");
    if (tag != NULL)
        return tagged(context, tag, jobs, n, error);
    *jobs = context->operands;
    *n = (size_t)context->n_operands;
    return true;
}
