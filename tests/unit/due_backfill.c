/* Whatever part of a record is fired, every instant of it is fired or still on record, and none
 * is both. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "due/backfill.h"

#define STEP_S 600
#define INSTANTS 60
#define ROUNDS 20000

static uint64_t state;

static int64_t
chance(int64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int64_t)(state % (uint64_t)below);
}

static Schedule *
every_ten_minutes(Arena *arena)
{
    Schedule *schedule;
    Error error;
    assert_true(
        schedule_parse(arena, zones_new(arena), "cron */10 * * * *\n", &schedule, &error));
    return schedule;
}

/* Records that lie one behind the other, with gaps; marks[i]: instant i is on record. */
static size_t
make_records(Record *records, int *marks)
{
    size_t n = 0;
    for (int64_t i = chance(4); i < INSTANTS; i += chance(4) + 1) {
        int64_t count = 1 + chance(8);
        if (i + count > INSTANTS)
            count = INSTANTS - i;
        records[n] = (Record){.id = (int64_t)n + 1,
            .first_s = i * STEP_S,
            .last_s = (i + count - 1) * STEP_S,
            .count = count};
        n++;
        for (int64_t j = i; j < i + count; j++)
            marks[j]++;
        i += count;
    }
    return n;
}

static int
is_consumed(const Backfill *backfill, int64_t id)
{
    for (size_t i = 0; i < backfill->n_consumed; i++) {
        if (backfill->consumed[i] == id)
            return 1;
    }
    return 0;
}

static void
count_record(const Record *record, int *marks)
{
    assert_int_equal(record->count, (record->last_s - record->first_s) / STEP_S + 1);
    for (int64_t at_s = record->first_s; at_s <= record->last_s; at_s += STEP_S)
        marks[at_s / STEP_S]++;
}

static void
test_account(void **unused)
{
    (void)unused;
    Arena *arena = arena_new(0), *tick = arena_new(0);
    Schedule *schedule = every_ten_minutes(arena);
    for (int round = 0; round < ROUNDS; round++) {
        Record records[INSTANTS];
        int before[INSTANTS] = {0}, after[INSTANTS] = {0};
        Backfill backfill;
        arena_reset(tick);
        size_t n = make_records(records, before), most = (size_t)(1 + chance(30));
        int64_t from_s = chance(INSTANTS) * STEP_S - chance(2);
        int64_t until_s = from_s + chance(INSTANTS) * STEP_S;
        backfill_recorded(tick, schedule, records, n, from_s, until_s, most, &backfill);
        assert_true(backfill.n <= most);
        assert_int_equal(backfill.n_untold, 0);
        for (size_t i = 0; i < backfill.n; i++) {
            assert_true(backfill.due_s[i] > from_s && backfill.due_s[i] <= until_s);
            after[backfill.due_s[i] / STEP_S]++;
        }
        for (size_t i = 0; i < n; i++) {
            if (!is_consumed(&backfill, records[i].id))
                count_record(&records[i], after);
        }
        for (size_t i = 0; i < backfill.n_kept; i++) {
            assert_true(is_consumed(&backfill, backfill.kept[i].id));
            count_record(&backfill.kept[i], after);
        }
        assert_memory_equal(before, after, sizeof before);
    }
    arena_free(tick);
    arena_free(arena);
}

/* With --all the schedule's instants come first, and those of records up
 * to there beside them. */
static void
test_all(void **unused)
{
    (void)unused;
    Arena *arena = arena_new(0), *tick = arena_new(0);
    Schedule *schedule = every_ten_minutes(arena);
    for (int round = 0; round < ROUNDS; round++) {
        Record records[INSTANTS];
        int marks[INSTANTS] = {0};
        Backfill backfill;
        arena_reset(tick);
        size_t n = make_records(records, marks), most = (size_t)(1 + chance(30));
        int64_t from_s = chance(INSTANTS) * STEP_S - chance(2);
        int64_t until_s = from_s + chance(INSTANTS) * STEP_S;
        backfill_all(tick, schedule, records, n, from_s, until_s, most, &backfill);
        assert_true(backfill.n <= most && backfill.through_s <= until_s);
        int64_t due_s = from_s;
        for (size_t i = 0; i < backfill.n; i++) {
            assert_true(schedule_next(schedule, due_s, &due_s));
            assert_int_equal(backfill.due_s[i], due_s);
        }
        assert_true(schedule_next(schedule, due_s, &due_s) && due_s > backfill.through_s);
        for (size_t i = 0; i < backfill.n_kept; i++)
            assert_true(backfill.kept[i].last_s <= from_s ||
                        backfill.kept[i].first_s > backfill.through_s);
    }
    arena_free(tick);
    arena_free(arena);
}

