/* What no other file knows: how the lines of syslog look in which cron says what it starts, and
 * how stamps without a year, and without an offset, become instants. */

#include "file/cronlog.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "file/input.h"
#include "time/civil.h"
#include "time/instant.h"

#define LOG_MAX_BYTES (256u * 1024 * 1024)

#define HALF_YEAR_S (183 * INT64_C(86400))

/* Lines that are written at once may stand in the wrong order, by less than this. */
#define DISORDER_S 60

/* A log's last line may be written a little after its file was looked at. */
#define AHEAD_S INT64_C(86400)

/* One line on its way. */
typedef struct {
    const char *at; /* behind the stamp */
    const char *end;
    bool is_instant; /* at_s is an instant; else it is a wall clock's time */
    bool has_year;
    int years; /* since the log's first stamp without a year */
    Civil civil;
    int64_t at_s;
} Line;

typedef struct {
    Arena *arena;
    CronLogSource source;
    int first_year;
    int64_t last_s; /* the latest instant so far */
    CronLog log;
    size_t cap;
} Reading;

/* ---- stamps ---- */

static bool
digits(const char **at, const char *end, int most, int *out)
{
    int n = 0, value = 0;
    while (n < most && *at < end && **at >= '0' && **at <= '9') {
        value = value * 10 + (*(*at)++ - '0');
        n++;
    }
    *out = value;
    return n > 0;
}

static bool
skip(const char **at, const char *end, char c)
{
    if (*at == end || **at != c)
        return false;
    (*at)++;
    return true;
}

/* "Nov 22 04:15:01 " */
static bool
read_old(Line *line)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *at = line->at;
    if (line->end - at < 4)
        return false;
    for (line->civil.month = 1; line->civil.month <= 12; line->civil.month++) {
        if (memcmp(at, months + 3 * (line->civil.month - 1), 3) == 0)
            break;
    }
    at += 3;
    if (line->civil.month > 12 || !skip(&at, line->end, ' '))
        return false;
    skip(&at, line->end, ' ');
    if (!digits(&at, line->end, 2, &line->civil.day) || !skip(&at, line->end, ' ') ||
        !digits(&at, line->end, 2, &line->civil.hour) || !skip(&at, line->end, ':') ||
        !digits(&at, line->end, 2, &line->civil.minute) || !skip(&at, line->end, ':') ||
        !digits(&at, line->end, 2, &line->civil.second) || !skip(&at, line->end, ' '))
        return false;
    line->at = at;
    return true;
}

/* "2026-11-22T04:15:01.123456+01:00 ", the colon of the offset or the offset itself missing in
 * some. */
static bool
read_new(Reading *r, Line *line)
{
    size_t len = 0, left = (size_t)(line->end - line->at);
    while (len < left && line->at[len] != ' ')
        len++;
    Text text = text_new(r->arena);
    InstantKind kind;
    Error ignored;
    for (size_t i = 0; i < len; i++) {
        char c = line->at[i];
        if (c == '.' || c == ',') {
            while (i + 1 < len && line->at[i + 1] >= '0' && line->at[i + 1] <= '9')
                i++;
            continue;
        }
        if (i + 2 == len && i > 17 && line->at[i - 3] != ':' &&
            (line->at[i - 3] == '+' || line->at[i - 3] == '-'))
            text_add_char(&text, ':');
        text_add_char(&text, c);
    }
    if (len < 19 || !instant_read(text.at, &kind, &line->at_s, &ignored) ||
        kind == INSTANT_DATE)
        return false;
    line->is_instant = kind == INSTANT_UTC;
    line->has_year = true;
    line->at += len < left ? len + 1 : len;
    return true;
}

/* The stamp at the beginning, behind a priority (RFC 5424, section 6.2) when one is there. */
static bool
read_stamp(Reading *r, Line *line)
{
    int ignored;
    const char *at = line->at;
    if (skip(&at, line->end, '<') && digits(&at, line->end, 3, &ignored) &&
        skip(&at, line->end, '>')) {
        if (line->end - at > 2 && at[0] == '1' && at[1] == ' ')
            at += 2;
        line->at = at;
    }
    return read_old(line) || read_new(r, line);
}

