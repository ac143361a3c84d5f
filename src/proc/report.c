/* What no other file knows: the words and fields of the dispatcher's log. */

#include "proc/report.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "due/timeline.h"

#define NEXT_SHOWN 5
#define NAMES_SHOWN 10
#define DIAGS_SHOWN 5
#define JOBS_NAMED 4

void
report_file(const Clockfile *file, int64_t now_s)
{
    size_t enabled = 0;
    for (size_t i = 0; i < file->n; i++)
        enabled += file->jobs[i].enabled;
    log_begin(LOG_INFO, "read");
    log_text("file", file->path);
    log_text("clockfile", file->name);
    log_number("jobs", (int64_t)enabled);
    if (enabled < file->n)
        log_number("disabled", (int64_t)(file->n - enabled));
    log_end();

    Arena *arena = arena_new(0);
    Timeline *timeline = timeline_new(arena, file, NULL, now_s);
    TimelineGroup group;
    for (size_t shown = 0; shown < NEXT_SHOWN && timeline_take(timeline, &group);) {
        for (size_t i = 0; i < group.n && shown < NEXT_SHOWN; i++, shown++) {
            log_begin(LOG_INFO, "planned");
            log_text("job", file->jobs[group.jobs[i]].name);
            log_time("scheduled_at", group.due_s);
            log_end();
        }
    }
    arena_free(arena);
}

void
report_warnings(const Diags *diags)
{
    const Diag *list;
    size_t n = diags_list(diags, &list);
    for (size_t i = 0; i < n; i++) {
        if (list[i].level != DIAG_WARNING)
            continue;
        log_begin(LOG_WARNING, "noticed");
        log_text("file", diags_file(diags));
        log_number("line", list[i].pos.line);
        log_text("warning", list[i].text);
        log_text("hint", list[i].hint);
        log_end();
    }
}

void
report_connected(const char *where)
{
    log_begin(LOG_INFO, "connected");
    log_text("database", where);
    log_end();
}

void
report_trouble(const char *what, const Error *error)
{
    log_begin(error->kind == ERR_DB_AWAY ? LOG_WARNING : LOG_ERROR, what);
    log_text("error", error->text);
    if (*error->sqlstate != '\0')
        log_text("sqlstate", error->sqlstate);
    if (*error->hint != '\0')
        log_text("hint", error->hint);
    log_end();
}

void
report_stance(Stance stance, const Clockfile *file, const Horizon *horizon)
{
    if (stance != STANCE_IN_FORCE && stance != STANCE_STAND_BY)
        return;
    log_begin(LOG_INFO, "entered");
    log_text("state", stance == STANCE_IN_FORCE ? "in-force" : "stand-by");
    log_text("clockfile", file->name);
    log_time("fired_through", horizon->fired_through_s);
    log_time("next_due", horizon->next_due_s);
    if (stance == STANCE_STAND_BY)
        log_text("why", "a clock that started later has another file in force");
    log_end();
}

void
report_quiet(const Horizon *horizon)
{
    log_begin(LOG_WARNING, "paused");
    log_text("why", "the database's clock is behind the horizon; nothing fires until it has "
                    "passed");
    log_time("fired_through", horizon->fired_through_s);
    log_number("behind_s", horizon->fired_through_s - horizon->db_us / 1000000);
    log_end();
}

void
report_confirming(int64_t ahead_us)
{
    log_begin(LOG_WARNING, "paused");
    log_text("why", "the database's clock and the expected time are more than 1 h apart; "
                    "believed after 60 s");
    log_number("ahead_s", ahead_us / 1000000);
    log_end();
}

void
report_started(const Clockfile *file, int64_t from_s, bool again)
{
    log_begin(again ? LOG_WARNING : LOG_INFO, "began");
    log_text("clockfile", file->name);
    log_time("from", from_s);
    if (again)
        log_text("why", "the horizon was gone from the database");
    log_end();
}

/* Adds up to NAMES_SHOWN names to a list, then how many more. */
static void
log_names(Arena *arena, const char *key, const char *const *names, size_t n)
{
    if (n == 0)
        return;
    Text text = text_new(arena);
    for (size_t i = 0; i < n && i < NAMES_SHOWN; i++)
        text_addf(&text, "%s%s", i == 0 ? "" : ",", names[i]);
    if (n > NAMES_SHOWN)
        text_addf(&text, ",+%zu", n - NAMES_SHOWN);
    log_text(key, text.at);
}

