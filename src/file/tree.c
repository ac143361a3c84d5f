/* What no other file knows: libyaml.  Its event interface is used from memory; what it leaves
 * to its callers (depth, anchors, tags, documents, an end that never comes after an error) is
 * seen to here. */

#include "file/tree.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

#include "file/complaint.h"
#include "file/duplicate.h"

#define PAGE_NODES 8192u
#define FIRST_KEYS(len) (64 + (len) / 128) /* as a file of jobs has; more grow */

typedef struct {
    uint32_t start : 25; /* offset in the file, up to its end */
    uint32_t kind : 2;   /* NodeKind */
    uint32_t plain : 1;
    uint32_t loose : 1; /* the text is not as the file has it: kept in Tree.loose */
    uint32_t size;      /* of text in bytes; loose: where it is kept; else nodes inside */
} Node;

struct Tree {
    Arena *arena;
    const Source *source;
    Text loose; /* for each such text its length (uint32_t), then its bytes */
    NodeId n;
    Node *pages[TREE_MAX_NODES / PAGE_NODES + 1];
};

typedef struct {
    Tree *tree;
    const Source *source;
    Diags *diags;
    yaml_parser_t parser;
    size_t chars, bytes; /* one place in the text, counted both ways */
    size_t depth;
    NodeId open[TREE_MAX_DEPTH];      /* the collections around the next node */
    size_t first_key[TREE_MAX_DEPTH]; /* of a mapping: where its keys begin in `keys` */
    bool is_mapping[TREE_MAX_DEPTH];
    bool wants_key[TREE_MAX_DEPTH]; /* of a mapping: its next node is a key */
    DuplicateKey *keys;             /* of all open mappings, one after another */
    size_t n_keys, cap_keys;
    /* The depth of a key that is no text, within which no more is said; or 0. */
    size_t wrong_key;
    Duplicates duplicates;
    bool done;
} Builder;

static Node *
node_at(const Tree *tree, NodeId node)
{
    assert(node < tree->n);
    return &tree->pages[node / PAGE_NODES][node % PAGE_NODES];
}

/* libyaml counts characters; we count bytes.  Marks mostly go forward. */
static size_t
offset_of(Builder *builder, size_t chars)
{
    const Source *source = builder->source;
    if (source->ascii)
        return chars < source->len ? chars : source->len;
    while (builder->chars < chars && builder->bytes < source->len) {
        builder->bytes += text_char_len((unsigned char)source->at[builder->bytes]);
        builder->chars++;
    }
    while (builder->chars > chars) {
        builder->bytes--;
        builder->chars -= ((unsigned char)source->at[builder->bytes] & 0xc0) != 0x80;
    }
    return builder->bytes;
}

static Pos
pos_of(Builder *builder, size_t chars)
{
    return source_pos(builder->source, offset_of(builder, chars));
}

static void
refuse(Builder *builder, const yaml_mark_t *mark, const char *hint, const char *text)
{
    diag_add(builder->diags, DIAG_ERROR, pos_of(builder, mark->index), hint, "%s", text);
}

/* Turns "key wanted" over after each node of a mapping; true when this one was a key. */
static bool
take_key(Builder *builder)
{
    if (builder->depth == 0 || !builder->is_mapping[builder->depth - 1])
        return false;
    bool *wants = &builder->wants_key[builder->depth - 1];
    *wants = !*wants;
    return !*wants;
}

static void
push_key(Builder *builder, DuplicateKey key)
{
    if (builder->n_keys == builder->cap_keys) {
        size_t cap = builder->cap_keys * 2;
        builder->keys = arena_grow(builder->tree->arena, builder->keys,
            builder->cap_keys * sizeof key, cap * sizeof key);
        builder->cap_keys = cap;
    }
    builder->keys[builder->n_keys++] = key;
}

static bool
add_node(Builder *builder, Node node)
{
    Tree *tree = builder->tree;
    if (tree->n == TREE_MAX_NODES) {
        diag_add(builder->diags, DIAG_ERROR, source_pos(builder->source, node.start), NULL,
            "more than %d values in one file", TREE_MAX_NODES);
        return false;
    }
    Node **page = &tree->pages[tree->n / PAGE_NODES];
    if (*page == NULL)
        *page = arena_array(tree->arena, PAGE_NODES, sizeof **page);
    (*page)[tree->n++ % PAGE_NODES] = node;
    return true;
}

