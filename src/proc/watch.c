/* What no other file knows: how a change of a file is noticed.  Folders are watched, not the
 * file: a rename puts another file in its place, and a watch would stay with the old one.  The
 * path may lead through symbolic links, so every folder on the way of the links is watched, and
 * the way is walked anew after each change.  Only the names on that way count: a log beside the
 * file is written all the time.  What the events mean is not believed: they only start the
 * second of quiet after which the file's identity is compared. */

#include "proc/watch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 16 /* links on the way to the file that are followed */

#define FINISHED                                                                               \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB)
#define UNFINISHED IN_MODIFY
#define FOLDER_GONE (IN_DELETE_SELF | IN_MOVE_SELF)

/* What makes a file another one. */
typedef struct {
    bool exists;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
} Identity;

/* A name on the way to the file, and the folder that holds it. */
typedef struct {
    int folder; /* its watch */
    char name[NAME_MAX + 1];
} Step;

struct Watch {
    const char *path;
    int fd;
    Step steps[LINKS_MAX];
    int n_steps;
    Identity known;
    int64_t due_us; /* when quiet is over; INT64_MAX: nothing has happened */
};

static Identity
identify(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return (Identity){.exists = false};
    return (Identity){.exists = true,
        .device = st.st_dev,
        .inode = st.st_ino,
        .size = st.st_size,
        .changed = st.st_mtim};
}

static bool
same(const Identity *a, const Identity *b)
{
    return a->exists == b->exists && a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Writes the folder of `path` into `folder`, "." when it has none. */
static void
folder_of(const char *path, char folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    if (slash == path)
        len = 1;
    if (len == 0 || len >= PATH_MAX) {
        memcpy(folder, ".", 2);
        return;
    }
    memcpy(folder, path, len);
    folder[len] = '\0';
}

/* Watches the folder of `path`, for the name that path has there. */
static void
add_step(Watch *watch, const char *path)
{
    char folder[PATH_MAX];
    folder_of(path, folder);
    const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
    size_t len = strlen(name);
    if (watch->n_steps == LINKS_MAX || len > NAME_MAX)
        return;
    int wd =
        inotify_add_watch(watch->fd, folder, FINISHED | UNFINISHED | FOLDER_GONE | IN_ONLYDIR);
    if (wd < 0)
        return;
    Step *step = &watch->steps[watch->n_steps++];
    step->folder = wd;
    memcpy(step->name, name, len + 1);
}

/* Follows one link: `path` becomes what it points to.  False when it is none. */
static bool
follow(char path[PATH_MAX])
{
    char target[PATH_MAX];
    ssize_t len = readlink(path, target, sizeof target - 1);
    if (len <= 0)
        return false;
    target[len] = '\0';
    char folder[PATH_MAX];
    folder_of(path, folder);
    size_t head = target[0] == '/' ? 0 : strlen(folder) + 1;
    if (head + (size_t)len >= PATH_MAX)
        return false;
    if (head > 0) {
        memcpy(path, folder, head - 1);
        path[head - 1] = '/';
    }
    memcpy(path + head, target, (size_t)len + 1);
    return true;
}

/* The folder itself may be a link ("..data" in a ConfigMap): the one that
 * holds it is watched. */
static void
add_folder_links(Watch *watch, const char *file)
{
    char folder[PATH_MAX], link[PATH_MAX];
    folder_of(file, folder);
    for (int i = 0; i < LINKS_MAX; i++) {
        memcpy(link, folder, strlen(folder) + 1);
        if (!follow(folder))
            return;
        add_step(watch, link);
    }
}

/* Watches every folder through which the path leads now. */
static void
walk(Watch *watch)
{
    for (int i = 0; i < watch->n_steps; i++)
        inotify_rm_watch(watch->fd, watch->steps[i].folder);
    watch->n_steps = 0;
    char path[PATH_MAX];
    size_t len = strlen(watch->path);
    if (len >= sizeof path)
        return;
    memcpy(path, watch->path, len + 1);
    for (int i = 0; i < LINKS_MAX; i++) {
        add_step(watch, path);
        add_folder_links(watch, path);
        if (!follow(path))
            break;
    }
}

bool
watch_new(Arena *arena, const char *path, Watch **out, Error *error)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        error_system(error, ERR_INPUT, "cannot watch '%.200s'", path);
        return error_hint(
            error, "leave out --watch, and send SIGHUP when the file has changed");
    }
    Watch *watch = arena_alloc(arena, sizeof *watch);
    watch->path = path;
    watch->fd = fd;
    watch->known = identify(path);
    watch->due_us = INT64_MAX;
    walk(watch);
    *out = watch;
    return true;
}

int
watch_fd(const Watch *watch)
{
    return watch->fd;
}

/* False for what happens to other names of a folder.  An event without a name is of the folder.
 */
static bool
concerns(const Watch *watch, const struct inotify_event *event)
{
    if (event->len == 0)
        return true;
    for (int i = 0; i < watch->n_steps; i++) {
        if (watch->steps[i].folder == event->wd &&
            strcmp(watch->steps[i].name, event->name) == 0)
            return true;
    }
    return false;
}

void
watch_read(Watch *watch, int64_t now_us)
{
    _Alignas(
        struct inotify_event) char buffer[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
    ssize_t len;
    while ((len = read(watch->fd, buffer, sizeof buffer)) > 0) {
        for (char *at = buffer; at < buffer + len;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            at += sizeof *event + event->len;
            if ((event->mask & IN_IGNORED) != 0 || !concerns(watch, event))
                continue;
            bool unfinished = (event->mask & UNFINISHED) != 0; /* its writer will close it */
            watch->due_us = unfinished ? INT64_MAX : now_us + WATCH_QUIET_US;
        }
    }
}

int64_t
watch_due_us(const Watch *watch)
{
    return watch->due_us;
}

bool
watch_settled(Watch *watch, int64_t now_us)
{
    if (now_us < watch->due_us)
        return false;
    watch->due_us = INT64_MAX;
    walk(watch);
    Identity now = identify(watch->path);
    if (!now.exists || same(&now, &watch->known))
        return false; /* another file of the folder; or gone, perhaps on its way back */
    watch->known = now;
    return true;
}

void
watch_close(Watch *watch)
{
    if (watch != NULL)
        close(watch->fd);
}
