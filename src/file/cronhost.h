#ifndef FILE_CRONHOST_H
#define FILE_CRONHOST_H

#include "base/arena.h"

/* The zone of this host by /etc/localtime, else /etc/timezone, else "UTC"; *from (may be NULL)
 * gets which of them said so. */
const char *cronhost_zone(Arena *arena, const char **from);

#endif
