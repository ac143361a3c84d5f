/* What no other file knows: the datagrams that a service manager understands. */

#include "proc/service.h"

#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/now.h"
#include "base/text.h"

static struct sockaddr_un address;
static socklen_t address_len; /* 0: nobody wants to know */
static int64_t alive_every_us = INT64_MAX;
static int64_t alive_next_us = INT64_MAX;

/* Half of the time after which the manager would think us dead. */
static void
read_watchdog(void)
{
    const char *text = getenv("WATCHDOG_USEC"), *whose = getenv("WATCHDOG_PID");
    int64_t us, pid;
    if (text == NULL || !text_number(text, strlen(text), 1, INT64_MAX, &us))
        return;
    if (whose != NULL &&
        (!text_number(whose, strlen(whose), 1, INT_MAX, &pid) || pid != getpid()))
        return;
    alive_every_us = us / 2;
    alive_next_us = 0;
}

void
service_setup(void)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t len = path == NULL ? 0 : strlen(path);
    if (len > 1 && len < sizeof address.sun_path && (path[0] == '/' || path[0] == '@')) {
        address.sun_family = AF_UNIX;
        memcpy(address.sun_path, path, len);
        if (path[0] == '@')
            address.sun_path[0] = '\0'; /* the abstract name space */
        address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
        read_watchdog();
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

/* Never waits: a manager that does not listen delays no fire. */
static void
say(const char *text)
{
    if (address_len == 0)
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    ssize_t ignored = sendto(
        fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address, address_len);
    (void)ignored;
    close(fd);
}

void
service_ready(const char *status)
{
    char text[256];
    snprintf(text, sizeof text, "READY=1\nSTATUS=%s", status);
    say(text);
}

void
service_status(const char *status)
{
    char text[256];
    snprintf(text, sizeof text, "STATUS=%s", status);
    say(text);
}

void
service_reloading(void)
{
    char text[64];
    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_awake_us());
    say(text);
}

void
service_stopping(void)
{
    say("STOPPING=1");
}

void
service_alive(int64_t mono_us)
{
    if (mono_us < alive_next_us)
        return;
    alive_next_us = mono_us + alive_every_us;
    say("WATCHDOG=1");
}

int64_t
service_alive_us(void)
{
    return alive_next_us;
}
