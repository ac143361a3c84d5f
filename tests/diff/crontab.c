/* Imported crontabs against cron itself: a model of the daemon's loop walks through every
 * minute of the days around each change of the clocks and of some days between, keeps its
 * virtual clock as Debian's cron does, and runs the lines of the crontabs in
 * tests/tables/crontabs by a parser of its own.  What an import of the same lines fires must be
 * the same set of minutes. */

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file/clockfile.h"
#include "file/cronname.h"
#include "file/crontab.h"
#include "file/cronyaml.h"
#include "file/input.h"

#define DAY_S INT64_C(86400)
#define WINDOW_DAYS 9
#define MAX_MINUTES ((WINDOW_DAYS + 2) * 24 * 60)

/* ---- a line as the daemon reads it ---- */

typedef struct {
    bool minute[60], hour[24], day[32], month[13], weekday[8];
    bool refused;
    bool wild;     /* the minute or the hour begins with a star */
    bool day_star; /* one of the day fields does */
} Line;

/* Names become numbers, so that the rest is digits. */
static void
spell(char *field, const char *names, int first)
{
    for (char *at = field; *at != '\0'; at++) {
        for (int i = 0; names[3 * i] != '\0' && isalpha((unsigned char)*at); i++) {
            char number[4];
            if (strncasecmp(at, names + 3 * i, 3) != 0)
                continue;
            int len = snprintf(number, sizeof number, "%d", first + i);
            memcpy(at, number, (size_t)len);
            memmove(at + len, at + 3, strlen(at + 3) + 1);
        }
    }
}

/* Sets what the field allows; what follows an item it leaves, as Debian's cron does.  False: no
 * item stands there. */
static bool
allow(char *field, bool *set, int low, int high)
{
    for (char *item = strtok(field, ","); item != NULL; item = strtok(NULL, ",")) {
        int from = low, to = high, step = 1;
        if (item[0] == '*') {
            if (sscanf(item, "*/%d", &step) != 1)
                step = 1;
        } else {
            int n = sscanf(item, "%d-%d/%d", &from, &to, &step);
            if (n < 1)
                return false;
            to = n == 1 ? from : to;
            step = n < 3 ? 1 : step;
        }
        for (int v = from; v <= to && v <= high; v += step)
            set[v] = true;
    }
    return true;
}

static Line
read_line(const char *schedule)
{
    static const struct {
        const char *macro, *fields;
    } macros[] = {{"@hourly", "0 * * * *"}, {"@daily", "0 0 * * *"}, {"@midnight", "0 0 * * *"},
        {"@weekly", "0 0 * * 0"}, {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
        {"@annually", "0 0 1 1 *"}};
    Line line = {.wild = false};
    char field[5][64];
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
        size_t len = strlen(macros[i].macro);
        if (strncmp(schedule, macros[i].macro, len) == 0 && strchr(" \t", schedule[len]))
            schedule = macros[i].fields;
    }
    if (sscanf(schedule, "%63s %63s %63s %63s %63s", field[0], field[1], field[2], field[3],
            field[4]) != 5)
        abort();
    line.wild = field[0][0] == '*' || field[1][0] == '*';
    line.day_star = field[2][0] == '*' || field[4][0] == '*';
    spell(field[3], "janfebmaraprmayjunjulaugsepoctnovdec", 1);
    spell(field[4], "sunmontuewedthufrisat", 0);
    line.refused = !allow(field[0], line.minute, 0, 59) || !allow(field[1], line.hour, 0, 23) ||
                   !allow(field[2], line.day, 1, 31) || !allow(field[3], line.month, 1, 12) ||
                   !allow(field[4], line.weekday, 0, 7);
    line.weekday[0] = line.weekday[0] || line.weekday[7];
    return line;
}

