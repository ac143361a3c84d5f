/* clock import: crontabs become a Clockfile on stdout; on stderr every line is accounted for,
 * and what a person has to decide is said.  With --shadow nothing is written: cron's own log is
 * held against what clock would have fired. */

#include "cmd/cmd.h"

#include <limits.h>
#include <string.h>

#include "cmd/cronargs.h"
#include "cmd/out.h"
#include "cmd/shadow.h"
#include "file/cronname.h"
#include "file/crontab.h"
#include "file/cronyaml.h"
#include "file/input.h"
#include "file/pool.h"

static bool run(Context *context, Error *error);

static const Option options[] = {
    {0, "system", NULL, "a user stands before each command, as in /etc/crontab"},
    {0, "cron", "DAEMON", "whose crontab it is: debian or cronie (default: tell differences)"},
    {0, "tz", "ZONE", "the zone of the crontab's host (default: that of this one)"},
    {0, "shadow", "LOG", "compare with what cron's log says it ran, and write no Clockfile"},
    {0, "year", "YEAR", "with --shadow: the year in which the log begins"},
    {0, "json", NULL, "with --shadow: one JSON object a difference"},
    {0, "user", "NAME", "with --shadow: whose crontab it is (default: who ran its commands)"},
    {0, NULL, NULL, NULL},
};

const Command command_import = {
    .name = "import",
    .operands = "FILE...",
    .summary = "make a Clockfile out of crontabs",
    .detail =
        "Writes the Clockfile to standard output, and an account of every line to standard\n"
        "error.  - is standard input: crontab -l | clock import - > Clockfile.yml.  Exit\n"
        "status 1 when a line needs a decision or is refused, 3 when nothing can be read.",
    .options = options,
    .max_operands = INT_MAX,
    .run = run,
};

/* ---- the account ---- */

static void
add_place(Text *text, const CrontabRemark *remark)
{
    text_add_safe(text, remark->path, strlen(remark->path));
    if (remark->pos.line != 0)
        text_addf(text, ":%u:%u", remark->pos.line, remark->pos.col);
    text_add(text, ": ");
}

/* `crontab:3:1: converted: job "backup"; what stands behind '%' is its standard input` */
static void
add_remark(Text *text, const Crontab *crontab, const CrontabRemark *remark)
{
    static const char *const outcomes[] = {
        [CRONTAB_CONVERTED] = "converted: ",
        [CRONTAB_LEFT] = "left out: ",
        [CRONTAB_DECISION] = "decision: ",
        [CRONTAB_REFUSED] = "refused: ",
    };
    const char *between = "";
    add_place(text, remark);
    text_add(text, remark->what[0] == '\0' && remark->entry == CRONTAB_NO_ENTRY &&
                           remark->outcome == CRONTAB_CONVERTED
                       ? "note: "
                       : outcomes[remark->outcome]);
    text_add(text, remark->what);
    if (remark->entry != CRONTAB_NO_ENTRY)
        text_addf(text, "job \"%s\"", crontab->entries[remark->entry].name);
    if (remark->what[0] != '\0' || remark->entry != CRONTAB_NO_ENTRY)
        between = "; ";
    if (remark->text[0] != '\0')
        text_addf(text, "%s%s", between, remark->text);
    if (remark->hint != NULL)
        text_addf(text, "; %s", remark->hint);
    text_add_char(text, '\n');
}

static void
add_count(Text *text, const char *between, size_t n, const char *what)
{
    text_addf(text, "%s%zu %s%s", between, n, what, n == 1 ? "" : "s");
}

/* The parts add up to the lines. */
static void
add_counts(Text *text, const CrontabCounts *counts)
{
    add_count(text, "", counts->files, "file");
    add_count(text, ", ", counts->lines, "line");
    add_count(text, ": ", counts->entries, "job");
    if (counts->disabled > 0)
        text_addf(text, " (%zu not enabled)", counts->disabled);
    add_count(text, ", ", counts->variables, "variable");
    add_count(text, ", ", counts->comments, "comment");
    text_addf(text, ", %zu blank, %zu refused; %zu need%s a decision\n", counts->blank,
        counts->refused, counts->decisions, counts->decisions == 1 ? "s" : "");
}

/* Each user's jobs want a worker of that user. */
static void
add_queues(Text *text, const Crontab *crontab)
{
    Pool *users = pool_new(crontab->arena);
    for (size_t i = 0; i < crontab->n; i++) {
        const char *user = crontab->entries[i].user;
        if (user != NULL)
            pool_entry(users, user, strlen(user));
    }
    for (PoolEntry *it = pool_next(users, NULL); it != NULL; it = pool_next(users, it))
        text_addf(text, "worked by: clock work --queues " CRONTAB_QUEUE_PREFIX "%s%s (as %s)\n",
            it->at, strcmp(it->at, "root") == 0 ? " --allow-root" : "", it->at);
}

