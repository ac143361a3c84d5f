/* Clockfiles that are wrong: what is said of each, where, and that all of it is said at once;
 * and every limit at one less, just so, and one more. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "file/clockfile.h"
#include "file/rules.h"

/* What is said of a text; *n gets how many errors. */
static const char *
said(Arena *arena, const char *yaml, size_t len, size_t *n)
{
    Clockfile *untouched = (Clockfile *)arena, *file = untouched;
    Diags *diags = diags_new(arena, "f");
    Error error = {.kind = ERR_NONE};
    bool ok = clockfile_read(arena, "f", yaml, len, &file, diags, &error);
    Text text = text_new(arena);
    diags_write(diags, &text);
    *n = diags_errors(diags);
    if (!ok) {
        assert_ptr_equal(file, untouched);
        assert_int_equal(error.kind, ERR_INPUT);
        text_add(&text, error.text);
    }
    assert_int_equal(ok, *n == 0 && error.kind == ERR_NONE);
    return text.at;
}

/* Each row: a text, how many errors, and parts of what is said. */
typedef struct {
    const char *yaml;
    size_t n;
    const char *parts[4];
} Row;

static void
hold(const Row *rows, size_t n_rows, const char *frame)
{
    for (size_t i = 0; i < n_rows; i++) {
        Arena *arena = arena_new(0);
        Text yaml = text_new(arena);
        const char *hole = strstr(frame, "%");
        text_add_bytes(&yaml, frame, (size_t)(hole - frame));
        text_add(&yaml, rows[i].yaml);
        text_add(&yaml, hole + 1);
        size_t n;
        const char *text = said(arena, yaml.at, yaml.len, &n);
        if (n != rows[i].n)
            fail_msg("%s: %zu errors, not %zu:\n%s", rows[i].yaml, n, rows[i].n, text);
        for (size_t j = 0; j < 4 && rows[i].parts[j] != NULL; j++) {
            if (strstr(text, rows[i].parts[j]) == NULL)
                fail_msg("%s: no '%s' in\n%s", rows[i].yaml, rows[i].parts[j], text);
        }
        arena_free(arena);
    }
}
#define HOLD(rows, frame) hold(rows, sizeof rows / sizeof *rows, frame)

