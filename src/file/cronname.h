#ifndef FILE_CRONNAME_H
#define FILE_CRONNAME_H

#include <stdbool.h>

#include "base/arena.h"
#include "file/crontab.h"

/* The text as a name: lower case, letters and digits parted by '-'; NULL when too little is
 * left of it, or too much. */
const char *cronname_slug(Arena *arena, const char *text);

/* The same as a part of a name: it may begin with a digit. */
const char *cronname_part(Arena *arena, const char *text);

/* True for what may be the name of a job. */
bool cronname_is_name(const char *text);

/* Gives every entry a name of its own: the one that its comment or its command suggests, where
 * that is free.  It hangs on the entry itself as far as it can, so that another line in the
 * crontab renames as few as possible. */
void cronname_give(Crontab *crontab);

#endif
