/* What no other file knows: how a scalar becomes a name, a number, a duration or a word, and
 * what to say when it does not. */

#include "file/values.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "file/clockfile.h"
#include "file/scalar.h"
#include "time/span.h"

#define SHOWN_BYTES 60

/* A wrong name costs a walk through the folder of zones, to find the one that was meant. */
#define ZONES_REFUSED_MAX 100

void
reader_refuse(const Reader *reader, NodeId node, const char *hint, const char *fmt, ...)
{
    char text[600];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    diag_add(reader->diags, DIAG_ERROR, tree_pos(reader->tree, node), hint, "%s", text);
}

const char *
reader_show(const Reader *reader, const char *at, size_t len)
{
    size_t shown = len;
    if (len > SHOWN_BYTES) {
        shown = SHOWN_BYTES;
        while (shown > 0 && ((unsigned char)at[shown] & 0xc0) == 0x80)
            shown--;
    }
    Text text = text_new(reader->brief);
    diag_escape(&text, at, shown);
    text_add(&text, shown < len ? "..." : "");
    return text.at;
}

/* The code point of a character of several bytes, which are well-formed. */
static unsigned
code_point(const char *at)
{
    size_t len = text_char_len((unsigned char)at[0]);
    unsigned point = (unsigned char)at[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++)
        point = point << 6 | ((unsigned char)at[i] & 0x3fu);
    return point;
}

/* A character in quotes; beyond ASCII with its number, since it may look like another. */
static const char *
show_char(const Reader *reader, const char *at)
{
    const char *shown = reader_show(reader, at, text_char_len((unsigned char)at[0]));
    if ((unsigned char)at[0] < 0x80 || strncmp(shown, "U+", 2) == 0)
        return arena_printf(reader->brief, "\"%s\"", shown);
    return arena_printf(reader->brief, "\"%s\" (U+%04X)", shown, code_point(at));
}

static const char *
kind_name(NodeKind kind)
{
    return kind == NODE_MAPPING ? "a mapping" : kind == NODE_LIST ? "a list" : "text";
}

/* ---- ${VAR} ---- */

