/* What no other file knows: how a zone's table and its footer answer together: which offset
 * holds at an instant, and which instants show a wall clock's time. */

#include "time/zone.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "time/tzif.h"
#include "time/zoneinfo.h"

/* The zone that needs no file: no transitions, "UTC0" for ever. */
#define ZEROS_15 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define UTC_BLOCK                                                                              \
    "TZif2" ZEROS_15 ZEROS_15 "\0\0\0\0\1\0\0\0\4"                                             \
    "\0\0\0\0\0\0"                                                                             \
    "UTC\0"
static const char utc_file[] = UTC_BLOCK UTC_BLOCK "\nUTC0\n";

/* From at_s on the offset differs from what it was before. */
typedef struct {
    int64_t at_s;
    int32_t offset_s;
} Change;

struct Zone {
    const char *name;
    uint64_t hash;
    Tzif tzif;             /* every transition: for daylight saving and names */
    const Change *changes; /* those that change the offset */
    size_t n_changes;
    int32_t first_offset_s; /* before the first change */
    int32_t least_offset_s; /* over all times */
    int32_t most_offset_s;
    bool footer_turns; /* the footer has changes of offset */
};

struct Zones {
    Arena *arena;
    const char *folder;
    const Zone **sorted; /* by name */
    size_t n;
    size_t cap;
    char refused[128]; /* the name refused last: many jobs may share one wrong name */
    Error refusal;
};

/* ---- loading ---- */

/* The type in force at an instant.  Without any transition the footer says it all, and type 0
 * nothing (RFC 9636 section 3.3). */
static const ZoneType *
find_type(const Zone *zone, int64_t at_s)
{
    const Tzif *tzif = &zone->tzif;
    if (tzif->footer != NULL && at_s >= tzif->footer_from_s) {
        bool dst = footer_season(tzif->footer, at_s).dst;
        return dst ? &tzif->footer->daylight : &tzif->footer->standard;
    }
    size_t low = 0, high = tzif->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tzif->at_s[middle] <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return &tzif->types[low > 0 ? tzif->type[low - 1] : 0];
}

static void
widen(Zone *zone, int32_t offset_s)
{
    if (offset_s < zone->least_offset_s)
        zone->least_offset_s = offset_s;
    if (offset_s > zone->most_offset_s)
        zone->most_offset_s = offset_s;
}

static void
find_changes(Arena *arena, Zone *zone)
{
    const Tzif *tzif = &zone->tzif;
    zone->first_offset_s = find_type(zone, INT64_MIN)->offset_s;
    zone->least_offset_s = zone->most_offset_s = zone->first_offset_s;

    int32_t offset_s = zone->first_offset_s;
    Change *changes = arena_array(arena, tzif->n, sizeof *changes);
    for (size_t i = 0; i < tzif->n; i++) {
        int32_t next_s = tzif->types[tzif->type[i]].offset_s;
        if (next_s == offset_s)
            continue;
        changes[zone->n_changes++] = (Change){.at_s = tzif->at_s[i], .offset_s = next_s};
        offset_s = next_s;
        widen(zone, offset_s);
    }
    zone->changes = changes;

    const Footer *footer = tzif->footer;
    if (footer != NULL && footer->n > 0) {
        zone->footer_turns = footer->standard.offset_s != footer->daylight.offset_s;
        widen(zone, footer->standard.offset_s);
        widen(zone, footer->daylight.offset_s);
    }
}

bool
zone_parse(Arena *arena, const char *name, const unsigned char *bytes, size_t len,
    const Zone **out, Error *error)
{
    Zone *zone = arena_alloc(arena, sizeof *zone);
    Error cause;
    if (!tzif_read(arena, bytes, len, &zone->tzif, &cause)) {
        error_set(error, ERR_INPUT, "the file of timezone '%.100s' is not usable: %s", name,
            cause.text);
        if (strncmp(name, "right/", 6) == 0)
            return error_hint(error, "type %.100s", name + 6);
        return error_hint(error, "reinstall the package tzdata, or name another zone");
    }
    zone->name = arena_copy(arena, name, strlen(name));
    zone->hash = hash_bytes(HASH_START, bytes, len);
    find_changes(arena, zone);
    *out = zone;
    return true;
}

Zones *
zones_new(Arena *arena)
{
    Zones *zones = arena_alloc(arena, sizeof *zones);
    const char *folder = zoneinfo_folder();
    zones->arena = arena;
    zones->folder = arena_copy(arena, folder, strlen(folder));
    return zones;
}

