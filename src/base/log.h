#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

/*
 * One line a happening, on stderr: a verb in the past tense, then fields.
 *     log_begin(LOG_INFO, "fired");
 *     log_text("job", name);
 *     log_number("late_ms", 1);
 *     log_end();
 * Text: `2026-11-22T03:00:00.001Z fired job=backup late_ms=1` (logfmt; level= first when it is
 * not info). JSON: one object a line.  Under journald the time is left out and `<n>` put first.
 * Nothing waits for a reader: a line that nobody takes is dropped and counted, and the next one
 * that is taken comes behind `dropped lines=N`.
 * Nobody below proc/ logs, but for cmd/ at its start.
 */
typedef enum { LOG_ERROR = 3, LOG_WARNING = 4, LOG_INFO = 6, LOG_DEBUG = 7 } LogLevel;
typedef enum { LOG_LOGFMT, LOG_JSON } LogFormat;

void log_setup(LogFormat format, LogLevel level);
void log_begin(LogLevel level, const char *verb);
void log_text(const char *key, const char *value); /* escaped; NULL: the field is left out */
void log_number(const char *key, int64_t value);
void log_time(const char *key, int64_t at_s); /* RFC 3339 in UTC; INT64_MAX: "never" */
void log_end(void);

int64_t log_dropped(void); /* lines that nobody took, since the start */

#endif
