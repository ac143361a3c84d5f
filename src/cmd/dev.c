/* clock dev: for people who have no database at hand.  The command is the program clock-dev
 * beside the binary; here stands what --help and the command line know of it. */

#include "cmd/cmd.h"

static const Option options[] = {
    {'f', "file", "FILE", "the Clockfile"},
    {0, "state", "DIR", "keep the database there (default: ~/.local/state/clock/dev)"},
    {0, "fresh", NULL, "begin with an empty database"},
    {0, "throw-away", NULL, "a database of its own, deleted at the end"},
    {0, "no-worker", NULL, "leave the rows to workers of yours"},
    {0, "seconds", "N", "stop by itself after N seconds"},
    {0, NULL, NULL, NULL},
};

const Command command_dev = {
    .name = "dev",
    .operands = "[FILE]",
    .summary = "try a Clockfile with a private PostgreSQL and workers",
    .detail = "Starts a PostgreSQL of its own in a folder that stays between runs, fires the\n"
              "Clockfile's jobs into it, and works them, all in one log.  Ctrl-C stops it all.",
    .options = options,
    .max_operands = 1,
};
