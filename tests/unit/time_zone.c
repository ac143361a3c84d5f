/* Zones: files built here and hostile ones from tests/tables/zones, names, and the questions a
 * schedule asks of a zone.  That real zones are read as libc reads them: tests/diff/zone.c. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "time/civil.h"
#include "time/footer.h"
#include "time/zone.h"

#define CYCLE_S (INT64_C(146097) * CIVIL_DAY_S) /* 400 years */

/* ---- building files ---- */

typedef struct {
    unsigned char at[4096];
    size_t len;
} Bytes;

static void
put(Bytes *bytes, int64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--)
        bytes->at[bytes->len++] = (unsigned char)((uint64_t)value >> (8 * i));
}

static void
put_text(Bytes *bytes, const char *text, size_t len)
{
    memcpy(bytes->at + bytes->len, text, len);
    bytes->len += len;
}

static void
put_header(Bytes *bytes, int64_t times, int64_t types, int64_t chars)
{
    const int64_t counts[] = {0, 0, 0, times, types, chars};
    put_text(bytes, "TZif2", 5);
    put(bytes, 0, 8);
    put(bytes, 0, 7);
    for (int i = 0; i < 6; i++)
        put(bytes, counts[i], 4);
}

/* A zone that begins with types[0]; transition i is to types[type[i]]. */
static Bytes
file_of(const int64_t *at_s, const char *type, size_t n, const ZoneType *types, size_t n_types,
    const char *footer)
{
    Bytes bytes = {.len = 0};
    int64_t chars = 0;
    put_header(&bytes, 0, 1, 1); /* the part for readers of long ago */
    put(&bytes, 0, 7);
    for (size_t i = 0; i < n_types; i++)
        chars += (int64_t)strlen(types[i].abbreviation) + 1;
    put_header(&bytes, (int64_t)n, (int64_t)n_types, chars);
    for (size_t i = 0; i < n; i++)
        put(&bytes, at_s[i], 8);
    for (size_t i = 0; i < n; i++)
        put(&bytes, type[i] - '0', 1);
    int64_t name_at = 0;
    for (size_t i = 0; i < n_types; i++) {
        put(&bytes, types[i].offset_s, 4);
        put(&bytes, types[i].dst, 1);
        put(&bytes, name_at, 1);
        name_at += (int64_t)strlen(types[i].abbreviation) + 1;
    }
    for (size_t i = 0; i < n_types; i++)
        put_text(&bytes, types[i].abbreviation, strlen(types[i].abbreviation) + 1);
    put_text(&bytes, "\n", 1);
    put_text(&bytes, footer, strlen(footer));
    put_text(&bytes, "\n", 1);
    return bytes;
}

static const Zone *
parse(Arena *arena, Bytes bytes)
{
    const Zone *zone;
    Error error;
    if (!zone_parse(arena, "Test/Zone", bytes.at, bytes.len, &zone, &error))
        fail_msg("%s; %s", error.text, error.hint);
    return zone;
}

/* A zone that is its footer alone. */
static const Zone *
footer_zone(Arena *arena, const char *footer)
{
    static const ZoneType none[] = {{0, false, "-00"}};
    return parse(arena, file_of(NULL, "", 0, none, 1, footer));
}

static int64_t
utc(int year, int month, int day, int hour, int minute)
{
    return civil_seconds((Civil){year, month, day, hour, minute, 0});
}

static void
expect(const Zone *zone, int64_t at_s, int32_t offset_s, bool dst, const char *abbreviation)
{
    ZoneSpan span = zone_span(zone, at_s);
    int32_t local_offset_s;
    if (span.offset_s != offset_s || span.dst != dst ||
        strcmp(span.abbreviation, abbreviation) != 0)
        fail_msg("at %" PRId64 ": %s %d %d, not %s %d %d", at_s, span.abbreviation,
            (int)span.offset_s, span.dst, abbreviation, (int)offset_s, dst);
    assert_true(span.from_s <= at_s && (at_s < span.until_s || span.until_s == INT64_MAX));
    assert_int_equal(zone_local(zone, at_s, &local_offset_s), at_s + offset_s);
    assert_int_equal(local_offset_s, offset_s);
}

static void
expect_change(const Zone *zone, int64_t after_s, int64_t change_s)
{
    int64_t found_s;
    assert_true(zone_next_change(zone, after_s, &found_s));
    assert_int_equal(found_s, change_s);
    ZoneSpan before = zone_span(zone, change_s - 1), after = zone_span(zone, change_s);
    assert_int_equal(before.until_s, change_s);
    assert_int_equal(after.from_s, change_s);
    assert_int_not_equal(before.offset_s, after.offset_s);
}

/* ---- tables ---- */

static const ZoneType types[] = {{0, false, "UTC"}, {3600, false, "CET"}, {7200, true, "CEST"},
    {7200, false, "EET"}, {-7200, false, "WGT"}, {36000, false, "AEST"}};
#define N_TYPES (sizeof types / sizeof *types)

