/* What no other file knows: the words of a Clockfile, and those that people bring along from
 * other schedulers. */

#include "file/keys.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define DAY_S 86400
#define WEEK_S (INT64_C(7) * DAY_S)
#define YEAR_S (52 * WEEK_S)
#define YEARS_10_S (520 * WEEK_S)

#define ANY_JOB (LEVEL_JOB | LEVEL_DEFAULTS)
#define ANY_WHEN (ANY_JOB | LEVEL_SCHEDULE)

static const char *const missed_words[] = {"skip", "latest", "all", NULL};
static const char *const overlap_words[] = {"allow", "skip", NULL};
static const char *const dialect_words[] = {"vixie", "seconds", "quartz", NULL};
static const char *const days_words[] = {"cron", "and", "or", NULL};
static const char *const dst_words[] = {"cron", "skip", "all", "utc", NULL};

/* clang-format off */
const Key keys[KEYS] = {
    [KEY_NAME] = {"name", LEVEL_TOP, VALUE_NAME, 0, 0, NULL, "default",
        "which horizon in the database this file rules: files with names of their own live side by side"},
    [KEY_TIMEZONE] = {"timezone", LEVEL_TOP | ANY_WHEN, VALUE_ZONE, 0, 0, NULL, "UTC",
        "whose wall clock the schedule means; the nearest one counts"},
    [KEY_RETENTION] = {"retention", LEVEL_TOP, VALUE_SPAN, 3600, YEARS_10_S, NULL, "7d",
        "how long finished runs and records of missed fires are kept"},
    [KEY_DEFAULTS] = {"defaults", LEVEL_TOP, VALUE_MAPPING, 0, 0, NULL, NULL,
        "keys that hold for every job without its own"},
    [KEY_SCHEDULES] = {"schedules", LEVEL_TOP, VALUE_MAPPING, 0, 0, NULL, NULL,
        "schedules with names, for jobs to share"},
    [KEY_JOBS] = {"jobs", LEVEL_TOP, VALUE_MAPPING, 0, 0, NULL, NULL,
        "the jobs, each under its name"},
    [KEY_SCHEDULE] = {"schedule", LEVEL_JOB, VALUE_SCHEDULE, 0, 0, NULL, NULL,
        "when the job is due: text, a mapping, a name under schedules, or a list of these"},
    [KEY_TASK] = {"task", LEVEL_JOB, VALUE_TEXT, 1, 255, NULL, NULL,
        "what the worker is asked to do; without it, the job's name"},
    [KEY_PAYLOAD] = {"payload", LEVEL_JOB, VALUE_JSON, 0, 64 * 1024, NULL, NULL,
        "any value, handed to the worker as jsonb"},
    [KEY_COMMAND] = {"command", LEVEL_JOB, VALUE_COMMAND, 0, 0, NULL, NULL,
        "what clock work runs: a line for /bin/sh, or a list of program and arguments"},
    [KEY_ENV] = {"env", ANY_JOB, VALUE_ENV, 0, 100, NULL, NULL,
        "environment of the command; a job's variables come over those of defaults"},
    [KEY_QUEUE] = {"queue", ANY_JOB, VALUE_NAME, 0, 0, NULL, "default",
        "which workers take it"},
    [KEY_PRIORITY] = {"priority", ANY_JOB, VALUE_NUMBER, -32768, 32767, NULL, "0",
        "lower first, within a queue"},
    [KEY_MAX_ATTEMPTS] = {"max_attempts", ANY_JOB, VALUE_NUMBER, 1, 1000, NULL, "5",
        "how often a run is tried before the row is dead"},
    [KEY_TIMEOUT] = {"timeout", ANY_JOB, VALUE_TIMEOUT, 1, YEAR_S, NULL, "none",
        "how long one attempt may take"},
    [KEY_BACKOFF] = {"backoff", ANY_JOB, VALUE_BACKOFF, 1, YEAR_S, NULL, "10s..1h",
        "the wait after a failed attempt, doubling: the first, or first..longest"},
    [KEY_MISSED] = {"missed", ANY_JOB, VALUE_WORD, 0, 0, missed_words, "latest",
        "which fires are made up for that fell due while no clock could fire"},
    [KEY_WITHIN] = {"within", ANY_JOB, VALUE_SPAN, 1, YEARS_10_S, NULL, "1d",
        "how old a missed fire may be to be made up for"},
    [KEY_LIMIT] = {"limit", ANY_JOB, VALUE_NUMBER, 1, 100000, NULL, "100",
        "how many missed fires are made up for at most, with missed: all"},
    [KEY_OVERLAP] = {"overlap", ANY_JOB, VALUE_WORD, 0, 0, overlap_words, "allow",
        "whether a fire waits for nothing, or is skipped while the previous row is unfinished"},
    [KEY_JITTER] = {"jitter", ANY_JOB, VALUE_SPAN, 0, DAY_S, NULL, "0s",
        "delays each run by up to so much, the same on every host"},
    [KEY_STARTS] = {"starts", ANY_WHEN, VALUE_INSTANT, 0, 0, NULL, NULL,
        "the first date or instant that may fire"},
    [KEY_ENDS] = {"ends", ANY_WHEN, VALUE_INSTANT, 0, 0, NULL, NULL,
        "the first date or instant that may no more"},
    [KEY_EXCLUDE] = {"exclude", ANY_WHEN, VALUE_EXCLUDE, 0, 1000, NULL, NULL,
        "dates, ranges of dates a..b, or crontab expressions that are left out"},
    [KEY_ENABLED] = {"enabled", LEVEL_JOB, VALUE_BOOL, 0, 0, NULL, "true",
        "false: the job stays in the file but is never due"},
    [KEY_TAGS] = {"tags", ANY_JOB, VALUE_NAMES, 0, 100, NULL, NULL,
        "names to choose jobs by on the command line"},
    [KEY_DESCRIPTION] = {"description", LEVEL_JOB, VALUE_TEXT, 1, 4096, NULL, NULL,
        "a line for people"},
    [KEY_CRON] = {"cron", LEVEL_SCHEDULE, VALUE_RULE, 0, 0, NULL, NULL,
        "a crontab expression: minute, hour, day of month, month, day of week"},
    [KEY_EVERY] = {"every", LEVEL_SCHEDULE, VALUE_RULE, 0, 0, NULL, NULL,
        "a duration (37m), counted from 1970; or days, weeks, months, years (2 weeks)"},
    [KEY_AT] = {"at", LEVEL_SCHEDULE, VALUE_RULE, 0, 0, NULL, NULL,
        "once, at that instant; beside every, the time of day"},
    [KEY_PHASE] = {"phase", LEVEL_SCHEDULE, VALUE_RULE, 0, 0, NULL, "0s",
        "moves an interval: fires at n x every + phase"},
    [KEY_DAY] = {"day", LEVEL_SCHEDULE, VALUE_RULE, 0, 0, NULL, NULL,
        "which weekday or day of the month, beside every"},
    [KEY_DIALECT] = {"dialect", LEVEL_SCHEDULE, VALUE_WORD, 0, 0, dialect_words, "vixie",
        "how the fields of cron are read"},
    [KEY_DAYS] = {"days", LEVEL_SCHEDULE, VALUE_WORD, 0, 0, days_words, "cron",
        "how day of month and day of week go together"},
    [KEY_DST] = {"dst", LEVEL_SCHEDULE, VALUE_WORD, 0, 0, dst_words, "cron",
        "what becomes of local times that daylight saving drops or doubles"},
};

