#ifndef TIME_ZONEINFO_H
#define TIME_ZONEINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

/* The system's folder of zone files: $TZDIR, else /usr/share/zoneinfo. */
const char *zoneinfo_folder(void);

/*
 * The bytes of the file of that zone, at most 1 MiB, in the arena.  The name is data: of sane
 * characters only, never absolute, never out of the folder (links that its packager put there
 * are followed).  Fails with ERR_INPUT and a hint that says what is likely meant, or which
 * package is missing.
 */
bool zoneinfo_read(Arena *arena, const char *folder, const char *name, unsigned char **bytes,
    size_t *len, Error *error);

#endif
