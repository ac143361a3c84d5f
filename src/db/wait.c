/* What no other file knows: how long the database may keep us waiting once we are to stop. */

#include "db/wait.h"

#include "base/now.h"
#include "base/wake.h"

Wait
wait_new(int64_t until_us)
{
    return (Wait){.began_us = now_mono_us(), .until_us = until_us, .patience_us = INT64_MAX};
}

bool
wait_poll(Wait *wait, struct pollfd *fds, nfds_t n, int64_t next_us)
{
    if (wake_stopping() && !wait->stopping) {
        int64_t end_us = now_mono_us() + WAIT_STOP_MS * 1000;
        wait->stopping = true;
        if (end_us < wait->until_us)
            wait->until_us = end_us;
    }
    bool early = next_us < wait->until_us;
    return wake_poll(fds, n, early ? next_us : wait->until_us) != 0 || early;
}

bool
wait_over(const Wait *wait, Error *error)
{
    int64_t ms = (wait->until_us - wait->began_us + 500) / 1000;
    if (wait->stopping)
        return error_set(error, ERR_DB_AWAY, "the database did not answer before the stop");
    return error_set(error, ERR_DB_AWAY, "the database did not answer within %lld ms",
        (long long)(ms < 0 ? 0 : ms));
}
