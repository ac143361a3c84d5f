/* clock backfill: fires the past after all, a thousand rows a transaction, so that the clocks
 * go on firing the present in between. */

#include "cmd/cmd.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/ask.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "cmd/shown.h"
#include "db/past.h"
#include "db/store.h"

#define LIMIT 100000
#define LIMIT_MAX 10000000
#define BAR 24 /* cells */

static const Option options[] = {
    {0, "from", "TIME", "after this instant; must be given"},
    {0, "until", "TIME", "up to this instant, itself included; must be given"},
    {0, "limit", "N", "at most so many rows, the oldest (default 100000)"},
    {0, "all", NULL, "every instant of the schedule, whatever happened before"},
    {0, "dry-run", NULL, "only show what would be fired"},
    {'f', "file", "FILE", "the Clockfile: it says the task, the queue and the rest"},
    {0, NULL, NULL, NULL},
};

typedef struct {
    Context *context;
    const Job *job;
    PastSpan span;
    size_t left;             /* of --limit */
    int64_t rows, swallowed; /* so far */
    int64_t first_s, last_s;
    int64_t low_s;
    int64_t begin_s; /* of the span, as typed */
    size_t untold;
} Fill;

static bool
read_span(const Context *context, Fill *fill, Error *error)
{
    static const char *const must[] = {"from", "until"};
    int64_t limit;
    for (size_t i = 0; i < sizeof must / sizeof *must; i++) {
        if (context_option(context, must[i]) != NULL)
            continue;
        error_set(error, ERR_USAGE, "which span? --%s is wanted", must[i]);
        return error_hint(error, "--from 2026-11-20T00:00:00Z --until 2026-11-21T00:00:00Z");
    }
    if (!ask_instant(context, "from", 0, &fill->span.from_s, error) ||
        !ask_instant(context, "until", 0, &fill->span.until_s, error) ||
        !context_number(context, "limit", 1, LIMIT_MAX, LIMIT, &limit, error))
        return false;
    if (fill->span.from_s >= fill->span.until_s)
        return error_set(error, ERR_USAGE, "--until does not lie after --from");
    fill->left = (size_t)limit;
    fill->span.which = context_option(context, "all") != NULL ? PAST_ALL : PAST_MISSED;
    fill->span.depth = context_option(context, "dry-run") != NULL ? PAST_DRY : PAST_FIRE;
    return true;
}

/* How much of the span is done, by time: how many rows it has is not known. */
static void
show_progress(const Fill *fill, Arena *arena)
{
    if (!isatty(STDERR_FILENO))
        return;
    int64_t end_s = fill->span.until_s < fill->low_s ? fill->span.until_s : fill->low_s;
    int64_t whole_s = end_s - fill->begin_s, done_s = fill->last_s - fill->begin_s;
    int cells = whole_s <= 0 || done_s >= whole_s ? BAR : (int)(done_s * BAR / whole_s);
    Text text = text_new(arena);
    text_add(&text, "\r[");
    for (int i = 0; i < BAR; i++)
        text_add_char(&text, i < cells ? '#' : ' ');
    text_addf(&text, "] %lld rows, up to %s\033[K", (long long)fill->rows,
        shown_instant(arena, fill->last_s, NULL));
    out_aside(&text);
}

/* Where the work stands, when the database goes away in the middle of it. */
static bool
explain(const Fill *fill, Error *error)
{
    if (error->kind != ERR_DB_AWAY)
        return false;
    if (fill->span.which == PAST_MISSED)
        return error_hint(error, "to type it again does no harm: what was fired is off record");
    return error_hint(error,
        "all up to %s is fired, and what follows may be: look before you go on from there",
        shown_instant(fill->context->arena, fill->span.from_s, NULL));
}

/* One transaction; *more when there may be another. */
static bool
step(Fill *fill, Arena *arena, bool *more, Error *error)
{
    bool alone = fill->job->overlap == OVERLAP_SKIP;
    int64_t inserted;
    Backfill backfill;
    fill->span.most = alone ? 1 : fill->left < STORE_CHUNK ? fill->left : STORE_CHUNK;
    if (!past_fire(fill->context->pg, arena, fill->context->file->name, fill->job, &fill->span,
            &backfill, &fill->low_s, &inserted, error))
        return explain(fill, error);
    fill->untold = backfill.n_untold;
    *more = false;
    if (backfill.n == 0)
        return true;
    if (fill->rows + fill->swallowed == 0)
        fill->first_s = backfill.due_s[0];
    fill->last_s = backfill.due_s[backfill.n - 1];
    fill->rows += inserted;
    fill->swallowed += (int64_t)backfill.n - inserted;
    fill->left = backfill.n > fill->left ? 0 : fill->left - backfill.n;
    if (fill->span.which == PAST_ALL)
        fill->span.from_s = backfill.through_s;
    *more = !alone && fill->left > 0 && fill->span.from_s < fill->span.until_s;
    show_progress(fill, arena);
    return true;
}