/* find_jobs: whether the line is run in this minute of the wall clock. */
static bool
is_now(const Line *line, int64_t minute)
{
    struct tm tm;
    time_t local = (time_t)(minute * 60);
    if (!line->minute[minute % 60]) /* most minutes: no calendar needed */
        return false;
    if (gmtime_r(&local, &tm) == NULL || !line->hour[tm.tm_hour] || !line->month[tm.tm_mon + 1])
        return false;
    bool day = line->day[tm.tm_mday], weekday = line->weekday[tm.tm_wday];
    return line->day_star ? day && weekday : day || weekday;
}

/* ---- the daemon ---- */

/* Minutes of the wall clock since 1970, by libc. */
static int64_t
wall_minute(int64_t at_s)
{
    struct tm tm;
    time_t at = (time_t)at_s;
    if (localtime_r(&at, &tm) == NULL)
        abort();
    return (at_s + tm.tm_gmtoff) / 60;
}

/* One turn of the loop: true when the line is run; *virtual_minute as cron keeps it. */
static bool
wake(const Line *line, int64_t now, int64_t *virtual_minute)
{
    int64_t late = now - *virtual_minute;
    bool run = false;
    if (late > 180 || late <= -180) { /* the clock was set: forget what was */
        *virtual_minute = now;
        return is_now(line, now);
    }
    if (late <= 0) /* it went back: what has a time of day was run already */
        return line->wild && is_now(line, now);
    if (late > 5 && line->wild) { /* it went forward: once for those that follow real time */
        *virtual_minute = now;
        return is_now(line, now);
    }
    while (*virtual_minute < now)
        run = is_now(line, ++*virtual_minute) || run;
    return run;
}

/* Days that the daemon is watched in, and what the wall clock shows in each of their minutes,
 * from a day earlier on: cron was running before. */
typedef struct {
    int64_t from_s, until_s;
    int64_t wall[MAX_MINUTES];
} Window;

static void
look_at(Window *window, int64_t from_s, int64_t days)
{
    window->from_s = from_s;
    window->until_s = from_s + days * DAY_S;
    for (int64_t i = 0; i <= (days + 1) * DAY_S / 60; i++)
        window->wall[i] = wall_minute(from_s - DAY_S + i * 60);
}

static size_t
walk(const Line *line, const Window *window, int64_t *fires)
{
    size_t n = 0;
    int64_t virtual_minute = window->wall[0], at_s = window->from_s - DAY_S + 60;
    for (const int64_t *wall = window->wall + 1; at_s <= window->until_s; wall++, at_s += 60) {
        if (wake(line, *wall, &virtual_minute) && at_s > window->from_s)
            fires[n++] = at_s;
    }
    return n;
}

/* ---- comparing ---- */

typedef struct {
    Arena *arena;
    const Crontab *crontab;
    const Clockfile *file;
    const char *text; /* of the crontab */
    const char *zone; /* in which libc is */
    long instants, differences;
} Run;

/* The schedule of an entry as its line has it. */
static const char *
schedule_text(const Run *run, const CrontabEntry *entry)
{
    const char *at = run->text;
    for (uint32_t i = 1; i < entry->pos.line; i++)
        at = strchr(at, '\n') + 1;
    at += strspn(at, " \t");
    return at + (*at == '-');
}

static void
compare(Run *run, const CrontabEntry *entry, const Line *line, const Window *window)
{
    static int64_t expected[MAX_MINUTES];
    const Job *job = clockfile_job(run->file, entry->name);
    int64_t at_s = window->from_s;
    size_t n = line->refused ? 0 : walk(line, window, expected), i = 0;
    bool same = true;
    while (entry->enabled && schedule_next(job->schedule, at_s, &at_s) &&
           at_s <= window->until_s) {
        same = same && i < n && expected[i] == at_s;
        i++;
    }
    run->instants += (long)n;
    if (same && i == n)
        return;
    run->differences++;
    printf("# %s:%u in %s from %" PRId64 ": cron runs it %zu times, clock %zu: %s\n",
        entry->path, entry->pos.line, run->zone, window->from_s, n, i, entry->schedule);
}

