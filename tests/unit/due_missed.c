/* The section on missed fires of the semantics, to the letter. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <setjmp.h>

#include <cmocka.h>

#include "duebatch.h"

/* ---- policies ---- */

#define EVERY_MINUTE(name, rest) name ": {schedule: \"* * * * *\"" rest "}\n"

static void
what_is_a_minute_old_is_fired_whatever_the_policy(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\", missed: skip}\n");
    look(&f, 70, ALL_ROWS); /* 10 is sixty seconds old */
    fires(&f, "a", 10, 20, 30, 40, 50, 60, 70);
    look(&f, 71, ALL_ROWS);
    fires(&f, "a", 20, 30, 40, 50, 60, 70);
    missed(&f, "a", 0, 10, 10, 1, MISS_POLICY);
}

static void
skip_records_all_that_is_older(void **state)
{
    (void)state;
    Fixture f = stand(EVERY_MINUTE("a", ", missed: skip"));
    look(&f, 3630, ALL_ROWS);
    fires(&f, "a", 3600);
    missed(&f, "a", 0, 60, 3540, 59, MISS_POLICY);
    assert_null(record(&f, "a", 1));
    assert_int_equal(f.batch.new_s, T0 + 3600);
}

static void
latest_fires_the_newest_old_one(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"*/10 * * * *\"}\n"); /* the default */
    look(&f, 3500, ALL_ROWS);
    fires(&f, "a", 3000);
    missed(&f, "a", 0, 600, 2400, 4, MISS_POLICY);
    assert_int_equal(f.batch.new_s, T0 + 3000);
}

static void
latest_fires_no_old_one_beside_a_younger(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"*/10 * * * *\"}\nb: {schedule: \"30 * * * *\"}\n");
    look(&f, 3660, ALL_ROWS);
    fires(&f, "a", 3600); /* sixty seconds old: not missed at all */
    missed(&f, "a", 0, 600, 3000, 5, MISS_POLICY);
    fires(&f, "b", 1800); /* each job for itself */
}

static void
all_fires_the_newest_up_to_the_limit(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"*/10 * * * *\", missed: all, limit: 2}\n"
                      "b: {schedule: \"*/10 * * * *\", missed: all}\n");
    look(&f, 3500, ALL_ROWS);
    fires(&f, "a", 2400, 3000);
    missed(&f, "a", 0, 600, 1800, 3, MISS_LIMIT);
    fires(&f, "b", 600, 1200, 1800, 2400, 3000);
    assert_null(record(&f, "b", 0));
}

static void
the_limit_does_not_count_what_is_fresh(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 30s\", missed: all, limit: 2}\n");
    look(&f, 305, ALL_ROWS);
    fires(&f, "a", 210, 240, 270, 300);
    missed(&f, "a", 0, 30, 180, 6, MISS_LIMIT);
}

static void
what_is_older_than_within_is_recorded_as_that(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"*/10 * * * *\", missed: all, within: 20m, limit: 2}\n"
                      "b: {schedule: \"*/10 * * * *\", missed: all, within: 20m, limit: 1}\n"
                      "c: {schedule: \"0 * * * *\", missed: latest, within: 20m}\n"
                      "d: {schedule: \"*/10 * * * *\", missed: latest, within: 20m}\n");
    look(&f, 6060, ALL_ROWS); /* M is 6000, so 4800 is just within */
    fires(&f, "a", 4800, 5400, 6000);
    missed(&f, "a", 0, 600, 4200, 7, MISS_WITHIN);
    fires(&f, "b", 5400, 6000);
    missed(&f, "b", 0, 600, 4200, 7, MISS_WITHIN);
    missed(&f, "b", 1, 4800, 4800, 1, MISS_LIMIT);
    fires_never(&f, "c");
    missed(&f, "c", 0, 3600, 3600, 1, MISS_WITHIN);
    fires(&f, "d", 6000);
    missed(&f, "d", 0, 600, 4200, 7, MISS_WITHIN);
    missed(&f, "d", 1, 4800, 5400, 2, MISS_POLICY);
}

