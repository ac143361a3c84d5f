/* What no other file knows: how a line is written to a pipe, a socket or a terminal that nobody
 * may be reading.  O_NONBLOCK belongs to the open file, which we share with whoever started us
 * and with all that writes beside us, so it is not set there: a pipe or terminal is opened once
 * more for ourselves, and a socket is asked not to wait at each line. */

#include "base/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define REST_MAX 16384

typedef enum {
    KIND_FILE,   /* never waits for a reader */
    KIND_OWN,    /* opened by us: O_NONBLOCK */
    KIND_SOCKET, /* as journald's */
    KIND_SHARED  /* could not be opened again: asked before each write */
} Kind;

static Kind kind;
static int sink = STDERR_FILENO;
static char rest[REST_MAX]; /* of a line that was begun */
static size_t rest_len;

/* JOURNAL_STREAM is "DEVICE:INODE" in decimal, as systemd.exec(5) says. */
static bool
is_journal(const struct stat *at)
{
    const char *named = getenv("JOURNAL_STREAM");
    char own[64];
    snprintf(own, sizeof own, "%llu:%llu", (unsigned long long)at->st_dev,
        (unsigned long long)at->st_ino);
    return named != NULL && strcmp(named, own) == 0;
}

void
sink_open(bool *journal)
{
    struct stat at;
    *journal = false;
    if (fstat(STDERR_FILENO, &at) != 0)
        return;
    *journal = is_journal(&at);
    if (S_ISSOCK(at.st_mode)) {
        kind = KIND_SOCKET;
    } else if (S_ISFIFO(at.st_mode) || S_ISCHR(at.st_mode)) {
        int own =
            open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        kind = own < 0 ? KIND_SHARED : KIND_OWN;
        sink = own < 0 ? STDERR_FILENO : own;
    }
}

/* A pipe that can be written to at all takes PIPE_BUF bytes without waiting. */
static ssize_t
put_shared(const char *at, size_t len)
{
    struct pollfd ask = {.fd = sink, .events = POLLOUT};
    if (poll(&ask, 1, 0) == 1)
        return write(sink, at, len < PIPE_BUF ? len : PIPE_BUF);
    errno = EAGAIN;
    return -1;
}

/* How many bytes were taken. */
static size_t
put(const char *at, size_t len)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = kind == KIND_SOCKET
                        ? send(sink, at + done, len - done, MSG_DONTWAIT | MSG_NOSIGNAL)
                    : kind == KIND_SHARED ? put_shared(at + done, len - done)
                                          : write(sink, at + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done;
}

bool
sink_write(const char *line, size_t len)
{
    size_t done = put(rest, rest_len);
    rest_len -= done;
    memmove(rest, rest + done, rest_len);
    if (rest_len > 0)
        return false;
    done = put(line, len);
    if (done == 0)
        return false;
    if (done == len)
        return true;
    rest_len = len - done < sizeof rest ? len - done : sizeof rest;
    memcpy(rest, line + done, rest_len);
    rest[rest_len - 1] = '\n'; /* also of a line too long to keep */
    return true;
}
