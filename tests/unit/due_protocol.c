/* What protocol.h promises of the clock in force: when it arms, fires, looks and waits, and
 * what trouble does to it. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "duesteps.h"

/* ---- firing ---- */

static void
an_instant_is_armed_before_it_comes_and_committed_when_it_has(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    sleep_until(&f, 60 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    int64_t lead_us = PROTOCOL_LEAD_US + PROTOCOL_LEAD_ROW_US;
    assert_int_equal(f.mono_us + f.offset_us, (T0 + 60) * S - lead_us);
    assert_int_equal(f.step.lead_us, lead_us);
    assert_int_equal(f.step.batch->old_s, T0);
    assert_int_equal(f.step.batch->new_s, T0 + 60);
    assert_int_equal(f.step.batch->n_fires, 1);
    protocol_armed(f.protocol, f.mono_us + f.offset_us, f.mono_us);
    assert_true(protocol_is_armed(f.protocol));
    assert_int_equal(next(&f), STEP_WAIT);
    assert_int_equal(f.step.until_us + f.offset_us, (T0 + 60) * S);
    f.mono_us = f.step.until_us;
    assert_int_equal(next(&f), STEP_COMMIT);
    commit(&f);
    assert_false(protocol_is_armed(f.protocol));
    assert_int_equal(protocol_next_s(f.protocol), T0 + 120);
    end(&f);
}

static void
many_rows_are_armed_earlier(void **state)
{
    (void)state;
    Text jobs = text_new(arena);
    for (int i = 0; i < 1000; i++)
        text_addf(&jobs, "j%d: {schedule: \"* * * * *\"}\n", i);
    Fixture f = settled(jobs.at, 0, 60);
    sleep_until(&f, 60 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    assert_int_equal((T0 + 60) * S - (f.mono_us + f.offset_us),
        PROTOCOL_LEAD_US + 1000 * PROTOCOL_LEAD_ROW_US + PROTOCOL_LEAD_LOG_US);
    end(&f);
}

static void
a_far_server_is_armed_earlier_but_not_for_an_accident(void **state)
{
    (void)state;
    static const int64_t trips_us[][2] = {{0, 0}, {20000, 20000}, {400000, 100000}};
    for (size_t i = 0; i < sizeof trips_us / sizeof *trips_us; i++) {
        Fixture f = begin(MINUTES);
        f.row.trip_us = trips_us[i][0];
        in_force(&f, f.file, 0, 60, 0);
        connect_and_look(&f);
        sleep_until(&f, 60 * S);
        assert_int_equal(f.step.kind, STEP_ARM);
        assert_int_equal((T0 + 60) * S - (f.mono_us + f.offset_us),
            PROTOCOL_LEAD_US + PROTOCOL_LEAD_ROW_US + PROTOCOL_LEAD_TRIPS * trips_us[i][1]);
        end(&f);
    }
}

static void
the_servers_clock_is_measured_anew_when_armed(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    sleep_until(&f, 60 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    f.offset_us -= 30000; /* we were ahead */
    protocol_armed(f.protocol, f.mono_us + f.offset_us, f.mono_us);
    assert_int_equal(next(&f), STEP_WAIT);
    assert_int_equal(f.step.until_us + f.offset_us, (T0 + 60) * S);
    f.mono_us = f.step.until_us;
    assert_int_equal(next(&f), STEP_COMMIT);
    protocol_disarmed(f.protocol); /* and it was set back meanwhile */
    f.offset_us -= 20000;
    look(&f);
    assert_int_equal(after_looks(&f), STEP_ARM);
    protocol_armed(f.protocol, f.mono_us + f.offset_us, f.mono_us);
    assert_int_equal(next(&f), STEP_WAIT);
    assert_int_equal(f.step.until_us + f.offset_us, (T0 + 60) * S);
    end(&f);
}

static void
what_is_armed_does_not_wait_for_a_clock_that_was_put_back(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    sleep_until(&f, 60 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    f.offset_us -= 600 * S;
    protocol_armed(f.protocol, f.mono_us + f.offset_us, f.mono_us);
    assert_int_equal(next(&f), STEP_COMMIT); /* which the guard refuses */
    protocol_disarmed(f.protocol);
    look(&f);
    assert_int_equal(after_looks(&f), STEP_WAIT);
    assert_false(protocol_is_armed(f.protocol));
    end(&f);
}

static void
what_is_due_already_is_fired_at_once(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, f.file, 0, 60, 0);
    f.mono_us += 200 * S;
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_FIRE);
    assert_false(f.step.careful);
    assert_int_equal(f.step.batch->new_s, T0 + 180);
    commit(&f);
    assert_int_equal(after_looks(&f), STEP_WAIT);
    end(&f);
}

static void
another_clock_was_first_and_memory_follows(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    sleep_until(&f, 60 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    protocol_lost(f.protocol);
    f.row.fired_through_s = T0 + 60;
    f.row.next_due_s = T0 + 120;
    look(&f);
    assert_int_equal(after_looks(&f), STEP_WAIT);
    assert_int_equal(protocol_next_s(f.protocol), T0 + 120);
    f.row.fired_through_s = T0; /* a failover: memory follows either way */
    f.row.next_due_s = T0 + 60;
    protocol_failed(f.protocol, f.mono_us);
    f.mono_us += S;
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_FIRE);
    assert_int_equal(f.step.batch->old_s, T0);
    end(&f);
}

static void
new_rules_are_read_before_anything_is_fired(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES "b: {schedule: \"0 * * * *\"}\n", 0, 60);
    sleep_until(&f, 30 * S);
    row_of(f.rows, f.n_rows, "a")->paused = true;
    set_version(&f, 2);
    sleep_until(&f, 45 * S); /* looked at within ten seconds, without being told */
    assert_int_equal(protocol_next_s(f.protocol), T0 + 60); /* a promise is kept */
    sleep_until(&f, 60 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    assert_int_equal(f.step.batch->n_fires, 0);
    assert_int_equal(f.step.batch->new_s, T0 + 60);
    protocol_armed(f.protocol, f.mono_us + f.offset_us, f.mono_us);
    sleep_until(&f, 60 * S);
    commit(&f);
    assert_int_equal(protocol_next_s(f.protocol), T0 + 3600);
    end(&f);
}

static void
the_end_of_a_pause_brings_other_rules(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, f.file, 0, 90, 0);
    f.rows[0].paused = true;
    f.rows[0].until_s = T0 + 90;
    connect_and_look(&f);
    sleep_until(&f, 90 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    assert_int_equal(f.step.batch->n_resumed, 1);
    protocol_armed(f.protocol, f.mono_us + f.offset_us, f.mono_us);
    sleep_until(&f, 90 * S);
    assert_int_equal(f.step.kind, STEP_COMMIT);
    commit(&f);
    f.rows[0] =
        (JobRow){.job = "a", .spec = f.rows[0].spec, .since_s = T0 + 90, .until_s = NEVER};
    set_version(&f, 2);
    look(&f);
    sleep_until(&f, 100 * S); /* the promise to look again, with nothing */
    assert_true(f.step.kind == STEP_ARM || f.step.kind == STEP_FIRE);
    assert_int_equal(f.step.batch->n_fires, 0);
    end(&f);
}

static void
a_look_with_very_many_rules_is_followed_by_one_without(void **state)
{
    (void)state;
    Text jobs = text_new(arena);
    for (int i = 0; i < 1500; i++)
        text_addf(&jobs, "j%d: {schedule: \"0 0 * * *\"}\n", i);
    Fixture f = settled(jobs.at, 0, 86400);
    look(&f); /* the first answer's stamp is as old as it was long */
    assert_string_equal(f.step.known, "version-1");
    assert_int_equal(next(&f), STEP_WAIT);
    end(&f);
}

/* ---- trouble ---- */

static void
waits_between_attempts_double_with_jitter_and_are_reset_by_work_done(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    int64_t most_us = 100000;
    for (int i = 0; i < 20; i++) {
        protocol_failed(f.protocol, f.mono_us);
        assert_int_equal(next(&f), STEP_WAIT);
        int64_t wait_us = f.step.until_us - f.mono_us;
        assert_true(wait_us >= most_us / 2 && wait_us <= most_us);
        f.mono_us = f.step.until_us;
        most_us = most_us * 2 < 5 * S ? most_us * 2 : 5 * S;
        connect(&f);
        if (i % 2 == 0)
            look(&f); /* a look is no work: what comes after may fail every time */
    }
    f.mono_us = T0 * S + 200 * S - f.offset_us;
    look(&f);
    assert_int_equal(next(&f), STEP_FIRE);
    commit(&f);
    protocol_failed(f.protocol, f.mono_us);
    assert_int_equal(next(&f), STEP_WAIT);
    assert_true(f.step.until_us - f.mono_us <= 100000);
    end(&f);
}

static void
two_clocks_do_not_wait_in_step(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    Protocol *other = protocol_new(arena, f.file, BORN, 8, false);
    int same = 0;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(protocol_step(f.protocol, f.mono_us).kind, STEP_CONNECT);
        assert_int_equal(protocol_step(other, f.mono_us).kind, STEP_CONNECT);
        protocol_failed(f.protocol, f.mono_us);
        protocol_failed(other, f.mono_us);
        same += protocol_step(f.protocol, f.mono_us).until_us ==
                protocol_step(other, f.mono_us).until_us;
        f.mono_us += 6 * S;
    }
    assert_true(same < 3);
    protocol_free(other);
    end(&f);
}

static void
an_attempt_as_long_as_the_wait_is_followed_by_the_next(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(protocol_step(f.protocol, f.mono_us).kind, STEP_CONNECT);
        f.mono_us += 5 * S; /* a server that keeps silent: its return is not slept over */
        protocol_failed(f.protocol, f.mono_us);
    }
    assert_int_equal(protocol_step(f.protocol, f.mono_us).kind, STEP_CONNECT);
    end(&f);
}

