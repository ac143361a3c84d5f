/* What no other file knows: how a clock is hit at one exact place of its life.  Preloaded, it
 * stands between the program and libc, counts what the program asks for, and at the n-th makes
 * it fail, or ends or stops the process there.
 *
 * CLOCK_FAULT       WHERE:WHAT:N
 *     WHERE   malloc (malloc, calloc, realloc), call (a system call of the list below),
 *             send (a message to the server), commit (one that holds COMMIT),
 *             armed (that of an instant's rows, with its guard)
 *     WHAT    fail (once), keep (from there on always), interrupt (EINTR, where that can be),
 *             kill (before it), sent (killed behind it), answered (killed once the server has
 *             answered), stop (before it)
 * CLOCK_FAULT_NOTE  a file that gets a line when it happens: without one, n was beyond the end
 *
 * Only a program named clock is hit, not what it runs; a child counts on from its parent. */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The calls, and with what each fails. */
#define CALLS(X)                                                                               \
    X(access, EIO)                                                                             \
    X(close, EIO)                                                                              \
    X(connect, ECONNREFUSED)                                                                   \
    X(dup2, EMFILE)                                                                            \
    X(dup3, EMFILE)                                                                            \
    X(epoll_create1, EMFILE)                                                                   \
    X(epoll_ctl, ENOMEM)                                                                       \
    X(epoll_wait, EINTR)                                                                       \
    X(fcntl, ENOMEM)                                                                           \
    X(fopen, EMFILE)                                                                           \
    X(fork, EAGAIN)                                                                            \
    X(fstat, EIO)                                                                              \
    X(getpwuid_r, EIO)                                                                         \
    X(getsockopt, ENOBUFS)                                                                     \
    X(inotify_add_watch, ENOSPC)                                                               \
    X(inotify_init1, EMFILE)                                                                   \
    X(lseek, EIO)                                                                              \
    X(lstat, EIO)                                                                              \
    X(memfd_create, EMFILE)                                                                    \
    X(open, EMFILE)                                                                            \
    X(opendir, EMFILE)                                                                         \
    X(pipe2, EMFILE)                                                                           \
    X(poll, ENOMEM)                                                                            \
    X(ppoll, ENOMEM)                                                                           \
    X(read, EIO)                                                                               \
    X(readlink, EIO)                                                                           \
    X(readv, EIO)                                                                              \
    X(recv, ECONNRESET)                                                                        \
    X(send, ECONNRESET)                                                                        \
    X(sendto, ECONNREFUSED)                                                                    \
    X(setsid, EPERM)                                                                           \
    X(setsockopt, ENOBUFS)                                                                     \
    X(signalfd, EMFILE)                                                                        \
    X(socket, EMFILE)                                                                          \
    X(socketpair, EMFILE)                                                                      \
    X(stat, EIO)                                                                               \
    X(write, ENOSPC)

enum {
#define NUMBER(name, error) CALL_##name,
    CALLS(NUMBER) N_CALLS
#undef NUMBER
};

static const struct {
    const char *name;
    int error;
} calls[] = {
#define ROW(name, error) {#name, error},
    CALLS(ROW)
#undef ROW
};

static struct {
#define FIELD(name, error) __typeof__(&(name)) name;
    CALLS(FIELD)
#undef FIELD
} real;

