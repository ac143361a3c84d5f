/* What no other file knows: how a scalar of the file becomes text (with what the environment
 * has to say), and how what stands in the file is shown to people. */

#include "file/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "file/scalar.h"

#define SHOWN_BYTES 60

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

const char *
reader_show_char(const Reader *reader, const char *at)
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
reader_expects(Reader *reader, KeyId key, NodeId node, NodeKind kind, const char *hint)
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

static bool
looks_like_job(const Reader *reader, NodeId node)
{
    TreePair pair = {.key = 0};
    if (tree_kind(reader->tree, node) != NODE_MAPPING)
        return false;
    while (tree_pair(reader->tree, node, &pair)) {
        KeyId key = keys_find(LEVEL_JOB | LEVEL_SCHEDULE, pair.name.at, pair.name.len);
        if (key == KEY_SCHEDULE || key == KEY_CRON || key == KEY_EVERY)
            return true;
    }
    return false;
}

void
reader_refuse_key(Reader *reader, unsigned level, const TreePair *pair, KeyId *meant)
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
    if (level == LEVEL_TOP && *meant == KEYS && looks_like_job(reader, pair->value)) {
        hint = "it looks like a job: put it below jobs:, indented";
        *meant = KEY_JOBS;
    }
    const char *odd = word;
    while ((unsigned char)*odd - 1u < 0x7f)
        odd++;
    if (*odd != '\0')
        hint = arena_printf(
            reader->brief, "no key holds %s; %s", reader_show_char(reader, odd), hint);
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
reader_scalar(Reader *reader, KeyId key, NodeId node, Scalar *out)
{
    TreeText text;
    if (tree_text(reader->tree, node, &text) != NODE_SCALAR) {
        reader_expects(reader, key, node, NODE_SCALAR, NULL);
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
