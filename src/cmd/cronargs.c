/* What no other file knows: how a command line says whose crontab it is. */

#include "cmd/cronargs.h"

#include <string.h>

#include "file/cronhost.h"
#include "file/cronload.h"
#include "file/input.h"
#include "time/zone.h"

/* A larger file is not looked at again. */
#define SUSPECT_MAX_BYTES (1024u * 1024)

static bool
read_daemon(const Context *context, CrontabDaemon *daemon, Error *error)
{
    const char *word = context_option(context, "cron");
    *daemon = CRONTAB_EITHER;
    if (word == NULL)
        return true;
    if (strcmp(word, "debian") == 0) {
        *daemon = CRONTAB_DEBIAN;
    } else if (strcmp(word, "cronie") == 0) {
        *daemon = CRONTAB_CRONIE;
    } else {
        error_set(error, ERR_USAGE, "--cron '%.40s' is no daemon that clock knows", word);
        return error_hint(error, "type --cron debian or --cron cronie");
    }
    return true;
}

/* A zone that cannot be loaded is the command line's fault only when it was given there. */
static bool
read_zone(const Context *context, const char **zone, const char **from, Error *error)
{
    Error why;
    const Zone *loaded;
    const char *ignored;
    if (from == NULL)
        from = &ignored;
    *from = "--tz";
    *zone = context_option(context, "tz");
    bool given = *zone != NULL;
    if (!given)
        *zone = cronhost_zone(context->arena, from);
    if (zone_load(zones_new(context->arena), *zone, &loaded, &why))
        return true;
    error_set(error, given ? ERR_USAGE : ERR_INPUT, "%s: %s", *from, why.text);
    return error_hint(error, "%s", given ? why.hint : "name the crontab's zone: --tz ZONE");
}

bool
cronargs_read(const Context *context, CrontabOptions *options, const char **from, Error *error)
{
    CrontabOptions found = {
        .kind = context_option(context, "system") != NULL ? CRONTAB_SYSTEM : CRONTAB_USER};
    if (!read_daemon(context, &found.daemon, error) ||
        !read_zone(context, &found.zone, from, error))
        return false;
    *options = found;
    return true;
}

bool
cronargs_load(Context *context, const char *path, const char *kind, Error *error)
{
    CrontabOptions options = {.daemon = CRONTAB_EITHER};
    if (strcmp(kind, "system") == 0) {
        options.kind = CRONTAB_SYSTEM;
    } else if (strcmp(kind, "user") != 0) {
        error_set(error, ERR_USAGE, "--crontab '%.40s' is no kind of crontab", kind);
        return error_hint(error, "type --crontab user, or --crontab system for /etc/crontab");
    }
    if (path == NULL) {
        error_set(error, ERR_USAGE, "which crontab?");
        return error_hint(error, "name a file, or - for standard input");
    }
    if (!read_zone(context, &options.zone, NULL, error))
        return false;
    context->path = path;
    context->diags = diags_new(context->arena, path);
    context->load = arena_new(0);
    return cronload_file(context->load, path, &options, &context->file, context->diags, error);
}

/* How much of the bytes a crontab of that kind would take: true when it is all. */
static bool
is_crontab(const Context *context, CrontabKind kind, const char *at, size_t len, bool *surely)
{
    const CrontabOptions options = {.kind = kind, .zone = "UTC"};
    Crontab *crontab;
    Error ignored;
    if (!crontab_new(context->arena, &options, &crontab, &ignored))
        return false;
    crontab_add(crontab, "", at, len);
    *surely = crontab->counts.decisions == 0;
    return crontab->n > 0 && crontab->counts.refused == 0;
}

bool
cronargs_suspect(const Context *context, const char *path, Error *error)
{
    char *at;
    size_t len;
    Error ignored;
    bool surely = false, unused;
    if (strcmp(path, "-") == 0 || !input_read(context->arena, path, SUSPECT_MAX_BYTES, &at,
                                      &len, diags_new(context->arena, path), &ignored))
        return false;
    bool user = is_crontab(context, CRONTAB_USER, at, len, &surely);
    bool system = (!user || !surely) && is_crontab(context, CRONTAB_SYSTEM, at, len, &unused);
    if (user || system)
        error_hint(error, "it is a crontab: type clock import%s %.100s > Clockfile.yml",
            system ? " --system" : "", path);
    return false;
}