/* What others call it.  Compared without case, '_' and '-'.  `text` says more than the name. */
static const struct {
    const char *word;
    unsigned levels;
    KeyId ours;
    const char *text;
} foreign[] = {
    {"tz", LEVEL_TOP | ANY_WHEN, KEY_TIMEZONE, NULL},
    {"zone", LEVEL_TOP | ANY_WHEN, KEY_TIMEZONE, NULL},
    {"cron_tz", LEVEL_TOP | ANY_WHEN, KEY_TIMEZONE, NULL},
    {"location", LEVEL_TOP | ANY_WHEN, KEY_TIMEZONE, NULL},
    {"version", LEVEL_TOP, KEYS, "remove it: the format has no versions"},
    {"clockfile", LEVEL_TOP, KEY_NAME, NULL},
    {"namespace", LEVEL_TOP, KEY_NAME, NULL},
    {"default", LEVEL_TOP, KEY_DEFAULTS, NULL},
    {"tasks", LEVEL_TOP, KEY_JOBS, NULL},
    {"crons", LEVEL_TOP, KEY_JOBS, NULL},
    {"cronjobs", LEVEL_TOP, KEY_JOBS, NULL},
    {"entries", LEVEL_TOP, KEY_JOBS, NULL},
    {"database", LEVEL_TOP, KEYS, "set DATABASE_URL, or type --db on the command line"},
    {"database_url", LEVEL_TOP, KEYS, "set it in the environment, or type --db"},
    {"apiVersion", LEVEL_TOP, KEY_JOBS, "this is no manifest: write jobs: {NAME: {schedule: ..., command: ...}}"},
    {"kind", LEVEL_TOP, KEYS, "remove it: a Clockfile holds jobs alone"},
    {"metadata", LEVEL_TOP, KEYS, "remove it: a Clockfile has a name: of its own"},
    {"spec", LEVEL_TOP, KEY_JOBS, "write jobs: {NAME: {schedule: ..., command: ...}}"},
    {"on", LEVEL_TOP, KEY_JOBS, "this is no workflow: write jobs: {NAME: {schedule: ..., command: ...}}"},
    {"services", LEVEL_TOP, KEY_JOBS, "write jobs: {NAME: {schedule: ..., command: ...}}"},
    {"beat_schedule", LEVEL_TOP, KEY_JOBS, NULL},
    {"include", LEVEL_TOP, KEYS, "a Clockfile is one file"},
    {"prune", LEVEL_TOP, KEY_RETENTION, NULL},
    {"crontab", LEVEL_JOB, KEY_SCHEDULE, "write schedule: \"...\""},
    {"expression", LEVEL_JOB, KEY_SCHEDULE, "write schedule: \"...\""},
    {"when", LEVEL_JOB, KEY_SCHEDULE, "write schedule: \"...\""},
    {"interval", LEVEL_JOB, KEY_SCHEDULE, "write schedule: \"@every 5m\""},
    {"spec", LEVEL_JOB, KEY_SCHEDULE, "write schedule: \"...\""},
    {"trigger", LEVEL_JOB, KEY_SCHEDULE, "write schedule: \"...\""},
    {"next_run", LEVEL_JOB, KEY_SCHEDULE, "write schedule: \"@at 2026-12-31T23:59:00\""},
    {"args", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"arguments", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"kwargs", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"params", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"parameters", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"data", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"body", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"input", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"message", LEVEL_JOB, KEY_PAYLOAD, NULL},
    {"kind", LEVEL_JOB, KEY_TASK, NULL},
    {"class", LEVEL_JOB, KEY_TASK, NULL},
    {"class_name", LEVEL_JOB, KEY_TASK, NULL},
    {"job", LEVEL_JOB, KEY_TASK, NULL},
    {"job_class", LEVEL_JOB, KEY_TASK, NULL},
    {"worker", LEVEL_JOB, KEY_TASK, NULL},
    {"handler", LEVEL_JOB, KEY_TASK, NULL},
    {"function", LEVEL_JOB, KEY_TASK, NULL},
    {"func", LEVEL_JOB, KEY_TASK, NULL},
    {"identifier", LEVEL_JOB, KEY_TASK, NULL},
    {"type", LEVEL_JOB, KEY_TASK, NULL},
    {"name", LEVEL_JOB, KEYS, "a job's name is the key above it: jobs: {NAME: ...}"},
    {"id", LEVEL_JOB, KEYS, "a job's name is the key above it: jobs: {NAME: ...}"},
    {"cmd", LEVEL_JOB, KEY_COMMAND, NULL},
    {"exec", LEVEL_JOB, KEY_COMMAND, NULL},
    {"run", LEVEL_JOB, KEY_COMMAND, NULL},
    {"script", LEVEL_JOB, KEY_COMMAND, NULL},
    {"shell", LEVEL_JOB, KEY_COMMAND, NULL},
    {"user", ANY_JOB, KEY_QUEUE, "give it a queue, and run that queue's clock work as the user"},
    {"environment", ANY_JOB, KEY_ENV, NULL},
    {"environ", ANY_JOB, KEY_ENV, NULL},
    {"variables", ANY_JOB, KEY_ENV, NULL},
    {"queue_name", ANY_JOB, KEY_QUEUE, NULL},
    {"pool", ANY_JOB, KEY_QUEUE, NULL},
    {"attempts", ANY_JOB, KEY_MAX_ATTEMPTS, NULL},
    {"retry", ANY_JOB, KEY_MAX_ATTEMPTS, "clock calls it \"max_attempts\", the first included"},
    {"retries", ANY_JOB, KEY_MAX_ATTEMPTS, "clock calls it \"max_attempts\", the first included"},
    {"max_retries", ANY_JOB, KEY_MAX_ATTEMPTS, "clock calls it \"max_attempts\", the first included"},
    {"retry_limit", ANY_JOB, KEY_MAX_ATTEMPTS, "clock calls it \"max_attempts\", the first included"},
    {"backoffLimit", ANY_JOB, KEY_MAX_ATTEMPTS, "clock calls it \"max_attempts\", the first included"},
    {"retry_delay", ANY_JOB, KEY_BACKOFF, NULL},
    {"retry_backoff", ANY_JOB, KEY_BACKOFF, NULL},
    {"activeDeadlineSeconds", ANY_JOB, KEY_TIMEOUT, NULL},
    {"expire", ANY_JOB, KEY_TIMEOUT, NULL},
    {"max_runtime", ANY_JOB, KEY_TIMEOUT, NULL},
    {"catchup", ANY_JOB, KEY_MISSED, "clock calls it \"missed\": skip, latest or all"},
    {"catch_up", ANY_JOB, KEY_MISSED, "clock calls it \"missed\": skip, latest or all"},
    {"persistent", ANY_JOB, KEY_MISSED, "clock calls it \"missed\": skip, latest or all"},
    {"coalesce", ANY_JOB, KEY_MISSED, "clock calls it \"missed\": skip, latest or all"},
    {"misfire", ANY_JOB, KEY_MISSED, "clock calls it \"missed\": skip, latest or all"},
    {"backfill", ANY_JOB, KEY_MISSED, "clock calls it \"missed\": skip, latest or all"},
    {"startingDeadlineSeconds", ANY_JOB, KEY_WITHIN, NULL},
    {"misfire_grace_time", ANY_JOB, KEY_WITHIN, NULL},
    {"catchup_window", ANY_JOB, KEY_WITHIN, NULL},
    {"grace", ANY_JOB, KEY_WITHIN, NULL},
    {"window", ANY_JOB, KEY_WITHIN, NULL},
    {"fill", ANY_JOB, KEY_WITHIN, NULL},
    {"concurrencyPolicy", ANY_JOB, KEY_OVERLAP, "clock calls it \"overlap\": allow or skip"},
    {"max_instances", ANY_JOB, KEY_OVERLAP, "clock calls it \"overlap\": allow or skip"},
    {"max_active_runs", ANY_JOB, KEY_OVERLAP, "clock calls it \"overlap\": allow or skip"},
    {"singleton", ANY_JOB, KEY_OVERLAP, "clock calls it \"overlap\": allow or skip"},
    {"unique", ANY_JOB, KEY_OVERLAP, "clock calls it \"overlap\": allow or skip"},
    {"no_overlap", ANY_JOB, KEY_OVERLAP, "clock calls it \"overlap\": allow or skip"},
    {"splay", ANY_JOB, KEY_JITTER, NULL},
    {"spread", ANY_JOB, KEY_JITTER, NULL},
    {"random_delay", ANY_JOB, KEY_JITTER, NULL},
    {"RandomizedDelaySec", ANY_JOB, KEY_JITTER, NULL},
    {"suspend", LEVEL_JOB, KEY_ENABLED, "write enabled: false"},
    {"disabled", LEVEL_JOB, KEY_ENABLED, "write enabled: false"},
    {"disable", LEVEL_JOB, KEY_ENABLED, "write enabled: false"},
    {"paused", LEVEL_JOB, KEY_ENABLED, "write enabled: false"},
    {"active", LEVEL_JOB, KEY_ENABLED, NULL},
    {"labels", ANY_JOB, KEY_TAGS, NULL},
    {"groups", ANY_JOB, KEY_TAGS, NULL},
    {"comment", LEVEL_JOB, KEY_DESCRIPTION, NULL},
    {"summary", LEVEL_JOB, KEY_DESCRIPTION, NULL},
    {"title", LEVEL_JOB, KEY_DESCRIPTION, NULL},
    {"start", ANY_WHEN, KEY_STARTS, NULL},
    {"start_date", ANY_WHEN, KEY_STARTS, NULL},
    {"start_at", ANY_WHEN, KEY_STARTS, NULL},
    {"from", ANY_WHEN, KEY_STARTS, NULL},
    {"anchor", ANY_WHEN, KEY_STARTS, NULL},
    {"end", ANY_WHEN, KEY_ENDS, NULL},
    {"end_date", ANY_WHEN, KEY_ENDS, NULL},
    {"until", ANY_WHEN, KEY_ENDS, NULL},
    {"except", ANY_WHEN, KEY_EXCLUDE, NULL},
    {"exdate", ANY_WHEN, KEY_EXCLUDE, NULL},
    {"exdates", ANY_WHEN, KEY_EXCLUDE, NULL},
    {"skip", ANY_WHEN, KEY_EXCLUDE, NULL},
    {"holidays", ANY_WHEN, KEY_EXCLUDE, NULL},
    {"interval", LEVEL_SCHEDULE, KEY_EVERY, NULL},
    {"offset", LEVEL_SCHEDULE, KEY_PHASE, NULL},
    {"expression", LEVEL_SCHEDULE, KEY_CRON, NULL},
    {"crontab", LEVEL_SCHEDULE, KEY_CRON, NULL},
    {"clocked", LEVEL_SCHEDULE, KEY_AT, NULL},
    {"date", LEVEL_SCHEDULE, KEY_AT, NULL},
    {"time", LEVEL_SCHEDULE, KEY_AT, NULL},
    {"weekday", LEVEL_SCHEDULE, KEY_DAY, NULL},
    {"rrule", LEVEL_SCHEDULE | LEVEL_JOB, KEYS, "clock reads no iCalendar; write cron: or every:"},
    {"syntax", LEVEL_SCHEDULE, KEY_DIALECT, NULL},
    {"format", LEVEL_SCHEDULE, KEY_DIALECT, NULL},
    {"mailto", LEVEL_TOP | ANY_JOB, KEYS, "clock sends no mail; see clock.runs for what ran and how it ended"},
    {"on_failure", ANY_JOB, KEYS, "a worker decides what follows a failure; see clock.runs"},
    {"depends_on", ANY_JOB, KEYS, "clock knows no dependencies; let the first job's worker enqueue the next"},
};
/* clang-format on */

