/* clock prune: history older than its retention goes, at once: clock run and
 * clock work do it bit by bit. */

#include "cmd/cmd.h"

#include "base/text.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "db/past.h"
#include "db/queue.h"
#include "time/span.h"

#define KEEP_MAX_S (100 * INT64_C(366) * 86400)

static const Option options[] = {
    {0, "keep", "D", "what is younger stays (default: the Clockfile's retention)"},
    {'f', "file", "FILE", "the Clockfile: it says the name and the retention"},
    {0, NULL, NULL, NULL},
};

static bool
read_keep(const Context *context, int64_t *keep_s, Error *error)
{
    const char *value = context_option(context, "keep");
    Error why;
    *keep_s = context->file->retention_s;
    if (value == NULL || span_read(value, 0, KEEP_MAX_S, keep_s, &why))
        return true;
    error_set(error, ERR_USAGE, "--keep: %s", why.text);
    return error_hint(error, "%s", why.hint);
}

static bool
check(Context *context, Error *error)
{
    int64_t keep_s;
    return context_load(context, context_option(context, "file"), error) &&
           read_keep(context, &keep_s, error);
}

static bool
run(Context *context, Error *error)
{
    int64_t keep_s, page = 1, pruned = 0;
    if (!read_keep(context, &keep_s, error) || !queue_check(context->pg, context->arena, error))
        return false;
    while (page > 0) {
        if (!past_prune(context->pg, context->arena, context->file->name, keep_s, &page, error))
            return false;
        pruned += page;
    }
    Text text = text_new(context->arena);
    text_addf(&text, "pruned %lld rows of history older than ", (long long)pruned);
    span_write(&text, keep_s);
    text_add_char(&text, '\n');
    return out_text(&text, error);
}

const Command command_prune = {
    .name = "prune",
    .operands = "",
    .summary = "delete runs and missed fires older than the retention",
    .detail =
        "clock run and clock work do this by themselves, when idle.  Horizons, schedules and\n"
        "rows in the queue are never touched, and it needs no lock.",
    .options = options,
    .needs = NEED_SCHEMA,
    .check = check,
    .run = run,
};
