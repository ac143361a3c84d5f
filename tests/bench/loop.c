/* Workers that do nothing but claim and finish: what the queue itself costs.
 *
 *   loop HOW WORKERS BATCH SECONDS DEPTH [SLICE]
 *   loop wake     waits for NOTIFY, claims a row, prints when it had it, and finishes it
 *
 * HOW is contract (clock.claim and clock.finish_all, as clock-worker(7) has them), plain (the
 * statements that these come down to, without any function) or held (one transaction: rows
 * locked, deleted, committed, as clock-worker(7) has it too).  DEPTH rows are kept ready; 0:
 * what is there is worked.  Prints, for each SLICE of seconds: jobs a second, and the p50 and
 * p99 of a claim in microseconds; wake prints CLOCK_MONOTONIC in nanoseconds. */

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define CLAIMS_MAX 400000
#define WORKERS_MAX 64

typedef struct {
    const char *name, *claim, *finish;
    bool held; /* in one transaction */
} How;

static const How hows[] = {
    {"contract",
        "SELECT id, lease_id, task, payload FROM clock.claim('{bench}', $1::int, 'loop')",
        "SELECT clock.finish_all($1::bigint[], $2::uuid[])", .held = false},
    {"plain",
        "WITH taken AS (UPDATE clock.jobs SET state = 'running', attempt = attempt + 1,"
        " worker = 'loop',"
        " lease_id = gen_random_uuid(), lease_until = clock_timestamp() + interval '30 s',"
        " started_at = clock_timestamp()"
        " WHERE id = ANY (ARRAY(SELECT id FROM clock.jobs WHERE state = 'ready'"
        " AND queue = 'bench' AND run_at <= now() ORDER BY priority, run_at, id"
        " LIMIT $1::int FOR UPDATE SKIP LOCKED)) RETURNING *)"
        " SELECT id, lease_id, task, payload FROM taken ORDER BY priority, run_at, id",
        "WITH done AS (DELETE FROM clock.jobs j WHERE j.id = ANY ($1::bigint[])"
        " AND j.lease_id = ANY ($2::uuid[]) RETURNING j.*)"
        " INSERT INTO clock.runs (row_id, clockfile, job, scheduled_at, origin, task, queue,"
        " attempt, worker, created_at, started_at, ended_at, outcome)"
        " SELECT id, clockfile, job, scheduled_at, origin, task, queue, attempt, worker,"
        " created_at, started_at, clock_timestamp(), 'done' FROM done RETURNING row_id",
        .held = false},
    {"held",
        "SELECT id, gen_random_uuid(), task, payload FROM clock.jobs WHERE state = 'ready'"
        " AND queue = 'bench' AND run_at <= now() ORDER BY priority, run_at, id"
        " LIMIT $1::int FOR UPDATE SKIP LOCKED",
        "DELETE FROM clock.jobs WHERE id = ANY ($1::bigint[]) AND $2::uuid[] IS NOT NULL",
        .held = true},
};

/* What a worker tells the others, in memory that all share. */
typedef struct {
    atomic_long jobs;
    atomic_long claims;
    int took_us[CLAIMS_MAX];
} Tally;

static Tally *tallies;

static void
add_cell(char **at, const PGresult *rows, int row, int column)
{
    *at += sprintf(*at, "%c%s", row == 0 ? '{' : ',', PQgetvalue(rows, row, column));
}

static long
turn(PGconn *conn, const How *how, const char *batch, Tally *tally)
{
    const char *params[2] = {batch};
    if (how->held)
        bench_do(conn, "BEGIN");
    int64_t began_us = bench_us(CLOCK_MONOTONIC);
    PGresult *rows = bench_check(conn, PQexecPrepared(conn, "claim", 1, params, NULL, NULL, 0));
    long n = PQntuples(rows), claim = atomic_load(&tally->claims);
    if (claim < CLAIMS_MAX) {
        tally->took_us[claim] = (int)(bench_us(CLOCK_MONOTONIC) - began_us);
        atomic_store(&tally->claims, claim + 1);
    }
    if (n > 0) {
        char *ids = malloc((size_t)n * 64 + 8), *leases = ids + n * 24 + 4;
        char *id = ids, *lease = leases;
        for (int i = 0; i < n; i++) {
            add_cell(&id, rows, i, 0);
            add_cell(&lease, rows, i, 1);
        }
        strcpy(id, "}");
        strcpy(lease, "}");
        params[0] = ids;
        params[1] = leases;
        PQclear(bench_check(conn, PQexecPrepared(conn, "finish", 2, params, NULL, NULL, 0)));
        free(ids);
    }
    PQclear(rows);
    if (how->held)
        bench_do(conn, "COMMIT");
    return n;
}

static _Noreturn void
work(const How *how, const char *batch, Tally *tally)
{
    PGconn *conn = bench_connect();
    PQclear(bench_check(conn, PQprepare(conn, "claim", how->claim, 0, NULL)));
    PQclear(bench_check(conn, PQprepare(conn, "finish", how->finish, 0, NULL)));
    for (;;) {
        long n = turn(conn, how, batch, tally);
        if (n == 0)
            usleep(500);
        atomic_fetch_add(&tally->jobs, n);
    }
}

