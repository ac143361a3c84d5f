#ifndef FILE_CRONSLUG_H
#define FILE_CRONSLUG_H

#include <stdbool.h>

#include "base/arena.h"

/* The text as a name: lower case, letters and digits parted by '-'; NULL when too little is
 * left of it, or too much. */
const char *cronslug_make(Arena *arena, const char *text);

/* The same as a part of a name: it may begin with a digit. */
const char *cronslug_part(Arena *arena, const char *text);

/* True for what may be the name of a job. */
bool cronslug_is_name(const char *text);

#endif
