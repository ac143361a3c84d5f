/* What no other file knows: how text reaches stdout and stderr, and how a table is laid out. */

#include "cmd/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Between two columns. */
#define GAP 2

/* Narrower terminals get lines as they are. */
#define NARROW 40

struct Table {
    Arena *arena;
    const char **cells;
    size_t columns;
    size_t n, cap;
};

Table *
table_new_bare(Arena *arena, size_t columns)
{
    Table *table = arena_alloc(arena, sizeof *table);
    table->arena = arena;
    table->columns = columns;
    return table;
}

Table *
table_new(Arena *arena, const char *const *heads)
{
    size_t columns = 0;
    while (heads[columns] != NULL)
        columns++;
    Table *table = table_new_bare(arena, columns);
    for (size_t i = 0; i < columns; i++)
        table_cell(table, heads[i]);
    return table;
}

void
table_cell(Table *table, const char *text)
{
    if (table->n == table->cap) {
        size_t cap = table->cap == 0 ? 64 : table->cap * 2;
        table->cells = arena_grow(table->arena, table->cells, table->cap * sizeof *table->cells,
            cap * sizeof *table->cells);
        table->cap = cap;
    }
    table->cells[table->n++] = text_safe(table->arena, text);
}

/* Characters, near enough to columns for the names and instants that stand in tables. */
static size_t
cell_width(const char *cell)
{
    size_t width = 0;
    for (; *cell != '\0'; cell++)
        width += ((unsigned char)*cell & 0xc0) != 0x80;
    return width;
}

void
table_write(const Table *table, Text *text)
{
    size_t *widths = arena_array(table->arena, table->columns, sizeof *widths);
    for (size_t i = 0; i < table->n; i++) {
        size_t width = cell_width(table->cells[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
    size_t owed = 0; /* blanks not yet written: none stand at the end of a line */
    for (size_t i = 0; i < table->n; i++) {
        size_t width = cell_width(table->cells[i]);
        for (; width != 0 && owed > 0; owed--)
            text_add_char(text, ' ');
        text_add(text, table->cells[i]);
        owed += widths[i % table->columns] - width + (widths[i % table->columns] ? GAP : 0);
        if ((i + 1) % table->columns == 0) {
            text_add_char(text, '\n');
            owed = 0;
        }
    }
}

const char *
out_distance(Arena *arena, int64_t s)
{
    static const struct {
        int64_t length_s;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    const size_t n = sizeof units / sizeof *units;
    int64_t left_s = s < 0 ? -s : s;
    if (s == 0)
        return "now";
    size_t i = 0;
    while (left_s < units[i].length_s)
        i++;
    Text text = text_new(arena);
    text_addf(&text, "%s%lld%c", s > 0 ? "in " : "", (long long)(left_s / units[i].length_s),
        units[i].unit);
    left_s %= units[i].length_s;
    if (i + 1 < n && left_s >= units[i + 1].length_s)
        text_addf(
            &text, " %lld%c", (long long)(left_s / units[i + 1].length_s), units[i + 1].unit);
    text_add(&text, s > 0 ? "" : " ago");
    return text.at;
}

size_t
out_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

bool
out_colour(void)
{
    const char *no = getenv("NO_COLOR");
    return (no == NULL || *no == '\0') && isatty(STDOUT_FILENO);
}

static bool
write_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

bool
out_text(const Text *text, Error *error)
{
    return write_all(STDOUT_FILENO, text->at, text->len) ||
           error_system(error, ERR_OUTPUT, "cannot write to standard output");
}

/* Where the last column of a line begins that leaves half of the width to it; without columns,
 * where what follows "word: " begins; else a little further in than the line. */
static size_t
hang_of(const char *line, size_t len, size_t width)
{
    size_t indent = 0, hang = 0;
    while (indent < len && line[indent] == ' ')
        indent++;
    for (size_t i = indent + GAP; i < len && i <= width / 2; i++) {
        if (line[i] != ' ' && line[i - 1] == ' ' && line[i - 2] == ' ')
            hang = i;
    }
    for (size_t i = indent + 2; hang == 0 && i < len && i <= width / 4; i++) {
        if (line[i - 2] == ':' && line[i - 1] == ' ')
            hang = i;
    }
    return hang > 0 ? hang : indent + (indent > 0 ? GAP : 0);
}

/* Bytes count as columns: a line with others is broken a little early. */
static void
fold_line(Text *out, const char *line, size_t len, size_t width)
{
    size_t hang = hang_of(line, len, width), room = width;
    bool coloured = memchr(line, '\x1b', len) != NULL;
    while (len > room && !coloured) {
        size_t end = room, least = room == width ? hang : 0;
        while (end > least && line[end] != ' ')
            end--;
        if (end == least) /* a word wider than there is room */
            end = room + strcspn(line + room, " \n");
        if (end >= len)
            break;
        text_add_bytes(out, line, end);
        text_addf(out, "\n%*s", (int)hang, "");
        line += end + 1;
        len -= end + 1;
        room = width - hang;
    }
    text_add_bytes(out, line, len);
}

bool
out_prose(Arena *arena, const Text *text, Error *error)
{
    size_t width = out_width();
    if (width < NARROW)
        return out_text(text, error);
    Text folded = text_new(arena);
    for (const char *line = text->at, *end; *line != '\0'; line = end) {
        size_t len = strcspn(line, "\n");
        end = line + len + (line[len] == '\n');
        fold_line(&folded, line, len, width);
        text_add(&folded, line[len] == '\n' ? "\n" : "");
    }
    return out_text(&folded, error);
}

bool
out_file(const char *path, const Text *text, Error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_system(error, ERR_OUTPUT, "cannot create '%.200s'", path);
    bool written = write_all(fd, text->at, text->len);
    return (close(fd) == 0 && written) ||
           error_system(error, ERR_OUTPUT, "cannot write '%.200s'", path);
}

bool
out_close(Error *error)
{
    return close(STDOUT_FILENO) == 0 || errno == EBADF ||
           error_system(error, ERR_OUTPUT, "cannot write to standard output");
}

void
out_aside(const Text *text)
{
    bool ignored = write_all(STDERR_FILENO, text->at, text->len);
    (void)ignored;
}