static void
values_of_a_job_are_judged(void **state)
{
    (void)state;
    static const Row rows[] = {
        {"queue: {a: b}", 1, {"f:4:12: error: \"queue\" must be text, not a mapping"}},
        {"queue: [a]", 1, {"\"queue\" must be text, not a list"}},
        {"queue:", 1, {"\"queue\" has no value: a name"}},
        {"queue: a b", 1, {"f:4:12: ", "the queue name \"a b\" cannot hold \" \""}},
        {"queue: -a", 1, {"cannot begin with \"-\""}},
        {"queue: \"\"", 1, {"queue name is empty"}},
        {"queue: x${Q}", 1, {"${...} must be the whole value"}},
        {"queue: ${Q", 1, {"cannot begin with \"$\""}},
        {"queue: ${CLOCK_TEST_UNSET}", 1,
            {"f:4:12: error: the variable CLOCK_TEST_UNSET is not set", ":-default"}},
        {"queue: ${1X}", 1, {"names no variable", "${NAME}"}},
        {"queue: ${A-b}", 1, {"names no variable"}},
        {"queue: ${}", 1, {"cannot begin with \"$\""}},
        {"priority: 32768", 1, {"f:4:15: ", "32768 is out of range -32768 to 32767"}},
        {"priority: -32769", 1, {"out of range"}},
        {"priority: low", 1, {"must be a whole number, not \"low\""}},
        {"priority: -012", 1, {"octal", "write -12"}},
        {"priority: 00", 1, {"octal", "write 0"}},
        {"priority: \"5\"", 1, {"whole number", "remove the quotes"}},
        {"priority: +5", 1, {"write 5"}},
        {"priority: 1_000", 1, {"write 1000"}},
        {"priority: 3.00", 1, {"write 3"}},
        {"priority: 0o14", 1, {"write 12, which it is in octal"}},
        {"priority: 0x1F", 1, {"write 31, which it is in hexadecimal"}},
        {"priority: 0b102", 1, {"digits only"}},
        {"priority: 3.01", 1, {"digits only"}},
        {"priority: \xef\xbc\x95", 1, {"whole number"}}, /* a full-width digit */
        {"max_attempts: 0", 1, {"range 1 to 1000"}},
        {"max_attempts: 1001", 1, {"range 1 to 1000"}},
        {"limit: 0", 1, {"range 1 to 100000"}},
        {"timeout: 0s", 1, {"f:4:14: ", "\"timeout\": ", "range"}},
        {"timeout: 90", 1, {"no unit", "90s"}},
        {"timeout: [5m]", 1, {"must be text, not a list"}},
        {"within: never", 1, {"duration"}},
        {"jitter: 2d", 1, {"range"}},
        {"backoff: 1h..1m", 1, {"longest wait is shorter"}},
        {"backoff: 0s", 1, {"range"}},
        {"backoff: 1s..", 1, {"duration is empty"}},
        {"missed: lastest", 1, {"skip, latest or all", "did you mean \"latest\"?"}},
        {"missed: true", 1, {"must be skip, latest or all, not \"true\""}},
        {"overlap: forbid", 1, {"allow or skip"}},
        {"enabled: yes", 1, {"f:4:14: ", "true or false, not \"yes\"", "write true"}},
        {"enabled: \"false\"", 1, {"write false, without quotes"}},
        {"enabled: Off", 1, {"write false"}},
        {"enabled: True", 1, {"write true"}},
        {"enabled: maybe", 1, {"true or false"}},
        {"enabled:", 1, {"no value: true or false"}},
        {"timezone: Mars/Base", 1, {"f:4:15: error: \"timezone\": "}},
        {"timezone: \"a\\0b\"", 1, {"NUL"}},
        {"tags: [a, \"b c\", {}]", 2, {"the tag name \"b c\"", "must be text"}},
        {"tags: {}", 1, {"must be text, not a mapping"}},
        {"task: \"\"", 1, {"\"task\" is empty"}},
        {"task: \"a\\0b\"", 1, {"NUL"}},
        {"description: {a: b}", 1, {"must be text"}},
        {"command: []", 1, {"f:4:14: ", "\"command\" is empty"}},
        {"command: \" \"", 1, {"\"command\" is empty"}},
        {"command: [\"\", a]", 1, {"\"command\" is empty"}},
        {"command: {a: b}", 1, {"must be text or a list"}},
        {"command: [a, [b]]", 1, {"f:4:18: ", "must be text, not a list"}},
        {"command: [a, ~]", 1, {"has no value"}},
        {"env: [A=b]", 1, {"must be a mapping, not a list"}},
        {"env: {1A: b}", 1, {"f:4:11: ", "cannot be the name of a variable"}},
        {"env: {\"A=B\": c}", 1, {"cannot be the name of a variable"}},
        {"env: {A: [b]}", 1, {"must be text"}},
        {"env: {A: }", 1, {"has no value"}},
        {"payload: {a: .nan}", 1, {"f:4:18: ", ".nan, which JSON lacks"}},
        {"payload: \"a\\0b\"", 1, {"NUL"}},
        {"payload: {\"a\\0b\": c}", 1, {"f:4:15: ", "NUL"}},
        {"payload: 1e200000", 1, {"beyond PostgreSQL's range"}},
        {"payload: 1e-20000", 1, {"beyond PostgreSQL's range"}},
        {"payload: [1e99999999999999999999]", 1, {"beyond PostgreSQL's range"}},
        {"starts: soon", 1, {"f:4:13: "}},
        {"starts: 2026-02-30", 1, {"f:4:13: ", "2026-02-30"}},
        {"exclude: [2026-12-25, \"61 * * * *\"]", 1, {"f:4:28: ", "61"}},
        {"exclude: 2027-01-03..2027-01-01", 1, {"backwards"}},
        {"exclude: {a: b}", 1, {"must be text"}},
        {"every: 5m", 1, {"f:4:5: ", "schedule: {every: ...}"}},
        {"overlap: forbid", 1, {"f:4:14: ", "allow or skip", "clock calls it skip"}},
        {"overlap: Replace", 1, {"f:4:14: ", "one row at a time"}},
        {"missed: run", 1, {"f:4:13: ", "clock calls it latest"}},
        {"missed: latst", 1, {"did you mean \"latest\"?"}},
        {"command: {a: b}", 1, {"f:4:14: ", "\"command\" must be text or a list"}},
        {"querue: a", 1, {"f:4:5: error: unknown key \"querue\"; did you mean \"queue\"?"}},
        {"\"\\e[31m\": a", 1, {"unknown key \"\\x1b[31m\""}},
        {"schedule: \"@hourly\"", 1, {"f:4:5: error: duplicate key", "line 3"}},
    };
    HOLD(rows, "jobs:\n  good:\n    schedule: \"@daily\"\n    %\n");
}

