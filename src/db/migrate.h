#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"

/* The schema `clock`: what version it has, and how it gets the next. */

/* The newest schema this binary knows, and so the one that it creates. */
int migrate_newest(void);

/* The oldest schema that this binary runs on. */
int migrate_oldest(void);

/* What the database has. */
typedef struct {
    int version;       /* 0: no schema */
    int oldest_binary; /* the oldest migrate_newest() that this schema still serves */
} SchemaState;

/* ERR_DB_REFUSED when the server is older than PostgreSQL 13, or the role may not look. */
bool migrate_state(Pg *pg, Arena *arena, SchemaState *state, Error *error);

/* True when this binary runs on that schema; else ERR_DB_REFUSED with both numbers and the
 * command to type. */
bool migrate_fits(const SchemaState *state, Error *error);

/* Both: what the database has, and whether it fits. */
bool migrate_check(Pg *pg, Arena *arena, Error *error);

/* Brings the schema to migrate_newest(), one transaction a version; concurrent runs wait for
 * one another.  *applied: how many versions.  ERR_DB_REFUSED with the grant to type when the
 * role may not, and as migrate_fits when the schema is too new. */
bool migrate_up(Pg *pg, Arena *arena, int *applied, Error *error);

/* The SQL of all versions after `from`, each in its transaction, for those
 * who run their own. */
const char *migrate_text(Arena *arena, int from);

#endif