/* Libraries that begin before us call already. */
static void
find_real(void)
{
    void *at;
#define FIND(name, error)                                                                      \
    at = dlsym(RTLD_NEXT, #name);                                                              \
    memcpy(&real.name, &at, sizeof at);
    CALLS(FIND)
#undef FIND
}

#define REAL(name) (real.name == NULL ? find_real() : (void)0, real.name)

static char where[16], what[16], note[4096];
static long left = -1; /* until it happens; -1: never, or it is over */
static bool answered;  /* the next answer is the last thing we see */

/* The system itself, past our own write. */
static void
tell(const char *name)
{
    char line[128];
    int len = snprintf(line, sizeof line, "%s %s %s\n", where, what, name);
    long fd = syscall(SYS_openat, AT_FDCWD, note, O_WRONLY | O_CREAT | O_APPEND, 0644);
    syscall(SYS_write, fd, line, (size_t)len);
    syscall(SYS_close, fd);
}

/* True when it is this one's turn. */
static bool
turn(const char *here, const char *name)
{
    if (left < 0 || strcmp(where, here) != 0 || (left > 0 && --left > 0))
        return false;
    if (strcmp(what, "keep") != 0)
        left = -1;
    tell(name);
    return true;
}

static bool
may_be_interrupted(int call)
{
    return call == CALL_read || call == CALL_write || call == CALL_recv || call == CALL_send ||
           call == CALL_poll || call == CALL_ppoll || call == CALL_epoll_wait;
}

/* A reset is seen by both ends, unless the peer is to stay silent. */
static void
reset(int fd)
{
    int saved = errno;
    if (strcmp(what, "fail") == 0)
        syscall(SYS_shutdown, fd, SHUT_RDWR);
    errno = saved;
}

/* True when this call is to fail; errno is set. */
static bool
hit(int call)
{
    bool interrupt = strcmp(what, "interrupt") == 0;
    if ((interrupt && !may_be_interrupted(call)) || !turn("call", calls[call].name))
        return false;
    errno = interrupt ? EINTR : calls[call].error;
    return true;
}

/* ---- memory ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *at, size_t size);

static bool
no_memory(const char *name)
{
    if (!turn("malloc", name))
        return false;
    errno = ENOMEM;
    return true;
}

void *
malloc(size_t size)
{
    return no_memory("malloc") ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    return no_memory("calloc") ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *at, size_t size)
{
    return no_memory("realloc") ? NULL : __libc_realloc(at, size);
}

/* ---- the conversation with the server ---- */

static void
end(int signal)
{
    syscall(SYS_kill, syscall(SYS_getpid), signal);
}

/* COMMIT, but not the COMMITTED of a BEGIN. */
static bool
has_commit(const char *at, size_t len)
{
    const char *end = at + len;
    while ((at = memmem(at, (size_t)(end - at), "COMMIT", 6)) != NULL) {
        at += 6;
        if (at == end || *at != 'T')
            return true;
    }
    return false;
}

ssize_t
send(int fd, const void *at, size_t len, int flags)
{
    bool commits = has_commit(at, len);
    bool now =
        turn("send", "send") || (commits && turn("commit", "COMMIT")) ||
        (commits && memmem(at, len, "not_before", 10) != NULL && turn("armed", "COMMIT"));
    if (now && strcmp(what, "kill") == 0)
        end(SIGKILL);
    if (now && strcmp(what, "stop") == 0)
        end(SIGSTOP);
    if (hit(CALL_send)) {
        reset(fd);
        return -1;
    }
    ssize_t sent = REAL(send)(fd, at, len, flags);
    if (now && strcmp(what, "sent") == 0)
        end(SIGKILL);
    answered = now && strcmp(what, "answered") == 0;
    return sent;
}

ssize_t
recv(int fd, void *at, size_t len, int flags)
{
    if (hit(CALL_recv)) {
        reset(fd);
        return -1;
    }
    ssize_t got = REAL(recv)(fd, at, len, flags);
    if (answered && got > 0)
        end(SIGKILL);
    return got;
}

/* ---- the other calls ---- */

#define WRAP(type, name, params, args, failure)                                                \
    type name params                                                                           \
    {                                                                                          \
        return hit(CALL_##name) ? failure : REAL(name) args;                                   \
    }

/* clang-format off */
WRAP(int, access, (const char *path, int mode), (path, mode), -1)
WRAP(int, connect, (int fd, __CONST_SOCKADDR_ARG at, socklen_t len), (fd, at, len), -1)
WRAP(int, dup2, (int from, int to), (from, to), -1)
WRAP(int, dup3, (int from, int to, int flags), (from, to, flags), -1)
WRAP(int, epoll_create1, (int flags), (flags), -1)
WRAP(int, epoll_ctl, (int epoll, int op, int fd, struct epoll_event *event), (epoll, op, fd, event), -1)
WRAP(int, epoll_wait, (int epoll, struct epoll_event *events, int n, int ms), (epoll, events, n, ms), -1)
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)
WRAP(pid_t, fork, (void), (), -1)
WRAP(int, fstat, (int fd, struct stat *st), (fd, st), -1)
WRAP(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *len), (fd, level, name, value, len), -1)
WRAP(int, inotify_add_watch, (int fd, const char *path, uint32_t mask), (fd, path, mask), -1)
WRAP(int, inotify_init1, (int flags), (flags), -1)
WRAP(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence), -1)
WRAP(int, lstat, (const char *path, struct stat *st), (path, st), -1)
WRAP(int, memfd_create, (const char *name, unsigned flags), (name, flags), -1)
WRAP(DIR *, opendir, (const char *path), (path), NULL)
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags), -1)
WRAP(int, poll, (struct pollfd *fds, nfds_t n, int ms), (fds, n, ms), -1)
WRAP(int, ppoll, (struct pollfd *fds, nfds_t n, const struct timespec *left_, const sigset_t *mask), (fds, n, left_, mask), -1)
WRAP(ssize_t, read, (int fd, void *at, size_t len), (fd, at, len), -1)
WRAP(ssize_t, readlink, (const char *path, char *at, size_t len), (path, at, len), -1)
WRAP(ssize_t, readv, (int fd, const struct iovec *parts, int n), (fd, parts, n), -1)
WRAP(ssize_t, sendto, (int fd, const void *at, size_t len, int flags, __CONST_SOCKADDR_ARG to, socklen_t size), (fd, at, len, flags, to, size), -1)
WRAP(pid_t, setsid, (void), (), -1)
WRAP(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len), (fd, level, name, value, len), -1)
WRAP(int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags), -1)
WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
WRAP(int, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends), -1)
WRAP(int, stat, (const char *path, struct stat *st), (path, st), -1)
WRAP(ssize_t, write, (int fd, const void *at, size_t len), (fd, at, len), -1)
/* clang-format on */

/* One call to us: without memory glibc 2.36 crashes in it (nss_database.c), and that is not
 * ours to survive. */
int
getpwuid_r(uid_t uid, struct passwd *at, char *text, size_t len, struct passwd **found)
{
    if (no_memory("getpwuid_r"))
        return ENOMEM;
    if (hit(CALL_getpwuid_r))
        return errno;
    long kept = left;
    left = -1;
    int result = REAL(getpwuid_r)(uid, at, text, len, found);
    left = kept;
    return result;
}

/* A close that fails has closed all the same. */
int
close(int fd)
{
    int result = REAL(close)(fd);
    return hit(CALL_close) ? -1 : result;
}

int
open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return hit(CALL_open) ? -1 : REAL(open)(path, flags, mode);
}

int
fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    long argument = va_arg(args, long);
    va_end(args);
    return hit(CALL_fcntl) ? -1 : REAL(fcntl)(fd, command, argument);
}

/* ---- the beginning ---- */

__attribute__((constructor)) static void
begin(void)
{
    const char *fault = getenv("CLOCK_FAULT"), *path = getenv("CLOCK_FAULT_NOTE");
    if (fault == NULL || path == NULL || strcmp(program_invocation_short_name, "clock") != 0)
        return;
    snprintf(note, sizeof note, "%s", path);
    if (sscanf(fault, "%15[^:]:%15[^:]:%ld", where, what, &left) != 3)
        abort();
}
