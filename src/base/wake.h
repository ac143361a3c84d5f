#ifndef BASE_WAKE_H
#define BASE_WAKE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* Signals as flags, and a wait that no signal can slip past. */
enum { WAKE_STOP = 1, WAKE_RELOAD = 2, WAKE_CHILD = 4 };

/* Catches SIGTERM and SIGINT (stop), SIGHUP (reload), SIGCHLD (child); ignores SIGPIPE.  From a
 * stop on, the process has `stop_grace_ms` before it is ended from inside the handler: the net
 * under a resolver or a disk that hangs.  False with errno set when the pipe could not be made.
 */
bool wake_catch(int stop_grace_ms);

/* The flags of `mask` raised since they were last taken; clears them.
 * WAKE_STOP stays raised. */
unsigned wake_take(unsigned mask);

/* True once SIGTERM or SIGINT has come. */
bool wake_stopping(void);

/* How many of them have come: a second one means now. */
int wake_stops(void);

/*
 * poll(2) on n descriptors, until one is ready, a flag is raised, or until_us (now_mono_us;
 * INT64_MAX: for ever). Returns how many are ready; 0 when the time has come; -1 when a signal
 * woke us. Works without wake_catch too.
 */
int wake_poll(struct pollfd *fds, nfds_t n, int64_t until_us);

#endif
