#ifndef PLAN_LINT_H
#define PLAN_LINT_H

#include <stddef.h>

typedef struct Schedule Schedule;

/* What a reader of the schedule should be told though it is no error. */
typedef enum {
    LINT_BOTH_DAYS,   /* day of month and weekday both restricted: either matches */
    LINT_STAR_STEP,   /* a star-step day field beside a restricted other: both must match */
    LINT_STEP_UNEVEN, /* a step that does not divide its cycle: every 7 minutes restarts at 0 */
    LINT_STEP_BEYOND, /* a step beyond the range: only its first value */
    LINT_NEVER,       /* no instant will ever match */
    LINT_NO_ANCHOR    /* an interval of the calendar without `starts`: counts from 1970 */
} LintKind;

typedef struct {
    LintKind kind;
    size_t rule;   /* which rule of the union */
    size_t offset; /* into that rule's RULE_CRON text */
    char text[200];
    char hint[160];
} Lint;

/* Up to `cap` of them; returns how many there are. */
size_t schedule_lint(const Schedule *schedule, Lint *lints, size_t cap);

#endif
