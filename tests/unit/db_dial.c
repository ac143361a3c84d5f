/* Whom a race dials, when again, and what its account says, without a socket. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "db/dial.h"

#define T INT64_C(1000000000)

static Arena *arena;

static Race
race_of(const char *host, const char *hostaddr, const char *attrs)
{
    static Settings settings;
    static Race race;
    settings = (Settings){.host = host, .hostaddr = hostaddr, .port = "5432", .attrs = attrs};
    race_plan(&race, arena, &settings);
    race_begin(&race, T);
    return race;
}

static Error
failure(ErrorKind kind, const char *sqlstate, const char *text)
{
    Error error;
    error_set(&error, kind, "%s", text);
    snprintf(error.sqlstate, sizeof error.sqlstate, "%s", sqlstate);
    return error;
}

/* As pg.c opens all that is due. */
static void
open_due(Race *race, int64_t now_us)
{
    for (size_t i = 0; i < race->n; i++)
        if (race->dials[i].state == DIAL_LATER && race->dials[i].due_us <= now_us)
            race->dials[i].state = DIAL_OPENING;
}

static void
all_hosts_are_dialled_at_once(void **state)
{
    (void)state;
    Race race = race_of("10.0.0.1,10.0.0.2,/run", NULL, NULL);
    assert_int_equal(race.n, 3);
    assert_int_equal(race_due_us(&race), T);
    open_due(&race, T);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(race.dials[i].state, DIAL_OPENING);
    assert_int_equal(race_due_us(&race), INT64_MAX);
}

static void
a_name_is_dialled_at_each_of_its_addresses(void **state)
{
    (void)state;
    Race race = race_of("localhost", NULL, NULL);
    assert_true(race.n >= 1);
    for (size_t i = 0; i < race.n; i++) {
        assert_string_equal(race.dials[i].target.host, "localhost"); /* what TLS verifies */
        assert_non_null(race.dials[i].target.hostaddr);
        assert_int_equal(race.dials[i].due_us, T + (int64_t)i * RACE_ADDRESS_US);
    }
    race = race_of("no.such.host.invalid", NULL, NULL);
    assert_int_equal(race.n, 1); /* libpq says why */
    assert_null(race.dials[0].target.hostaddr);
}

static void
the_next_address_follows_at_once_on_a_failure(void **state)
{
    (void)state;
    Race race = race_of("a", "10.0.0.1", NULL);
    race.dials[1] = race.dials[0];
    race.n = 2;
    race_begin(&race, T);
    assert_int_equal(race.dials[1].due_us, T + RACE_ADDRESS_US);
    Error error = failure(ERR_DB_AWAY, "", "connection refused");
    race_failed(&race, 0, T + 1000, &error);
    assert_int_equal(race.dials[1].due_us, T + 1000);
}

