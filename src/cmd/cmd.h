#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"
#include "file/clockfile.h"
#include "file/diag.h"

/* Subcommands.  One file and one const Command each; this table entry is the one source for the
 * command line, --help, completion and the test that holds the man pages. */

typedef struct {
    char letter;      /* 'n', or 0 */
    const char *name; /* "count"; a NULL name ends the list */
    const char *arg;  /* "N"; NULL: a switch */
    const char *help; /* one line */
} Option;

/* What main.c sees to before a command runs. */
enum {
    NEED_FILE = 1,  /* a Clockfile: -f, the first operand, or found in the working directory */
    NEED_DB = 2,    /* a connection (gives up after 10 s) */
    NEED_SCHEMA = 4 /* a schema that this binary runs on; implies NEED_DB */
};

typedef struct Context Context;

typedef struct {
    const char *name;
    const char *operands; /* "[FILE]", for the synopsis */
    const char *summary;  /* one line: lower case, no full stop */
    const char *detail;   /* a paragraph for `clock COMMAND --help`, or NULL */
    const Option *options;
    unsigned needs;
    int max_operands;
    bool (*run)(Context *, Error *); /* false: the Error gives message and exit status */
} Command;

struct Context {
    Arena *arena;
    const Command *command;
    const char *const *operands; /* NULL-terminated, what NEED_FILE took already gone */
    int n_operands;
    const char *db;   /* --db, else DATABASE_URL, else NULL: libpq's environment */
    bool json;        /* --json */
    int64_t now_s;    /* read once, at start */
    const char *path; /* of the Clockfile, once loaded */
    Clockfile *file;
    Diags *diags;
    Pg *pg;
};

/* NULL-terminated, in the order of `clock --help`. */
extern const Command *const commands[];

const Command *command_find(const char *name);

/* The value of an option of this command: NULL when not given; "" for a switch that was given;
 * the last when repeated. */
const char *context_option(const Context *context, const char *name);

/* An option as a number within bounds, `otherwise` when not given; ERR_USAGE names the option
 * and the range. */
bool context_number(const Context *context, const char *name, int64_t min, int64_t max,
    int64_t otherwise, int64_t *out, Error *error);

/* Loads the Clockfile at path (NULL: finds it) into context->file; on failure its problems are
 * in context->diags. */
bool context_load(Context *context, const char *path, Error *error);

#endif
