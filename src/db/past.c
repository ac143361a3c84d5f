/* What no other file knows: how rows are made for instants that the horizon has passed, so that
 * none of them is both a row and on record, and how old history goes. */

#include "db/past.h"

#include "base/now.h"
#include "base/text.h"
#include "db/operator.h"
#include "db/store.h"
#include "sql.h"

#define RECORDS 10000 /* records looked at in one transaction */
#define RECORDS_DRY 100000

static int64_t
soon(void)
{
    return now_mono_us() + STORE_STATEMENT_US;
}

static const char *
number(Arena *arena, int64_t n)
{
    return arena_printf(arena, "%lld", (long long)n);
}

static const char *
numbers(Arena *arena, const int64_t *list, size_t n)
{
    Text text = text_new(arena);
    pg_array_open(&text);
    for (size_t i = 0; i < n; i++)
        pg_array_add_number(&text, list[i]);
    pg_array_close(&text);
    return text.at;
}

static bool
read_low(Pg *pg, Arena *arena, const char *clockfile, const Job *job,
    const OperatorMoment *moment, int64_t *low_s, Error *error)
{
    const char *params[] = {clockfile, job->name};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_backfill_low, params, 2, soon(), &rows, error))
        return false;
    *low_s = rows.rows == 0 ? moment->fired_through_s
                            : pg_number(&rows, 0, 0, moment->fired_through_s);
    return true;
}

static bool
read_records(Pg *pg, Arena *arena, const char *clockfile, const Job *job, int64_t from_s,
    int64_t until_s, int64_t most, Record **records, size_t *n, Error *error)
{
    const char *params[] = {clockfile, job->name, number(arena, from_s), number(arena, until_s),
        number(arena, most)};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_backfill_records, params, 5, soon(), &rows, error))
        return false;
    *records = arena_array(arena, (size_t)rows.rows + 1, sizeof **records);
    for (int i = 0; i < rows.rows; i++)
        (*records)[i] = (Record){.id = pg_number(&rows, i, 0, 0),
            .first_s = pg_number(&rows, i, 1, 0),
            .last_s = pg_number(&rows, i, 2, 0),
            .count = pg_number(&rows, i, 3, -1)};
    *n = (size_t)rows.rows;
    return true;
}

static bool
shrink(Pg *pg, Arena *arena, const Backfill *backfill, Error *error)
{
    enum { ID, FIRST, LAST, COUNT, COLUMNS };
    int64_t *column[COLUMNS];
    const char *params[COLUMNS];
    for (int i = 0; i < COLUMNS; i++)
        column[i] = arena_array(arena, backfill->n_kept + 1, sizeof *column[i]);
    for (size_t i = 0; i < backfill->n_kept; i++) {
        column[ID][i] = backfill->kept[i].id;
        column[FIRST][i] = backfill->kept[i].first_s;
        column[LAST][i] = backfill->kept[i].last_s;
        column[COUNT][i] = backfill->kept[i].count;
    }
    for (int i = 0; i < COLUMNS; i++)
        params[i] = numbers(arena, column[i], backfill->n_kept);
    if (!pg_query(pg, arena, SQL_backfill_keep, params, COLUMNS, soon(), NULL, error))
        return false;
    const char *ids = numbers(arena, backfill->consumed, backfill->n_consumed);
    return pg_query(pg, arena, SQL_backfill_consume, &ids, 1, soon(), NULL, error);
}

static bool
insert(Pg *pg, Arena *arena, const char *clockfile, const Job *job, const Backfill *backfill,
    int64_t *inserted, Error *error)
{
    bool alone = job->overlap == OVERLAP_SKIP;
    const char *params[] = {clockfile, job->name, job->task, job->queue, job->payload,
        number(arena, job->priority), number(arena, job->max_attempts),
        number(arena, job->backoff_s), number(arena, job->backoff_max_s),
        alone ? "true" : "false", numbers(arena, backfill->due_s, backfill->n)};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_backfill_insert, params, 11, soon(), &rows, error))
        return false;
    *inserted = pg_number(&rows, 0, 0, 0);
    if (*inserted > 0 || !alone)
        return true;
    error_set(error, ERR_NO, "'%s' has overlap: skip and an unfinished row", job->name);
    return error_hint(error, "type it again when that row is finished");
}

/* Between BEGIN and COMMIT. */
static bool
fill(Pg *pg, Arena *arena, const char *clockfile, const Job *job, const PastSpan *span,
    const OperatorMoment *moment, Backfill *backfill, int64_t *low_s, int64_t *inserted,
    Error *error)
{
    Record *records;
    size_t n;
    if (!read_low(pg, arena, clockfile, job, moment, low_s, error))
        return false;
    int64_t until_s = span->until_s < *low_s ? span->until_s : *low_s;
    if (!read_records(pg, arena, clockfile, job, span->from_s, until_s,
            span->depth == PAST_DRY ? RECORDS_DRY : RECORDS, &records, &n, error))
        return false;
    if (span->which == PAST_ALL)
        backfill_all(
            arena, job->schedule, records, n, span->from_s, until_s, span->most, backfill);
    else
        backfill_recorded(
            arena, job->schedule, records, n, span->from_s, until_s, span->most, backfill);
    *inserted = 0;
    return span->depth == PAST_DRY || backfill->n == 0 ||
           (insert(pg, arena, clockfile, job, backfill, inserted, error) &&
               (backfill->n_consumed == 0 || shrink(pg, arena, backfill, error)));
}

bool
past_fire(Pg *pg, Arena *arena, const char *clockfile, const Job *job, const PastSpan *span,
    Backfill *backfill, int64_t *low_s, int64_t *inserted, Error *error)
{
    OperatorMoment moment;
    if (!operator_begin(pg, arena, clockfile, OPERATOR_ROWS, &moment, error))
        return false;
    bool filled =
        fill(pg, arena, clockfile, job, span, &moment, backfill, low_s, inserted, error);
    if (filled && span->depth == PAST_FIRE && backfill->n > 0) {
        if (operator_commit(pg, arena, error))
            return true;
        filled = false;
    }
    operator_give_up(pg, arena);
    return filled;
}

bool
past_prune(
    Pg *pg, Arena *arena, const char *clockfile, int64_t keep_s, int64_t *pruned, Error *error)
{
    const char *params[] = {clockfile, number(arena, keep_s), "1000"};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_work_prune, params, 3, soon(), &rows, error))
        return false;
    *pruned = pg_number(&rows, 0, 0, 0);
    return true;
}
