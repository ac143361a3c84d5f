#ifndef DB_VERDICT_H
#define DB_VERDICT_H

#include "base/error.h"

/* What a failure of the database means: whether trying again can help, and
 * whose fault it was. */

/*
 * The kind of a statement's failure, by its SQLSTATE (PostgreSQL manual, appendix A):
 * 40001, 40P01, 55P03, 57014 and our own TE001: ERR_DB_LOST, look again; classes 22, 23, P0:
 * ERR_DB_ROW; 08, 53, 57, 58, 25006, 25P03, 54000: ERR_DB_AWAY; all else ERR_DB_REFUSED.
 */
ErrorKind verdict_sqlstate(const char *sqlstate);

/* Fills *error from a statement's failure; sqlstate NULL: libpq's own.  Only the first line of
 * the message is told: the detail may quote rows. */
void verdict_answer(const char *sqlstate, const char *message, Error *error);

/*
 * Fills *error from what libpq says of a connection that was not made: kind ERR_DB_AWAY or
 * ERR_DB_REFUSED, the SQLSTATE if the server gave one, and as text the cause alone.  `message`
 * is libpq's, written with PQERRORS_VERBOSE, so that the SQLSTATE stands in it whatever
 * language the server speaks.
 */
void verdict_connect(const char *message, Error *error);

/* The first line of a message of libpq, in our form: safe to show, the first letter small. */
void verdict_line(const char *message, char *line, unsigned size);

#endif
