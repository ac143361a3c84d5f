/* What no other file knows: when a clock with nothing to fire looks after the table. */

#include "due/upkeep.h"

#define PROMOTE_AGAIN_US INT64_C(1000000)
#define PRUNE_US INT64_C(60000000)      /* history is looked over this often ... */
#define PRUNE_AGAIN_US INT64_C(1000000) /* ... and sooner while some of it is old ... */
#define PRUNE_ROOM_US INT64_C(500000)   /* ... when nothing is due for so long */

Upkeep
upkeep_new(int64_t mono_us)
{
    return (Upkeep){.promote_us = INT64_MAX, .prune_us = mono_us + PRUNE_US / 6};
}

void
upkeep_expect(Upkeep *upkeep, int64_t at_us, int64_t mono_us)
{
    if (at_us < upkeep->promote_us)
        upkeep->promote_us = at_us > mono_us ? at_us : mono_us;
}

void
upkeep_promoted(Upkeep *upkeep, int64_t rows, int64_t next_us, int64_t mono_us)
{
    upkeep->promote_us = next_us;
    if (rows == 0 && next_us <= mono_us) /* somebody holds the row: no hurry */
        upkeep->promote_us = mono_us + PROMOTE_AGAIN_US;
}

void
upkeep_pruned(Upkeep *upkeep, int64_t rows, int64_t mono_us, uint64_t chance)
{
    int64_t half_us = (rows > 0 ? PRUNE_AGAIN_US : PRUNE_US) / 2;
    upkeep->prune_us =
        rows < 0 ? INT64_MAX : mono_us + half_us + (int64_t)(chance % (uint64_t)half_us);
}

Step
upkeep_step(const Upkeep *upkeep, int64_t mono_us, int64_t look_us, int64_t arm_us)
{
    int64_t until_us = arm_us < look_us ? arm_us : look_us;
    if (upkeep->promote_us < until_us)
        until_us = upkeep->promote_us;
    if (arm_us >= mono_us + PRUNE_ROOM_US && upkeep->prune_us <= until_us) {
        if (mono_us >= upkeep->prune_us)
            return (Step){.kind = STEP_PRUNE};
        until_us = upkeep->prune_us;
    }
    return (Step){.kind = STEP_WAIT, .until_us = until_us};
}