static bool
is_variable_name(const char *at, size_t len)
{
    if (len == 0 || (at[0] >= '0' && at[0] <= '9'))
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text_lower(at[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return true;
}

/* True when the scalar is one ${...} and nothing else. */
static bool
is_variable(const Scalar *scalar)
{
    return scalar->len > 3 && memcmp(scalar->at, "${", 2) == 0 &&
           (const char *)memchr(scalar->at, '}', scalar->len) == scalar->at + scalar->len - 1;
}

static bool
expand(Reader *reader, NodeId node, Scalar *scalar)
{
    const char *at = scalar->at + 2;
    size_t len = scalar->len - 3;
    const char *colon = memmem(at, len, ":-", 2);
    size_t name_len = colon == NULL ? len : (size_t)(colon - at);
    if (!is_variable_name(at, name_len)) {
        reader_refuse(reader, node, "write ${NAME} or ${NAME:-default}",
            "\"%s\" names no variable", reader_show(reader, scalar->at, scalar->len));
        return false;
    }
    const char *name = arena_copy(reader->brief, at, name_len);
    const char *value = getenv(name);
    if (colon != NULL && (value == NULL || value[0] == '\0'))
        value = arena_copy(reader->brief, colon + 2, len - name_len - 2);
    if (value == NULL) {
        reader_refuse(reader, node,
            arena_printf(reader->brief, "set it, or write ${%.100s:-default}", name),
            "the variable %.100s is not set", name);
        return false;
    }
    size_t bad;
    if (!text_utf8(value, strlen(value), &bad)) {
        reader_refuse(
            reader, node, NULL, "the value of the variable %.100s is not UTF-8", name);
        return false;
    }
    reader->environment = hash_bytes(reader->environment, name, name_len + 1);
    reader->environment = hash_bytes(reader->environment, value, strlen(value) + 1);
    *scalar = (Scalar){.at = value, .len = strlen(value), .plain = true, .expanded = true};
    return true;
}

/* ---- scalars ---- */

bool
value_is(Reader *reader, KeyId key, NodeId node, NodeKind kind, const char *hint)
{
    NodeKind found = tree_kind(reader->tree, node);
    if (found == kind)
        return true;
    if (found == NODE_BAD)
        return false;
    TreeText text = {.len = 1};
    tree_text(reader->tree, node, &text);
    if (text.len == 0 && text.plain)
        reader_refuse(reader, node, hint, "\"%s\" is empty: %s is wanted", keys[key].name,
            kind_name(kind));
    else
        reader_refuse(reader, node, hint, "\"%s\" must be %s, not %s", keys[key].name,
            kind_name(kind), kind_name(found));
    return false;
}

void
value_refuse_key(Reader *reader, unsigned level, const TreePair *pair, KeyId *meant)
{
    const TreeText *name = &pair->name;
    Pos pos = tree_pos(reader->tree, pair->key);
    *meant = KEYS;
    if (!diag_is_kept(reader->diags, DIAG_ERROR, pos)) {
        diag_add(reader->diags, DIAG_ERROR, pos, NULL, "unknown key");
        return;
    }
    const char *word = arena_copy(reader->brief, name->at, name->len);
    const char *hint = keys_hint(reader->brief, level, word, meant);
    const char *odd = word;
    while ((unsigned char)*odd - 1u < 0x7f)
        odd++;
    if ((unsigned char)*odd >= 0x80)
        hint = arena_printf(reader->brief, "no key holds %s; %s", show_char(reader, odd), hint);
    diag_add(reader->diags, DIAG_ERROR, pos, hint, "unknown key \"%s\"",
        reader_show(reader, name->at, name->len));
}

/* What a scalar of that key must be. */
static const char *
wanted(KeyId key)
{
    switch (keys[key].type) {
    case VALUE_NUMBER:
        return "a whole number";
    case VALUE_BOOL:
        return "true or false";
    case VALUE_SPAN:
    case VALUE_TIMEOUT:
    case VALUE_BACKOFF:
        return "a duration";
    case VALUE_ZONE:
        return "a timezone";
    case VALUE_NAME:
    case VALUE_NAMES:
        return "a name";
    case VALUE_SCHEDULE:
        return "a schedule";
    default:
        return "text";
    }
}

bool
value_scalar(Reader *reader, KeyId key, NodeId node, Scalar *out)
{
    TreeText text;
    if (tree_text(reader->tree, node, &text) != NODE_SCALAR) {
        value_is(reader, key, node, NODE_SCALAR, NULL);
        return false;
    }
    Scalar scalar = {.at = text.at, .len = text.len, .plain = text.plain};
    if (is_variable(&scalar) && !expand(reader, node, &scalar))
        return false;
    if (scalar.plain && scalar_meaning(scalar.at, scalar.len) == SCALAR_NULL &&
        !(scalar.expanded && scalar.len == 0)) {
        reader_refuse(reader, node, "give it one, or remove the line",
            "\"%s\" has no value: %s is wanted", keys[key].name, wanted(key));
        return false;
    }
    if (memchr(scalar.at, '\0', scalar.len) != NULL) {
        reader_refuse(
            reader, node, "remove the \\0", "\"%s\" holds a NUL byte", keys[key].name);
        return false;
    }
    *out = scalar;
    return true;
}

bool
value_text(Reader *reader, KeyId key, NodeId node, const char **out)
{
    Scalar scalar;
    if (!value_scalar(reader, key, node, &scalar))
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

/* ---- names ---- */

static bool
is_name_char(char c, bool first)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')
        return true;
    return !first && (c == '.' || c == ':' || c == '-');
}

/* A name without quotes that YAML takes for something else is refused or warned of. */
static bool
check_plain_name(const Reader *reader, const char *what, NodeId node, const Scalar *name)
{
    ScalarMeaning meaning = scalar_meaning(name->at, name->len);
    if (meaning == SCALAR_TEXT && !scalar_is_date(name->at, name->len))
        return true;
    const char *text = arena_copy(reader->brief, name->at, name->len);
    const char *hint = arena_printf(reader->brief, "write \"%s\", with quotes", text);
    if (meaning == SCALAR_NULL) {
        reader_refuse(
            reader, node, hint, "the %s name is empty: %s means no value in YAML", what, text);
        return false;
    }
    diag_add(reader->diags, DIAG_WARNING, tree_pos(reader->tree, node), hint,
        "some YAML readers do not take the %s name %s for text", what, text);
    return true;
}

bool
value_check_name(const Reader *reader, const char *what, NodeId node, const Scalar *name)
{
    static const char hint[] = "use letters, digits, _ . : and -, a letter, digit or _ first";
    if (name->len == 0) {
        reader_refuse(reader, node, hint, "the %s name is empty", what);
        return false;
    }
    if (name->len > CLOCKFILE_MAX_NAME) {
        reader_refuse(reader, node, "shorten it",
            "the %s name \"%s\" has %zu bytes, at most %d", what,
            reader_show(reader, name->at, name->len), name->len, CLOCKFILE_MAX_NAME);
        return false;
    }
    size_t i = 0;
    while (i < name->len && is_name_char(name->at[i], i == 0))
        i++;
    if (i < name->len) {
        reader_refuse(reader, node,
            is_variable(name) || memmem(name->at, name->len, "${", 2) == NULL
                ? hint
                : "${...} must be the whole value",
            "the %s name \"%s\" cannot %s %s", what, reader_show(reader, name->at, name->len),
            i == 0 ? "begin with" : "hold", show_char(reader, name->at + i));
        return false;
    }
    return name->plain && !name->expanded ? check_plain_name(reader, what, node, name) : true;
}

bool
value_name(Reader *reader, KeyId key, NodeId node, const char **out)
{
    Scalar scalar;
    if (!value_scalar(reader, key, node, &scalar))
        return false;
    const char *what = key == KEY_NAME   ? "Clockfile's"
                       : key == KEY_TAGS ? "tag"
                                         : keys[key].name;
    if (!value_check_name(reader, what, node, &scalar))
        return false;
    *out = pool_entry(reader->texts, scalar.at, scalar.len)->at;
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
    if (!value_scalar(reader, key, node, &scalar))
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
    if (!value_scalar(reader, key, node, &scalar))
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
    const char *near = text_nearest(text, words, (size_t)n);
    reader_refuse(reader, node,
        near == NULL ? NULL : arena_printf(reader->brief, "did you mean \"%s\"?", near),
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
    if (!value_scalar(reader, key, node, &scalar))
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
ask_zone(Reader *reader, const char *name)
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
    if (!value_scalar(reader, key, node, &scalar))
        return false;
    PoolEntry *entry = pool_entry(reader->zone_names, scalar.at, scalar.len);
    if (entry->known == NULL)
        entry->known = ask_zone(reader, entry->at);
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
