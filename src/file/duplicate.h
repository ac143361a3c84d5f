#ifndef FILE_DUPLICATE_H
#define FILE_DUPLICATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/diag.h"
#include "file/tree.h"

/* A key and a rough print of its text: equal texts have equal prints. */
typedef struct {
    NodeId node;
    uint32_t print;
} DuplicateKey;

DuplicateKey duplicate_key(NodeId node, const char *at, size_t len);

/* Room for looking, used again for every mapping; all zero at first. */
typedef struct {
    NodeId *slots;
    size_t size;
} Duplicates;

/* Reports every one of a mapping's n keys that stood before (YAML 1.2.2, 3.2.1.1: keys are
 * unique; libyaml does not look).  Near linear.  The arena is for the room. */
void duplicate_report(Duplicates *room, Arena *arena, const Tree *tree,
    const DuplicateKey *keys, size_t n, Diags *diags);

#endif
