/* What no other file knows: which run in cron's log is which fire of clock.  Runs and fires of
 * one command are paired in the order of time, a run belonging to the fire whose minute it
 * started in; what stays alone is a difference. */

#include "cmd/shadow.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/out.h"
#include "file/cronlog.h"
#include "file/cronyaml.h"
#include "file/pool.h"
#include "time/instant.h"

/* How far from its instant a run may start: clocks are read at different moments, and a busy
 * cron is late, but never by a minute. */
#define EARLY_S 2
#define LATE_S 58

/* All jobs with the same command (and user, in a system crontab), and the runs of it. */
typedef struct {
    const CrontabEntry **entries;
    size_t n_entries, cap_entries;
    int64_t *runs_s;
    size_t n_runs, cap_runs;
    int64_t late_s; /* LATE_S and the longest jitter */
} Group;

typedef struct {
    int64_t at_s;
    const CrontabEntry *entry;
    bool by_cron; /* only cron ran it; else only clock would */
} Difference;

typedef struct {
    Context *context;
    Arena *arena;
    const Crontab *crontab;
    const Clockfile *file;
    CronLog log;
    Pool *groups; /* by user and command; known: the Group */
    Pool *users;  /* whose runs count */
    Difference *differences;
    size_t n, cap;
    size_t matched, by_cron, by_clock, ignored;
} Shadow;

static void *
grown(Arena *arena, void *at, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return at;
    size_t more = *cap == 0 ? 16 : *cap * 2;
    at = arena_grow(arena, at, *cap * size, more * size);
    *cap = more;
    return at;
}

/* ---- groups ---- */

/* cron logs the command as it is, but for blanks at its ends. */
static PoolEntry *
group_entry(const Shadow *s, const char *user, const char *command, bool make)
{
    size_t len = strlen(command);
    while (len > 0 && command[len - 1] == ' ')
        len--;
    const char *key = arena_printf(s->arena, "%s\n%.*s",
        s->crontab->options.kind == CRONTAB_SYSTEM ? user : "", (int)len, command);
    return make ? pool_entry(s->groups, key, strlen(key))
                : pool_find(s->groups, key, strlen(key));
}

static void
make_groups(Shadow *s)
{
    for (size_t i = 0; i < s->crontab->n; i++) {
        const CrontabEntry *entry = &s->crontab->entries[i];
        PoolEntry *pooled =
            group_entry(s, entry->user, cronlog_command(s->arena, entry->command), true);
        Group *group = pooled->known;
        if (group == NULL)
            group = pooled->known = arena_alloc(s->arena, sizeof *group);
        group->entries = grown(s->arena, group->entries, group->n_entries, &group->cap_entries,
            sizeof *group->entries);
        group->entries[group->n_entries++] = entry;
        if (group->late_s < LATE_S + entry->jitter_s)
            group->late_s = LATE_S + entry->jitter_s;
    }
}

/* In a user's crontab the log's lines of others do not count: of whom it is is known by --user,
 * or by who ran its commands. */
static void
find_users(Shadow *s)
{
    const char *user = context_option(s->context, "user");
    s->users = pool_new(s->arena);
    if (user != NULL)
        pool_entry(s->users, user, strlen(user));
    for (size_t i = 0; user == NULL && i < s->log.n; i++) {
        const CronRun *run = &s->log.runs[i];
        if (group_entry(s, run->user, run->command, false) != NULL)
            pool_entry(s->users, run->user, strlen(run->user));
    }
}

/* A command that no crontab here has: told once for each. */
typedef struct {
    size_t n;
    const CronRun *run;
} Stranger;

static void
sort_runs(Shadow *s, Pool *strangers)
{
    for (size_t i = 0; i < s->log.n; i++) {
        const CronRun *run = &s->log.runs[i];
        if (pool_find(s->users, run->user, strlen(run->user)) == NULL)
            continue;
        PoolEntry *pooled = group_entry(s, run->user, run->command, false);
        if (pooled == NULL) {
            const char *key = arena_printf(s->arena, "%s\n%s", run->user, run->command);
            PoolEntry *stranger = pool_entry(strangers, key, strlen(key));
            if (stranger->known == NULL)
                stranger->known = arena_alloc(s->arena, sizeof(Stranger));
            Stranger *known = stranger->known;
            known->n++;
            known->run = run;
            s->ignored++;
            continue;
        }
        Group *group = pooled->known;
        group->runs_s = grown(
            s->arena, group->runs_s, group->n_runs, &group->cap_runs, sizeof *group->runs_s);
        group->runs_s[group->n_runs++] = run->at_s;
    }
}

