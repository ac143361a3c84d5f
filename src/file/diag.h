#ifndef FILE_DIAG_H
#define FILE_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/* The problems of one file, each with its place.  A file is judged whole: all of them in one
 * run. */

typedef struct {
    uint32_t line, col; /* from 1, columns in code points; {0, 0}: the whole file */
} Pos;

typedef enum { DIAG_ERROR, DIAG_WARNING } DiagLevel;

typedef struct {
    Pos pos;
    DiagLevel level;
    const char *text; /* `unknown key "querue"`, escaped already */
    const char *hint; /* `did you mean "queue"?`, or NULL */
} Diag;

typedef struct Diags Diags;

/* The most that are shown; the rest are counted. */
#define DIAG_SHOWN 20

/* `file` is named in every line; copied. */
Diags *diags_new(Arena *arena, const char *file);

/* Adds one; text and hint are escaped (diag_escape) and cut when they are very long.  hint may
 * be NULL. */
void diag_add(Diags *diags, DiagLevel level, Pos pos, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Adds that there was no memory to read the file: what is wrong is not the file. */
void diag_memory(Diags *diags);

/* False when so many problems before this place are known that one more here would only be
 * counted: a costly hint need not be looked for. */
bool diag_is_kept(const Diags *diags, DiagLevel level, Pos pos);

size_t diags_errors(const Diags *diags);
size_t diags_warnings(const Diags *diags);
bool diags_no_memory(const Diags *diags);
const char *diags_file(const Diags *diags);

/* All kept ones in the order of their places (at most DIAG_SHOWN of each level are kept). */
size_t diags_list(const Diags *diags, const Diag **out);

/* `FILE:LINE:COL: error: WHAT; HINT`, a line each, at most DIAG_SHOWN, errors before warnings
 * when there is no room for both, then "FILE: and N more". */
void diags_write(const Diags *diags, Text *text);

/* text_add_safe, with line breaks and tabs as \n, \r and \t. */
void diag_escape(Text *text, const char *at, size_t len);

#endif
