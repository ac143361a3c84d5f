/* clock retry: another chance for rows that are dead, or do not want to wait. */

#include "cmd/cmd.h"

#include "cmd/byhand.h"

static bool
retry(Context *context, Error *error)
{
    return byhand_run(context, HAND_RETRY, "made ready", error);
}

static const Option options[] = {
    {0, "job", "NAME", "all dead rows of this job"},
    {0, NULL, NULL, NULL},
};

const Command command_retry = {
    .name = "retry",
    .operands = "[ID ...]",
    .summary = "run rows again that are dead, or wait for their next attempt",
    .detail =
        "A dead row has all its attempts before it again; a waiting one is ready at once.\n"
        "Exit status 1 when one of them is neither.",
    .options = options,
    .needs = NEED_SCHEMA,
    .max_operands = BYHAND_MAX_IDS,
    .check = byhand_check,
    .run = retry,
};
