#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "fiber.h"
#include "files.h"
#include "random.h"

/*
 * Virtual time, and everything that happens in it: one heap of events, the hosts with their
 * clocks, and the clients (programs that talk to the database), of which one runs at a time.
 * There is one world, made anew for each seed.
 */

#define SIM_HOSTS 8
#define SIM_NEVER INT64_MAX
#define SECOND INT64_C(1000000) /* of virtual time, which is counted in microseconds */

typedef struct Client Client;
typedef struct Host Host;

struct Host {
    int index;
    int64_t boot_us;                      /* the monotonic clock started so long before 0 */
    int64_t ppm;                          /* and runs so much too fast */
    int64_t wall_us;                      /* the wall clock is so far ahead of the truth */
    int64_t delay_us;                     /* one way to the database */
    int64_t deaf_until_us, mute_until_us; /* a partition: nothing comes in, or goes out */
    const FileText *file;                 /* what stands on its disk */
    Client *clock;                        /* the clock that runs on it, or NULL */
    bool wanted;                          /* the supervisor starts it again */
    int64_t crash_in, stop_in, cut_in;    /* steps until a fault strikes; 0: none is laid */
    int64_t stop_for_us;
};

/* A program with a connection. */
struct Client {
    Host *host;
    Fiber *fiber;
    int number; /* in the trace */
    bool is_clock;
    bool dead;     /* killed: it only unwinds, and reaches nothing any more */
    bool stopping; /* SIGTERM has come */
    bool reload;   /* SIGHUP has come */
    bool interrupted;
    bool waiting;
    uint64_t waits;    /* tells a timer whose wait is over */
    int64_t stop_us;   /* when it was told to */
    int64_t frozen_us; /* SIGSTOP until then; 0: it runs */
    int64_t thawed_us; /* when it last ran again */
    bool pending;      /* it would have woken meanwhile */
    bool lazy;         /* asleep beyond what it asked for, since looks would find nothing */
    int64_t eager_until_us;
    int64_t second; /* how many messages it sent in one second: a loop without a wait */
    int64_t messages;
    int64_t born_us;     /* in true time: when it was started, or read another file */
    int64_t committed_s; /* where its latest COMMIT put the horizon, known to it or not */
    uint64_t revision;   /* of the file that it read last */
    struct Session *session;
    int64_t answered_us; /* by its monotonic clock */
    bool begins;         /* a BEGIN goes with the next statement */
    int64_t lead_us;     /* and what it says */
    void *moving;        /* the second transaction of FLAW_TWO_TRANSACTIONS */
    void (*run)(Client *);
    int64_t task[4]; /* what an operator was asked to do */
    Client *older;
};

/* What is let happen in a seed. */
typedef struct {
    int64_t span_us;
    bool faults; /* otherwise only deploys and operators: nothing may be late */
    bool steady; /* the database's clock never steps, and there is no failover */
    bool jumps;  /* the database's clock may step by hours */
    bool slices; /* the database may be slow */
    bool fine;   /* every statement is a message of its own */
    bool pooler; /* a failover is not seen by idle clients */
    int64_t fault_gap_us;
} Profile;

typedef struct {
    uint64_t seed;
    Random random;
    Arena *arena;
    Profile profile;
    Files files;
    int64_t now_us;   /* since 1970, the truth */
    int64_t start_us; /* of the simulation */
    int64_t calm_us;  /* faults end */
    int64_t end_us;
    int64_t patience_s; /* nothing may be late by more, then */
    Host hosts[SIM_HOSTS];
    Host desk; /* where the operators sit */
    int n_hosts;
    Client *clients; /* those not ended */
    Client *running; /* NULL: the world itself */
    int numbers;
    uint64_t hash; /* of the whole trace */
    char violation[512];
} World;

extern World world;
extern int world_verbose; /* 1: what happens; 2: every statement too */

/* Chance, as random.h has it, from the seed of the world. */
static inline int64_t
world_below(int64_t below)
{
    return random_below(&world.random, below);
}

static inline int64_t
world_between(int64_t least, int64_t most)
{
    return random_between(&world.random, least, most);
}

static inline int64_t
world_span(int64_t least, int64_t most)
{
    return random_span(&world.random, least, most);
}

static inline bool
world_in_100(int64_t percent)
{
    return random_in_100(&world.random, percent);
}

/* How often each kind of thing happened, over all seeds. */
typedef struct {
    const char *what;
    int64_t times;
} Tally;
void world_tally(const char *what);
const Tally *world_tallies(int *n);

void world_begin(uint64_t seed);
void world_end(void);

/* Runs events until until_us, or until a violation. */
void world_run(int64_t until_us);

/* Has act(what, token) called at that time. */
void world_at(int64_t at_us, void (*act)(void *, uint64_t), void *what, uint64_t token);

/* The first violation is kept; the world stops. */
void world_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool world_failed(void);

/* One line of the trace: hashed, and shown when verbose. */
void world_note(const char *what, int64_t a, int64_t b, int64_t c);

/* ---- hosts ---- */

int64_t host_mono(const Host *host);
int64_t host_wall(const Host *host);
/* The first moment of true time at which the host's monotonic clock shows mono_us. */
int64_t host_true(const Host *host, int64_t mono_us);

/* ---- clients ---- */

Client *client_new(Host *host, void (*run)(Client *));

/* Waits, in true time; woken earlier by client_wake.  Only from within a client. */
void client_wait(Client *client, int64_t until_us);
void client_wake(Client *client);

/* Those that sleep beyond their next look wake within the time in which
 * they would have looked. */
void world_stir(void);

/* kill -9, SIGSTOP for a while, SIGTERM, SIGHUP. */
void client_kill(Client *client);
void client_freeze(Client *client, int64_t for_us);
void client_signal(Client *client, bool stop);
void client_thaw(Client *client); /* SIGCONT */

/* A step of a clock is about to be taken: a fault laid for it may strike.  False: it died. */
bool client_step(Client *client);

#endif
