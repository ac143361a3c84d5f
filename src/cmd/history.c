/* clock history: what was run, when, and how it ended. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/json.h"
#include "cmd/out.h"
#include "db/ended.h"

#define COUNT 20
#define COUNT_MAX 1000000

static bool check(Context *context, Error *error);
static bool history(Context *context, Error *error);

static const Option options[] = {
    {'n', "count", "N", "how many (default 20)"},
    {0, "output", NULL, "show what each has written, too"},
    {0, "json", NULL, "one JSON object a run, with its output"},
    {0, NULL, NULL, NULL},
};

const Command command_history = {
    .name = "history",
    .operands = "[JOB]",
    .summary = "show what was run, when, and how it ended",
    .detail =
        "The latest last.  Kept as long as the Clockfile's retention says.  Exit status 1\n"
        "when there is nothing.",
    .options = options,
    .needs = NEED_SCHEMA,
    .max_operands = 1,
    .check = check,
    .run = history,
};

static const char *
took(Arena *arena, int64_t ms)
{
    if (ms < 0)
        return "-";
    if (ms < 10000)
        return arena_printf(
            arena, "%lld.%03llds", (long long)(ms / 1000), (long long)(ms % 1000));
    int64_t s = ms / 1000;
    if (s < 600)
        return arena_printf(arena, "%llds", (long long)s);
    return arena_printf(arena, "%lldh%02lldm", (long long)(s / 3600), (long long)(s / 60 % 60));
}

/* In its own line, so that control bytes and long outputs do no harm. */
static void
add_output(const EndedRun *run, Text *text)
{
    for (const char *line = run->output; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n");
        text_add(text, "    ");
        text_add_safe(text, line, len);
        text_add_char(text, '\n');
        line += len + (line[len] == '\n');
    }
}

static void
add_row(Table *table, Arena *arena, const EndedRun *run)
{
    const char *scheduled = run->scheduled_at == NULL ? "-" : run->scheduled_at;
    table_cell(table, run->ended_at);
    table_cell(table, *run->job != '\0' ? run->job : run->task);
    table_cell(table, scheduled);
    table_cell(table, arena_printf(arena, "%d", run->attempt));
    table_cell(table, took(arena, run->took_ms));
    table_cell(table, run->error == NULL
                          ? run->outcome
                          : arena_printf(arena, "%s: %s", run->outcome, run->error));
}

/* Several tables when outputs stand between the rows: each keeps its columns. */
static void
add_table(Context *context, const EndedRun *runs, size_t n, Text *text)
{
    static const char *const heads[] = {
        "ENDED", "JOB", "SCHEDULED", "ATTEMPT", "TOOK", "OUTCOME", NULL};
    bool outputs = context_option(context, "output") != NULL;
    Table *table = table_new(context->arena, heads);
    for (size_t i = n; i-- > 0;) {
        add_row(table, context->arena, &runs[i]);
        if (!outputs)
            continue;
        table_write(table, text);
        add_output(&runs[i], text);
        table = table_new_bare(context->arena, 6);
    }
    if (!outputs)
        table_write(table, text);
}

static void
add_number(Json *json, const char *key, int64_t number)
{
    json_key(json, key);
    if (number < 0)
        json_null(json);
    else
        json_number(json, number);
}

static void
add_text(Json *json, const char *key, const char *text)
{
    json_key(json, key);
    json_string(json, text);
}

static void
add_object(const EndedRun *run, Text *text)
{
    Json json = json_new(text);
    json_open(&json, '{');
    add_number(&json, "id", run->id);
    add_text(&json, "clockfile", run->clockfile);
    add_text(&json, "job", run->job);
    add_text(&json, "task", run->task);
    add_text(&json, "queue", run->queue);
    add_text(&json, "scheduled_at", run->scheduled_at);
    add_text(&json, "started_at", run->started_at);
    add_text(&json, "ended_at", run->ended_at);
    add_number(&json, "took_ms", run->took_ms);
    add_number(&json, "attempt", run->attempt);
    add_text(&json, "worker", run->worker);
    add_text(&json, "outcome", run->outcome);
    add_number(&json, "exit_status", run->exit_status);
    add_number(&json, "signal", run->signal);
    add_text(&json, "error", run->error);
    add_text(&json, "output", run->output);
    json_close(&json, '}');
    text_add_char(text, '\n');
}

static bool
check(Context *context, Error *error)
{
    int64_t most;
    return context_number(context, "count", 1, COUNT_MAX, COUNT, &most, error);
}

static bool
history(Context *context, Error *error)
{
    int64_t most;
    EndedRun *runs;
    size_t n;
    const char *job = context->operands[0];
    if (!context_number(context, "count", 1, COUNT_MAX, COUNT, &most, error) ||
        !ended_runs(context->pg, context->arena, job, most, &runs, &n, error))
        return false;
    if (n == 0 && context->json)
        return error_set(error, ERR_NO, "%s", "");
    if (n == 0 && job != NULL)
        return error_set(error, ERR_NO, "nothing was run of a job '%.128s'", job);
    if (n == 0)
        return error_set(error, ERR_NO, "nothing was run");
    Text text = text_new(context->arena);
    if (!context->json)
        add_table(context, runs, n, &text);
    for (size_t i = n; context->json && i-- > 0;)
        add_object(&runs[i], &text);
    return out_text(&text, error);
}
