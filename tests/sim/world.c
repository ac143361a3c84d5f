/* What no other file knows: how time passes in the simulation, and who runs when. */

#include "world.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "model.h"

#define TALLIES 100
#define SPIN 1500 /* more messages in one second are a loop without a wait */

World world;
int world_verbose;

/* ---- what happened ---- */

static Tally tallies[TALLIES];
static int n_tallies;

void
world_tally(const char *what)
{
    int i = 0;
    while (i < n_tallies && tallies[i].what != what && strcmp(tallies[i].what, what) != 0)
        i++;
    if (i == n_tallies) {
        assert(n_tallies < TALLIES);
        tallies[n_tallies++].what = what;
    }
    tallies[i].times++;
}

const Tally *
world_tallies(int *n)
{
    *n = n_tallies;
    return tallies;
}

void
world_fail(const char *fmt, ...)
{
    if (world.violation[0] != '\0')
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(world.violation, sizeof world.violation, fmt, args);
    va_end(args);
}

bool
world_failed(void)
{
    return world.violation[0] != '\0';
}

void
world_note(const char *what, int64_t a, int64_t b, int64_t c)
{
    int64_t parts[] = {
        world.now_us, world.running == NULL ? -1 : world.running->number, a, b, c};
    world.hash = hash_bytes(world.hash, parts, sizeof parts);
    world.hash = hash_bytes(world.hash, what, strlen(what));
    if (!world_verbose)
        return;
    int64_t us = world.now_us - world.start_us;
    printf("# %3lldd %02lld:%02lld:%02lld.%06lld (%lld) ", (long long)(us / SECOND / 86400),
        (long long)(us / SECOND / 3600 % 24), (long long)(us / SECOND / 60 % 60),
        (long long)(us / SECOND % 60), (long long)(us % SECOND),
        (long long)(world.now_us / SECOND));
    if (world.running == NULL)
        printf("world");
    else if (world.running->is_clock)
        printf("clock %d.%d", world.running->host->index, world.running->number);
    else
        printf("operator %d", world.running->number);
    printf(": %s %lld %lld %lld\n", what, (long long)a, (long long)b, (long long)c);
}

/* ---- the heap ---- */

typedef struct {
    int64_t at_us;
    uint64_t order; /* of two events at one time the one asked for first comes first */
    void (*act)(void *, uint64_t);
    void *what;
    uint64_t token;
} Event;

static Event *heap;
static size_t n_heap, heap_cap;
static uint64_t heap_order;
static Arena *heap_arena;