/* ---- comparing ---- */

static void
add_difference(Shadow *s, int64_t at_s, const CrontabEntry *entry, bool by_cron)
{
    s->differences = grown(s->arena, s->differences, s->n, &s->cap, sizeof *s->differences);
    s->differences[s->n++] = (Difference){at_s, entry, by_cron};
    *(by_cron ? &s->by_cron : &s->by_clock) += 1;
}

static int
by_time(const void *a, const void *b)
{
    const Difference *x = a, *y = b;
    if (x->at_s != y->at_s)
        return (x->at_s > y->at_s) - (x->at_s < y->at_s);
    return strcmp(x->entry->name, y->entry->name);
}

static int
by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* What clock would have fired for the group, in the order of time. */
static Difference *
fires_of(const Shadow *s, const Group *group, size_t *n)
{
    Difference *fires = NULL;
    size_t cap = 0;
    *n = 0;
    for (size_t i = 0; i < group->n_entries; i++) {
        const CrontabEntry *entry = group->entries[i];
        const Job *job = clockfile_job(s->file, entry->name);
        int64_t at_s = s->log.from_s - group->late_s - 1;
        while (entry->enabled && schedule_next(job->schedule, at_s, &at_s) &&
               at_s <= s->log.until_s) {
            fires = grown(s->arena, fires, *n, &cap, sizeof *fires);
            fires[(*n)++] = (Difference){at_s, entry, false};
        }
    }
    if (*n > 0)
        qsort(fires, *n, sizeof *fires, by_time);
    return fires;
}

/* At the ends of the log a partner may stand outside. */
static bool
is_within(const Shadow *s, const Group *group, int64_t fire_s)
{
    return fire_s >= s->log.from_s && fire_s + group->late_s <= s->log.until_s;
}

static void
compare(Shadow *s, Group *group)
{
    size_t n, i = 0, j = 0;
    const Difference *fires = fires_of(s, group, &n);
    if (group->n_runs > 0)
        qsort(group->runs_s, group->n_runs, sizeof *group->runs_s, by_number);
    while (i < n || j < group->n_runs) {
        bool run = j < group->n_runs, fire = i < n;
        int64_t run_s = run ? group->runs_s[j] : 0, fire_s = fire ? fires[i].at_s : 0;
        if (run && (!fire || run_s < fire_s - EARLY_S)) {
            add_difference(s, run_s, group->entries[0], true);
            j++;
        } else if (!run || run_s > fire_s + group->late_s) {
            if (is_within(s, group, fire_s))
                add_difference(s, fire_s, fires[i].entry, false);
            i++;
        } else {
            s->matched++;
            i++;
            j++;
        }
    }
}

/* ---- telling ---- */

static void
add_object(Text *text, const Shadow *s, const Difference *it)
{
    Json json = json_new(text);
    Text at = text_new(s->arena);
    instant_write_utc(&at, it->at_s);
    json_open(&json, '{');
    json_key(&json, "at");
    json_string(&json, at.at);
    json_key(&json, "only");
    json_string(&json, it->by_cron ? "cron" : "clock");
    json_key(&json, "job");
    json_string(&json, it->entry->name);
    json_close(&json, '}');
    text_add_char(text, '\n');
}

static bool
write_differences(const Shadow *s, Error *error)
{
    static const char *const heads[] = {"INSTANT", "ONLY", "JOB", NULL};
    Text text = text_new(s->arena);
    Table *table = table_new(s->arena, heads);
    for (size_t i = 0; i < s->n; i++) {
        const Difference *it = &s->differences[i];
        Text at = text_new(s->arena);
        if (s->context->json) {
            add_object(&text, s, it);
            continue;
        }
        instant_write(&at, it->at_s, it->entry->zone);
        table_cell(table, at.at);
        table_cell(table, it->by_cron ? "cron" : "clock");
        table_cell(table, it->entry->name);
    }
    if (!s->context->json && s->n > 0)
        table_write(table, &text);
    return out_text(&text, error);
}