static void
lateness_is_judged_once_for_a_catch_up(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\", missed: skip}\n");
    look_and_move(&f, 100, 1);
    missed(&f, "a", 0, 10, 30, 3, MISS_POLICY);
    fires(&f, "a", 40); /* M is 40, and stays */
    look_and_move(&f, 150, 1);
    fires(&f, "a", 50); /* though a hundred seconds old */
    assert_null(record(&f, "a", 0));
    look_and_move(&f, 200, ALL_ROWS);
    fires(&f, "a", 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200);
    nothing_is_due(&f, 205); /* it is over: the next one judges anew */
    look(&f, 265, ALL_ROWS);
    fires(&f, "a", 210, 220, 230, 240, 250, 260);
    look(&f, 281, ALL_ROWS);
    fires(&f, "a", 230, 240, 250, 260, 270, 280);
    missed(&f, "a", 0, 210, 220, 2, MISS_POLICY);
}

static void
a_catch_up_that_was_left_for_a_minute_begins_anew(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10s\", missed: skip}\n");
    look_and_move(&f, 100, 1);
    fires(&f, "a", 40);
    look(&f, 160, 1); /* sixty seconds later is not left */
    fires(&f, "a", 50);
    look(&f, 221, ALL_ROWS);
    fires(&f, "a", 170, 180, 190, 200, 210, 220);
    missed(&f, "a", 0, 50, 160, 12, MISS_POLICY);
}

static void
a_policy_decides_over_the_whole_backlog_at_every_slice(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10m\", missed: latest}\n"
                      "b: {schedule: \"@every 10m\", missed: all, limit: 2}\n"
                      "c: {schedule: \"@every 10m\", missed: all}\n");
    int64_t fired_a = 0, fired_b = 0, missed_a = 0, missed_b = 0, now_s = 7000;
    for (int slice = 0; slice < 11; slice++) {
        look_and_move(&f, now_s++, 1);
        assert_int_equal(f.batch.new_s, T0 + 600 * (slice + 1));
        for (size_t i = 0; i < f.batch.n_fires; i++) {
            fired_a += f.batch.fires[i].job->name[0] == 'a';
            fired_b += f.batch.fires[i].job->name[0] == 'b';
        }
        for (size_t i = 0; i < f.batch.n_misses; i++) {
            assert_int_equal(f.batch.misses[i].first_s, f.batch.new_s);
            missed_a += f.batch.misses[i].job[0] == 'a';
            missed_b += f.batch.misses[i].job[0] == 'b';
        }
    }
    assert_int_equal(fired_a, 1);
    assert_int_equal(missed_a, 10);
    assert_int_equal(fired_b, 2);
    assert_int_equal(missed_b, 9);
    nothing_is_due(&f, now_s);
}

static void
an_old_one_gives_way_to_a_younger_that_falls_due_meanwhile(void **state)
{
    (void)state;
    Fixture f =
        stand("a: {schedule: \"0 * * * *\"}\nb: {schedule: \"@every 10m\", missed: all}\n");
    look_and_move(&f, 7190, 1); /* b at 600 */
    look(&f, 7190, ALL_ROWS);
    fires(&f, "a", 3600);
    dispatch_rewind(f.dispatch);
    look(&f, 7210, ALL_ROWS); /* a is due again at 7200 */
    fires(&f, "a", 7200);
    missed(&f, "a", 0, 3600, 3600, 1, MISS_POLICY);
}

