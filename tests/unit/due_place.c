/* What protocol.h promises of a clock's place: which file is in force, who stands by, who takes
 * over, and what a reload changes. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "duesteps.h"

/* ---- taking a place ---- */

static void
the_first_start_begins_now(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    f.mono_us += 20 * S; /* the database was away */
    connect_and_look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_UNKNOWN);
    assert_int_equal(next(&f), STEP_START);
    assert_int_equal(f.step.at_s, INT64_MIN);
    assert_int_equal(f.step.started_at_us, T0 * S); /* when it was started, not connected */
    in_force(&f, f.file, 20, 60, 0);
    protocol_done(f.protocol, f.mono_us);
    look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_IN_FORCE);
    assert_int_equal(protocol_next_s(f.protocol), T0 + 60);
    end(&f);
}

static void
whoever_loses_the_first_start_looks_again(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_START);
    protocol_lost(f.protocol);
    in_force(&f, f.file, 0, 60, -5 * S);
    look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_IN_FORCE);
    end(&f);
}

static void
a_lost_row_is_made_anew_where_it_was_last_known(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    sleep_until(&f, 60 * S);
    protocol_armed(f.protocol, f.mono_us + f.offset_us, f.mono_us);
    sleep_until(&f, 60 * S);
    assert_int_equal(f.step.kind, STEP_COMMIT);
    commit(&f);
    f.row.exists = false;
    sleep_until(&f, 75 * S);
    assert_int_equal(next(&f), STEP_START);
    assert_int_equal(f.step.at_s, T0 + 60);
    end(&f);

    f = begin(MINUTES); /* a stand-by knows it from its looks, */
    in_force(&f, file_of("a: {schedule: \"0 * * * *\"}\n"), 0, 3600, 5 * S);
    connect_and_look(&f);
    f.row.fired_through_s = T0 + 3600;
    f.row.next_due_s = T0 + 7200;
    sleep_until(&f, 3700 * S);
    protocol_reload(f.protocol, file_of(MINUTES "b: {schedule: \"0 0 * * *\"}\n"), f.mono_us);
    f.row.exists = false;
    look(&f);
    assert_int_equal(next(&f), STEP_START); /* also through a reload */
    assert_int_equal(f.step.at_s, T0 + 3600);
    end(&f);
}

static void
the_file_that_was_started_last_is_put_in_force(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    f.mono_us += 5 * S;
    in_force(&f, file_of(MINUTES "b: {schedule: \"0 * * * *\"}\n"), 0, 60, -1);
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_PUT);
    assert_false(f.step.takeover);
    assert_int_equal(f.step.started_at_us, T0 * S);
    assert_string_equal(f.step.horizon->version, "version-1");
    assert_int_equal(f.step.horizon->n_rows, 2);
    in_force(&f, f.file, 0, 60, 0);
    set_version(&f, 2);
    protocol_done(f.protocol, f.mono_us);
    look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_IN_FORCE);
    end(&f);
}

static void
a_file_that_was_started_earlier_stands_by(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, file_of("a: {schedule: \"0 * * * *\"}\n"), 0, 3600, 0);
    connect_and_look(&f); /* at the same microsecond, even */
    assert_int_equal(protocol_stance(f.protocol), STANCE_STAND_BY);
    for (int i = 0; i < 50; i++) {
        int64_t looked_us = f.mono_us;
        assert_int_equal(next(&f), STEP_WAIT);
        assert_true(f.step.until_us - looked_us <= PROTOCOL_LOOK_US);
        assert_true(f.step.until_us - looked_us >= PROTOCOL_LOOK_US / 2);
        f.mono_us = f.step.until_us;
        look(&f);
    }
    for (int i = 0; i < 20;
         i++) { /* a look is all its work: waits between attempts begin anew */
        protocol_failed(f.protocol, f.mono_us);
        assert_int_equal(next(&f), STEP_WAIT);
        assert_true(f.step.until_us - f.mono_us <= 100000);
        f.mono_us = f.step.until_us;
        connect_and_look(&f);
        assert_int_equal(next(&f), STEP_WAIT);
    }
    end(&f);
}

static void
a_put_that_was_lost_looks_and_tries_again(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, file_of("a: {schedule: \"0 * * * *\"}\n"), 0, 3600, -S);
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_PUT);
    protocol_lost(f.protocol);
    set_version(&f, 2); /* a pause came between */
    look(&f);
    assert_int_equal(next(&f), STEP_PUT);
    assert_string_equal(f.step.horizon->version, "version-2");
    end(&f);
}

