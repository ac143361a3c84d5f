/* Clockfiles that are right: every key, what holds without it, what jobs share, and what a
 * payload means. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "file/clockfile.h"

typedef struct {
    Arena *arena;
    Clockfile *file; /* NULL: refused */
    Diags *diags;
    Error error;
} Case;

static const char *
problems(const Case *it)
{
    Text text = text_new(it->arena);
    diags_write(it->diags, &text);
    return text.at;
}

static Case
read_text(const char *yaml)
{
    Case it = {.arena = arena_new(0)};
    it.diags = diags_new(it.arena, "f");
    if (!clockfile_read(it.arena, "f", yaml, strlen(yaml), &it.file, it.diags, &it.error))
        it.file = NULL;
    return it;
}

/* A file that must be right, and without warnings. */
static Case
good(const char *yaml)
{
    Case it = read_text(yaml);
    if (it.file == NULL || diags_warnings(it.diags) != 0)
        fail_msg("%s:\n%s", yaml, problems(&it));
    return it;
}

static void
a_job_needs_no_more_than_a_schedule(void **state)
{
    (void)state;
    Case it = good("jobs:\n  backup:\n    schedule: \"15 4 * * *\"\n");
    const Clockfile *file = it.file;
    assert_string_equal(file->name, "default");
    assert_string_equal(zone_name(file->zone), "UTC");
    assert_int_equal(file->retention_s, 7 * 86400);
    assert_int_equal(file->n, 1);
    const Job *job = &file->jobs[0];
    assert_string_equal(job->name, "backup");
    assert_string_equal(job->task, "backup");
    assert_string_equal(job->written, "15 4 * * *");
    assert_string_equal(job->payload, "null");
    assert_string_equal(job->queue, "default");
    assert_null(job->description);
    assert_null(job->tags);
    assert_null(job->command);
    assert_null(job->env);
    assert_int_equal(job->timeout_s, 0);
    assert_int_equal(job->within_s, 86400);
    assert_int_equal(job->backoff_s, 10);
    assert_int_equal(job->backoff_max_s, 3600);
    assert_int_equal(job->jitter_s, 0);
    assert_int_equal(job->limit, 100);
    assert_int_equal(job->priority, 0);
    assert_int_equal(job->max_attempts, 5);
    assert_int_equal(job->missed, MISSED_LATEST);
    assert_int_equal(job->overlap, OVERLAP_ALLOW);
    assert_true(job->enabled);
    assert_int_equal(job->pos.line, 2);
    assert_int_equal(job->pos.col, 3);
    arena_free(it.arena);
}

