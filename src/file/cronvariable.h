#ifndef FILE_CRONVARIABLE_H
#define FILE_CRONVARIABLE_H

#include <stdbool.h>

#include "file/crontab.h"

/* The variables in force at one place of a crontab, and what they mean to the jobs below. */
typedef struct {
    Crontab *crontab;
    const char **env; /* NAME=VALUE */
    size_t n, cap;
    const char *const *shared; /* env, NULL-terminated, once an entry has it; else NULL */
    const char *shell;
    const Zone *zone;
    uint32_t unknown_zone; /* the line of a CRON_TZ that is no zone; 0: none */
    int64_t jitter_s;
} CronVariables;

/* Those that hold at the top of a file. */
CronVariables cronvariable_none(Crontab *crontab);

/* Reads a line that sets one, and fills the remark; false: it sets none. */
bool cronvariable_read(CronVariables *variables, const char *line, CrontabRemark *remark);

/* Gives an entry the environment, shell, zone and jitter in force; false: refused, the remark
 * says why. */
bool cronvariable_apply(CronVariables *variables, CrontabEntry *entry, CrontabRemark *remark);

/* What cron and clock work alike give to a command that is told nothing else. */
#define CRON_SHELL "/bin/sh"
#define CRON_PATH "/usr/bin:/bin"
#define CRONIE_PATH "/usr/bin:/bin:/usr/sbin:/sbin"

#endif
