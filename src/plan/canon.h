#ifndef PLAN_CANON_H
#define PLAN_CANON_H

#include "base/text.h"
#include "plan/rule.h"

/* The canonical text of one rule, without a newline; schedule_write joins them. */
void canon_write(const Rule *rule, Text *text);

#endif
