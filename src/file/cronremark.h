#ifndef FILE_CRONREMARK_H
#define FILE_CRONREMARK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "file/diag.h"

/* What became of a line. */
typedef enum {
    CRONTAB_CONVERTED,
    CRONTAB_LEFT,     /* left out, and nothing is lost by that */
    CRONTAB_DECISION, /* converted in one of two ways: a person has to say which is meant */
    CRONTAB_REFUSED
} CrontabOutcome;

/* One account of a line. */
typedef struct {
    const char *path;
    Pos pos; /* line 0: of the file as a whole */
    CrontabOutcome outcome;
    size_t entry;     /* the job that the line went to: an index, or CRONTAB_NO_ENTRY */
    const char *what; /* "", "description of"; with entry, its name follows */
    const char *text; /* what to know about it, escaped already; "" for nothing */
    const char *hint; /* what to do, or NULL */
    bool differs;     /* converted, but a daemon reads it otherwise */
} CrontabRemark;

#define CRONTAB_NO_ENTRY ((size_t)-1)

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
