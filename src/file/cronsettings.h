#ifndef FILE_CRONSETTINGS_H
#define FILE_CRONSETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "file/clockfile.h"
#include "file/cronentry.h"
#include "file/cronline.h"

/* What the lines of a crontab that is being written have set so far; it holds for all below. */
typedef struct {
    Arena *arena;
    Text *text, *lost;  /* the crontab; what it cannot say of the job that is written */
    CrontabDaemon whom; /* the crontab is for */
    Daemon daemon;      /* whose quotes */
    const char **env;
    size_t n, cap;
    const char *zone;
    int64_t jitter_s;
    bool by_cronie; /* a line says what Debian's cron does not know */
} CronSettings;

/* Those of an empty crontab, in `text`. */
CronSettings cronsettings_new(Arena *arena, const CrontabOptions *options, Text *text);

/* Writes the variables that the job, in that zone, must have beside or instead of those that
 * are set; adds to `lost` what cannot be said. */
void cronsettings_say(CronSettings *settings, const Job *job, const char *zone, Text *lost);

/* The value of a job's variable, or what it is otherwise. */
const char *cronsettings_value(const Job *job, const char *name, const char *otherwise);

/* Adds to a list of what is lost. */
void cronsettings_lose(Text *lost, const char *what);

/* The same with a length of time: "timeout 2h". */
void cronsettings_lose_span(Text *lost, const char *what, int64_t span_s);

#endif
