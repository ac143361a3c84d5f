/* What no other file knows: how the database is asked about itself. */

#include "db/checkup.h"

#include <string.h>

#include "base/now.h"
#include "base/text.h"
#include "sql.h"

#define CHECKUP_US (60 * INT64_C(1000000))

bool
checkup_ask(Pg *pg, Arena *arena, Checkup *checkup, Error *error)
{
    enum {
        SERVER,

        PID,
        SNAPSHOT,
        HOLDER,
        LIVE,
        GONE,
        DEAD,
        UNCLAIMED,
        PREPARED,
        RIGHTS,
        VACUUM,
        HIDDEN
    };
    PgRows rows, quick;
    if (!pg_query(pg, arena, SQL_doctor, NULL, 0, now_mono_us() + CHECKUP_US, &rows, error))
        return false;
    int64_t before_us = now_wall_us();
    if (!pg_query(
            pg, arena, SQL_doctor_now, NULL, 0, now_mono_us() + CHECKUP_US, &quick, error))
        return false;
    int64_t took_us = now_wall_us() - before_us;
    *checkup = (Checkup){.server = pg_cell(&rows, 0, SERVER),
        .ahead_us = before_us + took_us / 2 - pg_number(&quick, 0, 0, 0),
        .took_us = took_us,
        .snapshot_s = pg_number(&rows, 0, SNAPSHOT, 0),
        .holder = pg_cell(&rows, 0, HOLDER),
        .hidden = pg_number(&rows, 0, HIDDEN, 0),
        .live = pg_number(&rows, 0, LIVE, 0),
        .gone = pg_number(&rows, 0, GONE, 0),
        .dead = pg_number(&rows, 0, DEAD, 0),
        .unclaimed = pg_number(&rows, 0, UNCLAIMED, 0),
        .prepared = pg_number(&rows, 0, PREPARED, 0),
        .pooled = pg_number(&rows, 0, PID, 0) != pg_server_pid(pg),
        .may_dispatch = pg_bool(&rows, 0, RIGHTS),
        .autovacuum = strcmp(pg_cell(&rows, 0, VACUUM), "on") == 0};
    return true;
}

bool
checkup_zones(Pg *pg, Arena *arena, CheckupZone *zones, size_t n, Error *error)
{
    Text names = text_new(arena), instants = text_new(arena);
    PgRows rows;
    pg_array_open(&names);
    pg_array_open(&instants);
    for (size_t i = 0; i < n; i++) {
        pg_array_add(&names, zones[i].zone);
        pg_array_add_number(&instants, zones[i].at_s);
        zones[i].local_s = INT64_MIN;
    }
    pg_array_close(&names);
    pg_array_close(&instants);
    const char *params[] = {names.at, instants.at};
    if (!pg_query(
            pg, arena, SQL_doctor_zone, params, 2, now_mono_us() + CHECKUP_US, &rows, error))
        return false;
    for (int row = 0; row < rows.rows; row++) {
        for (size_t i = 0; i < n; i++) {
            if (strcmp(zones[i].zone, pg_cell(&rows, row, 0)) == 0 &&
                zones[i].at_s == pg_number(&rows, row, 1, 0))
                zones[i].local_s = pg_number(&rows, row, 2, INT64_MIN);
        }
    }
    return true;
}
