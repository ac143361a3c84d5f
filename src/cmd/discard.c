/* clock discard: rows that shall never run. */

#include "cmd/cmd.h"

#include "cmd/byhand.h"

static bool
discard(Context *context, Error *error)
{
    return byhand_run(context, HAND_DISCARD, "discarded", error);
}

static const Option options[] = {
    {0, "job", "NAME", "all dead rows of this job"},
    {0, NULL, NULL, NULL},
};

const Command command_discard = {
    .name = "discard",
    .operands = "[ID ...]",
    .summary = "throw rows away that are not running",
    .detail =
        "clock history keeps that they were.  Exit status 1 when one of them is not there,\n"
        "or is running.",
    .options = options,
    .needs = NEED_SCHEMA,
    .max_operands = BYHAND_MAX_IDS,
    .check = byhand_check,
    .run = discard,
};
