/* What no other file knows: how the horizon and the rules are read and written. */

#include "db/store.h"

#include <stdio.h>
#include <string.h>

#include "base/now.h"
#include "db/alone.h"
#include "db/rows.h"
#include "sql.h"

#define IDLE_SLACK_MS 500  /* a transaction may stay open this long beyond its lead */
#define LOCK_SLACK_MS 1000 /* and wait this much longer than its lead for another's */
#define PRUNE_PAGE "200"

static const char *
number(Arena *arena, int64_t n)
{
    return arena_printf(arena, "%lld", (long long)n);
}

/* NULL, so SQL NULL, for "never". */
static const char *
instant(Arena *arena, int64_t at_s)
{
    return at_s == INT64_MAX || at_s == INT64_MIN ? NULL : number(arena, at_s);
}

static const char *
revision(Arena *arena, const Clockfile *file)
{
    return arena_printf(arena, "%016llx", (unsigned long long)file->revision);
}

static int64_t
soon(void)
{
    return now_mono_us() + STORE_STATEMENT_US;
}

enum {
    LOOK_JOB,
    LOOK_TEXT,
    LOOK_FROM,
    LOOK_UNTIL,
    LOOK_PAUSED,
    LOOK_REVISION,
    LOOK_STARTED,
    LOOK_NOW,
    LOOK_WAITING
};

static void
read_horizon(const PgRows *rows, int row, Horizon *horizon)
{
    horizon->db_us = pg_number(rows, row, LOOK_NOW, 0);
    horizon->waiting_us = pg_number(rows, row, LOOK_WAITING, INT64_MAX);
    const char *version = pg_cell(rows, row, LOOK_TEXT);
    if (version == NULL)
        return;
    horizon->exists = true;
    snprintf(horizon->version, sizeof horizon->version, "%s", version);
    horizon->revision = (uint64_t)pg_number(rows, row, LOOK_REVISION, 0);
    horizon->fired_through_s = pg_number(rows, row, LOOK_FROM, 0);
    horizon->next_due_s = pg_number(rows, row, LOOK_UNTIL, INT64_MAX);
    horizon->started_at_us = pg_number(rows, row, LOOK_STARTED, 0);
}

bool
store_look(Pg *pg, Arena *arena, const char *clockfile, const char *known, int64_t until_us,
    Horizon *horizon, Error *error)
{
    const char *params[] = {clockfile, known};
    PgRows rows;
    AloneTrip trip;
    if (!alone_query(
            pg, arena, SQL_look, params, 2, STORE_SERVER_US, until_us, &rows, &trip, error))
        return false;
    *horizon = (Horizon){.answered_us = trip.answered_us,
        .trip_us = trip.answered_us - trip.asked_us,
        .wall_us = now_wall_us() - (now_mono_us() - trip.answered_us)};
    JobRow *jobs = arena_array(arena, (size_t)rows.rows, sizeof *jobs);
    size_t n = 0;
    for (int i = 0; i < rows.rows; i++) {
        const char *job = pg_cell(&rows, i, LOOK_JOB);
        if (job == NULL)
            read_horizon(&rows, i, horizon);
        else
            jobs[n++] = (JobRow){.job = job,
                .spec = pg_cell(&rows, i, LOOK_TEXT),
                .since_s = pg_number(&rows, i, LOOK_FROM, 0),
                .until_s = pg_number(&rows, i, LOOK_UNTIL, INT64_MAX),
                .paused = pg_bool(&rows, i, LOOK_PAUSED)};
    }
    horizon->has_rows = horizon->exists && strcmp(horizon->version, known) != 0;
    horizon->rows = jobs;
    horizon->n_rows = n;
    return true;
}

bool
store_begin(Pg *pg, Arena *arena, int64_t lead_us, int64_t until_us, Error *error)
{
    long long lead_ms = (long long)(lead_us / 1000) + 1;
    const char *script = arena_printf(arena,
        "BEGIN ISOLATION LEVEL READ COMMITTED;"
        "SET LOCAL lock_timeout = %lld;"
        "SET LOCAL idle_in_transaction_session_timeout = %lld;"
        "SET LOCAL statement_timeout = %lld",
        lead_ms + LOCK_SLACK_MS, lead_ms + IDLE_SLACK_MS, (long long)(STORE_SERVER_US / 1000));
    return pg_script(pg, arena, script, until_us, NULL, error);
}

