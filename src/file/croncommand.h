#ifndef FILE_CRONCOMMAND_H
#define FILE_CRONCOMMAND_H

#include "base/arena.h"

/*
 * A name from what a shell line is there to run: "mysqldump", "artisan-schedule-run"; "job"
 * when there is no telling.  *detail: what else tells it from others that run the same, or
 * NULL.
 */
const char *croncommand_name(Arena *arena, const char *command, const char **detail);

#endif
