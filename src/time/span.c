/* What no other file knows: how lengths of time are written. */

#include "time/span.h"

#include <string.h>

#define MAX_DIGITS_SHOWN 40

typedef struct {
    char letter;
    int64_t seconds;
} Unit;

/* Falling: the order in which they are written. */
static const Unit units[] = {{'w', 7 * 86400}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
#define N_UNITS (sizeof units / sizeof *units)

/* "5 min", "10 hours": the unit that a longer word begins with; '\0' when none. */
static char
unit_meant(const char *word)
{
    static const char *const words[] = {"week", "weeks", "day", "days", "hour", "hours", "hr",
        "hrs", "min", "mins", "minute", "minutes", "sec", "secs", "second", "seconds", "w", "d",
        "h", "m", "s"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text_same_nocase(word, words[i]))
            return words[i][0];
    }
    return '\0';
}

static bool
refuse(const char *text, Error *error)
{
    size_t digits = strspn(text, "0123456789");
    const char *word = text + digits + strspn(text + digits, " \t");
    int shown = (int)(digits < MAX_DIGITS_SHOWN ? digits : MAX_DIGITS_SHOWN);
    if (digits > 0 && *word == '\0') {
        error_set(error, ERR_INPUT, "the duration '%.100s' has no unit", text);
        return error_hint(
            error, "type %.*ss for seconds, %.*sm for minutes", shown, text, shown, text);
    }
    if (text[0] == '\0')
        error_set(error, ERR_INPUT, "the duration is empty");
    else
        error_set(error, ERR_INPUT, "'%.100s' is not a duration", text);
    if (digits > 0 && unit_meant(word) != '\0')
        return error_hint(error, "type %.*s%c", shown, text, unit_meant(word));
    return error_hint(error, "type 90s, 15m, 2h30m, 1d or 1w: whole numbers, units w d h m s");
}

static const Unit *
find_unit(char letter)
{
    for (size_t i = 0; i < N_UNITS; i++) {
        if (units[i].letter == letter)
            return &units[i];
    }
    return NULL;
}

static bool
refuse_range(const char *text, bool is_short, int64_t min_s, int64_t max_s, Error *error)
{
    char bound[2][96];
    const int64_t bound_s[2] = {min_s, max_s};
    Arena *scratch = arena_new(0);
    for (int i = 0; i < 2; i++) {
        Text written = text_new(scratch);
        span_write(&written, bound_s[i]);
        size_t len = written.len < sizeof bound[i] ? written.len : sizeof bound[i] - 1;
        memcpy(bound[i], written.at, len);
        bound[i][len] = '\0';
    }
    arena_free(scratch);
    error_set(error, ERR_INPUT, "the duration '%.100s' is out of range: %s to %s", text,
        bound[0], bound[1]);
    return error_hint(
        error, "type %s or %s", is_short ? bound[0] : bound[1], is_short ? "more" : "less");
}

bool
span_read(const char *text, int64_t min_s, int64_t max_s, int64_t *out_s, Error *error)
{
    int64_t total_s = 0;
    bool beyond = false;
    const Unit *last = NULL;
    const char *at = text;
    do {
        size_t digits = strspn(at, "0123456789");
        const Unit *unit = digits > 0 ? find_unit(at[digits]) : NULL;
        if (unit == NULL || (last != NULL && unit <= last))
            return refuse(text, error);
        int64_t n;
        beyond = !text_number(at, digits, 0, INT64_MAX, &n) ||
                 __builtin_mul_overflow(n, unit->seconds, &n) ||
                 __builtin_add_overflow(total_s, n, &total_s) || beyond;
        last = unit;
        at += digits + 1;
    } while (*at != '\0');
    if (beyond || total_s < min_s || total_s > max_s)
        return refuse_range(text, !beyond && total_s < min_s, min_s, max_s, error);
    *out_s = total_s;
    return true;
}

void
span_write(Text *text, int64_t span_s)
{
    if (span_s < 0) /* not to be read back: for showing a difference */
        text_add_char(text, '-');
    uint64_t left = span_s < 0 ? 0 - (uint64_t)span_s : (uint64_t)span_s;
    if (left == 0)
        text_add(text, "0s");
    for (size_t i = 0; i < N_UNITS; i++) {
        uint64_t n = left / (uint64_t)units[i].seconds;
        left %= (uint64_t)units[i].seconds;
        if (n > 0)
            text_addf(text, "%llu%c", (unsigned long long)n, units[i].letter);
    }
}
