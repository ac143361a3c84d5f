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

static Key
key_of(const Tree *tree, NodeId node)
{
    TreeText text;
    tree_text(tree, node, &text);
    return (Key){.at = text.at, .len = text.len, .node = node};
}

static bool
is_same(const Key *a, const Key *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static void
report(const Tree *tree, const Key *key, NodeId first, Diags *diags)
{
    Pos pos = tree_pos(tree, key->node);
    if (!diag_is_kept(diags, DIAG_ERROR, pos)) {
        diag_add(diags, DIAG_ERROR, pos, NULL, "duplicate key");
        return;
    }
    diag_add(diags, DIAG_ERROR, pos, "remove one of the two",
        "duplicate key \"%.*s\", first at line %u", (int)(key->len < 128 ? key->len : 128),
        key->at, tree_pos(tree, first).line);
}

DuplicateKey
duplicate_key(NodeId node, const char *at, size_t len)
{
    uint32_t print = (uint32_t)len << 16;
    if (len > 0)
        print ^= (uint32_t)(unsigned char)at[0] << 8 ^ (uint32_t)(unsigned char)at[len - 1];
    return (DuplicateKey){.node = node, .print = print};
}

static void
compare_few(const Tree *tree, const DuplicateKey *keys, size_t n, Diags *diags)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (keys[i].print != keys[j].print)
                continue;
            Key one = key_of(tree, keys[j].node), other = key_of(tree, keys[i].node);
            if (!is_same(&one, &other))
                continue;
            report(tree, &other, keys[j].node, diags);
            break;
        }
    }
}

static void
make_room(Duplicates *room, Arena *arena, size_t size)
{
    if (size <= room->size) {
        memset(room->slots, 0, size * sizeof *room->slots);
        return;
    }
    room->slots = arena_array(arena, size, sizeof *room->slots);
    room->size = size;
}

void
duplicate_report(Duplicates *room, Arena *arena, const Tree *tree, const DuplicateKey *keys,
    size_t n, Diags *diags)
{
    if (n <= FEW) {
        compare_few(tree, keys, n, diags);
        return;
    }
    size_t size = 64;
    while (size < n * 2)
        size *= 2;
    make_room(room, arena, size);
    for (size_t i = 0; i < n; i++) {
        Key key = key_of(tree, keys[i].node);
        size_t at = (size_t)pool_hash(key.at, key.len) & (size - 1);
        for (; room->slots[at] != 0; at = (at + 1) & (size - 1)) {
            Key other = key_of(tree, room->slots[at]);
            if (is_same(&other, &key))
                break;
        }
        if (room->slots[at] != 0)
            report(tree, &key, room->slots[at], diags);
        else
            room->slots[at] = keys[i].node;
    }
}
