/* What no other file knows: which commands there are, and how what they ask for (an option's
 * value, a Clockfile, a connection) is come by. */

#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/now.h"
#include "base/text.h"
#include "base/wake.h"
#include "cmd/cronargs.h"

/* How long commands other than run wait for a database that is away. */
#define CONNECT_US (10 * 1000 * 1000)
#define PAUSE_US (100 * 1000)
#define PAUSE_MAX_US (1600 * 1000)

const Command *const commands[] = {
    &command_run,
    &command_work,
    &command_next,
    &command_explain,
    &command_check,
    &command_schema,
    &command_diff,
    &command_simulate,
    &command_init,
    &command_import,
    &command_export,
    &command_status,
    &command_list,
    &command_fire,
    &command_pause,
    &command_resume,
    &command_missed,
    &command_backfill,
    &command_health,
    &command_prune,
    &command_grants,
    &command_doctor,
    &command_completion,
    &command_history,
    &command_dead,
    &command_retry,
    &command_discard,
    &command_migrate,
    &command_dev,
    &command_help,
    &command_version,
    NULL,
};

const Command *
command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

const char *
command_nearest(const char *name)
{
    const char *names[sizeof commands / sizeof *commands];
    size_t n = 0;
    for (; commands[n] != NULL; n++)
        names[n] = commands[n]->name;
    return text_nearest(name, names, n);
}

const char *
context_option(const Context *context, const char *name)
{
    for (size_t i = 0; context->options[i] != NULL; i++) {
        if (strcmp(context->options[i]->name, name) == 0)
            return context->values[i];
    }
    return NULL;
}

const char *
context_repeated(const Context *context, const char *name, size_t i)
{
    for (size_t at = 0; context->given[at] != NULL; at++) {
        if (strcmp(context->given[at]->name, name) == 0 && i-- == 0)
            return context->given_values[at];
    }
    return NULL;
}

bool
context_number(const Context *context, const char *name, int64_t min, int64_t max,
    int64_t otherwise, int64_t *out, Error *error)
{
    const char *value = context_option(context, name);
    if (value == NULL) {
        *out = otherwise;
        return true;
    }
    if (!text_number(value, strlen(value), min, max, out)) {
        error_set(error, ERR_USAGE, "--%s '%.40s' is not a number in the range %lld to %lld",
            name, value, (long long)min, (long long)max);
        return error_hint(error, "for example --%s %lld", name,
            (long long)(otherwise >= min && otherwise <= max ? otherwise : min));
    }
    return true;
}

bool
context_load(Context *context, const char *path, Error *error)
{
    const char *kind = context_option(context, "crontab");
    if (kind != NULL && *kind != '\0')
        return cronargs_load(context, path, kind, error);
    if (path == NULL && !clockfile_find(context->arena, &path, error))
        return false;
    context->path = path;
    context->diags = diags_new(context->arena, path);
    context->load = arena_new(0);
    return clockfile_load(context->load, path, &context->file, context->diags, error) ||
           cronargs_suspect(context, path, error);
}

bool
context_has_server(const Context *context)
{
    static const char *const names[] = {"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGPORT"};
    if (context->db != NULL)
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0')
            return true;
    }
    return false;
}

bool
context_connect(Context *context, Error *error)
{
    context->pg = pg_new(context->db, "clock");
    int64_t until_us = now_mono_us() + CONNECT_US;
    int64_t pause_us = PAUSE_US;
    while (!pg_connect(context->pg, until_us, error)) {
        if (error->kind != ERR_DB_AWAY || !context_has_server(context) ||
            now_mono_us() + pause_us >= until_us)
            return false;
        wake_poll(NULL, 0, now_mono_us() + pause_us);
        pause_us = pause_us < PAUSE_MAX_US ? pause_us * 2 : pause_us;
    }
    return true;
}