bool
store_stamp(Pg *pg, Arena *arena, int64_t until_us, int64_t *db_us, Error *error)
{
    PgRows rows;
    if (!pg_query(pg, arena, SQL_stamp, NULL, 0, until_us, &rows, error))
        return false;
    *db_us = pg_number(&rows, 0, 0, 0);
    return true;
}

bool
store_commit(Pg *pg, Arena *arena, int64_t until_us, Error *error)
{
    return pg_commit(pg, arena, "COMMIT", until_us, error);
}

bool
store_rollback(Pg *pg, Arena *arena, int64_t until_us, Error *error)
{
    return pg_script(pg, arena, "ROLLBACK", until_us, NULL, error);
}

bool
store_commit_at(Pg *pg, Arena *arena, int64_t at_s, int64_t until_us, bool *early, Error *error)
{
    const char *script = arena_printf(
        arena, "SELECT clock.not_before(to_timestamp(%lld)); COMMIT", (long long)at_s);
    *early = false;
    if (pg_commit(pg, arena, script, until_us, error))
        return true;
    *early = strcmp(error->sqlstate, STORE_EARLY) == 0;
    return false;
}

bool
store_start(Pg *pg, Arena *arena, const Clockfile *file, int64_t at_s, int64_t started_at_us,
    int64_t until_us, bool *first, int64_t *begun_s, Error *error)
{
    const char *params[] = {
        file->name, instant(arena, at_s), revision(arena, file), number(arena, started_at_us)};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_start, params, 4, until_us, &rows, error))
        return false;
    *first = rows.rows == 1;
    if (*first)
        *begun_s = pg_number(&rows, 0, 0, 0);
    return true;
}

bool
store_put(Pg *pg, Arena *arena, const Clockfile *file, const Horizon *seen,
    int64_t started_at_us, bool takeover, int64_t until_us, bool *held,
    int64_t *fired_through_s, int64_t *at_s, Error *error)
{
    const char *params[] = {file->name, revision(arena, file), number(arena, started_at_us),
        seen->version, number(arena, seen->fired_through_s), instant(arena, seen->next_due_s),
        number(arena, PROTOCOL_GRACE_US / 1000000)};
    PgRows rows;
    if (!pg_query(pg, arena, takeover ? SQL_takeover : SQL_put, params, takeover ? 7 : 4,
            until_us, &rows, error))
        return false;
    *held = rows.rows == 1;
    if (*held) {
        *fired_through_s = pg_number(&rows, 0, 0, 0);
        *at_s = pg_number(&rows, 0, 1, 0);
    }
    return true;
}

static bool
put_schedules(Pg *pg, Arena *arena, const Clockfile *file, const Job *const *jobs, size_t n,
    int64_t at_s, Error *error)
{
    Text names = text_new(arena), specs = text_new(arena), hashes = text_new(arena);
    pg_array_open(&names);
    pg_array_open(&specs);
    pg_array_open(&hashes);
    for (size_t i = 0; i < n; i++) {
        char hash[17];
        snprintf(hash, sizeof hash, "%016llx", (unsigned long long)jobs[i]->spec_hash);
        pg_array_add(&names, jobs[i]->name);
        pg_array_add(&specs, jobs[i]->spec);
        pg_array_add(&hashes, hash);
    }
    pg_array_close(&names);
    pg_array_close(&specs);
    pg_array_close(&hashes);
    const char *params[] = {file->name, number(arena, at_s), names.at, specs.at, hashes.at};
    return pg_query(pg, arena, SQL_put_schedules, params, 5, soon(), NULL, error);
}

static bool
delete_schedules(Pg *pg, Arena *arena, const Clockfile *file, const char *const *names,
    size_t n, Error *error)
{
    Text list = text_new(arena);
    pg_array_open(&list);
    for (size_t i = 0; i < n; i++)
        pg_array_add(&list, names[i]);
    pg_array_close(&list);
    const char *params[] = {file->name, list.at};
    return pg_query(pg, arena, SQL_delete_schedules, params, 2, soon(), NULL, error);
}

