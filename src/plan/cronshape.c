/* What no other file knows: what people meant who wrote the wrong number of fields, a macro
 * that does not exist, or a line of a crontab instead of a schedule. */

#include "plan/cronshape.h"

#include <string.h>

#include "base/text.h"

#define WORDS_MAX 8
#define QUOTE_BYTES 40

typedef struct {
    const char *at;
    size_t len;
} Word;

/* The first `cap` words; returns how many there are. */
static size_t
split(const char *text, Word *words, size_t cap)
{
    size_t n = 0;
    for (;;) {
        text += strspn(text, " \t");
        size_t len = strcspn(text, " \t");
        if (len == 0)
            return n;
        if (n < cap)
            words[n] = (Word){text, len};
        n++;
        text += len;
    }
}

size_t
cronshape_words(const char *text)
{
    return split(text, NULL, 0);
}

const char *
cronshape_quote(Arena *arena, const char *at, size_t len)
{
    size_t shown = 0;
    while (shown < len && shown < QUOTE_BYTES)
        shown += text_char_len((unsigned char)at[shown]);
    if (shown > len)
        shown = len;
    const char *safe = text_safe(arena, arena_copy(arena, at, shown));
    return shown == len ? safe : arena_printf(arena, "%s...", safe);
}

static bool
has(const Word *word, const char *chars)
{
    for (size_t i = 0; i < word->len; i++)
        if (strchr(chars, word->at[i]) != NULL)
            return true;
    return false;
}

static bool
is(const Word *word, const char *text)
{
    return word->len == strlen(text) && memcmp(word->at, text, word->len) == 0;
}

/* Made of the letters of a field alone. */
static bool
is_field(const Word *word)
{
    static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", "jan",
        "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    for (size_t i = 0; i < word->len; i++) {
        bool named = false;
        for (size_t k = 0; k < sizeof names / sizeof *names && i + 3 <= word->len; k++)
            named |= text_lower(word->at[i]) == names[k][0] &&
                     text_lower(word->at[i + 1]) == names[k][1] &&
                     text_lower(word->at[i + 2]) == names[k][2];
        if (named)
            i += 2;
        else if (strchr("0123456789*/,-?LW#H~()", word->at[i]) == NULL)
            return false;
    }
    return true;
}

static bool
is_year(const Word *word)
{
    int64_t year;
    return text_number(word->at, word->len, CRON_MIN_YEAR, CRON_MAX_YEAR, &year);
}

static bool
is_user(const Word *word)
{
    static const char *const users[] = {"root", "www-data", "nobody", "daemon", "postgres",
        "backup", "deploy", "ubuntu", "admin", "nginx", "apache", "git", "mail", "mysql"};
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (is(word, users[i]))
            return true;
    return false;
}

/* The place of a ',' or '/' or '-' with a blank beside it. */
static const char *
broken_list(const char *text)
{
    for (const char *at = text + strcspn(text, ",/-"); *at != '\0';
         at += 1 + strcspn(at + 1, ",/-")) {
        bool after = at[1] == ' ' || at[1] == '\t';
        bool before = at > text && (at[-1] == ' ' || at[-1] == '\t') && *at != '/';
        bool last = at[1] == '\0' || at[1 + strspn(at + 1, " \t")] == '\0';
        if ((after && !last) || (before && at[1] >= '0' && at[1] <= '9' && *at == ','))
            return at;
        if (at > text && *at == '/' && (at[-1] == ' ' || at[-1] == '\t') && at[1] >= '0' &&
            at[1] <= '9')
            return at;
    }
    return NULL;
}

bool
cronshape_is_zone(const char *text)
{
    text += strspn(text, " \t");
    return strncmp(text, "CRON_TZ=", 8) == 0 || strncmp(text, "TZ=", 3) == 0;
}

