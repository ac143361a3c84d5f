#ifndef PROC_CHILD_H
#define PROC_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/queue.h"
#include "file/clockfile.h"
#include "proc/keeper.h"
#include "proc/tail.h"

/* One attempt at a job: its command under a keeper, and what it writes.  A place that is used
 * again and again. */
typedef struct {
    pid_t keeper;  /* 0: nothing runs here */
    int fd;        /* to the keeper; to be polled */
    int output;    /* of the command; to be polled; -1: at its end */
    bool ended;    /* `report` is there */
    bool orphaned; /* its keeper was killed */
    KeeperReport report;
    Tail tail;
} Child;

Child child_new(Arena *arena);

/* Starts the command of the job for this row.  lease_us (now_mono_us): gone by then.  Fails
 * with ERR_BUG when the system has no more processes, memory or descriptors. */
bool child_start(Child *child, Arena *arena, const Job *job, const Claim *claim,
    int64_t lease_us, Error *error);

/* Takes in what it has written, some at a time; the same for its end.  True when it is over and
 * all is read. */
bool child_read(Child *child);

/* The new end of its lease. */
void child_extend(Child *child, int64_t lease_us);

/* TERM, and KILL so long after it; to be called again to hurry. */
void child_end(Child *child, int64_t patience_us);

/* Frees the place; what still runs is killed. */
void child_close(Child *child);

#endif