/* Every entry of this zone; what each picks in its own way has no answer. */
static void
compare_all(Run *run, int64_t from_s, int64_t days)
{
    static Window window;
    look_at(&window, from_s, days);
    for (size_t i = 0; i < run->crontab->n; i++) {
        const CrontabEntry *entry = &run->crontab->entries[i];
        const char *text = schedule_text(run, entry);
        Line line = {.refused = true}; /* as a comment is */
        if (strchr(entry->schedule, '~') != NULL ||
            strcmp(zone_name(entry->zone), run->zone) != 0)
            continue;
        if (*text != '#')
            line = read_line(text);
        compare(run, entry, &line, &window);
    }
}

/* The three days around every change of the clocks in two years, and days between. */
static void
compare_years(Run *run)
{
    const int64_t begin_s = INT64_C(1767225600), end_s = INT64_C(1830297600); /* 2026, 2027 */
    int64_t change_s = begin_s;
    while (zone_next_change(run->crontab->zone, change_s, &change_s) && change_s < end_s)
        compare_all(run, change_s / 60 * 60 - 36 * 3600, 3);
    for (int64_t at_s = begin_s + 25 * DAY_S; at_s < end_s; at_s += 97 * DAY_S)
        compare_all(run, at_s, WINDOW_DAYS);
}

static void
load(Run *run, const char *path, CrontabOptions options)
{
    Crontab *crontab;
    Clockfile *file;
    Error error;
    char *at;
    size_t len;
    if (!crontab_new(run->arena, &options, &crontab, &error) ||
        !input_read(run->arena, path, CLOCKFILE_MAX_BYTES, &at, &len,
            diags_new(run->arena, path), &error)) {
        printf("Bail out! %s\n", error.text);
        exit(1);
    }
    crontab_add(crontab, path, at, len);
    cronname_give(crontab);
    Text text = text_new(run->arena);
    if (!cronyaml_write(crontab, &text, NULL, &error) ||
        !clockfile_read(
            run->arena, path, text.at, text.len, &file, diags_new(run->arena, path), &error)) {
        printf("Bail out! %s\n", error.text);
        exit(1);
    }
    run->crontab = crontab;
    run->file = file;
    run->text = arena_copy(run->arena, at, len);
}

static bool
try(int number, const char *name, const char *zone, CrontabOptions options)
{
    Run run = {.arena = arena_new(0), .zone = zone};
    const char *path = arena_printf(run.arena, "tests/tables/crontabs/%s.crontab", name);
    setenv("TZ", zone, 1);
    tzset();
    options.zone = zone;
    load(&run, path, options);
    compare_years(&run);
    bool ok = run.differences == 0 && run.instants > 0;
    printf("%s %d - %s in %s: %ld differences among %ld runs of %zu entries\n",
        ok ? "ok" : "not ok", number, name, zone, run.differences, run.instants,
        run.crontab->n);
    arena_free(run.arena);
    return ok;
}

int
main(void)
{
    static const struct {
        const char *name;
        CrontabKind kind;
    } files[] = {{"hosting", CRONTAB_USER}, {"debian-user", CRONTAB_USER},
        {"etc-crontab", CRONTAB_SYSTEM}, {"cron.d", CRONTAB_SYSTEM}, {"suse", CRONTAB_SYSTEM},
        {"managed", CRONTAB_USER}, {"awkward", CRONTAB_USER}};
    static const char *const zones[] = {
        "UTC", "Europe/Prague", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"};
    const int n_files = sizeof files / sizeof *files, n_zones = sizeof zones / sizeof *zones;
    bool ok = true;
    printf("1..%d\n", n_files * n_zones);
    for (int i = 0; i < n_files * n_zones; i++) {
        CrontabOptions options = {.kind = files[i / n_zones].kind};
        ok &= try(i + 1, files[i / n_zones].name, zones[i % n_zones], options);
    }
    return ok ? 0 : 1;
}
