#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "cmd/context.h"

/* Subcommands.  One file and one const Command each; this table is the one source for the
 * command line, --help, completion and the test that holds the man pages. */

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

/* The heading of `clock --help` that this command is the first below, or NULL. */
const char *command_heading(const Command *command);

/* The command of that name, or NULL. */
const Command *command_find(const char *name);

/* The command that `name` was probably meant to be, or NULL. */
const char *command_nearest(const char *name);

#endif
