/* What no other file knows: what of a job a crontab can say, and in which lines.  Whatever is
 * written is read back first, as the daemons would, so that it means the same or is named. */

#include "file/cronexport.h"

#include <stdlib.h>
#include <string.h>

#include "file/croncomment.h"
#include "file/crondaemon.h"
#include "file/cronentry.h"
#include "file/cronfields.h"
#include "file/cronline.h"
#include "file/cronsettings.h"
#include "file/cronshell.h"

typedef struct {
    Arena *arena;
    const CrontabOptions *options;
    CrontabKind kind;
    Daemon daemon; /* whose '%' and quotes */
    Text *text, *report;
    const Clockfile *file;
    CronSettings settings;
    CrontabExport result;
} Writer;

/* One job on its way. */
typedef struct {
    const Job *job;
    Text lost;          /* "; priority 5; tags" */
    const char **times; /* the fields of each line, NULL-terminated */
    const char *command;
    const char *zone;
} Draft;

static void
lose(Draft *draft, const char *what)
{
    cronsettings_lose(&draft->lost, what);
}

/* The job cannot be in a crontab. */
static bool
leave(Writer *w, const Draft *draft, const char *why)
{
    const Job *job = draft->job;
    text_add_safe(w->report, w->file->path, strlen(w->file->path));
    text_addf(w->report, ":%u:%u: job \"%s\" is left out: %s\n", job->pos.line, job->pos.col,
        job->name, why);
    w->result.left++;
    return false;
}

/* ---- when ---- */

static bool
say_when(Writer *w, Draft *draft)
{
    const Job *job = draft->job;
    size_t n = 1;
    for (const char *at = job->spec; *at != '\0'; at++)
        n += *at == '\n';
    draft->times = arena_array(w->arena, n + 1, sizeof *draft->times);
    const char *at = job->spec;
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(at, "\n");
        const char *rule = arena_copy(w->arena, at, len);
        const char *zone;
        if (!cronfields_say(w->arena, w->options->daemon, job, rule, &draft->times[i], &zone))
            return leave(w, draft,
                arena_printf(w->arena, "no crontab says \"%s\"", text_safe(w->arena, rule)));
        if (i > 0 && strcmp(zone, draft->zone) != 0)
            return leave(w, draft, "its schedules are in several zones");
        draft->zone = zone;
        at += len + 1;
    }
    if (n > 1)
        lose(draft, "several schedules are several jobs");
    if (w->options->daemon == CRONTAB_DEBIAN && strcmp(draft->zone, w->options->zone) != 0)
        return leave(w, draft,
            arena_printf(w->arena,
                "Debian's cron reads all fields in the zone of its host, "
                "not in %s",
                draft->zone));
    return true;
}

/* ---- what ---- */

/* The line for the shell that is in force, and its input. */
static void
take_command(Writer *w, const Job *job, const char **line, const char **input)
{
    const char *shell;
    if (cronshell_parse(job->command, &shell, line, input) &&
        strcmp(shell, cronsettings_value(job, "SHELL", CRON_SHELL)) == 0)
        return;
    Text quoted = text_new(w->arena);
    cronshell_quote(job->command, &quoted);
    *line = quoted.at;
    *input = NULL;
}

static bool
say_what(Writer *w, Draft *draft)
{
    const Job *job = draft->job;
    const char *line, *input;
    if (job->command == NULL)
        return leave(w, draft, "it has no command");
    take_command(w, job, &line, &input);
    line += strspn(line, " \t");
    if (strchr(line, '\n') != NULL)
        return leave(w, draft, "its command has several lines");
    if (!cronline_join(w->arena, w->daemon, line, input, &draft->command))
        return leave(w, draft,
            "no crontab line gives the shell this command, with its "
            "backslashes before '%', '\\' or a line break");
    const char *other;
    if (w->options->daemon == CRONTAB_EITHER &&
        (!cronline_join(w->arena, DAEMON_CRONIE, line, input, &other) ||
            strcmp(other, draft->command) != 0))
        lose(draft, "the backslashes in its command, under cronie");
    if (w->daemon == DAEMON_DEBIAN && strlen(draft->command) > CRONDAEMON_COMMAND_MAX)
        lose(draft, "a command so long, under Debian");
    return true;
}

/* ---- who ---- */

static bool
names_user(const Job *job)
{
    return strncmp(job->queue, CRONTAB_QUEUE_PREFIX, sizeof CRONTAB_QUEUE_PREFIX - 1) == 0 &&
           job->queue[sizeof CRONTAB_QUEUE_PREFIX - 1] != '\0';
}

static bool
say_who(Writer *w, Draft *draft)
{
    const Job *job = draft->job;
    if (w->kind == CRONTAB_SYSTEM && !names_user(job))
        return leave(w, draft,
            arena_printf(
                w->arena, "its queue %s names no user, such as user-root", job->queue));
    if (w->kind == CRONTAB_USER && strcmp(job->queue, "default") != 0)
        lose(draft, arena_printf(w->arena, "queue %s", job->queue));
    return true;
}

/* ---- the rest ---- */

static void
lose_keys(Writer *w, Draft *draft)
{
    const Job *job = draft->job;
    if (strcmp(job->task, job->name) != 0)
        lose(draft, "task");
    if (strcmp(job->payload, "null") != 0)
        lose(draft, "payload");
    if (job->priority != 0)
        lose(draft, arena_printf(w->arena, "priority %d", job->priority));
    if (job->max_attempts != 1)
        lose(draft, arena_printf(w->arena, "max_attempts %d", job->max_attempts));
    if (job->missed != MISSED_SKIP)
        lose(draft, job->missed == MISSED_ALL ? "missed all" : "missed latest");
    if (job->overlap != OVERLAP_ALLOW)
        lose(draft, "overlap skip");
    if (job->timeout_s != 0)
        cronsettings_lose_span(&draft->lost, "timeout", job->timeout_s);
    if (job->tags != NULL && job->tags[0] != NULL)
        lose(draft, "tags");
}