/* ---- records that do not say which instants they are ---- */

static Backfill
of_one(Arena *arena, Record record)
{
    Backfill backfill;
    backfill_recorded(
        arena, every_ten_minutes(arena), &record, 1, -1, 100 * STEP_S, 1000, &backfill);
    return backfill;
}

static void
a_record_that_the_schedule_does_not_tell_stays_as_it_is(void **unused)
{
    (void)unused;
    Arena *arena = arena_new(0);
    static const Record rows[] = {
        {.id = 1, .first_s = 0, .last_s = 5 * STEP_S, .count = -1},     /* could not be told */
        {.id = 2, .first_s = 60, .last_s = 5 * STEP_S, .count = 6},     /* begins beside it */
        {.id = 3, .first_s = 0, .last_s = 5 * STEP_S + 60, .count = 6}, /* ends beside it */
        {.id = 4, .first_s = 0, .last_s = 5 * STEP_S, .count = 5},      /* fewer */
        {.id = 5, .first_s = 0, .last_s = 5 * STEP_S, .count = 7},      /* more */
        {.id = 6, .first_s = 0, .last_s = 5 * STEP_S, .count = 1},      /* one, or two? */
        {.id = 7, .first_s = 0, .last_s = 0, .count = 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Backfill backfill = of_one(arena, rows[i]);
        assert_int_equal(backfill.n_untold, 1);
        assert_int_equal(backfill.n, 0);
        assert_int_equal(backfill.n_consumed, 0);
        assert_int_equal(backfill.n_kept, 0);
    }
    arena_free(arena);
}

static void
one_or_two_instants_are_told_by_the_record_alone(void **unused)
{
    (void)unused;
    Arena *arena = arena_new(0);
    Backfill one = of_one(arena, (Record){.id = 1, .first_s = 61, .last_s = 61, .count = 1});
    assert_int_equal(one.n, 1);
    assert_int_equal(one.due_s[0], 61); /* the rule of then may have been another */
    Backfill two = of_one(arena, (Record){.id = 1, .first_s = 61, .last_s = 777, .count = 2});
    assert_int_equal(two.n, 2);
    assert_int_equal(two.due_s[0], 61);
    assert_int_equal(two.due_s[1], 777);
    assert_int_equal(two.n_consumed, 1);
    arena_free(arena);
}

static void
an_untold_record_does_not_hide_the_others_nor_the_schedule(void **unused)
{
    (void)unused;
    Arena *arena = arena_new(0);
    const Record rows[] = {{.id = 1, .first_s = 0, .last_s = 9 * STEP_S, .count = -1},
        {.id = 2, .first_s = 3 * STEP_S, .last_s = 5 * STEP_S, .count = 3}};
    Backfill backfill;
    backfill_recorded(
        arena, every_ten_minutes(arena), rows, 2, -1, 100 * STEP_S, 1000, &backfill);
    assert_int_equal(backfill.n, 3);
    assert_int_equal(backfill.n_untold, 1);
    backfill_all(arena, every_ten_minutes(arena), rows, 2, -1, 9 * STEP_S, 1000, &backfill);
    assert_int_equal(backfill.n, 10);
    assert_int_equal(backfill.n_untold, 1);
    assert_int_equal(backfill.n_consumed, 1);
    assert_int_equal(backfill.consumed[0], 2);
    arena_free(arena);
}

static void
all_of_a_schedule_that_ends_is_what_it_has(void **unused)
{
    (void)unused;
    Arena *arena = arena_new(0);
    Schedule *once;
    Error error;
    Backfill backfill;
    assert_true(schedule_parse(arena, zones_new(arena), "cron 0 0 31 2 *\n", &once, &error));
    backfill_all(arena, once, NULL, 0, 0, 100 * STEP_S, 10, &backfill);
    assert_int_equal(backfill.n, 0);
    assert_int_equal(backfill.through_s, 100 * STEP_S);
    arena_free(arena);
}

int
main(void)
{
    const char *seed = getenv("SEED");
    state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)getpid() * 2654435761u + 1;
    printf("# SEED=%llu\n", (unsigned long long)state);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account),
        cmocka_unit_test(test_all),
        cmocka_unit_test(a_record_that_the_schedule_does_not_tell_stays_as_it_is),
        cmocka_unit_test(one_or_two_instants_are_told_by_the_record_alone),
        cmocka_unit_test(an_untold_record_does_not_hide_the_others_nor_the_schedule),
        cmocka_unit_test(all_of_a_schedule_that_ends_is_what_it_has),
    };
    return cmocka_run_group_tests_name("due/backfill", tests, NULL, NULL);
}