static void
a_slow_statement_halves_the_slice_never_below_an_instant(void **state)
{
    (void)state;
    Fixture f = begin("a: {schedule: \"@every 1s\", missed: all, limit: 100000}\n");
    in_force(&f, f.file, 0, 1, 0);
    f.mono_us += 20000 * S;
    connect_and_look(&f);
    for (size_t rows = DISPATCH_ROWS; rows > 0; rows /= 2) {
        assert_int_equal(next(&f), STEP_FIRE);
        assert_int_equal(f.step.batch->n_fires, rows);
        int64_t log_us = rows < PROTOCOL_LEAD_LOG_ROWS ? 0 : PROTOCOL_LEAD_LOG_US;
        assert_int_equal(
            f.step.lead_us, PROTOCOL_LEAD_US + (int64_t)rows * PROTOCOL_LEAD_ROW_US + log_us);
        protocol_slow(f.protocol);
        look(&f);
    }
    assert_int_equal(next(&f), STEP_FIRE);
    assert_int_equal(f.step.batch->n_fires, 1);
    commit(&f);
    size_t most = 0;
    for (int i = 0; i < 100 && next(&f) == STEP_FIRE; i++) {
        most = f.step.batch->n_fires > most ? f.step.batch->n_fires : most;
        assert_true(f.step.batch->n_fires <= DISPATCH_ROWS);
        commit(&f);
    }
    assert_true(most > DISPATCH_ROWS / 2); /* it grows again */
    end(&f);
}

