/* What no other file knows: how a change of the rules by hand takes its place among the fires,
 * and how a fire by hand becomes a row. */

#include "db/operator.h"

#include <string.h>

#include "base/now.h"
#include "base/text.h"
#include "db/rows.h"
#include "db/store.h"
#include "due/protocol.h"
#include "sql.h"

#define TRIES 5 /* for the lock, each as long as a transaction may stay armed and a second */

/* The longest that another clock's transaction may stay armed. */
#define LEAD_US (protocol_lead_us(DISPATCH_ROWS))

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
names_of(Arena *arena, const char *const *names, size_t n)
{
    Text text = text_new(arena);
    pg_array_open(&text);
    for (size_t i = 0; i < n; i++)
        pg_array_add(&text, names[i]);
    pg_array_close(&text);
    return text.at;
}

bool
operator_give_up(Pg *pg, Arena *arena)
{
    Error later;
    if (pg_is_connected(pg) && !store_rollback(pg, arena, soon(), &later))
        pg_disconnect(pg);
    return false;
}

static bool
lock(Pg *pg, Arena *arena, const char *clockfile, OperatorLock what, OperatorMoment *moment,
    Error *error)
{
    PgRows rows;
    const char *sql = what == OPERATOR_RULES ? SQL_operator_lock : SQL_backfill_lock;
    if (!store_begin(pg, arena, LEAD_US, soon(), error) ||
        !pg_query(pg, arena, sql, &clockfile, 1, soon(), &rows, error))
        return false;
    if (rows.rows == 0) {
        error_set(error, ERR_NO, "no clock has run a Clockfile named '%.128s' here", clockfile);
        error_hint(error, "clock status shows those that there are");
        return false;
    }
    moment->fired_through_s = pg_number(&rows, 0, 0, 0);
    moment->now_s = pg_number(&rows, 0, 1, 0);
    return true;
}

bool
operator_begin(Pg *pg, Arena *arena, const char *clockfile, OperatorLock what,
    OperatorMoment *moment, Error *error)
{
    for (int i = 0; i < TRIES; i++) {
        if (lock(pg, arena, clockfile, what, moment, error))
            return true;
        operator_give_up(pg, arena);
        if (error->kind != ERR_DB_LOST || !pg_is_connected(pg))
            return false;
    }
    return false;
}

bool
operator_commit(Pg *pg, Arena *arena, Error *error)
{
    return store_commit(pg, arena, soon(), error);
}

static bool
not_in_force(const JobRow *rows, size_t n_rows, const char *const *jobs, size_t n, Error *error)
{
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (j < n_rows && strcmp(rows[j].job, jobs[i]) != 0)
            j++;
        if (j < n_rows)
            continue;
        error_set(error, ERR_NO, "no job '%.128s' is in force", jobs[i]);
        return error_hint(error, "clock list shows those that are");
    }
    return true;
}

bool
operator_rules(Pg *pg, Arena *arena, const char *clockfile, const char *const *jobs, size_t n,
    JobRow **rows, size_t *n_rows, Error *error)
{
    enum { JOB, SPEC, SINCE, UNTIL, PAUSED };
    const char *params[] = {clockfile, names_of(arena, jobs, n)};
    PgRows found;
    if (!pg_query(pg, arena, SQL_operator_rules, params, 2, soon(), &found, error))
        return false;
    JobRow *list = arena_array(arena, (size_t)found.rows + 1, sizeof *list);
    for (int i = 0; i < found.rows; i++)
        list[i] = (JobRow){.job = pg_cell(&found, i, JOB),
            .spec = pg_cell(&found, i, SPEC),
            .since_s = pg_number(&found, i, SINCE, 0),
            .until_s = pg_number(&found, i, UNTIL, INT64_MAX),
            .paused = pg_bool(&found, i, PAUSED)};
    if (!not_in_force(list, (size_t)found.rows, jobs, n, error))
        return false;
    *rows = list;
    *n_rows = (size_t)found.rows;
    return true;
}

