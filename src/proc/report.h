#ifndef PROC_REPORT_H
#define PROC_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/pg.h"
#include "db/rows.h"
#include "due/change.h"
#include "due/dispatch.h"
#include "due/protocol.h"
#include "file/clockfile.h"
#include "file/diag.h"

/* What the dispatcher tells its operator: one log line for each change of
 * state and each batch. */

/* The file as read, and the next five fires after now_s. */
void report_file(const Clockfile *file, int64_t now_s);
void report_warnings(const Diags *diags);

void report_connected(const char *where);

/* The database is away, or says no, while running; said once for each new reason. */
void report_trouble(const char *what, const Error *error);

void report_stance(Stance stance, const Clockfile *file, const Horizon *horizon);
void report_quiet(const Horizon *horizon); /* the database's clock was put back */
void report_confirming(int64_t ahead_us);
void report_started(const Clockfile *file, int64_t from_s, bool again);
void report_change(const Change *change, const Clockfile *file, bool takeover);
void report_batch(const Batch *batch, const RowCount *count, int64_t db_us);
void report_promoted(int64_t rows);

/* This role may not delete old history: others will have to. */
void report_unpruned(const Error *error);

/* A reload: nothing in it is new; or it is refused and the old set runs on. */
void report_unchanged(const Clockfile *file);
void report_kept(const char *path, const Diags *diags, const Error *error);

void report_stopped(const Clockfile *file);

#endif
