/* clock simulate: what a clock would enqueue over some days in which it is away at times, so
 * that what `missed` says is seen before it matters. */

#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/ask.h"
#include "cmd/out.h"
#include "cmd/replay.h"
#include "time/civil.h"
#include "time/instant.h"
#include "time/span.h"

#define OUTAGES_MAX 100
#define DAYS_MAX 400
#define DAYS_DEFAULT 7

static bool run(Context *context, Error *error);

static const Option options[] = {
    {0, "from", "TIME", "the clock starts here (default: now)"},
    {0, "until", "TIME",
        "and ends here (default: 7 days later, or a day after the last outage)"},
    {0, "outage", "A..B", "nobody fires from instant A until B; may be repeated"},
    {0, "job", "NAME", "only this job"},
    {0, "json", NULL, "one JSON object a job"},
    {0, NULL, NULL, NULL},
};

const Command command_simulate = {
    .name = "simulate",
    .operands = "[FILE]",
    .summary = "show what an outage would delay and skip, and why",
    .detail =
        "Needs no database: it drives the same dispatcher as run through made-up time, as\n"
        "in clock simulate --from 2026-12-01T00:00:00Z\n"
        "    --outage 2026-12-02T01:00:00Z..2026-12-02T09:00:00Z",
    .options = options,
    .needs = NEED_FILE,
    .max_operands = 1,
    .run = run,
};

static bool
read_outage(Arena *arena, const char *text, Outage *outage, Error *error)
{
    const char *dots = strstr(text, "..");
    if (dots == NULL) {
        error_set(error, ERR_USAGE, "--outage '%.80s' is not A..B", text);
        return error_hint(
            error, "for example --outage 2026-12-02T01:00:00Z..2026-12-02T09:00:00Z");
    }
    if (!ask_instant_text(
            "outage", arena_copy(arena, text, (size_t)(dots - text)), &outage->from_s, error) ||
        !ask_instant_text("outage", dots + 2, &outage->until_s, error))
        return false;
    return outage->from_s < outage->until_s ||
           error_set(error, ERR_USAGE, "--outage '%.80s' ends before it begins", text);
}

static int
by_start(const void *a, const void *b)
{
    int64_t x = ((const Outage *)a)->from_s, y = ((const Outage *)b)->from_s;
    return x < y ? -1 : x > y;
}

static bool
read_outages(const Context *context, ReplaySpec *spec, Error *error)
{
    Outage *outages = arena_array(context->arena, OUTAGES_MAX, sizeof *outages);
    const char *text;
    for (; (text = context_repeated(context, "outage", spec->n_outages)) != NULL;
         spec->n_outages++) {
        if (spec->n_outages == OUTAGES_MAX)
            return error_set(error, ERR_USAGE, "more than %d outages", OUTAGES_MAX);
        if (!read_outage(context->arena, text, &outages[spec->n_outages], error))
            return false;
    }
    qsort(outages, spec->n_outages, sizeof *outages, by_start);
    for (size_t i = 1; i < spec->n_outages; i++) {
        if (outages[i].from_s < outages[i - 1].until_s)
            return error_set(error, ERR_USAGE, "two outages overlap");
    }
    spec->outages = outages;
    return true;
}

static bool
read_spec(Context *context, ReplaySpec *spec, Error *error)
{
    const char *name = context_option(context, "job");
    size_t job;
    if (!ask_instant(context, "from", context->now_s, &spec->from_s, error) ||
        !read_outages(context, spec, error))
        return false;
    int64_t until_s = spec->from_s + DAYS_DEFAULT * CIVIL_DAY_S;
    if (spec->n_outages > 0 &&
        spec->outages[spec->n_outages - 1].until_s > until_s - CIVIL_DAY_S)
        until_s = spec->outages[spec->n_outages - 1].until_s + CIVIL_DAY_S;
    if (!ask_instant(context, "until", until_s, &spec->until_s, error))
        return false;
    if (spec->until_s <= spec->from_s)
        return error_set(error, ERR_USAGE, "--until does not lie after --from");
    if (spec->until_s - spec->from_s > DAYS_MAX * (int64_t)CIVIL_DAY_S)
        return error_set(error, ERR_USAGE, "more than %d days to simulate", DAYS_MAX);
    spec->file = context->file;
    if (name == NULL)
        return true;
    if (!ask_job(context->file, name, &job, error))
        return false;
    Clockfile *one = arena_alloc(context->arena, sizeof *one);
    *one = *context->file;
    one->jobs = &context->file->jobs[job];
    one->n = 1;
    spec->file = one;
    return true;
}

