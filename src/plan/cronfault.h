#ifndef PLAN_CRONFAULT_H
#define PLAN_CRONFAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "plan/cron.h"

/* Why an expression was refused, as the reader found it. */
typedef enum {
    FAULT_TOO_LONG,    /* the text */
    FAULT_TOO_MANY,    /* items in a list */
    FAULT_COUNT,       /* of fields */
    FAULT_MACRO,       /* unknown, or not alone */
    FAULT_EMPTY_ITEM,  /* between commas */
    FAULT_VALUE,       /* no number or name where one is wanted */
    FAULT_RANGE,       /* a number that the field does not have */
    FAULT_HALF_RANGE,  /* "5-" */
    FAULT_BACKWARDS,   /* "22-2" */
    FAULT_STEP,        /* no number, or none from 1 */
    FAULT_STEP_ALONE,  /* "5/15" */
    FAULT_AFTER_ITEM,  /* text behind a complete item */
    FAULT_QUESTION,    /* '?' elsewhere than alone in a day field */
    FAULT_QUARTZ_DAYS, /* not exactly one '?' in the quartz dialect */
    FAULT_LAST_MINUS,  /* L-n beyond 1-30 */
    FAULT_NTH,         /* d#n beyond 1-5 */
    FAULT_HASH         /* an H(a-b) or a~b that cannot be */
} CronFaultKind;

typedef struct {
    CronFaultKind kind;
    CronField field;
    size_t at;             /* the byte to point at */
    size_t item_at;        /* where the item that holds it begins */
    int first, last, step; /* of a backwards range, in the numbers of the dialect */
} CronFault;

/* Fills *error with what is wrong and what to write instead, and moves fault->at where that
 * shows better; always returns false.  `arena` is for texts on the way. */
bool cronfault_tell(
    Arena *arena, const char *text, CronDialect dialect, CronFault *fault, Error *error);

#endif
