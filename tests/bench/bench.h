#ifndef BENCH_H
#define BENCH_H

/* What the bare programs share: libpq without any care, because they are what clock is held
 * against.  The connection is that of PG*, or DATABASE_URL. */

#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline int64_t
bench_us(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static inline PGconn *
bench_connect(void)
{
    const char *url = getenv("DATABASE_URL");
    PGconn *conn = PQconnectdb(url == NULL ? "" : url);
    if (PQstatus(conn) == CONNECTION_OK)
        return conn;
    fprintf(stderr, "%s", PQerrorMessage(conn));
    exit(1);
}

/* The result, if it is a good one; otherwise the program ends. */
static inline PGresult *
bench_check(PGconn *conn, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return result;
    fprintf(stderr, "%s", PQerrorMessage(conn));
    exit(1);
}

static inline void
bench_do(PGconn *conn, const char *sql)
{
    PQclear(bench_check(conn, PQexec(conn, sql)));
}

static inline long
bench_number(const char *text)
{
    char *end;
    long n = text == NULL ? 0 : strtol(text, &end, 10);
    if (text != NULL && *text != '\0' && *end == '\0' && n >= 0)
        return n;
    fprintf(stderr, "not a number: %s\n", text == NULL ? "nothing" : text);
    exit(2);
}

#endif