static void
a_refused_row_is_looked_for_with_care(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    sleep_until(&f, 60 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    protocol_row_refused(f.protocol);
    look(&f);
    assert_int_equal(after_looks(&f), STEP_WAIT); /* not ahead: under the plain form only */
    f.mono_us = f.step.until_us;
    assert_int_equal(next(&f), STEP_FIRE);
    assert_true(f.step.careful);
    commit(&f);
    sleep_until(&f, 120 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    assert_false(f.step.careful);
    end(&f);
}

/* ---- clocks that differ ---- */

static void
a_clock_that_differs_by_hours_is_confirmed_for_a_minute(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, f.file, -7200, 60 - 7200, 0);
    f.wall_off_us = -2 * 3600 * S;
    connect_and_look(&f);
    assert_true(protocol_confirming(f.protocol));
    int64_t began_us = f.mono_us;
    while (protocol_confirming(f.protocol)) {
        assert_int_equal(next(&f), STEP_WAIT);
        f.mono_us = f.step.until_us;
        look(&f);
    }
    assert_true(f.mono_us - began_us >= PROTOCOL_CONFIRM_US);
    assert_true(f.mono_us - began_us <= PROTOCOL_CONFIRM_US + PROTOCOL_LOOK_US);
    assert_int_equal(next(&f), STEP_FIRE); /* then it is believed */
    end(&f);
}

/* The database's clock has just jumped by ten hours. */
static Fixture
jumped(void)
{
    Fixture f = settled("a: {schedule: \"0 * * * *\"}\n", 0, 3600);
    sleep_until(&f, 100 * S);
    f.offset_us += 10 * 3600 * S;
    f.mono_us += 10 * S;
    look(&f);
    assert_true(protocol_confirming(f.protocol));
    return f;
}

static void
a_jump_that_passes_is_never_believed(void **state)
{
    (void)state;
    Fixture f = jumped();
    f.mono_us += 40 * S;
    look(&f);
    assert_int_equal(next(&f), STEP_WAIT);
    f.offset_us -= 10 * 3600 * S;
    f.mono_us += 10 * S;
    look(&f);
    assert_false(protocol_confirming(f.protocol));
    assert_int_equal(protocol_db_us(f.protocol, f.mono_us), f.mono_us + f.offset_us);
    end(&f);
}

static void
a_jump_within_a_confirmation_is_confirmed_anew(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, f.file, -7200, 60 - 7200, 0);
    f.wall_off_us = -16 * 3600 * S; /* this host is wrong, which takes a minute to believe */
    connect_and_look(&f);
    assert_true(protocol_confirming(f.protocol));
    f.mono_us += 49 * S;
    f.offset_us += 28 * 3600 * S; /* meanwhile the database is, for a moment */
    for (int i = 0; i < 3; i++) {
        f.mono_us += 12 * S;
        look(&f);
        assert_true(protocol_confirming(f.protocol));
        assert_int_equal(next(&f), STEP_WAIT);
    }
    f.offset_us -= 28 * 3600 * S;
    int64_t back_us = f.mono_us;
    do {
        f.mono_us += 10 * S;
        look(&f);
    } while (protocol_confirming(f.protocol));
    assert_true(f.mono_us - back_us >= PROTOCOL_CONFIRM_US);
    assert_int_equal(protocol_db_us(f.protocol, f.mono_us), f.mono_us + f.offset_us);
    end(&f);
}

