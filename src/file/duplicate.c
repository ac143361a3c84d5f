/* What no other file knows: when two keys of a mapping are the same. */

#include "file/duplicate.h"

#include <string.h>

#include "file/pool.h"

/* Up to so many keys are compared each with each. */
#define FEW 12

typedef struct {
    const char *at;
    size_t len;
    NodeId node;
} Key;

typedef struct {
    const Tree *tree;
    Diags *diags;
    NodeId *slots; /* a hash table for large mappings, used again and again; 0: free */
    size_t size;
} Search;

static Key
key_of(const Tree *tree, NodeId node)
{
    Key key = {.node = node};
    key.at = tree_text(tree, node, &key.len);
    return key;
}

static bool
is_same(const Key *a, const Key *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static void
report(const Search *search, const Key *key, NodeId first)
{
    Pos pos = tree_pos(search->tree, key->node);
    if (!diag_is_kept(search->diags, DIAG_ERROR, pos)) {
        diag_add(search->diags, DIAG_ERROR, pos, NULL, "duplicate key");
        return;
    }
    Pos before = tree_pos(search->tree, first);
    diag_add(search->diags, DIAG_ERROR, pos, "remove one of the two",
        "duplicate key \"%.*s\", first at line %u", (int)(key->len < 128 ? key->len : 128),
        key->at, before.line);
}

static void
compare_few(const Search *search, const Key *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (is_same(&keys[i], &keys[j])) {
                report(search, &keys[i], keys[j].node);
                break;
            }
        }
    }
}

static void
compare_many(Search *search, Arena *arena, NodeId mapping, size_t n)
{
    size_t size = 64;
    while (size < n * 2)
        size *= 2;
    if (size > search->size) {
        search->slots = arena_array(arena, size, sizeof *search->slots);
        search->size = size;
    } else {
        memset(search->slots, 0, size * sizeof *search->slots);
    }
    NodeId key = 0, value = 0;
    while (tree_pair(search->tree, mapping, &key, &value)) {
        Key it = key_of(search->tree, key), other;
        NodeId *slot = &search->slots[(size_t)pool_hash(it.at, it.len) & (size - 1)];
        for (; *slot != 0; slot = slot + 1 == search->slots + size ? search->slots : slot + 1) {
            other = key_of(search->tree, *slot);
            if (is_same(&other, &it))
                break;
        }
        if (*slot != 0)
            report(search, &it, *slot);
        else
            *slot = key;
    }
}

void
duplicate_report(Arena *arena, const Tree *tree, Diags *diags)
{
    Search search = {.tree = tree, .diags = diags};
    for (NodeId node = 0; node < tree_nodes(tree); node++) {
        if (tree_kind(tree, node) != NODE_MAPPING)
            continue;
        Key few[FEW];
        size_t n = 0;
        NodeId key = 0, value = 0;
        while (tree_pair(tree, node, &key, &value)) {
            if (n < FEW)
                few[n] = key_of(tree, key);
            n++;
        }
        if (n <= FEW)
            compare_few(&search, few, n);
        else
            compare_many(&search, arena, node, n);
    }
}
