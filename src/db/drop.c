/* What no other file knows: how everything of a Clockfile, or all of clock, leaves the
 * database. */

#include "db/drop.h"

#include <stddef.h>
#include <string.h>

#include "base/now.h"
#include "sql.h"

#define STATEMENT_US (600 * INT64_C(1000000)) /* a long history takes its time */

static int64_t
until_us(void)
{
    return now_mono_us() + STATEMENT_US;
}

bool
drop_count(Pg *pg, Arena *arena, const char *clockfile, DropCount *count, Error *error)
{
    PgRows rows;
    if (!pg_query(pg, arena, SQL_drop_count, &clockfile, 1, until_us(), &rows, error))
        return false;
    const char *names = pg_cell(&rows, 0, 5);
    *count = (DropCount){
        .horizons = pg_number(&rows, 0, 0, 0),
        .schedules = pg_number(&rows, 0, 1, 0),
        .jobs = pg_number(&rows, 0, 2, 0),
        .runs = pg_number(&rows, 0, 3, 0),
        .missed = pg_number(&rows, 0, 4, 0),
        .names = names == NULL ? "" : names,
    };
    return true;
}

/* Ends the transaction that an error has left behind. */
static bool
give_up(Pg *pg, Arena *arena)
{
    Error later;
    if (pg_is_connected(pg))
        pg_script(pg, arena, "ROLLBACK", until_us(), NULL, &later);
    return false;
}

bool
drop_clockfile(Pg *pg, Arena *arena, const char *clockfile, Error *error)
{
    /* The horizon first: its lock keeps every clock from firing meanwhile. */
    static const char *const statements[] = {
        SQL_drop_horizons, SQL_drop_schedules, SQL_drop_missed, SQL_drop_jobs, SQL_drop_runs};
    if (!pg_script(pg, arena, "BEGIN", until_us(), NULL, error))
        return give_up(pg, arena);
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        if (!pg_query(pg, arena, statements[i], &clockfile, 1, until_us(), NULL, error))
            return give_up(pg, arena);
    return pg_commit(pg, arena, "COMMIT", until_us(), error) || give_up(pg, arena);
}

bool
drop_schema(Pg *pg, Arena *arena, Error *error)
{
    if (pg_script(pg, arena, SQL_drop_all, until_us(), NULL, error))
        return true;
    if (strcmp(error->sqlstate, "2BP01") == 0)
        error_hint(error, "drop first what others have in schema clock, or have built on it");
    return false;
}