/* Seconds into a year that has no name yet: good enough to see the year turn. */
static int64_t
into_year(const Line *line)
{
    return ((line->civil.month - 1) * 31 + line->civil.day) * INT64_C(86400);
}

/* The line's instant.  Where a wall clock's time comes twice, the log's order tells which. */
static bool
settle(Reading *r, Line *line)
{
    int64_t found_s[2];
    if (!line->has_year) {
        line->civil.year = r->first_year + line->years;
        if (!civil_is_valid(line->civil))
            return false;
        line->at_s = civil_seconds(line->civil);
    }
    if (!line->is_instant) {
        int n = zone_instants(r->source.zone, line->at_s, found_s);
        bool second = n == 2 && r->last_s != INT64_MIN && found_s[0] < r->last_s - DISORDER_S;
        line->at_s = found_s[second];
    }
    if (line->at_s > r->last_s)
        r->last_s = line->at_s;
    return true;
}

/* ---- lines ---- */

static const char *
find(const char *at, const char *end, const char *what)
{
    return memmem(at, (size_t)(end - at), what, strlen(what));
}

/* `host CRON[123]: (user) CMD (/usr/bin/x)`; Debian's -L option puts "[pid] " before the
 * command. */
static bool
read_run(Reading *r, const Line *line, CronRun *run)
{
    static const char verb[] = ") CMD (";
    const char *cmd = find(line->at, line->end, verb), *open, *end = line->end;
    if (cmd == NULL)
        return false;
    for (open = cmd; open > line->at && *open != '('; open--)
        ;
    bool is_cron = find(line->at, open, "CRON") != NULL || find(line->at, open, "cron") != NULL;
    if (*open != '(' || !is_cron)
        return false;
    const char *from = cmd + sizeof verb - 1, *pid = from;
    int ignored;
    while (end > from && (end[-1] == ' ' || end[-1] == '\r'))
        end--;
    if (end > from && end[-1] == ')')
        end--;
    if (skip(&pid, end, '[') && digits(&pid, end, 9, &ignored) && skip(&pid, end, ']') &&
        skip(&pid, end, ' '))
        from = pid;
    run->at_s = line->at_s;
    run->user = arena_copy(r->arena, open + 1, (size_t)(cmd - open - 1));
    run->command = arena_copy(r->arena, from, (size_t)(end - from));
    return true;
}

static void
add_line(Reading *r, Line *line)
{
    CronRun run;
    if (!settle(r, line)) {
        r->log.unread++;
        return;
    }
    if (r->log.from_s == INT64_MAX)
        r->log.from_s = line->at_s;
    r->log.until_s = r->last_s;
    if (!read_run(r, line, &run))
        return;
    if (r->log.n == r->cap) {
        size_t cap = r->cap == 0 ? 256 : r->cap * 2;
        r->log.runs = arena_grow(
            r->arena, r->log.runs, r->cap * sizeof *r->log.runs, cap * sizeof *r->log.runs);
        r->cap = cap;
    }
    r->log.runs[r->log.n++] = run;
}

/* Goes through the log: calls add_line for every line with a stamp, or, to find out how often
 * the year turns, only returns the last stamp without a year; its month is 0 when there is
 * none. */
static Line
walk(Reading *r, const char *at, const char *end, bool add)
{
    Line last = {.years = 0};
    for (const char *feed; at < end; at = feed + 1) {
        feed = memchr(at, '\n', (size_t)(end - at));
        if (feed == NULL)
            feed = end;
        Line line = {.at = at, .end = feed};
        bool stamped = read_stamp(r, &line);
        if (stamped && !line.has_year) {
            bool turned =
                last.civil.month != 0 && into_year(&last) > into_year(&line) + HALF_YEAR_S;
            line.years = last.years + turned;
            last = line;
        }
        if (!add)
            continue;
        r->log.lines++;
        if (stamped)
            add_line(r, &line);
        else
            r->log.unread++;
    }
    return last;
}

