/* What no other file knows: how cron takes a line apart - the quotes around the parts of a
 * variable, and what '%' and '\' mean in a command - and how such a line is put together. */

#include "file/cronline.h"

#include <string.h>

#include "base/text.h"

/* isspace() of the C locale, which is what both daemons ask. */
static bool
is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *
skip_space(const char *at)
{
    while (is_space(*at))
        at++;
    return at;
}

static bool
is_quote(char c)
{
    return c == '\'' || c == '"';
}

/* ---- variables ---- */

/* The name at *at, moving it behind the '='. */
static bool
read_name(Arena *arena, const char **at, const char **name)
{
    const char *from = *at, *end;
    if (is_quote(*from)) {
        char quote = *from++;
        for (end = from; *end != quote; end++) {
            if (*end == '\0' || *end == '=')
                return false;
        }
        *at = end + 1;
    } else {
        for (end = from; *end != '=' && !is_space(*end); end++) {
            if (*end == '\0')
                return false;
        }
        *at = end;
    }
    *name = arena_copy(arena, from, (size_t)(end - from));
    *at = skip_space(*at);
    if (**at != '=')
        return false;
    (*at)++;
    return true;
}

static size_t
trimmed(const char *at, size_t len)
{
    while (len > 0 && is_space(at[len - 1]))
        len--;
    return len;
}

/* Debian's looks at a value a second time: blanks at its end go even from inside quotes, and so
 * do quotes inside the quotes. */
static const char *
trim_again(Arena *arena, const char *value)
{
    size_t len = trimmed(value, strlen(value));
    if (len >= 2 && is_quote(value[0]) && value[len - 1] == value[0])
        return arena_copy(arena, value + 1, len - 2);
    return arena_copy(arena, value, len);
}

bool
cronline_variable(
    Arena *arena, Daemon daemon, const char *line, const char **name, const char **value)
{
    const char *found, *text;
    if (!read_name(arena, &line, &found))
        return false;
    line = skip_space(line);
    if (*line == '\0' && daemon != DAEMON_CRONIE)
        return false;
    if (is_quote(*line)) {
        const char *end = strchr(line + 1, *line);
        if (end == NULL || *skip_space(end + 1) != '\0')
            return false;
        text = arena_copy(arena, line + 1, (size_t)(end - line - 1));
    } else {
        text = arena_copy(arena, line, trimmed(line, strlen(line)));
    }
    *name = found;
    *value = daemon == DAEMON_CRONIE ? text : trim_again(arena, text);
    return true;
}

bool
cronline_assign(
    Arena *arena, Daemon daemon, const char *name, const char *value, const char **line)
{
    static const char *const quotes[] = {"", "\"", "'"};
    for (size_t i = *value == '\0'; i < sizeof quotes / sizeof *quotes; i++) {
        const char *try = arena_printf(arena, "%s=%s%s%s", name, quotes[i], value, quotes[i]);
        const char *back_name, *back_value;
        if (strchr(try, '\n') == NULL &&
            cronline_variable(arena, daemon, try, &back_name, &back_value) &&
            strcmp(back_name, name) == 0 && strcmp(back_value, value) == 0) {
            *line = try;
            return true;
        }
    }
    return false;
}

/* ---- commands ---- */

/* do_command.c, child_process: the command ends at a '%'; backslashes that escape are removed.
 * cronie leaves "\\" as it is.  Returns what stands behind the '%', or the end. */
static const char *
read_command(Daemon daemon, const char *at, Text *out)
{
    for (; *at != '\0' && *at != '%'; at++) {
        if (*at != '\\' || at[1] == '\0') {
            text_add_char(out, *at);
            continue;
        }
        bool unescapes = at[1] == '%' || (at[1] == '\\' && daemon != DAEMON_CRONIE);
        if (!unescapes)
            text_add_char(out, *at);
        text_add_char(out, *++at);
    }
    return *at == '%' ? at + 1 : at;
}

/* The same place: '%' is a line break, "\%" a percent sign, any other backslash itself. */
static void
read_input(const char *at, Text *out)
{
    for (; *at != '\0'; at++) {
        if (*at == '\\' && at[1] == '%')
            text_add_char(out, *++at);
        else
            text_add_char(out, *at == '%' ? '\n' : *at);
    }
    if (out->len > 0 && out->at[out->len - 1] == '\n')
        out->at[--out->len] = '\0';
}

void
cronline_percent(
    Arena *arena, Daemon daemon, const char *text, const char **command, const char **input)
{
    Text shell = text_new(arena), data = text_new(arena);
    const char *rest = read_command(daemon, text, &shell);
    *command = shell.at;
    *input = NULL;
    if (*rest == '\0')
        return;
    read_input(rest, &data);
    *input = data.at;
}

static void
write_command(Daemon daemon, const char *at, Text *out)
{
    for (; *at != '\0'; at++) {
        bool doubled = at[0] == '\\' && (at[1] == '\\' || at[1] == '%');
        if (*at == '%' || (doubled && daemon != DAEMON_CRONIE))
            text_add_char(out, '\\');
        text_add_char(out, *at);
    }
}

/* Nothing can be said of a text that ends in a line break: one is understood. */
static void
write_input(const char *at, Text *out)
{
    size_t len = strlen(at);
    for (size_t i = 0; i < len; i++) {
        if (at[i] == '%')
            text_add_char(out, '\\');
        text_add_char(out, at[i] == '\n' ? '%' : at[i]);
    }
    if (len == 0 || at[len - 1] == '\n')
        text_add_char(out, '%');
}

bool
cronline_join(
    Arena *arena, Daemon daemon, const char *command, const char *input, const char **text)
{
    Text out = text_new(arena);
    const char *back, *back_input;
    write_command(daemon, command, &out);
    if (input != NULL) {
        text_add_char(&out, '%');
        write_input(input, &out);
    }
    cronline_percent(arena, daemon, out.at, &back, &back_input);
    if (strchr(out.at, '\n') != NULL || strcmp(back, command) != 0 ||
        (input == NULL) != (back_input == NULL) ||
        (input != NULL && strcmp(back_input, input) != 0))
        return false;
    *text = out.at;
    return true;
}

/* ---- words ---- */

size_t
cronline_words(const char *line, size_t n)
{
    const char *at = line;
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            at += strspn(at, " \t");
        size_t len = strcspn(at, " \t");
        if (len == 0)
            return 0;
        at += len;
    }
    return (size_t)(at - line);
}

const char *
cronline_squeeze(Arena *arena, const char *at, size_t len)
{
    Text out = text_new(arena);
    for (size_t i = 0; i < len; i++) {
        bool blank = at[i] == ' ' || at[i] == '\t';
        if (!blank)
            text_add_char(&out, at[i]);
        else if (at[i + 1] != ' ' && at[i + 1] != '\t')
            text_add_char(&out, ' ');
    }
    return out.at;
}
