#ifndef PLAN_WORDS_H
#define PLAN_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* English for sets of small numbers: bit v of a set stands for v. */

/* Values first, first + step, ..., last; step 0: one value. */
typedef struct {
    int first, last, step, count;
} Steps;

/* How one value is written. */
typedef enum {
    WORD_NUMBER,  /* 5 */
    WORD_HOUR,    /* 05:00 */
    WORD_ORDINAL, /* 5th */
    WORD_MONTH,   /* May */
    WORD_WEEKDAY, /* Friday; 0 = Sunday */
    WORD_WEEKDAYS /* Fridays */
} WordKind;

int words_count(uint64_t set);

/* True when the set, not empty, goes in equal steps. */
bool words_steps(uint64_t set, Steps *steps);

/* Takes the lowest run of neighbours out of the set; false when it is empty. */
bool words_run(uint64_t *set, int *first, int *last);

/* How many runs of neighbours there are; *shortest is the length of the shortest. */
int words_runs(uint64_t set, int *shortest);

void words_value(Text *text, WordKind kind, int value);

/* What stands before the i-th of n parts: "", ", " or " and ". */
void words_joint(Text *text, size_t i, size_t n);

/* "5, 10 to 14 and 40" */
void words_values(Text *text, WordKind kind, uint64_t set);

/* "1 minute", "37 minutes" */
void words_amount(Text *text, int64_t n, const char *unit);

/* "02:30", with the seconds when they are not 0 or when asked for. */
typedef enum { TIME_SHORT, TIME_LONG } TimeLength;
void words_time(Text *text, int second_of_day, TimeLength length);

/* "2027-03-28" for a day number */
void words_date(Text *text, int64_t day);

#endif
