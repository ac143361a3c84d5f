/* What no other file knows: the folder of zone files: what a name may look like, how its file
 * is read, and what somebody meant who wrote a name that is not there. */

#include "time/zoneinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define DEFAULT_FOLDER "/usr/share/zoneinfo"
#define MAX_FILE_BYTES (1024u * 1024)
#define MAX_NAME_BYTES 100 /* the longest in tzdata has 32, its folder "posix/" aside */

/* One name that tzdata knows. */
typedef struct {
    const char *name;
    const char *target; /* the name it is another name of, or NULL */
} Known;

typedef struct {
    Known *known;
    const char **names; /* the same, for text_nearest */
    size_t n;
} Knowledge;

const char *
zoneinfo_folder(void)
{
    const char *folder = getenv("TZDIR");
    return folder != NULL && folder[0] != '\0' ? folder : DEFAULT_FOLDER;
}

/* ---- reading ---- */

static bool
is_sane(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           strchr("+-_.", c) != NULL;
}

/* NULL when the name may become part of a path; else what is wrong with it. */
static const char *
name_fault(const char *name)
{
    if (name[0] == '\0')
        return "it is empty";
    if (name[0] == '/')
        return "it begins with '/'";
    if (strlen(name) > MAX_NAME_BYTES)
        return "it is too long";
    const char *part = name;
    for (;;) {
        size_t len = strcspn(part, "/");
        if (len == 0)
            return "it has an empty part";
        if (part[0] == '.' || part[0] == '-')
            return "a part begins with '.' or '-'";
        for (size_t i = 0; i < len; i++) {
            if (!is_sane(part[i]))
                return "it has a character that no zone has";
        }
        if (part[len] == '\0')
            return NULL;
        part += len + 1;
    }
}

typedef enum { READ_OK, READ_FOLDER, READ_OTHER, READ_LARGE, READ_ERRNO } ReadResult;

static ReadResult
read_all(Arena *arena, int fd, const struct stat *status, unsigned char **bytes, size_t *len)
{
    if (S_ISDIR(status->st_mode))
        return READ_FOLDER;
    if (!S_ISREG(status->st_mode))
        return READ_OTHER;
    if (status->st_size > MAX_FILE_BYTES)
        return READ_LARGE;
    size_t size = (size_t)status->st_size, got = 0;
    unsigned char *at = arena_alloc(arena, size + 1);
    ssize_t n = 1;
    while (got < size && n != 0) {
        n = read(fd, at + got, size - got);
        if (n < 0 && errno != EINTR) /* a file system of a network may be interrupted */
            return READ_ERRNO;
        got += n > 0 ? (size_t)n : 0;
    }
    *bytes = at;
    *len = got;
    return READ_OK;
}

