/* What no other file knows: which of the system's clocks we read.  A test checks that no other
 * file reads any. */

#include "base/now.h"

#include <time.h>

static int64_t
read_us(clockid_t clock)
{
    struct timespec ts;
    if (clock_gettime(clock, &ts) != 0)
        return 0;
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
now_wall_us(void)
{
    return read_us(CLOCK_REALTIME);
}

int64_t
now_mono_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

int64_t
now_awake_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}