static void
a_file_of_another_application_is_refused(void **state)
{
    (void)state;
    Clockfile *other = file_of("z: {schedule: \"0 * * * *\"}\n");
    Fixture f = begin(MINUTES);
    in_force(&f, other, 0, 3600, -S);
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_REFUSE);
    assert_false(protocol_refused(f.protocol)); /* there is no file before */
    end(&f);

    f = begin(MINUTES);
    in_force(&f, other, 0, 3600, S);
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_REFUSE); /* not only when its time has come */
    end(&f);

    f = begin(MINUTES);
    in_force(&f, file_of(MINUTES "b: {schedule: \"0 * * * *\", enabled: false}\n"), 0, 60, -S);
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_PUT);
    end(&f);

    f = begin(MINUTES);
    protocol_free(f.protocol);
    f.protocol = protocol_new(arena, f.file, BORN, 7, true); /* --replace */
    in_force(&f, other, 0, 3600, -S);
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_PUT);
    end(&f);
}

static void
a_clock_that_has_stood_by_never_takes_over_a_foreign_file(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, file_of("a: {schedule: \"0 * * * *\"}\n"), 0, 3600, S);
    connect_and_look(&f);
    sleep_until(&f, 60 * S);
    in_force(&f, file_of("z: {schedule: \"0 * * * *\"}\n"), 0, 60, S); /* --replace */
    set_version(&f, 2);
    sleep_until(&f, 600 * S);
    assert_int_equal(f.step.kind, STEP_WAIT);
    assert_int_equal(protocol_stance(f.protocol), STANCE_STAND_BY);
    end(&f);
}

static void
a_placed_clock_waits_while_a_foreign_file_is_in_force(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    in_force(&f, file_of("z: {schedule: \"0 * * * *\"}\n"), 0, 3600, -S); /* --replace */
    set_version(&f, 2);
    assert_int_equal(after_looks(&f), STEP_WAIT); /* it is newer, and still not put in force */
    for (int i = 0; i < 5; i++) {
        f.mono_us = f.step.until_us;
        assert_int_equal(after_looks(&f), STEP_WAIT); /* nor is the other's file ended by it */
    }
    in_force(&f, f.file, 60, 120, -S);
    set_version(&f, 3);
    f.mono_us = f.step.until_us;
    look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_IN_FORCE);
    end(&f);
}

static void
a_stance_is_known_when_there_was_a_look(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    assert_int_equal(protocol_stance(f.protocol), STANCE_AWAY);
    connect(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_UNKNOWN);
    look(&f); /* no row */
    assert_int_equal(protocol_stance(f.protocol), STANCE_UNKNOWN);
    in_force(&f, file_of("a: {schedule: \"0 * * * *\"}\n"), 0, 3600, -S);
    protocol_lost(f.protocol);
    look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_UNKNOWN); /* it is to be put there */
    assert_int_equal(protocol_horizon(f.protocol)->next_due_s, T0 + 3600);
    assert_int_equal(protocol_next_s(f.protocol), NEVER);
    in_force(&f, f.file, 0, 60, 0);
    set_version(&f, 2);
    protocol_lost(f.protocol);
    look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_IN_FORCE);
    protocol_failed(f.protocol, f.mono_us);
    assert_int_equal(protocol_stance(f.protocol), STANCE_AWAY);
    end(&f);
}

/* ---- taking over ---- */

static Fixture
standing_by(void)
{
    Fixture f = begin(MINUTES);
    in_force(&f, file_of(MINUTES "b: {schedule: \"@every 10m\"}\n"), 0, 60, S);
    connect_and_look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_STAND_BY);
    return f;
}

static void
a_stand_by_takes_over_after_a_grace(void **state)
{
    (void)state;
    Fixture f = standing_by();
    sleep_until(&f, 89 * S);
    assert_int_equal(f.step.kind, STEP_WAIT);
    sleep_until(&f, 200 * S);
    assert_int_equal(f.step.kind, STEP_PUT);
    assert_true(f.step.takeover);
    int64_t now_us = f.mono_us + f.offset_us - T0 * S;
    assert_true(now_us >= 90 * S && now_us <= 115 * S);
    assert_int_equal(f.step.started_at_us, T0 * S + now_us); /* it counts as a start */
    in_force(&f, f.file, 0, 60, now_us);
    set_version(&f, 2);
    protocol_done(f.protocol, f.mono_us);
    look(&f);
    assert_int_equal(next(&f), STEP_FIRE);
    end(&f);
}

