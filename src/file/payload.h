#ifndef FILE_PAYLOAD_H
#define FILE_PAYLOAD_H

#include <stdbool.h>

#include "file/reader.h"

/* The value at a node as JSON text, in reader->arena: numbers digit by digit as they stand,
 * text that only some YAML readers take for a number or boolean as text (with a warning).
 * Reports what JSON or PostgreSQL's jsonb cannot hold, and more than CLOCKFILE_MAX_PAYLOAD
 * bytes. */
bool payload_read(Reader *reader, NodeId node, const char **out);

#endif
