/* What no other file knows: the rule for the years that no table holds, as the footer of a TZif
 * file writes it.  The Gregorian calendar repeats every 400 years to the weekday, so one such
 * cycle of turns, worked out once, answers for every year. */

#include "time/footer.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "time/civil.h"

#define CYCLE_YEARS 400
#define CYCLE_S (INT64_C(146097) * CIVIL_DAY_S)

/* Time in a rule may leave its day by a week, so a season may begin in the year before. */
#define FIRST_YEAR (1970 - 2)
#define LAST_YEAR (1970 + CYCLE_YEARS + 1)

typedef enum { DAY_JULIAN, DAY_ZERO_BASED, DAY_OF_WEEK } DayKind;

/* "M3.5.0/2": a day of the year and a wall clock's time. */
typedef struct {
    DayKind kind;
    int month; /* DAY_OF_WEEK */
    int week;  /* DAY_OF_WEEK: 1..5, 5 is the last */
    int day;   /* 0 = Sunday; or 1..365 without the leap day; or 0..365 with it */
    int32_t time_s;
} Turn;

/* ---- reading ---- */

static bool
take_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static bool
take_number(const char **at, int min, int max, int *out)
{
    size_t len = strspn(*at, "0123456789");
    int64_t n;
    if (!text_number(*at, len, min, max, &n))
        return false;
    *at += len;
    *out = (int)n;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool
take_time(const char **at, int max_hours, int32_t *out_s)
{
    int sign = take_char(at, '-') ? -1 : 1;
    if (sign > 0)
        take_char(at, '+');
    int hour, minute = 0, second = 0;
    if (!take_number(at, 0, max_hours, &hour))
        return false;
    if (take_char(at, ':')) {
        if (!take_number(at, 0, 59, &minute))
            return false;
        if (take_char(at, ':') && !take_number(at, 0, 59, &second))
            return false;
    }
    *out_s = sign * (hour * 3600 + minute * 60 + second);
    return true;
}

static bool
is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_quotable(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-';
}

/* "CET", or "<+0330>" */
static bool
take_name(Arena *arena, const char **at, const char **out)
{
    bool quoted = take_char(at, '<');
    size_t len = 0;
    while (quoted ? is_quotable((*at)[len]) : is_letter((*at)[len]))
        len++;
    if (len < 3 || (quoted && (*at)[len] != '>'))
        return false;
    *out = arena_copy(arena, *at, len);
    *at += len + quoted;
    return true;
}

static bool
take_day(const char **at, Turn *turn)
{
    if (take_char(at, 'J')) {
        turn->kind = DAY_JULIAN;
        return take_number(at, 1, 365, &turn->day);
    }
    if (take_char(at, 'M')) {
        turn->kind = DAY_OF_WEEK;
        return take_number(at, 1, 12, &turn->month) && take_char(at, '.') &&
               take_number(at, 1, 5, &turn->week) && take_char(at, '.') &&
               take_number(at, 0, 6, &turn->day);
    }
    turn->kind = DAY_ZERO_BASED;
    return take_number(at, 0, 365, &turn->day);
}

static bool
take_turn(const char **at, Turn *turn)
{
    turn->time_s = 2 * 3600;
    return take_char(at, ',') && take_day(at, turn) &&
           (!take_char(at, '/') || take_time(at, 167, &turn->time_s));
}

/* Name and offset; POSIX counts offsets west of Greenwich, we count east. */
static bool
take_type(Arena *arena, const char **at, ZoneType *type)
{
    int32_t west_s = -(type->offset_s);
    if (!take_name(arena, at, &type->abbreviation))
        return false;
    bool given = !type->dst || (**at != ',' && **at != '\0'); /* else an hour ahead */
    if (given && !take_time(at, 24, &west_s))
        return false;
    type->offset_s = -west_s;
    return true;
}

/* ---- working out ---- */

static int64_t
turn_at(const Turn *turn, int year, int32_t offset_s)
{
    int64_t days;
    if (turn->kind == DAY_OF_WEEK) {
        days = civil_days(year, turn->month, 1);
        int day = (turn->day - civil_weekday(days) + 7) % 7 + (turn->week - 1) * 7;
        days += day < civil_month_days(year, turn->month) ? day : day - 7;
    } else {
        days = civil_days(year, 1, 1) + turn->day;
        if (turn->kind == DAY_JULIAN) /* 60 is the first of March in every year */
            days -= !(civil_is_leap(year) && turn->day >= 60);
    }
    return days * CIVIL_DAY_S + turn->time_s - offset_s;
}

/* Keeps the two ends of one stretch of daylight saving, as far as they lie in the cycle. */
static void
add_turns(Footer *footer, int64_t *turns_s, int64_t from_s, int64_t until_s)
{
    if (footer->n == 0)
        footer->starts_first = from_s >= 0;
    if (from_s >= 0 && from_s < CYCLE_S)
        turns_s[footer->n++] = from_s;
    if (until_s >= 0 && until_s < CYCLE_S)
        turns_s[footer->n++] = until_s;
}

/* Years whose daylight saving touches the next year's are one stretch: that is how a footer
 * says "daylight saving all year" (RFC 9636 section 3.3.1). */
static void
work_out(Arena *arena, Footer *footer, const Turn *start, const Turn *end)
{
    int64_t *turns_s = arena_array(arena, (LAST_YEAR - FIRST_YEAR + 1) * 2, sizeof *turns_s);
    int64_t from_s = 0, until_s = 0;
    bool open = false;
    for (int year = FIRST_YEAR; year <= LAST_YEAR; year++) {
        int64_t starts_s = turn_at(start, year, footer->standard.offset_s);
        int64_t ends_s = turn_at(end, year, footer->daylight.offset_s);
        if (ends_s < starts_s)
            ends_s = turn_at(end, year + 1, footer->daylight.offset_s);
        if (starts_s == ends_s)
            continue;
        if (!open || starts_s > until_s) {
            if (open)
                add_turns(footer, turns_s, from_s, until_s);
            from_s = starts_s;
            until_s = ends_s;
            open = true;
        } else if (ends_s > until_s) {
            until_s = ends_s;
        }
    }
    if (open)
        add_turns(footer, turns_s, from_s, until_s);
    if (footer->n == 0)
        footer->starts_first = !open; /* never, or always: see footer_season */
    assert(footer->n % 2 == 0);
    footer->turns_s = turns_s;
}

bool
footer_read(Arena *arena, const char *text, Footer *out, Error *error)
{
    const char *at = text;
    Footer footer = {.starts_first = true};
    Turn start, end;
    if (!take_type(arena, &at, &footer.standard))
        return error_set(error, ERR_INPUT, "its footer '%.80s' has no standard time", text);
    if (*at != '\0') {
        footer.daylight.dst = true;
        footer.daylight.offset_s = footer.standard.offset_s + 3600;
        if (!take_type(arena, &at, &footer.daylight))
            return error_set(error, ERR_INPUT,
                "its footer '%.80s' has a daylight saving time without name or offset", text);
        if (!take_turn(&at, &start) || !take_turn(&at, &end) || *at != '\0')
            return error_set(error, ERR_INPUT,
                "its footer '%.80s' lacks the two dates of daylight saving at '%.40s'", text,
                at);
        work_out(arena, &footer, &start, &end);
    }
    *out = footer;
    return true;
}

/* How many of the cycle's turns are at or before at_s. */
static size_t
turns_until(const Footer *footer, int64_t at_s)
{
    size_t low = 0, high = footer->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (footer->turns_s[middle] <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

Season
footer_season(const Footer *footer, int64_t at_s)
{
    Season season = {.from_s = INT64_MIN, .until_s = INT64_MAX, .dst = !footer->starts_first};
    if (footer->n == 0)
        return season;
    at_s = at_s > ZONE_FAR_S ? ZONE_FAR_S : at_s < -ZONE_FAR_S ? -ZONE_FAR_S : at_s;
    int64_t in_cycle_s = at_s % CYCLE_S;
    in_cycle_s += in_cycle_s < 0 ? CYCLE_S : 0;
    int64_t cycle_at_s = at_s - in_cycle_s;

    size_t i = turns_until(footer, in_cycle_s);
    size_t n = footer->n;
    int64_t from_s = i > 0 ? footer->turns_s[i - 1] : footer->turns_s[n - 1] - CYCLE_S;
    int64_t until_s = i < n ? footer->turns_s[i] : footer->turns_s[0] + CYCLE_S;
    season.dst = (i % 2 == 1) == footer->starts_first;
    if (cycle_at_s + from_s > -ZONE_FAR_S)
        season.from_s = cycle_at_s + from_s;
    if (cycle_at_s + until_s <= ZONE_FAR_S)
        season.until_s = cycle_at_s + until_s;
    return season;
}