void
report_change(const Change *change, const Clockfile *file, bool takeover)
{
    Arena *arena = arena_new(0);
    const char **names = arena_array(arena, change->n_put + 1, sizeof *names);
    for (size_t i = 0; i < change->n_put; i++)
        names[i] = change->put[i]->name;
    log_begin(takeover ? LOG_WARNING : LOG_INFO, takeover ? "took_over" : "put_in_force");
    log_text("clockfile", file->name);
    log_names(arena, "added", names, change->n_added);
    log_names(arena, "changed", names + change->n_added, change->n_put - change->n_added);
    log_names(arena, "removed", change->removed, change->n_removed);
    if (takeover)
        log_text("why", "the promised instant went by untouched for 30 s");
    log_end();
    arena_free(arena);
}

static void
report_misses(const Batch *batch)
{
    for (size_t i = 0; i < batch->n_misses && i < NAMES_SHOWN; i++) {
        const Miss *miss = &batch->misses[i];
        log_begin(LOG_WARNING, "missed");
        log_text("job", miss->job);
        log_text("reason", miss_reason(miss->reason));
        log_number("count", miss->count);
        log_time("first_at", miss->first_s);
        log_time("last_at", miss->last_s);
        log_end();
    }
    if (batch->n_misses > NAMES_SHOWN) {
        log_begin(LOG_WARNING, "missed");
        log_number("more_jobs", (int64_t)(batch->n_misses - NAMES_SHOWN));
        log_text("see", "clock.missed");
        log_end();
    }
}

/* Which jobs: by name while they are few. */
static void
log_jobs(const Batch *batch, const RowCount *count)
{
    const char *names[JOBS_NAMED];
    if (batch->n_fires == 1) {
        log_text("job", batch->fires[0].job->name);
        return;
    }
    log_number("rows", count->inserted);
    if (batch->n_fires > JOBS_NAMED)
        return;
    for (size_t i = 0; i < batch->n_fires; i++)
        names[i] = batch->fires[i].job->name;
    Arena *arena = arena_new(0);
    log_names(arena, "jobs", names, batch->n_fires);
    arena_free(arena);
}

void
report_batch(const Batch *batch, const RowCount *count, int64_t db_us)
{
    if (batch->n_fires > 0) {
        const Fire *first = &batch->fires[0];
        int64_t last_s = batch->fires[batch->n_fires - 1].due_s;
        bool late = batch->new_s < db_us / 1000000 - DISPATCH_FRESH_S;
        log_begin(count->swallowed > 0 || count->refused > 0 ? LOG_WARNING : LOG_INFO, "fired");
        log_jobs(batch, count);
        log_time("scheduled_at", first->due_s);
        if (last_s != first->due_s)
            log_time("through", last_s);
        log_number("late_ms", (db_us - batch->new_s * 1000000) / 1000);
        if (late)
            log_number("behind_s", db_us / 1000000 - batch->new_s);
        if (count->overlapped > 0)
            log_number("overlapped", count->overlapped);
        if (count->refused > 0)
            log_number("refused", count->refused);
        if (count->swallowed > 0)
            log_number("there_already", count->swallowed);
        log_end();
    }
    report_misses(batch);
}

void
report_promoted(int64_t rows)
{
    log_begin(LOG_DEBUG, "promoted");
    log_number("rows", rows);
    log_end();
}

void
report_unpruned(const Error *error)
{
    log_begin(LOG_WARNING, "unpruned");
    log_text("error", error->text);
    log_text("sqlstate", error->sqlstate);
    log_text("hint", strcmp(error->sqlstate, "42501") == 0
                         ? "give its role what is printed by: clock grants --role dispatcher"
                         : "type clock migrate");
    log_end();
}

void
report_unchanged(const Clockfile *file)
{
    log_begin(LOG_INFO, "reloaded");
    log_text("file", file->path);
    log_text("result", "unchanged");
    log_end();
}

void
report_kept(const char *path, const Diags *diags, const Error *error)
{
    const Diag *list;
    size_t n = diags_list(diags, &list);
    for (size_t i = 0, shown = 0; i < n && shown < DIAGS_SHOWN; i++) {
        if (list[i].level != DIAG_ERROR)
            continue;
        log_begin(LOG_ERROR, "refused");
        log_text("file", path);
        log_number("line", list[i].pos.line);
        log_number("column", list[i].pos.col);
        log_text("error", list[i].text);
        log_text("hint", list[i].hint);
        log_end();
        shown++;
    }
    log_begin(LOG_ERROR, "kept");
    log_text("file", path);
    log_text("error", error->text);
    log_text("result", "the old set runs on");
    if (*error->hint != '\0')
        log_text("hint", error->hint);
    log_end();
}

void
report_stopped(const Clockfile *file)
{
    log_begin(LOG_INFO, "stopped");
    log_text("clockfile", file->name);
    log_end();
}