static void
schedules_are_judged(void **state)
{
    (void)state;
    static const Row rows[] = {
        {"\"0 25 * * *\"", 1, {"f:5:18: ", "25", "0-23"}},
        {"0 25 * * *", 1, {"f:5:17: "}},
        {"\"\\x30 25 * * *\"", 1, {"f:5:15: "}}, /* places behind an escape are lost */
        {"[\"@daily\", \"0 25 * * *\"]", 1, {"f:5:29: "}},
        {"{cron: \"0 25 * * *\"}", 1, {"f:5:25: "}},
        {"{cron: \"0 0 * * *\", exclude: [\"1 25 * * *\"]}", 1, {"f:5:48: "}},
        {"{cron: \"@daily\", every: 5m}", 1, {"f:5:39: "}},
        {"{cron: \"@daily\", queue: x}", 1, {"f:5:32: error: unknown key", "in a job"}},
        {"{cron: \"@daily\", timezone: X}", 1, {"f:5:42: error: \"timezone\""}},
        {"{cron: \"@daily\", dst: never}", 1, {"f:5:37: "}},
        {"{cron: }", 1, {"\"cron\" has no value"}},
        {"{cron: [a]}", 1, {"must be text, not a list"}},
        {"{}", 1, {"f:5:15: ", "without cron, every or at"}},
        {"[]", 1, {"f:5:15: ", "empty"}},
        {"[[\"@daily\"]]", 1, {"f:5:16: ", "another list"}},
        {"[0, 3]", 2, {"f:5:16: ", "f:5:19: ", "not the number"}},
        {"5", 1, {"must be text, not the number 5"}},
        {"", 1, {"\"schedule\" has no value"}},
        {"ofice", 1, {"no schedule is named \"ofice\"", "did you mean \"office\"?"}},
        {"[office, ofice]", 1, {"f:5:24: "}},
        {"daily", 1, {"did you mean \"@daily\"?"}},
        {"nightly", 1, {"no schedule is named \"nightly\"", "schedules:"}},
        {"5m", 1, {"write \"@every 5m\""}},
        {"2026-12-31", 1, {"write \"@at 2026-12-31\""}},
        {"\"@daily\\nx\"", 1, {"unknown schedule \"@daily\\nx\""}},
    };
    HOLD(rows, "schedules:\n  office: \"0 9 * * *\"\njobs:\n  a:\n    schedule: %\n");
}

static void
starts_and_ends_are_held_against_each_other(void **state)
{
    (void)state;
    static const Row rows[] = {
        {"starts: 2026-01-02, ends: 2026-01-02", 1, {"not after"}},
        {"starts: 2026-01-02, ends: 2026-01-01", 1, {"not after"}},
        {"starts: 2026-01-01T00:00:00Z, ends: 2026-01-01T00:00:00+01:00", 1, {"not after"}},
        {"starts: 2026-01-01, ends: 2026-01-01T00:00:01", 0, {""}},
        {"starts: 2026-01-01, ends: 2026-01-02", 0, {""}},
    };
    HOLD(rows, "jobs: {j: {schedule: \"@hourly\", %}}\n");
    HOLD(rows, "jobs: {j: {schedule: {cron: \"5 * * * *\", %}}}\n");
}

