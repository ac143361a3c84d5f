/* What no other file knows: how to leave a running C function and come back to it later. */

#undef _FORTIFY_SOURCE /* its longjmp takes another stack for a broken one */

#include "fiber.h"

#include <assert.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES (512u * 1024)

/* Where a stack was left.  It is entered the first time by a context, which asks the kernel for
 * the signal mask, and later by a jump, which does not. */
typedef struct {
    ucontext_t context;
    jmp_buf jump;
    bool entered;
} Place;

struct Fiber {
    Place here, back;
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

/* The address sanitizer has to be told of every change of stacks, and knows contexts only. */
#ifdef __SANITIZE_ADDRESS__
static void
leaving(void **shadow, const void *stack, size_t size)
{
    __sanitizer_start_switch_fiber(shadow, stack, size);
}

static void
arrived(void *shadow, const void **stack, size_t *size)
{
    __sanitizer_finish_switch_fiber(shadow, stack, size);
}

static void
go(Place *from, Place *to)
{
    swapcontext(&from->context, &to->context);
}
#else
static void
leaving(void **shadow, const void *stack, size_t size)
{
    (void)shadow;
    (void)stack;
    (void)size;
}

static void
arrived(void *shadow, const void **stack, size_t *size)
{
    (void)shadow;
    (void)stack;
    (void)size;
}

static void
go(Place *from, Place *to)
{
    from->entered = true;
    if (_setjmp(from->jump) != 0)
        return;
    if (to->entered)
        _longjmp(to->jump, 1);
    setcontext(&to->context);
    abort();
}
#endif

static void
begin(void)
{
    arrived(NULL, &running->back_stack, &running->back_size);
    running->run(running->what);
    running->ended = true;
    leaving(NULL, running->back_stack, running->back_size);
    go(&running->here, &running->back);
    abort();
}

/* A function of its own: getcontext may return twice. */
static void
prepare(Fiber *fiber)
{
    getcontext(&fiber->here.context);
    fiber->here.context.uc_stack.ss_sp = fiber->stack;
    fiber->here.context.uc_stack.ss_size = STACK_BYTES;
    fiber->here.context.uc_link = NULL;
    fiber->here.entered = false;
    makecontext(&fiber->here.context, begin, 0);
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
    go(&fiber->back, &fiber->here);
    arrived(running->back_shadow, NULL, NULL);
    running = NULL;
}

void
fiber_yield(void)
{
    leaving(&running->shadow, running->back_stack, running->back_size);
    go(&running->here, &running->back);
    arrived(running->shadow, &running->back_stack, &running->back_size);
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