bool
store_mark_solo(Pg *pg, Arena *arena, const Clockfile *file, bool *left, Error *error)
{
    size_t n = 0;
    PgRows rows;
    Text names = text_new(arena);
    pg_array_open(&names);
    for (size_t i = 0; i < file->n; i++) {
        if (!file->jobs[i].enabled || file->jobs[i].overlap != OVERLAP_SKIP)
            continue;
        pg_array_add(&names, file->jobs[i].name);
        n++;
    }
    pg_array_close(&names);
    const char *params[] = {file->name, names.at};
    if (n > 0 && !alone_query(pg, arena, SQL_mark_solo, params, 2, STORE_SERVER_US, soon(),
                     &rows, NULL, error))
        return false;
    *left = n > 0 && pg_bool(&rows, 0, 0);
    return true;
}

static size_t
chunk(size_t n, size_t done)
{
    return n - done < STORE_CHUNK ? n - done : STORE_CHUNK;
}

bool
store_change(Pg *pg, Arena *arena, const Clockfile *file, const Change *change, int64_t at_s,
    Error *error)
{
    if (!rows_missed(pg, arena, file->name, change->misses, change->n_misses, error))
        return false;
    for (size_t i = 0; i < change->n_removed; i += STORE_CHUNK) {
        if (!delete_schedules(
                pg, arena, file, change->removed + i, chunk(change->n_removed, i), error))
            return false;
    }
    for (size_t i = 0; i < change->n_put; i += STORE_CHUNK) {
        if (!put_schedules(
                pg, arena, file, change->put + i, chunk(change->n_put, i), at_s, error))
            return false;
    }
    const char *params[] = {file->name, instant(arena, change->next_due_s)};
    return pg_query(pg, arena, SQL_promise, params, 2, soon(), NULL, error);
}

bool
store_compare(Pg *pg, Arena *arena, const Clockfile *file, const char *version,
    const Batch *batch, StoreGuard guard, int64_t until_us, bool *held, int64_t *db_us,
    Error *error)
{
    const char *params[] = {file->name, number(arena, batch->old_s),
        number(arena, batch->new_s), instant(arena, batch->next_due_s), revision(arena, file),
        version, guard == STORE_NOW ? "true" : "false",
        batch->n_resumed > 0 ? "true" : "false"};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_compare, params, 8, until_us, &rows, error))
        return false;
    *held = rows.rows == 1;
    if (*held)
        *db_us = pg_number(&rows, 0, 0, 0);
    return true;
}

bool
store_resume(Pg *pg, Arena *arena, const Clockfile *file, const Batch *batch, Error *error)
{
    if (batch->n_resumed == 0)
        return true;
    Text names = text_new(arena);
    pg_array_open(&names);
    for (size_t i = 0; i < batch->n_resumed; i++)
        pg_array_add(&names, batch->resumed[i]);
    pg_array_close(&names);
    const char *params[] = {file->name, number(arena, batch->new_s), names.at};
    return pg_query(pg, arena, SQL_resume, params, 3, soon(), NULL, error);
}

bool
store_promote(
    Pg *pg, Arena *arena, int64_t until_us, int64_t *promoted, int64_t *next_us, Error *error)
{
    PgRows rows, next;
    if (!alone_query(
            pg, arena, SQL_promote, NULL, 0, STORE_SERVER_US, until_us, &rows, NULL, error) ||
        !alone_query(pg, arena, SQL_next_waiting, NULL, 0, STORE_SERVER_US, until_us, &next,
            NULL, error))
        return false;
    *promoted = 0;
    for (int i = 0; i < rows.rows; i++)
        *promoted += pg_number(&rows, i, 1, 0);
    *next_us = next.rows == 0 ? INT64_MAX : pg_number(&next, 0, 0, INT64_MAX);
    return true;
}

bool
store_prune(Pg *pg, Arena *arena, const Clockfile *file, int64_t until_us, int64_t *pruned,
    Error *error)
{
    const char *params[] = {file->name, number(arena, file->retention_s), PRUNE_PAGE};
    PgRows rows;
    if (!alone_query(pg, arena, SQL_work_prune, params, 3, STORE_SERVER_US, until_us, &rows,
            NULL, error))
        return false;
    *pruned = pg_number(&rows, 0, 0, 0);
    return true;
}

bool
store_is_read_only(Pg *pg, Arena *arena, int64_t until_us, bool *read_only, Error *error)
{
    PgRows rows;
    if (!pg_query(pg, arena, SQL_is_read_only, NULL, 0, until_us, &rows, error))
        return false;
    *read_only = rows.rows == 1 && pg_bool(&rows, 0, 0);
    return true;
}
