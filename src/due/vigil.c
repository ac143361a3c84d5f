/* What no other file knows: when a clock that stands by may believe that the one in force is
 * gone. */

#include "due/vigil.h"

#include <string.h>

void
vigil_look(Vigil *vigil, const Horizon *horizon)
{
    bool overdue =
        horizon->next_due_s != INT64_MAX && horizon->next_due_s * 1000000 <= horizon->db_us;
    bool same = strcmp(vigil->version, horizon->version) == 0 &&
                vigil->fired_through_s == horizon->fired_through_s &&
                vigil->next_due_s == horizon->next_due_s;
    if (!overdue) {
        vigil->looks = 0;
    } else if (!same || vigil->looks == 0) {
        vigil->looks = 1;
        vigil->since_us = horizon->answered_us;
    } else {
        vigil->looks++;
    }
    memcpy(vigil->version, horizon->version, sizeof vigil->version);
    vigil->fired_through_s = horizon->fired_through_s;
    vigil->next_due_s = horizon->next_due_s;
}

void
vigil_reset(Vigil *vigil)
{
    vigil->looks = 0;
}

bool
vigil_is_over(const Vigil *vigil, int64_t mono_us)
{
    return vigil->looks >= PROTOCOL_GRACE_LOOKS &&
           mono_us - vigil->since_us >= PROTOCOL_GRACE_US;
}
