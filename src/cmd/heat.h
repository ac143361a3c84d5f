#ifndef CMD_HEAT_H
#define CMD_HEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "file/clockfile.h"
#include "time/zone.h"

/* How many fires fall where: the numbers behind the heat map, for every way to draw it. */

typedef enum {
    HEAT_WEEK, /* seven days by 24 hours */
    HEAT_DAY   /* 24 hours by 60 minutes */
} HeatGrid;

/* Shades, the darkest last; 0 is no fire. */
#define HEAT_LEVELS 8

#define HEAT_CELLS_MAX (24 * 60)

typedef struct {
    const Clockfile *file;
    const bool *skip; /* by index into file->jobs: left out */
    const Zone *zone; /* whose days and hours */
    HeatGrid grid;
    int64_t from_s; /* the first day is the one that holds it */
    size_t busiest; /* how many busy instants to find */
} HeatSpec;

/* An instant at which several jobs run, and others like it: those at which just the same jobs
 * run, or at least half as many at the same time of another day. */
typedef struct {
    int64_t at_s;           /* the busiest; of equals the first */
    int64_t fires;          /* at it */
    int64_t times;          /* how many such instants there are */
    bool daily;             /* all of them at the same time of the day */
    bool alike;             /* all of them with as many fires */
    const Job *const *jobs; /* at at_s */
    size_t n_jobs;
} Busy;

typedef struct {
    const HeatSpec *spec;
    int rows, columns;
    int64_t unit_s;                /* of a cell: an hour or a minute of the wall clock */
    int64_t first_ls;              /* where the first cell begins, local */
    int64_t begin_s, end_s;        /* whole days: begin_s <= fire < end_s */
    int64_t cells[HEAT_CELLS_MAX]; /* fires, row by row */
    /* Real time in the cell: 0 when a change of the clocks left it out, twice unit_s when it
     * came twice. */
    int64_t lasts_s[HEAT_CELLS_MAX];
    int64_t fires, most; /* in all; in one cell */
    int64_t least;       /* in one cell that has any; 0: none has */
    size_t jobs;         /* that fire in the span */
    bool jittered;       /* some are counted where the jitter puts them */
    const Busy *busy;    /* the busiest first; only where fires meet */
    size_t n_busy;
} Heat;

/* Counts; `spec` must live as long as the result. */
const Heat *heat_new(Arena *arena, const HeatSpec *spec);

/* The shade of so many fires: 0 for none, HEAT_LEVELS for the most.  The root of the share, so
 * that a few fires beside a thousand are still seen; and where every cell that has any has more
 * than half of the most, counted from so far below the least as the most is above it, so that
 * the busier ones are seen beside many alike. */
int heat_level(const Heat *heat, int64_t fires);

/* How many fires the `step` shades up to this one stand for; false when no
 * cell can have them. */
bool heat_range(const Heat *heat, int level, int step, int64_t *from, int64_t *to);

/* The cell with the most fires, the first of equals. */
int heat_peak(const Heat *heat);

#endif
