#ifndef PLAN_FIRES_H
#define PLAN_FIRES_H

#include <stdbool.h>
#include <stdint.h>

#include "plan/rule.h"

/* The least instant of the rule > after_s, or the greatest < before_s; false: none.  The limits
 * of the rule hold. */
bool fires_next(Rule *rule, int64_t after_s, int64_t *due_s);
bool fires_prev(Rule *rule, int64_t before_s, int64_t *due_s);

/* The first local time >= from_ls that the fields ask for; false: none. */
bool fires_wanted(Rule *rule, int64_t from_ls, int64_t *out_ls);

/* True when the rule reads a wall clock, so that a change of the clocks can touch it. */
bool fires_follow_clocks(const Rule *rule);

/* The stretch that holds at_s, as this rule sees it. */
const RuleStretch *fires_stretch(Rule *rule, int64_t at_s);

/* Whether a repeated local time of this change fires only the first time. */
bool fires_once(const Rule *rule, int64_t fold_s);

/* Whether the local times of this gap fire at its end. */
bool fires_moved(const Rule *rule, int64_t gap_s);

#endif