/* The year in which the log begins: its last stamp is not after the last writing. */
static int
guess_year(const Reading *r, Line last)
{
    if (last.civil.month == 0)
        return 0;
    int64_t written_ls = zone_local(r->source.zone, r->source.written_s + AHEAD_S, NULL);
    last.civil.year = civil_from_seconds(written_ls).year;
    if (civil_seconds(last.civil) > written_ls)
        last.civil.year--;
    return last.civil.year - last.years;
}

/* ---- files ---- */

/* What a regular file holds now; it may grow. */
static bool
read_file(Arena *arena, int fd, const char *shown, const struct stat *file, char **at,
    size_t *len, Error *error)
{
    if (!S_ISREG(file->st_mode))
        return error_set(error, ERR_INPUT, "'%.200s' is not a regular file", shown);
    if (file->st_size > (off_t)LOG_MAX_BYTES) {
        error_set(error, ERR_INPUT, "'%.200s' is larger than %u MiB", shown,
            LOG_MAX_BYTES / (1024u * 1024));
        return error_hint(error, "type grep CRON %.100s | clock import --shadow - ...", shown);
    }
    size_t size = (size_t)file->st_size, n = 0;
    char *bytes = arena_alloc(arena, size + 1);
    while (n < size) {
        ssize_t got = read(fd, bytes + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_system(error, ERR_INPUT, "cannot read '%.200s'", shown);
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *at = bytes;
    *len = n;
    return true;
}

static bool
load(Reading *r, char **at, size_t *len, Error *error)
{
    const char *path = r->source.path, *shown = text_safe(r->arena, path);
    struct stat file;
    if (strcmp(path, "-") == 0)
        return input_read(r->arena, path, LOG_MAX_BYTES, at, len, NULL, error);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &file) != 0) {
        error_system(error, ERR_INPUT, "cannot read '%.200s'", shown);
        if (fd >= 0)
            close(fd);
        return false;
    }
    r->source.written_s = file.st_mtim.tv_sec;
    bool ok = read_file(r->arena, fd, shown, &file, at, len, error);
    close(fd);
    return ok;
}

static bool
refuse(const Reading *r, bool gzipped, Error *error)
{
    const char *shown = text_safe(r->arena, r->source.path);
    error_set(error, ERR_INPUT, "no line of '%.200s' begins with a time", shown);
    if (gzipped)
        return error_hint(error, "type zcat %.100s | clock import --shadow - ...", shown);
    return error_hint(error, "give the file to which syslog writes, such as /var/log/syslog or "
                             "/var/log/cron");
}

bool
cronlog_read(Arena *arena, CronLogSource source, CronLog *out, Error *error)
{
    Reading r = {.arena = arena,
        .source = source,
        .last_s = INT64_MIN,
        .log = {.from_s = INT64_MAX, .until_s = INT64_MIN}};
    char *at = NULL;
    size_t len = 0;
    if (!load(&r, &at, &len, error))
        return false;
    Line last = walk(&r, at, at + len, false);
    r.first_year = source.year != 0 ? source.year : guess_year(&r, last);
    walk(&r, at, at + len, true);
    if (r.log.from_s == INT64_MAX)
        return refuse(&r, len >= 2 && memcmp(at, "\x1f\x8b", 2) == 0, error);
    *out = r.log;
    return true;
}

const char *
cronlog_command(Arena *arena, const char *command)
{
    Text text = text_new(arena);
    for (const unsigned char *at = (const unsigned char *)command; *at != '\0'; at++) {
        if (*at < ' ' || *at == 0x7f)
            text_addf(&text, "^%c", *at == 0x7f ? '?' : *at + '@');
        else if (*at < 0x7f)
            text_add_char(&text, (char)*at);
        else
            text_addf(&text, "\\%03o", *at);
    }
    return text.at;
}