static void
every_key_of_a_job_is_read(void **state)
{
    (void)state;
    Case it = good("name: billing\nretention: 2w\njobs:\n  j:\n    schedule: \"@daily\"\n"
                   "    timezone: Asia/Tokyo\n    task: Report::Nightly#run\n"
                   "    payload: {a: 1}\n    queue: mail\n    priority: -32768\n"
                   "    max_attempts: 1000\n    timeout: 2h\n    backoff: 1m..2d\n"
                   "    missed: all\n    within: 3d\n    limit: 3\n    overlap: skip\n"
                   "    jitter: 30s\n    enabled: false\n    tags: [x, y]\n"
                   "    description: \"what it\\nis\"\n    command: [/bin/a, -b, 5, \"\"]\n"
                   "    env: {B: 1.10, A: \"\", _c3: yes}\n");
    const Job *job = &it.file->jobs[0];
    assert_string_equal(it.file->name, "billing");
    assert_int_equal(it.file->retention_s, 14 * 86400);
    assert_string_equal(zone_name(schedule_zone(job->schedule)), "Asia/Tokyo");
    assert_string_equal(job->task, "Report::Nightly#run");
    assert_string_equal(job->payload, "{\"a\":1}");
    assert_string_equal(job->queue, "mail");
    assert_int_equal(job->priority, -32768);
    assert_int_equal(job->max_attempts, 1000);
    assert_int_equal(job->timeout_s, 7200);
    assert_int_equal(job->backoff_s, 60);
    assert_int_equal(job->backoff_max_s, 2 * 86400);
    assert_int_equal(job->missed, MISSED_ALL);
    assert_int_equal(job->within_s, 3 * 86400);
    assert_int_equal(job->limit, 3);
    assert_int_equal(job->overlap, OVERLAP_SKIP);
    assert_int_equal(job->jitter_s, 30);
    assert_false(job->enabled);
    assert_string_equal(job->tags[0], "x");
    assert_string_equal(job->tags[1], "y");
    assert_null(job->tags[2]);
    assert_string_equal(job->description, "what it\nis");
    static const char *const argv[] = {"/bin/a", "-b", "5", ""};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(job->command[i], argv[i]);
    assert_null(job->command[4]);
    static const char *const env[] = {"B=1.10", "A=", "_c3=yes"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(job->env[i], env[i]);
    assert_null(job->env[3]);
    arena_free(it.arena);
}

static void
a_command_that_is_text_is_a_line_for_the_shell(void **state)
{
    (void)state;
    Case it = good("jobs:\n  j:\n    schedule: \"@daily\"\n"
                   "    command: cd /tmp && echo ${HOME} \"x\"\n");
    const char *const *argv = it.file->jobs[0].command;
    assert_string_equal(argv[0], "/bin/sh");
    assert_string_equal(argv[1], "-c");
    assert_string_equal(argv[2], "cd /tmp && echo ${HOME} \"x\"");
    assert_null(argv[3]);
    arena_free(it.arena);
}

static void
a_backoff_is_the_first_wait_or_both(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t first_s, longest_s;
    } rows[] = {
        {"10s", 10, 3600}, {"2h", 7200, 7200}, {"1s..5s", 1, 5}, {"1h..1h", 3600, 3600}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Arena *scratch = arena_new(0);
        Case it = good(arena_printf(
            scratch, "jobs: {j: {schedule: \"@daily\", backoff: %s}}\n", rows[i].text));
        assert_int_equal(it.file->jobs[0].backoff_s, rows[i].first_s);
        assert_int_equal(it.file->jobs[0].backoff_max_s, rows[i].longest_s);
        arena_free(it.arena);
        arena_free(scratch);
    }
}