static void
a_table_without_footer_ends_with_its_last_type(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const int64_t at_s[] = {-1000, 5000};
    const Zone *zone = parse(arena, file_of(at_s, "12", 2, types, N_TYPES, ""));
    expect(zone, INT64_MIN, 0, false, "UTC");
    expect(zone, -1001, 0, false, "UTC");
    expect(zone, -1000, 3600, false, "CET");
    expect(zone, 4999, 3600, false, "CET");
    expect(zone, 5000, 7200, true, "CEST");
    expect(zone, INT64_MAX - 7200, 7200, true, "CEST");
    expect_change(zone, INT64_MIN, -1000);
    expect_change(zone, -1000, 5000);
    int64_t change_s = 42;
    assert_false(zone_next_change(zone, 5000, &change_s));
    assert_int_equal(change_s, 42);
    assert_int_equal(zone_span(zone, -5000).from_s, INT64_MIN);
    assert_int_equal(zone_span(zone, 5000).until_s, INT64_MAX);
    arena_free(arena);
}

static void
neighbours_of_equal_offset_are_one_span(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const int64_t at_s[] = {0, 1000, 2000, 3000, 4000};
    const Zone *zone = parse(arena, file_of(at_s, "02321", 5, types, N_TYPES, "CET-1"));
    assert_int_equal(zone_span(zone, 0).from_s, INT64_MIN);
    expect(zone, 1500, 7200, true, "CEST");
    expect(zone, 2500, 7200, false, "EET");
    expect(zone, 3500, 7200, true, "CEST");
    for (int64_t t = 1000; t < 4000; t += 999) {
        assert_int_equal(zone_span(zone, t).from_s, 1000);
        assert_int_equal(zone_span(zone, t).until_s, 4000);
    }
    expect_change(zone, 0, 1000);
    expect_change(zone, 1000, 4000);
    arena_free(arena);
}

/* ---- footers ---- */

static void
a_footer_goes_on_from_the_table(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const int64_t at_s[] = {utc(1996, 10, 27, 1, 0)};
    const Zone *zone =
        parse(arena, file_of(at_s, "1", 1, types, N_TYPES, "CET-1CEST,M3.5.0,M10.5.0/3"));
    expect(zone, at_s[0] - 1, 0, false, "UTC");
    expect(zone, at_s[0], 3600, false, "CET");
    expect_change(zone, at_s[0], utc(1997, 3, 30, 1, 0));
    expect(zone, utc(2026, 7, 1, 0, 0), 7200, true, "CEST");
    expect_change(zone, utc(2026, 1, 1, 0, 0), utc(2026, 3, 29, 1, 0));
    expect_change(zone, utc(2026, 3, 29, 1, 0), utc(2026, 10, 25, 1, 0));
    expect_change(zone, utc(2500, 1, 1, 0, 0), utc(2500, 3, 28, 1, 0));
    arena_free(arena);
}

/* zic's slim America/Ojinaga: the last change of the table is to standard time while the rule
 * of the footer would still have daylight saving for a week. */
static void
the_last_type_lasts_until_the_footer_turns_to_it(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    static const ZoneType mexico[] = {{-21600, true, "MDT"}, {-21600, false, "CST"}};
    const int64_t at_s[] = {utc(2022, 10, 30, 8, 0)};
    const Zone *zone = parse(arena, file_of(at_s, "1", 1, mexico, 2, "CST6CDT,M3.2.0,M11.1.0"));
    expect(zone, at_s[0], -21600, false, "CST");
    expect(zone, utc(2022, 11, 6, 6, 59), -21600, false, "CST");
    expect(zone, utc(2022, 11, 6, 7, 0), -21600, false, "CST");
    assert_int_equal(zone_span(zone, utc(2022, 12, 1, 0, 0)).from_s, INT64_MIN);
    expect_change(zone, INT64_MIN, utc(2023, 3, 12, 8, 0));
    arena_free(arena);
}

