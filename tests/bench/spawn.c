/* Starts so many times a command without arguments, so many at once, and nothing else: what
 * clock work is held against.  Prints how many it started a second.
 *
 *   spawn TIMES AT_ONCE COMMAND */

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double
now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    long times = atol(argv[1]), room = atol(argv[2]);
    double from_s = now_s();
    for (long i = 0; i < times; i++) {
        pid_t pid;
        if (room > 0)
            room--;
        else
            wait(NULL);
        if (posix_spawn(&pid, argv[3], NULL, NULL, &argv[3], environ) != 0)
            return 1;
    }
    while (wait(NULL) > 0)
        ;
    printf("%.0f\n", (double)times / (now_s() - from_s));
    return 0;
}
