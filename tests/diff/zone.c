/* Our reading of every zone file against libc's: offset, daylight saving and abbreviation at
 * every change that either of them knows, a second before and after, and at random instants;
 * and how many instants show a wall clock's time, around every change.
 *
 * Left out: posix/ and right/, which are the same rules again, and names that share a file with
 * another name.  Excused: one week of one zone, see is_excused. */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "time/civil.h"
#include "time/zone.h"

#define MAX_ZONES 2000
#define MAX_TOLD 5   /* differences shown for one region */
#define RANDOM 500   /* instants for each zone */
#define STEP_DAYS 20 /* how far apart libc is looked at to find its own changes */

typedef struct {
    char *name;
    ino_t file;
} Entry;

typedef struct {
    Entry entries[MAX_ZONES];
    size_t n;
} Listing;

typedef struct {
    const char *name;
    long zones, changes, instants, walls, differences;
} Region;

static uint64_t random_state;

/* splitmix64 */
static uint64_t
random_next(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static int64_t
new_year(int year)
{
    return civil_days(year, 1, 1) * CIVIL_DAY_S;
}

/* ---- the zones of the folder ---- */

static bool
is_zone_file(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t n = fread(magic, 1, sizeof magic, file);
    fclose(file);
    return n == sizeof magic && memcmp(magic, "TZif", 4) == 0;
}

static bool
is_left_out(const char *name)
{
    static const char *const names[] = {"posix", "right", "posixrules", "localtime"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return name[0] == '.';
}

static bool
is_listed(const Listing *listing, ino_t file)
{
    for (size_t i = 0; i < listing->n; i++) {
        if (listing->entries[i].file == file)
            return true;
    }
    return false;
}

/* Folders wait in a queue of their own; links last, so that a file's own name wins. */
static void
list_folder(Listing *listing, Listing *folders, const char *root, const char *in, bool links)
{
    char path[1024], name[512];
    snprintf(path, sizeof path, "%s/%s", root, in);
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
        struct stat self, target;
        if (is_left_out(entry->d_name) || listing->n == MAX_ZONES)
            continue;
        snprintf(name, sizeof name, "%s%s%s", in, in[0] == '\0' ? "" : "/", entry->d_name);
        snprintf(path, sizeof path, "%s/%s", root, name);
        if (lstat(path, &self) != 0 || stat(path, &target) != 0)
            continue;
        if (S_ISDIR(target.st_mode) && !links && folders->n < MAX_ZONES)
            folders->entries[folders->n++].name = strdup(name);
        else if (S_ISREG(target.st_mode) && S_ISLNK(self.st_mode) == links &&
                 !is_listed(listing, target.st_ino) && is_zone_file(path))
            listing->entries[listing->n++] =
                (Entry){.name = strdup(name), .file = target.st_ino};
    }
    if (dir != NULL)
        closedir(dir);
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const Entry *)a)->name, ((const Entry *)b)->name);
}

static void
list_zones(Listing *listing, const char *root)
{
    static Listing folders;
    folders.entries[folders.n++].name = strdup("");
    for (size_t i = 0; i < folders.n; i++)
        list_folder(listing, &folders, root, folders.entries[i].name, false);
    for (size_t i = 0; i < folders.n; i++) {
        list_folder(listing, &folders, root, folders.entries[i].name, true);
        free(folders.entries[i].name);
    }
    qsort(listing->entries, listing->n, sizeof *listing->entries, by_name);
}

/* ---- libc ---- */

typedef struct {
    long offset_s;
    int dst;
    char abbreviation[16];
} Answer;

static Answer
ask_libc(int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm tm;
    Answer answer = {0, 0, ""};
    if (localtime_r(&at, &tm) == NULL)
        return answer;
    answer.offset_s = tm.tm_gmtoff;
    answer.dst = tm.tm_isdst;
    snprintf(answer.abbreviation, sizeof answer.abbreviation, "%s", tm.tm_zone);
    return answer;
}

static bool
is_same(const Answer *a, const Answer *b)
{
    return a->offset_s == b->offset_s && a->dst == b->dst &&
           strcmp(a->abbreviation, b->abbreviation) == 0;
}

/* zic's slim files (Debian's are fat) end America/Ojinaga's table on 2022-10-30, with the
 * change to standard time, but its footer has daylight saving until 2022-11-06.  glibc takes
 * the footer from the last transition on, and so an hour that nobody there had; we stay with
 * the table. */
static bool
is_excused(const Zone *zone, int64_t at_s)
{
    return strcmp(zone_name(zone), "America/Ojinaga") == 0 && at_s >= INT64_C(1667116800) &&
           at_s < INT64_C(1667718000);
}

static void
compare(Region *region, const Zone *zone, int64_t at_s)
{
    Answer libc = ask_libc(at_s);
    ZoneSpan span = zone_span(zone, at_s);
    Answer ours = {.offset_s = span.offset_s, .dst = span.dst};
    snprintf(ours.abbreviation, sizeof ours.abbreviation, "%s", span.abbreviation);
    region->instants++;
    bool inside = span.from_s <= at_s && (at_s < span.until_s || span.until_s == INT64_MAX);
    if (inside && (is_same(&libc, &ours) || is_excused(zone, at_s)))
        return;
    if (region->differences++ < MAX_TOLD)
        printf("# %s at %" PRId64 ": libc %ld %d %s, ours %ld %d %s%s\n", zone_name(zone), at_s,
            libc.offset_s, libc.dst, libc.abbreviation, ours.offset_s, ours.dst,
            ours.abbreviation, inside ? "" : ", outside of its span");
}

static void
compare_around(Region *region, const Zone *zone, int64_t at_s)
{
    region->changes++;
    for (int i = -1; i <= 1; i++)
        compare(region, zone, at_s + i);
}

