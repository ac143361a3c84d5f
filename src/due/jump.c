/* What no other file knows: how long a jump of the database's clock must last to be believed.
 * A second jump within that time is another one: it begins anew. */

#include "due/jump.h"

#include "due/protocol.h"

#define SET_US INT64_C(60000000) /* what a clock may be set by while its jump is confirmed */

static bool
is_far(int64_t apart_us)
{
    return apart_us > PROTOCOL_JUMP_US || apart_us < -PROTOCOL_JUMP_US;
}

bool
jump_look(Jump *jump, int64_t offset_us, int64_t ahead_us, int64_t mono_us)
{
    int64_t set_us = offset_us - jump->offset_us;
    bool same = jump->until_us != 0 && set_us <= SET_US && set_us >= -SET_US;
    if (!is_far(ahead_us) || (same && mono_us >= jump->until_us)) {
        *jump = (Jump){0};
        return true;
    }
    if (!same)
        *jump = (Jump){.until_us = mono_us + PROTOCOL_CONFIRM_US, .offset_us = offset_us};
    return false;
}
