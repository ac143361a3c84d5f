#ifndef FILE_CRONTIME_H
#define FILE_CRONTIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "file/crondaemon.h"
#include "file/cronremark.h"

/* What the time fields of a crontab line become. */
typedef struct {
    CrontabOutcome outcome; /* CRONTAB_CONVERTED, _DECISION or _REFUSED */
    const char *schedule;   /* for the Clockfile; NULL when refused */
    bool enabled;           /* false: no daemon ever ran it */
    bool differs;           /* converted, but a daemon reads it otherwise */
    const char *text;       /* what to know, or NULL */
    const char *hint;       /* what to do, or NULL */
    size_t at;              /* of what is refused: the byte to point at */
} Crontime;

/* Judges five fields or a macro, with single blanks between them. */
Crontime crontime_judge(Arena *arena, CrontabDaemon daemon, const char *fields);

#endif