static void
a_jump_by_some_minutes_more_is_another(void **state)
{
    (void)state;
    Fixture f = jumped();
    f.offset_us -= 10 * 60 * S; /* the first has passed unseen */
    f.mono_us += 40 * S;
    look(&f);
    int64_t again_us = f.mono_us;
    f.mono_us += 30 * S;
    look(&f);
    assert_true(protocol_confirming(f.protocol));
    do {
        f.offset_us += S; /* a jump that is corrected a little lasts */
        f.mono_us += 10 * S;
        look(&f);
    } while (protocol_confirming(f.protocol));
    assert_int_equal(f.mono_us - again_us, PROTOCOL_CONFIRM_US);
    end(&f);
}

static void
a_change_is_not_dated_by_a_jump(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    int64_t now_s = (f.mono_us + f.offset_us) / S;
    assert_false(protocol_jumped(f.protocol, now_s, f.mono_us));
    assert_false(protocol_jumped(f.protocol, now_s + 1800, f.mono_us));
    assert_true(protocol_jumped(f.protocol, now_s + 10 * 3600, f.mono_us));
    f.offset_us += 10 * 3600 * S; /* it lasts: after a minute of looks it is believed */
    do {
        f.mono_us += 10 * S;
        look(&f);
    } while (protocol_confirming(f.protocol));
    now_s = (f.mono_us + f.offset_us) / S;
    assert_false(protocol_jumped(f.protocol, now_s, f.mono_us));
    end(&f);
}

