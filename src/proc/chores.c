/* What no other file knows: how a clock keeps the tables in order when nothing is due. */

#include "proc/chores.h"

#include "base/now.h"
#include "db/store.h"
#include "proc/report.h"

bool
chores_promote(Pg *pg, Arena *arena, Protocol *protocol, Error *error)
{
    int64_t promoted, next_us, until_us = now_mono_us() + STORE_STATEMENT_US;
    if (!store_promote(pg, arena, until_us, &promoted, &next_us, error))
        return false;
    if (promoted > 0)
        report_promoted(promoted);
    protocol_promoted(protocol, promoted, next_us, now_mono_us());
    return true;
}

bool
chores_prune(Pg *pg, Arena *arena, Protocol *protocol, Error *error)
{
    int64_t pruned, until_us = now_mono_us() + STORE_STATEMENT_US;
    protocol_pruned(protocol, 0, now_mono_us()); /* one that fails is not begun again at once */
    if (store_prune(pg, arena, protocol_file(protocol), until_us, &pruned, error)) {
        protocol_pruned(protocol, pruned, now_mono_us());
        return true;
    }
    if (error->kind != ERR_DB_REFUSED || !pg_is_connected(pg))
        return false;
    report_unpruned(error);
    protocol_pruned(protocol, -1, now_mono_us());
    return true;
}