/* What others call what these keys can say; NULL: nothing of ours does it. */
static const struct {
    KeyId key;
    const char *word, *ours;
} foreign_words[] = {
    {KEY_OVERLAP, "forbid", "skip"},
    {KEY_OVERLAP, "false", "skip"},
    {KEY_OVERLAP, "no", "skip"},
    {KEY_OVERLAP, "drop", "skip"},
    {KEY_OVERLAP, "true", "allow"},
    {KEY_OVERLAP, "yes", "allow"},
    {KEY_OVERLAP, "parallel", "allow"},
    {KEY_OVERLAP, "replace", NULL},
    {KEY_OVERLAP, "queue", NULL},
    {KEY_OVERLAP, "wait", NULL},
    {KEY_MISSED, "none", "skip"},
    {KEY_MISSED, "never", "skip"},
    {KEY_MISSED, "ignore", "skip"},
    {KEY_MISSED, "false", "skip"},
    {KEY_MISSED, "no", "skip"},
    {KEY_MISSED, "drop", "skip"},
    {KEY_MISSED, "discard", "skip"},
    {KEY_MISSED, "do_nothing", "skip"},
    {KEY_MISSED, "run", "latest"},
    {KEY_MISSED, "once", "latest"},
    {KEY_MISSED, "one", "latest"},
    {KEY_MISSED, "last", "latest"},
    {KEY_MISSED, "coalesce", "latest"},
    {KEY_MISSED, "fire_once_now", "latest"},
    {KEY_MISSED, "true", "latest"},
    {KEY_MISSED, "yes", "latest"},
    {KEY_MISSED, "each", "all"},
    {KEY_MISSED, "every", "all"},
    {KEY_MISSED, "catchup", "all"},
    {KEY_MISSED, "backfill", "all"},
};

