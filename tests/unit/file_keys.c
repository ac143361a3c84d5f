/* The table of keys: every row whole and right, and what is said to words from elsewhere. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "file/keys.h"
#include "time/span.h"

static void
every_row_says_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        const Key *key = &keys[i];
        assert_non_null(key->name);
        assert_true(key->levels != 0 && key->levels < 16);
        assert_true(strlen(key->help) > 10 && strlen(key->help) <= 110);
        assert_true(key->help[strlen(key->help) - 1] != '.');
        assert_true(text_lower(key->help[0]) == key->help[0]);
        assert_int_equal(key->type == VALUE_WORD, key->words != NULL);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(key->name, keys[j].name);
    }
}

static void
defaults_hold_every_job_key_but_six(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        bool own = i == KEY_SCHEDULE || i == KEY_TASK || i == KEY_PAYLOAD || i == KEY_COMMAND ||
                   i == KEY_DESCRIPTION || i == KEY_ENABLED;
        bool of_job = (keys[i].levels & LEVEL_JOB) != 0;
        assert_int_equal((keys[i].levels & LEVEL_DEFAULTS) != 0, of_job && !own);
    }
}

static void
what_holds_without_a_key_may_stand_behind_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        const Key *key = &keys[i];
        const char *text = key->standard;
        int64_t n;
        Error error;
        if (text == NULL)
            continue;
        if (key->type == VALUE_NUMBER)
            assert_true(text_number(text, strlen(text), key->min, key->max, &n));
        if (key->type == VALUE_SPAN)
            assert_true(span_read(text, key->min, key->max, &n, &error));
        size_t word = 0;
        while (key->type == VALUE_WORD && strcmp(key->words[word], text) != 0)
            assert_non_null(key->words[++word]);
    }
}

static void
keys_are_found_at_their_levels_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        for (unsigned level = 1; level < 16; level *= 2) {
            KeyId found = keys_find(level, keys[i].name, strlen(keys[i].name));
            assert_int_equal(found, (keys[i].levels & level) != 0 ? (KeyId)i : KEYS);
        }
    }
    assert_int_equal(keys_find(LEVEL_JOB, "queues", 5), KEY_QUEUE);
    assert_int_equal(keys_find(LEVEL_JOB, "queue", 4), KEYS);
    assert_int_equal(keys_find(LEVEL_JOB, "queues", 6), KEYS);
    assert_int_equal(keys_find(LEVEL_JOB, "", 0), KEYS);
}

static void
a_wrong_word_is_answered_with_the_right_one(void **state)
{
    (void)state;
    static const struct {
        unsigned level;
        const char *word;
        const char *want; /* part of the hint */
        KeyId meant;
    } rows[] = {
        {LEVEL_JOB, "shedule", "did you mean \"schedule\"?", KEY_SCHEDULE},
        {LEVEL_JOB, "Schedule", "did you mean \"schedule\"?", KEY_SCHEDULE},
        {LEVEL_JOB, "maxAttempts", "did you mean \"max_attempts\"?", KEY_MAX_ATTEMPTS},
        {LEVEL_TOP, "time_zone", "did you mean \"timezone\"?", KEY_TIMEZONE},
        {LEVEL_TOP, "jbos", "did you mean \"jobs\"?", KEY_JOBS},
        {LEVEL_JOB, "tz", "\"timezone\"", KEY_TIMEZONE},
        {LEVEL_DEFAULTS, "tz", "\"timezone\"", KEY_TIMEZONE},
        {LEVEL_SCHEDULE, "tz", "\"timezone\"", KEY_TIMEZONE},
        {LEVEL_JOB, "args", "\"payload\"", KEY_PAYLOAD},
        {LEVEL_JOB, "kind", "\"task\"", KEY_TASK},
        {LEVEL_JOB, "class", "\"task\"", KEY_TASK},
        {LEVEL_JOB, "catchup", "\"missed\"", KEY_MISSED},
        {LEVEL_JOB, "startingDeadlineSeconds", "\"within\"", KEY_WITHIN},
        {LEVEL_JOB, "starting_deadline_seconds", "\"within\"", KEY_WITHIN},
        {LEVEL_JOB, "misfire-grace-time", "\"within\"", KEY_WITHIN},
        {LEVEL_JOB, "concurrencyPolicy", "overlap", KEY_OVERLAP},
        {LEVEL_JOB, "suspend", "enabled: false", KEY_ENABLED},
        {LEVEL_JOB, "cron", "schedule: ", KEY_SCHEDULE},
        {LEVEL_JOB, "every", "schedule: {every: ...}", KEY_SCHEDULE},
        {LEVEL_JOB, "retention", "top of the file", KEYS},
        {LEVEL_TOP, "queue", "defaults:", KEYS},
        {LEVEL_TOP, "task", "belongs in a job", KEYS},
        {LEVEL_DEFAULTS, "payload", "each job", KEYS},
        {LEVEL_SCHEDULE, "queue", "belongs in a job", KEYS},
        {LEVEL_SCHEDULE, "interval", "\"every\"", KEY_EVERY},
        {LEVEL_SCHEDULE, "zzzzz", "cron, every, at", KEYS},
        {LEVEL_TOP, "zzzzz", "name, timezone", KEYS},
        {LEVEL_JOB, "zzzzz", "clockfile(5)", KEYS},
    };
    Arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        KeyId meant = KEY_NAME;
        const char *hint = keys_hint(arena, rows[i].level, rows[i].word, &meant);
        if (strstr(hint, rows[i].want) == NULL ||
            (rows[i].meant != KEYS && meant != rows[i].meant))
            fail_msg("%s: '%s' (key %d)", rows[i].word, hint, (int)meant);
    }
    arena_free(arena);
}

/* A word of others that were a key of ours at the same level could never be found. */
static void
no_hint_names_a_key_that_the_level_lacks(void **state)
{
    (void)state;
    static const char *const words[] = {"tz", "zone", "args", "kind", "worker", "cmd", "user",
        "environment", "pool", "retries", "backoffLimit", "retry_delay", "expire", "coalesce",
        "window", "singleton", "splay", "labels", "comment", "start_date", "until", "holidays"};
    Arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (unsigned level = 1; level < 16; level *= 2) {
            KeyId meant;
            keys_hint(arena, level, words[i], &meant);
            assert_true(meant == KEYS || (keys[meant].levels & level) != 0);
        }
    }
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_says_what_it_is),
        cmocka_unit_test(defaults_hold_every_job_key_but_six),
        cmocka_unit_test(what_holds_without_a_key_may_stand_behind_it),
        cmocka_unit_test(keys_are_found_at_their_levels_only),
        cmocka_unit_test(a_wrong_word_is_answered_with_the_right_one),
        cmocka_unit_test(no_hint_names_a_key_that_the_level_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
