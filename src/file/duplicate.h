#ifndef FILE_DUPLICATE_H
#define FILE_DUPLICATE_H

#include "base/arena.h"
#include "file/diag.h"
#include "file/tree.h"

/* Reports every key that stands twice in one mapping, at any level (YAML 1.2.2, 3.2.1.1:
 * keys are unique; libyaml does not look).  Near linear.  The arena is for scratch. */
void duplicate_report(Arena *arena, const Tree *tree, Diags *diags);

#endif