KeyId
keys_find(unsigned level, const char *at, size_t len)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (len > 0 && keys[i].name[0] == at[0] && (keys[i].levels & level) != 0 &&
            strncmp(keys[i].name, at, len) == 0 && keys[i].name[len] == '\0')
            return (KeyId)i;
    }
    return KEYS;
}

/* True when the words differ in nothing but case, '_' and '-'. */
static bool
is_alike(const char *a, const char *b)
{
    for (;;) {
        while (*a == '_' || *a == '-')
            a++;
        while (*b == '_' || *b == '-')
            b++;
        if (text_lower(*a) != text_lower(*b))
            return false;
        if (*a == '\0')
            return true;
        a++;
        b++;
    }
}

static size_t
words_of(KeyId key)
{
    size_t n = 0;
    while (keys[key].words[n] != NULL)
        n++;
    return n;
}

const char *
keys_word_hint(Arena *arena, KeyId key, const char *word)
{
    for (size_t i = 0; i < sizeof foreign_words / sizeof foreign_words[0]; i++) {
        if (foreign_words[i].key != key || !is_alike(foreign_words[i].word, word))
            continue;
        if (foreign_words[i].ours == NULL)
            return "no clock does that: a worker that takes one row at a time may do";
        return arena_printf(arena, "clock calls it %s", foreign_words[i].ours);
    }
    const char *near = text_nearest(word, keys[key].words, words_of(key));
    return near == NULL ? NULL : arena_printf(arena, "did you mean \"%s\"?", near);
}

