#ifndef PROC_CHORES_H
#define PROC_CHORES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"
#include "due/protocol.h"

/* The steps of a clock that has nothing to fire: STEP_PROMOTE and STEP_PRUNE.  They tell the
 * protocol how it went; `arena` is for one step.  They fail as pg_query does. */
bool chores_promote(Pg *pg, Arena *arena, Protocol *protocol, Error *error);

/* A role that may not delete leaves that to others, and says so once. */
bool chores_prune(Pg *pg, Arena *arena, Protocol *protocol, Error *error);

#endif
