/* What no other file knows: how runs and dead rows are read, and brought back by hand. */

#include "db/ended.h"

#include "base/now.h"
#include "sql.h"

#define STATEMENT_US (60 * INT64_C(1000000)) /* a long history takes its time */
#define PAGE 1000                            /* rows of dead_ids.sql */

static int64_t
soon(void)
{
    return now_mono_us() + STATEMENT_US;
}

static bool
ask(Pg *pg, Arena *arena, const char *sql, const char *job, int64_t most, PgRows *rows,
    Error *error)
{
    const char *params[] = {job, arena_printf(arena, "%lld", (long long)most)};
    return pg_query(pg, arena, sql, params, 2, soon(), rows, error);
}

bool
ended_dead(
    Pg *pg, Arena *arena, const char *job, int64_t most, DeadRow **out, size_t *n, Error *error)
{
    PgRows rows;
    if (!ask(pg, arena, SQL_dead, job, most, &rows, error))
        return false;
    *n = (size_t)rows.rows;
    *out = arena_array(arena, *n, sizeof **out);
    for (int i = 0; i < rows.rows; i++)
        (*out)[i] = (DeadRow){.id = pg_number(&rows, i, 0, 0),
            .clockfile = pg_cell(&rows, i, 1),
            .job = pg_cell(&rows, i, 2),
            .task = pg_cell(&rows, i, 3),
            .queue = pg_cell(&rows, i, 4),
            .scheduled_at = pg_cell(&rows, i, 5),
            .started_at = pg_cell(&rows, i, 6),
            .attempt = (int)pg_number(&rows, i, 7, 0),
            .error = pg_cell(&rows, i, 8),
            .payload = pg_cell(&rows, i, 9)};
    return true;
}

bool
ended_runs(Pg *pg, Arena *arena, const char *job, int64_t most, EndedRun **out, size_t *n,
    Error *error)
{
    PgRows rows;
    if (!ask(pg, arena, SQL_history, job, most, &rows, error))
        return false;
    *n = (size_t)rows.rows;
    *out = arena_array(arena, *n, sizeof **out);
    for (int i = 0; i < rows.rows; i++)
        (*out)[i] = (EndedRun){.id = pg_number(&rows, i, 0, 0),
            .clockfile = pg_cell(&rows, i, 1),
            .job = pg_cell(&rows, i, 2),
            .task = pg_cell(&rows, i, 3),
            .queue = pg_cell(&rows, i, 4),
            .scheduled_at = pg_cell(&rows, i, 5),
            .started_at = pg_cell(&rows, i, 6),
            .ended_at = pg_cell(&rows, i, 7),
            .took_ms = pg_number(&rows, i, 8, -1),
            .attempt = (int)pg_number(&rows, i, 9, 0),
            .worker = pg_cell(&rows, i, 10),
            .outcome = pg_cell(&rows, i, 11),
            .exit_status = (int)pg_number(&rows, i, 12, -1),
            .signal = (int)pg_number(&rows, i, 13, -1),
            .error = pg_cell(&rows, i, 14),
            .output = pg_cell(&rows, i, 15)};
    return true;
}

bool
ended_by_id(
    Pg *pg, Arena *arena, Hand hand, const int64_t *ids, size_t n, bool *done, Error *error)
{
    Text list = text_new(arena);
    PgRows rows;
    pg_array_open(&list);
    for (size_t i = 0; i < n; i++)
        pg_array_add_number(&list, ids[i]);
    pg_array_close(&list);
    const char *params[] = {list.at};
    if (!pg_query(pg, arena, hand == HAND_RETRY ? SQL_retry : SQL_discard, params, 1, soon(),
            &rows, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        done[i] = false;
        for (int row = 0; row < rows.rows; row++)
            done[i] = done[i] || pg_number(&rows, row, 0, 0) == ids[i];
    }
    return true;
}

bool
ended_by_job(Pg *pg, Hand hand, const char *job, int64_t *count, Error *error)
{
    Arena *page = arena_new(0);
    int64_t ids[PAGE];
    bool done[PAGE], ok = true;
    *count = 0;
    for (size_t n = PAGE; ok && n == PAGE;) {
        PgRows rows;
        arena_reset(page);
        n = 0;
        ok = pg_query(pg, page, SQL_dead_ids, &job, 1, soon(), &rows, error);
        for (int i = 0; ok && i < rows.rows; i++)
            ids[n++] = pg_number(&rows, i, 0, 0);
        ok = ok && ended_by_id(pg, page, hand, ids, n, done, error);
        for (size_t i = 0; ok && i < n; i++)
            *count += done[i];
    }
    arena_free(page);
    return ok;
}
