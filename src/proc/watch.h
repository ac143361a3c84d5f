#ifndef PROC_WATCH_H
#define PROC_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/*
 * Notices that a file was replaced or rewritten, for `clock run --watch`: an editor's rename, a
 * rewrite in place, a symbolic link that was swapped anywhere on the way (as a mounted
 * Kubernetes ConfigMap does).  A file still being written is left alone until its writer has
 * closed it and nothing has happened for a second.
 */
typedef struct Watch Watch;

#define WATCH_QUIET_US INT64_C(1000000)

/* Fails with ERR_INPUT when the system offers no notification.  `path`
 * must outlive the watch. */
bool watch_new(Arena *arena, const char *path, Watch **out, Error *error);

/* To be polled for POLLIN. */
int watch_fd(const Watch *watch);

/* Takes in what has happened; now_us is now_mono_us. */
void watch_read(Watch *watch, int64_t now_us);

/* When watch_settled has to be asked; INT64_MAX: not before something happens. */
int64_t watch_due_us(const Watch *watch);

/* True, once, when the file has changed and has been quiet since. */
bool watch_settled(Watch *watch, int64_t now_us);

void watch_close(Watch *watch); /* NULL is a no-op */

#endif