/* The clock in force shall commit at at_s, unless it does so before. */
static bool
promise(Pg *pg, Arena *arena, const char *clockfile, int64_t at_s, Error *error)
{
    const char *params[] = {clockfile, number(arena, at_s)};
    return at_s == INT64_MAX ||
           pg_query(pg, arena, SQL_operator_promise, params, 2, soon(), NULL, error);
}

static bool
lies_ahead(int64_t until_s, const OperatorMoment *moment, Error *error)
{
    if (until_s > moment->now_s)
        return true;
    error_set(error, ERR_USAGE, "--until lies in the past");
    return error_hint(error, "without --until a pause lasts until clock resume");
}

bool
operator_pause(Pg *pg, Arena *arena, const char *clockfile, const char *const *jobs, size_t n,
    int64_t until_s, const char *reason, JobRow **rows, size_t *n_rows, Error *error)
{
    OperatorMoment moment;
    if (!operator_begin(pg, arena, clockfile, OPERATOR_RULES, &moment, error))
        return false;
    const char *params[] = {clockfile, names_of(arena, jobs, n),
        number(arena, moment.fired_through_s),
        until_s == INT64_MAX ? NULL : number(arena, until_s), reason};
    if (lies_ahead(until_s, &moment, error) &&
        operator_rules(pg, arena, clockfile, jobs, n, rows, n_rows, error) &&
        pg_query(pg, arena, SQL_operator_pause, params, 5, soon(), NULL, error) &&
        promise(pg, arena, clockfile, until_s, error) && operator_commit(pg, arena, error))
        return true;
    return operator_give_up(pg, arena);
}

static bool
end_pauses(
    Pg *pg, Arena *arena, const char *clockfile, const Settlement *settlement, Error *error)
{
    Text since = text_new(arena);
    pg_array_open(&since);
    for (size_t i = 0; i < settlement->n; i++)
        pg_array_add_number(&since, settlement->since_s[i]);
    pg_array_close(&since);
    const char *params[] = {
        clockfile, names_of(arena, settlement->jobs, settlement->n), since.at};
    return rows_missed(pg, arena, clockfile, settlement->misses, settlement->n_misses, error) &&
           pg_query(pg, arena, SQL_operator_resume, params, 3, soon(), NULL, error) &&
           promise(pg, arena, clockfile, settlement->next_due_s, error);
}

bool
operator_resume(Pg *pg, Arena *arena, const char *clockfile, const char *const *jobs, size_t n,
    Settlement *settlement, Error *error)
{
    OperatorMoment moment;
    JobRow *rows;
    size_t n_rows;
    if (!operator_begin(pg, arena, clockfile, OPERATOR_RULES, &moment, error))
        return false;
    if (!operator_rules(pg, arena, clockfile, jobs, n, &rows, &n_rows, error))
        return operator_give_up(pg, arena);
    settle_pauses(arena, zones_new(arena), rows, n_rows, moment.fired_through_s, moment.now_s,
        settlement);
    if (end_pauses(pg, arena, clockfile, settlement, error) &&
        operator_commit(pg, arena, error))
        return true;
    return operator_give_up(pg, arena);
}

bool
operator_fire(Pg *pg, Arena *arena, const char *clockfile, const Job *job, const char *payload,
    int64_t count, OperatorOverlap overlap, int64_t **ids, size_t *n, Error *error)
{
    const char *params[] = {clockfile, job->name, job->task, job->queue,
        payload == NULL ? job->payload : payload, number(arena, job->priority),
        number(arena, job->max_attempts), number(arena, job->backoff_s),
        number(arena, job->backoff_max_s), job->overlap == OVERLAP_SKIP ? "true" : "false",
        number(arena, count), overlap == OPERATOR_BESIDE ? "true" : "false"};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_operator_fire, params, 12, soon(), &rows, error))
        return false;
    *ids = arena_array(arena, (size_t)rows.rows + 1, sizeof **ids);
    for (int i = 0; i < rows.rows; i++)
        (*ids)[i] = pg_number(&rows, i, 0, 0);
    *n = (size_t)rows.rows;
    return true;
}
