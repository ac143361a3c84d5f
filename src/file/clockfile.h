#ifndef FILE_CLOCKFILE_H
#define FILE_CLOCKFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/diag.h"
#include "plan/schedule.h"

/* A Clockfile, read and checked: what every command works from.  See clockfile(5). */

#define CLOCKFILE_MAX_BYTES (16u * 1024 * 1024)
#define CLOCKFILE_MAX_NAME 128             /* bytes of a job, queue or schedule name */
#define CLOCKFILE_MAX_PAYLOAD (64u * 1024) /* bytes of a payload as JSON */

typedef enum { MISSED_SKIP, MISSED_LATEST, MISSED_ALL } MissedPolicy;
typedef enum { OVERLAP_ALLOW, OVERLAP_SKIP } OverlapPolicy;

typedef struct {
    const char *name;
    Pos pos;
    const Schedule *schedule; /* shared by all jobs with the same `spec` */
    const char *spec;         /* canonical text of the schedule; shared likewise */
    uint64_t spec_hash;       /* of `spec`: what says when */
    /* The schedule as the file has it, for people: "30 2 * * *", "office-hours". */
    const char *written;
    const char *task;
    const char *payload; /* JSON; "null" when not given */
    const char *queue;
    const char *description; /* or NULL */
    const char *const *tags; /* NULL-terminated, or NULL */
    /* argv, NULL-terminated, or NULL; a shell line is {"/bin/sh", "-c", TEXT}. */
    const char *const *command;
    const char *const *env; /* "NAME=VALUE", NULL-terminated, or NULL */
    int32_t timeout_s;      /* 0: none */
    int32_t within_s;       /* how far back missed fires are made up for */
    int32_t backoff_s;      /* wait after the first failure; doubles */
    int32_t backoff_max_s;
    int32_t jitter_s;
    int32_t limit;
    int16_t priority;
    int16_t max_attempts;
    uint8_t missed;  /* MissedPolicy */
    uint8_t overlap; /* OverlapPolicy */
    bool enabled;
} Job;

typedef struct {
    const char *path;
    const char *name; /* which horizon in the database */
    const Zone *zone; /* the file's default */
    Job *jobs;        /* in the order of their names (bytes): bsearch finds one */
    size_t n;
    int64_t retention_s;
    uint64_t revision; /* of the file's bytes, the zone files in use and the engine's version */
    Zones *zones;
} Clockfile;

/*
 * Reads a file, or standard input for "-".  False with *error filled (ERR_INPUT) when it cannot
 * be read as a file at all or is wrong; what is wrong in it stands in diags, and error->text
 * then counts it.  Everything lives in the arena.
 */
bool clockfile_load(
    Arena *arena, const char *path, Clockfile **out, Diags *diags, Error *error);

/* The same from bytes in memory; `path` is for messages. */
bool clockfile_read(Arena *arena, const char *path, const char *at, size_t len, Clockfile **out,
    Diags *diags, Error *error);

/* The file to use when none is named: Clockfile.yml, then clockfile.yml, in the working
 * directory. */
bool clockfile_find(Arena *arena, const char **path, Error *error);

/* The job of that name, or NULL. */
const Job *clockfile_job(const Clockfile *file, const char *name);

#endif
