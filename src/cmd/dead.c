/* clock dead: the rows whose attempts are spent, and what the last one said. */

#include "cmd/cmd.h"

#include "base/json.h"
#include "cmd/out.h"
#include "db/ended.h"

#define COUNT 100
#define COUNT_MAX 1000000

static bool check(Context *context, Error *error);
static bool dead(Context *context, Error *error);

static const Option options[] = {
    {'n', "count", "N", "how many (default 100)"},
    {0, "job", "NAME", "only this job"},
    {0, "json", NULL, "one JSON object a row, with its payload"},
    {0, NULL, NULL, NULL},
};

const Command command_dead = {
    .name = "dead",
    .operands = "",
    .summary = "show the rows whose attempts are spent",
    .detail = "The latest first.  clock retry gives them another chance, clock discard throws\n"
              "them away.  Exit status 1 when there are none.",
    .options = options,
    .needs = NEED_SCHEMA,
    .check = check,
    .run = dead,
};

static const char *
or_dash(const char *text)
{
    return text == NULL || *text == '\0' ? "-" : text;
}

static void
add_table(Context *context, const DeadRow *rows, size_t n, Text *text)
{
    static const char *const heads[] = {
        "ID", "JOB", "SCHEDULED", "LAST STARTED", "ATTEMPTS", "ERROR", NULL};
    Table *table = table_new(context->arena, heads);
    for (size_t i = 0; i < n; i++) {
        table_cell(table, arena_printf(context->arena, "%lld", (long long)rows[i].id));
        table_cell(table, *rows[i].job != '\0' ? rows[i].job : rows[i].task);
        table_cell(table, or_dash(rows[i].scheduled_at));
        table_cell(table, or_dash(rows[i].started_at));
        table_cell(table, arena_printf(context->arena, "%d", rows[i].attempt));
        table_cell(table, or_dash(rows[i].error));
    }
    table_write(table, text);
}

static void
add_object(const DeadRow *row, Text *text)
{
    Json json = json_new(text);
    json_open(&json, '{');
    json_key(&json, "id");
    json_number(&json, row->id);
    json_key(&json, "clockfile");
    json_string(&json, row->clockfile);
    json_key(&json, "job");
    json_string(&json, row->job);
    json_key(&json, "task");
    json_string(&json, row->task);
    json_key(&json, "queue");
    json_string(&json, row->queue);
    json_key(&json, "scheduled_at");
    json_string(&json, row->scheduled_at);
    json_key(&json, "started_at");
    json_string(&json, row->started_at);
    json_key(&json, "attempts");
    json_number(&json, row->attempt);
    json_key(&json, "error");
    json_string(&json, row->error);
    json_key(&json, "payload");
    json_raw(&json, row->payload);
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
dead(Context *context, Error *error)
{
    int64_t most;
    DeadRow *rows;
    size_t n;
    if (!context_number(context, "count", 1, COUNT_MAX, COUNT, &most, error) ||
        !ended_dead(context->pg, context->arena, context_option(context, "job"), most, &rows,
            &n, error))
        return false;
    if (n == 0)
        return error_set(error, ERR_NO, "%s", context->json ? "" : "no row is dead");
    Text text = text_new(context->arena);
    if (!context->json)
        add_table(context, rows, n, &text);
    for (size_t i = 0; context->json && i < n; i++)
        add_object(&rows[i], &text);
    return out_text(&text, error);
}
