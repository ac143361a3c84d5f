/* What no other file knows: libpq.  Nothing here blocks but a look-up of host names: every
 * wait is a poll of our own with a deadline, because libpq waits for ever on a peer that went
 * silent.  All hosts of a connection string are dialled at once, because libpq tries them in
 * turn and a host that drops packets would use up the time of the others. */

#include "db/pg.h"

#include <libpq-fe.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/now.h"
#include "db/conninfo.h"
#include "db/dial.h"
#include "db/verdict.h"
#include "db/wait.h"
#include "sql.h"

struct Pg {
    Arena *arena;
    char *conninfo; /* holds the password: wiped by pg_free */
    const char *application;
    PGconn *conn; /* NULL: not connected */
    int64_t answered_us;
    bool undone; /* the last statement answered ROLLBACK */
    Race race;   /* whom to dial */
    Arena *plan; /* its addresses */
    size_t own;  /* which of its dials made `conn` */
    PGconn *dialled[RACE_MAX];
    PostgresPollingStatusType wants[RACE_MAX];
    char said[RACE_MAX]; /* the answer: a boolean of PostgreSQL, or NUL */
};

/* --- Connection strings --- */

/* Gives back what libpq parsed; the password is among it. */
static void
options_free(PQconninfoOption *options)
{
    for (PQconninfoOption *o = options; o != NULL && o->keyword != NULL; o++)
        if (o->val != NULL)
            explicit_bzero(o->val, strlen(o->val));
    PQconninfoFree(options);
}

/* What the keyword is set to, or NULL. */
static const char *
options_value(const PQconninfoOption *options, const char *keyword)
{
    for (; options != NULL && options->keyword != NULL; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val != NULL && options->val[0] != '\0' ? options->val : NULL;
    return NULL;
}

bool
pg_check(const char *conninfo, Error *error)
{
    if (conninfo == NULL || conninfo[0] == '\0')
        return true;
    if (!conninfo_check(conninfo, error))
        return false;
    if (conninfo_is_name(conninfo))
        return true;
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &message);
    if (options == NULL) {
        if (message == NULL || strstr(message, "out of memory") != NULL)
            error_set(error, ERR_MEMORY, "no memory to read the connection string");
        else
            conninfo_explain(conninfo, message, error);
        if (message != NULL)
            explicit_bzero(message, strlen(message));
        PQfreemem(message);
        return false;
    }
    bool ok = conninfo_check_port(options_value(options, "port"), error);
    options_free(options);
    return ok;
}

/* --- Whom to dial --- */

/* What the string and the environment say together, copied: the password is left behind.  That
 * nobody chose target_session_attrs, libpq's default does not tell. */
static Settings
settings_read(const char *conninfo, Arena *arena)
{
    bool is_name = conninfo_is_name(conninfo);
    PQconninfoOption *given = is_name ? NULL : PQconninfoParse(conninfo, NULL);
    PQconninfoOption *defaults = PQconndefaults();
    static const char *const keywords[] = {
        "host", "hostaddr", "port", "service", "dbname", "user", "target_session_attrs"};
    Settings settings = {NULL};
    const char **const values[] = {&settings.host, &settings.hostaddr, &settings.port,
        &settings.service, &settings.database, &settings.user, &settings.attrs};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        const char *value = options_value(given, keywords[i]);
        if (value == NULL && values[i] == &settings.attrs)
            value = getenv("PGTARGETSESSIONATTRS");
        else if (value == NULL)
            value = options_value(defaults, keywords[i]);
        *values[i] = value == NULL ? NULL : arena_copy(arena, value, strlen(value));
    }
    if (is_name && conninfo[0] != '\0')
        settings.database = conninfo;
    options_free(given);
    options_free(defaults);
    return settings;
}