/* Why instants were left out, in the words of the Clockfile. */
static void
add_reason(Text *text, const Job *job, MissReason reason)
{
    switch (reason) {
    case MISS_POLICY:
        text_add(text, job->missed == MISSED_SKIP ? "missed: skip makes up for none"
                                                  : "missed: latest keeps the newest only");
        break;
    case MISS_WITHIN:
        text_add(text, "older than within: ");
        span_write(text, job->within_s);
        break;
    case MISS_LIMIT:
        text_addf(text, "beyond limit: %d", (int)job->limit);
        break;
    case MISS_OVERLAP:
        text_add(text, "overlap: skip, the one before is not done");
        break;
    default:
        text_add(text, miss_reason(reason));
    }
}

/* "    1 enqueued late, by 7h30m: 2026-11-23T02:30:00+01:00" */
static void
add_end(Text *text, const Job *job, const Tally *tally)
{
    const Zone *zone = schedule_zone(job->schedule);
    text_addf(text, "  %s (%s)\n", job->name, text_safe(text->arena, job->written));
    if (tally->late > 0) {
        text_addf(text, "    %lld enqueued late, by %s", (long long)tally->late,
            tally->late > 1 ? "up to " : "");
        span_write(text, tally->latest_by_s);
        for (int64_t i = 0; i < tally->late && i < REPLAY_FIRST; i++) {
            text_add(text, i == 0 ? ": " : ", ");
            instant_write(text, tally->first_s[i], zone);
        }
        text_add(text, tally->late > REPLAY_FIRST ? ", ...\n" : "\n");
    }
    for (int reason = 0; reason <= MISS_REFUSED; reason++) {
        const Miss *miss = &tally->misses[reason];
        if (miss->count == 0)
            continue;
        text_addf(text, "    %lld skipped: ", (long long)miss->count);
        instant_write(text, miss->first_s, zone);
        if (miss->count > 1) {
            text_add(text, " to ");
            instant_write(text, miss->last_s, zone);
        }
        text_add(text, "; ");
        add_reason(text, job, (MissReason)reason);
        text_add_char(text, '\n');
    }
}

static void
add_outage(Text *text, const ReplaySpec *spec, const Replay *replay, size_t outage)
{
    const Outage *at = &spec->outages[outage];
    bool any = false;
    text_add(text, "outage ");
    instant_write_utc(text, at->from_s);
    text_add(text, " to ");
    instant_write_utc(text, at->until_s);
    text_add(text, ", ");
    span_write(text, at->until_s - at->from_s);
    text_add(text, at->until_s > spec->until_s ? ": goes on at the end\n" : "; at its end:\n");
    for (size_t i = 0; i < spec->file->n; i++) {
        const Tally *tally = &replay->ends[outage][i];
        if (tally->late == 0 && tally_skipped(tally) == 0)
            continue;
        add_end(text, &spec->file->jobs[i], tally);
        any = true;
    }
    text_add(text, any || at->until_s > spec->until_s ? "\n" : "  nothing was late\n\n");
}

static const char *
number(Arena *arena, int64_t n)
{
    return arena_printf(arena, "%lld", (long long)n);
}

/* "latest within 1d", "all within 3d, limit 3": what the job says of missed fires. */
static const char *
policy(Arena *arena, const Job *job)
{
    Text text = text_new(arena);
    if (job->missed == MISSED_SKIP)
        return "skip";
    text_add(&text, job->missed == MISSED_ALL ? "all within " : "latest within ");
    span_write(&text, job->within_s);
    if (job->missed == MISSED_ALL)
        text_addf(&text, ", limit %d", (int)job->limit);
    return text.at;
}

