#ifndef BASE_PROM_H
#define BASE_PROM_H

#include <stdint.h>

#include "base/text.h"

/*
 * Writes the text format of Prometheus, version 0.0.4: a family first, then its samples.
 * Labels are pairs of name and value, NULL-terminated (NULL: none); a value is escaped.
 */
typedef enum { PROM_GAUGE, PROM_COUNTER } PromType;

/* A counter's name ends in "_total", another's in its unit. */
void prom_family(Text *text, const char *name, PromType type, const char *help);

void prom_count(Text *text, const char *name, const char *const *labels, int64_t n);

/* From microseconds, as seconds. */
void prom_seconds(Text *text, const char *name, const char *const *labels, int64_t us);

/* An instant or a length in whole seconds; nothing is written for INT64_MIN and INT64_MAX. */
void prom_instant(Text *text, const char *name, const char *const *labels, int64_t at_s);

#endif