static void
footers_of_every_kind_are_understood(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const Zone *dublin = footer_zone(arena, "IST-1GMT0,M10.5.0,M3.5.0/1");
    expect(dublin, utc(2030, 1, 1, 0, 0), 0, true, "GMT");
    expect(dublin, utc(2030, 7, 1, 0, 0), 3600, false, "IST");
    expect_change(dublin, utc(2030, 1, 1, 0, 0), utc(2030, 3, 31, 1, 0));

    const Zone *nuuk = footer_zone(arena, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
    expect(nuuk, utc(2030, 7, 1, 0, 0), -3600, true, "-01");
    expect_change(nuuk, utc(2030, 1, 1, 0, 0), utc(2030, 3, 31, 1, 0));

    const Zone *gaza = footer_zone(arena, "EET-2EEST,M3.4.4/50,M10.4.4/50");
    expect_change(gaza, utc(2030, 1, 1, 0, 0), utc(2030, 3, 30, 0, 0));

    const Zone *south = footer_zone(arena, "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
    expect(south, utc(2030, 1, 1, 0, 0), 39600, true, "+11");
    expect(south, utc(2029, 12, 31, 23, 59), 39600, true, "+11");
    expect_change(south, utc(2030, 1, 1, 0, 0), utc(2030, 4, 6, 15, 0));

    const Zone *julian = footer_zone(arena, "AAA0BBB,J60/0,J300/12:30:15");
    expect_change(julian, utc(2024, 1, 1, 0, 0), utc(2024, 3, 1, 0, 0));
    expect_change(julian, utc(2025, 1, 1, 0, 0), utc(2025, 3, 1, 0, 0));
    expect_change(julian, utc(2025, 6, 1, 0, 0), utc(2025, 10, 27, 11, 30) + 15);

    const Zone *counted = footer_zone(arena, "AAA0BBB,59/0,300");
    expect_change(counted, utc(2024, 1, 1, 0, 0), utc(2024, 2, 29, 0, 0));
    expect_change(counted, utc(2025, 1, 1, 0, 0), utc(2025, 3, 1, 0, 0));

    const Zone *fixed = footer_zone(arena, "<-1234>+12:34:56");
    expect(fixed, 0, -45296, false, "-1234");
    int64_t change_s;
    assert_false(zone_next_change(fixed, INT64_MIN, &change_s));
    arena_free(arena);
}

/* Where one cycle of the calendar ends and the next begins, too: 2369 and 2370. */
static void
turns_may_fall_into_the_year_before(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const Zone *zone = footer_zone(arena, "AAA0BBB,0/-24,J100/0");
    for (int year = 1965; year <= 2375; year++) {
        expect_change(zone, utc(year - 1, 6, 1, 0, 0), utc(year - 1, 12, 31, 0, 0));
        expect_change(zone, utc(year, 1, 1, 0, 0), utc(year, 4, 9, 23, 0));
    }
    arena_free(arena);
}

static void
daylight_saving_all_year_or_never_is_one_span(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    static const char *const always[] = {"XXX3EDT4,0/0,J365/23", "XXX3EDT4,0/-24,J365/167"};
    for (size_t i = 0; i < 2; i++) {
        const Zone *zone = footer_zone(arena, always[i]);
        expect(zone, utc(2027, 1, 1, 3, 0), -14400, true, "EDT");
        expect(zone, utc(2028, 12, 31, 23, 59), -14400, true, "EDT");
        assert_int_equal(zone_span(zone, 0).from_s, INT64_MIN);
        assert_int_equal(zone_span(zone, 0).until_s, INT64_MAX);
    }
    const Zone *never = footer_zone(arena, "AAA0BBB-1,J100/0,J100/1");
    expect(never, utc(2027, 4, 10, 0, 0), 0, false, "AAA");
    assert_int_equal(zone_span(never, 0).until_s, INT64_MAX);

    /* Standard time for the one day that only leap years have: the search goes far enough. */
    const Zone *leap = footer_zone(arena, "AAA0BBB-1,0/0,364/25");
    expect_change(leap, utc(2025, 1, 1, 0, 0), utc(2028, 12, 31, 0, 0) - 0);
    expect_change(leap, utc(2096, 12, 31, 0, 0), utc(2097, 1, 1, 0, 0));
    expect_change(leap, utc(2097, 1, 1, 0, 0), utc(2104, 12, 31, 0, 0));
    arena_free(arena);
}

static void
a_footer_without_a_change_of_offset_changes_only_names(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const Zone *zone = footer_zone(arena, "AAA0BBB0,M3.5.0,M10.5.0");
    int64_t change_s;
    assert_false(zone_next_change(zone, 0, &change_s));
    expect(zone, utc(2030, 1, 1, 0, 0), 0, false, "AAA");
    expect(zone, utc(2030, 7, 1, 0, 0), 0, true, "BBB");
    arena_free(arena);
}

static void
rules_repeat_every_400_years(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const Zone *zone = footer_zone(arena, "CET-1CEST,M3.5.0,M10.5.0/3");
    for (int64_t at_s = utc(1900, 1, 1, 0, 0); at_s < utc(2400, 1, 1, 0, 0);
         at_s += 86400 * 11 + 3607) {
        ZoneSpan span = zone_span(zone, at_s);
        for (int64_t k = -5; k <= 5; k += 5) {
            ZoneSpan other = zone_span(zone, at_s + k * CYCLE_S);
            assert_int_equal(other.from_s, span.from_s + k * CYCLE_S);
            assert_int_equal(other.until_s, span.until_s + k * CYCLE_S);
            assert_int_equal(other.offset_s, span.offset_s);
        }
    }
    arena_free(arena);
}

static void
the_ends_of_time_do_not_overflow(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    static const char *const footers[] = {"CET-1CEST,M3.5.0,M10.5.0/3", "AEST-10", "EST5"};
    for (size_t i = 0; i < 3; i++) {
        const Zone *zone = footer_zone(arena, footers[i]);
        int64_t at_s[2], change_s;
        assert_int_equal(zone_span(zone, INT64_MAX).until_s, INT64_MAX);
        assert_int_equal(zone_span(zone, INT64_MIN).from_s, INT64_MIN);
        assert_false(zone_next_change(zone, INT64_MAX, &change_s));
        assert_in_range(zone_instants(zone, INT64_MAX, at_s), 0, 2);
        assert_in_range(zone_instants(zone, INT64_MIN, at_s), 0, 2);
        zone_local(zone, INT64_MAX, NULL);
        zone_local(zone, INT64_MIN, NULL);
        /* Walking over the spans of a far time comes to an end. */
        int64_t t = ZONE_FAR_S - 2 * 365 * CIVIL_DAY_S;
        int spans = 0;
        while (zone_next_change(zone, t, &t))
            assert_in_range(++spans, 1, 6);
    }
    arena_free(arena);
}

/* ---- local times ---- */

static void
gaps_and_overlaps_have_their_edges(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    const Zone *zone = footer_zone(arena, "CET-1CEST,M3.5.0,M10.5.0/3");
    int64_t gap_s = utc(2026, 3, 29, 1, 0), overlap_s = utc(2026, 10, 25, 1, 0), at_s[2];
    assert_int_equal(zone_instants(zone, utc(2026, 3, 29, 2, 0) - 1, at_s), 1);
    assert_int_equal(at_s[0], gap_s - 1);
    assert_int_equal(zone_instants(zone, utc(2026, 3, 29, 2, 0), at_s), 0);
    assert_int_equal(at_s[0], gap_s);
    assert_int_equal(zone_instants(zone, utc(2026, 3, 29, 3, 0) - 1, at_s), 0);
    assert_int_equal(at_s[0], gap_s);
    assert_int_equal(zone_instants(zone, utc(2026, 3, 29, 3, 0), at_s), 1);
    assert_int_equal(at_s[0], gap_s);
    assert_int_equal(zone_instants(zone, utc(2026, 10, 25, 2, 0) - 1, at_s), 1);
    assert_int_equal(zone_instants(zone, utc(2026, 10, 25, 2, 0), at_s), 2);
    assert_int_equal(at_s[0], overlap_s - 3600);
    assert_int_equal(at_s[1], overlap_s);
    assert_int_equal(zone_instants(zone, utc(2026, 10, 25, 3, 0) - 1, at_s), 2);
    assert_int_equal(zone_instants(zone, utc(2026, 10, 25, 3, 0), at_s), 1);
    assert_int_equal(at_s[0], overlap_s + 3600);
    arena_free(arena);
}

/* What the walls of a zone show, second by second: counted, not computed. */
enum { WALL_FROM = -60000, WALL_UNTIL = 90000, WALL_MARGIN = 40000 };
typedef struct {
    int64_t first_s, second_s; /* the first: of the instants; without any, of the gaps */
    int instants;
    bool in_gap;
} Wall;

static void
count_walls(Wall *walls, const int64_t *at_s, const char *order, int n)
{
    int32_t offset_s = types[0].offset_s;
    int next = 0;
    memset(walls, 0, (WALL_UNTIL - WALL_FROM) * sizeof *walls);
    for (int64_t t = WALL_FROM - WALL_MARGIN; t < WALL_UNTIL + WALL_MARGIN; t++) {
        int32_t before_s = offset_s;
        if (next < n && at_s[next] == t)
            offset_s = types[order[next++] - '0'].offset_s;
        for (int64_t l = t + before_s; l < t + offset_s; l++) {
            if (l < WALL_FROM || l >= WALL_UNTIL)
                continue;
            Wall *wall = &walls[l - WALL_FROM];
            if (wall->instants == 0 && !wall->in_gap) {
                wall->first_s = t;
                wall->in_gap = true;
            }
        }
        int64_t l = t + offset_s;
        if (l < WALL_FROM || l >= WALL_UNTIL)
            continue;
        Wall *wall = &walls[l - WALL_FROM];
        if (++wall->instants == 1)
            wall->first_s = t;
        else if (wall->instants == 2)
            wall->second_s = t;
    }
}

static void
changes_close_together_are_told_second_by_second(void **state)
{
    (void)state;
    static const int64_t tables[][5] = {{0, 3600, 7200, 9000, 9001}, {0, 1, 2, 3, 4},
        {0, 20000, 21000, 30000, 40000}, {-5000, 0, 7200, 14400, 20000}};
    static const char *const orders[] = {"14253", "51414", "20405", "12121", "41535"};
    static Wall walls[WALL_UNTIL - WALL_FROM];
    for (size_t row = 0; row < 20; row++) {
        Arena *arena = arena_new(0);
        const int64_t *table = tables[row / 5];
        const Zone *zone = parse(arena, file_of(table, orders[row % 5], 5, types, N_TYPES, ""));
        count_walls(walls, table, orders[row % 5], 5);
        for (int64_t l = WALL_FROM; l < WALL_UNTIL; l++) {
            int64_t at_s[2];
            Wall wall = walls[l - WALL_FROM];
            int n = zone_instants(zone, l, at_s);
            if (n != (wall.instants > 2 ? 2 : wall.instants) || at_s[0] != wall.first_s ||
                (n == 2 && at_s[1] != wall.second_s))
                fail_msg("row %zu, local %" PRId64 ": %d from %" PRId64
                         ", not %d from %" PRId64,
                    row, l, n, at_s[0], wall.instants, wall.first_s);
        }
        arena_free(arena);
    }
}

static void
a_day_can_be_skipped_or_come_twice(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    static const ZoneType dates[] = {{-36000, true, "-10"}, {50400, true, "+14"}};
    const int64_t at_s[] = {utc(2011, 12, 30, 10, 0)};
    const Zone *apia = parse(arena, file_of(at_s, "1", 1, dates, 2, ""));
    int64_t found_s[2];
    for (int hour = 0; hour < 24; hour++) {
        assert_int_equal(zone_instants(apia, utc(2011, 12, 30, hour, 30), found_s), 0);
        assert_int_equal(found_s[0], at_s[0]);
    }
    assert_int_equal(zone_instants(apia, utc(2011, 12, 31, 0, 0), found_s), 1);
    assert_int_equal(found_s[0], at_s[0]);

    static const ZoneType back[] = {{50400, true, "+14"}, {-36000, true, "-10"}};
    const Zone *twice = parse(arena, file_of(at_s, "1", 1, back, 2, ""));
    assert_int_equal(zone_instants(twice, utc(2011, 12, 30, 12, 0), found_s), 2);
    assert_int_equal(found_s[1] - found_s[0], 86400);
    arena_free(arena);
}

/* ---- bad bytes ---- */

static void
damaged_files_are_refused_with_their_fault(void **state)
{
    (void)state;
    static const struct {
        const char *file, *says;
    } rows[] = {
        {"empty", "it is empty"},
        {"bad-magic", "begin with 'TZif'"},
        {"huge-counts", "cut off: its counts ask for"},
        {"unsorted", "version 1, not 2 to 4"},
        {"version-9", "version 9, not 2 to 4"},
        {"cut-header", "within a header"},
        {"cut-table", "cut off: its counts ask for"},
        {"no-footer", "within its footer"},
        {"half-footer", "within its footer"},
        {"index-beyond", "transition 2 is of type 2 of 2"},
        {"name-beyond", "type 2 has no readable name"},
        {"name-open", "type 2 has no readable name"},
        {"name-escape", "type 1 has no readable name"},
        {"equal-times", "transition 2 does not come after"},
        {"falling-times", "transition 2 does not come after"},
        {"far-time", "transition 2 is further away"},
        {"offset-beyond", "type 2 is -90000 s from UTC"},
        {"dst-two", "type 2 has 2 for daylight saving"},
        {"no-types", "0 types"},
        {"marks", "1 and 0 marks"},
        {"leap-seconds", "leap seconds"},
        {"footer-other-zone", "EST, -18000 s from UTC, where the last transition has CET"},
        {"footer-no-rule", "lacks the two dates"},
        {"footer-month-13", "lacks the two dates of daylight saving at '13.5.0"},
        {"footer-two-lines", "not one line"},
        {"footer-hours", "lacks the two dates of daylight saving at '168"},
        {"footer-nul", "not one line"},
        {"footer-short-name", "no standard time"},
        {"footer-open-name", "no standard time"},
        {"footer-overflow", "no standard time"},
    };
    Arena *arena = arena_new(0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[128];
        Bytes bytes;
        Error error;
        const Zone *zone = NULL;
        snprintf(path, sizeof path, "tests/tables/zones/%s.tzif", rows[i].file);
        FILE *file = fopen(path, "rb");
        if (file == NULL)
            fail_msg("cannot open %s", path);
        bytes.len = fread(bytes.at, 1, sizeof bytes.at, file);
        fclose(file);
        if (zone_parse(arena, rows[i].file, bytes.at, bytes.len, &zone, &error))
            fail_msg("%s was read", path);
        assert_null(zone);
        assert_int_equal(error.kind, ERR_INPUT);
        assert_non_null(strstr(error.text, rows[i].file));
        assert_non_null(strstr(error.text, "timezone"));
        if (strstr(error.text, rows[i].says) == NULL)
            fail_msg("%s: %s", path, error.text);
    }
    arena_free(arena);
}

static void
a_footer_of_another_zone_is_refused(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    static const char *const footers[] = {"EST5", "CET-1", "UTC-1CEST,M3.5.0,M10.5.0"};
    const int64_t at_s[] = {utc(2020, 1, 1, 0, 0), utc(2021, 1, 1, 0, 0)};
    for (size_t i = 0; i < 3; i++) {
        Bytes bytes = file_of(at_s, "10", 2, types, N_TYPES, footers[i]);
        const Zone *zone;
        Error error;
        assert_false(zone_parse(arena, "Test/Zone", bytes.at, bytes.len, &zone, &error));
        assert_non_null(strstr(error.text, "where the last transition has UTC, 0 s"));
    }
    arena_free(arena);
}

static void
a_footer_that_turns_at_no_time_of_day_is_refused(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    static const char *const footers[] = {"EST5EDT,M3.2.0/168,M11.1.0",
        "EST5EDT,M3.2.0/2:60,M11.1.0", "EST5EDT,M3.2.0/2:,M11.1.0",
        "EST5EDT,M3.2.0/2:30:60,M11.1.0", "EST5EDT,M3.2.0/2:30:,M11.1.0"};
    for (size_t i = 0; i < sizeof footers / sizeof *footers; i++) {
        Bytes bytes = file_of(NULL, "", 0, types, 1, footers[i]);
        const Zone *zone = NULL;
        Error error;
        assert_false(zone_parse(arena, "Test/Zone", bytes.at, bytes.len, &zone, &error));
        assert_non_null(strstr(error.text, "lacks the two dates"));
        assert_null(zone);
    }
    arena_free(arena);
}

/* In a copy of exactly that length, so that a read beyond the end is
 * found by the sanitizers. */
static bool
parse_exactly(Arena *arena, const unsigned char *at, size_t len)
{
    unsigned char *copy = malloc(len + (len == 0));
    assert_non_null(copy);
    memcpy(copy, at, len);
    const Zone *zone;
    Error error;
    bool ok = zone_parse(arena, "Test/Zone", copy, len, &zone, &error);
    if (ok) {
        int64_t t = INT64_MIN, at_s[2];
        for (int i = 0; i < 20 && zone_next_change(zone, t, &t); i++) {
            ZoneSpan span = zone_span(zone, t);
            assert_int_equal(span.from_s, t);
            zone_instants(zone, t, at_s);
        }
    }
    free(copy);
    return ok;
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    const int64_t at_s[] = {-1000, 5000, utc(1996, 10, 27, 1, 0)};
    Bytes bytes = file_of(at_s, "121", 3, types, N_TYPES, "CET-1CEST,M3.5.0,M10.5.0/3");
    Arena *arena = arena_new(0);
    assert_true(parse_exactly(arena, bytes.at, bytes.len));
    for (size_t len = 0; len < bytes.len; len++) {
        if (parse_exactly(arena, bytes.at, len))
            fail_msg("%zu of %zu bytes were read as a zone", len, bytes.len);
    }
    bytes.at[bytes.len++] = 'x';
    assert_false(parse_exactly(arena, bytes.at, bytes.len));
    arena_free(arena);
}

static void
a_file_with_any_byte_changed_does_no_harm(void **state)
{
    (void)state;
    const int64_t at_s[] = {-1000, 5000, utc(1996, 10, 27, 1, 0)};
    Bytes bytes = file_of(at_s, "121", 3, types, N_TYPES, "CET-1CEST,M3.5.0,M10.5.0/3");
    Arena *arena = arena_new(0);
    size_t refused = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        for (int flip = 1; flip < 256; flip++) {
            bytes.at[i] ^= (unsigned char)flip;
            refused += !parse_exactly(arena, bytes.at, bytes.len);
            bytes.at[i] ^= (unsigned char)flip;
            arena_reset(arena);
        }
    }
    assert_in_range(refused, bytes.len, bytes.len * 255);
    arena_free(arena);
}

/* ---- names and folders ---- */

static void
utc_needs_no_folder(void **state)
{
    (void)state;
    assert_int_equal(setenv("TZDIR", "/nonexistent/zoneinfo", 1), 0);
    Arena *arena = arena_new(0);
    Zones *zones = zones_new(arena);
    const Zone *zone, *again;
    Error error;
    assert_true(zone_load(zones, "UTC", &zone, &error));
    expect(zone, 0, 0, false, "UTC");
    expect(zone, INT64_C(1) << 40, 0, false, "UTC");
    assert_int_equal(zone_span(zone, 0).until_s, INT64_MAX);
    assert_string_equal(zone_name(zone), "UTC");
    assert_true(zone_load(zones, "UTC", &again, &error));
    assert_ptr_equal(zone, again);

    assert_false(zone_load(zones, "Europe/Paris", &zone, &error));
    assert_ptr_equal(zone, again);
    assert_non_null(strstr(error.text, "Europe/Paris"));
    assert_non_null(strstr(error.hint, "install the package tzdata"));
    arena_free(arena);
    unsetenv("TZDIR");
}

static void
names_that_are_no_zones_are_refused_with_what_is_meant(void **state)
{
    (void)state;
    static const struct {
        const char *name, *says, *hint;
    } rows[] = {
        {"Europe/Pargue", "unknown timezone 'Europe/Pargue'", "Europe/Prague"},
        {"europe/paris", "unknown timezone", "case-sensitive: Europe/Paris"},
        {"EUROPE/PARIS", "unknown timezone", "case-sensitive: Europe/Paris"},
        {"utc", "unknown timezone", "type UTC"},
        {"Paris", "unknown timezone", "Europe/Paris"},
        {"new york", "not a timezone", "America/New_York"},
        {"America/New York", "not a timezone", "America/New_York"},
        {"PST", "unknown timezone", "abbreviation"},
        {"", "empty", "Europe/Paris"},
        {"../../../etc/passwd", "not a timezone", "Europe/Paris"},
        {"Europe/../Europe/Paris", "not a timezone", "Europe/Paris"},
        {"posix/../../../etc/hostname", "not a timezone", "Europe/Paris"},
        {"./UTC", "not a timezone", "UTC"},
        {"/etc/localtime", "begins with '/'", "Europe/Paris"},
        {"/usr/share/zoneinfo/Europe/Paris", "begins with '/'", "type Europe/Paris"},
        {"Europe//Paris", "empty part", "Europe/Paris"},
        {"Europe/", "empty part", "Europe/Paris"},
        {"Europe", "folder of zones", "Europe/A"},
        {"Europe/Paris/x", "unknown timezone", "Europe/Paris"},
        {"Europe/Par\x1bis", "not a timezone", "Europe/Paris"},
        {"Europe/Pari\xc3\xa9", "not a timezone", "Europe/Paris"},
        {"zone.tab", "not a timezone", "Europe/Paris"},
        {"tzdata.zi", "not a timezone", "Europe/Paris"},
        {"leapseconds", "not a timezone", "Europe/Paris"},
        {"posixrules", "not a timezone", "Europe/Paris"},
        {"localtime", "not a timezone", "Europe/Paris"},
        {"right/Europe/Paris", "leap seconds", "type Europe/Paris"},
        {"UTC+3", "UTC+3", "Etc/GMT-3"},
        {"GMT-2", "GMT-2", "Etc/GMT+2"},
        {"gmt-02:00", "not a timezone", "Etc/GMT+2"},
        {"+0100", "+0100", "Etc/GMT-1"},
        {"UTC+05:30", "not a timezone", "Asia/Kolkata"},
        {"UTC+0", "UTC+0", "type UTC"},
        {"UTC+1:75", "not a timezone", "Europe/Paris"},
        {"UTC+15", "UTC+15", "city"},
        {"UTC+99999999999999999999", "UTC+999", "Europe/Paris"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "not a timezone", "city"},
        {"<+03>-3", "not a timezone", "city"},
        {"Mars/Olympus_Mons", "unknown timezone", "America/New_York"},
    };
    Arena *arena = arena_new(0);
    Zones *zones = zones_new(arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const Zone *zone = NULL;
        Error error;
        if (zone_load(zones, rows[i].name, &zone, &error))
            fail_msg("'%s' was loaded", rows[i].name);
        assert_null(zone);
        assert_int_equal(error.kind, ERR_INPUT);
        assert_non_null(strstr(error.text, "timezone"));
        if (strstr(error.text, rows[i].says) == NULL ||
            strstr(error.hint, rows[i].hint) == NULL)
            fail_msg("'%s': %s; %s", rows[i].name, error.text, error.hint);
    }
    char name[300];
    memset(name, 'A', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const Zone *zone;
    Error error;
    assert_false(zone_load(zones, name, &zone, &error));
    assert_non_null(strstr(error.text, "too long"));
    arena_free(arena);
}

/* A folder of this test's own, with files that no packager would make. */
static char folder[256];

static void
write_file(const char *name, const void *at, size_t len)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(at, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static const char *const made[] = {
    "zone.tab", "Fifo", "Large", "Link", "Loop", "Good", "tzdata.zi", "Dir"};

static int
make_folder(void **state)
{
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/zones.XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(folder) == NULL || setenv("TZDIR", folder, 1) != 0)
        return -1;
    char path[400];
    snprintf(path, sizeof path, "%s/Fifo", folder);
    if (mkfifo(path, 0600) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/Dir", folder);
    if (mkdir(path, 0700) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/Link", folder);
    if (symlink("Good", path) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/Loop", folder);
    if (symlink("Loop", path) != 0)
        return -1;
    Bytes good = file_of(NULL, "", 0, types, 1, "EET-2");
    write_file("Good", good.at, good.len);
    write_file("Large", "", 0);
    snprintf(path, sizeof path, "%s/Large", folder);
    static const char list[] = "# version 2026x\n"
                               "R E 1977 1980 - Ap Su>=1 1u 1 S\n"
                               "Z Good 2 - EET\n"
                               "Z Gone/City 1 - CET\n"
                               "L Good US/Pacific\n"
                               "L Good ../bad\n"
                               "L";
    write_file("tzdata.zi", list, sizeof list - 1);
    return truncate(path, 1024 * 1024 + 1);
}

static int
remove_folder(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        char path[400];
        snprintf(path, sizeof path, "%s/%s", folder, made[i]);
        remove(path);
    }
    unsetenv("TZDIR");
    return rmdir(folder);
}

static void
only_small_regular_files_of_tzdir_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *name, *says, *hint;
    } rows[] = {
        {"Fifo", "no regular file", ""},
        {"Large", "larger than 1 MiB", ""},
        {"Loop", "cannot read timezone 'Loop'", ""},
        {"Dir", "folder of zones", ""},
        {"US/Pacific", "unknown timezone",
            "old name of Good: type that, or install the "
            "package tzdata-legacy"},
        {"Gone/City", "unknown timezone", "tzdata"},
        {"city", "unknown timezone", "Gone/City"},
        {"god", "unknown timezone", "Good"},
        {"US/Nowhere", "unknown timezone", "tzdata-legacy"},
    };
    Arena *arena = arena_new(0);
    Zones *zones = zones_new(arena);
    const Zone *zone = NULL;
    Error error;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (zone_load(zones, rows[i].name, &zone, &error))
            fail_msg("'%s' was loaded", rows[i].name);
        if (strstr(error.text, rows[i].says) == NULL ||
            strstr(error.hint, rows[i].hint) == NULL)
            fail_msg("'%s': %s; %s", rows[i].name, error.text, error.hint);
    }
    assert_true(zone_load(zones, "Link", &zone, &error));
    expect(zone, 0, 7200, false, "EET");
    arena_free(arena);
}

static void
without_tzdata_zi_names_come_from_zone_tab(void **state)
{
    (void)state;
    char path[400];
    snprintf(path, sizeof path, "%s/tzdata.zi", folder);
    assert_int_equal(remove(path), 0);
    static const char table[] = "# comment\nXX\t+0000+00000\tNowhere/City\tremark\n"
                                "XX\t+0000+00000\tNowhere/Town\nXX\t\n\n";
    write_file("zone.tab", table, sizeof table - 1);
    Arena *arena = arena_new(0);
    Zones *zones = zones_new(arena);
    const Zone *zone = NULL;
    Error error;
    assert_false(zone_load(zones, "nowhere/town", &zone, &error));
    assert_string_equal(error.hint, "names are case-sensitive: Nowhere/Town");
    arena_free(arena);
}

static void
a_folder_that_lists_no_names_can_mean_none(void **state)
{
    (void)state;
    char path[400];
    snprintf(path, sizeof path, "%s/tzdata.zi", folder);
    assert_int_equal(remove(path), 0);
    Arena *arena = arena_new(0);
    Zones *zones = zones_new(arena);
    const Zone *zone = NULL;
    Error error;
    assert_false(zone_load(zones, "god", &zone, &error));
    assert_non_null(strstr(error.text, "unknown timezone 'god'"));
    assert_null(strstr(error.hint, "Good"));
    assert_true(zone_load(zones, "Good", &zone, &error));
    arena_free(arena);
}

static void
a_name_refused_once_is_refused_alike_again(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Zones *zones = zones_new(arena);
    const Zone *zone = NULL;
    Error first, second;
    assert_false(zone_load(zones, "Late", &zone, &first));
    size_t used = arena_used(arena);
    for (int i = 0; i < 1000; i++) {
        assert_false(zone_load(zones, "Late", &zone, &second));
        assert_string_equal(first.text, second.text);
        assert_string_equal(first.hint, second.hint);
    }
    assert_int_equal(arena_used(arena), used);
    assert_true(zone_load(zones, "Good", &zone, &second));
    assert_string_equal(zone_name(zone), "Good");
    arena_free(arena);
}

static void
the_hash_tells_rules_apart_and_not_the_order_of_loading(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Zones *zones[3] = {zones_new(arena), zones_new(arena), zones_new(arena)};
    static const char *const names[2][3] = {{"UTC", "Good", "Link"}, {"Link", "UTC", "Good"}};
    const Zone *zone;
    Error error;
    uint64_t none = zones_hash(zones[2]);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 3; k++)
            assert_true(zone_load(zones[i], names[i][k], &zone, &error));
    }
    assert_true(zones_hash(zones[0]) == zones_hash(zones[1]));
    assert_true(zones_hash(zones[0]) != none);

    /* Loaded is loaded: a change of the file shows in the next load only. */
    const Zone *before, *same, *after;
    assert_true(zone_load(zones[0], "Good", &before, &error));
    Bytes other = file_of(NULL, "", 0, types, 1, "EET-3");
    write_file("Good", other.at, other.len);
    assert_true(zone_load(zones[0], "Good", &same, &error));
    assert_ptr_equal(before, same);
    assert_true(zone_load(zones[2], "UTC", &after, &error));
    assert_true(zone_load(zones[2], "Link", &after, &error));
    assert_true(zone_load(zones[2], "Good", &after, &error));
    assert_true(zone_hash(before) != zone_hash(after));
    assert_true(zones_hash(zones[0]) != zones_hash(zones[2]));
    arena_free(arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_without_footer_ends_with_its_last_type),
        cmocka_unit_test(neighbours_of_equal_offset_are_one_span),
        cmocka_unit_test(a_footer_goes_on_from_the_table),
        cmocka_unit_test(the_last_type_lasts_until_the_footer_turns_to_it),
        cmocka_unit_test(footers_of_every_kind_are_understood),
        cmocka_unit_test(turns_may_fall_into_the_year_before),
        cmocka_unit_test(daylight_saving_all_year_or_never_is_one_span),
        cmocka_unit_test(a_footer_without_a_change_of_offset_changes_only_names),
        cmocka_unit_test(rules_repeat_every_400_years),
        cmocka_unit_test(the_ends_of_time_do_not_overflow),
        cmocka_unit_test(gaps_and_overlaps_have_their_edges),
        cmocka_unit_test(changes_close_together_are_told_second_by_second),
        cmocka_unit_test(a_day_can_be_skipped_or_come_twice),
        cmocka_unit_test(damaged_files_are_refused_with_their_fault),
        cmocka_unit_test(a_footer_of_another_zone_is_refused),
        cmocka_unit_test(a_footer_that_turns_at_no_time_of_day_is_refused),
        cmocka_unit_test(a_file_cut_anywhere_is_refused),
        cmocka_unit_test(a_file_with_any_byte_changed_does_no_harm),
        cmocka_unit_test(utc_needs_no_folder),
        cmocka_unit_test(names_that_are_no_zones_are_refused_with_what_is_meant),
        cmocka_unit_test_setup_teardown(
            only_small_regular_files_of_tzdir_are_read, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            without_tzdata_zi_names_come_from_zone_tab, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_folder_that_lists_no_names_can_mean_none, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(
            a_name_refused_once_is_refused_alike_again, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(the_hash_tells_rules_apart_and_not_the_order_of_loading,
            make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("time_zone", tests, NULL, NULL);
}
