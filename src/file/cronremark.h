#ifndef FILE_CRONREMARK_H
#define FILE_CRONREMARK_H

#include "base/arena.h"
#include "file/crontab.h"

/* Adds to what is said of a line: its outcome becomes the graver of the two, text and hint go
 * behind what is there.  hint may be NULL; the text must be safe to show. */
void cronremark_add(Arena *arena, CrontabRemark *remark, CrontabOutcome outcome,
    const char *hint, const char *text);

/* The same for a line that stays converted although a daemon reads it otherwise. */
void cronremark_differs(Arena *arena, CrontabRemark *remark, const char *text);

/* A text for a remark: escaped, and cut after some 60 bytes. */
const char *cronremark_show(Arena *arena, const char *text);

/* The column of a byte of a line, in characters from 1. */
uint32_t cronremark_column(const char *line, size_t offset);

#endif
