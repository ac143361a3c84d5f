/* What no other file knows: which correct schedules are likely not what was meant. */

#include "plan/schedule.h"

size_t
schedule_lint(const Schedule *schedule, Lint *lints, size_t cap)
{
    (void)schedule;
    (void)lints;
    (void)cap;
    return 0;
}
