#ifndef FILE_TREE_H
#define FILE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/diag.h"
#include "file/source.h"

/*
 * A YAML document as a tree whose every node knows its place.  Eight bytes a node: scalars that
 * stand in the file as they are read point into it, and places are computed when asked for.
 * What strict YAML refuses (anchors, aliases, merges, tags, directives, a second document, keys
 * that are not text or stand twice) is reported while the tree is built.
 */
typedef struct Tree Tree;

/* A node by its number, in the order of the file; 0 is the root, so 0 elsewhere means none. */
typedef uint32_t NodeId;

typedef enum {
    NODE_SCALAR,
    NODE_MAPPING,
    NODE_LIST,
    NODE_BAD /* reported already: to be passed over in silence */
} NodeKind;

#define TREE_MAX_DEPTH 32
#define TREE_MAX_NODES 4000000

/* The tree, in the arena; NULL when the text is not YAML or beyond a limit, which is then
 * reported.  With other problems reported there is a tree all the same. The source must stay.
 */
Tree *tree_read(Arena *arena, const Source *source, Diags *diags);

/* A scalar's text: not NUL-terminated, and it may hold NUL. */
typedef struct {
    const char *at;
    size_t len;
    bool plain; /* without quotes: what a YAML reader may take for a number or a boolean */
} TreeText;

NodeKind tree_kind(const Tree *tree, NodeId node);

/* The text of a scalar, or what it is instead; *out is then left alone. */
NodeKind tree_text(const Tree *tree, NodeId node, TreeText *out);

/* Where a node begins; for quoted scalars the quote. */
Pos tree_pos(const Tree *tree, NodeId node);

/* Where the byte `offset` of a scalar's text stands, when that can be told (no escapes, one
 * line); else where the scalar begins. */
Pos tree_pos_in(const Tree *tree, NodeId node, size_t offset);

/* A pair of a mapping, with the text of its key. */
typedef struct {
    NodeId key, value;
    TreeText name;
} TreePair;

/* The next pair, in the order of the file; the first when pair->key is 0.  Passes over keys
 * that were reported.  False: no more. */
bool tree_pair(const Tree *tree, NodeId mapping, TreePair *pair);

/* The next element of a list; the first when *element is 0. */
bool tree_element(const Tree *tree, NodeId list, NodeId *element);

/* How many pairs or elements; linear. */
size_t tree_count(const Tree *tree, NodeId node);

#endif