/* Where the name stands, or would stand, among those loaded. */
static size_t
find_place(const Zones *zones, const char *name)
{
    size_t low = 0, high = zones->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(zones->sorted[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
keep(Zones *zones, size_t place, const Zone *zone)
{
    if (zones->n == zones->cap) {
        size_t cap = zones->cap == 0 ? 8 : zones->cap * 2;
        const Zone **sorted = arena_array(zones->arena, cap, sizeof *sorted);
        for (size_t i = 0; i < zones->n; i++)
            sorted[i] = zones->sorted[i];
        zones->sorted = sorted;
        zones->cap = cap;
    }
    for (size_t i = zones->n; i > place; i--)
        zones->sorted[i] = zones->sorted[i - 1];
    zones->sorted[place] = zone;
    zones->n++;
}

/* Read twice, so that a damaged file leaves nothing behind in the arena of the load. */
static bool
read_zone(Zones *zones, const char *name, const Zone **out, Error *error)
{
    Arena *scratch = arena_new(0);
    const Zone *trial;
    unsigned char *bytes;
    size_t len;
    bool ok = zoneinfo_read(scratch, zones->folder, name, &bytes, &len, error) &&
              zone_parse(scratch, name, bytes, len, &trial, error) &&
              zone_parse(zones->arena, name, bytes, len, out, error);
    arena_free(scratch);
    return ok;
}

bool
zone_load(Zones *zones, const char *name, const Zone **out, Error *error)
{
    size_t place = find_place(zones, name);
    if (place < zones->n && strcmp(zones->sorted[place]->name, name) == 0) {
        *out = zones->sorted[place];
        return true;
    }
    if (zones->refused[0] != '\0' && strcmp(zones->refused, name) == 0) {
        *error = zones->refusal;
        return false;
    }
    const Zone *zone = NULL;
    bool ok = strcmp(name, "UTC") == 0
                  ? zone_parse(zones->arena, name, (const unsigned char *)utc_file,
                        sizeof utc_file - 1, &zone, error)
                  : read_zone(zones, name, &zone, error);
    if (!ok) {
        if (strlen(name) < sizeof zones->refused) {
            memcpy(zones->refused, name, strlen(name) + 1);
            zones->refusal = *error;
        }
        return false;
    }
    keep(zones, place, zone);
    *out = zone;
    return true;
}

const char *
zone_name(const Zone *zone)
{
    return zone->name;
}

uint64_t
zone_hash(const Zone *zone)
{
    return zone->hash;
}

uint64_t
zones_hash(const Zones *zones)
{
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < zones->n; i++) {
        const Zone *zone = zones->sorted[i];
        hash = hash_bytes(hash, zone->name, strlen(zone->name) + 1);
        for (int shift = 0; shift < 64; shift += 8) { /* the same whatever the byte order */
            unsigned char byte = (unsigned char)(zone->hash >> shift);
            hash = hash_bytes(hash, &byte, 1);
        }
    }
    return hash_final(hash);
}

/* ---- asking ---- */

typedef struct {
    int64_t from_s, until_s;
    int32_t offset_s;
} Stretch;

static Stretch
find_stretch(const Zone *zone, int64_t at_s)
{
    size_t low = 0, high = zone->n_changes;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_s <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    Stretch stretch = {INT64_MIN, INT64_MAX, zone->first_offset_s};
    if (low > 0) {
        stretch.from_s = zone->changes[low - 1].at_s;
        stretch.offset_s = zone->changes[low - 1].offset_s;
    }
    if (low < zone->n_changes) {
        stretch.until_s = zone->changes[low].at_s;
    } else if (zone->footer_turns) {
        const Footer *footer = zone->tzif.footer;
        int64_t joint_s = zone->tzif.footer_from_s;
        Season season = footer_season(footer, at_s < joint_s ? joint_s : at_s);
        stretch.until_s = season.until_s;
        if (season.from_s > joint_s) {
            stretch.from_s = season.from_s;
            stretch.offset_s =
                season.dst ? footer->daylight.offset_s : footer->standard.offset_s;
        }
    }
    return stretch;
}

ZoneSpan
zone_span(const Zone *zone, int64_t at_s)
{
    Stretch stretch = find_stretch(zone, at_s);
    const ZoneType *type = find_type(zone, at_s);
    assert(type->offset_s == stretch.offset_s);
    return (ZoneSpan){
        .from_s = stretch.from_s,
        .until_s = stretch.until_s,
        .offset_s = stretch.offset_s,
        .dst = type->dst,
        .abbreviation = type->abbreviation,
    };
}

/* Both stop at the ends of all time. */
static int64_t
plus(int64_t at_s, int32_t offset_s)
{
    int64_t local_ls;
    if (__builtin_add_overflow(at_s, offset_s, &local_ls))
        return offset_s > 0 ? INT64_MAX : INT64_MIN;
    return local_ls;
}

static int64_t
minus(int64_t local_ls, int32_t offset_s)
{
    int64_t at_s;
    if (__builtin_sub_overflow(local_ls, offset_s, &at_s))
        return offset_s > 0 ? INT64_MIN : INT64_MAX;
    return at_s;
}

int64_t
zone_local(const Zone *zone, int64_t at_s, int32_t *offset_s)
{
    Stretch stretch = find_stretch(zone, at_s);
    if (offset_s != NULL)
        *offset_s = stretch.offset_s;
    return plus(at_s, stretch.offset_s);
}

/* Looks at every stretch that could show this time on a wall clock: between the instants that
 * the zone's greatest and least offset give. */
int
zone_instants(const Zone *zone, int64_t local_ls, int64_t at_s[2])
{
    int64_t last_s = minus(local_ls, zone->least_offset_s);
    Stretch stretch = find_stretch(zone, minus(local_ls, zone->most_offset_s));
    int64_t gap_s = stretch.from_s;
    bool in_gap = false;
    int n = 0;
    for (;;) {
        int64_t candidate_s = minus(local_ls, stretch.offset_s);
        bool begun = candidate_s >= stretch.from_s;
        bool over = candidate_s >= stretch.until_s && stretch.until_s != INT64_MAX;
        if (begun && !over && n < 2)
            at_s[n++] = candidate_s;
        if (stretch.until_s > last_s || stretch.until_s == INT64_MAX)
            break;
        Stretch next = find_stretch(zone, stretch.until_s);
        if (!in_gap && over && minus(local_ls, next.offset_s) < next.from_s) {
            gap_s = next.from_s;
            in_gap = true;
        }
        stretch = next;
    }
    if (n == 0)
        at_s[0] = at_s[1] = gap_s;
    return n;
}

bool
zone_next_change(const Zone *zone, int64_t after_s, int64_t *change_s)
{
    Stretch stretch = find_stretch(zone, after_s);
    if (stretch.until_s == INT64_MAX)
        return false;
    *change_s = stretch.until_s;
    return true;
}
