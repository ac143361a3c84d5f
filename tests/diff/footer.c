/* Footers of every form, made up at random, against libc's reading of the same text in TZ.
 *
 * Turns are kept ten days away from New Year: libc asks which half of the UTC year an instant
 * is in, and so misses turns that the offset moves into the neighbouring year.  Years begin
 * with 1971: before, glibc places every turn as in 1970. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "time/civil.h"
#include "time/footer.h"

#define FOOTERS 2000
#define YEARS 6
#define MAX_TOLD 5

static uint64_t random_state;

/* splitmix64, below `n` */
static int
random_below(int n)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (int)((z ^ (z >> 31)) % (uint64_t)n);
}

static int
write_time(char *at, size_t size, int hours)
{
    int hour = random_below(2 * hours + 1) - hours;
    if (random_below(3) > 0)
        return snprintf(at, size, "%d", hour);
    return snprintf(at, size, "%d:%02d:%02d", hour, random_below(60), random_below(60));
}

/* The date of a turn; the rest of the year, the other half, belongs to the other turn. */
static int
write_date(char *at, size_t size, int half)
{
    switch (random_below(3)) {
    case 0:
        return snprintf(at, size, ",J%d", 20 + half * 170 + random_below(150));
    case 1:
        return snprintf(at, size, ",%d", 20 + half * 170 + random_below(150));
    default:
        return snprintf(at, size, ",M%d.%d.%d", 2 + half * 6 + random_below(4),
            1 + random_below(5), random_below(7));
    }
}

static void
write_footer(char *at, size_t size)
{
    int first = random_below(2);
    char *end = at + size;
    at += snprintf(at, (size_t)(end - at), random_below(2) ? "AAA" : "<+Az09>");
    at += write_time(at, (size_t)(end - at), 23);
    at += snprintf(at, (size_t)(end - at), random_below(2) ? "BBBB" : "<-01>");
    if (random_below(2))
        at += write_time(at, (size_t)(end - at), 23);
    for (int i = 0; i < 2; i++) {
        at += write_date(at, (size_t)(end - at), first ^ i);
        if (random_below(2)) {
            at += snprintf(at, (size_t)(end - at), "/");
            at += write_time(at, (size_t)(end - at), 167);
        }
    }
}

static bool
is_same(const Footer *footer, int64_t at_s)
{
    time_t at = (time_t)at_s;
    struct tm tm;
    Season season = footer_season(footer, at_s);
    const ZoneType *type = season.dst ? &footer->daylight : &footer->standard;
    if (localtime_r(&at, &tm) == NULL)
        return false;
    bool inside = season.from_s <= at_s && at_s < season.until_s;
    if (inside && tm.tm_gmtoff == type->offset_s && (tm.tm_isdst > 0) == type->dst &&
        strcmp(tm.tm_zone, type->abbreviation) == 0)
        return true;
    printf("# at %" PRId64 ": libc %ld %d %s, ours %d %d %s%s\n", at_s, (long)tm.tm_gmtoff,
        tm.tm_isdst, tm.tm_zone, (int)type->offset_s, type->dst, type->abbreviation,
        inside ? "" : ", outside of its season");
    return false;
}

static bool
compare(Arena *arena, const char *text, long *instants)
{
    Footer footer;
    Error error;
    if (!footer_read(arena, text, &footer, &error)) {
        printf("# %s\n", error.text);
        return false;
    }
    setenv("TZ", text, 1);
    tzset();
    for (int i = 0; i < YEARS; i++) {
        int year = 1971 + random_below(1600);
        int64_t until_s = civil_days(year + 1, 1, 1) * CIVIL_DAY_S;
        for (int64_t t = civil_days(year, 1, 1) * CIVIL_DAY_S; t < until_s;) {
            int64_t turn_s = footer_season(&footer, t).until_s;
            for (int k = -2; k <= 2; k++) {
                ++*instants;
                if (turn_s < until_s && !is_same(&footer, turn_s + k))
                    return false;
            }
            t = turn_s;
        }
        for (int day = 0; day < 366; day++, ++*instants) {
            if (!is_same(&footer, until_s - day * CIVIL_DAY_S - random_below(CIVIL_DAY_S)))
                return false;
        }
    }
    return true;
}

int
main(void)
{
    const char *seed = getenv("SEED");
    random_state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    printf("# SEED=%" PRIu64 "\n1..1\n", random_state);
    long instants = 0, differ = 0;
    for (int i = 0; i < FOOTERS && differ < MAX_TOLD; i++) {
        Arena *arena = arena_new(0);
        char text[256];
        write_footer(text, sizeof text);
        if (!compare(arena, text, &instants)) {
            printf("# in %s\n", text);
            differ++;
        }
        arena_free(arena);
    }
    printf("%s 1 - %d footers at %ld instants, %ld differ\n", differ == 0 ? "ok" : "not ok",
        FOOTERS, instants, differ);
    return differ != 0;
}
