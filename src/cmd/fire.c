/* clock fire: rows of a job now, whatever its schedule says. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/text.h"
#include "cmd/ask.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "db/operator.h"

#define COUNT_MAX 1000

static const Option options[] = {
    {0, "payload", "JSON", "instead of the job's own"},
    {'n', "count", "N", "how many rows, up to 1000 (default 1)"},
    {0, "overlap", NULL, "although the job has overlap: skip and an unfinished row"},
    {'f', "file", "FILE", "the Clockfile: it says the task, the queue and the rest"},
    {0, NULL, NULL, NULL},
};

static bool
say(Context *context, const Job *job, const int64_t *ids, size_t n, Error *error)
{
    Text text = text_new(context->arena);
    for (size_t i = 0; i < n; i++)
        text_addf(&text, "fired %s: row %lld, queue %s, task %s\n", job->name,
            (long long)ids[i], job->queue, text_safe(context->arena, job->task));
    return out_text(&text, error);
}

/* Why the database did not take it. */
static bool
explain(const Context *context, const Job *job, Error *error)
{
    if (strcmp(error->sqlstate, "22P02") == 0 && context_option(context, "payload") != NULL) {
        error_set(error, ERR_USAGE, "--payload is not JSON");
        return error_hint(error, "for example --payload '{\"currency\": \"EUR\"}'");
    }
    if (error->kind == ERR_DB_AWAY)
        error_hint(error,
            "it may have been done: look for a row of '%s' in clock.jobs, clock.runs before "
            "you "
            "fire again",
            job->name);
    return false;
}

static OperatorOverlap
overlap_of(const Context *context)
{
    return context_option(context, "overlap") != NULL ? OPERATOR_BESIDE : OPERATOR_ALONE;
}

/* What the command line asks for; needs the Clockfile. */
static bool
read_line(const Context *context, const Job **job, int64_t *count, Error *error)
{
    const char *payload = context_option(context, "payload");
    size_t index;
    if (!ask_job(context->file, context->operands[0], &index, error) ||
        !context_number(context, "count", 1, COUNT_MAX, 1, count, error))
        return false;
    *job = &context->file->jobs[index];
    if (payload != NULL && strlen(payload) > CLOCKFILE_MAX_PAYLOAD)
        return error_set(
            error, ERR_USAGE, "--payload is longer than %u bytes", CLOCKFILE_MAX_PAYLOAD);
    if (*count == 1 || (*job)->overlap != OVERLAP_SKIP ||
        overlap_of(context) == OPERATOR_BESIDE)
        return true;
    error_set(error, ERR_USAGE, "'%s' has overlap: skip, so one row at a time", (*job)->name);
    return error_hint(error, "add --overlap if they may run beside each other");
}

static bool
check(Context *context, Error *error)
{
    const Job *job;
    int64_t count;
    if (context->n_operands == 0) {
        error_set(error, ERR_USAGE, "which job?");
        return error_hint(error, "usage: clock fire [OPTION ...] JOB");
    }
    return context_load(context, context_option(context, "file"), error) &&
           read_line(context, &job, &count, error);
}

static bool
run(Context *context, Error *error)
{
    const Job *job;
    int64_t count, *ids;
    size_t n;
    if (!read_line(context, &job, &count, error))
        return false;
    if (!operator_fire(context->pg, context->arena, context->file->name, job,
            context_option(context, "payload"), count, overlap_of(context), &ids, &n, error))
        return explain(context, job, error);
    if (n > 0)
        return say(context, job, ids, n, error);
    error_set(error, ERR_NO, "'%s' has overlap: skip and an unfinished row", job->name);
    return error_hint(error, "wait for that, or add --overlap");
}

const Command command_fire = {
    .name = "fire",
    .operands = "JOB",
    .summary = "fire a job now, whatever its schedule says",
    .detail =
        "The row has no scheduled_at and the origin manual; the schedule goes on as it was.\n"
        "Never repeated by itself: with exit status 4 it may have been done.",
    .options = options,
    .needs = NEED_SCHEMA,
    .max_operands = 1,
    .check = check,
    .run = run,
};
