/* What no other file knows: how a YAML value is written as JSON without changing what it
 * means. */

#include "file/payload.h"

#include <string.h>

#include "base/json.h"
#include "file/clockfile.h"
#include "file/scalar.h"

/* PostgreSQL's numeric, which jsonb keeps numbers in, holds so many digits. */
#define MAX_WHOLE_DIGITS 131072
#define MAX_FRACTION_DIGITS 16383

typedef struct {
    Reader *reader;
    Json json;
    bool ok;
} Writing;

/* A collection that is being written, and how far. */
typedef struct {
    NodeId node;
    TreePair pair; /* of a list only the value */
} Frame;

static void
refuse(Writing *writing, NodeId node, const char *hint, const char *why)
{
    reader_refuse(writing->reader, node, hint, "the payload %s", why);
    writing->ok = false;
}

/* False when the digits left and right of the point are more than PostgreSQL can hold. */
static bool
fits_numeric(const char *at, size_t len)
{
    const char *e = memchr(at, 'e', len);
    if (e == NULL)
        e = memchr(at, 'E', len);
    size_t mantissa = e == NULL ? len : (size_t)(e - at);
    const char *point = memchr(at, '.', mantissa);
    int64_t whole = point == NULL ? (int64_t)mantissa : point - at;
    int64_t fraction = (int64_t)mantissa - whole, exponent = 0;
    if (e != NULL) {
        size_t skip = e[1] == '+' ? 2 : 1;
        if (!text_number(e + skip, len - mantissa - skip, -MAX_WHOLE_DIGITS, MAX_WHOLE_DIGITS,
                &exponent))
            return false;
    }
    return whole + exponent <= MAX_WHOLE_DIGITS && fraction - exponent <= MAX_FRACTION_DIGITS;
}

/* The number as it stands, but for what JSON's grammar lacks: +5, .5, 5. and 007.5 */
static void
write_number(Writing *writing, NodeId node, const char *at, size_t len)
{
    if (!fits_numeric(at, len)) {
        refuse(writing, node, "put it in quotes", "holds a number beyond PostgreSQL's range");
        return;
    }
    Text number = text_new(writing->reader->brief);
    size_t i = at[0] == '+' || at[0] == '-';
    if (at[0] == '-')
        text_add_char(&number, '-');
    while (i + 1 < len && at[i] == '0' && at[i + 1] >= '0' && at[i + 1] <= '9')
        i++;
    if (at[i] == '.')
        text_add_char(&number, '0');
    const char *point = memchr(at + i, '.', len - i);
    size_t head = point == NULL ? len - i : (size_t)(point - at) + 1 - i;
    text_add_bytes(&number, at + i, head);
    if (point != NULL && (i + head == len || text_lower(at[i + head]) == 'e'))
        text_add_char(&number, '0');
    text_add_bytes(&number, at + i + head, len - i - head);
    json_raw(&writing->json, number.at);
}

static void
warn_disputed(Writing *writing, NodeId node, const char *at, size_t len)
{
    Reader *reader = writing->reader;
    Pos pos = tree_pos(reader->tree, node);
    if (!diag_is_kept(reader->diags, DIAG_WARNING, pos)) {
        diag_add(reader->diags, DIAG_WARNING, pos, NULL, "text without quotes");
        return;
    }
    const char *shown = reader_show(reader, at, len);
    diag_add(reader->diags, DIAG_WARNING, pos,
        arena_printf(reader->brief, "write \"%s\", with quotes", shown),
        "%s is text here, but a number or boolean to some YAML readers", shown);
}

static void
write_plain(Writing *writing, NodeId node, const char *at, size_t len)
{
    switch (scalar_meaning(at, len)) {
    case SCALAR_NULL:
        json_null(&writing->json);
        return;
    case SCALAR_TRUE:
        json_bool(&writing->json, true);
        return;
    case SCALAR_FALSE:
        json_bool(&writing->json, false);
        return;
    case SCALAR_NUMBER:
        write_number(writing, node, at, len);
        return;
    case SCALAR_NOT_FINITE:
        reader_refuse(writing->reader, node, "put it in quotes if it is text",
            "the payload holds %.*s, which JSON lacks", (int)len, at);
        writing->ok = false;
        return;
    case SCALAR_DISPUTED:
        warn_disputed(writing, node, at, len);
        break;
    case SCALAR_TEXT:
        break;
    }
    json_bytes(&writing->json, at, len);
}

static void
check_text(Writing *writing, NodeId node, const TreeText *text)
{
    if (memchr(text->at, '\0', text->len) != NULL)
        refuse(writing, node, "remove the \\0", "holds NUL, which PostgreSQL cannot store");
}

static void
write_key(Writing *writing, const TreePair *pair)
{
    check_text(writing, pair->key, &pair->name);
    if (pair->name.len == 0 && pair->name.plain)
        refuse(writing, pair->key, "write a name before the \":\"", "has an empty key");
    json_key_bytes(&writing->json, pair->name.at, pair->name.len);
}

/* Writes a scalar, or opens a collection and returns true. */
static bool
enter(Writing *writing, NodeId node, Frame *frame)
{
    TreeText text;
    switch (tree_text(writing->reader->tree, node, &text)) {
    case NODE_SCALAR:
        check_text(writing, node, &text);
        if (text.plain)
            write_plain(writing, node, text.at, text.len);
        else
            json_bytes(&writing->json, text.at, text.len);
        return false;
    case NODE_MAPPING:
        json_open(&writing->json, '{');
        break;
    case NODE_LIST:
        json_open(&writing->json, '[');
        break;
    case NODE_BAD:
        writing->ok = false;
        return false;
    }
    *frame = (Frame){.node = node};
    return true;
}

/* Goes to the next value inside; false: the collection is complete, and closed. */
static bool
advance(Writing *writing, Frame *frame)
{
    const Tree *tree = writing->reader->tree;
    if (tree_kind(tree, frame->node) == NODE_LIST) {
        if (tree_element(tree, frame->node, &frame->pair.value))
            return true;
        json_close(&writing->json, ']');
        return false;
    }
    if (tree_pair(tree, frame->node, &frame->pair)) {
        write_key(writing, &frame->pair);
        return true;
    }
    json_close(&writing->json, '}');
    return false;
}

bool
payload_read(Reader *reader, NodeId node, const char **out)
{
    Text *text = &reader->json;
    Writing writing = {.reader = reader, .json = json_new(text), .ok = true};
    Frame frames[TREE_MAX_DEPTH + 1];
    text->len = 0;
    size_t depth = enter(&writing, node, &frames[0]) ? 1 : 0;
    while (depth > 0) {
        Frame *frame = &frames[depth - 1];
        if (!advance(&writing, frame))
            depth--;
        else if (enter(&writing, frame->pair.value, &frames[depth]))
            depth++;
    }
    if (text->len > CLOCKFILE_MAX_PAYLOAD)
        reader_refuse(reader, node, "hand over a key or a path instead of the data",
            "the payload has %zu bytes as JSON, at most %u (64 KiB)", text->len,
            CLOCKFILE_MAX_PAYLOAD);
    if (!writing.ok || text->len > CLOCKFILE_MAX_PAYLOAD)
        return false;
    *out = arena_copy(reader->arena, text->at, text->len);
    return true;
}
