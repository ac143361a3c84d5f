/* clock run: fires a Clockfile's jobs into the database, until it is told to stop.  It connects
 * by itself, since it waits for a database where other commands give up. */

#include "cmd/cmd.h"

#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/wake.h"
#include "cmd/needs.h"
#include "proc/dispatcher.h"
#include "proc/report.h"
#include "proc/service.h"
#include "time/span.h"

/* A stop is over by then in any state: the promise is 2 s. */
#define STOP_GRACE_MS 1800

#define WAIT_MAX_S (365 * INT64_C(86400))

static bool run(Context *context, Error *error);

static const Option options[] = {
    {0, "wait", "D", "at the start, wait this long for the database (default: for ever)"},
    {0, "watch", NULL, "read the file again when it has changed, as on SIGHUP"},
    {0, "replace", NULL, "put the file in force though it shares no job with the one that is"},
    {0, "metrics-file", "PATH", "keep metrics there, for Prometheus' textfile collector"},
    {0, "log-format", "FORMAT", "logfmt (default) or json"},
    {0, "db", "CONNINFO", "the database; default: DATABASE_URL, else libpq's environment"},
    {0, NULL, NULL, NULL},
};

const Command command_run = {
    .name = "run",
    .operands = "[FILE]",
    .summary = "fire the jobs of a Clockfile into the database",
    .detail =
        "Runs until SIGTERM or SIGINT; SIGHUP reads the file again, all or nothing.  Any\n"
        "number of clocks may run the same file: each fire is still one row.",
    .options = options,
    .needs = NEED_FILE,
    .max_operands = 1,
    .run = run,
};

static bool
read_format(const Context *context, LogFormat *format, Error *error)
{
    const char *text = context_option(context, "log-format");
    if (text == NULL || strcmp(text, "logfmt") == 0) {
        *format = LOG_LOGFMT;
        return true;
    }
    if (strcmp(text, "json") == 0) {
        *format = LOG_JSON;
        return true;
    }
    error_set(error, ERR_USAGE, "--log-format '%.40s' is not a format", text);
    return error_hint(error, "type --log-format logfmt or --log-format json");
}

static bool
read_wait(const Context *context, int64_t *wait_us, Error *error)
{
    const char *text = context_option(context, "wait");
    *wait_us = INT64_MAX;
    if (text == NULL)
        return true;
    int64_t wait_s;
    Error cause;
    if (!span_read(text, 0, WAIT_MAX_S, &wait_s, &cause)) {
        error_set(error, ERR_USAGE, "--wait: %s", cause.text);
        return error_hint(error, "%s", cause.hint);
    }
    *wait_us = wait_s * 1000000;
    return true;
}

/* The file is replaced by another one: as root, /dev/null would be too. */
static bool
check_metrics(const char *path, Error *error)
{
    struct stat there;
    if (path == NULL || (*path != '\0' && (lstat(path, &there) != 0 || S_ISREG(there.st_mode))))
        return true;
    if (*path == '\0')
        error_set(error, ERR_USAGE, "--metrics-file wants a path");
    else
        error_set(error, ERR_USAGE,
            "--metrics-file '%.200s' is no regular file, and would be replaced by one", path);
    return error_hint(error, "for example --metrics-file /var/lib/node_exporter/clock.prom");
}

static bool
run(Context *context, Error *error)
{
    LogFormat format = LOG_LOGFMT;
    DispatcherOptions dispatcher = {
        .conninfo = context->db,
        .path = context->path,
        .metrics_path = context_option(context, "metrics-file"),
        .file = context->file,
        .load = context->load,
        .configured = context_has_server(context),
        .watch = context_option(context, "watch") != NULL,
        .replace = context_option(context, "replace") != NULL,
    };
    if (!read_format(context, &format, error) ||
        !read_wait(context, &dispatcher.wait_us, error))
        return false;
    if (strcmp(context->path, "-") == 0) {
        error_set(
            error, ERR_USAGE, "'-' cannot be run: a clock reads its file again on SIGHUP");
        return error_hint(error, "write it to a file, or type clock next - to look at it");
    }
    if (!check_metrics(dispatcher.metrics_path, error))
        return false;
    if (!wake_catch(STOP_GRACE_MS))
        return error_system(error, ERR_BUG, "cannot make a pipe");
    service_setup();
    log_setup(format, LOG_INFO);
    context->load = NULL; /* the dispatcher frees it when another file takes its place */
    report_warnings(context->diags);
    return dispatcher_run(&dispatcher, error);
}
