#ifndef FILE_CRONTAB_H
#define FILE_CRONTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/cronentry.h"
#include "file/cronremark.h"

/*
 * Crontabs, read as Debian's cron and cronie read them, with an account of every line.  Nothing
 * is guessed in silence: what the daemons read differently, or run otherwise than it looks, is
 * told and left to a person.
 */
typedef struct {
    size_t files, lines, blank, comments, variables;
    size_t entries, disabled; /* disabled ones among the entries */
    size_t decisions, refused;
} CrontabCounts;

typedef struct {
    Arena *arena;
    CrontabOptions options;
    Zones *zones;
    const Zone *zone; /* that of the options */
    CrontabEntry *entries;
    size_t n;
    CrontabRemark *remarks; /* in the order of files and lines */
    size_t n_remarks;
    CrontabCounts counts;
    size_t cap, cap_remarks;
    size_t variables; /* kept for the entries */
} Crontab;

/* An empty one; everything lives in the arena.  Fails with ERR_INPUT when the zone of the
 * options cannot be loaded. */
bool crontab_new(Arena *arena, const CrontabOptions *options, Crontab **out, Error *error);

/* Adds what a file holds; `at` need not stay. */
void crontab_add(Crontab *crontab, const char *path, const char *at, size_t len);

#endif
