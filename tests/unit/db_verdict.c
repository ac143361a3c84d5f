/* Which failures of the database pass by themselves. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "db/verdict.h"

static void
sqlstates_say_whether_to_try_again(void **state)
{
    (void)state;
    static const struct {
        const char *sqlstate;
        ErrorKind kind;
    } cases[] = {
        {"40001", ERR_DB_LOST},
        {"40P01", ERR_DB_LOST},
        {"55P03", ERR_DB_LOST},
        {"57014", ERR_DB_LOST},
        {"TE001", ERR_DB_LOST},
        {"22012", ERR_DB_ROW},
        {"22P02", ERR_DB_ROW},
        {"23505", ERR_DB_ROW},
        {"23514", ERR_DB_ROW},
        {"P0001", ERR_DB_ROW},
        {"57P01", ERR_DB_AWAY},
        {"57P03", ERR_DB_AWAY},
        {"53100", ERR_DB_AWAY},
        {"53300", ERR_DB_AWAY},
        {"58030", ERR_DB_AWAY},
        {"25006", ERR_DB_AWAY},
        {"25P03", ERR_DB_AWAY},
        {"54000", ERR_DB_AWAY},
        {"08P01", ERR_DB_AWAY},
        {"28P01", ERR_DB_REFUSED},
        {"3D000", ERR_DB_REFUSED},
        {"42501", ERR_DB_REFUSED},
        {"42P01", ERR_DB_REFUSED},
        {"25P02", ERR_DB_REFUSED},
        {"54001", ERR_DB_REFUSED},
        {"40002", ERR_DB_REFUSED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(verdict_sqlstate(cases[i].sqlstate), cases[i].kind);
}

/* What libpq wrote in the verbose form, and what is to be made of it. */
static const struct {
    const char *message;
    ErrorKind kind;
    const char *sqlstate, *text;
} messages[] = {
    {"connection to server at \"10.0.0.1\", port 5432 failed: FATAL:  28P01: password "
     "authentication failed for user \"u\"\nLOCATION:  auth_failed, auth.c:326\n",
        ERR_DB_REFUSED, "28P01", "password authentication failed for user \"u\""},
    /* a server that speaks German */
    {"connection to server at \"10.0.0.1\", port 5432 failed: FATAL:  28P01: "
     "Passwort-Authentifizierung f\xc3\xbcr Benutzer \xc2\xbbu\xc2\xab fehlgeschlagen\n",
        ERR_DB_REFUSED, "28P01",
        "passwort-Authentifizierung f\xc3\xbcr Benutzer \xc2\xbbu\xc2\xab fehlgeschlagen"},
    /* ... and Chinese, with its word for FATAL */
    {"connection to server at \"h\" (10.0.0.1), port 5432 failed: "
     "\xe8\x87\xb4\xe5\x91\xbd\xe9\x94\x99\xe8\xaf\xaf:  57P03: x\n",
        ERR_DB_AWAY, "57P03", "x"},
    {"connection to server on socket \"/run/.s.PGSQL.5432\" failed: FATAL:  3D000: database "
     "\"x\" does not exist\n",
        ERR_DB_REFUSED, "3D000", "database \"x\" does not exist"},
    {"connection to server on socket \"/run/.s.PGSQL.5432\" failed: FATAL:  53300: sorry, too "
     "many clients already\n",
        ERR_DB_AWAY, "53300", "sorry, too many clients already"},
    {"connection to server on socket \"/run/.s.PGSQL.5432\" failed: No such file or directory\n"
     "\tIs the server running locally and accepting connections on that socket?\n",
        ERR_DB_AWAY, "", "no such file or directory"},
    {"connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the "
     "server "
     "running on that host and accepting TCP/IP connections?\n",
        ERR_DB_AWAY, "", "connection refused"},
    /* the last of several ways counts */
    {"connection to server at \"h\" (10.0.0.1), port 5432 failed: SSL error: wrong version\n"
     "connection to server at \"h\" (10.0.0.1), port 5432 failed: FATAL:  28000: no "
     "pg_hba.conf "
     "entry for host \"10.0.0.2\"\n",
        ERR_DB_REFUSED, "28000", "no pg_hba.conf entry for host \"10.0.0.2\""},
    {"connection to server at \"h\" (10.0.0.1), port 5432 failed: session is read-only\n",
        ERR_DB_AWAY, "", "session is read-only"},
    {"connection to server at \"h\" (10.0.0.1), port 5432 failed: fe_sendauth: no password "
     "supplied\n",
        ERR_DB_REFUSED, "", "no password supplied"},
    {"connection to server at \"h\" (10.0.0.1), port 5432 failed: SSL error: certificate "
     "verify "
     "failed\n",
        ERR_DB_REFUSED, "", "SSL error: certificate verify failed"},
    {"invalid sslmode value: \"bogus\"\n", ERR_DB_REFUSED, "",
        "invalid sslmode value: \"bogus\""},
    {"could not translate host name \"h\" to address: Name or service not known\n", ERR_DB_AWAY,
        "", "could not translate host name \"h\" to address: Name or service not known"},
    /* a pooler, for whom all is a violation of the protocol */
    {"connection to server at \"h\" (10.0.0.1), port 6432 failed: FATAL:  08P01: no such "
     "database: x\n",
        ERR_DB_REFUSED, "08P01", "no such database: x"},
    {"connection to server at \"h\" (10.0.0.1), port 6432 failed: FATAL:  08P01: database "
     "\"x\" "
     "does not exist\n",
        ERR_DB_REFUSED, "08P01", "database \"x\" does not exist"},
    {"connection to server at \"h\" (10.0.0.1), port 6432 failed: FATAL:  08P01: server login "
     "has been failing, try again later\n",
        ERR_DB_AWAY, "08P01", "server login has been failing, try again later"},
    /* libpq 13 */
    {"FATAL:  57P03: the database system is starting up\n", ERR_DB_AWAY, "57P03",
        "the database system is starting up"},
    {"", ERR_DB_AWAY, "", "no reason was given"},
    {"connection to server at \"h\" failed: \x1b[31mred\n", ERR_DB_AWAY, "", "\\x1b[31mred"},
};

static void
connection_messages_are_told_apart_in_any_language(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        Error error;
        verdict_connect(messages[i].message, &error);
        assert_string_equal(error.text, messages[i].text);
        assert_int_equal(error.kind, messages[i].kind);
        assert_string_equal(error.sqlstate, messages[i].sqlstate);
    }
}

static void
lines_are_cut_to_the_room_there_is(void **state)
{
    (void)state;
    char line[8];
    verdict_line("Connection refused\nmore", line, sizeof line);
    assert_string_equal(line, "connect");
    verdict_line("SSL error", line, sizeof line);
    assert_string_equal(line, "SSL err");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sqlstates_say_whether_to_try_again),
        cmocka_unit_test(connection_messages_are_told_apart_in_any_language),
        cmocka_unit_test(lines_are_cut_to_the_room_there_is),
    };
    return cmocka_run_group_tests_name("db/verdict", tests, NULL, NULL);
}