const char *
pg_where(const Pg *pg, Arena *arena)
{
    Error error;
    if (pg->conn != NULL) {
        Target target = {PQhost(pg->conn), NULL, PQport(pg->conn)};
        return conninfo_where(arena, &target, 1, NULL, PQdb(pg->conn), PQuser(pg->conn));
    }
    if (!pg_check(pg->conninfo, &error))
        return "an unreadable connection string"; /* what seems its host may be a secret */
    Settings settings = settings_read(pg->conninfo, arena);
    return conninfo_where_all(&settings, arena);
}

/* --- Connecting --- */

Pg *
pg_new(const char *conninfo, const char *application)
{
    Arena *arena = arena_new(0);
    Pg *pg = arena_alloc(arena, sizeof *pg);
    pg->arena = arena;
    pg->plan = arena_new(0);
    pg->conninfo = conninfo == NULL ? arena_copy(arena, "", 0)
                                    : arena_copy(arena, conninfo, strlen(conninfo));
    pg->application = arena_copy(arena, application, strlen(application));
    return pg;
}

void
pg_disconnect(Pg *pg)
{
    PQfinish(pg->conn);
    pg->conn = NULL;
}

void
pg_free(Pg *pg)
{
    if (pg == NULL)
        return;
    pg_disconnect(pg);
    explicit_bzero(pg->conninfo, strlen(pg->conninfo));
    arena_free(pg->plan);
    arena_free(pg->arena);
}

bool
pg_is_connected(const Pg *pg)
{
    return pg->conn != NULL;
}

int
pg_socket(const Pg *pg)
{
    return pg->conn == NULL ? -1 : PQsocket(pg->conn);
}

int64_t
pg_answered_us(const Pg *pg)
{
    return pg->answered_us;
}

/* Says that the connection is gone, and in libpq's words why. */
static bool
lost(const Pg *pg, Error *error)
{
    char line[400];
    verdict_line(PQerrorMessage(pg->conn), line, sizeof line);
    return error_set(error, ERR_DB_AWAY, "the connection to the database was lost: %s",
        line[0] == '\0' ? "no reason was given" : line);
}

static void
ignore_notice(void *unused, const PGresult *notice)
{
    (void)unused;
    (void)notice;
}

static void
dial_close(Pg *pg, size_t i)
{
    PQfinish(pg->dialled[i]);
    pg->dialled[i] = NULL;
}

/* It came to nothing. */
static void
dial_fail(Pg *pg, size_t i, int64_t now_us)
{
    Error error;
    verdict_connect(PQerrorMessage(pg->dialled[i]), &error);
    race_failed(&pg->race, i, now_us, &error);
    dial_close(pg, i);
}

static void
dial_open(Pg *pg, size_t i, int64_t now_us)
{
    Params params = conninfo_params(pg->conninfo, pg->application, &pg->race.dials[i].target,
        pg->race.writes ? "any" : NULL); /* we judge ourselves */
    PGconn *conn = PQconnectStartParams(params.keywords, params.values, 1);
    pg->dialled[i] = conn;
    pg->wants[i] = PGRES_POLLING_WRITING;
    pg->race.dials[i].state = DIAL_OPENING;
    if (conn != NULL) {
        PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
        PQsetNoticeReceiver(conn, ignore_notice, NULL);
    }
    if (PQstatus(conn) == CONNECTION_BAD) /* NULL too */
        dial_fail(pg, i, now_us);
}

static void
dial_ask(Pg *pg, size_t i, int64_t now_us)
{
    pg->wants[i] = PGRES_POLLING_READING;
    pg->race.dials[i].state = DIAL_ASKED;
    pg->said[i] = '\0';
    if (PQsendQuery(pg->dialled[i], SQL_is_read_only) == 0)
        dial_fail(pg, i, now_us);
}

