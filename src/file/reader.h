#ifndef FILE_READER_H
#define FILE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
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

/* A character in quotes; beyond ASCII with its number, since it may look like another. */
const char *reader_show_char(const Reader *reader, const char *at);

/* A scalar's text with ${VAR} and ${VAR:-default} answered from the environment, when that is
 * the whole of it. */
typedef struct {
    const char *at; /* not NUL-terminated */
    size_t len;
    bool plain;    /* without quotes, or from the environment */
    bool expanded; /* offsets into it say nothing about the file */
} Scalar;

/* True with *out set; else what is there instead was reported (but for NODE_BAD, which was
 * reported before). */
bool reader_scalar(Reader *reader, KeyId key, NodeId node, Scalar *out);

/* Reports a node that is not of that kind: `"jobs" must be a mapping, not a list`. */
bool reader_expects(Reader *reader, KeyId key, NodeId node, NodeKind kind, const char *hint);

/* Reports a key that its level does not have, with what was probably meant (see keys_hint). */
void reader_refuse_key(Reader *reader, unsigned level, const TreePair *pair, KeyId *meant);

#endif
