/* What no other file knows: how fires and missed instants become rows. */

#include "db/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/now.h"
#include "db/store.h"
#include "sql.h"

static int64_t
soon(void)
{
    return now_mono_us() + STORE_STATEMENT_US;
}

/* The columns of insert_jobs.sql and insert_overlap.sql, as arrays side by side. */
enum {
    FIRE_JOB,
    FIRE_DUE,
    FIRE_RUN_AT,
    FIRE_TASK,
    FIRE_QUEUE,
    FIRE_PAYLOAD,
    FIRE_PRIORITY,
    FIRE_MAX_ATTEMPTS,
    FIRE_BACKOFF,
    FIRE_BACKOFF_MAX,
    FIRE_COLUMNS
};

/* One of them.  Most hold one value throughout, which is sent once: what is missing behind it
 * is NULL to unnest, and the statement puts the first element there; of payloads, which may be
 * long, the one that all have. */
typedef struct {
    Text text;
    size_t n;
    bool varies;
    const char *word; /* the first: as a word, or as a number */
    int64_t number;
} FireColumn;

typedef struct {
    FireColumn column[FIRE_COLUMNS];
    size_t n;
} FireArrays;

static void
arrays_open(FireArrays *arrays, Arena *arena)
{
    *arrays = (FireArrays){.n = 0};
    for (int i = 0; i < FIRE_COLUMNS; i++) {
        arrays->column[i].text = text_new(arena);
        pg_array_open(&arrays->column[i].text);
    }
}

static void
add_word(FireColumn *column, const char *word)
{
    if (column->n > 0 && !column->varies && strcmp(word, column->word) != 0) {
        column->varies = true;
        for (size_t i = 1; i < column->n; i++)
            pg_array_add(&column->text, column->word);
    }
    if (column->n == 0)
        column->word = word;
    if (column->n++ == 0 || column->varies)
        pg_array_add(&column->text, word);
}

static void
add_number(FireColumn *column, int64_t number)
{
    if (column->n > 0 && !column->varies && number != column->number) {
        column->varies = true;
        for (size_t i = 1; i < column->n; i++)
            pg_array_add_number(&column->text, column->number);
    }
    if (column->n == 0)
        column->number = number;
    if (column->n++ == 0 || column->varies)
        pg_array_add_number(&column->text, number);
}

static void
arrays_add(FireArrays *arrays, const Fire *fire)
{
    const Job *job = fire->job;
    FireColumn *column = arrays->column;
    bool own_task = strcmp(job->task, job->name) != 0;
    pg_array_add(&column[FIRE_JOB].text, job->name);
    add_number(&column[FIRE_DUE], fire->due_s);
    add_number(&column[FIRE_RUN_AT], fire->run_at_s);
    pg_array_add(&column[FIRE_TASK].text, own_task ? job->task : NULL); /* NULL: the name */
    add_word(&column[FIRE_QUEUE], job->queue);
    add_word(&column[FIRE_PAYLOAD], job->payload);
    add_number(&column[FIRE_PRIORITY], job->priority);
    add_number(&column[FIRE_MAX_ATTEMPTS], job->max_attempts);
    add_number(&column[FIRE_BACKOFF], job->backoff_s);
    add_number(&column[FIRE_BACKOFF_MAX], job->backoff_max_s);
    arrays->n++;
}

static bool
arrays_send(Pg *pg, Arena *arena, const char *sql, const char *clockfile, FireArrays *arrays,
    const char *last, PgRows *rows, Error *error)
{
    const char *params[1 + FIRE_COLUMNS + 2] = {clockfile};
    for (int i = 0; i < FIRE_COLUMNS; i++) {
        pg_array_close(&arrays->column[i].text);
        params[1 + i] = arrays->column[i].text.at;
    }
    const FireColumn *payload = &arrays->column[FIRE_PAYLOAD];
    params[1 + FIRE_COLUMNS] = payload->varies ? NULL : payload->word;
    params[1 + FIRE_COLUMNS + 1] = last;
    int n = 1 + FIRE_COLUMNS + (last == NULL ? 1 : 2);
    return pg_query(pg, arena, sql, params, n, soon(), rows, error);
}

static bool
insert_plain(Pg *pg, Arena *arena, const char *clockfile, FireArrays *arrays, RowCount *count,
    Error *error)
{
    PgRows rows;
    if (arrays->n == 0)
        return true;
    if (!arrays_send(pg, arena, SQL_insert_jobs, clockfile, arrays, NULL, &rows, error))
        return false;
    count->inserted += rows.affected;
    count->swallowed += (int64_t)arrays->n - rows.affected;
    return true;
}

static bool
insert_alone(Pg *pg, Arena *arena, const char *clockfile, FireArrays *arrays, bool unmarked,
    RowCount *count, Error *error)
{
    const char *last = unmarked ? "true" : "false";
    PgRows rows;
    if (arrays->n == 0)
        return true;
    if (!arrays_send(pg, arena, SQL_insert_overlap, clockfile, arrays, last, &rows, error))
        return false;
    int64_t inserted = pg_number(&rows, 0, 0, 0), recorded = pg_number(&rows, 0, 1, 0);
    count->inserted += inserted;
    count->overlapped += recorded;
    count->swallowed += (int64_t)arrays->n - inserted - recorded;
    return true;
}