/* A key of ours at a level where it means nothing. */
static const char *
elsewhere_hint(Arena *arena, unsigned level, KeyId key)
{
    unsigned levels = keys[key].levels;
    const char *name = keys[key].name;
    if (key == KEY_CRON)
        return "write schedule: \"...\" in a job";
    if (levels == LEVEL_SCHEDULE)
        return arena_printf(arena, "it belongs in the schedule: schedule: {%s: ...}", name);
    if (levels == LEVEL_TOP)
        return arena_printf(arena, "\"%s\" belongs at the top of the file", name);
    if (level == LEVEL_TOP && (levels & LEVEL_DEFAULTS) != 0)
        return "put it in a job, or under defaults: for all of them";
    if (level == LEVEL_DEFAULTS)
        return "it belongs in each job: it has no default";
    return "it belongs in a job";
}

static const char *
foreign_hint(Arena *arena, unsigned level, const char *word, KeyId *meant)
{
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        if ((foreign[i].levels & level) == 0 || !is_alike(foreign[i].word, word))
            continue;
        *meant = foreign[i].ours;
        if (foreign[i].text != NULL)
            return foreign[i].text;
        return arena_printf(arena, "clock calls it \"%s\"", keys[foreign[i].ours].name);
    }
    return NULL;
}

static const char *
nearest_hint(Arena *arena, unsigned level, const char *word, KeyId *meant)
{
    const char *names[KEYS];
    size_t n = 0;
    for (size_t i = 0; i < KEYS; i++) {
        if ((keys[i].levels & level) != 0)
            names[n++] = keys[i].name;
    }
    const char *name = text_nearest(word, names, n);
    if (name == NULL)
        return NULL;
    *meant = keys_find(level, name, strlen(name));
    return arena_printf(arena, "did you mean \"%s\"?", name);
}