static void
the_top_of_a_file_is_judged(void **state)
{
    (void)state;
    static const Row rows[] = {
        {"jobs:\n", 1, {"f:1:6: ", "\"jobs\" is empty: a mapping is wanted"}},
        {"jobs: {}\n", 1, {"f:1:7: ", "\"jobs\" is empty"}},
        {"jobs: text\n", 1, {"\"jobs\" must be a mapping, not text"}},
        {"jobs:\n- schedule: x\n", 1, {"f:2:1: ", "\"jobs\" must be a mapping, not a list"}},
        {"name: x\n", 1, {"f:1:1: ", "the file has no \"jobs\""}},
        {"jbos: {a: {schedule: \"@daily\"}}\n", 1, {"f:1:1: ", "did you mean \"jobs\"?"}},
        {"tasks: {}\n", 1, {"clock calls it \"jobs\""}},
        {"good: {schedule: \"@daily\"}\n", 1, {"f:1:1: ", "put it below jobs:"}},
        {"good: {cron: \"@daily\", class: X}\n", 1, {"f:1:1: ", "put it below jobs:"}},
        {"on: {schedule: [{cron: \"@daily\"}]}\n", 1, {"f:1:1: ", "no workflow"}},
        {"apiVersion: batch/v1\nspec: {schedule: \"@daily\"}\n", 2,
            {"f:1:1: ", "no manifest", "f:2:1: "}},
        {"just text\n", 1, {"f:1:1: ", "must be a mapping, not text"}},
        {"- a\n", 1, {"f:1:1: ", "must be a mapping, not a list"}},
        {"", 1, {"f:1:1: ", "the file is empty"}},
        {"jobs:\n  good:\n", 1, {"f:2:3: ", "job \"good\" is empty: a mapping"}},
        {"jobs:\n  good: \"@daily\"\n", 1,
            {"f:2:9: ", "job \"good\" must be a mapping, not text"}},
        {"jobs:\n  good: [a]\n", 1, {"job \"good\" must be a mapping, not a list"}},
        {"jobs:\n  good:\n    schedule:\"@daily\"\n", 1, {"f:3:5: ", "space after the \":\""}},
        {"jobs:\n  good:\n    queue: q\n", 1, {"f:2:3: ", "job \"good\" has no schedule"}},
        {"jobs:\n  good:\n    shedule: \"@daily\"\n", 1, {"f:3:5: ", "\"schedule\""}},
        {"jobs:\n  good:\n    cron: \"@daily\"\n", 1, {"f:3:5: ", "schedule: \"...\""}},
        {"jobs:\n  null: {schedule: \"@daily\"}\n", 1, {"f:2:3: ", "job name is empty: null"}},
        {"jobs:\n  ~: {schedule: \"@daily\"}\n", 1, {"f:2:3: ", "job name"}},
        {"jobs:\n  \"\": {schedule: \"@daily\"}\n", 1, {"job name is empty"}},
        {"jobs:\n  g\xd0\xbe"
         "d: {schedule: \"@daily\"}\n",
            1, {"(U+043E)"}},
        {"jobs:\n  a: {schedul\xd0\xb5: \"@daily\"}\n", 1, {"(U+0435)", "\"schedule\""}},
        {"jobs:\n  {a: b}: {schedule: \"@daily\"}\n", 1, {"key must be text"}},
        {"jobs:\n  a b: {schedule: \"@daily\"}\n", 1, {"f:2:3: ", "job name \"a b\""}},
        {"jobs: {a: {schedule: \"@daily\"}}\nname: a b\n", 1, {"f:2:7: ", "Clockfile's name"}},
        {"jobs: {a: {schedule: \"@daily\"}}\nretention: 59m\n", 1, {"f:2:12: ", "range"}},
        {"jobs: {a: {schedule: \"@daily\"}}\ndefaults: [a]\n", 1, {"must be a mapping"}},
        {"jobs: {a: {schedule: \"@daily\"}}\ndefaults: {task: a}\n", 1, {"each job"}},
        {"jobs: {a: {schedule: \"@daily\"}}\ndefaults: {ends: x}\n", 1, {"f:2:18: "}},
        {"jobs: {a: {schedule: \"@daily\"}}\nschedules: [a]\n", 1, {"must be a mapping"}},
        {"jobs: {a: {schedule: \"@daily\"}}\nschedules: {a b: \"@daily\"}\n", 1,
            {"schedule name \"a b\""}},
        {"jobs: {a: {schedule: \"@daily\"}}\nschedules: {a: \"0 25 * * *\"}\n", 1,
            {"f:2:19: "}},
        {"jobs: {a: {schedule: x}, b: {schedule: [x]}}\nschedules: {x: \"0 25 * * *\"}\n", 1,
            {"f:2:19: "}},
        {"jobs: {a: {schedule: \"@daily\"}}\nschedules: {a: [], b: a, c: [\"@daily\", a]}\n", 3,
            {"f:2:16: ", "f:2:23: ", "f:2:40: ", "cannot name another"}},
    };
    HOLD(rows, "%");
}

