#ifndef CMD_CONTEXT_H
#define CMD_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"
#include "file/clockfile.h"
#include "file/diag.h"

/* What a subcommand is, and what it is given to run with. */

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
    const char *operands;  /* "[FILE]", for the synopsis; "" for none */
    const char *summary;   /* one line: lower case, no full stop */
    const char *detail;    /* a paragraph for `clock COMMAND --help`, or NULL */
    const Option *options; /* --help, -f of NEED_FILE and --db of NEED_DB come by themselves */
    unsigned needs;
    int max_operands; /* that of NEED_FILE among them */
    /* Refuses what can be refused before a database is asked, or NULL. */
    bool (*check)(Context *, Error *);
    /* False: the Error gives message and exit status.  NULL: clock-NAME is run instead. */
    bool (*run)(Context *, Error *);
} Command;

struct Context {
    Arena *arena;
    const Command *command;
    const Option *const *options; /* all that the command takes, NULL-terminated */
    const char **values;          /* one for each: see context_option */
    const Option **given;         /* what was typed, NULL-terminated, in its order ... */
    const char **given_values;    /* ... with its values: see context_repeated */
    const char *const *operands;  /* NULL-terminated, what NEED_FILE took already gone */
    int n_operands;
    const char *db;   /* --db, else DATABASE_URL, else NULL: libpq's environment */
    bool json;        /* --json */
    int64_t now_s;    /* read once, at start */
    const char *path; /* of the Clockfile, once loaded */
    Arena *load;      /* where `file` lives; who takes it over leaves NULL here */
    Clockfile *file;
    Diags *diags;        /* main.c shows its problems when the command ends with ERR_INPUT */
    const char *excerpt; /* lines to show between the Error's text and its hint, or NULL */
    Pg *pg;
};

/* The value of an option of this command: NULL when not given; "" for a switch that was given;
 * the last when repeated. */
const char *context_option(const Context *context, const char *name);

/* The i-th value of an option that may be repeated, from 0; NULL: there are no more. */
const char *context_repeated(const Context *context, const char *name, size_t i);

/* An option as a number within bounds, `otherwise` when not given; ERR_USAGE names the option
 * and the range. */
bool context_number(const Context *context, const char *name, int64_t min, int64_t max,
    int64_t otherwise, int64_t *out, Error *error);

#endif
