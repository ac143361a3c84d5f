/* What no other file knows: how a log line looks, and what becomes of one that nobody takes. */

#include "base/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/now.h"
#include "base/sink.h"
#include "base/text.h"

static LogFormat format = LOG_LOGFMT;
static LogLevel least = LOG_INFO;
static bool journal; /* journald stamps the lines itself and reads <n> as their level */

/* Lines that nobody took: since the last one that says so, and in all. */
static int64_t dropped, dropped_total;

/* The line being written; `open` is false while its level is not wanted. */
static Arena *arena;
static Text line;
static Json json;
static bool open;

void
log_setup(LogFormat log_format, LogLevel level)
{
    format = log_format;
    least = level;
    sink_open(&journal);
}

static void
add_instant(Text *text, int64_t at_us, bool fraction)
{
    time_t at_s = (time_t)(at_us / 1000000);
    struct tm tm;
    if (gmtime_r(&at_s, &tm) == NULL)
        return;
    text_addf(text, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (fraction)
        text_addf(text, ".%03d", (int)(at_us % 1000000 / 1000));
    text_add_char(text, 'Z');
}

static const char *
level_name(LogLevel level)
{
    switch (level) {
    case LOG_ERROR:
        return "error";
    case LOG_WARNING:
        return "warning";
    case LOG_INFO:
        return "info";
    case LOG_DEBUG:
        return "debug";
    }
    return "info";
}

static void
begin_line(LogLevel level, const char *verb)
{
    if (arena == NULL)
        arena = arena_new(0);
    arena_reset(arena);
    line = text_new(arena);
    Text stamp = text_new(arena);
    add_instant(&stamp, now_wall_us(), true);
    if (journal)
        text_addf(&line, "<%d>", (int)level);
    if (format == LOG_JSON) {
        json = json_new(&line);
        json_open(&json, '{');
        json_key(&json, "time");
        json_string(&json, stamp.at);
        json_key(&json, "level");
        json_string(&json, level_name(level));
        json_key(&json, "message");
        json_string(&json, verb);
        return;
    }
    if (!journal)
        text_addf(&line, "%s ", stamp.at);
    text_add(&line, verb);
    if (level != LOG_INFO)
        text_addf(&line, " level=%s", level_name(level));
}

static bool
end_line(void)
{
    if (format == LOG_JSON)
        json_close(&json, '}');
    text_add_char(&line, '\n');
    return sink_write(line.at, line.len);
}

/* Says what was dropped as soon as somebody listens again. */
static void
say_dropped(void)
{
    if (dropped == 0)
        return;
    open = true;
    begin_line(LOG_WARNING, "dropped");
    log_number("lines", dropped);
    if (end_line())
        dropped = 0;
}

void
log_begin(LogLevel level, const char *verb)
{
    say_dropped();
    open = level <= least;
    if (open)
        begin_line(level, verb);
}

/* logfmt wants quotes around what is empty or holds a blank, a quote or an equals sign. */
static void
add_value(const char *value)
{
    if (*value != '\0' && strpbrk(value, " \"=\\") == NULL) {
        text_add(&line, value);
        return;
    }
    text_add_char(&line, '"');
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            text_add_char(&line, '\\');
        text_add_char(&line, *c);
    }
    text_add_char(&line, '"');
}

void
log_text(const char *key, const char *value)
{
    if (!open || value == NULL)
        return;
    const char *safe = text_safe(arena, value);
    if (format == LOG_JSON) {
        json_key(&json, key);
        json_string(&json, safe);
        return;
    }
    text_addf(&line, " %s=", key);
    add_value(safe);
}

void
log_number(const char *key, int64_t value)
{
    if (!open)
        return;
    if (format == LOG_JSON) {
        json_key(&json, key);
        json_number(&json, value);
        return;
    }
    text_addf(&line, " %s=%lld", key, (long long)value);
}

void
log_time(const char *key, int64_t at_s)
{
    if (!open)
        return;
    Text text = text_new(arena);
    if (at_s == INT64_MAX)
        text_add(&text, "never");
    else
        add_instant(&text, at_s * 1000000, false);
    log_text(key, text.at);
}

void
log_end(void)
{
    if (!open)
        return;
    open = false;
    if (end_line())
        return;
    dropped++;
    dropped_total++;
}

int64_t
log_dropped(void)
{
    return dropped_total;
}