static void
defaults_hold_for_jobs_without_their_own(void **state)
{
    (void)state;
    /* They may stand behind the jobs as well. */
    Case it = good("timezone: Asia/Tokyo\njobs:\n  a:\n    schedule: \"0 1 * * *\"\n"
                   "  b:\n    schedule: \"0 2 * * *\"\n    queue: own\n    timeout: none\n"
                   "    timezone: UTC\n    tags: z\n    env: {B: 9, C: 3}\n"
                   "defaults: {queue: base, timeout: 5m, timezone: Europe/Paris, tags: [t],\n"
                   "  env: {A: 1, B: 2}, starts: 2026-01-01}\n");
    const Job *a = clockfile_job(it.file, "a"), *b = clockfile_job(it.file, "b");
    assert_string_equal(a->queue, "base");
    assert_string_equal(b->queue, "own");
    assert_int_equal(a->timeout_s, 300);
    assert_int_equal(b->timeout_s, 0);
    assert_string_equal(a->spec, "cron 0 1 * * *; zone Europe/Paris; starts 2026-01-01");
    assert_string_equal(b->spec, "cron 0 2 * * *; zone UTC; starts 2026-01-01");
    assert_string_equal(a->tags[0], "t");
    assert_string_equal(b->tags[0], "z");
    assert_string_equal(a->env[0], "A=1");
    assert_string_equal(a->env[1], "B=2");
    static const char *const env[] = {"B=9", "C=3", "A=1"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(b->env[i], env[i]);
    assert_null(b->env[3]);
    arena_free(it.arena);
}

static void
the_nearest_zone_counts(void **state)
{
    (void)state;
    Case it = good("timezone: Asia/Tokyo\nschedules:\n  plain: \"0 1 * * *\"\n"
                   "  own: {cron: \"0 1 * * *\", timezone: America/New_York}\njobs:\n"
                   "  a: {schedule: plain}\n  b: {schedule: plain, timezone: Europe/Paris}\n"
                   "  c: {schedule: own, timezone: Europe/Paris}\n");
    static const char *const zones[] = {"Asia/Tokyo", "Europe/Paris", "America/New_York"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(zone_name(schedule_zone(it.file->jobs[i].schedule)), zones[i]);
    arena_free(it.arena);
}

static void
a_schedule_is_text_mapping_name_or_list(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *spec, *written;
    } rows[] = {
        {"\"0 9 * * MON-FRI\"", "cron 0 9 * * 1-5; zone UTC", "0 9 * * MON-FRI"},
        {"\"@every 37m\"", "every 37m; zone UTC", "@every 37m"},
        {"{every: 37m, phase: 3m}", "every 37m; phase 3m; zone UTC", "every 37m, phase 3m"},
        {"{at: 2026-12-31T23:59:00}", "at 2026-12-31T23:59:00; zone UTC",
            "at 2026-12-31T23:59:00"},
        {"office", "cron 0 9 * * *; zone UTC", "office"},
        {"[office]", "cron 0 9 * * *; zone UTC", "office"},
        {"[two, \"0 1 * * *\"]",
            "cron 0 7 * * *; zone UTC\ncron 0 8 * * *; zone UTC\ncron 0 1 * * *; zone UTC",
            "two; 0 1 * * *"},
        {"{cron: \"0 1 * * *\", exclude: [2026-12-25, 2027-01-01..2027-01-03]}",
            "cron 0 1 * * *; zone UTC; exclude 2026-12-25; exclude 2027-01-01..2027-01-03",
            "0 1 * * *"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Arena *scratch = arena_new(0);
        Case it = good(arena_printf(scratch,
            "schedules: {office: \"0 9 * * *\", two: [\"0 7 * * *\", {cron: \"0 8 * * *\"}]}\n"
            "jobs: {j: {schedule: %s}}\n",
            rows[i].yaml));
        assert_string_equal(it.file->jobs[0].spec, rows[i].spec);
        assert_string_equal(it.file->jobs[0].written, rows[i].written);
        arena_free(it.arena);
        arena_free(scratch);
    }
}

static void
bounds_of_job_and_schedule_both_hold(void **state)
{
    (void)state;
    Case it = good("jobs:\n  j:\n    schedule: {cron: \"0 0 * * *\", starts: 2026-01-10,\n"
                   "      ends: 2026-02-10, exclude: 2026-01-12}\n    starts: 2026-01-05\n"
                   "    ends: 2026-01-14\n    exclude: [2026-01-11]\n");
    const Job *job = &it.file->jobs[0];
    int64_t due_s = 0, n = 0, sum = 0;
    while (schedule_next(job->schedule, due_s, &due_s)) {
        n++;
        sum += due_s;
    }
    assert_int_equal(n, 2); /* the 10th and the 13th */
    assert_int_equal(sum, 2 * INT64_C(1768003200) + 3 * 86400);
    arena_free(it.arena);
}

/* A day off is a day where the schedule's wall clock hangs, whatever the job's own zone. */
static void
bounds_of_a_job_are_in_the_zone_of_each_schedule(void **state)
{
    (void)state;
    Case it = good("jobs:\n  j:\n    timezone: Europe/Paris\n    schedule:\n"
                   "    - {cron: \"0 20 * * *\", timezone: America/New_York}\n"
                   "    - \"0 0 * * *\"\n"
                   "    starts: 2026-12-24\n    ends: 2026-12-27\n    exclude: 2026-12-25\n");
    static const int64_t want[] = {
        INT64_C(1798066800), /* 24 December, 0:00 in Paris */
        INT64_C(1798160400), /* 24 December, 20:00 in New York: the 25th in Paris */
        INT64_C(1798239600), /* 26 December, 0:00 in Paris: the 25th in New York */
        INT64_C(1798333200), /* 26 December, 20:00 in New York: the 27th in Paris */
    };
    int64_t due_s = 0;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_true(schedule_next(it.file->jobs[0].schedule, due_s, &due_s));
        assert_int_equal(due_s, want[i]);
    }
    assert_false(schedule_next(it.file->jobs[0].schedule, due_s, &due_s));
    arena_free(it.arena);
}

static void
jobs_stand_in_the_order_of_their_names_and_are_found(void **state)
{
    (void)state;
    Case it = good("jobs:\n  b2: {schedule: \"@daily\"}\n  b10: {schedule: \"@daily\"}\n"
                   "  a: {schedule: \"@daily\"}\n  b1: {schedule: \"@daily\"}\n"
                   "  b: {schedule: \"@daily\"}\n  _z: {schedule: \"@daily\"}\n"
                   "  B: {schedule: \"@daily\"}\n");
    static const char *const names[] = {"B", "_z", "a", "b", "b1", "b10", "b2"};
    assert_int_equal(it.file->n, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(it.file->jobs[i].name, names[i]);
        assert_ptr_equal(clockfile_job(it.file, names[i]), &it.file->jobs[i]);
    }
    assert_null(clockfile_job(it.file, "b3"));
    assert_null(clockfile_job(it.file, ""));
    arena_free(it.arena);
}

static void
equal_schedules_are_one(void **state)
{
    (void)state;
    Case it = good("schedules: {five: \"5 * * * *\"}\njobs:\n  a: {schedule: \"5 * * * *\"}\n"
                   "  b: {schedule: \"5 * * * *\"}\n  c: {schedule: five}\n"
                   "  d: {schedule: {cron: \"05 * * * *\"}}\n"
                   "  e: {schedule: \"5 * * * *\", timezone: Asia/Tokyo}\n");
    const Job *jobs = it.file->jobs;
    for (size_t i = 1; i < 4; i++) {
        assert_ptr_equal(jobs[i].schedule, jobs[0].schedule);
        assert_ptr_equal(jobs[i].spec, jobs[0].spec);
        assert_int_equal(jobs[i].spec_hash, jobs[0].spec_hash);
    }
    assert_ptr_not_equal(jobs[4].schedule, jobs[0].schedule);
    assert_int_not_equal(jobs[4].spec_hash, jobs[0].spec_hash);
    assert_string_equal(jobs[2].written, "five");
    arena_free(it.arena);
}

static void
h_is_settled_for_each_job_by_its_name(void **state)
{
    (void)state;
    Case it = good("schedules: {hourly: \"H * * * *\"}\njobs:\n  a: {schedule: \"H * * * *\"}\n"
                   "  b: {schedule: \"H * * * *\"}\n  c: {schedule: hourly}\n");
    Case other = good("jobs: {c: {schedule: \"H * * * *\"}, b: {schedule: [\"H * * * *\"]}}");
    const Job *jobs = it.file->jobs;
    assert_string_not_equal(jobs[0].spec, jobs[1].spec);
    assert_string_equal(clockfile_job(other.file, "b")->spec, jobs[1].spec);
    assert_string_equal(clockfile_job(other.file, "c")->spec, jobs[2].spec);
    assert_null(strstr(jobs[0].spec, "H"));
    arena_free(it.arena);
    arena_free(other.arena);
}

static void
payloads_keep_their_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *json;
    } rows[] = {
        {"5", "5"},
        {"", "null"},
        {"~", "null"},
        {"True", "true"},
        {"text", "\"text\""},
        {"{}", "{}"},
        {"[]", "[]"},
        {"[1, [2, {a: [b]}], {}]", "[1,[2,{\"a\":[\"b\"]}],{}]"},
        {"{b: 1, a: 2}", "{\"b\":1,\"a\":2}"},
        {"{1: x, true: y, null: z}", "{\"1\":\"x\",\"true\":\"y\",\"null\":\"z\"}"},
        {"{id: 12345678901234567890, f: 0.1000000000000000055, e: 1.5e300}",
            "{\"id\":12345678901234567890,\"f\":0.1000000000000000055,\"e\":1.5e300}"},
        {"[1.10, -0, +5, .5, 5., -.5, 5.e3, 007.5, 1E+5]",
            "[1.10,-0,5,0.5,5.0,-0.5,5.0e3,7.5,1E+5]"},
        {"{v: \"5\", w: 'true', x: \"null\"}", "{\"v\":\"5\",\"w\":\"true\",\"x\":\"null\"}"},
        {"{d: 2026-01-01, t: 2026-01-01T00:00:00Z, v: 1.2.3}",
            "{\"d\":\"2026-01-01\",\"t\":\"2026-01-01T00:00:00Z\",\"v\":\"1.2.3\"}"},
        {"\"a\\\"b\\\\c\\n\\t\\x01\\x7f\xc3\xa9\"",
            "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\xc3\xa9\""},
        {"{note: \"Robert'); DROP TABLE jobs;--\", c: \"%s%n\"}",
            "{\"note\":\"Robert'); DROP TABLE jobs;--\",\"c\":\"%s%n\"}"},
        {"${HOME}", "\"${HOME}\""}, /* nothing is read from the environment here */
        {"|\n      two\n      lines\n", "\"two\\nlines\\n\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Arena *scratch = arena_new(0);
        Case it = good(arena_printf(
            scratch, "jobs:\n  j:\n    schedule: \"@daily\"\n    payload: %s\n", rows[i].yaml));
        assert_string_equal(it.file->jobs[0].payload, rows[i].json);
        arena_free(it.arena);
        arena_free(scratch);
    }
}

