#ifndef DB_DIAL_H
#define DB_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/conninfo.h"

/*
 * A race: all hosts of a connection string are dialled at once, and the first that will do is
 * taken.  This is its plan and its account, without a socket: pg.c opens, asks and closes, and
 * tells here how that went.  Times are now_mono_us.
 */

#define RACE_MAX 12             /* dials: hosts, and the addresses that their names have */
#define RACE_ASK_US 25000       /* a standby is asked this often whether it takes writes now */
#define RACE_REDIAL_US 200000   /* a host that is away is dialled this often */
#define RACE_ADDRESS_US 250000  /* a name's next address: RFC 8305, section 5 */
#define RACE_PATIENCE_US 150000 /* an unanswered statement, until we look around */
#define RACE_AGAIN_US 1000000   /* and until we do so again when the server lives */
#define RACE_OWN_US 50000       /* what the own server has at least to show that it lives */
#define RACE_OWN_MAX_US 500000  /* and at most, however far away the other one is */

typedef enum {
    DIAL_LATER,   /* to be opened at due_us */
    DIAL_OPENING, /* under way */
    DIAL_ASKED,   /* it stands, and was asked whether it takes writes */
    DIAL_STANDBY, /* it takes none; to be asked again at due_us */
    DIAL_STANDS,  /* it will do */
    DIAL_REFUSED  /* asking again cannot help */
} DialState;

typedef struct {
    Target target;
    size_t host; /* which one of the string's: a name may have several addresses */
    DialState state;
    bool tried;
    bool answered; /* a server spoke, whatever it said */
    int64_t due_us;
    int64_t took_us; /* from the beginning to its first answer */
    Error error;     /* why it came to nothing, if tried */
} Dial;

typedef struct {
    Dial dials[RACE_MAX];
    size_t n;
    size_t hosts;
    bool writes; /* only a server that takes writes will do */
    int64_t began_us;
} Race;

/* Whom to dial: each host, at each address of its name, and who will do.  `arena` keeps the
 * addresses; settings must live as long.  Looks up names, and that may block. */
void race_plan(Race *race, Arena *arena, const Settings *settings);

void race_begin(Race *race, int64_t now_us);

/* When the next dial is to be opened or asked, or the verdict of a race with a winner is due;
 * INT64_MAX: never. */
int64_t race_due_us(const Race *race);

/* How it went with dial i: it stands; it said that it takes no writes; it came to nothing. */
void race_stands(Race *race, size_t i, int64_t now_us);
void race_is_standby(Race *race, size_t i, int64_t now_us);
void race_failed(Race *race, size_t i, int64_t now_us, const Error *error);

/* The first dial that will do, or -1. */
int race_winner(const Race *race);

/* True when nobody can answer any more: every host was tried and is away or refuses. */
bool race_is_over(const Race *race);

typedef enum { RACE_ON, RACE_STAY, RACE_LEAVE } RaceVerdict;

/* What a race tells about the connection that dial `own` once made, and that keeps us waiting:
 * stay when a new dial is answered there, leave when it is not and another host takes writes;
 * the own one has twice the time that the other took. */
RaceVerdict race_verdict(const Race *race, size_t own, int64_t now_us);

/* Why nobody was found; `unanswered` is said of hosts that kept silent.  Refused only when
 * every host refused.  Returns false. */
bool race_explain(const Race *race, const char *where, const char *unanswered, Error *error);

#endif
