#ifndef PLAN_EXPLAINNOTE_H
#define PLAN_EXPLAINNOTE_H

#include <stddef.h>

#include "base/arena.h"
#include "plan/schedule.h"

/* What should be known beside the sentence. */
typedef enum {
    EXPLAIN_HASH,     /* the value that H or ~ stands for */
    EXPLAIN_DAYS_OR,  /* both day fields are restricted, and either is enough */
    EXPLAIN_DAYS_AND, /* the same, and both must match */
    EXPLAIN_CLOCKS,   /* `dst:` says otherwise than cron does */
    EXPLAIN_LINT      /* of schedule_lint */
} ExplainKind;

typedef struct {
    ExplainKind kind;
    const char *text; /* lower case, no full stop */
    const char *hint; /* what to write for something else; "" when there is nothing to add */
} ExplainNote;

/* The notes of all rules, in the arena; `job` is the name that H hashed, "" for none.  Returns
 * how many there are. */
size_t explainnote_list(
    Arena *arena, const Schedule *schedule, const char *job, const ExplainNote **notes);

#endif
