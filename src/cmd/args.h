#ifndef CMD_ARGS_H
#define CMD_ARGS_H

#include <stdbool.h>

#include "base/error.h"
#include "cmd/context.h"

/* A command line becomes a Context. */

/* What stands before a command's name is read like the options of a command without a name. */
extern const Command args_before;

/* All options that the command takes, NULL-terminated: its own, then those of its needs. */
const Option *const *args_options(Arena *arena, const Command *command);

/*
 * Reads argv[1..] by the options of context->command, of which argv[0] is the name; fills
 * options, values, operands and json.  Connection strings are copied and wiped from argv, so
 * that ps shows none.  Fails with ERR_USAGE; a near miss is named.  A command with a negative
 * max_operands ends its options at the first operand (what stands before a subcommand).
 */
bool args_parse(Context *context, int argc, char **argv, Error *error);

/* Settles context->db from --db (`before`: one given before the command's name, or NULL), else
 * from DATABASE_URL, and checks it; no message shows a value. */
bool args_database(Context *context, const char *before, Error *error);

/* True when text looks like a connection string: it may hold a password, so it is not shown. */
bool args_is_secret(const char *text);

#endif
