/* What no other file knows: how a worker's calls become statements. */

#include "db/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/now.h"
#include "db/alone.h"
#include "db/migrate.h"
#include "sql.h"

#define REACH_US INT64_C(4000000)
#define FUNCTIONS_SINCE 2 /* the schema's version that has clock.claim */

static const char *
number(Arena *arena, int64_t n)
{
    return arena_printf(arena, "%lld", (long long)n);
}

typedef struct {
    Text array, names;
} NameList;

static void
list_add(NameList *list, const char *name)
{
    if (list->names.len > 0)
        text_add_char(&list->names, ',');
    text_add(&list->names, name);
    pg_array_add(&list->array, name);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each of the queues once. */
static void
list_add_sorted(NameList *list, const char **queues, size_t n)
{
    qsort(queues, n, sizeof *queues, by_name);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(queues[i - 1], queues[i]) != 0)
            list_add(list, queues[i]);
}

QueueView
queue_view(Arena *arena, const Clockfile *file, const char *const *queues, const char *worker,
    int64_t lease_us, size_t *commands)
{
    Text jobs = text_new(arena);
    NameList list = {.array = text_new(arena), .names = text_new(arena)};
    const char **own = arena_array(arena, file->n, sizeof *own);
    *commands = 0;
    pg_array_open(&jobs);
    pg_array_open(&list.array);
    for (size_t i = 0; i < file->n; i++) {
        if (file->jobs[i].command == NULL)
            continue;
        own[(*commands)++] = file->jobs[i].queue;
        pg_array_add(&jobs, file->jobs[i].name);
    }
    if (queues == NULL)
        list_add_sorted(&list, own, *commands);
    for (; queues != NULL && *queues != NULL; queues++)
        list_add(&list, *queues);
    pg_array_close(&jobs);
    pg_array_close(&list.array);
    return (QueueView){.clockfile = file->name,
        .jobs = jobs.at,
        .queues = list.array.at,
        .names = list.names.at,
        .worker = worker,
        .lease_us = lease_us};
}

bool
queue_check(Pg *pg, Arena *arena, Error *error)
{
    SchemaState state;
    if (!migrate_state(pg, arena, &state, error) || !migrate_fits(&state, error))
        return false;
    if (state.version >= FUNCTIONS_SINCE)
        return true;
    error_set(error, ERR_DB_REFUSED,
        "schema 'clock' is of version %d, and workers need %d or newer", state.version,
        FUNCTIONS_SINCE);
    return error_hint(error, "type: clock migrate");
}

bool
queue_reach(Pg *pg, Arena *arena, int64_t until_us, Error *error)
{
    return alone_query(
        pg, arena, SQL_work_reach, NULL, 0, REACH_US, until_us, NULL, NULL, error);
}

bool
queue_listen(Pg *pg, Arena *arena, int64_t until_us, bool *listening, Error *error)
{
    PgRows rows;
    if (!pg_script(pg, arena, "SELECT pg_backend_pid()", until_us, &rows, error))
        return false;
    bool direct = pg_number(&rows, 0, 0, 0) == pg_server_pid(pg);
    if (direct && !pg_script(pg, arena, "LISTEN clock_jobs", until_us, NULL, error))
        return false;
    *listening = direct;
    return true;
}

bool
queue_claim(Pg *pg, Arena *arena, const QueueView *view, size_t most, int64_t until_us,
    Claim **claims, size_t *n, Error *error)
{
    const char *params[] = {view->queues, number(arena, (int64_t)most), view->worker,
        number(arena, view->lease_us), view->clockfile, view->jobs};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_work_claim, params, 6, until_us, &rows, error))
        return false;
    *claims = arena_array(arena, (size_t)rows.rows, sizeof **claims);
    *n = (size_t)rows.rows;
    for (int i = 0; i < rows.rows; i++)
        (*claims)[i] = (Claim){.id = pg_number(&rows, i, 0, 0),
            .lease_id = pg_cell(&rows, i, 1),
            .job = pg_cell(&rows, i, 2),
            .attempt = (int)pg_number(&rows, i, 3, 0),
            .max_attempts = (int)pg_number(&rows, i, 4, 0),
            .payload = pg_cell(&rows, i, 5),
            .scheduled_at = pg_cell(&rows, i, 6)};
    return true;
}