static void
a_row_that_moves_is_no_dead_clocks(void **state)
{
    (void)state;
    Fixture f = standing_by();
    for (int i = 1; i < 40; i++) { /* a catch-up: always overdue, and always moving */
        sleep_until(&f, 60 * S + i * 25 * S);
        assert_int_equal(f.step.kind, STEP_WAIT);
        f.row.fired_through_s++;
    }
    for (int i = 1; i < 40; i++) { /* or rules that change */
        sleep_until(&f, 1035 * S + i * 25 * S);
        assert_int_equal(f.step.kind, STEP_WAIT);
        set_version(&f, i + 1);
    }
    end(&f);
}

static void
a_grace_is_seen_on_one_connection(void **state)
{
    (void)state;
    Fixture f = standing_by();
    for (int i = 1; i < 20; i++) {
        sleep_until(&f, 60 * S + i * 25 * S);
        assert_int_equal(f.step.kind, STEP_WAIT);
        protocol_failed(f.protocol, f.mono_us);
        assert_int_equal(next(&f), STEP_WAIT);
        f.mono_us = f.step.until_us;
        connect_and_look(&f);
    }
    end(&f);
}

static void
a_stand_by_that_slept_has_not_seen_a_grace(void **state)
{
    (void)state;
    Fixture f = standing_by();
    f.mono_us += 3600 * S; /* stopped */
    look(&f);
    assert_int_equal(next(&f), STEP_WAIT);
    f.mono_us += 3600 * S;
    look(&f);
    assert_int_equal(next(&f), STEP_WAIT); /* two looks are not three */
    end(&f);
}

static void
nothing_promised_is_nothing_overdue(void **state)
{
    (void)state;
    Fixture f = standing_by();
    f.row.next_due_s = NEVER;
    sleep_until(&f, 3000 * S);
    assert_int_equal(f.step.kind, STEP_WAIT);
    end(&f);
}

static void
a_take_over_that_was_lost_leaves_the_clock_as_old_as_it_was(void **state)
{
    (void)state;
    Fixture f = standing_by();
    sleep_until(&f, 200 * S);
    assert_true(f.step.kind == STEP_PUT && f.step.takeover);
    f.row.fired_through_s += 60; /* the clock in force has woken up */
    f.row.next_due_s += 60;
    protocol_lost(f.protocol);
    look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_STAND_BY);
    assert_int_equal(next(&f), STEP_WAIT);
    sleep_until(&f, 1000 * S); /* it sleeps again */
    assert_true(f.step.kind == STEP_PUT && f.step.takeover);
    protocol_failed(f.protocol, f.mono_us); /* or nobody knows */
    f.mono_us += 5 * S;
    connect_and_look(&f);
    assert_int_equal(protocol_stance(f.protocol), STANCE_STAND_BY);
    assert_int_equal(next(&f), STEP_WAIT);
    end(&f);
}

/* ---- reload ---- */

static void
a_reload_is_put_in_force_as_if_started_now(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    Clockfile *fresh = file_of(MINUTES "b: {schedule: \"0 * * * *\"}\n");
    sleep_until(&f, 30 * S);
    protocol_reload(f.protocol, fresh, f.mono_us);
    assert_ptr_equal(protocol_file(f.protocol), fresh);
    assert_ptr_equal(protocol_fallback(f.protocol), f.file);
    assert_int_equal(after_looks(&f), STEP_PUT);
    assert_int_equal(f.step.started_at_us, (T0 + 30) * S);
    in_force(&f, fresh, 0, 60, 30 * S);
    set_version(&f, 2);
    protocol_done(f.protocol, f.mono_us);
    look(&f);
    assert_null(protocol_fallback(f.protocol)); /* the old file may go */
    assert_int_equal(protocol_stance(f.protocol), STANCE_IN_FORCE);
    end(&f);
}

static void
a_reload_while_a_jump_is_confirmed_is_as_new_as_it_is(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, f.file, 0, 3600, 0);
    f.wall_off_us = -4000 * S;
    connect_and_look(&f);
    assert_true(protocol_confirming(f.protocol));
    f.mono_us += 30 * S;
    protocol_reload(f.protocol, file_of(MINUTES "b: {schedule: \"0 * * * *\"}\n"), f.mono_us);
    do {
        look(&f);
        f.mono_us += 10 * S;
    } while (protocol_confirming(f.protocol));
    assert_int_equal(after_looks(&f), STEP_PUT);
    assert_int_equal(f.step.started_at_us, (T0 + 30) * S);
    end(&f);
}

