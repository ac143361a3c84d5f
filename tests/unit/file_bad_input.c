/* tests/tables/bad-input: every row of index.tsv that a Clockfile's reader can judge, by the
 * same rules as tests/cli/bad_input.t, but in one process, where sanitizers and valgrind look
 * on. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "file/clockfile.h"

#define FOLDER "tests/tables/bad-input/"

enum { FILE_NAME, KIND, VERDICT, AT, WORDS, COLUMNS };

/* The first columns of a row; false: no row. */
static bool
split(char *line, char *columns[COLUMNS])
{
    if (line[0] == '#' || line[0] == '\n')
        return false;
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = line;
        line = strchr(line, '\t');
        assert_non_null(line);
        *line++ = '\0';
    }
    return true;
}

/* True when every part of `words`, split at |, is in the text, whatever its case. */
static bool
holds_words(Arena *arena, const char *text, const char *words)
{
    while (*words != '\0') {
        size_t len = strcspn(words, "|");
        if (strcasestr(text, arena_copy(arena, words, len)) == NULL)
            return false;
        words += len + (words[len] == '|');
    }
    return true;
}

/* Why the row does not hold, or NULL. */
static const char *
judge(Arena *arena, char *columns[COLUMNS])
{
    const char *path = arena_printf(arena, FOLDER "%s", columns[FILE_NAME]);
    Diags *diags = diags_new(arena, columns[FILE_NAME]);
    Clockfile *file;
    Error error;
    bool ok = clockfile_load(arena, path, &file, diags, &error);
    Text text = text_new(arena);
    diags_write(diags, &text);
    for (const char *at = text.at; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 && *at != '\n')
            return "a control byte";
    }
    if (text.len > 8192)
        return "too much is said";
    if (ok != (strcmp(columns[VERDICT], "accept") == 0))
        return arena_printf(arena, "%s:\n%s", ok ? "accepted" : "refused", text.at);
    if (ok)
        return NULL;
    char *star = strstr(columns[AT], ":*");
    if (star != NULL)
        star[1] = '\0';
    if (strchr("*-", columns[AT][0]) == NULL &&
        strstr(text.at, arena_printf(arena, "%s:%s%s", columns[FILE_NAME], columns[AT],
                            star == NULL ? ":" : "")) == NULL)
        return arena_printf(arena, "not at %s:\n%s", columns[AT], text.at);
    if (strcmp(columns[WORDS], "-") != 0 && !holds_words(arena, text.at, columns[WORDS]))
        return arena_printf(arena, "lacks one of '%s':\n%s", columns[WORDS], text.at);
    return NULL;
}

static void
every_row_holds(void **state)
{
    (void)state;
    FILE *index = fopen(FOLDER "index.tsv", "r");
    assert_non_null(index);
    char line[4096];
    size_t judged = 0, failed = 0;
    while (fgets(line, sizeof line, index) != NULL) {
        char *columns[COLUMNS];
        if (!split(line, columns) || strcmp(columns[KIND], "crontab") == 0 ||
            strcmp(columns[KIND], "tzif") == 0)
            continue;
        Arena *arena = arena_new(0);
        const char *why = judge(arena, columns);
        judged++;
        failed += why != NULL;
        if (why != NULL)
            print_message("# %s: %s\n", columns[FILE_NAME], why);
        arena_free(arena);
    }
    fclose(index);
    assert_true(judged > 100);
    assert_int_equal(failed, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
