#ifndef PROC_WORKLOG_H
#define PROC_WORKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "db/queue.h"
#include "file/clockfile.h"

/* What the worker tells its operator. */

void worklog_began(const Clockfile *file, size_t commands, const QueueView *view);
void worklog_connected(const char *where, bool listening);

/* Said once for each new reason. */
void worklog_trouble(bool connected, const Error *error);

void worklog_started(const Claim *claim);
void worklog_ended(const Claim *claim, const Report *report, int64_t took_us);

/* The lease is lost: why, and what was done. */
void worklog_lost(const Claim *claim, const char *why);
void worklog_not_started(const Claim *claim, const Error *error);

void worklog_draining(size_t running, int64_t grace_us);
void worklog_ending(size_t running);
void worklog_reloaded(const Clockfile *file, size_t commands);
void worklog_stopped(size_t left);

#endif