static void
add_table(Text *text, const ReplaySpec *spec, const Replay *replay)
{
    static const char *const heads[] = {
        "job", "missed", "on time", "late", "latest by", "skipped", "undecided", NULL};
    Arena *arena = text->arena;
    Table *table = table_new(arena, heads);
    for (size_t i = 0; i < spec->file->n; i++) {
        const Tally *tally = &replay->jobs[i];
        if (!spec->file->jobs[i].enabled)
            continue;
        Text latest = text_new(arena);
        span_write(&latest, tally->latest_by_s);
        table_cell(table, spec->file->jobs[i].name);
        table_cell(table, policy(arena, &spec->file->jobs[i]));
        table_cell(table, number(arena, tally->on_time));
        table_cell(table, number(arena, tally->late));
        table_cell(table, tally->late > 0 ? latest.at : "-");
        table_cell(table, number(arena, tally_skipped(tally)));
        table_cell(table, number(arena, tally->undecided));
    }
    table_write(table, text);
}

static void
add_tally(Json *json, Arena *arena, const Job *job, const Tally *tally)
{
    json_key(json, "late");
    json_number(json, tally->late);
    json_key(json, "latest_by_s");
    json_number(json, tally->latest_by_s);
    json_key(json, "skipped");
    json_open(json, '[');
    for (int reason = 0; reason <= MISS_REFUSED; reason++) {
        const Miss *miss = &tally->misses[reason];
        Text first = text_new(arena), last = text_new(arena);
        if (miss->count == 0)
            continue;
        instant_write(&first, miss->first_s, schedule_zone(job->schedule));
        instant_write(&last, miss->last_s, schedule_zone(job->schedule));
        json_open(json, '{');
        json_key(json, "reason");
        json_string(json, miss_reason((MissReason)reason));
        json_key(json, "count");
        json_number(json, miss->count);
        json_key(json, "first_at");
        json_string(json, first.at);
        json_key(json, "last_at");
        json_string(json, last.at);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void
add_object(Text *text, const ReplaySpec *spec, const Replay *replay, size_t job)
{
    Arena *arena = text->arena;
    Json json = json_new(text);
    json_open(&json, '{');
    json_key(&json, "job");
    json_string(&json, spec->file->jobs[job].name);
    json_key(&json, "on_time");
    json_number(&json, replay->jobs[job].on_time);
    add_tally(&json, arena, &spec->file->jobs[job], &replay->jobs[job]);
    json_key(&json, "undecided");
    json_number(&json, replay->jobs[job].undecided);
    json_key(&json, "outages");
    json_open(&json, '[');
    for (size_t i = 0; i < spec->n_outages; i++) {
        Text from = text_new(arena), until = text_new(arena);
        instant_write_utc(&from, spec->outages[i].from_s);
        instant_write_utc(&until, spec->outages[i].until_s);
        json_open(&json, '{');
        json_key(&json, "from");
        json_string(&json, from.at);
        json_key(&json, "until");
        json_string(&json, until.at);
        add_tally(&json, arena, &spec->file->jobs[job], &replay->ends[i][job]);
        json_close(&json, '}');
    }
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(text, '\n');
}

static void
add_story(Text *text, const ReplaySpec *spec, const Replay *replay)
{
    bool overlap = false;
    instant_write_utc(text, spec->from_s);
    text_add(text, " to ");
    instant_write_utc(text, spec->until_s);
    text_addf(text, ": %lld enqueued, %lld skipped\n\n", (long long)replay->fires,
        (long long)replay->skipped);
    for (size_t i = 0; i < spec->n_outages; i++)
        add_outage(text, spec, replay, i);
    add_table(text, spec, replay);
    for (size_t i = 0; i < spec->file->n; i++)
        overlap = overlap || spec->file->jobs[i].overlap == OVERLAP_SKIP;
    if (overlap)
        text_add(
            text, "\nfor overlap: skip, rows enqueued on time are taken to be done in time\n");
}

static bool
run(Context *context, Error *error)
{
    ReplaySpec spec = {.n_outages = 0};
    if (!read_spec(context, &spec, error))
        return false;
    const Replay *replay = replay_new(context->arena, &spec);
    Text text = text_new(context->arena);
    for (size_t i = 0; i < spec.file->n && context->json; i++)
        add_object(&text, &spec, replay, i);
    if (!context->json)
        add_story(&text, &spec, replay);
    return out_text(&text, error);
}