static void
all_is_said_in_one_run_in_the_order_of_the_file(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const char *yaml = "jobs:\n  a: {schedule: \"60 * * * *\", querue: x}\n  a: {task: t}\n"
                       "retention: x\n";
    size_t n;
    const char *text = said(arena, yaml, strlen(yaml), &n), *last = text;
    assert_int_equal(n, 5);
    static const char *const order[] = {
        "f:2:18: ", "f:2:31: ", "f:3:3: error: duplicate", "f:3:3: error: job", "f:4:12: "};
    for (size_t i = 0; i < 5; i++) {
        const char *at = strstr(text, order[i]);
        if (at == NULL || at < last)
            fail_msg("%s is missing or too early in\n%s", order[i], text);
        last = at;
    }
    assert_non_null(strstr(text, "5 errors in 'f'"));
    arena_free(arena);
}

static void
twenty_are_shown_and_the_rest_counted(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Text yaml = text_new(arena);
    text_add(&yaml, "jobs:\n");
    for (int i = 0; i < 200; i++)
        text_addf(&yaml, "  j%d:\n    schedule: \"@daily\"\n    bogus%d: 1\n", i, i);
    size_t n;
    const char *text = said(arena, yaml.at, yaml.len, &n);
    assert_int_equal(n, 200);
    assert_non_null(strstr(text, "f:61:5: error: unknown key \"bogus19\""));
    assert_null(strstr(text, "bogus20"));
    assert_non_null(strstr(text, "f: and 180 more\n"));
    assert_true(strlen(text) < 8192);
    arena_free(arena);
}

/* A text of `n` times `part`, after `head` and before `tail`. */
static const char *
repeated(Arena *arena, const char *head, const char *part, size_t n, const char *tail)
{
    Text text = text_new(arena);
    text_add(&text, head);
    for (size_t i = 0; i < n; i++)
        text_add(&text, part);
    text_add(&text, tail);
    return text.at;
}

static void
every_limit_holds_to_the_last_one(void **state)
{
    (void)state;
    static const struct {
        const char *head, *part, *tail;
        size_t most;
        const char *want;
    } rows[] = {
        {"jobs: {", "n", ": {schedule: \"@daily\"}}", CLOCKFILE_MAX_NAME,
            "129 bytes, at most 128"},
        {"jobs: {a: {schedule: \"@daily\", queue: ", "q", "}}", CLOCKFILE_MAX_NAME,
            "at most 128"},
        {"jobs: {a: {schedule: \"@daily\", task: ", "t", "}}", 255, "256 bytes, at most 255"},
        {"jobs: {a: {schedule: \"@daily\", description: ", "d", "}}", 4096, "at most 4096"},
        {"jobs: {a: {schedule: \"@daily\", payload: \"", "p", "\"}}", CLOCKFILE_MAX_PAYLOAD - 2,
            "65537 bytes as JSON, at most 65536 (64 KiB)"},
        {"jobs: {a: {schedule: [", "\"@daily\",", "]}}", RULES_MAX_UNION,
            "more than 100 rules"},
        {"schedules: {x: [", "\"@daily\",", "]}\njobs: {a: {schedule: x}}", RULES_MAX_UNION,
            "more than 100 rules"},
        {"jobs: {a: {schedule: \"@daily\", tags: [", "t,", "]}}", 100,
            "101 names, at most 100"},
        {"jobs: {a: {schedule: \"@daily\", exclude: [", "2026-01-01,", "]}}", 1000,
            "1001 entries, at most 1000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t n = rows[i].most - 1; n <= rows[i].most + 1; n++) {
            Arena *arena = arena_new(0);
            const char *yaml = repeated(arena, rows[i].head, rows[i].part, n, rows[i].tail);
            size_t errors;
            const char *text = said(arena, yaml, strlen(yaml), &errors);
            if (errors != (n > rows[i].most))
                fail_msg("row %zu, %zu: %s", i, n, text);
            if (errors != 0 && strstr(text, rows[i].want) == NULL)
                fail_msg("row %zu: no '%s' in %s", i, rows[i].want, text);
            arena_free(arena);
        }
    }
}

