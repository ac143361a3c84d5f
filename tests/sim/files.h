#ifndef SIM_FILES_H
#define SIM_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/clockfile.h"
#include "random.h"

/* The Clockfiles of a simulation, and an oracle of when their jobs are due that shares no line
 * with src/: a few kinds of schedules, each with arithmetic of its own. */

#define SIM_JOBS 12
#define SIM_SPECS 40

typedef struct {
    char text[64];         /* as a Clockfile says it */
    const char *canonical; /* as the database keeps it; NULL: not read yet */
    int64_t every_s, phase_s;
    uint64_t minutes; /* when every_s is 0: crontab fields, in UTC */
    uint32_t hours, weekdays;
} Spec;

/* The least instant after after_s. */
int64_t spec_next(const Spec *spec, int64_t after_s);
bool spec_is_due(const Spec *spec, int64_t at_s);

typedef struct {
    const Spec *spec; /* NULL: the file has no such job */
    bool enabled;
    bool solo; /* overlap: skip */
    MissedPolicy missed;
    int32_t limit;
    int64_t within_s;
    int payload; /* says nothing about when */
} JobLine;

/* One text that a Clockfile may have. */
typedef struct {
    JobLine jobs[SIM_JOBS];
    bool good; /* a bad one must be refused */
    uint64_t revision;
    const char *text;
    size_t len;
} FileText;

typedef struct {
    Arena *arena;
    Spec specs[SIM_SPECS];
    int n_specs;
    const FileText *sets[512];
    int n_sets;
} Files;

/* Schedules of about `fires` instants in span_s, for as many jobs as are wanted. */
void files_plan(Files *files, Arena *arena, Random *random, int64_t span_s, int64_t fires);

/* A first file of n jobs; one made of another by a few edits. */
const FileText *files_first(Files *files, Random *random, int n);
const FileText *files_edit(Files *files, Random *random, const FileText *from);

/* Its first bytes only, cut anywhere: some jobs less, or nothing that can be read. */
const FileText *files_cut(Files *files, Random *random, const FileText *from);

/* Reads a text as `clock run` does.  False: it is wrong, as it should be when
 * it is not good. */
bool files_load(Files *files, Arena *arena, const FileText *set, Clockfile **out, Diags *diags,
    Error *error);

/* The one that a revision stands for. */
const FileText *files_find(const Files *files, uint64_t revision);

/* The schedule of that canonical text. */
const Spec *files_spec(const Files *files, const char *canonical);

/* j0 .. j11 */
const char *job_name(int job);
int job_number(const char *name);

#endif