/* Takes in what has come of the answer to that. */
static void
dial_answer(Pg *pg, size_t i, int64_t now_us)
{
    PGconn *conn = pg->dialled[i];
    if (PQconsumeInput(conn) == 0) {
        dial_fail(pg, i, now_us);
        return;
    }
    while (pg->race.dials[i].state == DIAL_ASKED && PQisBusy(conn) == 0) {
        PGresult *result = PQgetResult(conn);
        if (result == NULL && pg->said[i] == 'f')
            race_stands(&pg->race, i, now_us);
        else if (result == NULL && pg->said[i] == 't')
            race_is_standby(&pg->race, i, now_us);
        else if (result == NULL)
            dial_fail(pg, i, now_us);
        else if (PQresultStatus(result) == PGRES_TUPLES_OK)
            pg->said[i] = PQgetvalue(result, 0, 0)[0];
        PQclear(result);
    }
}

static void
dial_go_on(Pg *pg, size_t i, int64_t now_us)
{
    if (pg->race.dials[i].state != DIAL_OPENING) {
        dial_answer(pg, i, now_us);
        return;
    }
    pg->wants[i] = PQconnectPoll(pg->dialled[i]);
    bool opened = pg->wants[i] == PGRES_POLLING_OK;
    if (pg->wants[i] == PGRES_POLLING_FAILED ||
        (opened && PQsetnonblocking(pg->dialled[i], 1) != 0))
        dial_fail(pg, i, now_us);
    else if (opened && pg->race.writes)
        dial_ask(pg, i, now_us);
    else if (opened)
        race_stands(&pg->race, i, now_us);
}

/* What to poll for: a place for each dial, so that those of answers are found again; -1 is
 * passed over. */
static void
race_fds(const Pg *pg, struct pollfd *fds)
{
    for (size_t i = 0; i < pg->race.n; i++)
        fds[i] = (struct pollfd){.fd = pg->dialled[i] == NULL ? -1 : PQsocket(pg->dialled[i]),
            .events = pg->wants[i] == PGRES_POLLING_READING ? POLLIN : POLLOUT};
}

/* Carries on with what is ready and what is due. */
static void
race_go(Pg *pg, const struct pollfd *fds)
{
    int64_t now_us = now_mono_us();
    for (size_t i = 0; i < pg->race.n; i++) {
        const Dial *dial = &pg->race.dials[i];
        if (pg->dialled[i] != NULL && fds[i].revents != 0)
            dial_go_on(pg, i, now_us);
        else if (dial->state == DIAL_LATER && dial->due_us <= now_us)
            dial_open(pg, i, now_us);
        else if (dial->state == DIAL_STANDBY && dial->due_us <= now_us)
            dial_ask(pg, i, now_us);
    }
}

static void
race_end(Pg *pg)
{
    for (size_t i = 0; i < RACE_MAX; i++)
        dial_close(pg, i);
}

/* Reads the string and the environment anew: whom to dial, and who will do. */
static void
race_read(Pg *pg)
{
    arena_reset(pg->plan);
    Settings settings = settings_read(pg->conninfo, pg->plan);
    race_plan(&pg->race, pg->plan, &settings);
}

/* Says why nobody was found. */
static bool
unconnected(const Pg *pg, const Wait *wait, Error *error)
{
    Arena *arena = arena_new(0);
    Error late;
    wait_over(wait, &late);
    race_explain(&pg->race, pg_where(pg, arena), late.text, error);
    arena_free(arena);
    return false;
}

bool
pg_connect(Pg *pg, int64_t until_us, Error *error)
{
    pg_disconnect(pg);
    if (!pg_check(pg->conninfo, error))
        return false;
    race_read(pg);
    Wait wait = wait_new(until_us);
    race_begin(&pg->race, now_mono_us());
    struct pollfd fds[RACE_MAX] = {{0}};
    int winner;
    for (bool over = false;;) {
        race_go(pg, fds);
        winner = race_winner(&pg->race);
        if (winner >= 0 || over || race_is_over(&pg->race))
            break;
        race_fds(pg, fds);
        over = !wait_poll(&wait, fds, pg->race.n, race_due_us(&pg->race));
    }
    if (winner >= 0) {
        pg->conn = pg->dialled[winner];
        pg->dialled[winner] = NULL;
        pg->own = (size_t)winner;
        pg->answered_us = now_mono_us();
    }
    race_end(pg);
    return winner >= 0 || unconnected(pg, &wait, error);
}