/* Things that are no schedule at all, though crontabs hold them; true when told. */
/* "every day at 3", "03:00": what people say, not what cron reads. */
static bool
tell_words(Arena *arena, const Word *words, size_t n, Error *error)
{
    static const char *const begin[] = {"every", "each", "at", "on", "once", "twice"};
    const char *quoted = cronshape_quote(arena, words[0].at, words[0].len);
    const char *colon = memchr(words[0].at, ':', words[0].len);
    int64_t hour, minute;
    if (n == 1 && colon != NULL && words[0].len >= 4 &&
        text_number(words[0].at, (size_t)(colon - words[0].at), 0, 23, &hour) &&
        text_number(colon + 1, 2, 0, 59, &minute)) {
        error_set(
            error, ERR_INPUT, "'%s' is a time of day: a schedule has five fields", quoted);
        error_hint(
            error, "for every day at that time write \"%d %d * * *\"", (int)minute, (int)hour);
        return true;
    }
    for (size_t i = 0; i < sizeof begin / sizeof *begin; i++) {
        if (!text_same_nocase(arena_copy(arena, words[0].at, words[0].len), begin[i]))
            continue;
        error_set(
            error, ERR_INPUT, "'%s' begins no schedule: it is not written in words", quoted);
        error_hint(
            error, "write five fields, \"0 3 * * *\" for every day at 03:00, or @every 5m");
        return true;
    }
    return false;
}

static bool
tell_no_schedule(Arena *arena, const char *text, const Word *words, size_t n, Error *error)
{
    if (n == 0) {
        error_set(error, ERR_INPUT, "the schedule is empty");
        error_hint(error, "write five fields, such as \"0 2 * * *\": daily at 02:00");
        return true;
    }
    const char *quoted = cronshape_quote(arena, words[0].at, words[0].len);
    if (cronshape_is_zone(text)) {
        error_set(
            error, ERR_INPUT, "'%s' inside a schedule: a zone is a key of its own", quoted);
        const char *zone = strchr(words[0].at, '=') + 1;
        error_hint(error, "write timezone: %s beside the schedule",
            cronshape_quote(arena, zone, strcspn(zone, " \t")));
        return true;
    }
    if (words[0].at[0] == '#') {
        error_set(error, ERR_INPUT, "'%s' is a comment, not a schedule", quoted);
        error_hint(error, "write five fields, such as \"0 2 * * *\"");
        return true;
    }
    if (has(&words[0], "=")) {
        error_set(error, ERR_INPUT, "'%s' is a crontab's variable, not a schedule", quoted);
        error_hint(error, "put variables under env:, or type clock import for a whole crontab");
        return true;
    }
    if (tell_words(arena, words, n, error))
        return true;
    static const char *const plain[] = {
        "yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly", "reboot"};
    for (size_t i = 0; n == 1 && i < sizeof plain / sizeof *plain; i++) {
        if (is(&words[0], plain[i])) {
            error_set(error, ERR_INPUT, "1 field where 5 are wanted: '%s'", text);
            error_hint(error, "write @%s", plain[i]);
            return true;
        }
    }
    return false;
}

static const char *
order(CronDialect dialect)
{
    return dialect == DIALECT_VIXIE
               ? "minute, hour, day of month, month, day of week"
               : "second, minute, hour, day of month, month, day of week, perhaps year";
}

/* More than five fields where five are wanted. */
static void
tell_too_many(Arena *arena, const char *text, const Word *words, size_t n, Error *error)
{
    const Word *sixth = &words[5];
    const char *quoted = cronshape_quote(arena, sixth->at, sixth->len);
    const char *broken = broken_list(text);
    error_set(error, ERR_INPUT, "%zu fields where 5 are wanted, from '%s' on", n, quoted);
    bool aws = n == 6 && (is(&words[2], "?") || is(&words[4], "?")) && is_field(sixth);
    if (broken != NULL)
        error_hint(error, "a field holds no blanks: remove those around '%c'", *broken);
    else if (sixth->at[0] == '#')
        error_hint(error, "remove the comment from the schedule");
    else if (n == 6 && is_year(sixth))
        error_hint(error,
            "for a year, write dialect: seconds and a second in front, or starts: and ends:");
    else if (aws)
        error_hint(error, "a sixth field that is a year, as AWS has it: leave it out");
    else if (n <= 7 && is_field(sixth) && (n == 6 || is_field(&words[6])) &&
             !(is_field(sixth) && sixth->at[0] >= 'A' && words[4].at[0] >= 'A'))
        error_hint(error, "when the first field is seconds, write dialect: seconds or quartz");
    else if (is_field(sixth))
        error_hint(error, "a list holds no blanks: write %.*s,%s", (int)words[4].len,
            words[4].at, quoted);
    else if (is_user(sixth))
        error_hint(
            error, "a user, as in /etc/crontab? leave it out; a command goes under command:");
    else
        error_hint(error, "a command? it goes under command:, the schedule has 5 fields alone");
}

