/* What no other file knows: the bytes of a compiled time zone (TZif, RFC 9636).  Every count is
 * held against the file's length before it is used. */

#include "time/tzif.h"

#include <string.h>

#define HEADER_BYTES 44
#define TYPE_BYTES 6
#define MAX_TYPES 256 /* an index is one byte */
#define MAX_FOOTER_BYTES 255

/* RFC 9636 section 3.2 allows offsets of -24:59:59 to 25:59:59. */
#define MIN_OFFSET_S (-(25 * 3600 - 1))
#define MAX_OFFSET_S (26 * 3600 - 1)

typedef struct {
    const unsigned char *at;
    size_t left;
} Reader;

typedef struct {
    char version; /* NUL: 1 */
    uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
} Header;

static uint32_t
take_u32(Reader *reader)
{
    const unsigned char *at = reader->at;
    reader->at += 4;
    reader->left -= 4;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Two's complement, without relying on what a cast does. */
static int32_t
take_i32(Reader *reader)
{
    uint32_t n = take_u32(reader);
    return n < UINT32_C(0x80000000) ? (int32_t)n : -(int32_t)~n - 1;
}

static int64_t
take_i64(Reader *reader)
{
    int64_t high = take_i32(reader);
    return high * INT64_C(0x100000000) + take_u32(reader);
}

static bool
take_header(Reader *reader, Header *out, Error *error)
{
    if (reader->left < 4 || memcmp(reader->at, "TZif", 4) != 0)
        return error_set(error, ERR_INPUT, "it does not begin with 'TZif'");
    if (reader->left < HEADER_BYTES)
        return error_set(error, ERR_INPUT, "it is cut off within a header");
    Header header = {.version = (char)reader->at[4]};
    reader->at += 20;
    reader->left -= 20;
    header.isutcnt = take_u32(reader);
    header.isstdcnt = take_u32(reader);
    header.leapcnt = take_u32(reader);
    header.timecnt = take_u32(reader);
    header.typecnt = take_u32(reader);
    header.charcnt = take_u32(reader);
    *out = header;
    return true;
}

/* The length of the data behind a header, whose times take time_bytes each. */
static uint64_t
block_bytes(const Header *header, unsigned time_bytes)
{
    return (uint64_t)header->timecnt * (time_bytes + 1) +
           (uint64_t)header->typecnt * TYPE_BYTES + header->charcnt +
           (uint64_t)header->leapcnt * (time_bytes + 4) + header->isstdcnt + header->isutcnt;
}

static bool
check_counts(const Header *header, size_t left, Error *error)
{
    if (block_bytes(header, 8) > left)
        return error_set(error, ERR_INPUT,
            "it is cut off: its counts ask for %llu bytes more, %zu are there",
            (unsigned long long)block_bytes(header, 8), left);
    if (header->leapcnt > 0)
        return error_set(error, ERR_INPUT, "it counts leap seconds, and PostgreSQL does not");
    if (header->typecnt < 1 || header->typecnt > MAX_TYPES || header->charcnt < 1)
        return error_set(error, ERR_INPUT, "it has %u types with %u bytes of names",
            header->typecnt, header->charcnt);
    if ((header->isstdcnt != 0 && header->isstdcnt != header->typecnt) ||
        (header->isutcnt != 0 && header->isutcnt != header->typecnt))
        return error_set(error, ERR_INPUT, "it has %u types but %u and %u marks for them",
            header->typecnt, header->isstdcnt, header->isutcnt);
    return true;
}

static bool
take_times(Arena *arena, Reader *reader, const Header *header, Tzif *tzif, Error *error)
{
    size_t n = header->timecnt;
    int64_t *at_s = arena_array(arena, n, sizeof *at_s);
    for (size_t i = 0; i < n; i++) {
        at_s[i] = take_i64(reader);
        if (i > 0 && at_s[i] <= at_s[i - 1])
            return error_set(error, ERR_INPUT,
                "its transition %zu does not come after the one before", i + 1);
        if (at_s[i] < -ZONE_FAR_S || at_s[i] > ZONE_FAR_S)
            return error_set(error, ERR_INPUT,
                "its transition %zu is further away than the universe is old", i + 1);
    }
    uint8_t *type = arena_array(arena, n, sizeof *type);
    for (size_t i = 0; i < n; i++) {
        type[i] = reader->at[i];
        if (type[i] >= header->typecnt)
            return error_set(error, ERR_INPUT, "its transition %zu is of type %u of %u", i + 1,
                type[i], header->typecnt);
    }
    reader->at += n;
    reader->left -= n;
    tzif->at_s = at_s;
    tzif->type = type;
    tzif->n = n;
    return true;
}

static bool
is_printable(const char *s)
{
    while (*s >= ' ' && *s <= '~')
        s++;
    return *s == '\0';
}

static bool
take_types(Arena *arena, Reader *reader, const Header *header, Tzif *tzif, Error *error)
{
    size_t n = header->typecnt;
    const unsigned char *names_at = reader->at + n * TYPE_BYTES;
    const char *names = arena_copy(arena, (const char *)names_at, header->charcnt);
    ZoneType *types = arena_array(arena, n, sizeof *types);
    tzif->types = types;
    tzif->n_types = n;
    for (size_t i = 0; i < n; i++) {
        types[i].offset_s = take_i32(reader);
        unsigned dst = reader->at[0], name = reader->at[1];
        reader->at += 2;
        reader->left -= 2;
        if (types[i].offset_s < MIN_OFFSET_S || types[i].offset_s > MAX_OFFSET_S)
            return error_set(error, ERR_INPUT, "its type %zu is %d s from UTC", i + 1,
                (int)types[i].offset_s);
        if (dst > 1)
            return error_set(error, ERR_INPUT,
                "its type %zu has %u for daylight saving, not 0 or 1", i + 1, dst);
        if (name >= header->charcnt ||
            memchr(names + name, '\0', header->charcnt - name) == NULL ||
            !is_printable(names + name))
            return error_set(error, ERR_INPUT, "its type %zu has no readable name", i + 1);
        types[i].dst = dst == 1;
        types[i].abbreviation = names + name;
    }
    size_t rest = (size_t)header->charcnt + header->isstdcnt + header->isutcnt;
    reader->at += rest;
    reader->left -= rest;
    return true;
}

static bool
is_alike(const ZoneType *a, const ZoneType *b)
{
    return a->offset_s == b->offset_s && a->dst == b->dst;
}

/*
 * The footer goes on from the last transition (RFC 9636 section 3.3).  zic's slim files may
 * fall short of that (America/Ojinaga of 2022: the rule came into force by a change that
 * changed nothing, and was dropped): then the last type lasts until the footer's next turn,
 * which must lead to it.  Otherwise the two halves of the file belong to different zones.
 */
static bool
join_footer(Tzif *tzif, const Footer *footer, Error *error)
{
    tzif->footer = footer;
    tzif->footer_from_s = INT64_MIN;
    if (tzif->n == 0)
        return true;
    int64_t last_s = tzif->at_s[tzif->n - 1];
    const ZoneType *last = &tzif->types[tzif->type[tzif->n - 1]];
    Season season = footer_season(footer, last_s);
    const ZoneType *now = &footer->standard, *next = &footer->daylight;
    if (season.dst) {
        now = &footer->daylight;
        next = &footer->standard;
    }
    bool joins = is_alike(now, last);
    if (!joins && (season.until_s == INT64_MAX || !is_alike(next, last)))
        return error_set(error, ERR_INPUT,
            "its footer has %s, %d s from UTC, where the last transition has %s, %d s",
            now->abbreviation, (int)now->offset_s, last->abbreviation, (int)last->offset_s);
    tzif->footer_from_s = joins ? last_s : season.until_s;
    return true;
}

static bool
take_footer(Arena *arena, Reader *reader, Tzif *tzif, Error *error)
{
    const char *at = (const char *)reader->at;
    if (reader->left < 2 || at[0] != '\n' || at[reader->left - 1] != '\n')
        return error_set(error, ERR_INPUT, "it is cut off within its footer");
    size_t len = reader->left - 2;
    const char *text = arena_copy(arena, at + 1, len);
    if (len > MAX_FOOTER_BYTES || strlen(text) != len || !is_printable(text))
        return error_set(error, ERR_INPUT, "its footer is not one line of text");
    if (len == 0)
        return true;
    Footer *footer = arena_alloc(arena, sizeof *footer);
    return footer_read(arena, text, footer, error) && join_footer(tzif, footer, error);
}

bool
tzif_read(Arena *arena, const unsigned char *bytes, size_t len, Tzif *out, Error *error)
{
    Reader reader = {.at = bytes, .left = len};
    Header header = {0};
    if (len == 0)
        return error_set(error, ERR_INPUT, "it is empty");
    if (!take_header(&reader, &header, error))
        return false;
    if (header.version < '2' || header.version > '4')
        return error_set(error, ERR_INPUT, "it is of TZif version %d, not 2 to 4",
            header.version == '\0' ? 1 : header.version - '0');
    uint64_t old_bytes = block_bytes(&header, 4);
    if (old_bytes > reader.left)
        return error_set(error, ERR_INPUT,
            "it is cut off: its counts ask for %llu bytes more, %zu are there",
            (unsigned long long)old_bytes, reader.left);
    reader.at += old_bytes;
    reader.left -= old_bytes;

    Tzif tzif = {.n = 0};
    if (!take_header(&reader, &header, error) || !check_counts(&header, reader.left, error) ||
        !take_times(arena, &reader, &header, &tzif, error) ||
        !take_types(arena, &reader, &header, &tzif, error) ||
        !take_footer(arena, &reader, &tzif, error))
        return false;
    *out = tzif;
    return true;
}