static void
a_new_rule_never_fires_the_past(void **state)
{
    (void)state;
    Fixture f = stand("a: {schedule: \"@every 10m\", missed: all}\n"
                      "b: {schedule: \"@every 10m\", missed: latest}\n");
    row_of(f.rows, f.n_rows, "a")->since_s = T0 + 7000;
    row_of(f.rows, f.n_rows, "b")->since_s = T0 + 6600;
    stand_again(&f, T0, NEVER);
    look_and_move(&f, 7150, ALL_ROWS);
    fires_never(&f, "a");
    fires_never(&f, "b"); /* the newest old one is not its */
    assert_int_equal(f.batch.n_misses, 0);
}

/* ---- every outage of eight instants ---- */

#define STEP_S 20
#define SPOTS 8
#define BACK 6
#define LIMIT 2
#define WITHIN_S 100

typedef struct {
    unsigned instants; /* bit k: due at T0 + k steps, k from 1 */
    MissedPolicy policy;
    int64_t fresh_s; /* M; INT64_MIN: no catch-up */
    int64_t horizon_s;
    unsigned rows, records; /* bits as above */
} Outage;

static bool
is_instant(const Outage *outage, int64_t at_s)
{
    int64_t k = (at_s - T0) / STEP_S;
    return k >= 1 && k <= SPOTS && (at_s - T0) % STEP_S == 0 &&
           (outage->instants >> k & 1) != 0;
}

/* How many instants there are in [from_s, until_s). */
static int
count(const Outage *outage, int64_t from_s, int64_t until_s)
{
    int n = 0;
    for (int k = 1; k <= SPOTS; k++)
        n += is_instant(outage, T0 + k * STEP_S) && T0 + k * STEP_S >= from_s &&
             T0 + k * STEP_S < until_s;
    return n;
}

/* Whether an instant is to be fired, decided at now_s. */
static bool
should_fire(const Outage *outage, int64_t at_s, int64_t now_s)
{
    if (at_s >= outage->fresh_s)
        return true;
    if (at_s < outage->fresh_s - WITHIN_S || outage->policy == MISSED_SKIP)
        return false;
    int newer = count(outage, at_s + 1, outage->fresh_s);
    if (outage->policy == MISSED_ALL)
        return newer < LIMIT;
    return newer == 0 && count(outage, outage->fresh_s, now_s + 1) == 0;
}

static void
account(Outage *outage, unsigned *which, int64_t at_s, int64_t now_s, bool fired)
{
    unsigned bit = 1u << (at_s - T0) / STEP_S;
    assert_true(is_instant(outage, at_s) && at_s <= now_s);
    assert_int_equal((outage->rows | outage->records) & bit, 0);
    if (should_fire(outage, at_s, now_s) != fired)
        fail_msg("instants %x, policy %d, at %lld: decided at %lld", outage->instants,
            (int)outage->policy, (long long)(at_s - T0), (long long)(now_s - T0));
    *which |= bit;
}

static void
take_batch(Outage *outage, const Batch *batch, int64_t now_s)
{
    assert_int_equal(batch->old_s, outage->horizon_s);
    for (size_t i = 0; i < batch->n_fires; i++)
        account(outage, &outage->rows, batch->fires[i].due_s, now_s, true);
    for (size_t i = 0; i < batch->n_misses; i++) {
        const Miss *miss = &batch->misses[i];
        int64_t n = 0;
        for (int64_t at_s = miss->first_s; at_s <= miss->last_s; at_s += STEP_S) {
            if (!is_instant(outage, at_s))
                continue;
            account(outage, &outage->records, at_s, now_s, false);
            n++;
        }
        assert_int_equal(miss->count, n);
    }
    outage->horizon_s = batch->new_s;
    for (int k = 1; k <= SPOTS; k++) {
        bool decided = ((outage->rows | outage->records) >> k & 1) != 0;
        bool behind = T0 + k * STEP_S <= outage->horizon_s;
        assert_int_equal(decided, is_instant(outage, T0 + k * STEP_S) && behind);
    }
}

/* Works an outage off.  Bit i of `steps`: time passes after slice i; of `kills`: another
 * process goes on after it. */
