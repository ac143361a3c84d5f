/* What no other file knows: how a scalar becomes a text, a number, a duration, a word or a
 * zone, and what to say when it does not. */

#include "file/values.h"

#include <string.h>

#include "time/span.h"

/* A wrong name costs a walk through the folder of zones, to find the one that was meant. */
#define ZONES_REFUSED_MAX 100

bool
value_text(Reader *reader, KeyId key, NodeId node, const char **out)
{
    Scalar scalar;
    if (!reader_scalar(reader, key, node, &scalar))
        return false;
    if (scalar.len < (size_t)keys[key].min) {
        reader_refuse(reader, node, "give it a text, or remove the line", "\"%s\" is empty",
            keys[key].name);
        return false;
    }
    if (keys[key].max != 0 && scalar.len > (size_t)keys[key].max) {
        reader_refuse(reader, node, NULL, "\"%s\" has %zu bytes, at most %lld", keys[key].name,
            scalar.len, (long long)keys[key].max);
        return false;
    }
    *out = arena_copy(reader->brief, scalar.at, scalar.len);
    return true;
}

/* ---- numbers and durations ---- */

/* What 0x1F, 0o17 or 0b11 comes to; false when the text is no such number. */
static bool
read_other_base(const Scalar *scalar, const char **name, uint64_t *out)
{
    static const char letters[] = "xob", digits[] = "0123456789abcdef";
    static const char *const names[] = {"hexadecimal", "octal", "binary"};
    static const unsigned bases[] = {16, 8, 2};
    if (scalar->len < 3 || scalar->len > 14 || scalar->at[0] != '0')
        return false;
    const char *letter = memchr(letters, scalar->at[1], sizeof letters - 1);
    if (letter == NULL)
        return false;
    size_t kind = (size_t)(letter - letters);
    uint64_t n = 0;
    for (size_t i = 2; i < scalar->len; i++) {
        const char *digit = memchr(digits, text_lower(scalar->at[i]), bases[kind]);
        if (digit == NULL)
            return false;
        n = n * bases[kind] + (uint64_t)(digit - digits);
    }
    *name = names[kind];
    *out = n;
    return true;
}

/* How to write what was meant by a number that is not plain digits; NULL: no idea. */
static const char *
number_hint(const Reader *reader, const Scalar *scalar)
{
    Text digits = text_new(reader->brief);
    size_t i = 0;
    const char *base;
    uint64_t n;
    if (!scalar->plain)
        return "remove the quotes if it is a number";
    if (read_other_base(scalar, &base, &n))
        return arena_printf(
            reader->brief, "write %llu, which it is in %s", (unsigned long long)n, base);
    i += scalar->at[0] == '+';
    for (; i < scalar->len &&
           ((scalar->at[i] >= '0' && scalar->at[i] <= '9') || scalar->at[i] == '_');
         i++) {
        if (scalar->at[i] != '_')
            text_add_char(&digits, scalar->at[i]);
    }
    if (i + 1 < scalar->len && scalar->at[i] == '.')
        while (++i < scalar->len && scalar->at[i] == '0')
            ;
    if (digits.len == 0 || i < scalar->len)
        return "write it with digits only";
    return arena_printf(reader->brief, "write %.40s", digits.at);
}

bool
value_number(Reader *reader, KeyId key, NodeId node, int64_t *out)
{
    Scalar scalar;
    if (!reader_scalar(reader, key, node, &scalar))
        return false;
    const Key *it = &keys[key];
    size_t sign = scalar.len > 0 && scalar.at[0] == '-', i = sign;
    while (i < scalar.len && scalar.at[i] >= '0' && scalar.at[i] <= '9')
        i++;
    const char *shown = reader_show(reader, scalar.at, scalar.len);
    if (!scalar.plain || i == sign || i < scalar.len) {
        reader_refuse(reader, node, number_hint(reader, &scalar),
            "\"%s\" must be a whole number, not \"%s\"", it->name, shown);
        return false;
    }
    if (scalar.at[sign] == '0' && i > sign + 1) {
        size_t zeros = strspn(arena_copy(reader->brief, scalar.at + sign, i - sign), "0");
        zeros -= sign + zeros == i;
        reader_refuse(reader, node,
            arena_printf(reader->brief, "write %s%.40s", sign != 0 ? "-" : "",
                arena_copy(reader->brief, scalar.at + sign + zeros, i - sign - zeros)),
            "\"%s\": %s is octal to some YAML readers and decimal to others", it->name, shown);
        return false;
    }
    int64_t n;
    if (!text_number(scalar.at, scalar.len, it->min, it->max, &n)) {
        reader_refuse(reader, node, NULL, "\"%s\": %s is out of range %lld to %lld", it->name,
            shown, (long long)it->min, (long long)it->max);
        return false;
    }
    *out = n;
    return true;
}

static void
refuse_span(Reader *reader, KeyId key, NodeId node, const Error *error)
{
    reader_refuse(reader, node,
        error->hint[0] != '\0' ? error->hint : "write it as 90s, 15m, 2h30m or 1d",
        "\"%s\": %s", keys[key].name, error->text);
}

static bool
read_span(Reader *reader, KeyId key, NodeId node, const char *text, int64_t *out_s)
{
    Error error;
    if (span_read(text, keys[key].min, keys[key].max, out_s, &error))
        return true;
    refuse_span(reader, key, node, &error);
    return false;
}

