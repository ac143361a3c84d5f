/* clock resume: ends pauses, and tells what fell due meanwhile. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/text.h"
#include "cmd/out.h"
#include "cmd/target.h"
#include "db/operator.h"
#include "time/instant.h"

static const Option options[] = {
    {0, "tag", "NAME", "all enabled jobs of the Clockfile with this tag"},
    {0, "name", "NAME", "the Clockfile's name in the database (default: that of the file)"},
    {'f', "file", "FILE", "the Clockfile, for its name and tags"},
    {0, NULL, NULL, NULL},
};

static const Miss *
miss_of(const Settlement *settlement, const char *job)
{
    for (size_t i = 0; i < settlement->n_misses; i++) {
        if (strcmp(settlement->misses[i].job, job) == 0)
            return &settlement->misses[i];
    }
    return NULL;
}

static void
add_missed(Text *text, const Miss *miss)
{
    if (miss == NULL) {
        text_add(text, ", nothing fell due meanwhile\n");
        return;
    }
    if (miss->count < 0)
        text_add(text, ", missed meanwhile: more than can be told; clock missed ");
    else
        text_addf(text, ", missed meanwhile: %lld; clock missed ", (long long)miss->count);
    text_add_safe(text, miss->job, strlen(miss->job));
    text_add(text, " shows them\n");
}

static bool
say(Context *context, const Settlement *settlement, Error *error)
{
    Text text = text_new(context->arena);
    for (size_t i = 0; i < settlement->n; i++) {
        text_add(&text, "resumed ");
        text_add_safe(&text, settlement->jobs[i], strlen(settlement->jobs[i]));
        add_missed(&text, miss_of(settlement, settlement->jobs[i]));
    }
    text_add(
        &text, "running clocks know within 10 s, and make up for what falls due until then\n");
    return out_text(&text, error);
}

static bool
run(Context *context, Error *error)
{
    const char *name;
    const char *const *jobs;
    size_t n;
    Settlement settlement;
    if (!target_one(context, &name, error) || !target_jobs(context, &jobs, &n, error))
        return false;
    if (!operator_resume(context->pg, context->arena, name, jobs, n, &settlement, error)) {
        if (error->kind == ERR_DB_AWAY)
            error_hint(error, "it may have been done; to type it again does no harm");
        return false;
    }
    if (settlement.n == 0)
        return error_set(
            error, ERR_NO, n == 1 ? "'%.128s' is not paused" : "none is paused", jobs[0]);
    return say(context, &settlement, error);
}

const Command command_resume = {
    .name = "resume",
    .operands = "JOB ...",
    .summary = "let paused jobs fire again",
    .detail =
        "The past is not fired: what fell due during the pause is recorded as missed, and\n"
        "clock backfill fires it.  Exit status 1 when none was paused.",
    .options = options,
    .needs = NEED_SCHEMA,
    .max_operands = 100000,
    .check = target_check,
    .run = run,
};
