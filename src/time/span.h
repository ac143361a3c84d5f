#ifndef TIME_SPAN_H
#define TIME_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* Lengths of time as people write them: 90s, 15m, 2h30m, 1d, 1w. */

/* Reads a span of [min_s, max_s] seconds: one or more NUMBER UNIT, units w d h m s in falling
 * order, each once. Fails with ERR_INPUT and a hint; a bare number's is that it needs a unit.
 */
bool span_read(const char *text, int64_t min_s, int64_t max_s, int64_t *out_s, Error *error);

/* Writes 9000 as "2h30m", 0 as "0s": reads back to the same. */
void span_write(Text *text, int64_t span_s);

#endif
