#ifndef DB_CONNINFO_H
#define DB_CONNINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* Connection strings as text: how to look at one, and how to speak of it without its secrets.
 * Errors are ERR_USAGE; none shows a value. */

/* True when it is not a connection string but the name of a database, as psql takes one; "" is
 * the name of libpq's default. */
bool conninfo_is_name(const char *conninfo);

/*
 * Refuses what libpq would take apart otherwise than it was meant, and then show: another kind
 * of URI, or an unescaped @ or / in a password, which makes a part of it the host or the
 * database.  To be asked before libpq reads the string.
 */
bool conninfo_check(const char *conninfo, Error *error);

/* The same for the port, as libpq found it: numbers separated by commas, or NULL. */
bool conninfo_check_port(const char *port, Error *error);

/* Fills *error from libpq's message about a string that it cannot read, with nothing of the
 * string but the name of an unknown keyword; returns false. */
bool conninfo_explain(const char *conninfo, const char *message, Error *error);

/* What a connection string and the environment say together, without the secrets; NULL: not
 * said.  host, hostaddr and port may be lists. */
typedef struct {
    const char *host, *hostaddr, *port, *service, *database, *user;
    const char *attrs; /* target_session_attrs, if somebody chose it */
} Settings;

/* One host of a connection string; NULL: libpq's own choice. */
typedef struct {
    const char *host, *hostaddr, *port;
} Target;

#define CONNINFO_MAX_HOSTS 8

/*
 * Takes lists of hosts, addresses and ports (each may be NULL) apart, into at most
 * CONNINFO_MAX_HOSTS targets; returns how many, 1 or more.  One with nothing set where libpq
 * must read the string itself: one host or none, an empty one among several, lists that are too
 * long or of unequal length.
 */
size_t conninfo_targets(
    Arena *arena, const char *host, const char *hostaddr, const char *port, Target *targets);

/* Keywords and values for libpq, each list ended by NULL; they point into what they are of. */
typedef struct {
    const char *keywords[16], *values[16];
} Params;

/* How one target is to be dialled: our defaults, the user's string, which overrides them, and
 * what overrides that: the target, and attrs as target_session_attrs unless NULL. */
Params conninfo_params(
    const char *conninfo, const char *application, const Target *target, const char *attrs);

/* Writes a server's place for people: "db.example:5432", "[::1]:5432", "socket
 * /run/.s.PGSQL.5432". */
void conninfo_place(Text *text, const char *host, const char *port);

/* "billing at a:5432, b:5432 as clock": n places of one database; what is not known is NULL. */
const char *conninfo_where(Arena *arena, const Target *targets, size_t n, const char *service,
    const char *database, const char *user);

/* The same of all that is to be dialled. */
const char *conninfo_where_all(const Settings *settings, Arena *arena);

#endif
