#ifndef FILE_CRONENTRY_H
#define FILE_CRONENTRY_H

#include <stdbool.h>

#include "file/crontab.h"

/*
 * Reads a line that is neither blank, nor a comment, nor a variable: fills schedule, enabled,
 * user, command and input of the entry, and what there is to say in the remark.  False when it
 * is refused; the remark then has the column.
 */
bool cronentry_read(Arena *arena, const CrontabOptions *options, const char *line,
    CrontabEntry *entry, CrontabRemark *remark);

#endif
