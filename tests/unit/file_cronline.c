/* The parts of a crontab line: variables with their quotes, commands with '%' and '\', and that
 * what is put together comes apart the same. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "crontab.h"
#include "file/cronline.h"

/* NULL for NULL. */
static void
expect(const char *what, const char *got, const char *wanted)
{
    if ((got == NULL) != (wanted == NULL) || (got != NULL && strcmp(got, wanted) != 0))
        fail_msg("%s: '%s', not '%s'", what, got == NULL ? "(none)" : got,
            wanted == NULL ? "(none)" : wanted);
}

static void
variables_are_read_as_load_env_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *line, *name, *debian, *cronie; /* NULL: no variable */
    } rows[] = {
        {"SHELL=/bin/sh", "SHELL", "/bin/sh", "/bin/sh"},
        {"SHELL = /bin/sh  ", "SHELL", "/bin/sh", "/bin/sh"},
        {"MAILTO=\"a b\"", "MAILTO", "a b", "a b"},
        {"MAILTO='a b'", "MAILTO", "a b", "a b"},
        {"MAILTO=\"\"", "MAILTO", "", ""},
        {"MAILTO=", "MAILTO", NULL, ""},
        {"MAILTO= ", "MAILTO", NULL, ""},
        {"\"MAIL\"=x", "MAIL", "x", "x"},
        {"'MAIL TO' = x", "MAIL TO", "x", "x"},
        {"A=b # c", "A", "b # c", "b # c"},
        {"A=b=c", "A", "b=c", "b=c"},
        {"A=\"b\" c", "A", NULL, NULL},
        {"A=\"b", "A", NULL, NULL},
        {"A='b\"", "A", NULL, NULL},
        {"A=it's", "A", "it's", "it's"},
        {"A=\"b  \"", "A", "b", "b  "},
        {"A=\"'b'\"", "A", "b", "'b'"},
        {"A=$HOME", "A", "$HOME", "$HOME"},
        {"A B=c", "A", NULL, NULL},
        {"0 3 * * * x=y", "0", NULL, NULL},
        {"@daily x=y", "@daily", NULL, NULL},
        {"*/5 * * * * cmd --a=b", "*/5", NULL, NULL},
        {"plain", "plain", NULL, NULL},
        {"\"unfinished=x", "", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *name = rows[i].name, *value = NULL;
        bool found = cronline_variable(arena, DAEMON_DEBIAN, rows[i].line, &name, &value);
        expect(rows[i].line, found ? value : NULL, rows[i].debian);
        expect(rows[i].line, found ? name : rows[i].name, rows[i].name);
        found = cronline_variable(arena, DAEMON_CRONIE, rows[i].line, &name, &value);
        expect(rows[i].line, found ? value : NULL, rows[i].cronie);
    }
}

