#ifndef PROC_METRICS_H
#define PROC_METRICS_H

#include <stdint.h>

#include "base/arena.h"
#include "db/rows.h"
#include "due/dispatch.h"
#include "due/protocol.h"

/*
 * What one clock has done since its start, in a file for the textfile collector of a Prometheus
 * node exporter.  The file is replaced as a whole, within a second of what changed it, and
 * never while a transaction is armed.  When it cannot be written that is logged once.
 */
typedef struct Metrics Metrics;

/* `path` NULL: nothing is counted or written. */
Metrics *metrics_new(Arena *life, const char *path);

/* What happened. */
void metrics_connected(Metrics *metrics);
void metrics_fired(Metrics *metrics, const Batch *batch, const RowCount *count, int64_t db_us);
void metrics_armed(Metrics *metrics); /* the one that fired was armed */
void metrics_reloaded(Metrics *metrics);
void metrics_kept(Metrics *metrics); /* a reload was refused */

/* Looks at how things stand, and writes when that is due. */
void metrics_step(Metrics *metrics, const Protocol *protocol, int64_t mono_us);

/* When metrics_step has to be called next; INT64_MAX: nothing waits to be written. */
int64_t metrics_due_us(const Metrics *metrics, const Protocol *protocol);

/* The last time: the clock is down. */
void metrics_end(Metrics *metrics, const Protocol *protocol);

#endif