/* For a word that nobody knows: the keys that there are, while they fit a line. */
static const char *
level_hint(Arena *arena, unsigned level)
{
    if ((level & ANY_JOB) != 0)
        return "see clockfile(5) for the keys of a job";
    Text text = text_new(arena);
    text_add(&text, "the keys here are ");
    const char *between = "";
    for (size_t i = 0; i < KEYS; i++) {
        if ((keys[i].levels & level) == 0)
            continue;
        text_addf(&text, "%s%s", between, keys[i].name);
        between = ", ";
    }
    return text.at;
}

const char *
keys_hint(Arena *arena, unsigned level, const char *word, KeyId *meant)
{
    KeyId ignored;
    if (meant == NULL)
        meant = &ignored;
    *meant = KEYS;
    for (size_t i = 0; i < KEYS; i++) {
        if ((keys[i].levels & level) != 0 && is_alike(keys[i].name, word)) {
            *meant = (KeyId)i;
            return arena_printf(arena, "did you mean \"%s\"?", keys[i].name);
        }
    }
    const char *hint = foreign_hint(arena, level, word, meant);
    if (hint != NULL)
        return hint;
    for (size_t i = 0; i < KEYS; i++) {
        if (is_alike(keys[i].name, word)) {
            if (keys[i].levels == LEVEL_SCHEDULE && level == LEVEL_JOB)
                *meant = KEY_SCHEDULE;
            return elsewhere_hint(arena, level, (KeyId)i);
        }
    }
    hint = nearest_hint(arena, level, word, meant);
    return hint == NULL ? level_hint(arena, level) : hint;
}
