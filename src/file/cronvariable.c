/* What no other file knows: which variables of a crontab speak to cron itself, and what becomes
 * of them and of the others. */

#include "file/cronvariable.h"

#include <stdlib.h>
#include <string.h>

#include "file/cronline.h"
#include "file/cronremark.h"
#include "file/cronshell.h"
#include "file/keys.h"

#define DELAY_MAX_M (24 * 60) /* cronie's entry.c */

/* Variables in force, over all entries between which they change: a Clockfile that repeats more
 * would be larger than clock reads. */
#define VARIABLES_MAX 1000000

typedef struct {
    CronVariables *all;
    Arena *arena;
    CrontabDaemon daemon;
    const char *name, *value;
    CrontabRemark *remark;
} Variable;

static bool
is(const Variable *v, const char *name)
{
    return strcmp(v->name, name) == 0;
}

static void
note(Variable *v, const char *text)
{
    cronremark_add(v->arena, v->remark, CRONTAB_CONVERTED, NULL, text);
}

static void
refuse(Variable *v, const char *hint, const char *text)
{
    cronremark_add(v->arena, v->remark, CRONTAB_REFUSED, hint, text);
}

/* ---- the environment ---- */

static size_t
find(const CronVariables *all, const char *name)
{
    size_t len = strlen(name), i = 0;
    while (i < all->n && (strncmp(all->env[i], name, len) != 0 || all->env[i][len] != '='))
        i++;
    return i;
}

static void
set(Variable *v)
{
    CronVariables *all = v->all;
    size_t i = find(all, v->name);
    if (i == all->n && all->n == (size_t)keys[KEY_ENV].max) {
        refuse(v, "let the commands read them from a file",
            arena_printf(v->arena, "there are more than %zu variables", all->n));
        return;
    }
    if (all->n == all->cap) {
        size_t cap = all->cap == 0 ? 16 : all->cap * 2;
        all->env =
            arena_grow(v->arena, all->env, all->cap * sizeof *all->env, cap * sizeof *all->env);
        all->cap = cap;
    }
    all->n += i == all->n;
    all->env[i] = arena_printf(v->arena, "%s=%s", v->name, v->value);
    all->shared = NULL;
}

static void
forget(CronVariables *all, const char *name)
{
    size_t i = find(all, name);
    if (i == all->n)
        return;
    all->n--;
    memmove(&all->env[i], &all->env[i + 1], (all->n - i) * sizeof *all->env);
    all->shared = NULL;
}

/* ---- those that mean something ---- */

static void
set_shell(Variable *v)
{
    if (v->value[0] == '\0') {
        refuse(v, "write SHELL=/bin/sh", "SHELL is empty: cron could run nothing below it");
        return;
    }
    if (v->value[0] != '/')
        cronremark_add(v->arena, v->remark, CRONTAB_DECISION, "write its whole path",
            arena_printf(v->arena, "cron does not look for the shell '%s' in PATH",
                cronremark_show(v->arena, v->value)));
    v->all->shell = v->value;
    if (strcmp(v->value, CRON_SHELL) == 0)
        forget(v->all, v->name);
    else
        set(v);
}

static void
set_zone(Variable *v)
{
    CronVariables *all = v->all;
    const Zone *zone = all->host;
    Error error;
    all->unknown_zone = 0;
    if (v->value[0] != '\0' && !zone_load(all->zones, v->value, &zone, &error)) {
        all->unknown_zone = v->remark->pos.line;
        cronremark_add(v->arena, v->remark, CRONTAB_REFUSED,
            error.hint[0] == '\0' ? NULL : text_safe(v->arena, error.hint),
            text_safe(v->arena, error.text));
    }
    all->zone = zone;
    if (v->daemon == CRONTAB_EITHER && all->unknown_zone == 0 && zone != all->host)
        cronremark_differs(v->arena, v->remark,
            arena_printf(v->arena,
                "cronie reads the entries below in this zone, and so does clock; Debian's cron "
                "knows no CRON_TZ and reads them in %s",
                all->options->zone));
    else if (all->unknown_zone == 0 && zone != all->host)
        note(v, "when its clocks change cronie drops or doubles jobs, clock does not");
}

/* cronie delays by a random part of it, the same for all until it is started again. */
static void
set_delay(Variable *v)
{
    int64_t minutes;
    if (!text_number(v->value, strlen(v->value), 0, DELAY_MAX_M, &minutes)) {
        refuse(v, NULL,
            arena_printf(v->arena, "it must be a number of minutes, at most %d", DELAY_MAX_M));
        return;
    }
    v->all->jitter_s = minutes * 60;
    note(v, "becomes jitter: a delay that is fixed for each fire");
    if (v->daemon == CRONTAB_EITHER)
        cronremark_differs(v->arena, v->remark, "Debian's cron knows no RANDOM_DELAY");
}

/* Whether the value asks for what a shell would put in its place. */
static bool
hopes_to_expand(const char *value)
{
    const char *dollar = strchr(value, '$');
    return dollar != NULL &&
           (dollar[1] == '{' || dollar[1] == '_' ||
               (text_lower(dollar[1]) >= 'a' && text_lower(dollar[1]) <= 'z'));
}

