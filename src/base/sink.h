#ifndef BASE_SINK_H
#define BASE_SINK_H

#include <stdbool.h>
#include <stddef.h>

/* Where log lines go: standard error, without ever waiting for whoever reads it. */

/* Finds out what standard error is.  *journal: it is the stream that systemd(1) names in
 * JOURNAL_STREAM, so journald reads it. */
void sink_open(bool *journal);

/* Writes a whole line, the newline included.  False: nobody takes it now, and nothing of it was
 * written; a line that was begun is ended by later calls, before theirs. */
bool sink_write(const char *line, size_t len);

#endif
