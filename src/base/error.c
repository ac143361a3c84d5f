/* What no other file knows: how a failure becomes an exit status. */

#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(Error *error, ErrorKind kind, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static void
fill(Error *error, ErrorKind kind, const char *fmt, va_list args)
{
    error->kind = kind;
    error->sqlstate[0] = '\0';
    error->hint[0] = '\0';
    vsnprintf(error->text, sizeof error->text, fmt, args);
}

bool
error_set(Error *error, ErrorKind kind, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fill(error, kind, fmt, args);
    va_end(args);
    return false;
}

bool
error_system(Error *error, ErrorKind kind, const char *fmt, ...)
{
    int saved = errno;
    va_list args;
    va_start(args, fmt);
    fill(error, kind, fmt, args);
    va_end(args);
    size_t len = strlen(error->text);
    char reason[128];
    const char *text = strerror_r(saved, reason, sizeof reason);
    snprintf(error->text + len, sizeof error->text - len, ": %s", text);
    errno = saved;
    return false;
}

bool
error_hint(Error *error, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(error->hint, sizeof error->hint, fmt, args);
    va_end(args);
    return false;
}

int
error_exit_status(ErrorKind kind)
{
    switch (kind) {
    case ERR_NONE:
        return 0;
    case ERR_NO:
        return 1;
    case ERR_USAGE:
        return 2;
    case ERR_INPUT:
        return 3;
    case ERR_DB_AWAY:
    case ERR_DB_LOST:
        return 4;
    case ERR_DB_ROW:
    case ERR_DB_REFUSED:
        return 5;
    case ERR_BUG:
        return 70;
    case ERR_MEMORY:
        return 71;
    case ERR_OUTPUT:
        return 74;
    }
    return 70;
}
