#ifndef PLAN_CRONSHAPE_H
#define PLAN_CRONSHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "plan/cron.h"

/* How many words, parted by blanks and tabs. */
size_t cronshape_words(const char *text);

/* True when the text begins with CRON_TZ= or TZ=, as in cronie's crontabs. */
bool cronshape_is_zone(const char *text);

/* A copy of len bytes at `at`, shortened and made safe to show. */
const char *cronshape_quote(Arena *arena, const char *at, size_t len);

/* Tell why the number of fields, or a macro, is wrong; *at is where.  Always false. */
bool cronshape_tell_count(
    Arena *arena, const char *text, CronDialect dialect, size_t *at, Error *error);
bool cronshape_tell_macro(Arena *arena, const char *text, size_t *at, Error *error);

#endif
