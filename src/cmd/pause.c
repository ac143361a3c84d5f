/* clock pause: jobs that fire no more until told, or until an instant. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/text.h"
#include "cmd/ask.h"
#include "cmd/out.h"
#include "cmd/target.h"
#include "db/operator.h"
#include "time/instant.h"

#define REASON_MAX 1000

static const Option options[] = {
    {0, "reason", "TEXT", "why, for whoever looks at clock status tonight; must be given"},
    {0, "until", "TIME", "the pause ends by itself then (default: with clock resume)"},
    {0, "tag", "NAME", "all enabled jobs of the Clockfile with this tag"},
    {0, "name", "NAME", "the Clockfile's name in the database (default: that of the file)"},
    {'f', "file", "FILE", "the Clockfile, for its name and tags"},
    {0, NULL, NULL, NULL},
};

static bool
read_reason(const Context *context, const char **reason, Error *error)
{
    *reason = context_option(context, "reason");
    if (*reason == NULL || **reason == '\0') {
        error_set(error, ERR_USAGE, "why? --reason is wanted");
        return error_hint(error, "--reason 'the bank is down, ask Ann'");
    }
    if (strlen(*reason) > REASON_MAX)
        return error_set(error, ERR_USAGE, "--reason is longer than %d bytes", REASON_MAX);
    return true;
}

static bool
say(Context *context, const JobRow *rows, size_t n, int64_t until_s, Error *error)
{
    Text text = text_new(context->arena);
    for (size_t i = 0; i < n; i++) {
        text_add(&text, rows[i].paused ? "still paused: " : "paused ");
        text_add_safe(&text, rows[i].job, strlen(rows[i].job));
        if (until_s != INT64_MAX) {
            text_add(&text, " until ");
            instant_write_utc(&text, until_s);
        }
        text_add_char(&text, '\n');
    }
    text_add(&text, "running clocks know within 10 s, and fire nothing of it meanwhile\n");
    return out_text(&text, error);
}

static bool
check(Context *context, Error *error)
{
    const char *reason;
    int64_t until_s;
    return target_check(context, error) && read_reason(context, &reason, error) &&
           ask_instant(context, "until", INT64_MAX, &until_s, error);
}

static bool
run(Context *context, Error *error)
{
    const char *name, *reason;
    const char *const *jobs;
    size_t n, n_rows;
    int64_t until_s;
    JobRow *rows;
    if (!read_reason(context, &reason, error) ||
        !ask_instant(context, "until", INT64_MAX, &until_s, error) ||
        !target_one(context, &name, error) || !target_jobs(context, &jobs, &n, error))
        return false;
    if (operator_pause(
            context->pg, context->arena, name, jobs, n, until_s, reason, &rows, &n_rows, error))
        return say(context, rows, n_rows, until_s, error);
    if (error->kind == ERR_DB_AWAY)
        error_hint(error, "it may have been done; to type it again does no harm");
    return false;
}

const Command command_pause = {
    .name = "pause",
    .operands = "JOB ...",
    .summary = "stop the fires of jobs, until told or until an instant",
    .detail =
        "What falls due meanwhile is recorded as missed when the pause ends.  Rows that are\n"
        "there already are worked.  Exit status 1 when a job is not in force.",
    .options = options,
    .needs = NEED_SCHEMA,
    .max_operands = 100000,
    .check = check,
    .run = run,
};
