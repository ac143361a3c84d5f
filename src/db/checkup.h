#ifndef DB_CHECKUP_H
#define DB_CHECKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"

/* What clock doctor asks the database about itself.  Reads only; fails as pg_query does. */
typedef struct {
    const char *server; /* its version */
    int64_t ahead_us;   /* this host's clock against the server's */
    int64_t took_us;    /* the answer: the offset is known to within half of it */
    int64_t snapshot_s; /* age of the oldest transaction that holds vacuum back */
    const char *holder; /* whose it is; NULL: there is none that this role may see */
    int64_t hidden;     /* transactions that it may not */
    int64_t live, gone; /* rows of clock.jobs: there, and not yet vacuumed */
    int64_t dead;       /* rows whose attempts are spent */
    int64_t unclaimed;  /* ready for more than a minute */
    int64_t prepared;   /* prepared transactions */
    bool pooled;        /* the session is not the server process that we connected to */
    bool may_dispatch;  /* this role has the rights of clock run */
    bool autovacuum;
} Checkup;

bool checkup_ask(Pg *pg, Arena *arena, Checkup *checkup, Error *error);

/* A zone at an instant: local_s as the server sees it, INT64_MIN when it does not know it. */
typedef struct {
    const char *zone;
    int64_t at_s;
    int64_t local_s;
} CheckupZone;

/* Fills local_s of n zones. */
bool checkup_zones(Pg *pg, Arena *arena, CheckupZone *zones, size_t n, Error *error);

#endif