/* ---- lines ---- */

static void
say_description(Writer *w, Draft *draft)
{
    const char *at = draft->job->description;
    while (at != NULL && *at != '\0') {
        size_t len = strcspn(at, "\n");
        const char *line = arena_copy(w->arena, at, len);
        CrontabEntry ignored;
        CrontabRemark remark = {.text = ""};
        Comment read = croncomment_read(
            w->arena, w->options, arena_printf(w->arena, "# %s", line), &ignored, &remark);
        if (read.kind == COMMENT_TEXT && strcmp(read.text, line) == 0)
            text_addf(w->text, "# %s\n", line);
        else
            lose(draft, "a line of its description");
        at += len + (at[len] == '\n');
    }
}

/* The n-th line of the job. */
static const char *
line_of(const Writer *w, const Draft *draft, size_t n)
{
    const char *user = "", *blank = "";
    if (w->kind == CRONTAB_SYSTEM) {
        user = draft->job->queue + sizeof CRONTAB_QUEUE_PREFIX - 1;
        blank = " ";
    }
    return arena_printf(w->arena, "%s %s%s%s", draft->times[n], user, blank, draft->command);
}

/* True when the line is read as the entry that it is to be, switched off or not. */
static bool
reads_back(const Writer *w, const Draft *draft, const char *line)
{
    CrontabEntry entry = {.name = NULL};
    CrontabRemark remark = {.text = ""};
    const char *command, *input;
    cronline_percent(w->arena, w->daemon, draft->command, &command, &input);
    if (line[strlen(line) - 1] == '\r') /* would be half of a line break */
        return false;
    if (!cronentry_read(w->arena, w->options, line, &entry, &remark) ||
        strcmp(entry.command, command) != 0)
        return false;
    if (draft->job->enabled)
        return entry.enabled;
    line = arena_printf(w->arena, "#%s", line);
    return croncomment_read(w->arena, w->options, line, &entry, &remark).kind ==
           COMMENT_DISABLED;
}

static bool
check_lines(Writer *w, const Draft *draft)
{
    for (size_t i = 0; draft->times[i] != NULL; i++) {
        if (!reads_back(w, draft, line_of(w, draft, i)))
            return leave(
                w, draft, "as a line of a crontab it would be taken for something else");
    }
    return true;
}

static void
say_lines(Writer *w, const Draft *draft)
{
    const Job *job = draft->job;
    for (size_t i = 0; draft->times[i] != NULL; i++) {
        if (i > 0)
            text_addf(w->text, "# " CRONCOMMENT_NAME "%s-%zu\n", job->name, i + 1);
        text_addf(w->text, "%s%s\n", job->enabled ? "" : "#", line_of(w, draft, i));
    }
    text_add_char(w->text, '\n');
}

static void
say(Writer *w, const Job *job)
{
    Draft draft = {.job = job, .lost = text_new(w->arena)};
    if (!say_when(w, &draft) || !say_what(w, &draft) || !say_who(w, &draft) ||
        !check_lines(w, &draft))
        return;
    lose_keys(w, &draft);
    cronsettings_say(&w->settings, job, draft.zone, &draft.lost);
    text_addf(w->text, "# " CRONCOMMENT_NAME "%s\n", job->name);
    say_description(w, &draft);
    say_lines(w, &draft);
    w->result.said++;
    if (draft.lost.len == 0)
        return;
    w->result.partly++;
    text_add_safe(w->report, w->file->path, strlen(w->file->path));
    text_addf(w->report, ":%u:%u: job \"%s\" loses: %s\n", job->pos.line, job->pos.col,
        job->name, draft.lost.at);
}

/* ---- the whole ---- */

static int
by_place(const void *a, const void *b)
{
    Pos x = (*(const Job *const *)a)->pos, y = (*(const Job *const *)b)->pos;
    if (x.line != y.line)
        return x.line < y.line ? -1 : 1;
    return (x.col > y.col) - (x.col < y.col);
}

static CrontabKind
kind_of(const Clockfile *file, CrontabKind asked)
{
    for (size_t i = 0; i < file->n; i++) {
        if (!names_user(&file->jobs[i]))
            return asked;
    }
    return CRONTAB_SYSTEM;
}

CrontabExport
cronexport_write(Arena *arena, const Clockfile *file, const CrontabOptions *options, Text *text,
    Text *report)
{
    CrontabOptions chosen = *options;
    chosen.kind = kind_of(file, options->kind);
    Writer w = {.arena = arena,
        .options = &chosen,
        .kind = chosen.kind,
        .daemon = options->daemon == CRONTAB_CRONIE ? DAEMON_CRONIE : DAEMON_DEBIAN,
        .text = text,
        .report = report,
        .file = file,
        .settings = cronsettings_new(arena, options, text)};
    const Job **jobs = arena_array(arena, file->n + 1, sizeof *jobs);
    for (size_t i = 0; i < file->n; i++)
        jobs[i] = &file->jobs[i];
    qsort(jobs, file->n, sizeof *jobs, by_place);
    text_addf(
        text, "# Made by clock export; clock import reads the names of the jobs from it.\n\n");
    for (size_t i = 0; i < file->n; i++)
        say(&w, jobs[i]);
    if (options->daemon == CRONTAB_EITHER && w.settings.by_cronie)
        text_addf(report,
            "%s: CRON_TZ and RANDOM_DELAY are cronie's: Debian's cron runs the jobs "
            "below them at other times\n",
            text_safe(arena, file->path));
    return w.result;
}
