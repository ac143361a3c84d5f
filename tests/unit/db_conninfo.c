/* Connection strings: which are refused, and that none of them is ever shown. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "db/conninfo.h"
#include "db/pg.h"

#define SECRET "s3cr3t"

static void
good_strings_are_taken(void **state)
{
    (void)state;
    static const char *const good[] = {"", "billing", "dbname=billing", "postgres://",
        "postgresql:///billing?host=/run/postgresql&port=5433",
        "postgres://u:" SECRET "@db.example:5432/billing?sslmode=verify-full",
        "postgres://u:p%40" SECRET "%2F@h/db", "postgres://u@[::1]:5432/db",
        "postgres://u@a:1,b:2,c/db?target_session_attrs=read-write",
        "host=h password='two words' user=u", "host=a,b port=5432,5433 password=a@b/c://d",
        "postgres://h/db?user=a%40b", "service=billing"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        Error error = {.kind = ERR_NONE};
        assert_true(pg_check(good[i], &error));
        assert_int_equal(error.kind, ERR_NONE);
    }
    Error error;
    assert_true(pg_check(NULL, &error));
}

/* Each holds a secret, and a word that its refusal must say. */
static const struct {
    const char *conninfo, *word;
} bad[] = {
    {"postgres://u:p%zz" SECRET "@h/db", "percent-encoding"},
    {"postgres://u:p%00" SECRET "@h/db", "%00"},
    {"host=h password='" SECRET, "not closed"},
    {"postgres://u@h/db?sslpassword=" SECRET "&bogus=1", "'bogus'"},
    {"host=h bogus=1 password=" SECRET, "'bogus'"},
    {"host=h password=my " SECRET, "without a value"},
    {"host=h password=my " SECRET "=x", "unknown keyword"},
    {"host=h password=my secret=x " SECRET, "unknown keyword"},
    {"host=h password = my secrets =" SECRET, "unknown keyword"},
    {"postgres://u:p@" SECRET "@h/db", "unescaped"},
    {"postgres://u:p/" SECRET "@h/db", "unescaped"},
    {"postgres://u:12/" SECRET "@h/db", "unescaped"},
    {"postgres://u:12/" SECRET "/x@h/db?sslmode=disable", "unescaped"},
    {"postgres://u:p?" SECRET "/@h/db", "unescaped"},
    {"postgres://u:p:" SECRET "@[::1/db", "'['"},
    {"postgres://u:p@h:" SECRET "/db", "port"},
    {"postgres://u:p@h:99999/" SECRET, "port"},
    {"host=h port=" SECRET, "port"},
    {"postgress://u:" SECRET "@h/db", "not one of PostgreSQL"},
    {"mysql://u:" SECRET "@h/db?x=y", "not one of PostgreSQL"},
    {"u:" SECRET "@h/db", "not one of PostgreSQL"},
    {"postgres://u@h/db?" SECRET, "without a value"},
    {"postgres://u@h/db?password=" SECRET "=x", "two values"},
};

static void
bad_strings_are_refused_without_a_word_of_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error error = {.kind = ERR_NONE};
        assert_false(pg_check(bad[i].conninfo, &error));
        assert_int_equal(error.kind, ERR_USAGE);
        assert_null(strstr(error.text, SECRET));
        assert_null(strstr(error.hint, SECRET));
        assert_null(strstr(error.text, "secret"));
        if (strstr(error.text, bad[i].word) == NULL)
            fail_msg("'%s' is refused with '%s'", bad[i].conninfo, error.text);
    }
}

static void
bad_strings_are_neither_dialled_nor_told_by_where(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Pg *pg = pg_new(bad[i].conninfo, "test");
        Error error = {.kind = ERR_NONE};
        assert_false(pg_connect(pg, 0, &error));
        assert_int_equal(error.kind, ERR_USAGE);
        assert_null(strstr(error.text, SECRET));
        assert_null(strstr(pg_where(pg, arena), SECRET));
        pg_free(pg);
    }
    arena_free(arena);
}

static void
where_tells_the_place_and_never_the_password(void **state)
{
    (void)state;
    static const struct {
        const char *conninfo, *where;
    } cases[] = {
        {"postgres://u:" SECRET "@db.example/billing", "billing at db.example:5432 as u"},
        {"postgres://u:" SECRET "@[::1]:5433/billing", "billing at [::1]:5433 as u"},
        {"host=/run/pg port=5433 user=u dbname=billing password=" SECRET,
            "billing at socket /run/pg/.s.PGSQL.5433 as u"},
        {"postgres://u:" SECRET "@a:1,b:2/billing", "billing at a:1, b:2 as u"},
        {"postgres://u:" SECRET "@a,b:5433/billing", "billing at a:5432, b:5433 as u"},
        {"hostaddr=10.0.0.1 user=u", "u at 10.0.0.1:5432 as u"},
        {"service=s user=u dbname=d", "d at service s as u"},
        {"user=u dbname=d", "d at the local socket as u"},
        {"user=u dbname='a\x1b[31m'", "a\\x1b[31m at the local socket as u"},
    };
    Arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Pg *pg = pg_new(cases[i].conninfo, "test");
        assert_string_equal(pg_where(pg, arena), cases[i].where);
        pg_free(pg);
    }
    arena_free(arena);
}

static void
hosts_are_dialled_each_for_itself(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Target targets[CONNINFO_MAX_HOSTS];
    assert_int_equal(conninfo_targets(arena, "a,b,c", NULL, "1,2,3", targets), 3);
    assert_string_equal(targets[0].host, "a");
    assert_string_equal(targets[2].host, "c");
    assert_string_equal(targets[1].port, "2");
    assert_null(targets[1].hostaddr);
    assert_int_equal(conninfo_targets(arena, "a,b", "1.1.1.1,2.2.2.2", "5433", targets), 2);
    assert_string_equal(targets[1].hostaddr, "2.2.2.2");
    assert_string_equal(targets[1].port, "5433"); /* one port for all */
    arena_free(arena);
}

static void
what_cannot_be_taken_apart_is_left_to_libpq(void **state)
{
    (void)state;
    static const struct {
        const char *host, *hostaddr, *port;
    } cases[] = {{NULL, NULL, NULL}, {"a", NULL, "1"}, {"a,b", "1.1.1.1", NULL},
        {"a,b", NULL, "1,2,3"}, {"a,,c", NULL, NULL}, {"a,b,c,d,e,f,g,h,i", NULL, NULL}};
    Arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Target targets[CONNINFO_MAX_HOSTS];
        assert_int_equal(
            conninfo_targets(arena, cases[i].host, cases[i].hostaddr, cases[i].port, targets),
            1);
        assert_null(targets[0].host);
        assert_null(targets[0].hostaddr);
        assert_null(targets[0].port);
    }
    arena_free(arena);
}

int
main(void)
{
    /* what the strings leave open, libpq would take from here */
    static const char *const names[] = {
        "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_strings_are_taken),
        cmocka_unit_test(bad_strings_are_refused_without_a_word_of_them),
        cmocka_unit_test(bad_strings_are_neither_dialled_nor_told_by_where),
        cmocka_unit_test(where_tells_the_place_and_never_the_password),
        cmocka_unit_test(hosts_are_dialled_each_for_itself),
        cmocka_unit_test(what_cannot_be_taken_apart_is_left_to_libpq),
    };
    return cmocka_run_group_tests_name("db/conninfo", tests, NULL, NULL);
}
