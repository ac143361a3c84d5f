#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/* What kind of failure it was: it chooses the exit status, and whether a retry can help. */
typedef enum {
    ERR_NONE,
    ERR_NO,      /* the answer is no, nothing, or "they differ": exit 1 */
    ERR_USAGE,   /* the command line is wrong: exit 2 */
    ERR_INPUT,   /* a Clockfile or schedule is unreadable or wrong: exit 3 */
    ERR_DB_AWAY, /* the database cannot be reached, or not now: exit 4; retrying helps */
    ERR_DB_LOST, /* another session was first (40001, 40P01, 55P03): look again; exit 4 */
    ERR_DB_ROW, /* the server refused a value (class 22, 23, P0): one row is to blame; exit 5 */
    ERR_DB_REFUSED, /* the database said no (password, schema, grant): exit 5 */
    ERR_BUG,        /* our own mistake, caught: exit 70 */
    ERR_MEMORY,     /* a library of ours got no memory: exit 71 */
    ERR_OUTPUT      /* what was asked for could not be written: exit 74 */
} ErrorKind;

/*
 * One failure.  A function that can fail returns bool, takes an Error * last, fills it exactly
 * when it returns false, and leaves its other outputs alone then.  A plain value: no ownership.
 * The texts may hold bytes from outside: whoever shows them does so by text_add_safe.
 */
typedef struct {
    ErrorKind kind;
    char sqlstate[6]; /* "" unless the server answered */
    char text[512];   /* lower case, no full stop: "cannot read 'x': no such file" */
    char hint[256];   /* "" or what to type next */
} Error;

/* Fills *error, hint empty; always returns false, so that
 * `return error_set(...)` reads well. */
bool error_set(Error *error, ErrorKind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, with ": " and strerror(errno) behind the text. */
bool error_system(Error *error, ErrorKind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets the hint of an error already filled; always returns false. */
bool error_hint(Error *error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The exit status of design: 0 yes, 1 no, 2 usage, 3 input, 4 away, 5 refused, 70 bug, 71
 * memory, 74 output. */
int error_exit_status(ErrorKind kind);

#endif
