/* What no other file knows: where clock and the daemons read the same time fields differently,
 * and what is written then: what the daemon did, with clock's reading as the other choice; and
 * what no daemon ever ran stays switched off. */

#include "file/crontime.h"

#include <string.h>

#include "file/crondaemon.h"
#include "plan/cron.h"

/* How a daemon reads the fields. */
typedef struct {
    const char *name;
    DaemonVerdict verdict;
    Cron cron;
} Reading;

/* All three readings. */
typedef struct {
    Arena *arena;
    const char *fields;
    bool is_ours; /* clock can read it */
    Cron ours;
    Error error; /* why it cannot */
    size_t at;
    Reading debian, cronie;
} Case;

static const char *
written(Arena *arena, const Cron *cron)
{
    CronDialect dialect;
    Text text = text_new(arena);
    cron_write(cron, &text, &dialect);
    return text.at;
}

static const char *
quoted(Arena *arena, const char *text)
{
    return arena_printf(arena, "\"%s\"", text_safe(arena, text));
}

static bool
is_same(const Case *c, const Reading *reading)
{
    return c->is_ours && reading->verdict == DAEMON_FIRES &&
           crondaemon_same(&reading->cron, &c->ours);
}

/* What is probably meant: clock's reading, or with backwards ranges going round. */
static const char *
meant(const Case *c)
{
    Cron cron;
    if (c->is_ours)
        return c->fields;
    if (crondaemon_read(DAEMON_WRAPPING, c->fields, &cron) == DAEMON_FIRES)
        return written(c->arena, &cron);
    return NULL;
}

static Crontime
convert(const Case *c, const char *text)
{
    return (Crontime){.outcome = CRONTAB_CONVERTED,
        .schedule = c->fields,
        .enabled = true,
        .differs = text != NULL,
        .text = text};
}

static Crontime
refuse(const Case *c)
{
    const char *hint = c->error.hint;
    return (Crontime){.outcome = CRONTAB_REFUSED,
        .text = text_safe(c->arena, c->error.text),
        .hint = *hint == '\0' ? NULL : text_safe(c->arena, hint),
        .at = c->at};
}

/* Taken by a daemon that then never runs it, or by none though clock can read it. */
static Crontime
switch_off(const Case *c, const char *text)
{
    const char *schedule = meant(c);
    if (schedule == NULL)
        return refuse(c);
    return (Crontime){.outcome = CRONTAB_DECISION,
        .schedule = schedule,
        .text = text,
        .hint = arena_printf(c->arena,
            "written with enabled: false and %s; remove enabled: false if that is meant",
            quoted(c->arena, schedule))};
}

/* What this daemon did differs from what clock would do. */
static Crontime
follow(const Case *c, const Reading *reading)
{
    const char *schedule = written(c->arena, &reading->cron);
    Crontime out = {
        .outcome = CRONTAB_DECISION,
        .schedule = schedule,
        .enabled = true,
        .text = arena_printf(c->arena, "%s reads %s as %s", reading->name,
            quoted(c->arena, c->fields), quoted(c->arena, schedule)),
    };
    const char *other = meant(c);
    out.hint = other == NULL || strcmp(other, schedule) == 0
                   ? "written as it was run; correct it if something else is meant"
                   : arena_printf(c->arena, "written as it was run; if it was meant, write %s",
                         quoted(c->arena, other));
    return out;
}

/* One daemon's word counts, or both say the same. */
static Crontime
judge_one(const Case *c, const Reading *reading)
{
    switch (reading->verdict) {
    case DAEMON_RANDOM:
        return c->is_ours
                   ? convert(c, "cronie picks a value for '~' whenever it reads the crontab, "
                                "clock one that stays")
                   : refuse(c);
    case DAEMON_NEVER:
        return switch_off(c,
            arena_printf(c->arena, "a range runs backwards: %s takes it and never runs the job",
                reading->name));
    case DAEMON_REFUSES:
        return switch_off(c, arena_printf(c->arena,
                                 "%s refuses %s and never ran it; clock "
                                 "can read it",
                                 reading->name, quoted(c->arena, c->fields)));
    case DAEMON_FIRES:
        return is_same(c, reading) ? convert(c, NULL) : follow(c, reading);
    }
    return refuse(c);
}

/* Debian's word counts, unless only cronie takes the line at all. */
static Crontime
judge_both(const Case *c)
{
    const Reading *debian = &c->debian, *cronie = &c->cronie;
    if (debian->verdict == DAEMON_REFUSES && cronie->verdict == DAEMON_REFUSES)
        return judge_one(c, &(Reading){"cron", DAEMON_REFUSES, {0}});
    if (debian->verdict == DAEMON_REFUSES)
        return judge_one(c, cronie);
    Crontime out = judge_one(c, debian);
    if (out.outcome != CRONTAB_DECISION)
        return out;
    if (is_same(c, cronie))
        out.text = arena_printf(c->arena, "%s; cronie reads it as clock does", out.text);
    else if (cronie->verdict == DAEMON_REFUSES)
        out.text = arena_printf(c->arena, "%s; cronie refuses it", out.text);
    return out;
}

/* Macros are the same everywhere, but @reboot is no schedule; others have more of them. */
static Crontime
judge_macro(const Case *c)
{
    if (c->is_ours)
        return convert(c, NULL);
    if (strcmp(c->fields, "@every") != 0 && strcmp(c->fields, "@at") != 0) {
        Crontime out = refuse(c);
        if (strcmp(c->fields, "@reboot") != 0 &&
            (out.hint == NULL || strncmp(out.hint, "did you", 7) != 0))
            out.hint = strcmp(c->fields, "@every_minute") == 0
                           ? "write * * * * *"
                           : "write five fields, @hourly, @daily, @weekly, @monthly or @yearly";
        return out;
    }
    return (Crontime){.outcome = CRONTAB_REFUSED,
        .text = arena_printf(c->arena, "cron knows no '%s'", c->fields),
        .hint = "clock does: write schedule: \"@every 5m\" in the Clockfile"};
}

Crontime
crontime_judge(Arena *arena, CrontabDaemon daemon, const char *fields)
{
    Case c = {.arena = arena,
        .fields = fields,
        .debian = {.name = "Debian's cron"},
        .cronie = {.name = "cronie"}};
    c.is_ours =
        cron_read(arena, fields, DIALECT_VIXIE, DAYS_CRON, "", &c.ours, &c.at, &c.error);
    if (fields[0] == '@')
        return judge_macro(&c);
    c.debian.verdict = crondaemon_read(DAEMON_DEBIAN, fields, &c.debian.cron);
    c.cronie.verdict = crondaemon_read(DAEMON_CRONIE, fields, &c.cronie.cron);
    switch (daemon) {
    case CRONTAB_DEBIAN:
        return judge_one(&c, &c.debian);
    case CRONTAB_CRONIE:
        return judge_one(&c, &c.cronie);
    case CRONTAB_EITHER:
        return judge_both(&c);
    }
    return refuse(&c);
}
