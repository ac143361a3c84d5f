#ifndef DUE_ADVICE_H
#define DUE_ADVICE_H

#include <stdint.h>

#include "file/clockfile.h"
#include "file/diag.h"

/* The jobs without jitter that may meet on one instant before it is worth a word. */
#define ADVICE_CROWD 100

/*
 * Warns of what a Clockfile that is right may not mean, as it looks at now_s: jobs that never
 * fire again, jobs that fire more than once within a minute, fixed times that a change of the
 * clocks skips or repeats within a year (not where `dst` says skip, all or utc: that is a
 * choice), and more than ADVICE_CROWD jobs on one instant within a week.  Jobs that are not
 * enabled get none.  Jobs that share a schedule get one, at the first of them by name.
 */
void advice_add(const Clockfile *file, int64_t now_s, Diags *diags);

#endif