/* Inserts those of the fires that have this overlap policy, STORE_CHUNK a statement. */
static bool
insert_those(Pg *pg, const char *clockfile, const Fire *fires, size_t n, OverlapPolicy overlap,
    bool unmarked, RowCount *count, Error *error)
{
    Arena *scratch = arena_new(0);
    bool ok = true;
    for (size_t i = 0; ok && i < n;) {
        FireArrays arrays;
        arena_reset(scratch);
        arrays_open(&arrays, scratch);
        for (; i < n && arrays.n < STORE_CHUNK; i++) {
            if (fires[i].job->overlap == overlap)
                arrays_add(&arrays, &fires[i]);
        }
        ok = overlap == OVERLAP_SKIP
                 ? insert_alone(pg, scratch, clockfile, &arrays, unmarked, count, error)
                 : insert_plain(pg, scratch, clockfile, &arrays, count, error);
    }
    arena_free(scratch);
    return ok;
}

bool
rows_insert(
    Pg *pg, const char *clockfile, const Fire *fires, size_t n, RowCount *count, Error *error)
{
    return insert_those(pg, clockfile, fires, n, OVERLAP_ALLOW, false, count, error);
}

bool
rows_insert_alone(Pg *pg, const char *clockfile, const Fire *fires, size_t n, bool unmarked,
    RowCount *count, Error *error)
{
    return insert_those(pg, clockfile, fires, n, OVERLAP_SKIP, unmarked, count, error);
}

static bool
record_refusal(Pg *pg, Arena *arena, const char *clockfile, const Fire *fire,
    const Error *refusal, RowCount *count, Error *error)
{
    Miss miss = {.job = fire->job->name,
        .first_s = fire->due_s,
        .last_s = fire->due_s,
        .count = 1,
        .reason = MISS_REFUSED};
    memcpy(miss.sqlstate, refusal->sqlstate, sizeof miss.sqlstate);
    count->refused++;
    return rows_missed(pg, arena, clockfile, &miss, 1, error);
}

/* Inserts fires[0..n) inside a savepoint; *refused when the server refuses one of them. */
static bool
try_chunk(Pg *pg, Arena *arena, const char *clockfile, const Fire *fires, size_t n,
    bool unmarked, RowCount *count, bool *refused, Error *refusal, Error *error)
{
    RowCount before = *count;
    *refused = false;
    if (!pg_script(pg, arena, "SAVEPOINT fires", soon(), NULL, error))
        return false;
    if (rows_insert(pg, clockfile, fires, n, count, refusal) &&
        rows_insert_alone(pg, clockfile, fires, n, unmarked, count, refusal))
        return pg_script(pg, arena, "RELEASE SAVEPOINT fires", soon(), NULL, error);
    if (refusal->kind != ERR_DB_ROW) {
        *error = *refusal;
        return false;
    }
    *refused = true;
    *count = before;
    return pg_script(pg, arena, "ROLLBACK TO SAVEPOINT fires", soon(), NULL, error);
}

bool
rows_insert_carefully(Pg *pg, Arena *arena, const char *clockfile, const Fire *fires, size_t n,
    bool unmarked, RowCount *count, Error *error)
{
    size_t size = STORE_CHUNK;
    for (size_t i = 0; i < n;) {
        size_t some = n - i < size ? n - i : size;
        bool refused;
        Error refusal;
        if (!try_chunk(pg, arena, clockfile, fires + i, some, unmarked, count, &refused,
                &refusal, error))
            return false;
        if (refused && some > 1) {
            size = some / 2;
            continue;
        }
        if (refused && !record_refusal(pg, arena, clockfile, &fires[i], &refusal, count, error))
            return false;
        i += some;
        if (size < STORE_CHUNK)
            size *= 2;
    }
    return true;
}

static bool
missed_chunk(
    Pg *pg, Arena *arena, const char *clockfile, const Miss *misses, size_t n, Error *error)
{
    enum { JOB, FIRST, LAST, COUNT, REASON, SQLSTATE, COLUMNS };
    Text column[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = text_new(arena);
        pg_array_open(&column[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const Miss *miss = &misses[i];
        pg_array_add(&column[JOB], miss->job);
        pg_array_add_number(&column[FIRST], miss->first_s);
        pg_array_add_number(&column[LAST], miss->last_s);
        if (miss->count < 0)
            pg_array_add(&column[COUNT], NULL);
        else
            pg_array_add_number(&column[COUNT], miss->count);
        pg_array_add(&column[REASON], miss_reason(miss->reason));
        pg_array_add(&column[SQLSTATE], *miss->sqlstate == '\0' ? NULL : miss->sqlstate);
    }
    const char *params[1 + COLUMNS] = {clockfile};
    for (int i = 0; i < COLUMNS; i++) {
        pg_array_close(&column[i]);
        params[1 + i] = column[i].at;
    }
    return pg_query(pg, arena, SQL_insert_missed, params, 1 + COLUMNS, soon(), NULL, error);
}

bool
rows_missed(
    Pg *pg, Arena *arena, const char *clockfile, const Miss *misses, size_t n, Error *error)
{
    for (size_t i = 0; i < n; i += STORE_CHUNK) {
        size_t some = n - i < STORE_CHUNK ? n - i : STORE_CHUNK;
        if (!missed_chunk(pg, arena, clockfile, misses + i, some, error))
            return false;
    }
    return true;
}

bool
rows_notify(Pg *pg, Arena *arena, const Fire *fires, size_t n, Error *error)
{
    if (n == 0)
        return true;
    Text queues = text_new(arena);
    const char *last = NULL;
    pg_array_open(&queues);
    for (size_t i = 0; i < n; i++) {
        if (last == NULL || strcmp(last, fires[i].job->queue) != 0)
            pg_array_add(&queues, fires[i].job->queue);
        last = fires[i].job->queue;
    }
    pg_array_close(&queues);
    const char *params[] = {queues.at};
    return pg_query(pg, arena, SQL_notify, params, 1, soon(), NULL, error);
}
