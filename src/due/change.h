#ifndef DUE_CHANGE_H
#define DUE_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "due/dispatch.h"
#include "file/clockfile.h"

/* What putting a Clockfile in force does to the rules that the database knows. */
typedef struct {
    const Job **put; /* added, or with another schedule: since becomes the moment of change */
    size_t n_put;
    size_t n_added; /* the first n_added of `put` are new names */
    const char **removed;
    size_t n_removed;
    Miss *misses; /* what the old rules still owed */
    size_t n_misses;
    int64_t next_due_s; /* INT64_MAX: none */
} Change;

/*
 * Compares the file with the rules in force.  at_s is the moment of change, read under the
 * horizon's lock; fired_through_s the horizon.  Who raises `since` accounts for what it jumps
 * over: a removed or changed job's old schedule is read back (its zones through `zones`) and
 * what it owed up to at_s recorded; one that this binary cannot read is recorded with count -1.
 * A pause survives an edit.
 */
void change_make(Arena *arena, Zones *zones, const Clockfile *file, const JobRow *rows,
    size_t n_rows, int64_t fired_through_s, int64_t at_s, Change *change);

/* True when the file has a job, enabled or not, of one of these names. */
bool change_shares(const Clockfile *file, const JobRow *rows, size_t n_rows);

#endif
