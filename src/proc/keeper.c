/* What no other file knows: how a command and all that it starts are kept together, and ended.
 * A subreaper inherits every process below it whose parent dies, so to kill one's own children
 * until there are none is to kill the whole tree, wherever its processes have fled. */

#include "proc/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/now.h"
#include "proc/kin.h"

#define KILL_AGAIN_US INT64_C(10000) /* what is killed leaves children of its own */
#define GIVE_UP_US INT64_C(5000000)  /* nothing helps against an uninterruptible sleep */
#define KIN_MAX 256

/* Where a keeper has its descriptors; 0 to 2 are /dev/null. */
enum { FD_WORKER = 3, FD_INPUT, FD_OUTPUT, FD_STARTED, FD_FREE };

typedef enum { STAGE_RUN, STAGE_TERM, STAGE_KILL } Stage;

typedef struct {
    const KeeperJob *job;
    pid_t command;
    bool reaped; /* the command itself has ended */
    int signals; /* tells of SIGCHLD */
    int worker;  /* FD_WORKER, or -1 when nobody is there any more */
    Stage stage;
    int64_t timeout_us, lease_us;
    int64_t next_us; /* of the stage: KILL, kill again */
    int64_t give_up_us;
    KeeperReport report;
} Keeper;

/* ---- the command ---- */

/* Moves three descriptors to their places and closes all others, the database's among them. */
static bool
arrange(int worker, int input, int output)
{
    int high[] = {fcntl(worker, F_DUPFD, 16), fcntl(input, F_DUPFD, 16),
        fcntl(output, F_DUPFD, 16), open("/dev/null", O_RDWR)};
    for (int i = 0; i < 4; i++)
        if (high[i] < 0)
            return false;
    for (int i = 0; i < 3; i++)
        if (dup2(high[i], FD_WORKER + i) < 0 || dup2(high[3], i) < 0)
            return false;
    return close_range(FD_OUTPUT + 1, ~0U, 0) == 0;
}

static void
reset_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &standard, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Where a command has its descriptors; FD_WORKER tells the keeper how its start has failed. */
static bool
hand_over(void)
{
    return dup2(FD_INPUT, 0) == 0 && dup2(FD_OUTPUT, 1) == 1 && dup2(FD_OUTPUT, 2) == 2 &&
           dup3(FD_STARTED, FD_WORKER, O_CLOEXEC) == FD_WORKER &&
           close_range(FD_WORKER + 1, ~0U, 0) == 0;
}

/* In the child: becomes the command.  Its errno is the only thing that it ever says. */
_Noreturn static void
become(const KeeperJob *job, pid_t keeper)
{
    static const struct rlimit no_core = {0, 0};
    char *const *argv;
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0UL, 0UL, 0UL);
    setrlimit(RLIMIT_CORE, &no_core);
    if (getppid() != keeper || !hand_over())
        _exit(126);
    reset_signals();
    bool there = job->folder == NULL || chdir(job->folder) == 0;
    memcpy(&environ, &job->env, sizeof environ); /* exec takes no const, and changes nothing */
    memcpy(&argv, &job->argv, sizeof argv);
    if (there)
        execvp(argv[0], argv);
    int failed = there ? errno : -errno;
    ssize_t ignored = write(FD_WORKER, &failed, sizeof failed);
    (void)ignored;
    _exit(127);
}

static bool
start_command(Keeper *k)
{
    int started[2];
    if (pipe2(started, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    pid_t self = getpid();
    int end = fcntl(started[1], F_DUPFD, FD_FREE); /* out of the way */
    int begin = fcntl(started[0], F_DUPFD, FD_FREE);
    if (end < 0 || begin < 0)
        return false;
    /* To copy a process only to replace it was a third of what a command cost.  Until then its
     * memory is ours: of that it changes `environ`, which a keeper has no use for. */
    pid_t command = vfork();
    if (command == 0) {
        dup2(end, FD_STARTED);
        become(k->job, self);
    }
    k->command = command;
    dup2(begin, FD_STARTED);
    close_range(FD_FREE, ~0U, 0);
    close(FD_INPUT);
    close(FD_OUTPUT);
    return k->command > 0;
}

/* ---- its end ---- */

/* All that is left: the command's group, and what has fled from it, as far as it is orphaned.
 * A group keeps its number while a process is in it. */
static void
signal_all(const Keeper *k, int signal)
{
    Kin kin[KIN_MAX];
    bool told = !k->reaped;
    if (!k->reaped && kill(-k->command, signal) != 0)
        kill(k->command, signal); /* it has no group yet */
    size_t n = kin_children(kin, KIN_MAX);
    for (size_t i = 0; i < n; i++) {
        if (kin[i].zombie)
            continue;
        if (kin[i].group != k->command) {
            kill(kin[i].pid, signal);
        } else if (!told) {
            kill(-k->command, signal);
            told = true;
        }
    }
}

static void
terminate(Keeper *k, int64_t now_us, int64_t patience_us)
{
    if (k->stage == STAGE_RUN) {
        k->stage = STAGE_TERM;
        k->next_us = now_us + patience_us;
    } else if (k->stage == STAGE_TERM && now_us + patience_us < k->next_us) {
        k->next_us = now_us + patience_us;
    }
    if (k->stage == STAGE_TERM && patience_us > 0) {
        signal_all(k, SIGTERM);
        signal_all(k, SIGCONT); /* what is stopped cannot hear it */
    }
}

static void
end_for(Keeper *k, KeeperCause cause, int64_t now_us, int64_t patience_us)
{
    if (!k->reaped && k->stage == STAGE_RUN)
        k->report.cause = cause;
    terminate(k, now_us, patience_us);
}

static void
kill_tree(Keeper *k, int64_t now_us)
{
    if (k->stage != STAGE_KILL)
        k->give_up_us = now_us + GIVE_UP_US;
    k->stage = STAGE_KILL;
    k->next_us = now_us + KILL_AGAIN_US;
    signal_all(k, SIGKILL);
}

/* Takes in who has ended; false when nobody is left. */
static bool
reap(Keeper *k, int64_t now_us)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != k->command)
            continue;
        k->report.status = status;
        k->reaped = true;
    }
    if (pid < 0 && errno == ECHILD)
        return false;
    if (k->reaped && k->stage == STAGE_RUN)
        terminate(k, now_us, KEEPER_PATIENCE_US); /* it has left others behind */
    return true;
}

