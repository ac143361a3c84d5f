#ifndef CMD_DIFFER_H
#define CMD_DIFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/clockfile.h"

/* How two Clockfiles differ, job by job: in their fires and in what the rows would say. */

/* Instants kept of each kind, the first ones. */
#define DIFFER_FIRST 3

typedef struct {
    int64_t n;
    int64_t was_s[DIFFER_FIRST]; /* unused for fires that appear */
    int64_t is_s[DIFFER_FIRST];  /* unused for fires that vanish */
} FireDiffs;

typedef struct {
    const Job *was, *is; /* NULL: not in that file; other names: renamed by the looks of it */
    FireDiffs appear, vanish, move;
    int64_t same;     /* fires in both */
    int64_t shift_s;  /* of all moves; 0: not the same of all */
    const char *keys; /* what else changed: "queue a -> b, payload"; "" for nothing */
} JobDiff;

/*
 * Compares the fires in (from_s, until_s]; *n jobs in the order of their names, those without
 * difference among them.  A fire that vanishes beside one that appears, less than a day apart
 * and no common one between them, has moved.  A job that is gone and one that is new, with the
 * same schedule as written and the same work, are taken for one that was renamed; then every
 * fire vanishes and appears, since a fire is identified by its job's name.
 */
JobDiff *differ_jobs(Arena *arena, const Clockfile *was, const Clockfile *is, int64_t from_s,
    int64_t until_s, size_t *n);

/* True when there is anything to tell. */
bool differ_any(const JobDiff *diff);

#endif
