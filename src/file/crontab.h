#ifndef FILE_CRONTAB_H
#define FILE_CRONTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/clockfile.h"
#include "file/diag.h"
#include "time/zone.h"

/*
 * Crontabs, read as Debian's cron and cronie read them, with an account of every line.  Nothing
 * is guessed in silence: what the daemons read differently, or run otherwise than it looks, is
 * told and left to a person.
 */
typedef enum {
    CRONTAB_USER,  /* as `crontab -l` prints it */
    CRONTAB_SYSTEM /* /etc/crontab, /etc/cron.d: a user stands before the command */
} CrontabKind;

/* The queue of a user's jobs: worked by a `clock work` that runs as that user. */
#define CRONTAB_QUEUE_PREFIX "user-"

/* Under which daemon the crontab runs. */
typedef enum {
    CRONTAB_EITHER, /* unknown: where they differ Debian's reading is taken, and that is told */
    CRONTAB_DEBIAN,
    CRONTAB_CRONIE
} CrontabDaemon;

typedef struct {
    CrontabKind kind;
    CrontabDaemon daemon;
    const char *zone; /* of the host whose crontab it is; must be loadable */
} CrontabOptions;

/* What became of a line. */
typedef enum {
    CRONTAB_CONVERTED,
    CRONTAB_LEFT,     /* left out, and nothing is lost by that */
    CRONTAB_DECISION, /* converted in one of two ways: a person has to say which is meant */
    CRONTAB_REFUSED
} CrontabOutcome;

/* One account of a line. */
typedef struct {
    const char *path;
    Pos pos; /* line 0: of the file as a whole */
    CrontabOutcome outcome;
    size_t entry;     /* the job that the line went to: an index, or CRONTAB_NO_ENTRY */
    const char *what; /* "", "description of"; with entry, its name follows */
    const char *text; /* what to know about it, escaped already; "" for nothing */
    const char *hint; /* what to do, or NULL */
    bool differs;     /* converted, but a daemon reads it otherwise */
} CrontabRemark;

#define CRONTAB_NO_ENTRY ((size_t)-1)

typedef struct {
    const char *path;
    Pos pos;
    uint32_t schedule_col;
    const char *name; /* given by cronname_give; before that what a comment asks for, or NULL */
    size_t named_by;  /* the index of that comment's remark */
    const char *schedule; /* as the Clockfile has it */
    const Zone *zone;
    const char *user;    /* NULL in a user's crontab */
    const char *command; /* what the shell gets */
    const char *input;   /* its standard input without the last line break, or NULL */
    const char *shell;
    const char *const *env; /* NAME=VALUE, NULL-terminated, in the order of their coming */
    int64_t jitter_s;
    const char *description; /* the comment above it, or NULL */
    const char *title;       /* a name that the comment suggests, or NULL */
    bool enabled;
} CrontabEntry;

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