bool
cronshape_tell_count(
    Arena *arena, const char *text, CronDialect dialect, size_t *at, Error *error)
{
    Word words[WORDS_MAX] = {0};
    size_t n = split(text, words, WORDS_MAX);
    *at = n == 0 ? 0 : (size_t)(words[0].at - text);
    if (tell_no_schedule(arena, text, words, n, error))
        return false;
    if (n < 5 || (dialect != DIALECT_VIXIE && n < 6)) {
        *at = strlen(text);
        error_set(error, ERR_INPUT, "%zu field%s where %s are wanted: %s", n, n == 1 ? "" : "s",
            dialect == DIALECT_VIXIE ? "5" : "6 or 7", order(dialect));
        if (dialect != DIALECT_VIXIE && n == 5)
            return error_hint(error, "write the seconds in front, 0 %s, or remove dialect:",
                cronshape_quote(arena, text, strlen(text)));
        return error_hint(error, "add what is missing; * stands for every");
    }
    if (dialect == DIALECT_VIXIE) {
        *at = (size_t)(words[5].at - text);
        tell_too_many(arena, text, words, n, error);
        return false;
    }
    *at = (size_t)(words[7].at - text);
    error_set(error, ERR_INPUT, "%zu fields where 6 or 7 are wanted, from '%s' on", n,
        cronshape_quote(arena, words[7].at, words[7].len));
    return error_hint(error, "leave out what follows the year; a command goes under command:");
}

bool
cronshape_tell_macro(Arena *arena, const char *text, size_t *at, Error *error)
{
    static const char *const macros[] = {"@yearly", "@annually", "@monthly", "@weekly",
        "@daily", "@midnight", "@hourly", "@every", "@at", "@reboot"};
    Word words[WORDS_MAX] = {0};
    size_t n = split(text, words, WORDS_MAX);
    const char *word = arena_copy(arena, words[0].at, words[0].len);
    const char *quoted = cronshape_quote(arena, words[0].at, words[0].len);
    *at = (size_t)(words[0].at - text);
    if (is(&words[0], "@reboot")) {
        error_set(error, ERR_INPUT,
            "'@reboot' names no instant: a clock that starts again is no boot, and several "
            "clocks share one file");
        return error_hint(error, "start the task from a systemd unit, or with the application");
    }
    for (size_t i = 0; n > 1 && i < 7; i++) {
        if (is(&words[0], macros[i])) {
            *at = (size_t)(words[1].at - text);
            error_set(error, ERR_INPUT, "'%s' stands alone, but '%s' follows it", quoted,
                cronshape_quote(arena, words[1].at, words[1].len));
            return error_hint(error, "write %s; a command goes under command:", macros[i]);
        }
    }
    error_set(error, ERR_INPUT, "unknown macro '%s'", quoted);
    if (strncmp(word, "@every_", 7) == 0 || is(&words[0], "@secondly") ||
        is(&words[0], "@minutely"))
        return error_hint(error, "write @every and a length of time: @every 1m");
    const char *near = text_nearest(word, macros, 9);
    if (near != NULL)
        return error_hint(error, "did you mean %s?", near);
    return error_hint(
        error, "write @yearly, @monthly, @weekly, @daily, @hourly, @every 37m, or five fields");
}
