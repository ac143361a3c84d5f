#ifndef PROC_SAID_H
#define PROC_SAID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "due/protocol.h"

/* What the operator has been told, so that each change of state is said once.  Zeroed, it has
 * said nothing. */
typedef struct {
    Stance stance; /* STANCE_AWAY (0) too: none */
    bool told;     /* the service manager has this stance for our status */
    bool confirming, quiet;
    char where[256]; /* the connection that was told of; "": it was lost since */
    char trouble[sizeof((Error *)NULL)->text];
    bool over;       /* it went well since */
    int64_t over_us; /* mono */
} Said;

/* A reason why nothing is fired: once, not at every retry. */
void said_trouble(Said *said, Stance stance, const Error *error);

/* A connection.  One that takes the place of another after a refusal is no news. */
void said_connected(Said *said, const char *where);

/* The connection was lost; the next one will be told. */
void said_lost(Said *said);

/* What was in trouble went well: if it comes back after a minute it will be told again. */
void said_well(Said *said);

/* The service manager has heard of a reload since: it is told where we stand. */
void said_reloaded(Said *said);

/* In force or standing by, a jump of the clock that is being confirmed, and one that was put
 * back behind the horizon. */
void said_state(Said *said, const Protocol *protocol);

#endif
