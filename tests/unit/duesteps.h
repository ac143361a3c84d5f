#ifndef TESTS_UNIT_DUESTEPS_H
#define TESTS_UNIT_DUESTEPS_H

/* What the tests of due/protocol.c share: one clock, and the horizon row
 * that the test plays. */

#include <stdio.h>

#include "due.h"
#include "due/protocol.h"

#define S INT64_C(1000000)
#define BORN (1000 * S) /* mono, when the clock was started; by the database it is T0 then */

typedef struct {
    Protocol *protocol;
    Clockfile *file;
    int64_t mono_us;
    int64_t offset_us;   /* the database's clock - mono */
    int64_t wall_off_us; /* this host's clock - the database's */
    Horizon row;
    JobRow *rows;
    size_t n_rows;
    Step step;
} Fixture;

static inline Fixture
begin(const char *jobs)
{
    Fixture f = {.file = file_of(jobs), .mono_us = BORN, .offset_us = T0 * S - BORN};
    f.protocol = protocol_new(arena, f.file, BORN, 7, false);
    return f;
}

static inline void
end(Fixture *f)
{
    protocol_free(f->protocol);
}

static inline void
set_version(Fixture *f, int number)
{
    snprintf(f->row.version, sizeof f->row.version, "version-%d", number);
}

/* The horizon row stands at this many seconds after T0, under this file's rules. */
static inline void
in_force(Fixture *f, const Clockfile *file, int64_t fired_s, int64_t next_s, int64_t started_us)
{
    f->row.exists = true;
    set_version(f, 1);
    f->row.revision = file->revision;
    f->row.fired_through_s = T0 + fired_s;
    f->row.next_due_s = next_s == NEVER ? NEVER : T0 + next_s;
    f->row.started_at_us = T0 * S + started_us;
    f->row.waiting_us = NEVER;
    f->rows = rows_of(file, T0, &f->n_rows);
}

static inline StepKind
next(Fixture *f)
{
    f->step = protocol_step(f->protocol, f->mono_us);
    return f->step.kind;
}

/* Takes the look that is asked for. */
static inline void
look(Fixture *f)
{
    assert_int_equal(next(f), STEP_LOOK);
    Horizon seen = f->row;
    seen.db_us = f->mono_us + f->offset_us;
    seen.answered_us = f->mono_us;
    seen.wall_us = seen.db_us + f->wall_off_us;
    seen.has_rows = f->row.exists && strcmp(f->step.known, f->row.version) != 0;
    seen.rows = seen.has_rows ? f->rows : NULL;
    seen.n_rows = seen.has_rows ? f->n_rows : 0;
    protocol_looked(f->protocol, &seen);
}

static inline void
connect(Fixture *f)
{
    assert_int_equal(next(f), STEP_CONNECT);
    protocol_connected(f->protocol, f->mono_us);
}

static inline void
connect_and_look(Fixture *f)
{
    connect(f);
    look(f);
}

/* Sleeps until the step's own time, or so many seconds after T0, whichever is first. */
static inline void
sleep_until(Fixture *f, int64_t after_t0_us)
{
    int64_t mono_us = T0 * S + after_t0_us - f->offset_us;
    for (;;) {
        StepKind kind = next(f);
        if (kind == STEP_PROMOTE)
            protocol_promoted(f->protocol, 0, NEVER, f->mono_us);
        else if (kind == STEP_PRUNE)
            protocol_pruned(f->protocol, 0, f->mono_us);
        else if (kind == STEP_LOOK && f->mono_us < mono_us)
            look(f);
        else if (kind == STEP_WAIT && f->mono_us < mono_us)
            f->mono_us = f->step.until_us < mono_us ? f->step.until_us : mono_us;
        else
            return;
    }
}

/* The next step that is neither a look nor about waiting rows. */
static inline StepKind
after_looks(Fixture *f)
{
    for (;;) {
        StepKind kind = next(f);
        if (kind == STEP_PROMOTE)
            protocol_promoted(f->protocol, 0, NEVER, f->mono_us);
        else if (kind == STEP_PRUNE)
            protocol_pruned(f->protocol, 0, f->mono_us);
        else if (kind == STEP_LOOK)
            look(f);
        else
            return kind;
    }
}

/* What the server does with the step's batch. */
static inline void
commit(Fixture *f)
{
    f->row.fired_through_s = f->step.batch->new_s;
    f->row.next_due_s = f->step.batch->next_due_s;
    protocol_done(f->protocol, f->mono_us);
}

#define MINUTES "a: {schedule: \"* * * * *\"}\n"

static inline Fixture
settled(const char *jobs, int64_t fired_s, int64_t next_s)
{
    Fixture f = begin(jobs);
    in_force(&f, f.file, fired_s, next_s, 0);
    connect_and_look(&f);
    return f;
}

#endif