bool
queue_next(Pg *pg, Arena *arena, int64_t until_us, int64_t *in_us, Error *error)
{
    PgRows rows;
    if (!pg_query(pg, arena, SQL_work_next, NULL, 0, until_us, &rows, error))
        return false;
    *in_us = rows.rows == 0 ? INT64_MAX : pg_number(&rows, 0, 0, INT64_MAX);
    return true;
}

bool
queue_heartbeat(Pg *pg, Arena *arena, const Claim *const *claims, size_t n, int64_t lease_us,
    int64_t until_us, bool *held, Error *error)
{
    Text ids = text_new(arena), leases = text_new(arena);
    pg_array_open(&ids);
    pg_array_open(&leases);
    for (size_t i = 0; i < n; i++) {
        pg_array_add_number(&ids, claims[i]->id);
        pg_array_add(&leases, claims[i]->lease_id);
    }
    pg_array_close(&ids);
    pg_array_close(&leases);
    const char *params[] = {ids.at, leases.at, number(arena, lease_us)};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_work_heartbeat, params, 3, until_us, &rows, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        held[i] = true;
        for (int row = 0; row < rows.rows; row++)
            held[i] = held[i] && pg_number(&rows, row, 0, 0) != claims[i]->id;
    }
    return true;
}

/* A copy in which '?' stands for what is not ASCII. */
static const char *
ascii(Arena *arena, const char *text)
{
    if (text == NULL)
        return NULL;
    char *copy = arena_copy(arena, text, strlen(text));
    for (char *c = copy; *c != '\0'; c++)
        if ((*c & 0x80) != 0)
            *c = '?';
    return copy;
}

typedef enum { AS_IT_IS, AS_ASCII } Spelling;

static bool
send_reports(Pg *pg, Arena *arena, const Report *reports, size_t n, Spelling spelling,
    int64_t until_us, PgRows *rows, Error *error)
{
    enum { ID, LEASE, HOW, ERROR, OUTPUT, EXIT, SIGNAL, COLUMNS };
    static const char *const how[] = {
        [REPORT_DONE] = "done", [REPORT_FAILED] = "failed", [REPORT_RELEASED] = "released"};
    Text column[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = text_new(arena);
        pg_array_open(&column[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const Report *r = &reports[i];
        bool plain = spelling == AS_ASCII;
        pg_array_add_number(&column[ID], r->id);
        pg_array_add(&column[LEASE], r->lease_id);
        pg_array_add(&column[HOW], how[r->kind]);
        pg_array_add(&column[ERROR], plain ? ascii(arena, r->error) : r->error);
        pg_array_add(&column[OUTPUT], plain ? ascii(arena, r->output) : r->output);
        pg_array_add(&column[EXIT], r->exit_status < 0 ? NULL : number(arena, r->exit_status));
        pg_array_add(&column[SIGNAL], r->signal == 0 ? NULL : number(arena, r->signal));
    }
    const char *params[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
        pg_array_close(&column[i]);
        params[i] = column[i].at;
    }
    return pg_query(pg, arena, SQL_work_report, params, COLUMNS, until_us, rows, error);
}

bool
queue_report(Pg *pg, Arena *arena, const Report *reports, size_t n, int64_t until_us,
    bool *held, Error *error)
{
    PgRows rows;
    if (!send_reports(pg, arena, reports, n, AS_IT_IS, until_us, &rows, error) &&
        (error->kind != ERR_DB_ROW ||
            !send_reports(pg, arena, reports, n, AS_ASCII, until_us, &rows, error)))
        return false;
    for (size_t i = 0; i < n; i++) {
        held[i] = false;
        for (int row = 0; row < rows.rows; row++)
            held[i] = held[i] ||
                      (pg_number(&rows, row, 0, 0) == reports[i].id && pg_bool(&rows, row, 1));
    }
    return true;
}

bool
queue_prune(Pg *pg, Arena *arena, const Clockfile *file, int64_t until_us, int64_t *pruned,
    Error *error)
{
    const char *params[] = {file->name, number(arena, file->retention_s), "1000"};
    PgRows rows;
    if (!pg_query(pg, arena, SQL_work_prune, params, 3, until_us, &rows, error))
        return false;
    *pruned = pg_number(&rows, 0, 0, 0);
    return true;
}
