/* What no other file knows: what a clock counts, and how its file of metrics is replaced. */

#include "proc/metrics.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/now.h"
#include "base/prom.h"
#include "base/text.h"

#define EVERY_US INT64_C(1000000) /* at most once in so long */
#define REASONS (MISS_REFUSED + 1)

struct Metrics {
    const char *path;
    const char *beside; /* written first, then renamed */
    int64_t started_s;  /* by this host's clock, as looked_s */
    int64_t looked_s;
    int64_t written_us; /* mono; INT64_MIN: never */
    bool changed;
    bool failed; /* and said so */

    int64_t connects, transactions, armed, rows, reloads, kept;
    int64_t missed[REASONS];
    int64_t late_us, late_max_us; /* of the last transaction; the most so far */
    int64_t through_s, next_s;    /* of the horizon */

    Stance stance;
    int64_t answered_us; /* the look that was seen last */
};

Metrics *
metrics_new(Arena *life, const char *path)
{
    if (path == NULL)
        return NULL;
    Metrics *metrics = arena_alloc(life, sizeof *metrics);
    *metrics = (Metrics){.path = path,
        .beside = arena_printf(life, "%s.%ld", path, (long)getpid()),
        .started_s = now_wall_us() / 1000000,
        .looked_s = INT64_MIN,
        .written_us = INT64_MIN,
        .changed = true,
        .through_s = INT64_MIN,
        .next_s = INT64_MAX};
    return metrics;
}

/* ---- counting ---- */

void
metrics_connected(Metrics *metrics)
{
    if (metrics == NULL)
        return;
    metrics->connects++;
    metrics->changed = true;
}

void
metrics_fired(Metrics *metrics, const Batch *batch, const RowCount *count, int64_t db_us)
{
    if (metrics == NULL)
        return;
    metrics->changed = true;
    metrics->through_s = batch->new_s;
    metrics->next_s = batch->next_due_s;
    for (size_t i = 0; i < batch->n_misses; i++) { /* one that cannot be told counts as one */
        const Miss *miss = &batch->misses[i];
        metrics->missed[miss->reason] += miss->count < 0 ? 1 : miss->count;
    }
    metrics->missed[MISS_OVERLAP] += count->overlapped;
    metrics->missed[MISS_REFUSED] += count->refused;
    if (batch->n_fires == 0)
        return;
    metrics->transactions++;
    metrics->rows += count->inserted;
    metrics->late_us = db_us - batch->new_s * 1000000;
    if (metrics->late_us > metrics->late_max_us)
        metrics->late_max_us = metrics->late_us;
}

void
metrics_armed(Metrics *metrics)
{
    if (metrics != NULL)
        metrics->armed++;
}

void
metrics_reloaded(Metrics *metrics)
{
    if (metrics == NULL)
        return;
    metrics->reloads++;
    metrics->changed = true;
}

void
metrics_kept(Metrics *metrics)
{
    if (metrics == NULL)
        return;
    metrics->kept++;
    metrics->changed = true;
}

/* ---- the text ---- */

static void
add_state(const Metrics *metrics, Text *text, const char *const *labels, int64_t up)
{
    const struct {
        const char *name, *help;
        int64_t value;
    } gauges[] = {
        {"clock_run_up", "1 while clock run runs, 0 when it was stopped.", up},
        {"clock_run_connected", "1 while the database answers.",
            up && metrics->stance != STANCE_AWAY},
        {"clock_run_in_force", "1 when this clock's file is in force, 0 when it stands by.",
            up && metrics->stance == STANCE_IN_FORCE},
    };
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++) {
        prom_family(text, gauges[i].name, PROM_GAUGE, gauges[i].help);
        prom_count(text, gauges[i].name, labels, gauges[i].value);
    }
}

static void
add_instants(const Metrics *metrics, Text *text, const char *const *labels)
{
    const struct {
        const char *name, *help;
        int64_t at_s;
    } instants[] = {
        {"clock_run_start_time_seconds", "When clock run was started.", metrics->started_s},
        {"clock_run_last_look_timestamp_seconds", "When the horizon was last looked at.",
            metrics->looked_s},
        {"clock_run_fired_through_timestamp_seconds",
            "The horizon: every instant up to here is decided.", metrics->through_s},
        {"clock_run_next_due_timestamp_seconds", "The next instant that is due.",
            metrics->next_s},
    };
    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++) {
        prom_family(text, instants[i].name, PROM_GAUGE, instants[i].help);
        prom_instant(text, instants[i].name, labels, instants[i].at_s);
    }
}

static void
add_counts(const Metrics *metrics, Text *text, const char *const *labels)
{
    const struct {
        const char *name, *help;
        int64_t value;
    } counters[] = {
        {"clock_run_fires_total", "Transactions that fired.", metrics->transactions},
        {"clock_run_armed_fires_total", "Those of them that were armed ahead of their instant.",
            metrics->armed},
        {"clock_run_rows_total", "Rows that were inserted.", metrics->rows},
        {"clock_run_connects_total", "Connections that were made.", metrics->connects},
        {"clock_run_reloads_total", "Clockfiles that were read again.", metrics->reloads},
        {"clock_run_reloads_refused_total", "Clockfiles that were refused at a reload.",
            metrics->kept},
        {"clock_run_log_lines_dropped_total", "Log lines that nobody took.", log_dropped()},
    };
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        prom_family(text, counters[i].name, PROM_COUNTER, counters[i].help);
        prom_count(text, counters[i].name, labels, counters[i].value);
    }
}

