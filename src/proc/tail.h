#ifndef PROC_TAIL_H
#define PROC_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* The last of what a command has written: a ring, filled straight from its pipe. */

#define TAIL_BYTES (64u * 1024)

typedef struct {
    char *at;      /* TAIL_BYTES of an arena */
    uint64_t seen; /* bytes in all */
} Tail;

Tail tail_new(Arena *arena);

/* Forgets what it holds. */
void tail_reset(Tail *tail);

/* Reads once from fd, which does not block: how many bytes; 0 at the end of file; -1 with
 * errno.
 */
long tail_read(Tail *tail, int fd);

/*
 * What it holds as a new string that any text column takes: valid UTF-8 (RFC 3629), no NUL,
 * what is not so replaced by U+FFFD; a character cut in two at its beginning is left out.  At
 * most TAIL_BYTES; NULL when nothing was written.
 */
char *tail_text(const Tail *tail, Arena *arena);

#endif
