/* What no other file knows: how a signal becomes a flag and ends a wait.  The handler raises
 * the flag and writes a byte into a pipe that every wait polls too, so that a signal between
 * the look at the flag and the wait is never slept over. */

#include "base/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/now.h"

#define MAX_FDS 15

static volatile sig_atomic_t raised;
static volatile sig_atomic_t stopping;
static int pipe_out = -1, pipe_in = -1;
static int grace_ms;

static void
ended_late(int signal)
{
    (void)signal;
    _exit(0); /* the database undoes what was open: see wake_catch */
}

static void
arm_grace(void)
{
    struct itimerval timer = {
        .it_value = {.tv_sec = grace_ms / 1000, .tv_usec = grace_ms % 1000 * 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void
caught(int signal)
{
    int saved = errno;
    if (signal == SIGTERM || signal == SIGINT) {
        if (!stopping && grace_ms > 0)
            arm_grace();
        if (stopping < 100)
            stopping = stopping + 1;
        raised |= WAKE_STOP;
    } else {
        raised |= signal == SIGHUP ? WAKE_RELOAD : WAKE_CHILD;
    }
    ssize_t ignored = write(pipe_in, "", 1);
    (void)ignored; /* a full pipe wakes as well */
    errno = saved;
}

bool
wake_catch(int stop_grace_ms)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    pipe_out = ends[0];
    pipe_in = ends[1];
    grace_ms = stop_grace_ms;
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); /* 1 ns, not 50 us: waits end on time */
    struct sigaction action = {.sa_handler = caught, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask); /* one handler at a time: `raised` is read and written */
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaction(signals[i], &action, NULL);
    action.sa_handler = ended_late;
    sigaction(SIGALRM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    return true;
}

unsigned
wake_take(unsigned mask)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    unsigned taken = (unsigned)raised & mask;
    raised = (sig_atomic_t)((unsigned)raised & ~(taken & ~(unsigned)WAKE_STOP));
    sigprocmask(SIG_SETMASK, &before, NULL);
    return taken;
}

bool
wake_stopping(void)
{
    return stopping != 0;
}

int
wake_stops(void)
{
    return (int)stopping;
}

static void
drain(void)
{
    char bytes[64];
    ssize_t got;
    do {
        got = read(pipe_out, bytes, sizeof bytes);
    } while (got > 0);
}

/* What is left of the time as ppoll wants it; NULL for no end. */
static const struct timespec *
time_left(int64_t until_us, struct timespec *left)
{
    if (until_us == INT64_MAX)
        return NULL;
    int64_t us = until_us - now_mono_us();
    if (us < 0)
        us = 0;
    left->tv_sec = us / 1000000;
    left->tv_nsec = us % 1000000 * 1000;
    return left;
}

int
wake_poll(struct pollfd *fds, nfds_t n, int64_t until_us)
{
    struct pollfd all[MAX_FDS + 1];
    if (n > MAX_FDS)
        n = MAX_FDS;
    for (nfds_t i = 0; i < n; i++)
        all[i] = fds[i];
    all[n] = (struct pollfd){.fd = pipe_out, .events = POLLIN};
    for (;;) {
        struct timespec left;
        int ready = ppoll(all, n + 1, time_left(until_us, &left), NULL);
        if (ready < 0 && errno == EINTR)
            continue; /* the pipe tells why */
        if (ready <= 0)
            return 0;
        for (nfds_t i = 0; i < n; i++)
            fds[i].revents = all[i].revents;
        if (all[n].revents != 0) {
            drain();
            return ready > 1 ? ready - 1 : -1;
        }
        return ready;
    }
}