static void
variables_are_limited_to_a_hundred(void **state)
{
    (void)state;
    for (int n = 99; n <= 101; n++) {
        Arena *arena = arena_new(0);
        Text yaml = text_new(arena);
        text_add(&yaml, "jobs: {a: {schedule: \"@daily\", env: {");
        for (int i = 0; i < n; i++)
            text_addf(&yaml, "V%d: x,", i);
        text_add(&yaml, "}}}");
        size_t errors;
        said(arena, yaml.at, yaml.len, &errors);
        assert_int_equal(errors, n > 100);
        arena_free(arena);
    }
}

static void
a_file_has_at_most_sixteen_mebibytes(void **state)
{
    (void)state;
    static const char job[] = "jobs: {a: {schedule: \"@daily\"}}\n#";
    char *bytes = malloc(CLOCKFILE_MAX_BYTES + 1);
    assert_non_null(bytes);
    memset(bytes, 'x', CLOCKFILE_MAX_BYTES + 1);
    memcpy(bytes, job, sizeof job - 1);
    for (size_t len = CLOCKFILE_MAX_BYTES - 1; len <= CLOCKFILE_MAX_BYTES + 1; len++) {
        Arena *arena = arena_new(0);
        Diags *diags = diags_new(arena, "f");
        Clockfile *file;
        Error error;
        bool ok = clockfile_read(arena, "f", bytes, len, &file, diags, &error);
        assert_int_equal(ok, len <= CLOCKFILE_MAX_BYTES);
        if (!ok)
            assert_non_null(strstr(error.text, "larger than 16 MiB"));
        arena_free(arena);
    }
    free(bytes);
}

static void
no_cut_of_a_file_harms(void **state)
{
    (void)state;
    static const char yaml[] =
        "\xef\xbb\xbf"
        "name: x\ndefaults: {queue: a, tags: [t], env: {A: b}}\nschedules:\n"
        "  s: [{cron: \"H * * * *\", exclude: [2026-01-01]}, \"@every 5m\"]\njobs:\n"
        "  a: {schedule: s, payload: {a: [1, \"\xc3\xa9\\n\", {b: ~}]}, command: |\n"
        "    x}\n  'b':\n    schedule: {every: 2 weeks, starts: 2026-01-01, day: mon, at: "
        "'09:00'}\n"
        "    backoff: 1s..2s\n    description: >-\n      two\n      lines\n";
    for (size_t len = 0; len < sizeof yaml; len++) {
        /* A copy of just so many bytes: reading beyond them is seen by the sanitizers. */
        char *cut = malloc(len == 0 ? 1 : len);
        assert_non_null(cut);
        memcpy(cut, yaml, len);
        Arena *arena = arena_new(0);
        size_t n;
        said(arena, cut, len, &n);
        arena_free(arena);
        free(cut);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_a_job_are_judged),
        cmocka_unit_test(schedules_are_judged),
        cmocka_unit_test(starts_and_ends_are_held_against_each_other),
        cmocka_unit_test(the_top_of_a_file_is_judged),
        cmocka_unit_test(all_is_said_in_one_run_in_the_order_of_the_file),
        cmocka_unit_test(twenty_are_shown_and_the_rest_counted),
        cmocka_unit_test(every_limit_holds_to_the_last_one),
        cmocka_unit_test(variables_are_limited_to_a_hundred),
        cmocka_unit_test(a_file_has_at_most_sixteen_mebibytes),
        cmocka_unit_test(no_cut_of_a_file_harms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
