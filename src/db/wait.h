#ifndef DB_WAIT_H
#define DB_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* A wait for the database: it has an end, which a stop signal (base/wake.h) brings nearer, to
 * WAIT_STOP_MS at most.  Times are now_mono_us. */

#define WAIT_STOP_MS 800

typedef struct {
    int64_t began_us, until_us;
    int64_t patience_us; /* when to look whether another server takes writes */
    bool racing;         /* doing so */
    bool stopping;
} Wait;

/* The caller sets patience_us where there are several servers. */
Wait wait_new(int64_t until_us);

/* Polls, until next_us at most (INT64_MAX: to the end).  False when the time is over. */
bool wait_poll(Wait *wait, struct pollfd *fds, nfds_t n, int64_t next_us);

/* Says that it is; returns false. */
bool wait_over(const Wait *wait, Error *error);

#endif
