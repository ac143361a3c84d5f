#ifndef DB_DROP_H
#define DB_DROP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"

/* Takes what clock keeps out of the database. */

/* How much there is. */
typedef struct {
    int64_t horizons; /* Clockfile names */
    int64_t schedules, jobs, runs, missed;
    const char *names; /* every Clockfile name there is: "a, b"; "" for none */
} DropCount;

/* Counts what there is of one Clockfile name; NULL: of all, and of applications. */
bool drop_count(Pg *pg, Arena *arena, const char *clockfile, DropCount *count, Error *error);

/* Deletes all that there is of one Clockfile name, in one transaction.  A clock that runs it
 * begins anew. */
bool drop_clockfile(Pg *pg, Arena *arena, const char *clockfile, Error *error);

/* Drops schema clock.  Refused when anything of others stands in it or depends on it. */
bool drop_schema(Pg *pg, Arena *arena, Error *error);

#endif