/* Anchors and tags are refused; the value that carries one is read all the same. */
static void
check_properties(Builder *builder, const yaml_event_t *event, const yaml_char_t *anchor,
    const yaml_char_t *tag)
{
    static const char yaml_tag[] = "tag:yaml.org,2002:";
    if (anchor != NULL)
        diag_add(builder->diags, DIAG_ERROR, pos_of(builder, event->start_mark.index),
            "remove it; what jobs share goes under defaults: or schedules:",
            "YAML anchors are not supported: &%s", (const char *)anchor);
    if (tag == NULL)
        return;
    const char *name = (const char *)tag;
    bool standard = strncmp(name, yaml_tag, sizeof yaml_tag - 1) == 0;
    diag_add(builder->diags, DIAG_ERROR, pos_of(builder, event->start_mark.index),
        "remove it, or put the value in quotes", "YAML tags are not supported: %s%s",
        standard ? "!!" : "", standard ? name + sizeof yaml_tag - 1 : name);
}

/* True when the text of a scalar stands in the file as it is.  Without quotes, only a fold of
 * lines changes a text; in single quotes, that and '', which shortens it. */
static bool
stands_in_file(const Builder *builder, size_t start, const yaml_event_t *event)
{
    const Source *source = builder->source;
    size_t len = event->data.scalar.length;
    yaml_scalar_style_t style = event->data.scalar.style;
    size_t from = style == YAML_PLAIN_SCALAR_STYLE ? start : start + 1;
    if (len > source->len || from > source->len - len)
        return false;
    bool same_len = source->ascii && event->start_mark.line == event->end_mark.line &&
                    event->data.scalar.anchor == NULL && event->data.scalar.tag == NULL &&
                    event->end_mark.index - event->start_mark.index == len + 2 * (from - start);
    if (same_len &&
        (style == YAML_PLAIN_SCALAR_STYLE || style == YAML_SINGLE_QUOTED_SCALAR_STYLE))
        return true;
    return memcmp(source->at + from, event->data.scalar.value, len) == 0;
}

static uint32_t
keep_loose(Tree *tree, const yaml_event_t *event)
{
    uint32_t where = (uint32_t)tree->loose.len;
    uint32_t len = (uint32_t)event->data.scalar.length;
    text_add_bytes(&tree->loose, (const char *)&len, sizeof len);
    text_add_bytes(&tree->loose, (const char *)event->data.scalar.value, len);
    return where;
}

static bool
add_scalar(Builder *builder, const yaml_event_t *event)
{
    if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL)
        check_properties(builder, event, event->data.scalar.anchor, event->data.scalar.tag);
    size_t start = offset_of(builder, event->start_mark.index);
    size_t len = event->data.scalar.length;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    Node node = {.start = (uint32_t)start & 0x1ffffff, .kind = NODE_SCALAR, .plain = plain};
    bool is_key = take_key(builder);
    if (is_key && plain && len == 2 && memcmp(event->data.scalar.value, "<<", 2) == 0) {
        refuse(builder, &event->start_mark,
            "what jobs share goes under defaults:", "YAML merge keys (<<) are not supported");
        node.kind = NODE_BAD;
        return add_node(builder, node);
    }
    if (is_key)
        push_key(builder,
            duplicate_key(builder->tree->n, (const char *)event->data.scalar.value, len));
    node.loose = !stands_in_file(builder, start, event);
    node.size = node.loose ? keep_loose(builder->tree, event) : (uint32_t)len;
    return add_node(builder, node);
}

static bool
add_alias(Builder *builder, const yaml_event_t *event)
{
    take_key(builder);
    diag_add(builder->diags, DIAG_ERROR, pos_of(builder, event->start_mark.index),
        "quote it if it is text; what jobs share goes under defaults: or schedules:",
        "YAML aliases are not supported: *%s", (const char *)event->data.alias.anchor);
    size_t start = offset_of(builder, event->start_mark.index);
    return add_node(builder, (Node){.start = (uint32_t)start & 0x1ffffff, .kind = NODE_BAD});
}

