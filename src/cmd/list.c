/* clock list: which jobs there are, and when each is due: those in force in the database, or
 * those of a Clockfile, which needs no database. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/json.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "cmd/shown.h"
#include "cmd/target.h"
#include "db/migrate.h"
#include "db/survey.h"

static const Option options[] = {
    {0, "name", "NAME", "in force under this Clockfile's name (default: all)"},
    {'f', "file", "FILE", "those of this Clockfile"},
    {0, "json", NULL, "one JSON object a job"},
    {0, "db", "CONNINFO", "the database; default: DATABASE_URL, else libpq's environment"},
    {0, NULL, NULL, NULL},
};

static const char *
joined(Arena *arena, const char *const *words)
{
    Text text = text_new(arena);
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        text_addf(&text, "%s%s", i == 0 ? "" : ",", words[i]);
    return text.at;
}

static void
add_file(Context *context, Text *text)
{
    static const char *const heads[] = {"JOB", "SCHEDULE", "QUEUE", "TASK", "TAGS", "", NULL};
    Table *table = table_new(context->arena, heads);
    for (size_t i = 0; i < context->file->n; i++) {
        const Job *job = &context->file->jobs[i];
        table_cell(table, job->name);
        table_cell(table, job->written);
        table_cell(table, job->queue);
        table_cell(table, job->task);
        table_cell(table, joined(context->arena, job->tags));
        table_cell(table, job->enabled ? "" : "not enabled");
    }
    table_write(table, text);
}

/* What clock work runs, as its words; null for a job of other workers. */
static void
add_command(Json *json, const char *const *command)
{
    json_key(json, "command");
    if (command == NULL) {
        json_null(json);
        return;
    }
    json_open(json, '[');
    for (; *command != NULL; command++)
        json_string(json, *command);
    json_close(json, ']');
}

static void
add_file_objects(Context *context, Text *text)
{
    for (size_t i = 0; i < context->file->n; i++) {
        const Job *job = &context->file->jobs[i];
        Json json = json_new(text);
        json_open(&json, '{');
        json_key(&json, "clockfile");
        json_string(&json, context->file->name);
        json_key(&json, "job");
        json_string(&json, job->name);
        json_key(&json, "schedule");
        json_string(&json, job->written);
        json_key(&json, "queue");
        json_string(&json, job->queue);
        json_key(&json, "task");
        json_string(&json, job->task);
        json_key(&json, "tags");
        json_open(&json, '[');
        for (size_t j = 0; job->tags != NULL && job->tags[j] != NULL; j++)
            json_string(&json, job->tags[j]);
        json_close(&json, ']');
        json_key(&json, "enabled");
        json_bool(&json, job->enabled);
        add_command(&json, job->command);
        json_close(&json, '}');
        text_add_char(text, '\n');
    }
}

static void
add_rules(Context *context, const SurveyJob *jobs, size_t n, Text *text)
{
    static const char *const heads[] = {"CLOCKFILE", "JOB", "SCHEDULE", "", NULL};
    Table *table = table_new(context->arena, heads);
    for (size_t i = 0; i < n; i++) {
        table_cell(table, jobs[i].clockfile);
        table_cell(table, jobs[i].job);
        table_cell(table, shown_spec(context->arena, jobs[i].spec));
        table_cell(table, jobs[i].paused ? "paused" : "");
    }
    table_write(table, text);
}

static void
add_rule_object(Context *context, const SurveyJob *job, Text *text)
{
    Json json = json_new(text);
    json_open(&json, '{');
    json_key(&json, "clockfile");
    json_string(&json, job->clockfile);
    json_key(&json, "job");
    json_string(&json, job->job);
    json_key(&json, "schedule");
    json_string(&json, shown_spec(context->arena, job->spec));
    json_key(&json, "paused");
    json_bool(&json, job->paused);
    json_close(&json, '}');
    text_add_char(text, '\n');
}

static bool
list_database(Context *context, Text *text, Error *error)
{
    const char *name = context_option(context, "name");
    SurveyJob *jobs;
    size_t n;
    if (!context_connect(context, error) ||
        !migrate_check(context->pg, context->arena, error) ||
        !survey_jobs(context->pg, context->arena, name, SURVEY_RULES, &jobs, &n, error))
        return false;
    if (n == 0) {
        error_set(error, ERR_NO, "no job is in force");
        return error_hint(error, "type clock run, or clock list FILE");
    }
    if (!context->json)
        add_rules(context, jobs, n, text);
    for (size_t i = 0; context->json && i < n; i++)
        add_rule_object(context, &jobs[i], text);
    return true;
}

static bool
run(Context *context, Error *error)
{
    const char *path = context_option(context, "file");
    Text text = text_new(context->arena);
    if (path != NULL && context->n_operands > 0)
        return error_set(error, ERR_USAGE, "-f and the operand '%.80s' exclude each other",
            context->operands[0]);
    if (path == NULL)
        path = context->operands[0];
    if (path != NULL && context_option(context, "name") != NULL)
        return error_set(error, ERR_USAGE, "--name and a FILE exclude each other");
    if (path == NULL)
        return list_database(context, &text, error) && out_text(&text, error);
    if (!context_load(context, path, error))
        return false;
    if (context->json)
        add_file_objects(context, &text);
    else
        add_file(context, &text);
    return out_text(&text, error);
}

const Command command_list = {
    .name = "list",
    .operands = "[FILE]",
    .summary = "list the jobs in force, or those of a Clockfile",
    .detail = "With FILE no database is asked.  Exit status 1 when no job is in force.",
    .options = options,
    .max_operands = 1,
    .run = run,
};
