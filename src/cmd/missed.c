/* clock missed: fires that were due and have no row, and why. */

#include "cmd/cmd.h"

#include "base/json.h"
#include "cmd/out.h"
#include "cmd/shown.h"
#include "cmd/target.h"
#include "db/survey.h"

#define COUNT 50
#define COUNT_MAX 1000000

static const Option options[] = {
    {'n', "count", "N", "how many records (default 50)"},
    {0, "name", "NAME", "only the Clockfile of this name (default: all in the database)"},
    {'f', "file", "FILE", "only this Clockfile"},
    {0, "json", NULL, "one JSON object a record"},
    {0, NULL, NULL, NULL},
};

static void
add_table(Arena *arena, const SurveyMiss *misses, size_t n, Text *text)
{
    static const char *const heads[] = {
        "JOB", "FIRST", "LAST", "COUNT", "REASON", "RECORDED", NULL};
    Table *table = table_new(arena, heads);
    for (size_t i = 0; i < n; i++) {
        const SurveyMiss *miss = &misses[i];
        table_cell(table, miss->job);
        table_cell(table, shown_instant(arena, miss->first_s, NULL));
        table_cell(table, shown_instant(arena, miss->last_s, NULL));
        table_cell(
            table, miss->count < 0 ? "?" : arena_printf(arena, "%lld", (long long)miss->count));
        table_cell(table, miss->sqlstate == NULL
                              ? miss->reason
                              : arena_printf(arena, "%s %s", miss->reason, miss->sqlstate));
        table_cell(table, shown_instant(arena, miss->at_s, NULL));
    }
    table_write(table, text);
}

static void
add_object(const SurveyMiss *miss, Text *text)
{
    Json json = json_new(text);
    json_open(&json, '{');
    json_key(&json, "clockfile");
    json_string(&json, miss->clockfile);
    json_key(&json, "job");
    json_string(&json, miss->job);
    shown_json(&json, "first_at", miss->first_s);
    shown_json(&json, "last_at", miss->last_s);
    json_key(&json, "count");
    if (miss->count < 0)
        json_null(&json);
    else
        json_number(&json, miss->count);
    json_key(&json, "reason");
    json_string(&json, miss->reason);
    json_key(&json, "sqlstate");
    json_string(&json, miss->sqlstate);
    shown_json(&json, "at", miss->at_s);
    json_close(&json, '}');
    text_add_char(text, '\n');
}

static bool
check(Context *context, Error *error)
{
    const char *name;
    int64_t most;
    return context_number(context, "count", 1, COUNT_MAX, COUNT, &most, error) &&
           target_any(context, &name, error);
}

static bool
run(Context *context, Error *error)
{
    const char *name, *job = context->operands[0];
    int64_t most;
    SurveyMiss *misses;
    size_t n;
    if (!context_number(context, "count", 1, COUNT_MAX, COUNT, &most, error) ||
        !target_any(context, &name, error) ||
        !survey_missed(context->pg, context->arena, name, job, most, &misses, &n, error))
        return false;
    if (n == 0 && job != NULL)
        return error_set(error, ERR_NO, "nothing of '%.128s' is on record as missed", job);
    if (n == 0)
        return error_set(error, ERR_NO, "nothing is on record as missed");
    Text text = text_new(context->arena);
    if (!context->json)
        add_table(context->arena, misses, n, &text);
    for (size_t i = 0; context->json && i < n; i++)
        add_object(&misses[i], &text);
    return out_text(&text, error);
}

const Command command_missed = {
    .name = "missed",
    .operands = "[JOB]",
    .summary = "show fires that were due and have no row, and why",
    .detail =
        "The latest record first; a job may have several.  clock backfill fires them after\n"
        "all.  Exit status 1 when there are none.",
    .options = options,
    .needs = NEED_SCHEMA,
    .max_operands = 1,
    .check = check,
    .run = run,
};
