#ifndef PROC_WORKER_H
#define PROC_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "file/clockfile.h"

/* The long-running program behind `clock work`. */

#define WORKER_MAX_CONCURRENCY 256

typedef struct {
    const char *conninfo;      /* NULL: libpq's environment */
    const char *path;          /* of the Clockfile: read again on SIGHUP */
    const Clockfile *file;     /* as read */
    Arena *load;               /* where it lives; the worker frees it */
    const char *const *queues; /* NULL-terminated; NULL: those of the file's commands */
    size_t concurrency;        /* commands at once */
    int64_t lease_us;
    int64_t grace_us; /* from the stop signal to the end of what still runs */
    bool configured;  /* a database was named: false gives up at once when none answers */
} WorkerOptions;

/*
 * Runs commands until a stop signal comes and what runs has ended, or was ended and given back;
 * then returns true.  False only at the start: the database refuses (ERR_DB_REFUSED), or does
 * not answer and none was named (ERR_DB_AWAY).  wake_catch must have been called.
 */
bool worker_run(const WorkerOptions *options, Error *error);

#endif