static void
tell(const Shadow *s, const Pool *strangers)
{
    const CrontabCounts *counts = &s->crontab->counts;
    Text text = text_new(s->arena);
    if (s->log.unread > 0)
        text_addf(&text, "of the log, %zu of %zu lines begin with no time\n", s->log.unread,
            s->log.lines);
    for (const PoolEntry *it = pool_next(strangers, NULL); it != NULL;
         it = pool_next(strangers, it)) {
        const Stranger *stranger = it->known;
        text_addf(&text, "in no line read here, run %zu time%s by cron: (", stranger->n,
            stranger->n == 1 ? "" : "s");
        text_add_safe(&text, stranger->run->user, strlen(stranger->run->user));
        text_add(&text, ") ");
        text_add_safe(&text, stranger->run->command, strlen(stranger->run->command));
        text_add_char(&text, '\n');
    }
    text_add(&text, "the log, ");
    instant_write(&text, s->log.from_s, s->crontab->zone);
    text_add(&text, " to ");
    instant_write(&text, s->log.until_s, s->crontab->zone);
    text_addf(&text,
        ": %zu matched, %zu by cron only, %zu by clock only, %zu in no line read here\n",
        s->matched, s->by_cron, s->by_clock, s->ignored);
    if (counts->refused + counts->decisions > 0)
        text_addf(&text,
            "of the crontab, %zu lines are refused and %zu need a decision: type clock "
            "import without --shadow\n",
            counts->refused, counts->decisions);
    out_aside(&text);
}

/* ---- running ---- */

static bool
read_log(Shadow *s, const char *path, Error *error)
{
    int64_t year;
    CronLogSource source = {
        .path = path, .zone = s->crontab->zone, .written_s = s->context->now_s};
    if (!context_number(s->context, "year", 1970, 9999, 0, &year, error))
        return false;
    source.year = (int)year;
    if (!cronlog_read(s->arena, source, &s->log, error))
        return false;
    if (s->log.n > 0)
        return true;
    error_set(error, ERR_INPUT, "no line of '%.200s' says what cron has run",
        text_safe(s->arena, path));
    return error_hint(error, "look for cron's lines in /var/log/cron or /var/log/cron.log, or "
                             "type journalctl -t CRON | clock import --shadow - ...");
}

/* What clock would fire is what the Clockfile says that import would write. */
static bool
convert(Shadow *s, Error *error)
{
    Text text = text_new(s->arena);
    Clockfile *file;
    if (!cronyaml_write(s->crontab, &text, NULL, error) ||
        !clockfile_read(s->arena, "crontab", text.at, text.len, &file,
            diags_new(s->arena, "crontab"), error))
        return false;
    s->file = file;
    return true;
}

bool
shadow_run(Context *context, const Crontab *crontab, const char *log, Error *error)
{
    Shadow s = {.context = context,
        .arena = context->arena,
        .crontab = crontab,
        .groups = pool_new(context->arena)};
    if (crontab->n == 0)
        return error_set(error, ERR_NO, "no line is an entry of a crontab");
    if (!read_log(&s, log, error) || !convert(&s, error))
        return false;
    Pool *strangers = pool_new(s.arena);
    make_groups(&s);
    find_users(&s);
    sort_runs(&s, strangers);
    for (PoolEntry *it = pool_next(s.groups, NULL); it != NULL; it = pool_next(s.groups, it))
        compare(&s, it->known);
    if (s.n > 0)
        qsort(s.differences, s.n, sizeof *s.differences, by_time);
    if (!write_differences(&s, error))
        return false;
    tell(&s, strangers);
    if (s.n + s.matched == 0) {
        error_set(error, ERR_NO, "nothing to compare: neither had anything to run");
        return error_hint(error, "give a log of a whole day, and see whose crontab it is");
    }
    return s.n == 0 ||
           error_set(error, ERR_NO, "they differ: %zu by cron only, %zu by clock only",
               s.by_cron, s.by_clock);
}
