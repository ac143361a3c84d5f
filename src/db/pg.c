/* What no other file knows: libpq.  Nothing here blocks but a look-up of host names: every
 * wait is a poll of our own with a deadline, because libpq waits for ever on a peer that went
 * silent.  All hosts of a connection string are dialled at once, because libpq tries them in
 * turn and a host that drops packets would use up the time of the others. */

#include "db/pg.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/now.h"
#include "base/wake.h"
#include "db/conninfo.h"
#include "db/verdict.h"

struct Pg {
    Arena *arena;
    char *conninfo; /* holds the password: wiped by pg_free */
    const char *application;
    PGconn *conn; /* NULL: not connected */
    int64_t answered_us;
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

/* What the connection string and the environment say together. */
typedef struct {
    PQconninfoOption *given;    /* NULL: nothing, or a database's name only */
    PQconninfoOption *defaults; /* the environment, PGSERVICE, and what libpq would use */
    const char *only_name;      /* the database, when the string is no more than its name */
} Settings;

static Settings
settings_read(const char *conninfo)
{
    Settings settings = {.defaults = PQconndefaults()};
    if (conninfo_is_name(conninfo))
        settings.only_name = conninfo[0] == '\0' ? NULL : conninfo;
    else
        settings.given = PQconninfoParse(conninfo, NULL);
    return settings;
}

static void
settings_free(Settings *settings)
{
    options_free(settings->given);
    options_free(settings->defaults);
}

static const char *
setting(const Settings *settings, const char *keyword)
{
    if (settings->only_name != NULL && strcmp(keyword, "dbname") == 0)
        return settings->only_name;
    const char *value = options_value(settings->given, keyword);
    return value != NULL ? value : options_value(settings->defaults, keyword);
}

/* The hosts to dial, each for itself; returns how many. */
static size_t
targets_read(const Settings *settings, Arena *arena, Target *targets)
{
    return conninfo_targets(arena, setting(settings, "host"), setting(settings, "hostaddr"),
        setting(settings, "port"), targets);
}

static const char *
where_unconnected(const Pg *pg, Arena *arena)
{
    Settings settings = settings_read(pg->conninfo);
    Target targets[CONNINFO_MAX_HOSTS];
    size_t n = targets_read(&settings, arena, targets);
    if (n == 1)
        targets[0] = (Target){setting(&settings, "host"), setting(&settings, "hostaddr"),
            setting(&settings, "port")};
    const char *where = conninfo_where(arena, targets, n, setting(&settings, "service"),
        setting(&settings, "dbname"), setting(&settings, "user"));
    settings_free(&settings);
    return where;
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
    return where_unconnected(pg, arena);
}

/* --- Connecting --- */

Pg *
pg_new(const char *conninfo, const char *application)
{
    Arena *arena = arena_new(0);
    Pg *pg = arena_alloc(arena, sizeof *pg);
    pg->arena = arena;
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

/* A wait with an end, which a stop signal brings nearer. */
typedef struct {
    int64_t began_us, until_us;
    bool stopping;
} Wait;

static Wait
wait_new(int64_t until_us)
{
    return (Wait){.began_us = now_mono_us(), .until_us = until_us};
}

/* Polls; false when the time is over. */
static bool
wait_poll(Wait *wait, struct pollfd *fds, nfds_t n)
{
    if (wake_stopping() && !wait->stopping) {
        int64_t end_us = now_mono_us() + PG_STOP_MS * 1000;
        wait->stopping = true;
        if (end_us < wait->until_us)
            wait->until_us = end_us;
    }
    return wake_poll(fds, n, wait->until_us) != 0;
}

static bool
wait_over(const Wait *wait, Error *error)
{
    int64_t ms = (wait->until_us - wait->began_us) / 1000;
    if (wait->stopping)
        return error_set(error, ERR_DB_AWAY, "the database did not answer before the stop");
    return error_set(error, ERR_DB_AWAY, "the database did not answer within %lld ms",
        (long long)(ms < 0 ? 0 : ms));
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

/* One attempt under way. */
typedef struct {
    PGconn *conn; /* NULL: it came to nothing */
    PostgresPollingStatusType wants;
    Error error; /* why, then */
} Dial;

typedef struct {
    const char *keywords[16], *values[16];
    size_t n;
} Params;

static void
params_add(Params *params, const char *keyword, const char *value)
{
    if (value == NULL)
        return;
    assert(params->n < sizeof params->keywords / sizeof *params->keywords - 1);
    params->keywords[params->n] = keyword;
    params->values[params->n++] = value;
}

/* Starts one attempt.  What stands before dbname are defaults, which the user's string
 * overrides; what stands behind it overrides the string. */
static Dial
dial_start(const Pg *pg, const Target *target, bool many)
{
    Params params = {.n = 0};
    params_add(&params, "fallback_application_name", pg->application);
    params_add(&params, "tcp_user_timeout", "3000"); /* ms; a cut network is seen by then */
    params_add(&params, "keepalives_idle", "15");    /* s; by the kernel: it costs no wake-up */
    params_add(&params, "keepalives_interval", "5");
    params_add(&params, "keepalives_count", "3");
    if (many && getenv("PGTARGETSESSIONATTRS") == NULL)
        params_add(&params, "target_session_attrs", "read-write"); /* a standby is no use */
    if (pg->conninfo[0] != '\0')
        params_add(&params, "dbname", pg->conninfo);
    params_add(&params, "host", target->host);
    params_add(&params, "hostaddr", target->hostaddr);
    params_add(&params, "port", target->port);
    params_add(&params, "client_encoding", "UTF8");
    Dial dial = {.conn = PQconnectStartParams(params.keywords, params.values, 1),
        .wants = PGRES_POLLING_WRITING};
    if (dial.conn == NULL) {
        error_set(&dial.error, ERR_DB_AWAY, "there is no memory for a connection");
        return dial;
    }
    PQsetErrorVerbosity(dial.conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(dial.conn, ignore_notice, NULL);
    return dial;
}

/* Ends an attempt that came to nothing; many: says which host it was. */
static void
dial_fail(Dial *dial, bool many)
{
    Error error;
    verdict_connect(PQerrorMessage(dial->conn), &error);
    dial->error = error;
    if (many) {
        Arena *arena = arena_new(0);
        Text place = text_new(arena);
        conninfo_place(&place, PQhost(dial->conn), PQport(dial->conn));
        error_set(&dial->error, error.kind, "%s: %.300s", place.at, error.text);
        memcpy(dial->error.sqlstate, error.sqlstate, sizeof error.sqlstate);
        arena_free(arena);
    }
    PQfinish(dial->conn);
    dial->conn = NULL;
}

/* Carries on with what is ready.  The connection that stands, or NULL. */
static PGconn *
dials_advance(Dial *dials, size_t n, const struct pollfd *fds)
{
    for (size_t i = 0, fd = 0; i < n; i++) {
        Dial *dial = &dials[i];
        if (dial->conn == NULL)
            continue;
        if (fds[fd++].revents != 0)
            dial->wants = PQconnectPoll(dial->conn);
        if (dial->wants == PGRES_POLLING_FAILED)
            dial_fail(dial, n > 1);
        if (dial->wants == PGRES_POLLING_OK) {
            PGconn *conn = dial->conn;
            dial->conn = NULL;
            return conn;
        }
    }
    return NULL;
}

/* What to poll for; returns how many are still under way. */
static nfds_t
dials_poll(const Dial *dials, size_t n, struct pollfd *fds)
{
    nfds_t used = 0;
    for (size_t i = 0; i < n; i++)
        if (dials[i].conn != NULL)
            fds[used++] = (struct pollfd){.fd = PQsocket(dials[i].conn),
                .events = dials[i].wants == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    return used;
}

/* Why none of the attempts came to anything; refused only when every host refused. */
static bool
dials_error(const Pg *pg, const Dial *dials, size_t n, Error *error)
{
    Arena *arena = arena_new(0);
    Text causes = text_new(arena);
    ErrorKind kind = ERR_DB_REFUSED;
    const char *sqlstate = "";
    for (size_t i = 0; i < n; i++) {
        text_addf(&causes, "%s%s", i == 0 ? "" : "; ", dials[i].error.text);
        if (dials[i].error.kind != ERR_DB_REFUSED)
            kind = ERR_DB_AWAY;
        if (dials[i].error.sqlstate[0] != '\0')
            sqlstate = dials[i].error.sqlstate;
    }
    const char *where = pg_where(pg, arena);
    error_set(error, kind, "cannot connect to '%.200s': %s", where, causes.at);
    memcpy(error->sqlstate, sqlstate, strlen(sqlstate) + 1);
    arena_free(arena);
    if (strcmp(sqlstate, "3D000") == 0)
        error_hint(error, "make the database first, with createdb");
    else if (strcmp(sqlstate, "28P01") == 0 || strstr(error->text, "no password") != NULL)
        error_hint(
            error, "the password comes from the connection string, PGPASSWORD or ~/.pgpass");
    return false;
}

/* Until one stands, all have come to nothing, or the time is over. */
static PGconn *
dials_wait(Dial *dials, size_t n, Wait *wait)
{
    struct pollfd fds[CONNINFO_MAX_HOSTS] = {{0}};
    for (nfds_t used; (used = dials_poll(dials, n, fds)) != 0;) {
        if (!wait_poll(wait, fds, used))
            break;
        PGconn *conn = dials_advance(dials, n, fds);
        if (conn != NULL)
            return conn;
    }
    return NULL;
}

bool
pg_connect(Pg *pg, int64_t until_us, Error *error)
{
    pg_disconnect(pg);
    if (!pg_check(pg->conninfo, error))
        return false;
    Arena *arena = arena_new(0);
    Settings settings = settings_read(pg->conninfo);
    Target targets[CONNINFO_MAX_HOSTS];
    Dial dials[CONNINFO_MAX_HOSTS];
    Wait wait = wait_new(until_us);
    size_t n = targets_read(&settings, arena, targets);
    for (size_t i = 0; i < n; i++) {
        dials[i] = dial_start(pg, &targets[i], n > 1);
        if (dials[i].conn != NULL && PQstatus(dials[i].conn) == CONNECTION_BAD)
            dial_fail(&dials[i], n > 1);
    }
    PGconn *conn = dials_wait(dials, n, &wait);
    for (size_t i = 0; i < n; i++)
        if (dials[i].conn != NULL) {
            wait_over(&wait, &dials[i].error);
            PQfinish(dials[i].conn);
        }
    settings_free(&settings);
    arena_free(arena);
    if (conn == NULL)
        return dials_error(pg, dials, n, error);
    pg->conn = conn;
    pg->answered_us = now_mono_us();
    if (PQsetnonblocking(conn, 1) != 0)
        return lost(pg, error);
    return true;
}

/* --- Statements --- */

/* Sends what libpq still holds; reads meanwhile, since the server may be waiting for that. */
static bool
flush(Pg *pg, Wait *wait, Error *error)
{
    for (int left; (left = PQflush(pg->conn)) != 0;) {
        struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN | POLLOUT};
        if (left < 0)
            return lost(pg, error);
        if (!wait_poll(wait, &fd, 1))
            return wait_over(wait, error);
        if ((fd.revents & ~POLLOUT) != 0 && PQconsumeInput(pg->conn) == 0)
            return lost(pg, error);
    }
    return true;
}

/* The next result, NULL after the last one. */
static bool
next_result(Pg *pg, Wait *wait, PGresult **result, Error *error)
{
    while (PQisBusy(pg->conn)) {
        struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN};
        if (!wait_poll(wait, &fd, 1))
            return wait_over(wait, error);
        if (fd.revents != 0 && PQconsumeInput(pg->conn) == 0)
            return lost(pg, error);
    }
    pg->answered_us = now_mono_us();
    *result = PQgetResult(pg->conn);
    return true;
}

/* Fills *error from the server's answer.  Only its first line is told: the detail may quote
 * rows. */
static void
result_error(const PGresult *result, Error *error)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char line[sizeof error->text];
    verdict_line(primary == NULL ? PQresultErrorMessage(result) : primary, line, sizeof line);
    error_set(error, sqlstate == NULL ? ERR_DB_AWAY : verdict_sqlstate(sqlstate), "%s", line);
    if (sqlstate != NULL && strlen(sqlstate) < sizeof error->sqlstate)
        memcpy(error->sqlstate, sqlstate, strlen(sqlstate) + 1);
    if (strcmp(error->sqlstate, "3F000") == 0 || strcmp(error->sqlstate, "42P01") == 0)
        error_hint(error, "type: clock migrate --status");
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
