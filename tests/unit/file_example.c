/* clockfile.yml.example: it is right, and shows every key of the table. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "file/clockfile.h"
#include "file/input.h"
#include "file/keys.h"
#include "file/tree.h"

#define EXAMPLE "clockfile.yml.example"

static void
the_example_is_right_and_without_warnings(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, EXAMPLE);
    Clockfile *file;
    Error error;
    unsetenv("REPORT_QUEUE");
    bool ok = clockfile_load(arena, EXAMPLE, &file, diags, &error);
    Text text = text_new(arena);
    diags_write(diags, &text);
    if (!ok || text.len != 0)
        fail_msg("%s%s", text.at, ok ? "" : error.text);
    arena_free(arena);
}

/* Counts the keys of a mapping that stand at their level. */
static void
count_keys(const Tree *tree, NodeId mapping, unsigned level, int shown[KEYS])
{
    TreePair pair = {.key = 0};
    while (tree_pair(tree, mapping, &pair)) {
        KeyId key = keys_find(level, pair.name.at, pair.name.len);
        if (key != KEYS)
            shown[key]++;
    }
}

static void
count_section(const Tree *tree, const TreePair *section, int shown[KEYS])
{
    TreePair pair = {.key = 0};
    KeyId key = keys_find(LEVEL_TOP, section->name.at, section->name.len);
    unsigned level = key == KEY_JOBS ? LEVEL_JOB : LEVEL_SCHEDULE;
    if (key == KEY_DEFAULTS)
        count_keys(tree, section->value, LEVEL_DEFAULTS, shown);
    if (key != KEY_JOBS && key != KEY_SCHEDULES)
        return;
    while (tree_pair(tree, section->value, &pair)) {
        if (tree_kind(tree, pair.value) == NODE_MAPPING)
            count_keys(tree, pair.value, level, shown);
    }
}

static void
the_example_shows_every_key(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, EXAMPLE);
    char *at;
    size_t len;
    Error error;
    int shown[KEYS] = {0};
    assert_true(input_read(arena, EXAMPLE, CLOCKFILE_MAX_BYTES, &at, &len, diags, &error));
    Source source = source_new(arena, at, len);
    const Tree *tree = tree_read(arena, &source, diags);
    assert_non_null(tree);
    TreePair section = {.key = 0};
    count_keys(tree, 0, LEVEL_TOP, shown);
    while (tree_pair(tree, 0, &section))
        count_section(tree, &section, shown);
    for (size_t i = 0; i < KEYS; i++) {
        bool repeats = i == KEY_SCHEDULE || i == KEY_CRON || i == KEY_EVERY;
        if (shown[i] == 0 || (shown[i] > 1 && !repeats))
            fail_msg("'%s' is shown %d times", keys[i].name, shown[i]);
    }
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_is_right_and_without_warnings),
        cmocka_unit_test(the_example_shows_every_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
