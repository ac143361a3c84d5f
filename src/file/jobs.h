#ifndef FILE_JOBS_H
#define FILE_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "file/clockfile.h"
#include "file/reader.h"
#include "file/rules.h"

/* What a job is before its own keys are read: clock's defaults, then those of the file. */
typedef struct {
    Job job;
    Around around;
} JobDraft;

/* Clock's own defaults, from the table of keys: what a job without keys would be.  `brief` is
 * for what is needed meanwhile. */
Job jobs_standard(Arena *brief);

/* Reads the mapping under `defaults:` over them; reports what is wrong in it. */
void jobs_read_defaults(Reader *reader, Rules *rules, NodeId mapping, JobDraft *defaults);

/* Reads the mapping under `jobs:` into a new array in reader->arena, sorted by name; reports
 * what is wrong. */
Job *jobs_read(
    Reader *reader, Rules *rules, NodeId mapping, const JobDraft *defaults, size_t *n);

#endif
