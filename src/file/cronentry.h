#ifndef FILE_CRONENTRY_H
#define FILE_CRONENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/crondaemon.h"
#include "file/cronremark.h"
#include "time/zone.h"

typedef enum {
    CRONTAB_USER,  /* as `crontab -l` prints it */
    CRONTAB_SYSTEM /* /etc/crontab, /etc/cron.d: a user stands before the command */
} CrontabKind;

/* The queue of a user's jobs: worked by a `clock work` that runs as that user. */
#define CRONTAB_QUEUE_PREFIX "user-"

typedef struct {
    CrontabKind kind;
    CrontabDaemon daemon;
    const char *zone; /* of the host whose crontab it is; must be loadable */
} CrontabOptions;

typedef struct {
    const char *path;
    Pos pos;
    uint32_t schedule_col;
    const char *name; /* given by cronname_give; before that what a comment asks for, or NULL */
    size_t named_by;  /* the index of that comment's remark */
    const char *schedule; /* as the Clockfile has it */
    const Zone *zone;
    const char *user;    /* NULL in a user's crontab */
    const char *command; /* what the shell gets */
    const char *input;   /* its standard input without the last line break, or NULL */
    const char *shell;
    const char *const *env; /* NAME=VALUE, NULL-terminated, in the order of their coming */
    int64_t jitter_s;
    const char *description; /* the comment above it, or NULL */
    const char *title;       /* a name that the comment suggests, or NULL */
    bool enabled;
} CrontabEntry;

/*
 * Reads a line that is neither blank, nor a comment, nor a variable: fills schedule, enabled,
 * user, command and input of the entry, and what there is to say in the remark.  False when it
 * is refused; the remark then has the column.
 */
bool cronentry_read(Arena *arena, const CrontabOptions *options, const char *line,
    CrontabEntry *entry, CrontabRemark *remark);

#endif
