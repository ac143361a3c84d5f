/* clock status: how everything stands, by the database alone: what is in force, how far it is
 * fired, and each job's last and next fire, its rows and its missed fires. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/json.h"
#include "cmd/out.h"
#include "cmd/scrape.h"
#include "cmd/shown.h"
#include "cmd/target.h"
#include "db/survey.h"

static const Option options[] = {
    {0, "name", "NAME", "only the Clockfile of this name (default: all in the database)"},
    {'f', "file", "FILE", "only this Clockfile"},
    {0, "json", NULL, "one JSON object a Clockfile"},
    {0, "metrics", NULL, "the same as metrics, in the text format of Prometheus"},
    {0, NULL, NULL, NULL},
};

typedef struct {
    Context *context;
    const SurveyJob *jobs; /* of this Clockfile */
    size_t n;
    int64_t ahead_us;
    Zones *zones;
} Status;

static const char *
note(Arena *arena, const SurveyJob *job, const Zone *zone)
{
    if (!job->paused)
        return "";
    Text text = text_new(arena);
    text_add(&text, "paused");
    if (job->until_s != INT64_MAX)
        text_addf(&text, " until %s", shown_instant(arena, job->until_s, zone));
    if (job->reason != NULL)
        text_addf(&text, ": %s", job->reason);
    return text.at;
}

static void
add_jobs(const Status *status, const SurveyHorizon *horizon, Text *text)
{
    static const char *const heads[] = {"JOB", "LAST FIRE", "NEXT DUE", "READY", "WAITING",
        "RUNNING", "DEAD", "MISSED", "", NULL};
    Arena *arena = status->context->arena;
    Table *table = table_new(arena, heads);
    for (size_t i = 0; i < status->n; i++) {
        const SurveyJob *job = &status->jobs[i];
        const Zone *zone;
        int64_t due_s = shown_next(status->context->arena, status->zones, horizon, job, &zone);
        int64_t counts[] = {job->ready, job->waiting, job->running, job->dead, job->missed};
        table_cell(table, job->job);
        table_cell(table, shown_instant(arena, job->last_s, zone));
        table_cell(table, due_s == INT64_MIN ? "?"
                          : job->paused && due_s == INT64_MAX
                              ? "-"
                              : shown_instant(arena, due_s, zone));
        for (size_t j = 0; j < sizeof counts / sizeof *counts; j++)
            table_cell(table, arena_printf(arena, "%lld", (long long)counts[j]));
        table_cell(table, note(arena, job, zone));
    }
    table_write(table, text);
}

static void
add_horizon(const Status *status, const SurveyHorizon *horizon, Text *text)
{
    Arena *arena = status->context->arena;
    int64_t now_s = horizon->db_us / 1000000;
    text_add_safe(text, horizon->clockfile, strlen(horizon->clockfile));
    text_addf(text, ": revision %s, in force since %s\n", text_safe(arena, horizon->revision),
        shown_instant(arena, horizon->started_at_us / 1000000, NULL));
    text_addf(text, "  fired through  %s, %s\n",
        shown_instant(arena, horizon->fired_through_s, NULL),
        out_distance(arena, horizon->fired_through_s - now_s));
    text_addf(text, "  next due       %s", shown_instant(arena, horizon->next_due_s, NULL));
    if (horizon->next_due_s != INT64_MAX)
        text_addf(text, ", %s", out_distance(arena, horizon->next_due_s - now_s));
    if (horizon->next_due_s < now_s - 1)
        text_add(text, ": no clock fires; is clock run running?");
    text_add(text, "\n\n");
    add_jobs(status, horizon, text);
    text_add_char(text, '\n');
}

static void
add_job_object(
    const Status *status, const SurveyHorizon *horizon, const SurveyJob *job, Json *json)
{
    const struct {
        const char *key;
        int64_t count;
    } counts[] = {{"ready", job->ready}, {"waiting", job->waiting}, {"running", job->running},
        {"dead", job->dead}, {"missed", job->missed}};
    const Zone *zone;
    json_open(json, '{');
    json_key(json, "job");
    json_string(json, job->job);
    json_key(json, "schedule");
    json_string(json, shown_spec(status->context->arena, job->spec));
    shown_json(json, "last_fire", job->last_s);
    shown_json(json, "next_due",
        shown_next(status->context->arena, status->zones, horizon, job, &zone));
    json_key(json, "paused");
    json_bool(json, job->paused);
    shown_json(json, "until", job->until_s);
    json_key(json, "reason");
    json_string(json, job->reason);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_key(json, counts[i].key);
        json_number(json, counts[i].count);
    }
    json_close(json, '}');
}

