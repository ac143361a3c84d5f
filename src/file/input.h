#ifndef FILE_INPUT_H
#define FILE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/diag.h"

/*
 * The bytes of a file, or of standard input for "-" and /dev/stdin.  Only regular files (never
 * waits for a FIFO), at most max_bytes, unchanged while they are read.  Fails with ERR_INPUT.
 * Where others may replace or change the file, diags get a warning.
 */
bool input_read(Arena *arena, const char *path, size_t max_bytes, char **at, size_t *len,
    Diags *diags, Error *error);

#endif
