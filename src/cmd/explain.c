/* clock explain: one schedule in plain English, with what it does when the clocks change and
 * how others would read it. */

#include "cmd/cmd.h"

#include <unistd.h>

#include "cmd/account.h"
#include "cmd/ask.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "cmd/typed.h"

static bool run(Context *context, Error *error);

static const Option options[] = {
    {0, "from", "TIME", "what comes after this instant (default: now)"},
    {0, "job", "NAME", "of SCHEDULE: the name that H hashes"},
    {0, "tz", "ZONE", "of SCHEDULE or crontab: its zone; of JOB: show in this zone"},
    {'f', "file", "FILE", "the Clockfile"},
    {0, "crontab", "KIND",
        "FILE is a crontab: user, or system with a user before each command"},
    {0, "json", NULL, "as one JSON object"},
    {0, "dialect", "WORD", "of SCHEDULE: vixie (default), seconds or quartz"},
    {0, "dst", "WORD", "of SCHEDULE, daylight saving: cron (default), skip, all or utc"},
    {0, "days", "WORD", "of SCHEDULE, day of month with weekday: cron (default), and, or"},
    {0, NULL, NULL, NULL},
};

const Command command_explain = {
    .name = "explain",
    .operands = "SCHEDULE|JOB [FILE]",
    .summary = "say in plain English when a schedule fires",
    .detail =
        "With the next fires, the day rule where it matters, what the next changes of the\n"
        "clocks do, and how other crons would read it.  A SCHEDULE has a blank in it or\n"
        "@ in front, as in clock explain \"0 9 * * 1-5\" --tz Europe/Berlin.",
    .options = options,
    .max_operands = 2,
    .run = run,
};

/* What is given beside the operand must go with what it is. */
static bool
check_options(const Context *context, bool typed, Error *error)
{
    const char *file = context_option(context, "file");
    const char *second = context->n_operands > 1 ? context->operands[1] : NULL;
    const char *stray = typed_option(context);
    if (typed && (file != NULL || second != NULL)) {
        error_set(error, ERR_USAGE, "a schedule and a file, '%.80s', exclude each other",
            file != NULL ? file : second);
        return error_hint(error, "give a job's name to explain what the file has");
    }
    if (file != NULL && second != NULL)
        return error_set(
            error, ERR_USAGE, "-f and the operand '%.80s' exclude each other", second);
    if (!typed && stray == NULL && context_option(context, "job") != NULL)
        stray = "job";
    if (typed || stray == NULL)
        return true;
    error_set(error, ERR_USAGE, "--%s goes with a schedule, not with a job's name", stray);
    return error_hint(error, "in a Clockfile %s",
        *stray == 'j' ? "H hashes the job's own name" : "it is a key of the schedule");
}

/* The job of the Clockfile that the first operand names. */
static bool
find_job(Context *context, const Job **job, Error *error)
{
    const char *name = context->operands[0], *path = context_option(context, "file");
    size_t index;
    if (path == NULL && context->n_operands > 1)
        path = context->operands[1];
    const char *kind = context_option(context, "crontab");
    if (path == NULL && kind != NULL && access(name, F_OK) == 0) {
        error_set(error, ERR_USAGE, "which job of the crontab '%.150s'?", name);
        return error_hint(error,
            "clock next --crontab %.20s names them; then type clock "
            "explain JOB --crontab %.20s %.150s",
            kind, kind, name);
    }
    if (!context_load(context, path, error))
        return false;
    if (ask_job(context->file, name, &index, error)) {
        *job = &context->file->jobs[index];
        return true;
    }
    if (error->hint[0] == '\0' && access(name, F_OK) == 0)
        error_hint(error, "name one of its jobs: clock explain JOB %.150s", name);
    return false;
}

static bool
run(Context *context, Error *error)
{
    const char *operand = context->operands[0], *tz = context_option(context, "tz");
    const Zone *shown = NULL;
    const Job *job = NULL;
    int64_t from_s;
    if (operand == NULL) {
        error_set(error, ERR_USAGE, "which schedule or job?");
        return error_hint(error, "clock explain \"30 2 * * *\", or clock explain JOB [FILE]");
    }
    bool typed = typed_is_sure(operand);
    if (!check_options(context, typed, error) ||
        !ask_instant(context, "from", context->now_s, &from_s, error) ||
        !(typed ? typed_read(context, operand, error) : find_job(context, &job, error)))
        return false;
    if (typed)
        job = &context->file->jobs[0];
    else if (tz != NULL && !ask_zone(context->file->zones, tz, &shown, error))
        return false;
    Account *account = account_new(context->arena, job, typed ? ACCOUNT_TYPED : ACCOUNT_JOB,
        shown, from_s, context->now_s);
    Text text = text_new(context->arena);
    if (context->json) {
        account_json(account, &text);
        return out_text(&text, error);
    }
    account_write(account, &text);
    return out_prose(context->arena, &text, error);
}