static bool
dry_run(Fill *fill, Error *error)
{
    Arena *arena = fill->context->arena;
    int64_t inserted;
    Backfill backfill;
    fill->span.most = fill->job->overlap == OVERLAP_SKIP ? 1 : fill->left;
    if (!past_fire(fill->context->pg, arena, fill->context->file->name, fill->job, &fill->span,
            &backfill, &fill->low_s, &inserted, error))
        return false;
    Text text = text_new(arena);
    for (size_t i = 0; i < backfill.n; i++)
        text_addf(&text, "would fire %s  %s\n",
            shown_instant(arena, backfill.due_s[i], schedule_zone(fill->job->schedule)),
            fill->job->name);
    fill->rows = (int64_t)backfill.n;
    fill->untold = backfill.n_untold;
    return out_text(&text, error);
}

/* What is to be known beside the rows. */
static void
add_remarks(const Fill *fill, Text *text)
{
    if (fill->swallowed > 0)
        text_addf(text, "%lld have a row already, which stays as it is\n",
            (long long)fill->swallowed);
    if (fill->untold > 0)
        text_addf(text,
            "%zu records do not tell their instants (they are of another schedule) and stay: "
            "clock missed %s\n",
            fill->untold, fill->job->name);
    if (fill->low_s < fill->span.until_s)
        text_addf(text, "what is due after %s is still the clock's to fire\n",
            shown_instant(text->arena, fill->low_s, NULL));
    if (fill->job->overlap == OVERLAP_SKIP)
        text_add(text, "the job has overlap: skip, so it is one row at a time\n");
}

static bool
finish(const Fill *fill, Error *error)
{
    Arena *arena = fill->context->arena;
    Text remarks = text_new(arena), text = text_new(arena);
    if (isatty(STDERR_FILENO) && fill->span.depth == PAST_FIRE && fill->rows > 0)
        text_add(&remarks, "\r\033[K");
    add_remarks(fill, &remarks);
    out_aside(&remarks);
    if (fill->rows + fill->swallowed == 0)
        return error_set(error, ERR_NO, "nothing of '%s' is %s in that span", fill->job->name,
            fill->span.which == PAST_ALL ? "due" : "on record as missed");
    if (fill->span.depth == PAST_DRY)
        return true;
    text_addf(&text, "backfilled %s: %lld rows, %s to %s\n", fill->job->name,
        (long long)fill->rows, shown_instant(arena, fill->first_s, NULL),
        shown_instant(arena, fill->last_s, NULL));
    return out_text(&text, error);
}

static bool
check(Context *context, Error *error)
{
    Fill fill = {.context = context};
    size_t index;
    if (context->n_operands == 0) {
        error_set(error, ERR_USAGE, "which job?");
        return error_hint(error, "usage: clock backfill JOB --from TIME --until TIME");
    }
    return read_span(context, &fill, error) &&
           context_load(context, context_option(context, "file"), error) &&
           ask_job(context->file, context->operands[0], &index, error);
}

static bool
run(Context *context, Error *error)
{
    Fill fill = {.context = context};
    size_t index;
    if (!read_span(context, &fill, error) ||
        !ask_job(context->file, context->operands[0], &index, error))
        return false;
    fill.job = &context->file->jobs[index];
    if (fill.span.depth == PAST_DRY)
        return dry_run(&fill, error) && finish(&fill, error);
    fill.begin_s = fill.span.from_s;
    Arena *arena = arena_new(0);
    bool more = true, ok = true;
    while (ok && more) {
        arena_reset(arena);
        ok = step(&fill, arena, &more, error);
    }
    arena_free(arena);
    return ok && finish(&fill, error);
}

const Command command_backfill = {
    .name = "backfill",
    .operands = "JOB",
    .summary = "fire what a job has missed, or a span of the past once more",
    .detail =
        "By default it fires what is on record as missed in the span and takes it off record\n"
        "in the same transaction, so it may be typed again.  --all fires every instant, also\n"
        "those that were done.  Rows have the origin backfill.  Exit status 1 when there is\n"
        "nothing to fire.",
    .options = options,
    .needs = NEED_SCHEMA,
    .max_operands = 1,
    .check = check,
    .run = run,
};
