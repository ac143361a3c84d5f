/* What no other file knows: what a simulation is asked to prove, and how it says so.
 *
 *     sim [-v] [--flaw NAME] [SEEDS [FIRST]]
 *
 * Each seed is a month (one in eight: two hours) of 1-8 clocks, each the real dispatcher, with
 * a model of the database and of everything that can befall them.  TAP on stdout; -v shows the
 * trace of one seed. */

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model.h"
#include "nature.h"
#include "world.h"

#ifdef __SANITIZE_ADDRESS__
#define SEEDS 200
#else
#define SEEDS 2000
#endif
#define SEEDS_WRAPPED 20 /* under valgrind */
#define SHOWN 10         /* failing seeds told one by one */

/* After the last fault everything that was owed has been fired or recorded. */
static void
check_end(void)
{
    if (world_failed())
        return;
    if (!model_row()->exists) {
        world_fail("stuck: no clock has ever started");
        return;
    }
    for (int i = 0; i < SIM_JOBS; i++) {
        const Known *known = model_known(i);
        if (!known->exists || known->paused)
            continue;
        int64_t due_s = ledger_next(model_ledger(), i, model_low(i));
        if (due_s < model_now_us() / SECOND - world.patience_s)
            world_fail("stuck: %s at %lld is undecided %lld s later, with no fault left",
                job_name(i), (long long)due_s, (long long)(model_now_us() / SECOND - due_s));
    }
}

/* Runs a seed; false: a promise was broken, and world.violation says which. */
static bool
run_seed(uint64_t seed, uint64_t *hash, char *violation, size_t size)
{
    world_begin(seed);
    nature_begin();
    world_run(world.calm_us);
    if (!world_failed())
        nature_calm();
    world_run(world.end_us);
    check_end();
    *hash = world.hash;
    snprintf(violation, size, "%s", world.violation);
    world_end();
    return violation[0] == '\0';
}

static int64_t
number(const char *text)
{
    int64_t n;
    if (text_number(text, strlen(text), 0, INT64_MAX, &n))
        return n;
    fprintf(stderr, "sim: '%s' is no number\n", text);
    exit(2);
}

typedef struct {
    int64_t seeds, first;
    bool until_found; /* a flaw is planted: stop at the first violation */
} Options;

static Options
read_options(int argc, char **argv)
{
    const char *wrap = getenv("CLOCK_WRAP");
    bool wrapped = wrap != NULL && *wrap != '\0';
    Options options = {.seeds = wrapped ? SEEDS_WRAPPED : SEEDS, .first = 1};
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "-v") == 0) {
            world_verbose++;
        } else if (strcmp(argv[at], "--find") == 0) {
            options.until_found = true;
        } else if (strcmp(argv[at], "--flaw") == 0 && at + 1 < argc &&
                   model_flaw(argv[at + 1]) != FLAWS) {
            model_flaws[model_flaw(argv[++at])] = true;
        } else {
            fprintf(stderr, "usage: sim [-v] [--find] [--flaw NAME] [SEEDS [FIRST]]\n");
            exit(2);
        }
    }
    if (at < argc)
        options.seeds = number(argv[at++]);
    if (at < argc)
        options.first = number(argv[at++]);
    return options;
}

/* How many seeds it took until the violation showed; for planted flaws. */
static int
find(const Options *options)
{
    char violation[512];
    uint64_t hash;
    for (int64_t i = 0; i < options->seeds; i++) {
        if (!run_seed((uint64_t)(options->first + i), &hash, violation, sizeof violation)) {
            printf("found by seed %lld: %s\n", (long long)(options->first + i), violation);
            return 0;
        }
    }
    printf("not found by %lld seeds\n", (long long)options->seeds);
    return 1;
}

static void
show_tallies(void)
{
    int n;
    const Tally *tallies = world_tallies(&n);
    for (int i = 0; i < n; i++)
        printf("# %9lld %s\n", (long long)tallies[i].times, tallies[i].what);
}

int
main(int argc, char **argv)
{
    Options options = read_options(argc, argv);
    char violation[512], again_violation[512];
    uint64_t hash, again, differ = 0;
    int64_t failed = 0;
    mallopt(M_TRIM_THRESHOLD, 1 << 28); /* every seed takes the same memory again */
    mallopt(M_TOP_PAD, 1 << 24);
    if (options.until_found)
        return find(&options);
    printf("1..2\n");
    for (int64_t i = 0; i < options.seeds; i++) {
        uint64_t seed = (uint64_t)(options.first + i);
        if (!run_seed(seed, &hash, violation, sizeof violation) && ++failed <= SHOWN)
            printf("# seed %llu: %s\n", (unsigned long long)seed, violation);
        if (i % 50 != 0 || world_verbose)
            continue;
        run_seed(seed, &again, again_violation, sizeof again_violation);
        differ += again != hash;
    }
    printf("%s 1 - %lld seeds from %lld: every promise is kept\n",
        failed == 0 ? "ok" : "not ok", (long long)options.seeds, (long long)options.first);
    printf("%s 2 - the same seed gives the same trace\n", differ == 0 ? "ok" : "not ok");
    show_tallies();
    return failed != 0 || differ != 0;
}