static void
add_object(const Status *status, const SurveyHorizon *horizon, Text *text)
{
    int64_t late_us =
        horizon->next_due_s == INT64_MAX ? 0 : horizon->db_us - horizon->next_due_s * 1000000;
    Json json = json_new(text);
    json_open(&json, '{');
    json_key(&json, "clockfile");
    json_string(&json, horizon->clockfile);
    json_key(&json, "database");
    json_string(&json, pg_where(status->context->pg, status->context->arena));
    json_key(&json, "revision");
    json_string(&json, horizon->revision);
    shown_json(&json, "started_at", horizon->started_at_us / 1000000);
    shown_json(&json, "fired_through", horizon->fired_through_s);
    shown_json(&json, "next_due", horizon->next_due_s);
    json_key(&json, "late_ms");
    json_number(&json, late_us > 0 ? late_us / 1000 : 0);
    json_key(&json, "ahead_ms");
    json_number(&json, status->ahead_us / 1000);
    json_key(&json, "jobs");
    json_open(&json, '[');
    for (size_t i = 0; i < status->n; i++)
        add_job_object(status, horizon, &status->jobs[i], &json);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(text, '\n');
}

static void
add_database(const Status *status, Text *text)
{
    int64_t ms = status->ahead_us / 1000;
    text_addf(text, "database: %s\n", pg_where(status->context->pg, status->context->arena));
    text_addf(text, "this host's clock is %lld ms %s the database's\n",
        (long long)(ms < 0 ? -ms : ms), ms < 0 ? "behind" : "ahead of");
}

static bool
nothing(const char *name, Error *error)
{
    if (name == NULL)
        error_set(error, ERR_NO, "no clock has run here yet");
    else
        error_set(error, ERR_NO, "no clock has run a Clockfile named '%.128s' here", name);
    return error_hint(error, "type clock run");
}

static bool
only_one_form(const Context *context, Error *error)
{
    if (!context->json || context_option(context, "metrics") == NULL)
        return true;
    error_set(error, ERR_USAGE, "--json and --metrics are two forms of the same");
    return error_hint(error, "leave one of them out");
}

static bool
check(Context *context, Error *error)
{
    const char *name;
    return only_one_form(context, error) && target_any(context, &name, error);
}

static bool
run(Context *context, Error *error)
{
    const char *name;
    SurveyHorizon *horizons;
    SurveyJob *jobs;
    size_t n, n_jobs, at = 0;
    Status status = {.context = context, .zones = zones_new(context->arena)};
    if (!target_any(context, &name, error) ||
        !survey_horizons(
            context->pg, context->arena, name, &horizons, &n, &status.ahead_us, error) ||
        !survey_jobs(context->pg, context->arena, name, SURVEY_ROWS, &jobs, &n_jobs, error))
        return false;
    if (n == 0)
        return nothing(name, error);
    if (context_option(context, "metrics") != NULL)
        return scrape_write(context, name, horizons, n, jobs, n_jobs, status.ahead_us, error);
    Text text = text_new(context->arena);
    for (size_t i = 0; i < n; i++) {
        while (at < n_jobs && strcmp(jobs[at].clockfile, horizons[i].clockfile) < 0)
            at++;
        status.jobs = jobs + at;
        for (status.n = 0;
             at < n_jobs && strcmp(jobs[at].clockfile, horizons[i].clockfile) == 0; at++)
            status.n++;
        if (context->json)
            add_object(&status, &horizons[i], &text);
        else
            add_horizon(&status, &horizons[i], &text);
    }
    if (!context->json)
        add_database(&status, &text);
    return out_text(&text, error);
}

const Command command_status = {
    .name = "status",
    .operands = "",
    .summary = "show what is in force, and each job's fires and rows",
    .detail = "Exit status 1 when no clock has run there.",
    .options = options,
    .needs = NEED_SCHEMA,
    .check = check,
    .run = run,
};
