#ifndef TESTS_LIB_SLOW_H
#define TESTS_LIB_SLOW_H

/* A slow reading of what a cron expression means, to hold src/plan/ against: it shares no code
 * with it.  It reads the text of the expression, asks libc (TZ, localtime_r) what the wall
 * clock shows, and looks at every local time of a few days one by one. */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "plan/schedule.h"

#define SLOW_DAY_S 86400

/* An expression as tables of what its fields allow. */
typedef struct {
    bool second[60], minute[60], hour[24], day[32], month[13], weekday[7], year[2300];
    bool last[31];     /* L-n */
    bool last_weekday; /* LW */
    bool near[32];     /* nW */
    bool nth[7][7];    /* d#n; n = 6: the last */
    bool minute_star, hour_star, day_star, weekday_star;
    char days; /* c(ron), a(nd), o(r) */
    char dst;  /* c(ron), s(kip), a(ll), u(tc) */
    bool quartz;
} Slow;

/* Reads an expression that src/plan/ accepts; false: it has values that a hash picks (H, ~), or
 * no fields (@every, @at).  What else it does not understand ends the process. */
bool slow_read(Slow *slow, const char *text, const char *dialect, char days, char dst);

/* Whether the fields match the day of this local time. */
bool slow_day(const Slow *slow, int64_t local_ls);

/* From now on libc is in this zone. */
void slow_use_zone(const char *name);

/* The parts of a local time, as if it were UTC. */
struct tm slow_parts(int64_t local_ls);

/* East of UTC, by libc. */
int64_t slow_offset(int64_t at_s);

/* The first change of the clocks after at_s, by libc; at_s itself when there is none soon. */
int64_t slow_change(int64_t at_s);

/* A schedule, held against a slow reading of the same expression in libc's zone. */
typedef struct {
    const Schedule *schedule;
    const Slow *slow;
    long instants;    /* that were compared */
    long differences; /* found */
    char told[160];   /* the first of them: "next(0) is 60, not 120" */
} SlowCheck;

/* Compares all instants of (from_s, until_s), walked forward and back, and from n places that
 * are picked by `seed`; false: there are too many to look at. */
bool slow_check_window(
    SlowCheck *check, int64_t from_s, int64_t until_s, int places, uint64_t seed);

/* Compares the next instant and the one before, up to `days` away; false as above. */
bool slow_check_far(SlowCheck *check, int64_t at_s, int days);

#endif