static void
a_reload_that_is_refused_leaves_the_old_file(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    protocol_reload(f.protocol, file_of("z: {schedule: \"0 * * * *\"}\n"), f.mono_us);
    assert_int_equal(after_looks(&f), STEP_REFUSE);
    assert_true(protocol_refused(f.protocol));
    assert_ptr_equal(protocol_file(f.protocol), f.file);
    assert_int_equal(after_looks(&f), STEP_WAIT);
    assert_int_equal(protocol_stance(f.protocol), STANCE_IN_FORCE);
    assert_int_equal(protocol_next_s(f.protocol), T0 + 60);
    end(&f);
}

static void
a_reload_back_to_what_is_in_force_changes_nothing(void **state)
{
    (void)state;
    Fixture f = settled(MINUTES, 0, 60);
    protocol_reload(f.protocol, file_of("a: {schedule: \"0 * * * *\"}\n"), f.mono_us);
    protocol_reload(f.protocol, file_of(MINUTES), f.mono_us);
    assert_int_equal(after_looks(&f), STEP_WAIT);
    assert_int_equal(protocol_stance(f.protocol), STANCE_IN_FORCE);
    assert_int_equal(protocol_next_s(f.protocol), T0 + 60);
    end(&f);
}

static void
the_clock_in_force_stays_the_newest_though_the_time_was_set_back(void **state)
{
    (void)state;
    Fixture f = begin(MINUTES);
    in_force(&f, f.file, 0, 60, 0);
    f.row.started_at_us = (T0 + 600) * S; /* by the database's clock of then */
    connect_and_look(&f);
    protocol_reload(f.protocol, file_of("a: {schedule: \"0 * * * *\"}\n"), f.mono_us);
    assert_int_equal(after_looks(&f), STEP_PUT);
    assert_true(f.step.started_at_us > (T0 + 600) * S);
    end(&f);
}

static void
a_catch_up_goes_on_under_another_file(void **state)
{
    (void)state;
    static const char *const skip = "a: {schedule: \"@every 10s\", missed: skip}\n";
    Fixture f = begin(skip);
    in_force(&f, f.file, 0, 10, 0);
    f.mono_us += 100 * S;
    connect_and_look(&f);
    assert_int_equal(next(&f), STEP_FIRE); /* M is 40 */
    assert_int_equal(f.step.batch->n_fires, 7);
    f.mono_us += 30 * S;
    Clockfile *fresh =
        file_of("a: {schedule: \"@every 10s\", missed: skip}\nb: {schedule: \"0 * * * *\"}\n");
    protocol_disarmed(f.protocol);
    protocol_reload(f.protocol, fresh, f.mono_us);
    assert_int_equal(after_looks(&f), STEP_PUT);
    in_force(&f, fresh, 0, 10, 130 * S);
    set_version(&f, 2);
    protocol_done(f.protocol, f.mono_us);
    look(&f);
    assert_int_equal(next(&f), STEP_FIRE);
    assert_int_equal(f.step.batch->fires[0].due_s, T0 + 40); /* and not 70 */
    end(&f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, due_begin, due_end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_start_begins_now),
        TEST(whoever_loses_the_first_start_looks_again),
        TEST(a_lost_row_is_made_anew_where_it_was_last_known),
        TEST(the_file_that_was_started_last_is_put_in_force),
        TEST(a_file_that_was_started_earlier_stands_by),
        TEST(a_put_that_was_lost_looks_and_tries_again),
        TEST(a_file_of_another_application_is_refused),
        TEST(a_clock_that_has_stood_by_never_takes_over_a_foreign_file),
        TEST(a_placed_clock_waits_while_a_foreign_file_is_in_force),
        TEST(a_stance_is_known_when_there_was_a_look),
        TEST(a_stand_by_takes_over_after_a_grace),
        TEST(a_row_that_moves_is_no_dead_clocks),
        TEST(a_grace_is_seen_on_one_connection),
        TEST(a_stand_by_that_slept_has_not_seen_a_grace),
        TEST(nothing_promised_is_nothing_overdue),
        TEST(a_take_over_that_was_lost_leaves_the_clock_as_old_as_it_was),
        TEST(a_reload_is_put_in_force_as_if_started_now),
        TEST(a_reload_while_a_jump_is_confirmed_is_as_new_as_it_is),
        TEST(a_reload_that_is_refused_leaves_the_old_file),
        TEST(a_reload_back_to_what_is_in_force_changes_nothing),
        TEST(the_clock_in_force_stays_the_newest_though_the_time_was_set_back),
        TEST(a_catch_up_goes_on_under_another_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