/* The server keeps us waiting: is it another's turn?  A promoted standby beside a server that
 * was stopped, or cut off, is never heard of otherwise.  True when this one is to be left. */
static bool
look_around(Pg *pg, Wait *wait, const struct pollfd *fds, Error *error)
{
    int64_t now_us = now_mono_us();
    if (now_us < wait->patience_us)
        return false;
    if (!wait->racing)
        race_begin(&pg->race, now_us);
    wait->racing = true;
    race_go(pg, fds);
    switch (race_verdict(&pg->race, pg->own, now_us)) {
    case RACE_ON:
        return false;
    case RACE_STAY:
        race_end(pg);
        wait->racing = false;
        wait->patience_us = now_us + RACE_AGAIN_US;
        return false;
    case RACE_LEAVE:
        break;
    }
    return !error_set(error, ERR_DB_AWAY,
        "the server did not answer within %lld ms, and another one takes writes now",
        (long long)(now_us - wait->began_us) / 1000);
}

/* Waits until the connection can be read (or written, as `events` asks); false when the time is
 * over or the connection is to be left. */
static bool
await(Pg *pg, Wait *wait, short events, short *ready, Error *error)
{
    struct pollfd fds[1 + RACE_MAX] = {{0}};
    bool ok = false, over = false;
    while (!look_around(pg, wait, fds + 1, error)) {
        if (over) {
            wait_over(wait, error);
            break;
        }
        fds[0] = (struct pollfd){.fd = PQsocket(pg->conn), .events = events};
        race_fds(pg, fds + 1);
        int64_t next_us = wait->racing ? race_due_us(&pg->race) : wait->patience_us;
        over = !wait_poll(wait, fds, 1 + pg->race.n, next_us);
        if (fds[0].revents != 0) {
            *ready = fds[0].revents;
            ok = true;
            break;
        }
    }
    race_end(pg);
    wait->racing = false;
    return ok;
}

/* --- Statements --- */

/* Sends what libpq still holds; reads meanwhile, since the server may be waiting for that. */
static bool
flush(Pg *pg, Wait *wait, Error *error)
{
    for (int left; (left = PQflush(pg->conn)) != 0;) {
        short ready;
        if (left < 0)
            return lost(pg, error);
        if (!await(pg, wait, POLLIN | POLLOUT, &ready, error))
            return false;
        if ((ready & ~POLLOUT) != 0 && PQconsumeInput(pg->conn) == 0)
            return lost(pg, error);
    }
    return true;
}

/* The next result, NULL after the last one. */
static bool
next_result(Pg *pg, Wait *wait, PGresult **result, Error *error)
{
    while (PQisBusy(pg->conn)) {
        short ready;
        if (!await(pg, wait, POLLIN, &ready, error))
            return false;
        if (PQconsumeInput(pg->conn) == 0)
            return lost(pg, error);
    }
    pg->answered_us = now_mono_us();
    *result = PQgetResult(pg->conn);
    return true;
}

static void
result_error(const PGresult *result, Error *error)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    verdict_answer(PQresultErrorField(result, PG_DIAG_SQLSTATE),
        primary == NULL ? PQresultErrorMessage(result) : primary, error);
}

/* Reads all answers to what was sent; keeps the last that has rows, or else the last.  The
 * first error counts. */
