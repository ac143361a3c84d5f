#ifndef TESTS_LIB_COUNTED_H
#define TESTS_LIB_COUNTED_H

/* Put before every source by `make coverage`: _exit loses gcov's counters, and the process that
 * keeps a command's output ends by nothing else. */

#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);

static inline _Noreturn void
counted_exit(int status)
{
    __gcov_dump();
    __gcov_reset(); /* the parent goes on with this memory after a vfork */
    _exit(status);
}
#define _exit counted_exit

#endif
