#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
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
    const char *operands;  /* "[FILE]", for the synopsis; "" for none */
    const char *summary;   /* one line: lower case, no full stop */
    const char *detail;    /* a paragraph for `clock COMMAND --help`, or NULL */
    const Option *options; /* --help, -f of NEED_FILE and --db of NEED_DB come by themselves */
    unsigned needs;
    int max_operands;                /* that of NEED_FILE among them */
    bool (*run)(Context *, Error *); /* false: the Error gives message and exit status.
                                      * NULL: the program clock-NAME is run instead */
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

/* NULL-terminated, in the order of `clock --help`. */
extern const Command *const commands[];

extern const Command command_backfill;
extern const Command command_check;
extern const Command command_completion;
extern const Command command_dead;
extern const Command command_dev;
extern const Command command_diff;
extern const Command command_discard;
extern const Command command_doctor;
extern const Command command_explain;
extern const Command command_export;
extern const Command command_fire;
extern const Command command_grants;
extern const Command command_health;
extern const Command command_help;
extern const Command command_history;
extern const Command command_import;
extern const Command command_init;
extern const Command command_list;
extern const Command command_migrate;
extern const Command command_missed;
extern const Command command_next;
extern const Command command_pause;
extern const Command command_prune;
extern const Command command_resume;
extern const Command command_retry;
extern const Command command_run;
extern const Command command_schema;
extern const Command command_simulate;
extern const Command command_status;
extern const Command command_version;
extern const Command command_work;

/* The command of that name, or NULL. */
const Command *command_find(const char *name);

/* The command that `name` was probably meant to be, or NULL. */
const char *command_nearest(const char *name);

/* The value of an option of this command: NULL when not given; "" for a switch that was given;
 * the last when repeated. */
const char *context_option(const Context *context, const char *name);

/* The i-th value of an option that may be repeated, from 0; NULL: there are no more. */
const char *context_repeated(const Context *context, const char *name, size_t i);

/* An option as a number within bounds, `otherwise` when not given; ERR_USAGE names the option
 * and the range. */
bool context_number(const Context *context, const char *name, int64_t min, int64_t max,
    int64_t otherwise, int64_t *out, Error *error);

/* Loads the Clockfile at path (NULL: finds it), or with --crontab KIND the crontab there, into
 * context->file; on failure its problems are in context->diags. */
bool context_load(Context *context, const char *path, Error *error);

/* True when --db, DATABASE_URL or libpq's environment says which server: when not, an absent
 * one is no outage to wait for. */
bool context_has_server(const Context *context);

/* Connects context->pg, trying again while the database is away, for 10 s. */
bool context_connect(Context *context, Error *error);

#endif
