#ifndef FILE_ELSEWHERE_H
#define FILE_ELSEWHERE_H

#include <stddef.h>

#include "base/arena.h"
#include "plan/schedule.h"
#include "plan/shift.h"

/* Other readers of cron expressions. */
typedef enum {
    ELSEWHERE_DEBIAN,     /* Debian's cron 3.0pl1 */
    ELSEWHERE_CRONIE,     /* cronie 1.7: Fedora, Arch */
    ELSEWHERE_KUBERNETES, /* a CronJob: robfig/cron v3 */
    ELSEWHERE_QUARTZ,     /* Quartz 2.3 */
    ELSEWHERE_SYSTEMS
} ElsewhereSystem;

/* What each makes of a rule, where that differs from clock: "refuses 'L'", "reads it as: at
 * 00:00 on Fridays"; NULL: nothing to say.  Lower case, no full stop. */
typedef struct {
    const char *text[ELSEWHERE_SYSTEMS];
} Elsewhere;

const char *elsewhere_name(ElsewhereSystem system);

/* For the only rule of `member`.  `shifts`: the next changes of its zone's clocks with what
 * they do to it; what becomes of those is compared too. */
Elsewhere elsewhere_read(
    Arena *arena, const Schedule *member, const Shift *shifts, size_t n_shifts);

#endif