static void
what_yaml_readers_dispute_is_text_with_a_warning(void **state)
{
    (void)state;
    Case it = read_text("jobs:\n  on:\n    schedule: \"@daily\"\n    queue: no\n"
                        "    payload: {country: no, zip: 0123, t: 22:22, x: 0x1F, n: 1_000}\n");
    assert_non_null(it.file);
    assert_string_equal(it.file->jobs[0].payload,
        "{\"country\":\"no\",\"zip\":\"0123\",\"t\":\"22:22\",\"x\":\"0x1F\",\"n\":\"1_000\"}");
    assert_string_equal(it.file->jobs[0].queue, "no");
    assert_string_equal(it.file->jobs[0].name, "on");
    assert_int_equal(diags_warnings(it.diags), 7);
    assert_non_null(strstr(problems(&it),
        "f:4:12: warning: some YAML readers do not take the queue name no for text"));
    assert_non_null(strstr(problems(&it), "f:5:24: warning: no is text here"));
    arena_free(it.arena);
}

static void
a_whole_value_may_come_from_the_environment(void **state)
{
    (void)state;
    setenv("CLOCK_TEST_QUEUE", "mail", 1);
    setenv("CLOCK_TEST_EMPTY", "", 1);
    setenv("CLOCK_TEST_PRIO", "7", 1);
    unsetenv("CLOCK_TEST_UNSET");
    Case it = good("jobs:\n  j:\n    schedule: \"${CLOCK_TEST_UNSET:-@every 5m}\"\n"
                   "    queue: ${CLOCK_TEST_QUEUE}\n    priority: ${CLOCK_TEST_PRIO}\n"
                   "    enabled: ${CLOCK_TEST_UNSET:-false}\n"
                   "    within: ${CLOCK_TEST_EMPTY:-2d}\n"
                   "    env: {A: \"${CLOCK_TEST_QUEUE}\", B: \"x${CLOCK_TEST_QUEUE}\", "
                   "C: \"${CLOCK_TEST_EMPTY}\"}\n");
    const Job *job = &it.file->jobs[0];
    assert_string_equal(job->written, "@every 5m");
    assert_string_equal(job->queue, "mail");
    assert_int_equal(job->priority, 7);
    assert_false(job->enabled);
    assert_int_equal(job->within_s, 2 * 86400);
    assert_string_equal(job->env[0], "A=mail");
    assert_string_equal(job->env[1], "B=x${CLOCK_TEST_QUEUE}");
    assert_string_equal(job->env[2], "C=");
    arena_free(it.arena);
}

