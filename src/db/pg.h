#ifndef DB_PG_H
#define DB_PG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "db/cells.h"

/*
 * One connection to PostgreSQL: libpq behind one door, never blocking, with a deadline
 * (now_mono_us) for everything. pg.c alone includes libpq-fe.h.  No session state is ever
 * needed: it works through a pooler in transaction mode. A stop signal (base/wake.h) shortens
 * every wait (db/wait.h).
 */
typedef struct Pg Pg;

/* Checks a connection string without connecting.  ERR_USAGE names the keyword or the kind of
 * mistake, never a value: libpq's own messages print passwords. */
bool pg_check(const char *conninfo, Error *error);

/* A connection not yet made.  conninfo NULL or "": libpq's environment.  `application` is its
 * application_name. */
Pg *pg_new(const char *conninfo, const char *application);

/* Connects, or connects anew; all hosts of a multi-host string are dialled at once, and the
 * first that is ready is taken (read-write unless the user asked for another
 * target_session_attrs): db/dial.h.  While a standby answers or a host is silent it goes on
 * asking until until_us.  ERR_DB_AWAY when nobody answers or not now (starting up, shutting
 * down, too many connections, read-only where read-write was asked), ERR_DB_REFUSED when the
 * server says no (password, database, role). */
bool pg_connect(Pg *pg, int64_t until_us, Error *error);

bool pg_is_connected(const Pg *pg);
void pg_disconnect(Pg *pg); /* at once, without a word to the server beyond closing */
void pg_free(Pg *pg);       /* NULL is a no-op */

/* Which database, for people: "billing at db.example:5432 as clock"; never a secret. */
const char *pg_where(const Pg *pg, Arena *arena);

/*
 * One statement with text parameters ($1..$n, cast in the SQL; a NULL value is SQL NULL) by the
 * extended protocol, unnamed.  Connection lost, deadline passed, or no answer while another
 * host of the string takes writes: ERR_DB_AWAY; then too the connection is closed, and the
 * server may still be working on it.  When the server spoke, sqlstate is set and the kind is
 * what db/verdict.h makes of it.  After an error that ended the session pg_is_connected is
 * false.
 */
bool pg_query(Pg *pg, Arena *arena, const char *sql, const char *const *params, int n,
    int64_t until_us, PgRows *rows, Error *error);

/* Several statements without parameters in one message (simple protocol); the rows of the last
 * one that returns any; rows may be NULL. */
bool pg_script(
    Pg *pg, Arena *arena, const char *sql, int64_t until_us, PgRows *rows, Error *error);

/* The same of a script that ends with COMMIT: ERR_DB_AWAY also when the server rolled back. */
bool pg_commit(Pg *pg, Arena *arena, const char *sql, int64_t until_us, Error *error);

/* When the last answer had arrived (now_mono_us). */
int64_t pg_answered_us(const Pg *pg);

/* The socket to poll between statements, or -1. */
int pg_socket(const Pg *pg);

/* The server process as the connection knows it: another than pg_backend_pid() behind a pooler,
 * whose sessions are not ours.  0: not connected. */
int pg_server_pid(const Pg *pg);

/* Reads what has come in between statements.  *notified: a NOTIFY was among it; false when the
 * connection is gone (ERR_DB_AWAY). */
bool pg_receive(Pg *pg, bool *notified, Error *error);

#endif
