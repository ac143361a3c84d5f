/* What bare libpq needs to put rows into clock.jobs: what clock run is held against.
 *
 *   bare insert ROWS TIMES           ROWS rows a transaction, 1 000 a statement
 *   bare arm ROWS TIMES PERIOD AT    the same ahead of each instant that is AT seconds behind a
 *                                    multiple of PERIOD, committed at the instant
 *   bare listen SECONDS              prints when each NOTIFY arrives: microseconds, payload
 *
 * The rows are clock's own, column for column; what bare has not is a horizon that it compares,
 * a guard, timeouts, a log, and more than one kind of job. */

#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench.h"

#define CHUNK 1000
#define LEAD_US 400000
#define LEAD_ROW_US 40

static const char insert[] =
    "INSERT INTO clock.jobs (clockfile, job, scheduled_at, origin, task, queue, payload,"
    " priority, run_at, max_attempts, backoff_s, backoff_max_s, solo, state)"
    " SELECT 'bare', f.job, to_timestamp($3::bigint), 'schedule', f.job, 'bare',"
    " f.payload::jsonb, 0, to_timestamp($3::bigint), 5, 10, 3600, false, 'ready'"
    " FROM unnest($1::text[], $2::text[]) AS f (job, payload) ON CONFLICT DO NOTHING";

/* Rows first to first + n of one instant. */
static void
insert_chunk(PGconn *conn, long first, long n, int64_t due_s)
{
    size_t size = (size_t)n * 128 + 3, names_n = 0, payloads_n = 0;
    char *names = malloc(size), *payloads = malloc(size), due[32];
    for (long i = first; i < first + n; i++) {
        names_n += (size_t)snprintf(
            names + names_n, size - names_n, "%cjob-%06ld", i == first ? '{' : ',', i);
        payloads_n += (size_t)snprintf(payloads + payloads_n, size - payloads_n,
            "%c\"{\\\"account\\\": %ld, \\\"region\\\": \\\"eu-west\\\", \\\"v\\\": 1}\"",
            i == first ? '{' : ',', i);
    }
    snprintf(names + names_n, size - names_n, "}");
    snprintf(payloads + payloads_n, size - payloads_n, "}");
    snprintf(due, sizeof due, "%lld", (long long)due_s);
    const char *params[] = {names, payloads, due};
    PQclear(bench_check(conn, PQexecParams(conn, insert, 3, NULL, params, NULL, NULL, 0)));
    free(names);
    free(payloads);
}

static void
fill(PGconn *conn, long rows, int64_t due_s)
{
    bench_do(conn, "BEGIN");
    for (long i = 0; i < rows; i += CHUNK)
        insert_chunk(conn, i, rows - i < CHUNK ? rows - i : CHUNK, due_s);
    bench_do(conn, "SELECT pg_notify('clock_jobs', 'bare')");
}

static void
sleep_until(int64_t at_us)
{
    struct timespec at = {at_us / 1000000, at_us % 1000000 * 1000};
    while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL) != 0)
        ;
}

static void
arm(PGconn *conn, long rows, long times, long period_s, long at_s)
{
    int64_t lead_us = LEAD_US + LEAD_ROW_US * rows;
    for (long i = 0; i < times; i++) {
        int64_t due_s = (bench_us(CLOCK_REALTIME) + lead_us) / 1000000 + 1;
        while (due_s % period_s != at_s)
            due_s++;
        sleep_until(due_s * 1000000 - lead_us);
        fill(conn, rows, due_s);
        sleep_until(due_s * 1000000);
        bench_do(conn, "COMMIT");
    }
}

static void
listen(PGconn *conn, long seconds)
{
    int64_t until_us = bench_us(CLOCK_REALTIME) + seconds * 1000000;
    bench_do(conn, "LISTEN clock_jobs");
    for (int64_t now_us; (now_us = bench_us(CLOCK_REALTIME)) < until_us;) {
        struct pollfd fd = {.fd = PQsocket(conn), .events = POLLIN};
        poll(&fd, 1, (int)((until_us - now_us) / 1000) + 1);
        now_us = bench_us(CLOCK_REALTIME);
        PQconsumeInput(conn);
        for (PGnotify *word; (word = PQnotifies(conn)) != NULL; PQfreemem(word))
            printf("%lld\t%s\n", (long long)now_us, word->extra);
        fflush(stdout);
    }
}

int
main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    PGconn *conn = bench_connect();
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    if (strcmp(what, "listen") == 0) {
        listen(conn, bench_number(argv[2]));
    } else if (strcmp(what, "insert") == 0 && argc == 4) {
        int64_t due_s = bench_us(CLOCK_REALTIME) / 1000000;
        for (long i = 0, n = bench_number(argv[3]); i < n; i++) {
            fill(conn, bench_number(argv[2]), due_s + i);
            bench_do(conn, "COMMIT");
        }
    } else if (strcmp(what, "arm") == 0 && argc == 6) {
        arm(conn, bench_number(argv[2]), bench_number(argv[3]), bench_number(argv[4]),
            bench_number(argv[5]));
    } else {
        fprintf(stderr, "bare: read the head of bare.c\n");
        return 2;
    }
    PQfinish(conn);
    return 0;
}
