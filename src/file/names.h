#ifndef FILE_NAMES_H
#define FILE_NAMES_H

#include <stdbool.h>

#include "file/reader.h"

/* Names of Clockfiles, jobs, queues, schedules and tags: letter, digit or _ first, then
 * letters, digits, _ . : and -, at most CLOCKFILE_MAX_NAME bytes. */

/* Holds the name at `node` against the rule; `what` is "job", "queue", ...  Reports what is
 * wrong, and warns of a name that some YAML readers do not take for text. */
bool names_check(const Reader *reader, const char *what, NodeId node, const Scalar *name);

/* The name behind a key, kept in reader->arena; false when it was reported. */
bool names_read(Reader *reader, KeyId key, NodeId node, const char **out);

#endif
