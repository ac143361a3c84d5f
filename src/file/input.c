/* What no other file knows: which paths may be read at all, and how to read one without being
 * made to wait, to swallow a disk, or to take half a file for a whole one. */

#include "file/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define CHUNK_BYTES (64u * 1024)
#define MIB_BYTES (1024u * 1024)

static bool
is_stdin(const char *path)
{
    return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0;
}

static bool
refuse_size(Arena *arena, const char *path, size_t max_bytes, Error *error)
{
    error_set(error, ERR_INPUT, "'%.200s' is larger than %u MiB", text_safe(arena, path),
        (unsigned)(max_bytes / MIB_BYTES));
    return error_hint(error, "split it, with a name: of its own in each part");
}

/* Everything up to the end, at most max_bytes. */
static bool
read_all(Arena *arena, int fd, const char *path, size_t max_bytes, size_t expected, char **at,
    size_t *len, Error *error)
{
    size_t cap = expected + 1 < CHUNK_BYTES ? CHUNK_BYTES : expected + 1, n = 0;
    char *bytes = arena_alloc(arena, cap);
    for (;;) {
        ssize_t got = read(fd, bytes + n, cap - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_system(
                error, ERR_INPUT, "cannot read '%.200s'", text_safe(arena, path));
        if (got == 0)
            break;
        n += (size_t)got;
        if (n > max_bytes)
            return refuse_size(arena, path, max_bytes, error);
        if (n == cap) {
            bytes = arena_grow(arena, bytes, cap, cap * 2);
            cap *= 2;
        }
    }
    *at = bytes;
    *len = n;
    return true;
}

static const char *
kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a directory"
           : S_ISFIFO(mode) ? "a pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

/* Says that others may replace the file, or write into it. */
static void
warn_writable(Arena *arena, const char *path, const struct stat *file, Diags *diags)
{
    struct stat folder;
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL   ? "."
                       : slash == path ? "/"
                                       : arena_copy(arena, path, (size_t)(slash - path));
    if ((file->st_mode & S_IWOTH) != 0)
        diag_add(diags, DIAG_WARNING, (Pos){0, 0}, "chmod o-w",
            "every user may write to this file, and so decide what runs");
    if (stat(name, &folder) == 0 && (folder.st_mode & S_IWOTH) != 0 &&
        (folder.st_mode & S_ISVTX) == 0)
        diag_add(diags, DIAG_WARNING, (Pos){0, 0}, "chmod o-w, or move the file",
            "its directory is writable by every user, so the file can be replaced");
}

static bool
read_file(Arena *arena, int fd, const char *path, size_t max_bytes, char **at, size_t *len,
    Diags *diags, Error *error)
{
    struct stat before, after;
    const char *shown = text_safe(arena, path);
    if (fstat(fd, &before) != 0)
        return error_system(error, ERR_INPUT, "cannot read '%.200s'", shown);
    if (!S_ISREG(before.st_mode)) {
        error_set(error, ERR_INPUT, "'%.200s' is %s, not a regular file", shown,
            kind_of(before.st_mode));
        return S_ISDIR(before.st_mode)
                   ? error_hint(error, "name the file in it: %.200s/Clockfile.yml", shown)
                   : error_hint(error, "name a file, or - to read standard input");
    }
    if (before.st_size > (off_t)max_bytes)
        return refuse_size(arena, path, max_bytes, error);
    if (!read_all(arena, fd, path, max_bytes, (size_t)before.st_size, at, len, error))
        return false;
    if (fstat(fd, &after) != 0)
        return error_system(error, ERR_INPUT, "cannot read '%.200s'", shown);
    if (before.st_size != after.st_size || before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
        before.st_mtim.tv_nsec != after.st_mtim.tv_nsec ||
        (before.st_size != 0 && (size_t)before.st_size != *len)) {
        error_set(error, ERR_INPUT, "'%.200s' changed while it was read", shown);
        return error_hint(error, "try again; replace files with mv, which is whole at once");
    }
    warn_writable(arena, path, &after, diags);
    return true;
}

bool
input_read(Arena *arena, const char *path, size_t max_bytes, char **at, size_t *len,
    Diags *diags, Error *error)
{
    if (is_stdin(path))
        return read_all(arena, STDIN_FILENO, path, max_bytes, 0, at, len, error);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        const char *shown = text_safe(arena, path);
        error_system(error, ERR_INPUT, "cannot read '%.200s'", shown);
        if (errno == ELOOP)
            return error_hint(error, "its symbolic links lead round in a circle");
        if (errno == ENXIO)
            return error_hint(error, "it is a socket or device, not a regular file");
        return false;
    }
    bool ok = read_file(arena, fd, path, max_bytes, at, len, diags, error);
    close(fd);
    return ok;
}
