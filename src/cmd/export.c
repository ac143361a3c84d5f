/* clock export: a Clockfile's jobs as a crontab on stdout, and on stderr what a crontab cannot
 * say of each.  The way back from clock import. */

#include "cmd/cmd.h"

#include "cmd/cronargs.h"
#include "cmd/out.h"
#include "file/cronexport.h"

static bool run(Context *context, Error *error);

static const Option options[] = {
    {0, "crontab", NULL, "as a crontab, which is all that there is so far"},
    {0, "system", NULL, "with a user before each command, from queues named user-NAME"},
    {0, "cron", "DAEMON", "that is to read it: debian or cronie (default: either)"},
    {0, "tz", "ZONE", "the zone of the host where it will be (default: that of this one)"},
    {0, NULL, NULL, NULL},
};

const Command command_export = {
    .name = "export",
    .operands = "[FILE]",
    .summary = "write a Clockfile's jobs as a crontab",
    .detail = "Only what a crontab can say: the rest is named on standard error, and then the\n"
              "exit status is 1.  clock import makes the same Clockfile of it again.",
    .options = options,
    .needs = NEED_FILE,
    .max_operands = 1,
    .run = run,
};

static bool
judge(const CrontabExport *result, Error *error)
{
    if (result->left == 0 && result->partly == 0)
        return true;
    error_set(error, ERR_NO, "of %zu jobs a crontab cannot say %zu, and not all of %zu others",
        result->left + result->said, result->left, result->partly);
    return error_hint(error, "each of them is told above");
}

static bool
run(Context *context, Error *error)
{
    CrontabOptions chosen;
    if (context_option(context, "crontab") == NULL) {
        error_set(error, ERR_USAGE, "as what?");
        return error_hint(error, "type clock export --crontab");
    }
    if (!cronargs_read(context, &chosen, NULL, error))
        return false;
    Text text = text_new(context->arena), report = text_new(context->arena);
    CrontabExport result =
        cronexport_write(context->arena, context->file, &chosen, &text, &report);
    if (result.said > 0 && !out_text(&text, error))
        return false;
    out_aside(&report);
    return judge(&result, error);
}