/* What is due by now. */
static void
advance(Keeper *k, int64_t now_us)
{
    if (k->stage == STAGE_RUN && now_us >= k->timeout_us)
        end_for(k, KEEPER_TIMEOUT, now_us, KEEPER_PATIENCE_US);
    if (k->stage != STAGE_KILL && now_us >= k->lease_us) {
        end_for(k, KEEPER_LEASE, now_us, 0);
        k->next_us = now_us;
    }
    if (k->stage != STAGE_RUN && now_us >= k->next_us)
        kill_tree(k, now_us);
}

static void
obey(Keeper *k, int64_t now_us)
{
    KeeperOrder order;
    for (;;) {
        ssize_t n = recv(FD_WORKER, &order, sizeof order, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n != (ssize_t)sizeof order) { /* the worker is gone */
            end_for(k, KEEPER_TOLD, now_us, 0);
            kill_tree(k, now_us);
            k->worker = -1;
            return;
        }
        if (order.lease_us != 0)
            k->lease_us = order.lease_us;
        if (order.patience_us >= 0)
            end_for(k, KEEPER_TOLD, now_us, order.patience_us);
    }
}

/* ---- the loop ---- */

static void
wait_for_news(Keeper *k, int64_t now_us)
{
    int64_t until_us = k->stage == STAGE_RUN ? k->timeout_us : k->next_us;
    if (k->lease_us < until_us && k->stage != STAGE_KILL)
        until_us = k->lease_us;
    int64_t left_us = until_us > now_us ? until_us - now_us : 0;
    struct timespec left = {.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000};
    struct pollfd fds[] = {
        {.fd = k->worker, .events = POLLIN}, {.fd = k->signals, .events = POLLIN}};
    struct signalfd_siginfo news;
    if (ppoll(fds, 2, until_us == INT64_MAX ? NULL : &left, NULL) <= 0)
        return;
    if (fds[1].revents != 0) {
        ssize_t ignored = read(k->signals, &news, sizeof news);
        (void)ignored;
    }
    if (fds[0].revents != 0)
        obey(k, now_mono_us());
}

static void
keep(Keeper *k)
{
    for (int64_t now_us = now_mono_us(); reap(k, now_us); now_us = now_mono_us()) {
        advance(k, now_us);
        if (k->stage == STAGE_KILL && now_us >= k->give_up_us)
            break;
        wait_for_news(k, now_us);
    }
    int failed;
    if (read(FD_STARTED, &failed, sizeof failed) == (ssize_t)sizeof failed)
        k->report.exec_errno = failed;
}

_Noreturn static void
keeper_main(const KeeperJob *job, int worker)
{
    Keeper k = {.job = job,
        .worker = FD_WORKER,
        .timeout_us =
            job->timeout_us == INT64_MAX ? INT64_MAX : now_mono_us() + job->timeout_us,
        .lease_us = job->lease_us};
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    setsid(); /* a signal for the worker's group is not for us */
    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
    bool ok = arrange(worker, job->input, job->output) && start_command(&k);
    k.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    if (ok && k.signals >= 0)
        keep(&k);
    else
        k.report.exec_errno = errno == 0 ? EIO : errno;
    ssize_t ignored = send(FD_WORKER, &k.report, sizeof k.report, MSG_NOSIGNAL);
    (void)ignored; /* whom should it be told? */
    _exit(0);
}

bool
keeper_start(const KeeperJob *job, pid_t *pid, int *fd, Error *error)
{
    int ends[2];
    sigset_t all, before;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return error_system(error, ERR_BUG, "cannot make a socket");
    sigfillset(&all); /* the worker's handlers must never run in the keeper */
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0)
        keeper_main(job, ends[1]);
    int failed = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        errno = failed;
        return error_system(error, ERR_BUG, "cannot make a process");
    }
    *pid = child;
    *fd = ends[0];
    return true;
}
