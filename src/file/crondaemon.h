#ifndef FILE_CRONDAEMON_H
#define FILE_CRONDAEMON_H

#include <stdbool.h>

#include "plan/cron.h"

/* Under which daemon the crontab runs. */
typedef enum {
    CRONTAB_EITHER, /* unknown: where they differ Debian's reading is taken, and that is told */
    CRONTAB_DEBIAN,
    CRONTAB_CRONIE
} CrontabDaemon;

/* What the parsers of the two cron daemons make of five time fields: Debian's (3.0pl1) and
 * cronie's (1.7), as their entry.c read them. */
typedef enum {
    DAEMON_DEBIAN,
    DAEMON_CRONIE,
    DAEMON_WRAPPING /* no daemon: as Debian's, but "22-2" is 22,23,0-2, as its author meant */
} Daemon;

typedef enum {
    DAEMON_REFUSES, /* a syntax error */
    DAEMON_NEVER,   /* taken, but a field allows nothing, so it is never run */
    DAEMON_RANDOM,  /* taken, with a '~': picks a value whenever the crontab is read */
    DAEMON_FIRES
} DaemonVerdict;

/* A longer command makes Debian's cron ignore the whole file (MAX_COMMAND). */
#define CRONDAEMON_COMMAND_MAX 998

/* Reads five fields with blanks between them.  *cron is filled for DAEMON_FIRES, in a form that
 * cron_write can write. */
DaemonVerdict crondaemon_read(Daemon daemon, const char *fields, Cron *cron);

/* True when both fire at the same local times and treat daylight saving alike. */
bool crondaemon_same(const Cron *a, const Cron *b);

#endif
