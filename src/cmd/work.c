/* clock work: runs the commands of a Clockfile for the rows that clock run has made, until it
 * is told to stop.  A row never carries a command: it names a job, and the file says what that
 * is. */

#include "cmd/cmd.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wake.h"
#include "cmd/needs.h"
#include "proc/report.h"
#include "proc/service.h"
#include "proc/worker.h"
#include "time/span.h"

#define CONCURRENCY 10
#define LEASE_S 30
#define LEASE_MAX_S 86400
#define GRACE_S 20
#define GRACE_MAX_S (7 * 86400)

static bool work(Context *context, Error *error);

static const Option options[] = {
    {0, "queues", "Q,...", "take rows of these queues (default: those of the file's commands)"},
    {0, "concurrency", "N", "commands at once, up to 256 (default 10)"},
    {0, "lease", "D", "how soon the row of a lost worker is taken by another (default 30s)"},
    {0, "grace", "D", "after SIGTERM, wait this long for commands to end (default 20s)"},
    {0, "allow-root", NULL, "run as root, and the commands too"},
    {0, "log-format", "FORMAT", "logfmt (default) or json"},
    {0, "db", "CONNINFO", "the database; default: DATABASE_URL, else libpq's environment"},
    {0, NULL, NULL, NULL},
};

const Command command_work = {
    .name = "work",
    .operands = "[FILE]",
    .summary = "run the commands of a Clockfile for the rows that are due",
    .detail =
        "Takes rows of jobs that have a command, and runs it.  What a row says is on its\n"
        "standard input as JSON and in CLOCK_JOB, CLOCK_SCHEDULED_AT, CLOCK_ATTEMPT and\n"
        "CLOCK_ID.  SIGTERM drains, a second one ends at once; SIGHUP reads the file again.",
    .options = options,
    .needs = NEED_FILE,
    .max_operands = 1,
    .run = work,
};

static bool
read_format(const Context *context, LogFormat *format, Error *error)
{
    const char *text = context_option(context, "log-format");
    *format = text != NULL && strcmp(text, "json") == 0 ? LOG_JSON : LOG_LOGFMT;
    if (text == NULL || *format == LOG_JSON || strcmp(text, "logfmt") == 0)
        return true;
    error_set(error, ERR_USAGE, "--log-format '%.40s' is not a format", text);
    return error_hint(error, "type --log-format logfmt or --log-format json");
}

static bool
read_span(const Context *context, const char *name, int64_t least_s, int64_t most_s,
    int64_t otherwise_s, int64_t *out_us, Error *error)
{
    const char *text = context_option(context, name);
    int64_t span_s = otherwise_s;
    Error cause;
    if (text != NULL && !span_read(text, least_s, most_s, &span_s, &cause)) {
        error_set(error, ERR_USAGE, "--%s: %s", name, cause.text);
        return error_hint(error, "%s", cause.hint);
    }
    *out_us = span_s * 1000000;
    return true;
}

/* "a,b" as a NULL-terminated list, or NULL when not given. */
static bool
read_queues(const Context *context, const char *const **out, Error *error)
{
    const char *text = context_option(context, "queues");
    *out = NULL;
    if (text == NULL)
        return true;
    const char **list = arena_array(context->arena, strlen(text) + 2, sizeof *list);
    size_t n = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        if (len == 0 || len > CLOCKFILE_MAX_NAME) {
            error_set(error, ERR_USAGE, "--queues has a name of %zu bytes", len);
            return error_hint(error, "for example --queues mail,reports");
        }
        list[n++] = arena_copy(context->arena, text, len);
        if (text[len] == '\0')
            break;
        text += len + 1;
    }
    *out = list;
    return true;
}

static bool
check_user(const Context *context, Error *error)
{
    if (geteuid() != 0 || context_option(context, "allow-root") != NULL)
        return true;
    error_set(error, ERR_USAGE, "as root every command of the Clockfile would run as root");
    return error_hint(error, "run it as a user of its own, or add --allow-root");
}

static bool
work(Context *context, Error *error)
{
    LogFormat format = LOG_LOGFMT;
    int64_t concurrency;
    WorkerOptions worker = {
        .conninfo = context->db,
        .path = context->path,
        .file = context->file,
        .configured = context_has_server(context),
    };
    if (!read_format(context, &format, error) ||
        !context_number(context, "concurrency", 1, WORKER_MAX_CONCURRENCY, CONCURRENCY,
            &concurrency, error) ||
        !read_span(context, "lease", 1, LEASE_MAX_S, LEASE_S, &worker.lease_us, error) ||
        !read_span(context, "grace", 0, GRACE_MAX_S, GRACE_S, &worker.grace_us, error) ||
        !read_queues(context, &worker.queues, error) || !check_user(context, error))
        return false;
    worker.concurrency = (size_t)concurrency;
    if (!wake_catch(0))
        return error_system(error, ERR_BUG, "cannot make a pipe");
    service_setup();
    log_setup(format, LOG_INFO);
    report_warnings(context->diags);
    worker.load = context->load;
    context->load = NULL; /* it is the worker's now */
    return worker_run(&worker, error);
}