static bool
open_node(Builder *builder, const yaml_event_t *event, NodeKind kind)
{
    if (kind == NODE_MAPPING)
        check_properties(
            builder, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    else
        check_properties(
            builder, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    if (builder->depth == TREE_MAX_DEPTH) {
        diag_add(builder->diags, DIAG_ERROR, pos_of(builder, event->start_mark.index),
            "put deep data into the payload as text", "nested too deep: depth %d, at most %d",
            TREE_MAX_DEPTH + 1, TREE_MAX_DEPTH);
        return false;
    }
    if (take_key(builder) && builder->wrong_key == 0) {
        refuse(builder, &event->start_mark,
            "write NAME: VALUE; quote a name that begins with [ or {",
            "a key must be text, not a list or mapping");
        builder->wrong_key = builder->depth + 1;
    }
    NodeId node = builder->tree->n;
    size_t start = offset_of(builder, event->start_mark.index);
    if (!add_node(builder, (Node){.start = (uint32_t)start & 0x1ffffff, .kind = kind}))
        return false;
    builder->open[builder->depth] = node;
    builder->is_mapping[builder->depth] = kind == NODE_MAPPING;
    builder->wants_key[builder->depth] = true;
    builder->first_key[builder->depth] = builder->n_keys;
    builder->depth++;
    return true;
}

static bool
close_node(Builder *builder)
{
    NodeId node = builder->open[--builder->depth];
    node_at(builder->tree, node)->size = builder->tree->n - node - 1;
    size_t first = builder->first_key[builder->depth];
    duplicate_report(&builder->duplicates, builder->tree->arena, builder->tree,
        builder->keys + first, builder->n_keys - first, builder->diags);
    builder->n_keys = first;
    if (builder->depth < builder->wrong_key)
        builder->wrong_key = 0;
    return true;
}

static bool
start_document(Builder *builder, const yaml_event_t *event)
{
    if (builder->tree->n != 0) {
        refuse(builder, &event->start_mark, "keep one document in a file",
            "a second document starts here");
        builder->done = true;
        return true;
    }
    if (event->data.document_start.version_directive != NULL ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end)
        refuse(builder, &event->start_mark, "remove the lines that begin with %",
            "YAML directives (%YAML, %TAG) are not supported");
    return true;
}

static bool
end_stream(Builder *builder)
{
    builder->done = true;
    if (builder->tree->n != 0)
        return true;
    diag_add(builder->diags, DIAG_ERROR, (Pos){1, 1},
        "a Clockfile needs jobs:", "the file is empty");
    return false;
}

/* False when reading cannot go on; why is then reported. */
static bool
take(Builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return true;
    case YAML_STREAM_END_EVENT:
        return end_stream(builder);
    case YAML_DOCUMENT_START_EVENT:
        return start_document(builder, event);
    case YAML_SCALAR_EVENT:
        return add_scalar(builder, event);
    case YAML_ALIAS_EVENT:
        return add_alias(builder, event);
    case YAML_MAPPING_START_EVENT:
        return open_node(builder, event, NODE_MAPPING);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(builder, event, NODE_LIST);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return close_node(builder);
    case YAML_NO_EVENT:
        break;
    }
    /* After an error libyaml returns these for ever. */
    diag_add(builder->diags, DIAG_ERROR, (Pos){0, 0}, NULL, "the YAML reader stopped");
    return false;
}

static void
complain(Builder *builder)
{
    const yaml_parser_t *parser = &builder->parser;
    if (parser->error == YAML_MEMORY_ERROR || parser->problem == NULL) {
        diag_memory(builder->diags);
        return;
    }
    Complaint complaint = {.problem = parser->problem, .context = ""};
    if (parser->error == YAML_READER_ERROR) {
        complaint.at = parser->problem_offset < builder->source->len ? parser->problem_offset
                                                                     : builder->source->len;
    } else {
        complaint.at = offset_of(builder, parser->problem_mark.index);
        if (parser->context != NULL) {
            complaint.context = parser->context;
            complaint.context_at = offset_of(builder, parser->context_mark.index);
        }
    }
    complaint_add(builder->tree->arena, builder->source, &complaint, builder->diags);
}

static bool
read_events(Builder *builder)
{
    while (!builder->done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&builder->parser, &event)) {
            complain(builder);
            return false;
        }
        bool ok = take(builder, &event);
        yaml_event_delete(&event);
        if (!ok)
            return false;
    }
    return true;
}

