#ifndef DB_POOLER_H
#define DB_POOLER_H

#include <stdbool.h>

#include "db/pg.h"

/* What can be seen of a pooler from before it. */

#define POOLER_ASKED 4 /* transactions opened at once */

typedef struct {
    bool statement; /* it refuses transactions */
    bool lends;     /* a session's server process worked for another meanwhile */
    int given;      /* how many of POOLER_ASKED transactions were open at once */
} Pooler;

/* Looks at the pooler that pg is connected through, by transactions on connections of their
 * own, open for a second at most.  Fails as pg_query does when not even pg is answered. */
bool pooler_look(Pg *pg, const char *conninfo, Arena *arena, Pooler *pooler, Error *error);

#endif