static void
a_small_step_is_believed_at_once(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    f.offset_us += 1800 * S;
    f.mono_us += 10 * S;
    look(&f);
    assert_false(protocol_confirming(f.protocol));
    assert_int_equal(next(&f), STEP_FIRE);
    end(&f);
}

static void
a_clock_that_was_set_back_is_quiet_until_the_horizon(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 600, 660);
    sleep_until(&f, 2000 * S);
    assert_int_equal(f.step.kind, STEP_ARM); /* at 660 */
    protocol_lost(f.protocol);
    f.offset_us -= 300 * S;
    look(&f);
    sleep_until(&f, 600 * S);
    assert_int_equal(f.step.kind, STEP_WAIT);
    sleep_until(&f, 660 * S);
    assert_int_equal(f.step.kind, STEP_ARM);
    end(&f);
}

/* ---- waiting rows ---- */

static void
waiting_rows_are_made_ready_when_their_time_comes(void **state)
{
    (void)state;
    Fixture f = begin("a: {schedule: \"0 * * * *\"}\n");
    in_force(&f, f.file, 0, 3600, 0);
    f.row.waiting_us = (T0 - 1) * S;
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_PROMOTE); /* the look has found one */
    protocol_promoted(f.protocol, 3, (T0 + 4) * S, f.mono_us);
    assert_int_equal(next(&f), STEP_WAIT);
    assert_int_equal(f.step.until_us + f.offset_us, (T0 + 4) * S);
    f.mono_us = f.step.until_us;
    assert_int_equal(next(&f), STEP_PROMOTE);
    protocol_promoted(f.protocol, 0, (T0 + 4) * S, f.mono_us); /* somebody holds it */
    assert_int_equal(next(&f), STEP_WAIT);
    assert_true(f.step.until_us - f.mono_us >= S / 2);
    f.mono_us = f.step.until_us;
    assert_int_equal(next(&f), STEP_PROMOTE);
    protocol_promoted(f.protocol, 1000, (T0 + 4) * S, f.mono_us); /* there are more */
    assert_int_equal(next(&f), STEP_PROMOTE);
    protocol_promoted(f.protocol, 1, NEVER, f.mono_us);
    assert_int_equal(next(&f), STEP_WAIT);
    end(&f);
}

static int64_t
first_run_us(const Batch *batch)
{
    int64_t first_us = NEVER;
    for (size_t i = 0; i < batch->n_fires; i++) {
        int64_t run_us = batch->fires[i].run_at_s * S;
        if (batch->fires[i].run_at_s > batch->fires[i].due_s && run_us < first_us)
            first_us = run_us;
    }
    return first_us;
}

static void
rows_with_jitter_are_made_ready_when_the_first_run_comes(void **state)
{
    (void)state;
    Fixture f = settled("a: {schedule: \"* * * * *\", jitter: 8s}\n"
                        "b: {schedule: \"* * * * *\", jitter: 8s}\n"
                        "c: {schedule: \"* * * * *\", jitter: 8s}\n",
        0, 60);
    int of_itself = 0;
    for (int i = 1; i <= 20; i++) {
        sleep_until(&f, i * 60 * S);
        protocol_armed(f.protocol, f.mono_us + f.offset_us, f.mono_us);
        sleep_until(&f, i * 60 * S);
        assert_int_equal(f.step.kind, STEP_COMMIT);
        f.row.waiting_us = first_run_us(f.step.batch);
        assert_true(f.row.waiting_us < NEVER);
        commit(&f);
        bool looked = false;
        while (next(&f) != STEP_PROMOTE) {
            looked = looked || f.step.kind == STEP_LOOK;
            if (f.step.kind == STEP_LOOK)
                look(&f);
            else if (f.step.kind == STEP_PRUNE)
                protocol_pruned(f.protocol, 0, f.mono_us);
            else
                f.mono_us = f.step.until_us;
        }
        assert_int_equal(f.mono_us + f.offset_us, f.row.waiting_us);
        protocol_promoted(f.protocol, 3, f.row.waiting_us = NEVER, f.mono_us);
        of_itself += !looked;
    }
    assert_true(of_itself > 0);
    end(&f);
}

