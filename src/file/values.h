#ifndef FILE_VALUES_H
#define FILE_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/diag.h"
#include "file/keys.h"
#include "file/pool.h"
#include "file/tree.h"
#include "time/zone.h"

/* The reading of one Clockfile. */
typedef struct {
    Arena *arena;   /* what the Clockfile keeps */
    Arena *scratch; /* what is needed until the whole file is read */
    Arena *brief;   /* what is needed for one job; reset after each */
    const Tree *tree;
    Diags *diags;
    Pool *texts;      /* in `arena`: texts that many jobs share */
    Text json;        /* in `scratch`: a payload that is being written */
    Pool *zone_names; /* in `scratch`: entry->known is a ZoneAnswer */
    Zones *zones;
    size_t zones_refused; /* different names that are no zone */
    uint64_t environment; /* a hash of what ${...} was answered with */
} Reader;

/* Reports a problem at a node; hint may be NULL. */
void reader_refuse(const Reader *reader, NodeId node, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Bytes as they are shown in a message: escaped, and cut after some 60; in the brief arena. */
const char *reader_show(const Reader *reader, const char *at, size_t len);

/* A scalar's text with ${VAR} and ${VAR:-default} answered from the environment, when that is
 * the whole of it. */
typedef struct {
    const char *at; /* not NUL-terminated */
    size_t len;
    bool plain;    /* without quotes, or from the environment */
    bool expanded; /* offsets into it say nothing about the file */
} Scalar;

/*
 * Typed readers.  Each returns true with *out set, or reports what is wrong at the node (but
 * for NODE_BAD, which was reported before) and leaves *out alone.  Texts that are handed out
 * live in reader->arena, those of value_text in the brief arena.
 */
bool value_scalar(Reader *reader, KeyId key, NodeId node, Scalar *out);
bool value_text(Reader *reader, KeyId key, NodeId node, const char **out);
bool value_name(Reader *reader, KeyId key, NodeId node, const char **out);
bool value_number(Reader *reader, KeyId key, NodeId node, int64_t *out);
bool value_span(Reader *reader, KeyId key, NodeId node, int64_t *out_s);
bool value_timeout(Reader *reader, KeyId key, NodeId node, int64_t *out_s); /* none: 0 */
bool value_backoff(Reader *reader, NodeId node, int64_t *first_s, int64_t *longest_s);
bool value_word(Reader *reader, KeyId key, NodeId node, int *out); /* its place in key.words */
bool value_bool(Reader *reader, KeyId key, NodeId node, bool *out);
bool value_zone(Reader *reader, KeyId key, NodeId node, const Zone **out);

/* Reports a node that is not of that kind: `"jobs" must be a mapping, not a list`. */
bool value_is(Reader *reader, KeyId key, NodeId node, NodeKind kind, const char *hint);

/* Reports a key that its level does not have, with what was probably meant (see keys_hint). */
void value_refuse_key(Reader *reader, unsigned level, const TreePair *pair, KeyId *meant);

/* Reads 10s..1h, or 10s, which leaves *longest_s as it is unless it is shorter.  Fails with
 * ERR_INPUT and a hint. */
bool value_read_backoff(
    Arena *arena, const char *text, int64_t *first_s, int64_t *longest_s, Error *error);

/* Holds the key at `node` against the rule of names; `what` is "job", "queue", ...  Reports. */
bool value_check_name(const Reader *reader, const char *what, NodeId node, const Scalar *name);

#endif
