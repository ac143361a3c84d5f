#ifndef FILE_CRONLOG_H
#define FILE_CRONLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "time/zone.h"

/* What cron wrote to syslog about the commands that it started. */
typedef struct {
    int64_t at_s;
    const char *user;
    const char *command; /* as logged: see cronlog_command */
} CronRun;

typedef struct {
    CronRun *runs; /* in the order of the log */
    size_t n;
    int64_t from_s, until_s; /* the first and the last stamp in the log, whoever wrote there */
    size_t lines, unread;    /* lines without a stamp that can be read */
} CronLog;

/* Where a log comes from. */
typedef struct {
    const char *path;
    const Zone *zone;  /* of stamps without an offset: that of the host */
    int year;          /* in which the log begins; 0: told from when it was last written */
    int64_t written_s; /* when that was, for standard input: now */
} CronLogSource;

/*
 * Reads lines like `Nov 22 04:15:01 host CRON[123]: (user) CMD (/usr/bin/x)`, or with an RFC
 * 3339 stamp; "-" is standard input.  A file that grows meanwhile is read up to where it ended.
 * written_s is taken from the file when there is one.  Fails with ERR_INPUT: not readable, or
 * no stamp in it.
 */
bool cronlog_read(Arena *arena, CronLogSource source, CronLog *out, Error *error);

/* The words with which cron logs a command: control characters as ^X, bytes beyond ASCII as
 * \ooo (mkprint in both daemons' misc.c). */
const char *cronlog_command(Arena *arena, const char *command);

#endif