static void
a_percent_sign_ends_the_command(void **state)
{
    (void)state;
    static const struct {
        const char *text, *command, *input;
    } rows[] = {
        {"backup", "backup", NULL},
        {"date +\\%F", "date +%F", NULL},
        {"date '+\\%F \\%T'", "date '+%F %T'", NULL},
        {"cat%", "cat", NULL},
        {"cat%%", "cat", ""},
        {"cat%one", "cat", "one"},
        {"cat%one%", "cat", "one"},
        {"cat%one%two", "cat", "one\ntwo"},
        {"cat%one%%two%%", "cat", "one\n\ntwo\n"},
        {"cat%50\\% of a\\b", "cat", "50% of a\\b"},
        {"cat%a\\\\%b", "cat", "a\\%b"},
        {"mail -s hi root%line one%line two\\%done", "mail -s hi root",
            "line one\nline two%done"},
        {"printf \\n", "printf \\n", NULL},
        {"end\\", "end\\", NULL},
        {"%only", "", "only"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (Daemon daemon = DAEMON_DEBIAN; daemon <= DAEMON_CRONIE; daemon++) {
            const char *command, *input;
            cronline_percent(arena, daemon, rows[i].text, &command, &input);
            expect(rows[i].text, command, rows[i].command);
            expect(rows[i].text, input, rows[i].input);
        }
    }
}

static void
only_debian_makes_one_backslash_of_two(void **state)
{
    (void)state;
    const char *command, *input;
    cronline_percent(arena, DAEMON_DEBIAN, "sed 's/\\\\/x/'", &command, &input);
    assert_string_equal(command, "sed 's/\\/x/'");
    cronline_percent(arena, DAEMON_CRONIE, "sed 's/\\\\/x/'", &command, &input);
    assert_string_equal(command, "sed 's/\\\\/x/'");
    cronline_percent(arena, DAEMON_DEBIAN, "a\\\\%b", &command, &input);
    assert_string_equal(command, "a\\");
    assert_string_equal(input, "b");
    cronline_percent(arena, DAEMON_CRONIE, "a\\\\%b", &command, &input);
    assert_string_equal(command, "a\\\\");
    assert_string_equal(input, "b");
}

static const char *
random_text(const char *alphabet, unsigned most)
{
    char text[16];
    unsigned len = random_below(most + 1);
    for (unsigned i = 0; i < len; i++)
        text[i] = alphabet[random_below((unsigned)strlen(alphabet))];
    return arena_copy(arena, text, len);
}

static void
what_is_joined_comes_apart_the_same(void **state)
{
    (void)state;
    unsigned joined = 0;
    for (int i = 0; i < 200000; i++) {
        Daemon daemon = random_below(2) == 0 ? DAEMON_DEBIAN : DAEMON_CRONIE;
        const char *text, *back, *back_input;
        if (i % 1000 == 0)
            arena_reset(arena);
        const char *command = arena_printf(arena, "a%s", random_text("a\\%", 6));
        const char *input = random_below(3) == 0 ? NULL : random_text("a\\%\n", 6);
        if (!cronline_join(arena, daemon, command, input, &text))
            continue;
        joined++;
        cronline_percent(arena, daemon, text, &back, &back_input);
        expect(text, back, command);
        expect(text, back_input, input);
        assert_null(strchr(text, '\n'));
    }
    assert_true(joined > 50000);
}

static void
every_command_without_backslashes_can_be_joined(void **state)
{
    (void)state;
    for (int i = 0; i < 50000; i++) {
        if (i % 1000 == 0)
            arena_reset(arena);
        const char *command = arena_printf(arena, "a%s", random_text("a%b ", 8));
        const char *input = random_below(2) == 0 ? NULL : random_text("a%b\n", 8), *text;
        if (!cronline_join(arena, DAEMON_DEBIAN, command, input, &text) ||
            !cronline_join(arena, DAEMON_CRONIE, command, input, &text))
            fail_msg("'%s' with '%s'", command, input);
    }
}

static void
assignments_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < 100000; i++) {
        Daemon daemon = random_below(2) == 0 ? DAEMON_DEBIAN : DAEMON_CRONIE;
        const char *line, *name, *back;
        if (i % 1000 == 0)
            arena_reset(arena);
        const char *value = random_text("a \"'=#", 6);
        bool plain = strpbrk(value, " \"'") == NULL;
        bool said = cronline_assign(arena, daemon, "NAME", value, &line);
        assert_true(said || !plain);
        if (!said)
            continue;
        assert_true(cronline_variable(arena, daemon, line, &name, &back));
        expect(line, back, value);
    }
}

static void
words_are_parted_by_blanks_and_tabs(void **state)
{
    (void)state;
    assert_int_equal(cronline_words("17 *\t* * *\troot x", 5), 10);
    assert_int_equal(cronline_words("@daily x", 1), 6);
    assert_int_equal(cronline_words("1 2 3", 5), 0);
    assert_string_equal(cronline_squeeze(arena, "17 *\t*  * *", 11), "17 * * * *");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variables_are_read_as_load_env_reads_them),
        cmocka_unit_test(a_percent_sign_ends_the_command),
        cmocka_unit_test(only_debian_makes_one_backslash_of_two),
        cmocka_unit_test(what_is_joined_comes_apart_the_same),
        cmocka_unit_test(every_command_without_backslashes_can_be_joined),
        cmocka_unit_test(assignments_read_back),
        cmocka_unit_test(words_are_parted_by_blanks_and_tabs),
    };
    return cmocka_run_group_tests(tests, crontab_begin, crontab_end);
}
