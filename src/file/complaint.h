#ifndef FILE_COMPLAINT_H
#define FILE_COMPLAINT_H

#include <stddef.h>

#include "base/arena.h"
#include "file/diag.h"
#include "file/source.h"

/* Where and over what the YAML reader stopped, in its own words. */
typedef struct {
    const char *problem; /* never NULL */
    const char *context; /* what it was doing; "" when it does not say */
    size_t at;           /* byte offsets */
    size_t context_at;
} Complaint;

/* Reports it in words for people, where they have to look.  The arena is for scratch. */
void complaint_add(
    Arena *arena, const Source *source, const Complaint *complaint, Diags *diags);

#endif
