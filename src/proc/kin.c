/* What no other file knows: how /proc names the parent of a process. */

#include "proc/kin.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* The number behind n blanks, or -1. */
static pid_t
field(const char *at, int n)
{
    int64_t number;
    while (n-- > 0) {
        at = strchr(at, ' ');
        if (at == NULL)
            return -1;
        at++;
    }
    if (!text_number(at, strcspn(at, " \n"), 0, INT32_MAX, &number))
        return -1;
    return (pid_t)number;
}

/* proc_pid_stat(5): "pid (name) state ppid pgrp ...", and the name may hold anything. */
static bool
is_child(const char *pid, Kin *kin)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t len = read(fd, line, sizeof line - 1);
    close(fd);
    if (len <= 0)
        return false;
    line[len] = '\0';
    const char *behind = strrchr(line, ')');
    if (behind == NULL || field(behind, 2) != getpid())
        return false;
    kin->zombie = strncmp(behind, ") Z", 3) == 0;
    kin->pid = field(line, 0);
    kin->group = field(behind, 3);
    return kin->pid > 1;
}

size_t
kin_children(Kin *kin, size_t max)
{
    size_t n = 0;
    DIR *proc = opendir("/proc");
    if (proc == NULL)
        return 0;
    for (struct dirent *entry; n < max && (entry = readdir(proc)) != NULL;)
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            n += is_child(entry->d_name, &kin[n]) ? 1 : 0;
    closedir(proc);
    return n;
}
