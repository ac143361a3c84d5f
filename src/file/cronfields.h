#ifndef FILE_CRONFIELDS_H
#define FILE_CRONFIELDS_H

#include <stdbool.h>

#include "base/arena.h"
#include "file/clockfile.h"
#include "file/crondaemon.h"

/*
 * One line of a job's canonical schedule, "cron 30 2 * * *; zone UTC", as crontab fields and a
 * zone; as the Clockfile has it where that means the same.  False: no crontab of that daemon
 * can say it.
 */
bool cronfields_say(Arena *arena, CrontabDaemon daemon, const Job *job, const char *rule,
    const char **fields, const char **zone);

#endif