static void
many_hosts_want_one_that_takes_writes_unless_told_otherwise(void **state)
{
    (void)state;
    static const struct {
        const char *host, *attrs;
        bool writes;
    } cases[] = {{"10.0.0.1,10.0.0.2", NULL, true}, {"10.0.0.1,10.0.0.2", "read-write", true},
        {"10.0.0.1,10.0.0.2", "primary", true}, {"10.0.0.1,10.0.0.2", "any", false},
        {"10.0.0.1,10.0.0.2", "prefer-standby", false}, {"10.0.0.1", NULL, false},
        {"10.0.0.1", "read-write", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(race_of(cases[i].host, NULL, cases[i].attrs).writes, cases[i].writes);
}

static void
a_standby_is_asked_again_and_who_is_away_is_dialled_again(void **state)
{
    (void)state;
    Race race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    Error error = failure(ERR_DB_AWAY, "", "connection refused");
    open_due(&race, T);
    race_is_standby(&race, 0, T);
    race_failed(&race, 1, T, &error);
    assert_false(race_is_over(&race));
    assert_int_equal(race_due_us(&race), T + RACE_ASK_US);
    race.dials[0].state = DIAL_ASKED;
    assert_int_equal(race_due_us(&race), T + RACE_REDIAL_US);
    assert_int_equal(race_winner(&race), -1);
    race_stands(&race, 0, T);
    assert_int_equal(race_winner(&race), 0);
}

static void
it_is_over_when_all_are_away_or_refuse(void **state)
{
    (void)state;
    Race race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    Error away = failure(ERR_DB_AWAY, "", "connection refused");
    Error refused = failure(ERR_DB_REFUSED, "28P01", "password authentication failed");
    open_due(&race, T);
    race_failed(&race, 0, T, &away);
    assert_false(race_is_over(&race));
    race_failed(&race, 1, T, &refused);
    assert_true(race_is_over(&race));
    assert_int_equal(race_due_us(&race), T + RACE_REDIAL_US); /* not the one that refused */

    Error error;
    race_explain(&race, "x", "silent", &error);
    assert_int_equal(error.kind, ERR_DB_AWAY);
    assert_non_null(
        strstr(error.text, "10.0.0.1:5432: connection refused; 10.0.0.2:5432: pass"));
    assert_string_equal(error.sqlstate, "28P01");
    race_failed(&race, 0, T, &refused);
    race_explain(&race, "x", "silent", &error);
    assert_int_equal(error.kind, ERR_DB_REFUSED);
}

static void
every_silent_host_and_every_standby_is_told(void **state)
{
    (void)state;
    Race race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    Error error;
    open_due(&race, T);
    race_is_standby(&race, 1, T);
    race_explain(&race, "x", "no answer", &error);
    assert_string_equal(error.text,
        "cannot connect to 'x': 10.0.0.1:5432: no answer; "
        "10.0.0.2:5432: it takes no writes: it is a standby or read-only");
    assert_string_equal(error.sqlstate, "25006");
    assert_int_equal(error.kind, ERR_DB_AWAY);
}

static void
a_server_that_answers_a_new_dial_is_kept(void **state)
{
    (void)state;
    Race race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    open_due(&race, T);
    race_stands(&race, 1, T);
    assert_int_equal(race_verdict(&race, 0, T), RACE_ON); /* it may be as quick */
    race_stands(&race, 0, T);
    assert_int_equal(race_verdict(&race, 0, T + RACE_OWN_US), RACE_STAY);

    race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    Error full = failure(ERR_DB_AWAY, "53300", "too many clients");
    open_due(&race, T);
    race_stands(&race, 1, T);
    race_failed(&race, 0, T, &full); /* an answer too */
    assert_int_equal(race_verdict(&race, 0, T + RACE_OWN_US), RACE_STAY);
}

static void
a_silent_server_is_left_only_for_one_that_takes_writes(void **state)
{
    (void)state;
    Race race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    open_due(&race, T);
    race_is_standby(&race, 1, T);
    assert_int_equal(race_verdict(&race, 0, T + 100 * RACE_OWN_US), RACE_ON);
    race_stands(&race, 1, T);
    assert_int_equal(race_due_us(&race), T + RACE_OWN_US); /* nothing else wakes us */
    assert_int_equal(race_verdict(&race, 0, T + RACE_OWN_US - 1), RACE_ON);
    assert_int_equal(race_verdict(&race, 0, T + RACE_OWN_US), RACE_LEAVE);
    Error gone = failure(ERR_DB_AWAY, "", "connection refused");
    race_failed(&race, 0, T, &gone);
    assert_int_equal(race_verdict(&race, 0, T + 1), RACE_LEAVE);
}

static void
the_own_server_has_twice_the_time_of_the_other(void **state)
{
    (void)state;
    Race race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    open_due(&race, T);
    race_stands(&race, 1, T + 2 * RACE_OWN_US); /* both are far away */
    assert_int_equal(race_due_us(&race), T + 4 * RACE_OWN_US);
    assert_int_equal(race_verdict(&race, 0, T + 4 * RACE_OWN_US - 1), RACE_ON);
    assert_int_equal(race_verdict(&race, 0, T + 4 * RACE_OWN_US), RACE_LEAVE);

    race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    open_due(&race, T);
    race_is_standby(&race, 1, T + 1);
    race_stands(&race, 1, T + 2 * RACE_OWN_US); /* promoted meanwhile: it is near */
    assert_int_equal(race_verdict(&race, 0, T + 2 * RACE_OWN_US), RACE_LEAVE);

    race = race_of("10.0.0.1,10.0.0.2", NULL, NULL);
    open_due(&race, T);
    race_stands(&race, 1, T + RACE_OWN_MAX_US); /* it was away at first */
    assert_int_equal(race_verdict(&race, 0, T + RACE_OWN_MAX_US), RACE_LEAVE);
}

int
main(void)
{
    arena = arena_new(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_hosts_are_dialled_at_once),
        cmocka_unit_test(a_name_is_dialled_at_each_of_its_addresses),
        cmocka_unit_test(the_next_address_follows_at_once_on_a_failure),
        cmocka_unit_test(many_hosts_want_one_that_takes_writes_unless_told_otherwise),
        cmocka_unit_test(a_standby_is_asked_again_and_who_is_away_is_dialled_again),
        cmocka_unit_test(it_is_over_when_all_are_away_or_refuse),
        cmocka_unit_test(every_silent_host_and_every_standby_is_told),
        cmocka_unit_test(a_server_that_answers_a_new_dial_is_kept),
        cmocka_unit_test(a_silent_server_is_left_only_for_one_that_takes_writes),
        cmocka_unit_test(the_own_server_has_twice_the_time_of_the_other),
    };
    int failed = cmocka_run_group_tests_name("db/dial", tests, NULL, NULL);
    arena_free(arena);
    return failed;
}
