/* What no other file knows: how a pooler shows what it does with transactions.  It will not
 * tell its settings to everyone, so it is tried. */

#include "db/pooler.h"

#include <stdint.h>

#include "base/now.h"

#define TRY_US INT64_C(1000000)

/* The server process that works for this session now; 0: none within the time. */
static int64_t
server_process(Pg *pg, Arena *arena, int64_t until_us, Error *error)
{
    PgRows rows;
    bool ok = pg_query(
        pg, arena, "SELECT pg_catalog.pg_backend_pid()", NULL, 0, until_us, &rows, error);
    return ok ? pg_number(&rows, 0, 0, 0) : 0;
}

bool
pooler_look(Pg *pg, const char *conninfo, Arena *arena, Pooler *pooler, Error *error)
{
    Pg *more[POOLER_ASKED];
    Pooler seen = {.given = 0};
    Error ignored;
    int64_t own = server_process(pg, arena, now_mono_us() + TRY_US, error);
    if (own == 0)
        return false;
    int64_t until_us = now_mono_us() + TRY_US;
    for (int i = 0; i < POOLER_ASKED; i++) {
        more[i] = pg_new(conninfo, "clock");
        if (!pg_connect(more[i], until_us, &ignored))
            continue;
        bool begun = pg_script(more[i], arena, "BEGIN", until_us, NULL, &ignored);
        seen.statement |= !begun && ignored.sqlstate[0] != '\0';
        int64_t process = begun ? server_process(more[i], arena, until_us, &ignored) : 0;
        seen.lends |= process == own;
        seen.given += process != 0;
    }
    for (int i = 0; i < POOLER_ASKED; i++) {
        if (pg_is_connected(more[i]))
            pg_script(more[i], arena, "ROLLBACK", now_mono_us() + TRY_US, NULL, &ignored);
        pg_free(more[i]);
    }
    /* A busy clock may have held the first one meanwhile: then this session has another now. */
    int64_t last = server_process(pg, arena, now_mono_us() + TRY_US, &ignored);
    seen.lends |= last != 0 && last != own;
    *pooler = seen;
    return true;
}
