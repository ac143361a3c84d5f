#ifndef DUE_UPKEEP_H
#define DUE_UPKEEP_H

#include <stdint.h>

#include "due/protocol.h"

/* When the table is to be kept in order, mono; INT64_MAX: not asked for. */
typedef struct {
    int64_t promote_us; /* waiting rows are made ready */
    int64_t prune_us;   /* history is deleted */
} Upkeep;

Upkeep upkeep_new(int64_t mono_us);

/* A row becomes ready at at_us (mono). */
void upkeep_expect(Upkeep *upkeep, int64_t at_us, int64_t mono_us);

/* So many rows were made ready; the next one is at next_us (mono). */
void upkeep_promoted(Upkeep *upkeep, int64_t rows, int64_t next_us, int64_t mono_us);

/* So many rows of history were deleted, -1: never again.  chance: a random number. */
void upkeep_pruned(Upkeep *upkeep, int64_t rows, int64_t mono_us, uint64_t chance);

/* STEP_WAIT until the first of upkeep, look_us and arm_us; or STEP_PRUNE, when there is time
 * for it before arm_us. */
Step upkeep_step(const Upkeep *upkeep, int64_t mono_us, int64_t look_us, int64_t arm_us);

#endif
