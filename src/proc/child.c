/* What no other file knows: what a command finds when it starts (its environment, its input),
 * and how its words and its end come back. */

#include "proc/child.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define READS_MAX 16 /* at one go: others want to be heard too */

/* ---- environment ---- */

typedef struct {
    const char **at;
    size_t n;
} Variables;

static size_t
name_len(const char *variable)
{
    return strcspn(variable, "=") + 1;
}

/* A later one takes the place of an earlier one of its name. */
static void
set(Variables *env, const char *variable)
{
    size_t i = 0;
    while (i < env->n && strncmp(env->at[i], variable, name_len(variable)) != 0)
        i++;
    env->at[i] = variable;
    if (i == env->n)
        env->n++;
}

static void
set_user(Variables *env, Arena *arena)
{
    struct passwd entry, *found = NULL;
    char *space = arena_alloc(arena, 4096);
    getpwuid_r(geteuid(), &entry, space, 4096, &found);
    set(env, arena_printf(arena, "HOME=%s", found == NULL ? "/" : entry.pw_dir));
    set(env, arena_printf(arena, "USER=%s", found == NULL ? "nobody" : entry.pw_name));
    set(env, arena_printf(arena, "LOGNAME=%s", found == NULL ? "nobody" : entry.pw_name));
}

/* Built from nothing: what is in our own environment is nobody else's business. */
static const char *const *
environment(Arena *arena, const Job *job, const Claim *claim)
{
    size_t n = 0;
    while (job->env != NULL && job->env[n] != NULL)
        n++;
    Variables env = {.at = arena_array(arena, n + 16, sizeof *env.at)};
    set(&env, "PATH=/usr/bin:/bin");
    set(&env, "SHELL=/bin/sh");
    set(&env, "LANG=C.UTF-8");
    set_user(&env, arena);
    for (size_t i = 0; i < n; i++)
        set(&env, job->env[i]);
    set(&env, arena_printf(arena, "CLOCK_JOB=%s", job->name));
    set(&env, arena_printf(arena, "CLOCK_ID=%lld", (long long)claim->id));
    set(&env, arena_printf(arena, "CLOCK_ATTEMPT=%d", claim->attempt));
    set(&env, arena_printf(arena, "CLOCK_SCHEDULED_AT=%s",
                  claim->scheduled_at == NULL ? "" : claim->scheduled_at));
    return env.at;
}

/* A job that sets HOME starts there, as a line of a crontab does. */
static const char *
folder_of(const Job *job)
{
    static const char name[] = "HOME=";
    for (size_t i = 0; job->env != NULL && job->env[i] != NULL; i++) {
        if (strncmp(job->env[i], name, sizeof name - 1) == 0)
            return job->env[i] + sizeof name - 1;
    }
    return NULL;
}

/* ---- start ---- */

/* A file without a name that holds the payload: no one has to feed a pipe. */
static int
input_of(const char *payload)
{
    int fd = memfd_create("payload", MFD_CLOEXEC);
    for (size_t left = strlen(payload); fd >= 0 && left > 0;) {
        ssize_t n = write(fd, payload, left);
        if (n <= 0) {
            close(fd);
            return -1;
        }
        payload += n;
        left -= (size_t)n;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

Child
child_new(Arena *arena)
{
    return (Child){.fd = -1, .output = -1, .tail = tail_new(arena)};
}

bool
child_start(Child *child, Arena *arena, const Job *job, const Claim *claim, int64_t lease_us,
    Error *error)
{
    int output[2];
    int input = input_of(claim->payload);
    if (input < 0)
        return error_system(error, ERR_BUG, "cannot hold the payload");
    if (pipe2(output, O_CLOEXEC) != 0) {
        close(input);
        return error_system(error, ERR_BUG, "cannot make a pipe");
    }
    KeeperJob keep = {.argv = job->command,
        .env = environment(arena, job, claim),
        .folder = folder_of(job),
        .input = input,
        .output = output[1],
        .timeout_us = job->timeout_s == 0 ? INT64_MAX : job->timeout_s * 1000000,
        .lease_us = lease_us};
    bool ok = keeper_start(&keep, &child->keeper, &child->fd, error);
    close(input);
    close(output[1]);
    if (!ok) {
        close(output[0]);
        return false;
    }
    fcntl(output[0], F_SETFL, O_NONBLOCK);
    child->output = output[0];
    child->ended = false;
    child->orphaned = false;
    tail_reset(&child->tail);
    return true;
}

/* ---- news ---- */

/* True when there is nothing more to read now. */
static bool
read_output(Child *child)
{
    for (int i = 0; child->output >= 0 && i < READS_MAX; i++) {
        long n = tail_read(&child->tail, child->output);
        if (n < 0 && errno == EAGAIN)
            return true;
        if (n > 0 || (n < 0 && errno == EINTR))
            continue;
        close(child->output);
        child->output = -1;
    }
    return child->output < 0;
}

static void
read_end(Child *child)
{
    KeeperReport report;
    ssize_t n = recv(child->fd, &report, sizeof report, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    child->ended = true;
    child->orphaned = n != (ssize_t)sizeof report;
    if (child->orphaned)
        report = (KeeperReport){.cause = KEEPER_TOLD};
    child->report = report;
}

bool
child_read(Child *child)
{
    if (!child->ended)
        read_end(child);
    bool quiet = read_output(child);
    return child->ended && quiet;
}

/* ---- orders ---- */

static void
order(const Child *child, KeeperOrder words)
{
    ssize_t ignored = send(child->fd, &words, sizeof words, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)ignored; /* a keeper that has ended needs none */
}

void
child_extend(Child *child, int64_t lease_us)
{
    order(child, (KeeperOrder){.lease_us = lease_us, .patience_us = -1});
}

void
child_end(Child *child, int64_t patience_us)
{
    order(child, (KeeperOrder){.patience_us = patience_us});
}

void
child_close(Child *child)
{
    if (child->keeper == 0)
        return;
    close(child->fd);
    if (child->output >= 0)
        close(child->output);
    waitpid(child->keeper, NULL, child->ended ? 0 : WNOHANG);
    child->keeper = 0;
    child->fd = child->output = -1;
}
