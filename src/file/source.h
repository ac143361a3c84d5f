#ifndef FILE_SOURCE_H
#define FILE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/diag.h"

/* The bytes of a file as text: checked, and each offset with its line and column. */
typedef struct {
    const char *at; /* behind the byte order mark, when there is one */
    size_t len;
    bool ascii; /* an offset in bytes is one in characters */
    bool plain; /* ASCII, and no control characters but tab, LF and CR LF */
    const struct SourceMark *marks;
} Source;

/* A view of len bytes at `at`, which must stay; the rest lives in the arena. */
Source source_new(Arena *arena, const char *at, size_t len);

/* True when the text is UTF-8 without control characters (but tab and line breaks); else the
 * first character that is wrong is reported. */
bool source_check(const Source *source, Diags *diags);

/* The place of a byte offset, 0..len.  Lines end at LF, CR LF or CR; columns count characters
 * (code points) from 1; a byte order mark is no column. */
Pos source_pos(const Source *source, size_t offset);

#endif
