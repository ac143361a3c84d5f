/* What no other file knows: how rows are named on the command line, and
 * which were not there. */

#include "cmd/byhand.h"

#include <string.h>

#include "base/text.h"
#include "cmd/out.h"
#include "db/queue.h"

static bool
read_ids(const Context *context, int64_t *ids, Error *error)
{
    for (int i = 0; i < context->n_operands; i++) {
        const char *text = context->operands[i];
        if (!text_number(text, strlen(text), 1, INT64_MAX, &ids[i])) {
            error_set(error, ERR_USAGE, "'%.80s' is not the id of a row", text);
            return error_hint(error, "clock dead shows ids; --job NAME takes all of a job");
        }
    }
    return true;
}

static bool
say(Context *context, const char *verb, int64_t count, Error *error)
{
    Text text = text_new(context->arena);
    text_addf(&text, "%s %lld row%s\n", verb, (long long)count, count == 1 ? "" : "s");
    return out_text(&text, error);
}

static bool
by_id(Context *context, Hand hand, const char *verb, Error *error)
{
    size_t n = (size_t)context->n_operands;
    int64_t *ids = arena_array(context->arena, n, sizeof *ids), count = 0;
    bool *done = arena_array(context->arena, n, sizeof *done);
    Text missing = text_new(context->arena);
    if (!read_ids(context, ids, error) ||
        !ended_by_id(context->pg, context->arena, hand, ids, n, done, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        count += done[i];
        if (!done[i])
            text_addf(&missing, "%s%lld", missing.len > 0 ? ", " : "", (long long)ids[i]);
    }
    if (count > 0 && !say(context, verb, count, error))
        return false;
    if (missing.len == 0)
        return true;
    return error_set(error, ERR_NO,
        hand == HAND_RETRY ? "neither dead nor waiting: %.300s"
                           : "not there, or running: %.300s",
        missing.at);
}

static bool
by_job(Context *context, Hand hand, const char *verb, const char *job, Error *error)
{
    int64_t count;
    if (!ended_by_job(context->pg, hand, job, &count, error))
        return false;
    if (count > 0)
        return say(context, verb, count, error);
    return error_set(error, ERR_NO, "no row of a job '%.128s' is dead", job);
}

bool
byhand_check(Context *context, Error *error)
{
    if ((context_option(context, "job") == NULL) == (context->n_operands == 0)) {
        error_set(error, ERR_USAGE, "one or more ids are wanted, or --job NAME");
        return error_hint(error, "clock dead shows what there is");
    }
    int64_t *ids = arena_array(context->arena, (size_t)context->n_operands, sizeof *ids);
    return read_ids(context, ids, error);
}

bool
byhand_run(Context *context, Hand hand, const char *verb, Error *error)
{
    const char *job = context_option(context, "job");
    if (!queue_check(context->pg, context->arena, error))
        return false;
    return job == NULL ? by_id(context, hand, verb, error)
                       : by_job(context, hand, verb, job, error);
}