static long
total(long workers)
{
    long jobs = 0;
    for (long i = 0; i < workers; i++)
        jobs += atomic_load(&tallies[i].jobs);
    return jobs;
}

static _Noreturn void
produce(long workers, long depth)
{
    PGconn *conn = bench_connect();
    bench_do(conn, "SET synchronous_commit = off");
    for (long made = depth;;) {
        char sql[200];
        long want = total(workers) + depth - made;
        usleep(5000);
        if (want < depth / 10 + 1)
            continue;
        snprintf(sql, sizeof sql,
            "INSERT INTO clock.jobs (task, queue, payload)"
            " SELECT 'noop', 'bench', '{\"n\": 1}' FROM generate_series(1, %ld)",
            want);
        bench_do(conn, sql);
        made += want;
    }
}

static int
ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* What has been done since the last call. */
static void
report(long workers, int64_t *since_us, long *jobs, long *claims)
{
    int64_t now_us = bench_us(CLOCK_MONOTONIC);
    long done = total(workers) - *jobs, n = 0;
    int *took = malloc(sizeof *took * CLAIMS_MAX);
    for (long i = 0; i < workers; i++) {
        long end = atomic_load(&tallies[i].claims);
        for (long j = claims[i]; j < end && n < CLAIMS_MAX; j++)
            took[n++] = tallies[i].took_us[j];
        claims[i] = end;
    }
    qsort(took, (size_t)n, sizeof *took, ascending);
    printf("%.0f\t%d\t%d\n", (double)done * 1e6 / (double)(now_us - *since_us),
        n == 0 ? 0 : took[n / 2], n == 0 ? 0 : took[n * 99 / 100]);
    fflush(stdout);
    free(took);
    *jobs += done;
    *since_us = now_us;
}

static const How *
how_named(const char *name)
{
    for (size_t i = 0; i < sizeof hows / sizeof *hows; i++)
        if (strcmp(hows[i].name, name) == 0)
            return &hows[i];
    fprintf(stderr, "loop: contract, plain or held, not '%s'\n", name);
    exit(2);
}

/* ---- woken ---- */

static void
stamp(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
    fflush(stdout);
}

static _Noreturn void
wake(void)
{
    PGconn *conn = bench_connect();
    const char *one[] = {"1"};
    PQclear(bench_check(conn, PQprepare(conn, "claim", hows[0].claim, 0, NULL)));
    bench_do(conn, "LISTEN clock_jobs");
    fprintf(stderr, "ready\n");
    for (;;) {
        PGnotify *word = PQnotifies(conn); /* it may have come beside an answer */
        if (word == NULL) {
            struct pollfd fd = {.fd = PQsocket(conn), .events = POLLIN};
            poll(&fd, 1, -1);
            PQconsumeInput(conn);
            continue;
        }
        PQfreemem(word);
        PGresult *rows =
            bench_check(conn, PQexecPrepared(conn, "claim", 1, one, NULL, NULL, 0));
        if (PQntuples(rows) > 0) {
            stamp();
            const char *row[] = {PQgetvalue(rows, 0, 0), PQgetvalue(rows, 0, 1)};
            PQclear(bench_check(conn, PQexecParams(conn, "SELECT clock.finish($1, $2)", 2, NULL,
                                          row, NULL, NULL, 0)));
        }
        PQclear(rows);
    }
}

/* ---- the program ---- */

static int
loop(int argc, char **argv)
{
    const How *how = how_named(argv[1]);
    long workers = bench_number(argv[2]), seconds = bench_number(argv[4]);
    long depth = bench_number(argv[5]), slice = argc > 6 ? bench_number(argv[6]) : seconds;
    long claims[WORKERS_MAX] = {0}, jobs = 0;
    pid_t pids[WORKERS_MAX + 1];
    if (workers < 1 || workers > WORKERS_MAX)
        return 2;
    tallies = mmap(NULL, sizeof *tallies * (size_t)workers, PROT_READ | PROT_WRITE,
        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (tallies == MAP_FAILED)
        return 1;
    for (long i = 0; i <= workers; i++) {
        pids[i] = fork();
        if (pids[i] == 0 && i < workers)
            work(how, argv[3], &tallies[i]);
        if (pids[i] == 0 && depth > 0)
            produce(workers, depth);
        if (pids[i] == 0)
            _exit(0);
    }
    usleep(300000); /* everybody has connected and planned */
    int64_t since_us = bench_us(CLOCK_MONOTONIC);
    jobs = total(workers);
    for (long i = 0; i < workers; i++)
        claims[i] = atomic_load(&tallies[i].claims);
    for (long done = 0; done < seconds; done += slice) {
        sleep((unsigned)slice);
        report(workers, &since_us, &jobs, claims);
    }
    for (long i = 0; i <= workers; i++)
        kill(pids[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "wake") == 0)
        wake();
    if (argc >= 6)
        return loop(argc, argv);
    fprintf(stderr, "loop: read the head of loop.c\n");
    return 2;
}
