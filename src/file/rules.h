#ifndef FILE_RULES_H
#define FILE_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "file/reader.h"
#include "plan/schedule.h"

/* The schedules of one Clockfile: those with names, and every distinct one read once. */
typedef struct Rules Rules;

/* In one union, and in all of a file together (each exclusion counts as one). */
#define RULES_MAX_UNION 100
#define RULES_MAX_PARTS 4000000

/* What stands around a schedule, in the job or under `defaults:`; 0: not given. */
typedef struct {
    const char *job; /* what H hashes */
    const Zone *zone;
    NodeId starts, ends, exclude;
} Around;

/* A schedule as a job holds it. */
typedef struct {
    const Schedule *schedule;
    const char *spec; /* canonical text */
    uint64_t spec_hash;
    const char *written; /* for people */
} Planned;

Rules *rules_new(Reader *reader);

/* Reads the mapping under `schedules:`; reports what is wrong in it, once. */
void rules_read_named(Rules *rules, NodeId mapping, const Zone *zone);

/* Reads a schedule: text, mapping, name or list.  Equal ones share everything.  False: it is
 * wrong, and was reported. */
bool rules_read(Rules *rules, NodeId node, const Around *around, Planned *out);

/* Reports what is wrong with starts, ends and exclude, and sets those to 0, so that it is said
 * where they stand and not once for every schedule inside. */
void rules_check_around(Rules *rules, Around *around);

#endif