/* Text of whatever length; the empty one too. */
static bool
any_text(Reader *reader, KeyId key, NodeId node, const char **out)
{
    Scalar scalar;
    if (!reader_scalar(reader, key, node, &scalar))
        return false;
    *out = arena_copy(reader->brief, scalar.at, scalar.len);
    return true;
}

bool
value_span(Reader *reader, KeyId key, NodeId node, int64_t *out_s)
{
    const char *text;
    return any_text(reader, key, node, &text) && read_span(reader, key, node, text, out_s);
}

bool
value_timeout(Reader *reader, KeyId key, NodeId node, int64_t *out_s)
{
    const char *text;
    if (!any_text(reader, key, node, &text))
        return false;
    if (strcmp(text, "none") != 0)
        return read_span(reader, key, node, text, out_s);
    *out_s = 0;
    return true;
}

bool
value_read_backoff(
    Arena *arena, const char *text, int64_t *first_s, int64_t *longest_s, Error *error)
{
    const Key *key = &keys[KEY_BACKOFF];
    const char *dots = strstr(text, "..");
    int64_t first, longest = *longest_s;
    const char *head = dots == NULL ? text : arena_copy(arena, text, (size_t)(dots - text));
    if (!span_read(head, key->min, key->max, &first, error))
        return false;
    if (dots != NULL && !span_read(dots + 2, key->min, key->max, &longest, error))
        return false;
    if (dots != NULL && longest < first) {
        error_set(error, ERR_INPUT, "the longest wait is shorter than the first");
        return error_hint(error, "write first..longest, such as 10s..1h");
    }
    *first_s = first;
    *longest_s = longest < first ? first : longest;
    return true;
}

bool
value_backoff(Reader *reader, NodeId node, int64_t *first_s, int64_t *longest_s)
{
    const char *text;
    Error error;
    if (!any_text(reader, KEY_BACKOFF, node, &text))
        return false;
    if (value_read_backoff(reader->brief, text, first_s, longest_s, &error))
        return true;
    refuse_span(reader, KEY_BACKOFF, node, &error);
    return false;
}

/* ---- words ---- */

bool
value_word(Reader *reader, KeyId key, NodeId node, int *out)
{
    const char *text;
    if (!any_text(reader, key, node, &text))
        return false;
    const char *const *words = keys[key].words;
    Text all = text_new(reader->brief);
    int n = 0;
    for (; words[n] != NULL; n++) {
        if (strcmp(words[n], text) == 0) {
            *out = n;
            return true;
        }
        text_addf(&all, n == 0 ? "%s" : words[n + 1] == NULL ? " or %s" : ", %s", words[n]);
    }
    reader_refuse(reader, node, keys_word_hint(reader->brief, key, text),
        "\"%s\" must be %s, not \"%s\"", keys[key].name, all.at,
        reader_show(reader, text, strlen(text)));
    return false;
}

bool
value_bool(Reader *reader, KeyId key, NodeId node, bool *out)
{
    static const char *const yes[] = {"yes", "on", "y", "true", "1", "enabled"};
    static const char *const no[] = {"no", "off", "n", "false", "0", "disabled"};
    Scalar scalar;
    if (!reader_scalar(reader, key, node, &scalar))
        return false;
    const char *text = arena_copy(reader->brief, scalar.at, scalar.len);
    if (scalar.plain && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)) {
        *out = text[0] == 't';
        return true;
    }
    const char *hint = NULL;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (text_same_nocase(text, yes[i]))
            hint = "write true";
        if (text_same_nocase(text, no[i]))
            hint = "write false";
    }
    if (!scalar.plain && hint != NULL)
        hint = hint[6] == 't' ? "write true, without quotes" : "write false, without quotes";
    reader_refuse(reader, node, hint, "\"%s\" must be true or false, not \"%s\"",
        keys[key].name, reader_show(reader, scalar.at, scalar.len));
    return false;
}

/* ---- zones ---- */

/* What zone_load said of a name: looked for once, however many jobs have it. */
typedef struct {
    const Zone *zone; /* NULL: refused */
    Error error;
} ZoneAnswer;

static ZoneAnswer *
look_zone_up(Reader *reader, const char *name)
{
    ZoneAnswer *answer = arena_alloc(reader->scratch, sizeof *answer);
    if (reader->zones_refused == ZONES_REFUSED_MAX) {
        error_set(&answer->error, ERR_INPUT, "'%.60s' was not looked up after %d wrong ones",
            name, ZONES_REFUSED_MAX);
    } else if (!zone_load(reader->zones, name, &answer->zone, &answer->error)) {
        answer->zone = NULL;
        reader->zones_refused++;
    }
    return answer;
}

bool
value_zone(Reader *reader, KeyId key, NodeId node, const Zone **out)
{
    Scalar scalar;
    if (!reader_scalar(reader, key, node, &scalar))
        return false;
    PoolEntry *entry = pool_entry(reader->zone_names, scalar.at, scalar.len);
    if (entry->known == NULL)
        entry->known = look_zone_up(reader, entry->at);
    const ZoneAnswer *answer = entry->known;
    if (answer->zone == NULL) {
        const char *hint = answer->error.hint;
        reader_refuse(reader, node, hint[0] == '\0' ? NULL : hint, "\"%s\": %s", keys[key].name,
            answer->error.text);
        return false;
    }
    *out = answer->zone;
    return true;
}