static void
set_other(Variable *v)
{
    if (is(v, "PATH") && strcmp(v->value, CRON_PATH) == 0)
        forget(v->all, v->name);
    else
        set(v);
    if (hopes_to_expand(v->value))
        note(v, "it stays as it stands: cron puts nothing in the place of '$'");
    if (is(v, "MAILTO") && v->value[0] != '\0')
        note(v, "clock sends no mail; what a run printed is kept in clock.runs");
    if (is(v, "CRON_TZ"))
        cronremark_differs(v->arena, v->remark,
            arena_printf(v->arena,
                "Debian's cron knows no CRON_TZ: the entries below are read in %s",
                v->all->options->zone));
    if (is(v, "TZ"))
        note(v, "for the command only: it does not change when a job is due");
}

/* ---- reading ---- */

static bool
is_portable(const char *name)
{
    for (const char *at = name; *at != '\0'; at++) {
        char c = text_lower(*at);
        if (!(c >= 'a' && c <= 'z') && c != '_' && (at == name || c < '0' || c > '9'))
            return false;
    }
    return *name != '\0';
}

static bool
take_apart(Variable *v, const char *line)
{
    const char *name, *value;
    bool debian = v->daemon != CRONTAB_CRONIE &&
                  cronline_variable(v->arena, DAEMON_DEBIAN, line, &v->name, &v->value);
    bool cronie = v->daemon != CRONTAB_DEBIAN &&
                  cronline_variable(v->arena, DAEMON_CRONIE, line, &name, &value);
    if (!debian && !cronie)
        return false;
    if (!debian) {
        v->name = name;
        v->value = value;
        if (v->daemon == CRONTAB_EITHER)
            cronremark_differs(v->arena, v->remark,
                "Debian's cron ignores a whole file over an empty value without quotes");
    } else if (cronie && strcmp(value, v->value) != 0) {
        cronremark_add(v->arena, v->remark, CRONTAB_DECISION,
            "written as under Debian; see which is meant",
            arena_printf(v->arena, "Debian's cron takes the value as '%s', cronie as '%s'",
                cronremark_show(v->arena, v->value), cronremark_show(v->arena, value)));
    }
    return true;
}

/* A Clockfile would put a variable of clock's own in its place. */
static bool
is_answered(const char *value)
{
    return strncmp(value, "${", 2) == 0 && strchr(value, '}') == value + strlen(value) - 1;
}

bool
cronvariable_read(CronVariables *all, const char *line, CrontabRemark *remark)
{
    Variable v = {
        .all = all, .arena = all->arena, .daemon = all->options->daemon, .remark = remark};
    CrontabRemark found = *remark;
    v.remark = &found;
    if (!take_apart(&v, line))
        return false;
    *remark = found;
    v.remark = remark;
    remark->what = arena_printf(v.arena, "variable %s", cronremark_show(v.arena, v.name));
    if (!is_portable(v.name))
        refuse(&v, "set it in the command: env 'NAME=VALUE' COMMAND",
            "a variable's name has letters, digits and _, no digit first");
    else if (is_answered(v.value))
        refuse(&v, "set it in the command instead",
            "cron takes '${...}' as it stands, a Clockfile for a variable of clock's own");
    else if (is(&v, "LOGNAME"))
        note(&v, "left out: cron sets it itself, and so does clock work");
    else if (is(&v, "SHELL"))
        set_shell(&v);
    else if (is(&v, "CRON_TZ") && v.daemon != CRONTAB_DEBIAN)
        set_zone(&v);
    else if (is(&v, "RANDOM_DELAY") && v.daemon != CRONTAB_DEBIAN)
        set_delay(&v);
    else
        set_other(&v);
    return true;
}

CronVariables
cronvariable_none(Arena *arena, const CrontabOptions *options, Zones *zones, size_t *kept)
{
    CronVariables all = {
        .arena = arena, .options = options, .zones = zones, .shell = CRON_SHELL};
    all.kept = kept;
    Error ignored;
    if (!zone_load(zones, options->zone, &all.host, &ignored))
        abort(); /* crontab_new has loaded it */
    all.zone = all.host;
    if (options->daemon == CRONTAB_CRONIE) {
        CrontabRemark unread = {.text = ""};
        Variable path = {.all = &all,
            .arena = arena,
            .name = "PATH",
            .value = CRONIE_PATH,
            .remark = &unread};
        set(&path);
    }
    return all;
}

bool
cronvariable_apply(CronVariables *all, CrontabEntry *entry, CrontabRemark *remark)
{
    Arena *arena = all->arena;
    if (all->shared == NULL) {
        *all->kept += all->n;
        if (*all->kept > VARIABLES_MAX) {
            cronremark_add(arena, remark, CRONTAB_REFUSED, "import fewer lines at a time",
                "the variables above the entries are too many");
            return false;
        }
        const char **env = arena_array(arena, all->n + 1, sizeof *env);
        if (all->n > 0)
            memcpy(env, all->env, all->n * sizeof *env);
        all->shared = env;
    }
    entry->env = all->shared;
    entry->shell = all->shell;
    entry->zone = all->zone;
    entry->jitter_s = all->jitter_s;
    if (all->unknown_zone != 0 && entry->enabled)
        cronremark_add(arena, remark, CRONTAB_DECISION, "correct CRON_TZ, and import again",
            arena_printf(arena, "the zone of line %u is unknown, so its fields are read in %s",
                all->unknown_zone, zone_name(entry->zone)));
    return true;
}
