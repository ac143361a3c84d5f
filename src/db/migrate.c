/* What no other file knows: which versions of the schema there are, which of them this binary
 * runs on, and how one becomes the next. */

#include "db/migrate.h"

#include <string.h>

#include "base/now.h"
#include "base/text.h"
#include "sql.h"

#define OLDEST 1             /* the oldest schema that the statements of this binary fit */
#define OLDEST_SERVER 130000 /* PostgreSQL 13 */
#define ASK_US (5 * INT64_C(1000000))
#define MIGRATE_US (600 * INT64_C(1000000)) /* an index on a long table takes its time */

/* What there is, and what the role may do about it.  Names are quoted as SQL wants them. */
typedef struct {
    int server;
    const char *database, *role, *owner;
    bool may_make_schema;
    bool has_schema, may_use, may_create; /* the namespace, and what the role may do in it */
    bool has_table;                       /* clock.schema: a migration was here */
    const char *missing; /* tables and views that every version has; NULL: none */
    bool has_rest;       /* clock.horizons: nobody else has that */
} Look;

static int64_t
ask_until_us(void)
{
    return now_mono_us() + ASK_US;
}

int
migrate_newest(void)
{
    return sql_migrations[sql_migrations_n - 1].version;
}

int
migrate_oldest(void)
{
    return OLDEST;
}

static bool
look(Pg *pg, Arena *arena, Look *look, Error *error)
{
    PgRows rows;
    if (!pg_query(pg, arena, SQL_schema_look, NULL, 0, ask_until_us(), &rows, error))
        return false;
    *look = (Look){
        .server = (int)pg_number(&rows, 0, 0, 0),
        .database = pg_cell(&rows, 0, 1),
        .role = pg_cell(&rows, 0, 2),
        .may_make_schema = pg_bool(&rows, 0, 3),
        .has_schema = pg_bool(&rows, 0, 4),
        .owner = pg_cell(&rows, 0, 5),
        .may_use = pg_bool(&rows, 0, 6),
        .may_create = pg_bool(&rows, 0, 7),
        .has_table = pg_bool(&rows, 0, 8),
        .missing = pg_cell(&rows, 0, 9),
        .has_rest = pg_bool(&rows, 0, 10),
    };
    return true;
}

/* 130004 as "13.4". */
static bool
check_server(const Look *look, Error *error)
{
    if (look->server >= OLDEST_SERVER)
        return true;
    error_set(error, ERR_DB_REFUSED, "the server is PostgreSQL %d, and clock needs %d",
        look->server / 10000, OLDEST_SERVER / 10000);
    return error_hint(error, "use a server of version %d or newer", OLDEST_SERVER / 10000);
}

static bool
read_version(Pg *pg, Arena *arena, const Look *seen, SchemaState *state, Error *error)
{
    PgRows rows;
    *state = (SchemaState){0, 0};
    if (!seen->has_table)
        return true;
    if (!seen->may_use) {
        error_set(error, ERR_DB_REFUSED, "role '%s' may not use schema 'clock'", seen->role);
        return error_hint(error, "GRANT USAGE ON SCHEMA clock TO %s", seen->role);
    }
    if (!pg_query(pg, arena, SQL_schema_version, NULL, 0, ask_until_us(), &rows, error)) {
        if (strcmp(error->sqlstate, "42501") == 0)
            error_hint(error, "GRANT SELECT ON clock.schema TO %s", seen->role);
        return false;
    }
    if (rows.rows > 0) {
        state->version = (int)pg_number(&rows, 0, 0, 0);
        state->oldest_binary = (int)pg_number(&rows, 0, 1, 0);
    }
    return true;
}

/* A migration is one transaction: what is half there was taken away, or half restored. */
static bool
check_whole(const Look *seen, const SchemaState *state, Error *error)
{
    if (state->version > 0 && seen->missing != NULL)
        error_set(error, ERR_DB_REFUSED, "schema 'clock' is of version %d, but has no %s",
            state->version, seen->missing);
    else if (state->version == 0 && seen->has_rest)
        error_set(error, ERR_DB_REFUSED,
            "schema 'clock' has tables, but its version is not in 'clock.schema'");
    else
        return true;
    return error_hint(error,
        "restore it whole from a dump; or begin anew, without a row of it: "
        "DROP SCHEMA clock CASCADE, then clock migrate");
}

bool
migrate_state(Pg *pg, Arena *arena, SchemaState *state, Error *error)
{
    Look seen;
    return look(pg, arena, &seen, error) && check_server(&seen, error) &&
           read_version(pg, arena, &seen, state, error) && check_whole(&seen, state, error);
}