static bool
collect(Pg *pg, Wait *wait, PGresult **kept, Error *error)
{
    Error later;
    bool ok = true;
    for (PGresult *result = NULL;;) {
        if (!next_result(pg, wait, &result, ok ? error : &later)) {
            pg_disconnect(pg);
            return false;
        }
        if (result == NULL)
            break;
        ExecStatusType status = PQresultStatus(result);
        pg->undone = strcmp(PQcmdStatus(result), "ROLLBACK") == 0;
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            PQclear(result);
            pg_disconnect(pg);
            return error_set(error, ERR_BUG, "a statement began a COPY");
        }
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            result_error(result, ok ? error : &later);
            ok = false;
        } else if (status == PGRES_TUPLES_OK || *kept == NULL ||
                   PQresultStatus(*kept) != PGRES_TUPLES_OK) {
            PQclear(*kept);
            *kept = result;
            continue;
        }
        PQclear(result);
    }
    if (PQstatus(pg->conn) == CONNECTION_BAD) {
        if (ok)
            ok = lost(pg, error);
        else if (strncmp(error->sqlstate, "XX", 2) == 0) /* it crashed */
            error->kind = ERR_DB_AWAY;
        pg_disconnect(pg);
    }
    return ok;
}

static void
rows_copy(PGresult *result, Arena *arena, PgRows *rows)
{
    int n = PQntuples(result), columns = PQnfields(result);
    const char **cells =
        arena_array(arena, (size_t)n * (size_t)(columns == 0 ? 1 : columns), sizeof *cells);
    for (int row = 0; row < n; row++)
        for (int column = 0; column < columns; column++)
            if (!PQgetisnull(result, row, column))
                cells[row * columns + column] = arena_copy(arena,
                    PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
    const char *affected = PQcmdTuples(result);
    *rows = (PgRows){.rows = n, .columns = columns, .cells = cells};
    text_number(affected, strlen(affected), 0, INT64_MAX, &rows->affected);
}

/* The second half of a statement: sends the rest, waits for the answer and copies it. */
static bool
finish(Pg *pg, Arena *arena, int sent, int64_t until_us, PgRows *rows, Error *error)
{
    Wait wait = wait_new(until_us);
    if (pg->race.writes)
        wait.patience_us = wait.began_us + RACE_PATIENCE_US;
    PGresult *kept = NULL;
    if (sent == 0)
        lost(pg, error);
    if (sent == 0 || !flush(pg, &wait, error)) {
        pg_disconnect(pg);
        return false;
    }
    bool ok = collect(pg, &wait, &kept, error);
    if (ok && rows != NULL)
        rows_copy(kept, arena, rows);
    PQclear(kept);
    return ok;
}

static bool
not_connected(Error *error)
{
    return error_set(error, ERR_DB_AWAY, "there is no connection to the database");
}

bool
pg_query(Pg *pg, Arena *arena, const char *sql, const char *const *params, int n,
    int64_t until_us, PgRows *rows, Error *error)
{
    if (pg->conn == NULL)
        return not_connected(error);
    int sent = PQsendQueryParams(pg->conn, sql, n, NULL, params, NULL, NULL, 0);
    return finish(pg, arena, sent, until_us, rows, error);
}

bool
pg_script(Pg *pg, Arena *arena, const char *sql, int64_t until_us, PgRows *rows, Error *error)
{
    if (pg->conn == NULL)
        return not_connected(error);
    return finish(pg, arena, PQsendQuery(pg->conn, sql), until_us, rows, error);
}

/* COMMIT of a transaction that an error has ended is no error: the server answers ROLLBACK. */
bool
pg_commit(Pg *pg, Arena *arena, const char *sql, int64_t until_us, Error *error)
{
    if (!pg_script(pg, arena, sql, until_us, NULL, error))
        return false;
    return !pg->undone ||
           error_set(error, ERR_DB_AWAY, "the server rolled back what was to be committed");
}

int
pg_server_pid(const Pg *pg)
{
    return pg->conn == NULL ? 0 : PQbackendPID(pg->conn);
}

bool
pg_receive(Pg *pg, bool *notified, Error *error)
{
    if (pg->conn == NULL)
        return not_connected(error);
    bool any = false;
    if (PQconsumeInput(pg->conn) == 0 || PQisBusy(pg->conn)) {
        lost(pg, error);
        pg_disconnect(pg);
        return false;
    }
    for (PGnotify *notify; (notify = PQnotifies(pg->conn)) != NULL; any = true)
        PQfreemem(notify);
    *notified = any;
    return true;
}
