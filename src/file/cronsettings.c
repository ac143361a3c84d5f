/* What no other file knows: how a crontab that is written comes to hold, line by line, the
 * variables that each of its jobs needs. */

#include "file/cronsettings.h"

#include <string.h>

#include "file/cronshell.h"
#include "time/span.h"

#define DELAY_MAX_S (24 * 3600)

/* ---- what is lost ---- */

void
cronsettings_lose(Text *lost, const char *what)
{
    text_add(lost, lost->len > 0 ? ", " : "");
    text_add(lost, what);
}

void
cronsettings_lose_span(Text *lost, const char *what, int64_t span_s)
{
    cronsettings_lose(lost, what);
    text_add_char(lost, ' ');
    span_write(lost, span_s);
}

static void
lose(CronSettings *s, const char *before, const char *name, const char *behind)
{
    cronsettings_lose(s->lost, arena_printf(s->arena, "%s %s%s", before, name, behind));
}

/* ---- variables ---- */

/* True when cronie takes the line as Debian's cron does, or one of them does not count. */
static bool
is_agreed(const CronSettings *s, const char *line, const char *value)
{
    const char *name, *read;
    return s->whom != CRONTAB_EITHER ||
           (cronline_variable(s->arena, DAEMON_CRONIE, line, &name, &read) &&
               strcmp(read, value) == 0);
}

static void
assign(CronSettings *s, const char *name, const char *value)
{
    const char *line;
    if (!cronline_assign(s->arena, s->daemon, name, value, &line)) {
        lose(s, "the value of", name, "");
        return;
    }
    text_addf(s->text, "%s\n", line);
    if (!is_agreed(s, line, value))
        lose(s, "the value of", name, ", under cronie");
}

/* The place of the variable in s->env; s->n: not set so far. */
static size_t
find(const CronSettings *s, const char *name, size_t len)
{
    size_t i = 0;
    while (i < s->n && (strncmp(s->env[i], name, len) != 0 || s->env[i][len] != '='))
        i++;
    return i;
}

/* False: it has that value already. */
static bool
remember(CronSettings *s, const char *assignment)
{
    size_t i = find(s, assignment, strcspn(assignment, "="));
    if (i < s->n && strcmp(s->env[i], assignment) == 0)
        return false;
    if (s->n == s->cap) {
        size_t cap = s->cap == 0 ? 16 : s->cap * 2;
        s->env = arena_grow(s->arena, s->env, s->cap * sizeof *s->env, cap * sizeof *s->env);
        s->cap = cap;
    }
    s->n += i == s->n;
    s->env[i] = assignment;
    return true;
}

static void
set(CronSettings *s, const char *assignment)
{
    size_t len = strcspn(assignment, "=");
    if (remember(s, assignment))
        assign(s, arena_copy(s->arena, assignment, len), assignment + len + 1);
}

/* A variable that this job must not have: those that cron sets itself can be set back. */
static void
unset(CronSettings *s, const char *name)
{
    if (strcmp(name, "PATH") == 0)
        set(s, "PATH=" CRON_PATH);
    else if (strcmp(name, "SHELL") == 0)
        set(s, "SHELL=" CRON_SHELL);
    else
        lose(s, "the absence of", name, ", set above");
}

static void
say_jitter(CronSettings *s, int64_t jitter_s)
{
    bool whole = jitter_s % 60 == 0 && jitter_s <= DELAY_MAX_S;
    if (!whole || (s->whom == CRONTAB_DEBIAN && jitter_s != 0)) {
        cronsettings_lose_span(s->lost, "jitter", jitter_s);
    } else if (s->jitter_s != jitter_s) {
        s->jitter_s = jitter_s;
        text_addf(s->text, "RANDOM_DELAY=%lld\n", (long long)(jitter_s / 60));
    }
}

/* ---- the whole ---- */

CronSettings
cronsettings_new(Arena *arena, const CrontabOptions *options, Text *text)
{
    bool cronie = options->daemon == CRONTAB_CRONIE;
    CronSettings settings = {.arena = arena,
        .text = text,
        .whom = options->daemon,
        .daemon = cronie ? DAEMON_CRONIE : DAEMON_DEBIAN,
        .zone = options->zone};
    if (cronie)
        remember(&settings, "PATH=" CRONIE_PATH);
    return settings;
}

const char *
cronsettings_value(const Job *job, const char *name, const char *otherwise)
{
    size_t len = strlen(name);
    for (size_t i = 0; job->env != NULL && job->env[i] != NULL; i++) {
        if (strncmp(job->env[i], name, len) == 0 && job->env[i][len] == '=')
            return job->env[i] + len + 1;
    }
    return otherwise;
}

void
cronsettings_say(CronSettings *s, const Job *job, const char *zone, Text *lost)
{
    size_t before = s->text->len;
    s->lost = lost;
    for (size_t i = 0; i < s->n; i++) {
        const char *name = arena_copy(s->arena, s->env[i], strcspn(s->env[i], "="));
        if (cronsettings_value(job, name, NULL) == NULL)
            unset(s, name);
    }
    for (size_t i = 0; job->env != NULL && job->env[i] != NULL; i++)
        set(s, job->env[i]);
    s->by_cronie = s->by_cronie || strcmp(s->zone, zone) != 0 || job->jitter_s != 0;
    if (strcmp(s->zone, zone) != 0)
        assign(s, "CRON_TZ", zone);
    s->zone = zone;
    say_jitter(s, job->jitter_s);
    if (s->text->len > before)
        text_add_char(s->text, '\n');
}
