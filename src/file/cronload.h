#ifndef FILE_CRONLOAD_H
#define FILE_CRONLOAD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/clockfile.h"
#include "file/crontab.h"
#include "file/diag.h"

/* The crontab as a Clockfile, with places in the crontab.  Remarks become problems: what was
 * refused an error, what needs a decision a warning.  `path` may be "-".  Fails as
 * clockfile_load does, and with ERR_NO when no line is an entry. */
bool cronload_file(Arena *arena, const char *path, const CrontabOptions *options,
    Clockfile **out, Diags *diags, Error *error);

#endif
