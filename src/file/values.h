#ifndef FILE_VALUES_H
#define FILE_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "file/reader.h"

/*
 * Typed readers.  Each returns true with *out set, or reports what is wrong at the node (but
 * for NODE_BAD, which was reported before) and leaves *out alone.  Texts live in the brief
 * arena.
 */
bool value_text(Reader *reader, KeyId key, NodeId node, const char **out);
bool value_number(Reader *reader, KeyId key, NodeId node, int64_t *out);
bool value_span(Reader *reader, KeyId key, NodeId node, int64_t *out_s);
bool value_timeout(Reader *reader, KeyId key, NodeId node, int64_t *out_s); /* none: 0 */
bool value_backoff(Reader *reader, NodeId node, int64_t *first_s, int64_t *longest_s);
bool value_word(Reader *reader, KeyId key, NodeId node, int *out); /* its place in key.words */
bool value_bool(Reader *reader, KeyId key, NodeId node, bool *out);
bool value_zone(Reader *reader, KeyId key, NodeId node, const Zone **out);

/* Reads 10s..1h, or 10s, which leaves *longest_s as it is unless it is shorter.  Fails with
 * ERR_INPUT and a hint. */
bool value_read_backoff(
    Arena *arena, const char *text, int64_t *first_s, int64_t *longest_s, Error *error);

#endif
