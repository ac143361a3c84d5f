#ifndef PROC_KEEPER_H
#define PROC_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * One command runs below one keeper, a small process between it and the worker.  Whatever the
 * command starts stays below the keeper, also what forks away into a session of its own; so its
 * keeper can end all of it, and does: when the command has ended, at its timeout, when told, at
 * the end of its lease though the worker may be stopped, and when the worker is gone.
 */

#define KEEPER_PATIENCE_US INT64_C(10000000) /* from TERM to KILL */

/* Instants are of now_mono_us. */
typedef struct {
    const char *const *argv; /* looked for along the PATH of env */
    const char *const *env;  /* all of the environment */
    const char *folder;      /* where it starts; NULL: where we are */
    int input, output;       /* descriptors: its stdin; its stdout and stderr */
    int64_t timeout_us;      /* counted from the start, INT64_MAX: none */
    int64_t lease_us;        /* gone by then */
} KeeperJob;

/* Worker to keeper, any number of times. */
typedef struct {
    int64_t lease_us;    /* the new end of the lease; 0: as it was */
    int64_t patience_us; /* end the command, KILL so long after TERM; < 0: leave it */
} KeeperOrder;

typedef enum {
    KEEPER_ENDED,   /* the command ended by itself */
    KEEPER_TIMEOUT, /* it was ended for this reason */
    KEEPER_LEASE,
    KEEPER_TOLD
} KeeperCause;

/* Keeper to worker, once, when nothing of the command is left. */
typedef struct {
    KeeperCause cause;
    int status;     /* as of waitpid(2) */
    int exec_errno; /* it could not be started at all; below 0: its folder cannot be entered */
} KeeperReport;

/*
 * Starts a keeper and its command.  *pid is the keeper's, a child of ours to be waited for;
 * *fd, which does not block, takes orders and gives the report: end of file without one means
 * that the keeper was killed.  Closing it ends the command.
 */
bool keeper_start(const KeeperJob *job, pid_t *pid, int *fd, Error *error);

#endif