static void
add_missed(const Metrics *metrics, Text *text, const char *clockfile)
{
    static const char name[] = "clock_run_missed_fires_total";
    prom_family(text, name, PROM_COUNTER, "Fires that were recorded instead of made.");
    for (int reason = 0; reason < REASONS; reason++) {
        const char *labels[] = {
            "clockfile", clockfile, "reason", miss_reason((MissReason)reason), NULL};
        prom_count(text, name, labels, metrics->missed[reason]);
    }
}

static void
add_all(const Metrics *metrics, const Clockfile *file, Text *text, int64_t up)
{
    const char *labels[] = {"clockfile", file->name, NULL};
    char revision[20];
    snprintf(revision, sizeof revision, "%016llx", (unsigned long long)file->revision);
    const char *info[] = {
        "clockfile", file->name, "version", CLOCK_VERSION, "revision", revision, NULL};
    prom_family(text, "clock_run_info", PROM_GAUGE, "Which clock this is, and of which file.");
    prom_count(text, "clock_run_info", info, 1);
    add_state(metrics, text, labels, up);
    add_instants(metrics, text, labels);
    add_counts(metrics, text, labels);
    add_missed(metrics, text, file->name);
    prom_family(text, "clock_run_late_seconds", PROM_GAUGE,
        "How late the last fire was committed, by the database's clock.");
    prom_seconds(text, "clock_run_late_seconds", labels, metrics->late_us);
    prom_family(text, "clock_run_late_max_seconds", PROM_GAUGE, "The most since the start.");
    prom_seconds(text, "clock_run_late_max_seconds", labels, metrics->late_max_us);
}

/* ---- the file ---- */

/* Readable for the collector whatever our umask: a service has often 077. */
static bool
replace(const Metrics *metrics, const Text *text, Error *error)
{
    unlink(metrics->beside); /* of a process that was killed and had our number */
    int fd = open(metrics->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_system(error, ERR_OUTPUT, "cannot create '%.200s'", metrics->beside);
    bool ok = fchmod(fd, 0644) == 0 && write(fd, text->at, text->len) == (ssize_t)text->len;
    ok = close(fd) == 0 && ok;
    if (ok && rename(metrics->beside, metrics->path) == 0)
        return true;
    error_system(error, ERR_OUTPUT, "cannot write '%.200s'", metrics->path);
    unlink(metrics->beside);
    return false;
}

static void
write_file(Metrics *metrics, const Protocol *protocol, int64_t up)
{
    Arena *arena = arena_new(0);
    Text text = text_new(arena);
    Error error;
    add_all(metrics, protocol_file(protocol), &text, up);
    bool ok = replace(metrics, &text, &error);
    if (!ok && !metrics->failed) {
        log_begin(LOG_WARNING, "unwritten");
        log_text("file", metrics->path);
        log_text("error", error.text);
        log_text("result", "metrics stay as they were; dispatch goes on");
        log_end();
    } else if (ok && metrics->failed) {
        log_begin(LOG_INFO, "written");
        log_text("file", metrics->path);
        log_end();
    }
    metrics->failed = !ok;
    arena_free(arena);
}

/* What the protocol knows and nobody tells us of. */
static void
look(Metrics *metrics, const Protocol *protocol)
{
    Stance stance = protocol_stance(protocol);
    const Horizon *horizon = protocol_horizon(protocol);
    if (stance != metrics->stance) {
        metrics->stance = stance;
        metrics->changed = true;
    }
    if (horizon->answered_us == metrics->answered_us)
        return;
    metrics->answered_us = horizon->answered_us;
    metrics->looked_s = horizon->wall_us / 1000000;
    if (horizon->exists) {
        metrics->through_s = horizon->fired_through_s;
        metrics->next_s = horizon->next_due_s;
    }
    metrics->changed = true;
}

int64_t
metrics_due_us(const Metrics *metrics, const Protocol *protocol)
{
    if (metrics == NULL || !metrics->changed || protocol_is_armed(protocol))
        return INT64_MAX;
    return metrics->written_us == INT64_MIN ? 0 : metrics->written_us + EVERY_US;
}

void
metrics_step(Metrics *metrics, const Protocol *protocol, int64_t mono_us)
{
    if (metrics == NULL)
        return;
    look(metrics, protocol);
    if (mono_us < metrics_due_us(metrics, protocol))
        return;
    write_file(metrics, protocol, 1);
    metrics->written_us = mono_us;
    metrics->changed = false;
}

void
metrics_end(Metrics *metrics, const Protocol *protocol)
{
    if (metrics != NULL)
        write_file(metrics, protocol, 0);
}
