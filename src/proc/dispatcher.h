#ifndef PROC_DISPATCHER_H
#define PROC_DISPATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/clockfile.h"

/* The long-running program behind `clock run`. */

typedef struct {
    const char *conninfo;     /* NULL: libpq's environment */
    const char *path;         /* of the Clockfile: read again on SIGHUP */
    const char *metrics_path; /* of a file of metrics; NULL: none */
    const Clockfile *file;    /* as read */
    Arena *load;     /* where it lives; the dispatcher frees it when a reload takes its place */
    int64_t wait_us; /* how long to wait for the database at start; INT64_MAX: for ever */
    bool configured; /* a database was named: false gives up at once when none answers */
    bool watch;      /* read the file again when it has changed, too */
    bool replace;    /* put the file in force though it shares no job with the one that is */
} DispatcherOptions;

/*
 * Fires until a stop signal comes, then returns true with no transaction open.  False only at
 * the start: the database stayed away (ERR_DB_AWAY), says no (ERR_DB_REFUSED), or has another
 * file's jobs under this name (ERR_DB_REFUSED). wake_catch must have been called.
 */
bool dispatcher_run(const DispatcherOptions *options, Error *error);

#endif
