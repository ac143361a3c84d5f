/* What no other file knows: how to leave a running C function and come back to it later. */

#include "fiber.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES (512u * 1024)

struct Fiber {
    ucontext_t here, back;
    void (*run)(void *);
    void *what;
    void *stack;
    bool ended;
    void *shadow, *back_shadow; /* of the address sanitizer */
    const void *back_stack;
    size_t back_size;
    Fiber *older; /* in the list of spare ones */
};

static Fiber *running, *spare;

/* The address sanitizer has to be told of every change of stacks. */
static void
leaving(void **shadow, const void *stack, size_t size)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(shadow, stack, size);
#else
    (void)shadow;
    (void)stack;
    (void)size;
#endif
}

static void
arrived(void *shadow, const void **stack, size_t *size)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(shadow, stack, size);
#else
    (void)shadow;
    (void)stack;
    (void)size;
#endif
}

static void
begin(void)
{
    Fiber *fiber = running;
    arrived(NULL, &fiber->back_stack, &fiber->back_size);
    fiber->run(fiber->what);
    fiber->ended = true;
    leaving(NULL, fiber->back_stack, fiber->back_size);
    setcontext(&fiber->back);
    abort();
}

/* A function of its own: getcontext may return twice. */
static void
prepare(Fiber *fiber)
{
    getcontext(&fiber->here);
    fiber->here.uc_stack.ss_sp = fiber->stack;
    fiber->here.uc_stack.ss_size = STACK_BYTES;
    fiber->here.uc_link = NULL;
    makecontext(&fiber->here, begin, 0);
}

Fiber *
fiber_new(void (*run)(void *), void *what)
{
    Fiber *fiber = spare;
    if (fiber != NULL) {
        spare = fiber->older;
    } else {
        fiber = calloc(1, sizeof *fiber);
        assert(fiber != NULL);
        fiber->stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        assert(fiber->stack != MAP_FAILED);
    }
    fiber->run = run;
    fiber->what = what;
    fiber->ended = false;
    fiber->shadow = NULL;
    prepare(fiber);
    return fiber;
}

void
fiber_resume(Fiber *fiber)
{
    assert(running == NULL && !fiber->ended);
    running = fiber;
    leaving(&fiber->back_shadow, fiber->stack, STACK_BYTES);
    swapcontext(&fiber->back, &fiber->here);
    arrived(fiber->back_shadow, NULL, NULL);
    running = NULL;
}

void
fiber_yield(void)
{
    Fiber *fiber = running;
    leaving(&fiber->shadow, fiber->back_stack, fiber->back_size);
    swapcontext(&fiber->here, &fiber->back);
    arrived(fiber->shadow, &fiber->back_stack, &fiber->back_size);
}

bool
fiber_ended(const Fiber *fiber)
{
    return fiber->ended;
}

void
fiber_free(Fiber *fiber)
{
    assert(fiber->ended);
    fiber->older = spare;
    spare = fiber;
}