Tree *
tree_read(Arena *arena, const Source *source, Diags *diags)
{
    Builder builder = {.source = source, .diags = diags};
    assert(source->len < 1u << 25);
    if (!yaml_parser_initialize(&builder.parser)) {
        diag_memory(diags);
        return NULL;
    }
    builder.tree = arena_alloc(arena, sizeof *builder.tree);
    *builder.tree = (Tree){.arena = arena, .source = source, .loose = text_new(arena)};
    builder.cap_keys = FIRST_KEYS(source->len);
    builder.keys = arena_array(arena, builder.cap_keys, sizeof *builder.keys);
    yaml_parser_set_encoding(&builder.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &builder.parser, (const unsigned char *)source->at, source->len);
    bool ok = read_events(&builder);
    yaml_parser_delete(&builder.parser);
    return ok ? builder.tree : NULL;
}

NodeKind
tree_kind(const Tree *tree, NodeId node)
{
    return (NodeKind)node_at(tree, node)->kind;
}

static TreeText
text_of(const Tree *tree, const Node *it)
{
    TreeText text = {.plain = it->plain};
    if (!it->loose) {
        text.at = tree->source->at + it->start + (it->plain ? 0 : 1);
        text.len = it->size;
        return text;
    }
    uint32_t len;
    memcpy(&len, tree->loose.at + it->size, sizeof len);
    text.at = tree->loose.at + it->size + sizeof len;
    text.len = len;
    return text;
}

NodeKind
tree_text(const Tree *tree, NodeId node, TreeText *out)
{
    const Node *it = node_at(tree, node);
    if (it->kind == NODE_SCALAR)
        *out = text_of(tree, it);
    return (NodeKind)it->kind;
}

Pos
tree_pos(const Tree *tree, NodeId node)
{
    return source_pos(tree->source, node_at(tree, node)->start);
}

Pos
tree_pos_in(const Tree *tree, NodeId node, size_t offset)
{
    const Node *it = node_at(tree, node);
    if (it->kind != NODE_SCALAR || it->loose || offset > it->size)
        return tree_pos(tree, node);
    return source_pos(tree->source, it->start + (it->plain ? 0 : 1) + offset);
}

/* The node behind it and all inside it. */
static NodeId
after(const Tree *tree, NodeId node)
{
    const Node *it = node_at(tree, node);
    return node + 1 + (it->kind == NODE_MAPPING || it->kind == NODE_LIST ? it->size : 0);
}

bool
tree_pair(const Tree *tree, NodeId mapping, TreePair *pair)
{
    NodeId end = after(tree, mapping);
    NodeId at = pair->key == 0 ? mapping + 1 : after(tree, pair->value);
    while (at < end && node_at(tree, at)->kind != NODE_SCALAR)
        at = after(tree, after(tree, at));
    if (at >= end)
        return false;
    pair->key = at;
    pair->value = at + 1;
    pair->name = text_of(tree, node_at(tree, at));
    return true;
}

bool
tree_element(const Tree *tree, NodeId list, NodeId *element)
{
    NodeId at = *element == 0 ? list + 1 : after(tree, *element);
    if (at >= after(tree, list))
        return false;
    *element = at;
    return true;
}

size_t
tree_count(const Tree *tree, NodeId node)
{
    size_t n = 0;
    TreePair pair = {.key = 0};
    NodeId element = 0;
    if (tree_kind(tree, node) == NODE_MAPPING)
        while (tree_pair(tree, node, &pair))
            n++;
    else if (tree_kind(tree, node) == NODE_LIST)
        while (tree_element(tree, node, &element))
            n++;
    return n;
}
