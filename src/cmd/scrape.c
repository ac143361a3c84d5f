/* What no other file knows: the names of the metrics that tell the state of the database. Those
 * of one running clock stand in proc/metrics.c, under other names: a collector that reads both
 * finds nothing twice. */

#include "cmd/scrape.h"

#include <string.h>

#include "base/prom.h"
#include "cmd/out.h"
#include "cmd/shown.h"
#include "db/migrate.h"

typedef struct {
    Arena *arena;
    Zones *zones;
    const SurveyHorizon *horizons;
    size_t n;
    const SurveyJob *jobs;
    size_t n_jobs;
    const SurveyQueue *queues;
    size_t n_queues;
    Text *text;
} Scrape;

static void
add_ground(const Scrape *scrape, const SchemaState *schema, int64_t ahead_us)
{
    const char *info[] = {"version", CLOCK_VERSION, NULL};
    prom_family(scrape->text, "clock_build_info", PROM_GAUGE, "Which clock asked.");
    prom_count(scrape->text, "clock_build_info", info, 1);
    prom_family(scrape->text, "clock_schema_version", PROM_GAUGE,
        "The version of schema clock in the database.");
    prom_count(scrape->text, "clock_schema_version", NULL, schema->version);
    prom_family(scrape->text, "clock_host_ahead_seconds", PROM_GAUGE,
        "How far this host's clock is ahead of the database's.");
    prom_seconds(scrape->text, "clock_host_ahead_seconds", NULL, ahead_us);
}

static void
add_horizons(const Scrape *scrape)
{
    enum { THROUGH, DUE, LATE, STARTED, REVISION, FAMILIES };
    static const struct {
        const char *name, *help;
    } family[FAMILIES] = {
        {"clock_fired_through_timestamp_seconds",
            "The horizon: every instant up to here is decided."},
        {"clock_next_due_timestamp_seconds", "The next instant that is due."},
        {"clock_late_seconds", "How long the next due instant has been due and unfired."},
        {"clock_in_force_timestamp_seconds", "When the clock whose file rules was started."},
        {"clock_revision_info", "The revision in force."},
    };
    for (int i = 0; i < FAMILIES; i++) {
        prom_family(scrape->text, family[i].name, PROM_GAUGE, family[i].help);
        for (size_t at = 0; at < scrape->n; at++) {
            const SurveyHorizon *h = &scrape->horizons[at];
            const char *labels[] = {"clockfile", h->clockfile, NULL};
            const char *info[] = {"clockfile", h->clockfile, "revision", h->revision, NULL};
            bool late = h->next_due_s != INT64_MAX && h->db_us > h->next_due_s * 1000000;
            if (i == LATE)
                prom_seconds(scrape->text, family[i].name, labels,
                    late ? h->db_us - h->next_due_s * 1000000 : 0);
            else if (i == REVISION)
                prom_count(scrape->text, family[i].name, info, 1);
            else
                prom_instant(scrape->text, family[i].name, labels,
                    i == THROUGH ? h->fired_through_s
                    : i == DUE   ? h->next_due_s
                                 : h->started_at_us / 1000000);
        }
    }
}

/* Jobs and horizons are in the same order, and every job has its horizon. */
static void
add_jobs(const Scrape *scrape)
{
    enum { LAST, NEXT, PAUSED, MISSED, FAMILIES };
    static const struct {
        const char *name, *help;
    } family[FAMILIES] = {
        {"clock_job_last_fire_timestamp_seconds", "The last fire of which there is a trace."},
        {"clock_job_next_due_timestamp_seconds", "The job's next fire."},
        {"clock_job_paused", "1 while the job is paused."},
        {"clock_job_missed_fires", "Fires on record as missed, within the retention."},
    };
    for (int i = 0; i < FAMILIES; i++) {
        prom_family(scrape->text, family[i].name, PROM_GAUGE, family[i].help);
        size_t of = 0;
        for (size_t at = 0; at < scrape->n_jobs; at++) {
            const SurveyJob *job = &scrape->jobs[at];
            const char *labels[] = {"clockfile", job->clockfile, "job", job->job, NULL};
            const Zone *zone;
            while (
                of < scrape->n && strcmp(scrape->horizons[of].clockfile, job->clockfile) != 0)
                of++;
            if (of == scrape->n)
                break;
            if (i == LAST)
                prom_instant(scrape->text, family[i].name, labels, job->last_s);
            else if (i == NEXT)
                prom_instant(scrape->text, family[i].name, labels,
                    shown_next(
                        scrape->arena, scrape->zones, &scrape->horizons[of], job, &zone));
            else
                prom_count(scrape->text, family[i].name, labels,
                    i == PAUSED ? job->paused : job->missed);
        }
    }
}

static void
add_queues(const Scrape *scrape)
{
    static const char rows[] = "clock_rows", oldest[] = "clock_oldest_ready_seconds";
    prom_family(scrape->text, rows, PROM_GAUGE,
        "Rows of clock.jobs; those of applications have no clockfile.");
    for (size_t i = 0; i < scrape->n_queues; i++) {
        const SurveyQueue *queue = &scrape->queues[i];
        const struct {
            const char *state;
            int64_t n;
        } states[] = {{"ready", queue->ready}, {"waiting", queue->waiting},
            {"running", queue->running}, {"dead", queue->dead}};
        for (size_t s = 0; s < sizeof states / sizeof *states; s++) {
            const char *labels[] = {"clockfile", queue->clockfile, "queue", queue->queue,
                "state", states[s].state, NULL};
            prom_count(scrape->text, rows, labels, states[s].n);
        }
    }
    prom_family(scrape->text, oldest, PROM_GAUGE, "How long the oldest ready row has waited.");
    for (size_t i = 0; i < scrape->n_queues; i++) {
        const SurveyQueue *queue = &scrape->queues[i];
        const char *labels[] = {"clockfile", queue->clockfile, "queue", queue->queue, NULL};
        prom_seconds(scrape->text, oldest, labels, queue->oldest_us);
    }
}

bool
scrape_write(Context *context, const char *name, const SurveyHorizon *horizons, size_t n,
    const SurveyJob *jobs, size_t n_jobs, int64_t ahead_us, Error *error)
{
    SchemaState schema;
    SurveyQueue *queues;
    size_t n_queues;
    if (!migrate_state(context->pg, context->arena, &schema, error) ||
        !survey_queues(context->pg, context->arena, name, &queues, &n_queues, error))
        return false;
    Text text = text_new(context->arena);
    Scrape scrape = {.arena = context->arena,
        .zones = zones_new(context->arena),
        .horizons = horizons,
        .n = n,
        .jobs = jobs,
        .n_jobs = n_jobs,
        .queues = queues,
        .n_queues = n_queues,
        .text = &text};
    add_ground(&scrape, &schema, ahead_us);
    add_horizons(&scrape);
    add_jobs(&scrape);
    add_queues(&scrape);
    return out_text(&text, error);
}
