/* What no other file knows: how a command comes by its file, Clockfile or crontab, and by a
 * connection. */

#include "cmd/needs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/now.h"
#include "base/wake.h"
#include "cmd/cronargs.h"

/* How long commands other than run wait for a database that is away. */
#define CONNECT_US (10 * 1000 * 1000)
#define PAUSE_US (100 * 1000)
#define PAUSE_MAX_US (1600 * 1000)

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
    if (clockfile_load(context->load, path, &context->file, context->diags, error))
        return true;
    if (error->hint[0] == '\0' && strcmp(path, "-") != 0 && access(path, F_OK) != 0 &&
        errno == ENOENT)
        return error_hint(error, "type clock init %.100s to begin one, or name another", path);
    return cronargs_suspect(context, path, error);
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