static void
work_off(const Clockfile *file, Outage outage, size_t max_rows, unsigned steps, unsigned kills)
{
    Arena *own = arena_new(0), *tick = arena_new(0);
    size_t n_rows;
    JobRow *rows = rows_of(file, T0, &n_rows);
    Dispatch *dispatch = dispatch_new(own, file, rows, n_rows, T0, NEVER);
    int64_t now_s = T0 + BACK * STEP_S + 5;
    const int64_t end_s = T0 + SPOTS * STEP_S + 5;
    for (int slice = 0;;) {
        Batch batch;
        int64_t oldest_s = outage.horizon_s + 1;
        while (oldest_s <= now_s && !is_instant(&outage, oldest_s))
            oldest_s++;
        if (oldest_s > now_s)
            outage.fresh_s = INT64_MIN;
        else if (outage.fresh_s == INT64_MIN && oldest_s < now_s - DISPATCH_FRESH_S)
            outage.fresh_s = now_s - DISPATCH_FRESH_S;
        bool due = dispatch_look(dispatch, tick, now_s, max_rows, &batch);
        assert_int_equal(due, oldest_s <= now_s);
        if (!due && now_s >= end_s)
            break;
        if (!due) {
            now_s += STEP_S;
            continue;
        }
        take_batch(&outage, &batch, now_s);
        dispatch_move(dispatch, &batch);
        if ((kills >> slice & 1) != 0) {
            outage.fresh_s = INT64_MIN;
            dispatch = dispatch_new(own, file, rows, n_rows, outage.horizon_s, NEVER);
        }
        if ((steps >> slice & 1) != 0 && now_s < end_s)
            now_s += STEP_S;
        slice++;
    }
    assert_int_equal(outage.rows | outage.records, outage.instants);
    arena_free(own);
    arena_free(tick);
}

static void
every_outage_is_worked_off_to_the_letter(void **state)
{
    static const char *const policies[] = {"skip", "latest", "all"};
    (void)state;
    for (unsigned instants = 1; instants < 1u << SPOTS; instants++) {
        for (int policy = 0; policy < 3; policy++) {
            Text text = text_new(arena);
            text_add(&text, "a: {schedule: [");
            for (int k = 1; k <= SPOTS; k++) {
                int at_s = k * STEP_S;
                if ((instants >> (k - 1) & 1) != 0)
                    text_addf(&text, "\"@at 2026-01-01T00:%02d:%02d\", ", at_s / 60, at_s % 60);
            }
            text_addf(&text, "], missed: %s, within: %ds, limit: %d}\n", policies[policy],
                WITHIN_S, LIMIT);
            Clockfile *file = file_of(text.at);
            Outage outage = {.instants = instants << 1,
                .policy = (MissedPolicy)policy,
                .fresh_s = INT64_MIN,
                .horizon_s = T0};
            for (unsigned way = 0; way < 512; way++)
                work_off(file, outage, (way & 256) != 0 ? 3 : 1, way & 15, way >> 4 & 15);
            arena_reset(arena);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, due_begin, due_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_a_minute_old_is_fired_whatever_the_policy),
        TEST(skip_records_all_that_is_older),
        TEST(latest_fires_the_newest_old_one),
        TEST(latest_fires_no_old_one_beside_a_younger),
        TEST(all_fires_the_newest_up_to_the_limit),
        TEST(the_limit_does_not_count_what_is_fresh),
        TEST(what_is_older_than_within_is_recorded_as_that),
        TEST(lateness_is_judged_once_for_a_catch_up),
        TEST(a_catch_up_that_was_left_for_a_minute_begins_anew),
        TEST(a_policy_decides_over_the_whole_backlog_at_every_slice),
        TEST(an_old_one_gives_way_to_a_younger_that_falls_due_meanwhile),
        TEST(a_new_rule_never_fires_the_past),
        TEST(every_outage_is_worked_off_to_the_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
