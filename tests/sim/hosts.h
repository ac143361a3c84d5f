#ifndef SIM_HOSTS_H
#define SIM_HOSTS_H

#include "world.h"

/* The programs of a simulation: clocks, each the real dispatcher on its host, and operators. */

/* Starts a clock with the file on the host's disk, if none runs there. */
void clocks_start(Host *host);

Host *hosts_any(void);

/* A host whose clock runs, or NULL. */
Host *hosts_live(void);

typedef enum { TASK_PAUSE, TASK_RESUME, TASK_BACKFILL, TASK_HOLD } Task;

/* An operator does one thing to one job; argument: when a pause ends (seconds, INT64_MAX:
 * never), or how long the horizon's row is held (microseconds). */
void operator_begin(Task task, int job, int64_t argument);

#endif
