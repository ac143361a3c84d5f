#ifndef SIM_FIBER_H
#define SIM_FIBER_H

#include <stdbool.h>

/* A program that runs until it yields: every simulated clock is one, so that the real loop of
 * the dispatcher runs unchanged, and only one at a time. */
typedef struct Fiber Fiber;

Fiber *fiber_new(void (*run)(void *), void *what);

/* Runs it until it yields or ends. */
void fiber_resume(Fiber *fiber);

/* Back to whoever resumed the running fiber. */
void fiber_yield(void);

bool fiber_ended(const Fiber *fiber);

/* It must have ended; its stack is used again. */
void fiber_free(Fiber *fiber);

#endif
