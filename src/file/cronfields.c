/* What no other file knows: which schedules five crontab fields can say, so that the daemons
 * take them as clock does. */

#include "file/cronfields.h"

#include <string.h>

#include "file/crondaemon.h"
#include "file/cronline.h"
#include "file/crontime.h"
#include "plan/cron.h"

/* True when they have one canonical form. */
static bool
is_same(Arena *arena, const Cron *a, const Cron *b)
{
    Text text[2] = {text_new(arena), text_new(arena)};
    CronDialect dialect[2];
    cron_write(a, &text[0], &dialect[0]);
    cron_write(b, &text[1], &dialect[1]);
    return dialect[0] == dialect[1] && strcmp(text[0].at, text[1].at) == 0;
}

/* True when clock reads the fields as `cron`, and takes them back from a crontab as they are.
 * A line that is commented out need not run anywhere. */
static bool
reads_back(
    Arena *arena, CrontabDaemon daemon, const Job *job, const char *fields, const Cron *cron)
{
    Cron read;
    size_t at;
    Error error;
    if (!cron_read(arena, fields, DIALECT_VIXIE, DAYS_CRON, job->name, &read, &at, &error) ||
        !is_same(arena, &read, cron))
        return false;
    Crontime time = crontime_judge(arena, daemon, fields);
    return time.schedule != NULL && strcmp(time.schedule, fields) == 0 &&
           (time.outcome == CRONTAB_CONVERTED || !job->enabled);
}

/* What cronie picks a value for; as it was written, or it would be fixed for ever. */
static bool
is_random(CrontabDaemon daemon, const char *written)
{
    Cron cron;
    return daemon != CRONTAB_DEBIAN && strchr(written, '~') != NULL &&
           crondaemon_read(DAEMON_CRONIE, written, &cron) == DAEMON_RANDOM;
}

/* The text between `begin` and the zone, when these are all that the rule has. */
static bool
split(Arena *arena, const char *rule, const char **fields, const char **zone)
{
    static const char begin[] = "cron ", middle[] = "; zone ";
    const char *end = strstr(rule, middle);
    if (strncmp(rule, begin, sizeof begin - 1) != 0 || end == NULL ||
        strchr(end + 1, ';') != NULL)
        return false;
    const char *from = rule + sizeof begin - 1;
    *fields = arena_copy(arena, from, (size_t)(end - from));
    *zone = end + sizeof middle - 1;
    return true;
}

/* The fields to write for those of the canonical text; NULL: none will do. */
static const char *
choose(Arena *arena, CrontabDaemon daemon, const Job *job, const char *canonical)
{
    Cron cron;
    size_t at;
    Error error;
    bool alone = strchr(job->spec, '\n') == NULL;
    const char *written = cronline_squeeze(arena, job->written, strlen(job->written));
    if (alone && is_random(daemon, written))
        return written;
    if (!cron_read(arena, canonical, DIALECT_VIXIE, DAYS_CRON, "", &cron, &at, &error))
        return NULL;
    if (alone && reads_back(arena, daemon, job, written, &cron))
        return written;
    return reads_back(arena, daemon, job, canonical, &cron) ? canonical : NULL;
}

bool
cronfields_say(Arena *arena, CrontabDaemon daemon, const Job *job, const char *rule,
    const char **fields, const char **zone)
{
    const char *canonical, *where;
    if (!split(arena, rule, &canonical, &where))
        return false;
    const char *found = choose(arena, daemon, job, canonical);
    if (found == NULL)
        return false;
    *fields = found;
    *zone = where;
    return true;
}
