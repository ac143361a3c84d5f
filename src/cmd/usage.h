#ifndef CMD_USAGE_H
#define CMD_USAGE_H

#include "base/text.h"
#include "cmd/context.h"

/* The help texts, all from the table of commands. */

/* `clock --help`: every command, what stands before a command, the exit statuses. */
void usage_all(Text *text);

/* `clock COMMAND --help`. */
void usage_command(Text *text, const Command *command);

#endif
