/* clock health: the answer for a probe.  Nothing is printed that a probe would have to read. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/json.h"
#include "base/now.h"
#include "cmd/out.h"
#include "cmd/target.h"
#include "db/migrate.h"
#include "db/survey.h"
#include "time/instant.h"
#include "time/span.h"

#define CONNECT_US (5 * INT64_C(1000000))
#define LATE_S 60
#define LATE_MAX_S (7 * 86400)

static const Option options[] = {
    {0, "max-late", "D", "how late a fire may be (default 1m)"},
    {0, "name", "NAME", "only the Clockfile of this name (default: all in the database)"},
    {'f', "file", "FILE", "only this Clockfile"},
    {0, "json", NULL, "one JSON object"},
    {0, "db", "CONNINFO", "the database; default: DATABASE_URL, else libpq's environment"},
    {0, NULL, NULL, NULL},
};

static bool
read_late(const Context *context, int64_t *late_s, Error *error)
{
    const char *value = context_option(context, "max-late");
    Error why;
    *late_s = LATE_S;
    if (value == NULL || span_read(value, 1, LATE_MAX_S, late_s, &why))
        return true;
    error_set(error, ERR_USAGE, "--max-late: %s", why.text);
    return error_hint(error, "%s", why.hint);
}

/* The most overdue of n horizons. */
static const SurveyHorizon *
worst_of(const SurveyHorizon *horizons, size_t n)
{
    const SurveyHorizon *worst = &horizons[0];
    for (size_t i = 1; i < n; i++) {
        if (horizons[i].next_due_s < worst->next_due_s)
            worst = &horizons[i];
    }
    return worst;
}

static bool
say(Context *context, const SurveyHorizon *worst, int64_t late_us, bool healthy, Error *error)
{
    Text text = text_new(context->arena);
    if (!context->json && !healthy)
        return true;
    if (!context->json) {
        text_add(&text, "healthy\n");
        return out_text(&text, error);
    }
    Json json = json_new(&text);
    json_open(&json, '{');
    json_key(&json, "healthy");
    json_bool(&json, healthy);
    json_key(&json, "clockfile");
    json_string(&json, worst->clockfile);
    json_key(&json, "late_ms");
    json_number(&json, late_us / 1000);
    json_close(&json, '}');
    text_add_char(&text, '\n');
    return out_text(&text, error);
}

static bool
judge(Context *context, const SurveyHorizon *worst, int64_t max_late_s, Error *error)
{
    int64_t late_us = 0;
    if (worst->next_due_s != INT64_MAX && worst->db_us > worst->next_due_s * 1000000)
        late_us = worst->db_us - worst->next_due_s * 1000000;
    bool healthy = late_us <= max_late_s * 1000000;
    if (!say(context, worst, late_us, healthy, error))
        return false;
    if (healthy)
        return true;
    Text due = text_new(context->arena), late = text_new(context->arena);
    instant_write_utc(&due, worst->next_due_s);
    span_write(&late, late_us / 1000000);
    error_set(error, ERR_NO, "'%.128s' was due at %s and is unfired for %s", worst->clockfile,
        due.at, late.at);
    return error_hint(error, "is clock run running? its log says why it does not fire");
}

static bool
run(Context *context, Error *error)
{
    const char *name;
    int64_t max_late_s, ahead_us;
    SurveyHorizon *horizons;
    size_t n;
    if (!read_late(context, &max_late_s, error) || !target_any(context, &name, error))
        return false;
    /* Once: who probes tries again by itself, and soon. */
    context->pg = pg_new(context->db, "clock");
    if (!pg_connect(context->pg, now_mono_us() + CONNECT_US, error) ||
        !migrate_check(context->pg, context->arena, error) ||
        !survey_horizons(context->pg, context->arena, name, &horizons, &n, &ahead_us, error))
        return false;
    if (n > 0)
        return judge(context, worst_of(horizons, n), max_late_s, error);
    if (name == NULL)
        error_set(error, ERR_NO, "no clock has run here yet");
    else
        error_set(error, ERR_NO, "no clock has run a Clockfile named '%.128s' here", name);
    return error_hint(error, "type clock run");
}

const Command command_health = {
    .name = "health",
    .operands = "",
    .summary = "tell a probe whether fires happen: exit 0 or 1",
    .detail = "0: the database answers, and nothing is due and unfired for longer than\n"
              "--max-late.  1: something is, or no clock has ever run.  4, 5: the database is\n"
              "away, or refuses.",
    .options = options,
    .run = run,
};