static uint64_t
revision(const char *yaml)
{
    Case it = good(yaml);
    uint64_t is = it.file->revision;
    arena_free(it.arena);
    return is;
}

static void
the_revision_changes_with_all_that_bears_on_it(void **state)
{
    (void)state;
    const char *yaml = "jobs: {j: {schedule: \"@daily\", queue: \"${CLOCK_TEST_QUEUE:-a}\"}}\n";
    setenv("CLOCK_TEST_QUEUE", "x", 1);
    uint64_t first = revision(yaml);
    assert_int_equal(revision(yaml), first);
    setenv("CLOCK_TEST_QUEUE", "y", 1);
    assert_int_not_equal(revision(yaml), first);
    uint64_t one = revision("jobs: {j: {schedule: \"@daily\"}}\n");
    assert_int_not_equal(revision("jobs: {j: {schedule: \"@daily\"}} "), one);
    assert_int_not_equal(revision("jobs: {k: {schedule: \"@daily\"}}\n"), one);
}

static void
a_queue_of_one_job_that_reads_like_another_is_warned_of(void **state)
{
    (void)state;
    Case it = read_text("jobs:\n  a: {schedule: \"@daily\", queue: reports}\n"
                        "  b: {schedule: \"@daily\", queue: reports}\n"
                        "  c: {schedule: \"@daily\", queue: reprots}\n"
                        "  d: {schedule: \"@daily\", queue: shard-1}\n"
                        "  e: {schedule: \"@daily\", queue: shard-2}\n"
                        "  f: {schedule: \"@daily\", queue: shard-2}\n");
    assert_non_null(it.file);
    assert_int_equal(diags_warnings(it.diags), 1);
    assert_non_null(strstr(problems(&it), "f:4:3: warning: "));
    assert_non_null(strstr(problems(&it), "did you mean \"reports\"?"));
    arena_free(it.arena);
}

