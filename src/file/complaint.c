/* What no other file knows: what people did when libyaml says "did not find expected key".  It
 * names the rule that was broken; here the mistake behind it is looked for in the text. */

#include "file/complaint.h"

#include <stdbool.h>
#include <string.h>

#define KEY_MAX 1024 /* characters of a key on one line, in YAML */
#define LINES_LOOKED_AT 1000
#define SHOWN_BYTES 48 /* of a value that a hint shows in quotes */

typedef struct {
    Arena *arena;
    const Source *source;
    const Complaint *complaint;
    Diags *diags;
} Case;

static void
report(const Case *it, size_t at, const char *hint, const char *text)
{
    diag_add(it->diags, DIAG_ERROR, source_pos(it->source, at), hint, "%s", text);
}

/* The character there, NUL at the end. */
static char
char_at(const Source *source, size_t at)
{
    return at < source->len ? source->at[at] : '\0';
}

static bool
ends_line(char c)
{
    return c == '\n' || c == '\r' || c == '\0';
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t
line_start(const Source *source, size_t at)
{
    while (at > 0 && !ends_line(source->at[at - 1]))
        at--;
    return at;
}

/* A ':' within [from, to) that blanks follow, or one that they do not; `to` when none. */
static size_t
find_colon(const Source *source, size_t from, size_t to, bool with_blank)
{
    for (size_t i = from; i < to; i++) {
        char next = char_at(source, i + 1);
        if (source->at[i] == ':' && (is_blank(next) || ends_line(next)) == with_blank)
            return i;
    }
    return to;
}

/* Where the value that holds `at` begins on its line: behind "key: " or "- ". */
static size_t
value_start(const Source *source, size_t at)
{
    size_t from = line_start(source, at);
    size_t colon = find_colon(source, from, at, true);
    if (colon != at)
        from = colon + 1;
    while (from < at && (is_blank(source->at[from]) || source->at[from] == '-'))
        from++;
    return from;
}

/* `put it in quotes: "* * * * *"`, with the value from there to the end of its line. */
static const char *
quote_hint(const Case *it, size_t from)
{
    const Source *source = it->source;
    size_t to = from;
    while (!ends_line(char_at(source, to)) &&
           !(is_blank(source->at[to]) && char_at(source, to + 1) == '#'))
        to++;
    while (to > from && is_blank(source->at[to - 1]))
        to--;
    if (to - from > SHOWN_BYTES || memchr(source->at + from, '"', to - from) != NULL)
        return "put it in quotes";
    return arena_printf(
        it->arena, "put it in quotes: \"%.*s\"", (int)(to - from), source->at + from);
}

/* Text right behind a closing quote: that quote may have been meant to open, and to close one
 * that a line above leaves open.  True when there is such a line, and said. */
static bool
say_open_above(const Case *it, size_t at)
{
    const Source *source = it->source;
    if (at == 0 || (source->at[at - 1] != '"' && source->at[at - 1] != '\''))
        return false;
    char quote = source->at[at - 1];
    size_t line = line_start(source, at), looked_at = 0;
    while (line > 0 && looked_at++ < LINES_LOOKED_AT) {
        size_t end = line - 1, open = 0, n = 0;
        line = line_start(source, end);
        for (size_t i = line; i < end; i++) {
            if (source->at[i] != quote || (i > line && source->at[i - 1] == '\\'))
                continue;
            open = i;
            n++;
        }
        if (n % 2 == 0)
            continue;
        report(it, open, arena_printf(it->arena, "close it with another %c on its line", quote),
            arena_printf(it->arena, "this quote is closed no earlier than in line %u",
                source_pos(source, at).line));
        return true;
    }
    return false;
}

static void
say_tab(const Case *it)
{
    report(it, it->complaint->at, "indent with spaces", "a tab cannot indent YAML");
}

static void
say_no_token(const Case *it)
{
    size_t at = it->complaint->at;
    char c = char_at(it->source, at);
    if (c == '\t') {
        say_tab(it);
        return;
    }
    if (say_open_above(it, at))
        return;
    report(it, at, quote_hint(it, at),
        arena_printf(it->arena, "a value without quotes cannot start with \"%.*s\"",
            (int)text_char_len((unsigned char)c), it->source->at + at));
}

static void
say_star(const Case *it)
{
    size_t at = value_start(it->source, it->complaint->context_at);
    report(it, at, quote_hint(it, at), "an unquoted * starts a YAML alias");
}

static void
say_anchor(const Case *it)
{
    size_t at = it->complaint->context_at;
    report(it, at, quote_hint(it, at), "an unquoted & starts a YAML anchor");
}

/* A quote, bracket or brace that nothing closes. */
static void
say_unclosed(const Case *it)
{
    size_t at = it->complaint->context_at;
    char c = char_at(it->source, at);
    if (c == '"' || c == '\'')
        report(it, at, arena_printf(it->arena, "close it with another %c, or remove it", c),
            "this quote is never closed");
    else
        report(it, at, NULL, "this value does not end before the file does");
}

static void
say_flow(const Case *it)
{
    const Complaint *complaint = it->complaint;
    bool list = char_at(it->source, complaint->context_at) == '[';
    Pos opened = source_pos(it->source, complaint->context_at);
    if (char_at(it->source, complaint->at) == '\0') {
        report(it, complaint->context_at, NULL,
            list ? "this \"[\" is never closed" : "this \"{\" is never closed");
        return;
    }
    diag_add(it->diags, DIAG_ERROR, source_pos(it->source, complaint->at),
        list ? "close the list with \"]\", or quote a value that holds , : [ ] { or }"
             : "close the mapping with \"}\", or quote a value that holds , : [ ] { or }",
        "a \",\" or \"%c\" is missing: \"%c\" opened at %u:%u", list ? ']' : '}',
        list ? '[' : '{', opened.line, opened.col);
}

/* A ": " where no key can be: the value before it, the line above or the indent is to blame. */
static void
say_second_colon(const Case *it)
{
    const Source *source = it->source;
    size_t at = it->complaint->at, line = line_start(source, at);
    if (at - line > KEY_MAX) {
        report(it, value_start(source, line + KEY_MAX), "shorten it",
            "a key is longer than 1024 characters");
        return;
    }
    if (find_colon(source, line, at, true) != at) {
        size_t from = value_start(source, at);
        report(it, at, quote_hint(it, from), "a value without quotes cannot hold \": \"");
        return;
    }
    size_t above = line;
    while (above > 0 && ends_line(source->at[above - 1]))
        above--;
    size_t above_start = line_start(source, above);
    size_t tight = find_colon(source, above_start, above, false);
    if (tight != above && find_colon(source, above_start, above, true) == above) {
        report(it, tight, "put a space after the \":\"", "a key needs \": \" behind it");
        return;
    }
    report(it, value_start(source, at), "indent it like the line above",
        "this key is deeper than the line above, which has a value already");
}

static void
say_no_colon(const Case *it)
{
    const Complaint *complaint = it->complaint;
    bool is_long = complaint->at - complaint->context_at > KEY_MAX;
    report(it, complaint->context_at, "write NAME: VALUE, with a space after the \":\"",
        is_long ? "a key is longer than 1024 characters, or its \":\" is missing"
                : "no \":\" follows this key");
}

static void
say_no_key(const Case *it)
{
    size_t at = it->complaint->at;
    char c = char_at(it->source, at);
    size_t before = at;
    while (before > 0 && is_blank(it->source->at[before - 1]))
        before--;
    char last = before == 0 ? '\0' : it->source->at[before - 1];
    Pos began = source_pos(it->source, it->complaint->context_at);
    if (c == ':')
        report(it, at, "write a name before the \":\"", "the key is empty");
    else if ((last == '"' || last == '\'') && say_open_above(it, before))
        return;
    else if (last == '"' || last == '\'')
        report(it, at, "put the whole value in quotes, or look for a missing quote above",
            "text follows the closing quote");
    else if (last == ']' || last == '}')
        report(it, at, "put the whole value in quotes", "text follows the closing bracket");
    else if (c == '-')
        report(it, at, "indent the list below its key", "a list item stands where a key must");
    else
        diag_add(it->diags, DIAG_ERROR, source_pos(it->source, at),
            "indent it like its neighbours",
            "this line is not in line with the mapping that began at line %u", began.line);
}

static void
say_no_dash(const Case *it)
{
    Pos began = source_pos(it->source, it->complaint->context_at);
    diag_add(it->diags, DIAG_ERROR, source_pos(it->source, it->complaint->at),
        "start it with \"- \", or indent it like its neighbours",
        "this line is not in line with the list that began at line %u", began.line);
}

static void
say_dash(const Case *it)
{
    report(it, it->complaint->at, "start the list on a line of its own, or quote the value",
        "a list cannot start behind a key on the same line");
}

static void
say_directive(const Case *it)
{
    report(it, line_start(it->source, it->complaint->at), "remove the line",
        "YAML directives (%YAML, %TAG) are not supported");
}

static void
say_tag(const Case *it)
{
    size_t at =
        it->complaint->context[0] == '\0' ? it->complaint->at : it->complaint->context_at;
    size_t to = at;
    while (!ends_line(char_at(it->source, to)) && !is_blank(it->source->at[to]) &&
           to - at < SHOWN_BYTES)
        to++;
    report(it, at, "remove it, or put the value in quotes",
        arena_printf(it->arena, "YAML tags are not supported: %.*s", (int)(to - at),
            it->source->at + at));
}

static void
say_escape(const Case *it)
{
    report(it, it->complaint->at, "write \\\\ for a backslash, or use single quotes",
        "no such escape in double quotes");
}

static void
say_surrogate(const Case *it)
{
    report(it, it->complaint->at, "write the character itself, in UTF-8",
        "this escape is no character");
}

static void
say_block(const Case *it)
{
    report(it, it->complaint->at, "begin the text on the next line",
        "nothing but 1-9, + or - may follow | or > on its line");
}

static void
say_second_document(const Case *it)
{
    report(it, it->complaint->at, "keep one document in a file",
        "text follows the end of the document");
}

/* The first row that fits wins. */
static const struct {
    const char *context; /* a part of it, "" for any */
    const char *problem;
    void (*say)(const Case *);
} cases[] = {
    {"", "found a tab character", say_tab},
    {"", "found character that cannot start any token", say_no_token},
    {"scanning an alias", "", say_star},
    {"scanning an anchor", "", say_anchor},
    {"", "found unexpected end of stream", say_unclosed},
    {"quoted scalar", "found unexpected document indicator", say_unclosed},
    {"", "did not find expected ',' or", say_flow},
    {"", "mapping values are not allowed", say_second_colon},
    {"", "could not find expected ':'", say_no_colon},
    {"", "did not find expected key", say_no_key},
    {"", "did not find expected '-' indicator", say_no_dash},
    {"", "block sequence entries are not allowed", say_dash},
    {"directive", "", say_directive},
    {"", "YAML document", say_directive},
    {"", "directive", say_directive},
    {"", "undefined tag handle", say_tag},
    {"tag", "", say_tag},
    {"", "found unknown escape character", say_escape},
    {"", "did not find expected hexdecimal number", say_escape},
    {"", "invalid Unicode character escape code", say_surrogate},
    {"scanning a block scalar", "", say_block},
    {"", "<document start>", say_second_document},
};

void
complaint_add(Arena *arena, const Source *source, const Complaint *complaint, Diags *diags)
{
    Case it = {.arena = arena, .source = source, .complaint = complaint, .diags = diags};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strstr(complaint->context, cases[i].context) != NULL &&
            strstr(complaint->problem, cases[i].problem) != NULL) {
            cases[i].say(&it);
            return;
        }
    }
    diag_add(diags, DIAG_ERROR, source_pos(source, complaint->at), NULL, "not YAML: %s",
        complaint->problem);
}