/* A file of the folder, NUL-terminated.  Never waits: a FIFO is refused like a device. */
static ReadResult
read_file(
    Arena *arena, const char *folder, const char *name, unsigned char **bytes, size_t *len)
{
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return READ_ERRNO;
    struct stat status;
    ReadResult result =
        fstat(fd, &status) != 0 ? READ_ERRNO : read_all(arena, fd, &status, bytes, len);
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

static bool
is_there(Arena *arena, const char *folder, const char *name)
{
    struct stat status;
    return stat(arena_printf(arena, "%s/%s", folder, name), &status) == 0;
}

/* ---- what tzdata knows ---- */

/* The n-th word of a line that ends at `end`, words parted by any of `parting`. */
static const char *
take_word(Arena *arena, const char *line, size_t line_len, char parting, int n)
{
    const char *end = line + line_len;
    for (; n > 0 && line < end; n--) {
        const char *gap = memchr(line, parting, (size_t)(end - line));
        line = gap == NULL ? end : gap + 1;
    }
    const char *gap = memchr(line, parting, (size_t)(end - line));
    return arena_copy(arena, line, (size_t)((gap == NULL ? end : gap) - line));
}

/* tzdata.zi: "Z NAME ..." is a zone, "L TARGET NAME" a link; zone.tab: the third column. */
static bool
take_known(Arena *arena, const char *line, size_t len, bool table, Known *known)
{
    *known = (Known){NULL, NULL};
    if (table && len > 0 && line[0] != '#') {
        known->name = take_word(arena, line, len, '\t', 2);
    } else if (!table && len > 2 && line[1] == ' ' && line[0] == 'Z') {
        known->name = take_word(arena, line, len, ' ', 1);
    } else if (!table && len > 2 && line[1] == ' ' && line[0] == 'L') {
        known->target = take_word(arena, line, len, ' ', 1);
        known->name = take_word(arena, line, len, ' ', 2);
    }
    return known->name != NULL && name_fault(known->name) == NULL;
}

static Knowledge
read_knowledge(Arena *arena, const char *folder)
{
    Knowledge all = {NULL, NULL, 0};
    unsigned char *bytes;
    size_t len;
    bool table = read_file(arena, folder, "tzdata.zi", &bytes, &len) != READ_OK;
    if (table && read_file(arena, folder, "zone.tab", &bytes, &len) != READ_OK)
        return all;
    const char *text = (const char *)bytes;
    size_t lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    all.known = arena_array(arena, lines, sizeof *all.known);
    all.names = arena_array(arena, lines, sizeof *all.names);
    for (const char *line = text, *end = text + len; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t line_len = (size_t)((stop == NULL ? end : stop) - line);
        if (take_known(arena, line, line_len, table, &all.known[all.n])) {
            all.names[all.n] = all.known[all.n].name;
            all.n++;
        }
        line += line_len + 1;
    }
    return all;
}

static const Known *
find_known(const Knowledge *all, const char *name, bool (*same)(const char *, const char *))
{
    for (size_t i = 0; i < all->n; i++) {
        if (same(all->names[i], name))
            return &all->known[i];
    }
    return NULL;
}

/* ---- what was meant ---- */

static bool
is_same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* "new york" is the city of America/New_York. */
static bool
is_city(const char *zone, const char *city)
{
    const char *slash = strrchr(zone, '/');
    if (slash == NULL)
        return false;
    const char *a = slash + 1, *b = city;
    while (*a != '\0' && (text_lower(*a) == text_lower(*b) || (*a == '_' && *b == ' '))) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

/* "UTC+3", "gmt-05:30", "+02:00": minutes east of UTC. */
static bool
is_offset(const char *name, int *minutes)
{
    const char *at = name;
    while (text_lower(*at) >= 'a' && text_lower(*at) <= 'z')
        at++;
    char prefix[4] = "";
    if (at - name > 3)
        return false;
    memcpy(prefix, name, (size_t)(at - name));
    if (prefix[0] != '\0' && !text_same_nocase(prefix, "utc") &&
        !text_same_nocase(prefix, "gmt") && !text_same_nocase(prefix, "z"))
        return false;
    if (*at != '+' && *at != '-')
        return false;
    int sign = *at++ == '-' ? -1 : 1;
    size_t digits = strspn(at, "0123456789");
    size_t hour_len = digits == 4 ? 2 : digits;
    int64_t hour, minute = 0;
    if (!text_number(at, hour_len, 0, 24, &hour))
        return false;
    const char *rest = at + hour_len + (at[hour_len] == ':');
    if (*rest != '\0' && !text_number(rest, strlen(rest), 0, 59, &minute))
        return false;
    *minutes = sign * (int)(hour * 60 + minute);
    return true;
}

static bool
hint_offset(int minutes, Error *error)
{
    if (minutes == 0)
        return error_hint(error, "type UTC");
    if (minutes % 60 != 0 || minutes > 14 * 60 || minutes < -12 * 60)
        return error_hint(error, "name a city that has this offset, such as Asia/Kolkata");
    return error_hint(error,
        "name a city, or Etc/GMT%+d (the sign is turned: that is UTC%+d, all year)",
        -minutes / 60, minutes / 60);
}

/* A name that tzdata knows and that is not installed. */
static bool
hint_missing(const Known *known, Error *error)
{
    if (known->target != NULL)
        return error_hint(error,
            "it is an old name of %s: type that, or install the package tzdata-legacy",
            known->target);
    return error_hint(error, "reinstall the package tzdata, or install tzdata-legacy");
}

static bool
is_abbreviation(const char *name)
{
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return len >= 1 && len <= 5 && name[len] == '\0';
}

/* Names of before 1993, which Debian keeps in a package of its own. */
static bool
is_legacy(const char *name)
{
    static const char *const folders[] = {"US/", "Canada/", "Brazil/", "Chile/", "Mexico/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (strncmp(name, folders[i], strlen(folders[i])) == 0)
            return true;
    }
    return false;
}

static bool
hint_known(Arena *arena, const char *folder, const char *name, Error *error)
{
    Knowledge all = read_knowledge(arena, folder);
    const Known *known = find_known(&all, name, is_same);
    if (known != NULL)
        return hint_missing(known, error);
    if (text_same_nocase(name, "utc") || text_same_nocase(name, "z"))
        return error_hint(error, "type UTC");
    if ((known = find_known(&all, name, text_same_nocase)) != NULL)
        return error_hint(error, "names are case-sensitive: %s", known->name);
    if ((known = find_known(&all, name, is_city)) != NULL)
        return error_hint(error, "did you mean %s?", known->name);
    const char *near = text_nearest(name, all.names, all.n);
    if (near != NULL && !is_abbreviation(name) && is_there(arena, folder, near))
        return error_hint(error, "did you mean %s?", near);
    if (is_legacy(name))
        return error_hint(error, "install the package tzdata-legacy, or name a city");
    if (is_abbreviation(name))
        return error_hint(error,
            "an abbreviation is not enough, name a city: Europe/Paris, America/New_York");
    return error_hint(
        error, "names are those of %s: Europe/Paris, America/New_York, UTC", folder);
}

static void
hint_unknown(const char *folder, const char *name, Error *error)
{
    Arena *scratch = arena_new(0);
    int minutes;
    size_t folder_len = strlen(folder);
    if (strncmp(name, folder, folder_len) == 0 && name[folder_len] == '/')
        error_hint(error, "type %.100s", name + folder_len + 1);
    else if (is_offset(name, &minutes))
        hint_offset(minutes, error);
    else if (strpbrk(name, ",<>") != NULL)
        error_hint(error, "rules of one's own are not read, name a city: Europe/Paris");
    else if (!is_there(scratch, folder, "."))
        error_hint(error, "there is no %s: install the package tzdata", folder);
    else
        hint_known(scratch, folder, name, error);
    arena_free(scratch);
}

/* "Europe": the first zone in it. */
static void
hint_folder(const char *folder, const char *name, Error *error)
{
    Arena *scratch = arena_new(0);
    Knowledge all = read_knowledge(scratch, folder);
    const char *in = arena_printf(scratch, "%s/", name);
    const char *first = NULL;
    for (size_t i = 0; i < all.n; i++) {
        if (strncmp(all.names[i], in, strlen(in)) == 0 &&
            (first == NULL || strcmp(all.names[i], first) < 0))
            first = all.names[i];
    }
    error_hint(error, "name a zone in it, such as %s", first == NULL ? "Europe/Paris" : first);
    arena_free(scratch);
}

/* ---- the whole ---- */

/* Files that lie beside the zones, and the links that mean another zone on every host. */
static bool
is_no_zone(const char *name, const unsigned char *bytes, size_t len)
{
    return strcmp(name, "posixrules") == 0 || strcmp(name, "localtime") == 0 ||
           (len > 0 && (len < 4 || memcmp(bytes, "TZif", 4) != 0));
}

static bool
refuse(ReadResult result, const char *folder, const char *name, Error *error)
{
    switch (result) {
    case READ_FOLDER:
        error_set(error, ERR_INPUT, "timezone '%.100s' is a folder of zones", name);
        hint_folder(folder, name, error);
        return false;
    case READ_OTHER:
        return error_set(error, ERR_INPUT, "timezone '%.100s' is no regular file", name);
    case READ_LARGE:
        return error_set(
            error, ERR_INPUT, "the file of timezone '%.100s' is larger than 1 MiB", name);
    default:
        break;
    }
    if (errno != ENOENT && errno != ENOTDIR)
        return error_system(error, ERR_INPUT, "cannot read timezone '%.100s'", name);
    error_set(error, ERR_INPUT, "unknown timezone '%.100s'", name);
    hint_unknown(folder, name, error);
    return false;
}

bool
zoneinfo_read(Arena *arena, const char *folder, const char *name, unsigned char **bytes,
    size_t *len, Error *error)
{
    const char *fault = name_fault(name);
    if (fault != NULL) {
        error_set(error, ERR_INPUT, "'%.100s' is not a timezone: %s", name, fault);
        hint_unknown(folder, name, error);
        return false;
    }
    unsigned char *at;
    size_t n;
    ReadResult result = read_file(arena, folder, name, &at, &n);
    if (result != READ_OK)
        return refuse(result, folder, name, error);
    if (is_no_zone(name, at, n)) {
        error_set(error, ERR_INPUT, "'%.100s' is not a timezone, but a file beside them", name);
        return error_hint(error, "name a city, as in Europe/Paris or America/New_York");
    }
    *bytes = at;
    *len = n;
    return true;
}