static void
odd_schedules_are_warned_of_wherever_they_stand_but_once_by_name(void **state)
{
    (void)state;
    Case it = read_text("schedules:\n  odd: \"*/7 * * * *\"\njobs:\n  a: {schedule: odd}\n"
                        "  b: {schedule: odd}\n  c: {schedule: \"0 0 13 * 5\"}\n"
                        "  d: {schedule: \"0 0 13 * 5\"}\n  e: {schedule: \"0 0 30 2 *\"}\n");
    const char *text = problems(&it);
    assert_non_null(it.file);
    if (diags_warnings(it.diags) != 4)
        fail_msg("%s", text);
    assert_non_null(strstr(text, "f:2:9: warning: "));
    assert_non_null(strstr(text, "f:6:"));
    assert_non_null(strstr(text, "f:7:"));
    assert_non_null(strstr(text, "f:8:"));
    arena_free(it.arena);
}

static void
many_jobs_share_few_schedules_in_little_memory(void **state)
{
    (void)state;
    Arena *scratch = arena_new(0);
    Text yaml = text_new(scratch);
    text_add(&yaml, "jobs:\n");
    for (unsigned i = 0; i < 100000; i++)
        text_addf(
            &yaml, "  j%u: {schedule: \"%u %u * * *\"}\n", i * 7919 % 100000, i % 60, i % 24);
    Case it = good(yaml.at);
    assert_int_equal(it.file->n, 100000);
    size_t distinct = 0;
    for (size_t i = 0; i < it.file->n; i++) {
        assert_true(i == 0 || strcmp(it.file->jobs[i - 1].name, it.file->jobs[i].name) < 0);
        distinct += it.file->jobs[i].schedule != clockfile_job(it.file, "j0")->schedule;
    }
    assert_true(distinct > 0);
    assert_true(arena_used(it.arena) < it.file->n * 400);
    arena_free(it.arena);
    arena_free(scratch);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_needs_no_more_than_a_schedule),
        cmocka_unit_test(every_key_of_a_job_is_read),
        cmocka_unit_test(a_command_that_is_text_is_a_line_for_the_shell),
        cmocka_unit_test(a_backoff_is_the_first_wait_or_both),
        cmocka_unit_test(defaults_hold_for_jobs_without_their_own),
        cmocka_unit_test(the_nearest_zone_counts),
        cmocka_unit_test(a_schedule_is_text_mapping_name_or_list),
        cmocka_unit_test(bounds_of_job_and_schedule_both_hold),
        cmocka_unit_test(bounds_of_a_job_are_in_the_zone_of_each_schedule),
        cmocka_unit_test(jobs_stand_in_the_order_of_their_names_and_are_found),
        cmocka_unit_test(equal_schedules_are_one),
        cmocka_unit_test(h_is_settled_for_each_job_by_its_name),
        cmocka_unit_test(payloads_keep_their_meaning),
        cmocka_unit_test(what_yaml_readers_dispute_is_text_with_a_warning),
        cmocka_unit_test(a_whole_value_may_come_from_the_environment),
        cmocka_unit_test(the_revision_changes_with_all_that_bears_on_it),
        cmocka_unit_test(a_queue_of_one_job_that_reads_like_another_is_warned_of),
        cmocka_unit_test(odd_schedules_are_warned_of_wherever_they_stand_but_once_by_name),
        cmocka_unit_test(many_jobs_share_few_schedules_in_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
