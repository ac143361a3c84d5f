#ifndef FILE_LISTS_H
#define FILE_LISTS_H

#include "file/reader.h"

/* Values of several texts.  Each sets *out to a NULL-terminated array in reader->arena, or
 * reports what is wrong and leaves it alone. */

/* A list: program and arguments; text: a line for /bin/sh -c, as crontab has it. */
bool lists_command(Reader *reader, NodeId node, const char *const **out);

/* A mapping of variables, as "NAME=VALUE", over those of *out (may be
 * NULL), which come after. */
bool lists_env(Reader *reader, NodeId node, const char *const **out);

/* A name or a list of names. */
bool lists_tags(Reader *reader, NodeId node, const char *const **out);

#endif