static void
tell(const Crontab *crontab, const char *zone_from)
{
    Text text = text_new(crontab->arena);
    for (size_t i = 0; i < crontab->n_remarks; i++)
        add_remark(&text, crontab, &crontab->remarks[i]);
    add_counts(&text, &crontab->counts);
    text_addf(&text, "zone: %s, by %s%s\n", crontab->options.zone, zone_from,
        strcmp(zone_from, "--tz") == 0 ? ""
                                       : "; type --tz ZONE if it is another host's crontab");
    add_queues(&text, crontab);
    out_aside(&text);
}

/* ---- reading ---- */

/* Reads all files that can be read; *error tells of the last one that cannot. */
static bool
read_files(const Context *context, Crontab *crontab, size_t *unread, Error *error)
{
    *unread = 0;
    for (int i = 0; i < context->n_operands; i++) {
        const char *path = context->operands[i];
        Diags *diags = diags_new(context->arena, path);
        Text text = text_new(context->arena);
        char *at;
        size_t len;
        if (input_read(context->arena, path, CLOCKFILE_MAX_BYTES, &at, &len, diags, error)) {
            crontab_add(crontab, path, at, len);
        } else if (++*unread < (size_t)context->n_operands) { /* the last is *error's to tell */
            text_addf(&text, "%s: refused: %s\n", text_safe(context->arena, path), error->text);
        }
        diags_write(diags, &text);
        out_aside(&text);
    }
    return *unread < (size_t)context->n_operands;
}

/* The exit status: 1 for whatever a person has to look at. */
static bool
judge(const Crontab *crontab, size_t unread, Error *error)
{
    size_t decisions = crontab->counts.decisions, refused = crontab->counts.refused;
    if (crontab->n == 0 && refused > 0)
        return error_set(error, ERR_INPUT, "no line could be converted: %zu refused", refused);
    if (crontab->n == 0)
        return error_set(error, ERR_NO, "no line is an entry of a crontab");
    if (decisions == 0 && refused == 0 && unread == 0)
        return true;
    Text text = text_new(crontab->arena);
    if (decisions > 0)
        text_addf(
            &text, ", %zu line%s a decision", decisions, decisions == 1 ? " needs" : "s need");
    if (refused > 0)
        text_addf(&text, ", %zu line%s refused", refused, refused == 1 ? " was" : "s were");
    if (unread > 0)
        text_addf(
            &text, ", %zu file%s not be read", unread, unread == 1 ? " could" : "s could");
    error_set(error, ERR_NO, "%s", text.at + 2);
    return error_hint(error, "the Clockfile is written; look at the lines told above");
}

static bool
convert(Context *context, Crontab *crontab, const char *zone_from, size_t unread, Error *error)
{
    cronname_give(crontab);
    if (crontab->n > 0) {
        Text text = text_new(context->arena);
        if (!cronyaml_write(crontab, &text, NULL, error) || !out_text(&text, error))
            return false;
    }
    tell(crontab, zone_from);
    return judge(crontab, unread, error);
}

/* Standard input can be read once. */
static bool
check_inputs(const Context *context, const char *log, Error *error)
{
    bool taken = log != NULL && strcmp(log, "-") == 0;
    for (int i = 0; i < context->n_operands; i++) {
        if (strcmp(context->operands[i], "-") != 0)
            continue;
        if (taken) {
            error_set(error, ERR_USAGE, "standard input can be one file only");
            return error_hint(error, "type crontab -l > my.crontab, and name that file");
        }
        taken = true;
    }
    return true;
}

static bool
run(Context *context, Error *error)
{
    CrontabOptions chosen;
    Crontab *crontab;
    const char *zone_from, *log = context_option(context, "shadow");
    size_t unread;
    if (context->n_operands == 0) {
        error_set(error, ERR_USAGE, "which crontab?");
        return error_hint(error, "name a file, or type crontab -l | clock import -");
    }
    if (!check_inputs(context, log, error) ||
        !cronargs_read(context, &chosen, &zone_from, error) ||
        !crontab_new(context->arena, &chosen, &crontab, error) ||
        !read_files(context, crontab, &unread, error))
        return false;
    if (log == NULL)
        return convert(context, crontab, zone_from, unread, error);
    cronname_give(crontab);
    return shadow_run(context, crontab, log, error);
}