static bool
before(const Event *a, const Event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

void
world_at(int64_t at_us, void (*act)(void *, uint64_t), void *what, uint64_t token)
{
    if (at_us == SIM_NEVER)
        return;
    if (n_heap == heap_cap) {
        size_t cap = heap_cap * 2 + 256;
        heap = arena_grow(heap_arena, heap, heap_cap * sizeof *heap, cap * sizeof *heap);
        heap_cap = cap;
    }
    Event event = {.at_us = at_us < world.now_us ? world.now_us : at_us,
        .order = heap_order++,
        .act = act,
        .what = what,
        .token = token};
    size_t at = n_heap++;
    while (at > 0 && before(&event, &heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = event;
}

static Event
take_first(void)
{
    Event first = heap[0], moving = heap[--n_heap];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n_heap)
            break;
        if (child + 1 < n_heap && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &moving))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moving;
    return first;
}

void
world_run(int64_t until_us)
{
    while (n_heap > 0 && heap[0].at_us <= until_us && !world_failed()) {
        Event event = take_first();
        world.now_us = event.at_us;
        event.act(event.what, event.token);
    }
    if (world.now_us < until_us)
        world.now_us = until_us;
}

void
world_begin(uint64_t seed)
{
    world = (World){.seed = seed, .random = {seed}, .hash = HASH_START};
    random_next(&world.random);
    world.arena = arena_new(0);
    heap_arena = arena_new(0);
    heap = NULL;
    n_heap = heap_cap = 0;
    heap_order = 0;
}

void
world_end(void)
{
    while (world.clients != NULL)
        client_kill(world.clients);
    arena_free(world.arena);
    arena_free(heap_arena);
}

/* ---- hosts ---- */

int64_t
host_mono(const Host *host)
{
    int64_t us = world.now_us - world.start_us;
    return host->boot_us + us + us / 1000000 * host->ppm + us % 1000000 * host->ppm / 1000000;
}

int64_t
host_wall(const Host *host)
{
    return world.now_us + host->wall_us;
}

int64_t
host_true(const Host *host, int64_t mono_us)
{
    if (mono_us == INT64_MAX)
        return SIM_NEVER;
    int64_t left_us = mono_us - host_mono(host);
    if (left_us <= 0)
        return world.now_us;
    return world.now_us + left_us - left_us / (1000000 + host->ppm) * host->ppm + 1 +
           (host->ppm < 0 ? -host->ppm : 0);
}

/* ---- clients ---- */

static void
main_of(void *what)
{
    Client *client = what;
    client->run(client);
}

/* Runs it on; when it has ended, it is gone. */
static void
run_on(Client *client)
{
    assert(world.running == NULL);
    world.running = client;
    fiber_resume(client->fiber);
    world.running = NULL;
    if (!fiber_ended(client->fiber))
        return;
    Client **at = &world.clients;
    while (*at != client)
        at = &(*at)->older;
    *at = client->older;
    if (client->host != NULL && client->host->clock == client)
        client->host->clock = NULL;
    if (!client->dead && client->session != NULL)
        world_fail("clock %d ended and left its connection open", client->host->index);
    if (!client->dead && client->stopping && world.now_us - client->stop_us > 2 * SECOND)
        world_fail("clock %d took %lld us to stop", client->host->index,
            (long long)(world.now_us - client->stop_us));
    fiber_free(client->fiber);
}

static void
start(void *what, uint64_t token)
{
    Client *client = what;
    (void)token;
    if (!client->dead)
        run_on(client);
}

Client *
client_new(Host *host, void (*run)(Client *))
{
    Client *client = arena_alloc(world.arena, sizeof *client);
    client->host = host;
    client->run = run;
    client->number = world.numbers++;
    client->fiber = fiber_new(main_of, client);
    client->older = world.clients;
    client->born_us = world.now_us;
    client->eager_until_us = world.now_us + 150 * SECOND;
    world.clients = client;
    world_at(world.now_us, start, client, 0);
    return client;
}

static void
alarm_rang(void *what, uint64_t token)
{
    Client *client = what;
    if (client->waiting && client->waits == token)
        client_wake(client);
}

void
client_wait(Client *client, int64_t until_us)
{
    if (client->dead)
        return;
    client->waiting = true;
    client->waits++;
    world_at(until_us, alarm_rang, client, client->waits);
    fiber_yield();
}

void
client_wake(Client *client)
{
    if (!client->waiting)
        return;
    if (client->frozen_us != 0) {
        client->pending = true;
        return;
    }
    client->waiting = false;
    run_on(client);
}

void
client_kill(Client *client)
{
    client->dead = true;
    model_cut(client);
    if (client->host != NULL && client->host->clock == client)
        client->host->clock = NULL;
    if (client == world.running) /* it unwinds by itself */
        return;
    client->waiting = false;
    run_on(client);
}

void
client_thaw(Client *client)
{
    if (client->dead || client->frozen_us == 0)
        return;
    client->frozen_us = 0;
    client->thawed_us = world.now_us;
    if (client->stopping)
        client->stop_us = world.now_us;
    if (client->pending) {
        client->pending = false;
        world_at(world.now_us, alarm_rang, client, client->waits);
    }
}

static void
thaw(void *what, uint64_t token)
{
    Client *client = what;
    if ((uint64_t)client->frozen_us == token)
        client_thaw(client);
}

void
client_freeze(Client *client, int64_t for_us)
{
    client->frozen_us = world.now_us + for_us;
    client->eager_until_us = client->frozen_us + 150 * SECOND;
    world_at(client->frozen_us, thaw, client, (uint64_t)client->frozen_us);
}

void
client_signal(Client *client, bool stop)
{
    if (stop && !client->stopping)
        client->stop_us = world.now_us;
    client->stopping = client->stopping || stop;
    client->reload = client->reload || !stop;
    client->interrupted = true;
    client_wake(client);
}

void
world_stir(void)
{
    for (Client *client = world.clients; client != NULL; client = client->older) {
        if (client->lazy && client->waiting)
            world_at(
                world.now_us + world_below(35 * SECOND / 4), alarm_rang, client, client->waits);
    }
}

/* More messages in a second than any work needs: it does not wait for anything. */
static void
count_message(Client *client)
{
    if (client->second != world.now_us / SECOND) {
        client->second = world.now_us / SECOND;
        client->messages = 0;
    }
    if (++client->messages > SPIN)
        world_fail("spin: clock %d sends message after message", client->host->index);
}

bool
client_step(Client *client)
{
    Host *host = client->host;
    if (client->dead || !client->is_clock)
        return !client->dead;
    count_message(client);
    if (host->crash_in > 0 && --host->crash_in == 0) {
        world_tally("killed at a step");
        world_note("killed at a step", host->index, 0, 0);
        client_kill(client);
        return false;
    }
    if (host->stop_in > 0 && --host->stop_in == 0) {
        world_tally("stopped at a step");
        world_note("stopped at a step", host->index, host->stop_for_us, 0);
        client_freeze(client, host->stop_for_us);
        client->pending = true;
        client->waiting = true;
        client->waits++;
        fiber_yield();
    }
    return !client->dead;
}
