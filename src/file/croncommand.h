#ifndef FILE_CRONCOMMAND_H
#define FILE_CRONCOMMAND_H

#include <stddef.h>

#include "base/arena.h"

#define CRONCOMMAND_DETAILS 9

/* What a shell line is there to run, as parts of a name (see cronslug_part). */
typedef struct {
    const char *name; /* "mysqldump", "artisan-schedule-run"; "job" when there is no telling */
    const char *details[CRONCOMMAND_DETAILS]; /* what tells it from others that run the same */
    size_t n;
} CronCommand;

CronCommand croncommand_read(Arena *arena, const char *command);

#endif
