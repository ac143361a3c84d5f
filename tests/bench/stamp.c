/* A command that tells when it was started: prints CLOCK_MONOTONIC in nanoseconds.  It needs no
 * library, whose loading would be measured. */

#include <stdio.h>
#include <time.h>

int
main(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    return 0;
}
