#ifndef FILE_CRONCOMMENT_H
#define FILE_CRONCOMMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "file/cronentry.h"

/* What a comment line of a crontab is for. */
typedef enum {
    COMMENT_EMPTY,    /* no letter, no digit */
    COMMENT_HEADER,   /* of a program; those right above it are its own, too */
    COMMENT_NAME,     /* "# clock job: NAME" gives the entry below its name */
    COMMENT_DISABLED, /* an entry, switched off by the '#' */
    COMMENT_TEXT
} CommentKind;

#define CRONCOMMENT_NAME "clock job: "

typedef struct {
    CommentKind kind;
    bool heading;     /* it was framed: "#---- backups ----" */
    const char *text; /* without the '#' and what frames it; of COMMENT_NAME the name */
} Comment;

/* `line` begins with the '#'.  For COMMENT_DISABLED entry and remark are filled as by
 * cronentry_read; for others they may hold anything. */
Comment croncomment_read(Arena *arena, const CrontabOptions *options, const char *line,
    CrontabEntry *entry, CrontabRemark *remark);

/* A name that the n comments above an entry suggest, or NULL. */
const char *croncomment_title(Arena *arena, const Comment *comments, size_t n);

#endif
