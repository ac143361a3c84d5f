/* clock version: which clock this is. */

#include "cmd/cmd.h"

#include "cmd/out.h"

static bool
run(Context *context, Error *error)
{
    Text text = text_new(context->arena);
    text_add(&text, "clock " CLOCK_VERSION "\n");
    return out_text(&text, error);
}

const Command command_version = {
    .name = "version",
    .operands = "",
    .summary = "show which clock this is",
    .run = run,
};
