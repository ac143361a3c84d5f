#ifndef PLAN_CRONFIELD_H
#define PLAN_CRONFIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/cron.h"
#include "plan/cronfault.h"

/* The range and the names of a field in a dialect. */
typedef struct {
    short low, high;
    const char *names; /* three letters each, lower case; NULL: numbers only */
    short first_name;  /* the number of the first name */
} CronRange;

const CronRange *cron_range(CronField field, CronDialect dialect);

/* The value of a three-letter name in any case at `at`, or -1. */
int cron_name(const CronRange *range, const char *at);

/* A reading of one expression, left to right. */
typedef struct {
    const char *text;
    const char *at; /* what comes next */
    const char *job;
    CronDialect dialect;
    CronFault fault; /* filled when a field is refused */
    CronExtra extra; /* years and month-dependent days met so far */
    bool uses_extra; /* some were */
} CronReader;

/* Reads the field at reader->at up to the next blank or the end; bit v of *bits for value v
 * (CRON_YEAR: reader->extra.years instead).  *star: the field begins with '*', or is '?'. */
bool cron_field(CronReader *reader, CronField field, uint64_t *bits, bool *star);

#endif