/* ---- history ---- */

/* Goes on until history is to be pruned; false when that is not asked for before so many
 * seconds after T0.  An instant that is due is fired. */
static bool
pruned_before(Fixture *f, int64_t after_s)
{
    int64_t mono_us = (T0 + after_s) * S - f->offset_us;
    while (f->mono_us < mono_us) {
        StepKind kind = next(f);
        if (kind == STEP_PRUNE)
            return true;
        if (kind == STEP_PROMOTE)
            protocol_promoted(f->protocol, 0, NEVER, f->mono_us);
        else if (kind == STEP_LOOK)
            look(f);
        else if (kind == STEP_ARM)
            protocol_armed(f->protocol, f->mono_us + f->offset_us, f->mono_us);
        else if (kind == STEP_COMMIT)
            commit(f);
        else
            f->mono_us = f->step.until_us;
    }
    return false;
}

static void
history_is_pruned_when_nothing_is_due(void **state)
{
    (void)state;
    Fixture f = settled("a: {schedule: \"0 * * * *\"}\n", 0, 3600);
    assert_true(pruned_before(&f, 20));
    protocol_pruned(f.protocol, 0, f.mono_us);
    assert_false(pruned_before(&f, 30)); /* all is young: not again soon */
    assert_true(pruned_before(&f, 100));
    int64_t before_us = f.mono_us;
    protocol_pruned(f.protocol, 200, f.mono_us);
    assert_true(pruned_before(&f, 110)); /* there may be more */
    assert_true(f.mono_us - before_us <= S);
    protocol_pruned(f.protocol, -1, f.mono_us);
    assert_false(pruned_before(&f, 3000)); /* refused: left to others */
    end(&f);
}

static void
history_waits_while_an_instant_is_near(void **state)
{
    (void)state;
    Fixture f = settled("a: {schedule: \"@every 2s\"}\n", 0, 2);
    for (int i = 0; i < 100; i++) {
        assert_true(pruned_before(&f, 10000));
        int64_t db_us = f.mono_us + f.offset_us;
        int64_t next_us = ((db_us / S - T0) / 2 * 2 + 2 + T0) * S;
        assert_true(next_us - db_us > PROTOCOL_LEAD_US + S / 4);
        protocol_pruned(f.protocol, 0, f.mono_us);
    }
    end(&f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, due_begin, due_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_instant_is_armed_before_it_comes_and_committed_when_it_has),
        TEST(many_rows_are_armed_earlier),
        TEST(a_far_server_is_armed_earlier_but_not_for_an_accident),
        TEST(the_servers_clock_is_measured_anew_when_armed),
        TEST(what_is_armed_does_not_wait_for_a_clock_that_was_put_back),
        TEST(what_is_due_already_is_fired_at_once),
        TEST(another_clock_was_first_and_memory_follows),
        TEST(new_rules_are_read_before_anything_is_fired),
        TEST(the_end_of_a_pause_brings_other_rules),
        TEST(a_look_with_very_many_rules_is_followed_by_one_without),
        TEST(waits_between_attempts_double_with_jitter_and_are_reset_by_work_done),
        TEST(two_clocks_do_not_wait_in_step),
        TEST(an_attempt_as_long_as_the_wait_is_followed_by_the_next),
        TEST(a_slow_statement_halves_the_slice_never_below_an_instant),
        TEST(a_refused_row_is_looked_for_with_care),
        TEST(a_clock_that_differs_by_hours_is_confirmed_for_a_minute),
        TEST(a_jump_that_passes_is_never_believed),
        TEST(a_jump_within_a_confirmation_is_confirmed_anew),
        TEST(a_jump_by_some_minutes_more_is_another),
        TEST(a_change_is_not_dated_by_a_jump),
        TEST(a_small_step_is_believed_at_once),
        TEST(a_clock_that_was_set_back_is_quiet_until_the_horizon),
        TEST(waiting_rows_are_made_ready_when_their_time_comes),
        TEST(rows_with_jitter_are_made_ready_when_the_first_run_comes),
        TEST(history_is_pruned_when_nothing_is_due),
        TEST(history_waits_while_an_instant_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
