#ifndef FILE_CRONVARIABLE_H
#define FILE_CRONVARIABLE_H

#include <stdbool.h>

#include "file/cronentry.h"

/* The variables in force at one place of a crontab, and what they mean to the jobs below. */
typedef struct {
    Arena *arena;
    const CrontabOptions *options;
    Zones *zones;
    const Zone *host; /* its zone */
    size_t *kept;     /* by the entries of all files so far */
    const char **env; /* NAME=VALUE */
    size_t n, cap;
    const char *const *shared; /* env, NULL-terminated, once an entry has it; else NULL */
    const char *shell;
    const Zone *zone;
    uint32_t unknown_zone; /* the line of a CRON_TZ that is no zone; 0: none */
    int64_t jitter_s;
} CronVariables;

/* Those that hold at the top of a file. */
CronVariables cronvariable_none(
    Arena *arena, const CrontabOptions *options, Zones *zones, size_t *kept);

/* Reads a line that sets one, and fills the remark; false: it sets none. */
bool cronvariable_read(CronVariables *variables, const char *line, CrontabRemark *remark);

/* Gives an entry the environment, shell, zone and jitter in force; false: refused, the remark
 * says why. */
bool cronvariable_apply(CronVariables *variables, CrontabEntry *entry, CrontabRemark *remark);

#endif
