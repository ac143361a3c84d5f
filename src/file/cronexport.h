#ifndef FILE_CRONEXPORT_H
#define FILE_CRONEXPORT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "file/clockfile.h"
#include "file/cronentry.h"

typedef struct {
    size_t said;   /* jobs that the crontab has */
    size_t partly; /* of these: with keys that a crontab does not have */
    size_t left;   /* jobs that it cannot have */
} CrontabExport;

/*
 * Writes the jobs of a Clockfile as a crontab, in the order of the file; a job whose fires no
 * crontab can say is left out.  `report` gets a line for each job that is not said in full.
 * options->kind CRONTAB_SYSTEM: with a user column; CRONTAB_USER is raised to it when every job
 * has a queue "user-NAME".  options->zone: of the host where the crontab will be.
 */
CrontabExport cronexport_write(Arena *arena, const Clockfile *file,
    const CrontabOptions *options, Text *text, Text *report);

#endif
