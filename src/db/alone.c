/* What no other file knows: how a statement outside of a firing is kept from waiting for ever,
 * at the server's end too.  No setting outlives its transaction: a pooler would hand it on. */

#include "db/alone.h"

bool
alone_query(Pg *pg, Arena *arena, const char *sql, const char *const *params, int n,
    int64_t server_us, int64_t until_us, PgRows *rows, AloneTrip *trip, Error *error)
{
    const char *begin = arena_printf(arena,
        "BEGIN ISOLATION LEVEL READ COMMITTED;"
        "SET LOCAL lock_timeout = %d;"
        "SET LOCAL idle_in_transaction_session_timeout = %d;"
        "SET LOCAL statement_timeout = %lld",
        ALONE_LOCK_MS, ALONE_IDLE_MS, (long long)(server_us / 1000));
    Error ignored;
    if (!pg_script(pg, arena, begin, until_us, NULL, error))
        return false;
    int64_t asked_us = pg_answered_us(pg);
    if (pg_query(pg, arena, sql, params, n, until_us, rows, error)) {
        if (trip != NULL)
            *trip = (AloneTrip){asked_us, pg_answered_us(pg)};
        return pg_commit(pg, arena, "COMMIT", until_us, error);
    }
    if (pg_is_connected(pg) && !pg_script(pg, arena, "ROLLBACK", until_us, NULL, &ignored))
        pg_disconnect(pg);
    return false;
}