bool
migrate_fits(const SchemaState *state, Error *error)
{
    int newest = migrate_newest();
    if (state->version == 0)
        error_set(error, ERR_DB_REFUSED, "the database has no schema 'clock'");
    else if (state->version < OLDEST)
        error_set(error, ERR_DB_REFUSED,
            "schema 'clock' is of version %d, and this clock needs %d", state->version, OLDEST);
    else if (newest < state->oldest_binary) {
        error_set(error, ERR_DB_REFUSED,
            "schema 'clock' is of version %d and serves clocks of version %d and newer; this "
            "clock is of version %d",
            state->version, state->oldest_binary, newest);
        return error_hint(error, "install a newer clock; 'clock version' shows which this is");
    } else
        return true;
    return error_hint(error, "type: clock migrate");
}

bool
migrate_check(Pg *pg, Arena *arena, Error *error)
{
    SchemaState state;
    return migrate_state(pg, arena, &state, error) && migrate_fits(&state, error);
}

/* True when the role may migrate from `state`; else tells what to grant. */
static bool
check_grants(const Look *seen, Error *error)
{
    if (!seen->has_schema && !seen->may_make_schema) {
        error_set(error, ERR_DB_REFUSED, "role '%s' may not create a schema in database '%s'",
            seen->role, seen->database);
        return error_hint(
            error, "GRANT CREATE ON DATABASE %s TO %s", seen->database, seen->role);
    }
    if (seen->has_schema && !(seen->may_use && seen->may_create)) {
        error_set(error, ERR_DB_REFUSED,
            "role '%s' may not create anything in schema 'clock', which belongs to '%s'",
            seen->role, seen->owner);
        return error_hint(error, "migrate as %s, or GRANT USAGE, CREATE ON SCHEMA clock TO %s",
            seen->owner, seen->role);
    }
    return true;
}

/* Ends the transaction that an error has left behind; returns false. */
static bool
give_up(Pg *pg, Arena *arena, const Look *seen, Error *error)
{
    Error later;
    if (pg_is_connected(pg))
        pg_script(pg, arena, "ROLLBACK", ask_until_us(), NULL, &later);
    if (strcmp(error->sqlstate, "42501") == 0 && seen->owner != NULL)
        error_hint(error, "migrate as %s, which owns schema clock", seen->owner);
    else if (strcmp(error->sqlstate, "55P03") == 0)
        error_hint(error, "another session holds a lock in schema clock; try again");
    return false;
}

/* One version, or nothing when another run has come first.  *applied grows. */
static bool
apply(Pg *pg, Arena *arena, const SqlMigration *migration, int *applied, Error *error)
{
    Look seen = {0};
    SchemaState state;
    int64_t until_us = now_mono_us() + MIGRATE_US;
    if (!pg_script(pg, arena, SQL_migrate_begin, until_us, NULL, error) ||
        !look(pg, arena, &seen, error) || !read_version(pg, arena, &seen, &state, error) ||
        !check_whole(&seen, &state, error))
        return give_up(pg, arena, &seen, error);
    if (state.version >= migration->version)
        return pg_script(pg, arena, "ROLLBACK", ask_until_us(), NULL, error);
    if (!check_grants(&seen, error) ||
        !pg_script(pg, arena, migration->text, until_us, NULL, error) ||
        !pg_commit(pg, arena, "COMMIT", until_us, error))
        return give_up(pg, arena, &seen, error);
    (*applied)++;
    return true;
}

bool
migrate_up(Pg *pg, Arena *arena, int *applied, Error *error)
{
    SchemaState state;
    int done = 0;
    if (!migrate_state(pg, arena, &state, error))
        return false;
    for (size_t i = 0; i < sql_migrations_n; i++)
        if (sql_migrations[i].version > state.version &&
            !apply(pg, arena, &sql_migrations[i], &done, error))
            return false;
    if (!migrate_check(pg, arena, error))
        return false;
    *applied = done;
    return true;
}

const char *
migrate_text(Arena *arena, int from)
{
    Text text = text_new(arena);
    for (size_t i = 0; i < sql_migrations_n; i++) {
        const SqlMigration *m = &sql_migrations[i];
        if (m->version <= from)
            continue;
        text_addf(&text, "-- Schema clock, version %d: %s\n", m->version, m->name);
        text_add(&text, SQL_migrate_begin);
        text_add(&text, m->text);
        text_add(&text, "COMMIT;\n");
    }
    return text.at;
}
