#ifndef DUE_VIGIL_H
#define DUE_VIGIL_H

#include <stdbool.h>
#include <stdint.h>

#include "due/protocol.h"

/* The horizon row as a clock that stands by has watched it; all zero: not yet. */
typedef struct {
    char version[40];
    int64_t fired_through_s, next_due_s;
    int64_t since_us; /* mono, of the first look that found it overdue */
    int looks;        /* since then; 0: not overdue */
} Vigil;

/* Takes a look into account. */
void vigil_look(Vigil *vigil, const Horizon *horizon);

/* The grace begins anew: somebody moves the row, or the connection is another. */
void vigil_reset(Vigil *vigil);

/* True when the promise has been overdue and the row untouched for the grace. */
bool vigil_is_over(const Vigil *vigil, int64_t mono_us);

#endif