/* Instants with this local time, by libc alone: among all offsets of the days around. */
static int
count_by_libc(int64_t local_ls, int64_t near_s, int64_t *first_s)
{
    long offsets[8];
    int64_t found[8];
    int n = 0, n_found = 0;
    for (int64_t at_s = near_s - 2 * 86400; at_s <= near_s + 2 * 86400; at_s += 14400) {
        long offset_s = ask_libc(at_s).offset_s;
        bool known = false;
        for (int i = 0; i < n; i++)
            known = known || offsets[i] == offset_s;
        if (!known && n < 8)
            offsets[n++] = offset_s;
    }
    for (int i = 0; i < n; i++) {
        int64_t at_s = local_ls - offsets[i];
        if (ask_libc(at_s).offset_s == offsets[i])
            found[n_found++] = at_s;
    }
    for (int i = 0; i < n_found; i++) {
        if (i == 0 || found[i] < *first_s)
            *first_s = found[i];
    }
    return n_found;
}

/* The wall clock's times at both edges of a gap or overlap, and in its middle. */
static void
compare_walls(Region *region, const Zone *zone, int64_t change_s)
{
    int64_t before_ls = change_s + ask_libc(change_s - 1).offset_s;
    int64_t after_ls = change_s + ask_libc(change_s).offset_s;
    const int64_t walls_ls[] = {before_ls - 1, before_ls, before_ls + 1, after_ls - 1, after_ls,
        after_ls + 1, before_ls + (after_ls - before_ls) / 2};
    for (size_t i = 0; i < sizeof walls_ls / sizeof *walls_ls; i++) {
        int64_t at_s[2], first_s = change_s;
        int libc = count_by_libc(walls_ls[i], change_s, &first_s);
        int ours = zone_instants(zone, walls_ls[i], at_s);
        region->walls++;
        if (libc == ours && at_s[0] == first_s && (ours < 2 || at_s[0] < at_s[1]))
            continue;
        if (region->differences++ < MAX_TOLD)
            printf("# %s local %" PRId64 ": libc %d from %" PRId64 ", ours %d from %" PRId64
                   "\n",
                zone_name(zone), walls_ls[i], libc, first_s, ours, at_s[0]);
    }
}

/* Every change that libc has in the years [from, until), found by steps and halving. */
static void
compare_libc_changes(Region *region, const Zone *zone, int from, int until)
{
    int64_t at_s = new_year(from), end_s = new_year(until);
    Answer now = ask_libc(at_s);
    while (at_s < end_s) {
        int64_t next_s = at_s + STEP_DAYS * CIVIL_DAY_S;
        Answer next = ask_libc(next_s);
        if (!is_same(&now, &next)) {
            int64_t low_s = at_s, high_s = next_s;
            while (high_s - low_s > 1) {
                int64_t middle_s = low_s + (high_s - low_s) / 2;
                Answer middle = ask_libc(middle_s);
                if (is_same(&middle, &now))
                    low_s = middle_s;
                else
                    high_s = middle_s;
            }
            compare_around(region, zone, high_s);
        }
        at_s = next_s;
        now = next;
    }
}

static void
compare_our_changes(Region *region, const Zone *zone, int from, int until)
{
    int64_t at_s = new_year(from);
    while (zone_next_change(zone, at_s, &at_s) && at_s < new_year(until)) {
        compare_around(region, zone, at_s);
        compare_walls(region, zone, at_s);
    }
}

static void
compare_zone(Region *region, Zones *zones, const char *name)
{
    const Zone *zone;
    Error error;
    char tz[600];
    region->zones++;
    if (!zone_load(zones, name, &zone, &error)) {
        region->differences++;
        printf("# %s: %s\n", name, error.text);
        return;
    }
    snprintf(tz, sizeof tz, ":%s", name);
    setenv("TZ", tz, 1);
    tzset();
    compare_our_changes(region, zone, 1800, 2101);
    compare_our_changes(region, zone, 2498, 2502);
    compare_libc_changes(region, zone, 1900, 2101);
    for (int i = 0; i < RANDOM; i++)
        compare(region, zone,
            new_year(1900) +
                (int64_t)(random_next() % (uint64_t)(new_year(2101) - new_year(1900))));
}

int
main(void)
{
    static Listing listing;
    const char *seed = getenv("SEED"), *root = getenv("TZDIR");
    random_state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    printf("# SEED=%" PRIu64 "\n", random_state);
    list_zones(&listing, root != NULL ? root : "/usr/share/zoneinfo");

    Arena *arena = arena_new(0);
    Zones *zones = zones_new(arena);
    int tests = 0, bad = 0;
    for (size_t i = 0; i < listing.n;) {
        Region region = {.name = listing.entries[i].name};
        size_t len = strcspn(region.name, "/");
        do
            compare_zone(&region, zones, listing.entries[i++].name);
        while (i < listing.n && region.name[len] == '/' &&
               strncmp(listing.entries[i].name, region.name, len + 1) == 0);
        bad += region.differences > 0;
        printf(
            "%s %d - %.*s: %ld zones, %ld changes, %ld instants, %ld wall times, %ld differ\n",
            region.differences == 0 ? "ok" : "not ok", ++tests, (int)len, region.name,
            region.zones, region.changes, region.instants, region.walls, region.differences);
    }
    bad += listing.n < 300;
    printf("%s %d - %zu zone files were found\n", listing.n < 300 ? "not ok" : "ok", ++tests,
        listing.n);
    printf("1..%d\n", tests);
    arena_free(arena);
    for (size_t i = 0; i < listing.n; i++)
        free(listing.entries[i].name);
    return bad != 0;
}
