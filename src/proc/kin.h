#ifndef PROC_KIN_H
#define PROC_KIN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The processes whose parent we are: our own, and those whose parent has died below us (see
 * PR_SET_CHILD_SUBREAPER in prctl(2)). */

typedef struct {
    pid_t pid;
    pid_t group;
    bool zombie;
} Kin;

/* Fills at most max; returns how many. None where
 * /proc is not there. */
size_t kin_children(Kin *kin, size_t max);

#endif
