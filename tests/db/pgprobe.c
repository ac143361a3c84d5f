/* What tests/db/pg.t drives: one connection, told on the command line what to do with it, one
 * line of answer for each step.
 *
 *     pgprobe STEP...
 *
 *     connect:URL       (URL may be "env": libpq's environment)
 *     where  query:SQL  script:SQL  commit:SQL  receive  echo:BYTES
 *     within:MS         the deadline of what follows, 2000 at first
 *     ready             says so, and waits for a line on standard input
 *
 * An answer is "ok ..." or "KIND SQLSTATE TEXT", with "|gone" behind it when the connection is,
 * and the milliseconds that it took in front. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/now.h"
#include "base/wake.h"
#include "db/pg.h"

static Pg *pg;
static Arena *arena;
static int64_t within_us = 2000000;

static const char *
kind_name(ErrorKind kind)
{
    switch (kind) {
    case ERR_USAGE:
        return "usage";
    case ERR_DB_AWAY:
        return "away";
    case ERR_DB_LOST:
        return "lost";
    case ERR_DB_ROW:
        return "row";
    case ERR_DB_REFUSED:
        return "refused";
    case ERR_BUG:
        return "bug";
    default:
        return "other";
    }
}

static void
answer(int64_t began_us, bool ok, const char *text, const Error *error)
{
    printf("%lld ", (long long)(now_mono_us() - began_us) / 1000);
    if (ok)
        printf("ok %s", text);
    else
        printf("%s %s %s", kind_name(error->kind),
            error->sqlstate[0] == '\0' ? "-" : error->sqlstate, error->text);
    printf("%s\n", pg != NULL && pg_is_connected(pg) ? "" : "|gone");
}

static int64_t
number(const char *text)
{
    int64_t n;
    if (!text_number(text, strlen(text), 0, INT64_C(1000000000), &n))
        exit(2);
    return n;
}

/* All cells, separated by commas. */
static const char *
rows_text(const PgRows *rows)
{
    Text text = text_new(arena);
    for (int row = 0; row < rows->rows; row++)
        for (int column = 0; column < rows->columns; column++) {
            const char *cell = pg_cell(rows, row, column);
            text_add(&text, row + column == 0 ? "" : ",");
            text_add(&text, cell == NULL ? "NULL" : cell);
        }
    return text.at;
}

static void
echo(size_t bytes, int64_t began_us)
{
    PgRows rows;
    Error error;
    char *big = arena_alloc(arena, bytes + 1);
    memset(big, 'x', bytes);
    const char *params[] = {big};
    bool ok = pg_query(pg, arena, "SELECT $1::text, repeat($1::text, 2)", params, 1,
        began_us + within_us, &rows, &error);
    bool same = ok && strcmp(pg_cell(&rows, 0, 0), big) == 0 &&
                strlen(pg_cell(&rows, 0, 1)) == 2 * bytes;
    answer(began_us, ok, same ? "same" : "different", &error);
}

static void
take(const char *step, const char *value)
{
    int64_t began_us = now_mono_us();
    PgRows rows = {0};
    Error error = {.kind = ERR_NONE};
    bool notified = false;
    if (strcmp(step, "within") == 0)
        within_us = number(value) * 1000;
    else if (strcmp(step, "connect") == 0) {
        pg_free(pg);
        pg = pg_new(strcmp(value, "env") == 0 ? NULL : value, "pgprobe");
        answer(began_us, pg_connect(pg, began_us + within_us, &error), "", &error);
    } else if (strcmp(step, "where") == 0)
        answer(began_us, true, pg_where(pg, arena), &error);
    else if (strcmp(step, "query") == 0) {
        bool ok = pg_query(pg, arena, value, NULL, 0, began_us + within_us, &rows, &error);
        answer(began_us, ok, ok ? rows_text(&rows) : "", &error);
    } else if (strcmp(step, "script") == 0) {
        bool ok = pg_script(pg, arena, value, began_us + within_us, &rows, &error);
        answer(began_us, ok, ok ? rows_text(&rows) : "", &error);
    } else if (strcmp(step, "commit") == 0) {
        bool ok = pg_commit(pg, arena, value, began_us + within_us, &error);
        answer(began_us, ok, "", &error);
    } else if (strcmp(step, "receive") == 0) {
        struct pollfd fd = {.fd = pg_socket(pg), .events = POLLIN};
        wake_poll(&fd, 1, began_us + within_us);
        bool ok = pg_receive(pg, &notified, &error);
        answer(began_us, ok, notified ? "notified" : "quiet", &error);
    } else if (strcmp(step, "echo") == 0)
        echo((size_t)number(value), began_us);
    else if (strcmp(step, "ready") == 0) {
        char line[8];
        puts("ready");
        if (fgets(line, sizeof line, stdin) == NULL)
            exit(1);
    } else
        exit(2);
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        puts("1..0 # SKIP driven by tests/db/pg.t");
        return 0;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!wake_catch(10000))
        return 1;
    arena = arena_new(0);
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], ':');
        if (value != NULL)
            *value++ = '\0';
        take(argv[i], value);
    }
    pg_free(pg);
    arena_free(arena);
    return 0;
}
