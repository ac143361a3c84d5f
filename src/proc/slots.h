#ifndef PROC_SLOTS_H
#define PROC_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/queue.h"
#include "file/clockfile.h"
#include "proc/child.h"

/* The places in which a worker's commands run, from the claim to the report.  Knows no
 * database.
 */

typedef enum {
    SLOT_FREE,
    SLOT_RUNNING,
    SLOT_OVER /* to be reported */
} SlotState;

typedef struct {
    SlotState state;
    Arena *arena; /* of this attempt */
    Child child;
    Claim claim;
    Report report; /* OVER */
    int64_t started_us;
    bool forfeited; /* the lease is lost: there is nothing to report */
    bool giving_up; /* told to end, to be given back */
} Slot;

typedef struct {
    Slot *at;
    size_t n;
    int events;   /* an epoll that is readable when a command has news */
    bool orphans; /* a keeper was killed: what it kept is ours now */
} Slots;

/* Fails with ERR_BUG. */
bool slots_new(Arena *arena, size_t n, Slots *slots, Error *error);

size_t slots_count(const Slots *slots, SlotState state);

/* Starts the command of a claimed row in a free place, gone by lease_us (now_mono_us); job NULL
 * or a system without processes: the place is OVER at once, to be given back.  *failed tells
 * why. */
bool slots_start(
    Slots *slots, const Job *job, const Claim *claim, int64_t lease_us, Error *failed);

/* Takes in what the commands have to say; the places of those that have ended are OVER. */
void slots_read(Slots *slots);

void slot_extend(Slot *slot, int64_t lease_us);
void slot_end(Slot *slot, int64_t patience_us);

/* The attempt is reported, or cannot be any more. */
void slot_free(Slot *slot);

/* Kills what still runs. */
void slots_close(Slots *slots);

#endif
