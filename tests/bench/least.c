/* The least that a next can cost: bit masks, counting trailing zeros, the offset of the last
 * instant kept.  No library: five fields only, no message, and changes of the clocks up to
 * 2500, longer gaps and folds than three hours left aside.  The engine is held against it.
 *
 *   least fires|bench|parse FILE COUNT SECONDS     see cases.h */

#include "cases.h"
#include "time/zone.h"

#define DAY_S 86400
#define UNTIL_2500 INT64_C(16725225600)
#define STRETCHES 4096
#define ZONES 8

/* Times of constant offset; in front and behind of all there is one more. */
typedef struct {
    char name[64];
    int n, at;
    int64_t from_s[STRETCHES];
    int32_t offset_s[STRETCHES];
} Table;

typedef struct {
    uint64_t minutes;
    uint32_t hours, days; /* bit d - 1 for day d */
    uint16_t months;
    uint8_t weekdays;
    bool both; /* day and weekday must match, not either */
    bool follows, daily, never;
    Table *zone;
} Least;

static Arena *arena;
static Zones *zones;
static Table tables[ZONES];
static int n_tables;
static Least least;

static Table *
table_of(const char *name)
{
    for (int i = 0; i < n_tables; i++) {
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    }
    const Zone *zone;
    Error error;
    if (n_tables == ZONES || !zone_load(zones, name, &zone, &error))
        return NULL;
    Table *table = &tables[n_tables++];
    snprintf(table->name, sizeof table->name, "%s", name);
    for (int64_t at_s = -UNTIL_2500; at_s < UNTIL_2500 && table->n < STRETCHES - 2;) {
        ZoneSpan span = zone_span(zone, at_s);
        table->from_s[table->n] = table->n == 0 ? INT64_MIN : span.from_s;
        table->offset_s[table->n++] = span.offset_s;
        at_s = span.until_s;
    }
    table->from_s[table->n] = INT64_MAX;
    return table;
}

/* ---- reading ---- */

static int
number(const char **at, const char *names, int base)
{
    int n = 0;
    const char *from = *at;
    for (; **at >= '0' && **at <= '9' && n < 100; ++*at)
        n = n * 10 + (**at - '0');
    for (int i = 0; *at == from && names != NULL && names[i] != '\0'; i += 3) {
        if ((*at)[0] != '\0' && ((*at)[0] & 0x5f) == names[i] &&
            ((*at)[1] & 0x5f) == names[i + 1] && ((*at)[2] & 0x5f) == names[i + 2]) {
            n = base + i / 3;
            *at += 3;
        }
    }
    return *at == from ? -1 : n;
}

static bool
field(const char **at, int low, int high, const char *names, uint64_t *out, bool *star)
{
    *star = **at == '*';
    *out = 0;
    for (;; ++*at) {
        int first = low, last = high, step = 1;
        if (**at == '*') {
            ++*at;
        } else {
            first = last = number(at, names, low);
            if (**at == '-') {
                ++*at;
                last = number(at, names, low);
            }
        }
        if (**at == '/') {
            ++*at;
            step = number(at, NULL, 0);
        }
        if (first < low || last > high || first > last || step < 1)
            return false;
        for (int i = first; i <= last; i += step)
            *out |= UINT64_C(1) << i;
        if (**at != ',')
            break;
    }
    bool ok = **at == ' ' || **at == '\0';
    *at += strspn(*at, " ");
    return ok;
}

static bool
never_fires(void)
{
    static const char longest[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t days = 0;
    for (int month = 1; month <= 12; month++) {
        if (least.months >> month & 1)
            days |= least.days & ((UINT64_C(1) << longest[month - 1]) - 1);
    }
    return least.both && days == 0;
}

static const char *
read_case(const char *expression, const char *zone)
{
    uint64_t hours, days, months, weekdays;
    bool minute_star, hour_star, day_star, month_star, weekday_star;
    const char *at = expression;
    if (!field(&at, 0, 59, NULL, &least.minutes, &minute_star) ||
        !field(&at, 0, 23, NULL, &hours, &hour_star) ||
        !field(&at, 1, 31, NULL, &days, &day_star) ||
        !field(&at, 1, 12, "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC", &months, &month_star) ||
        !field(&at, 0, 7, "SUNMONTUEWEDTHUFRISAT", &weekdays, &weekday_star) || *at != '\0')
        return "not read";
    least.hours = (uint32_t)hours;
    least.days = (uint32_t)(days >> 1);
    least.months = (uint16_t)months;
    least.weekdays = (uint8_t)((weekdays | weekdays >> 7) & 0x7f);
    least.both = day_star || weekday_star;
    least.follows = minute_star || hour_star;
    bool all_days = least.days == 0x7fffffff, all_weekdays = least.weekdays == 0x7f;
    least.daily =
        months == 0x1ffe && (least.both ? all_days && all_weekdays : all_days || all_weekdays);
    least.never = never_fires();
    least.zone = table_of(zone);
    return least.zone == NULL ? "no such zone" : NULL;
}

/* ---- the calendar ---- */

/* Years that begin in March: the odd day comes last. */
typedef struct {
    int year, month, day; /* 0 = March, from 0 */
} Date;

static inline Date
date_of(int64_t number_of_day)
{
    int64_t day = number_of_day + 719468, era = (day >= 0 ? day : day - 146096) / 146097;
    unsigned in_era = (unsigned)(day - era * 146097);
    unsigned year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned in_year = in_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * in_year + 2) / 153;
    return (Date){(int)(era * 400 + year), (int)month, (int)(in_year - (153 * month + 2) / 5)};
}

static inline int64_t
first_day(int year, int month)
{
    int64_t era = (year >= 0 ? year : year - 399) / 400, in_era = year - era * 400;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + (153 * month + 2) / 5 -
           719468;
}

static inline int
length_of(int year, int month)
{
    if (month < 11)
        return 30 + (0x6b5 >> month & 1);
    year++; /* February is of the next year to everyone else */
    return 28 + ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
}

static inline bool
has_month(int month)
{
    return least.months >> (month < 10 ? month + 3 : month - 9) & 1;
}

static inline uint32_t
days_in(int year, int month, int64_t first)
{
    uint64_t weeks = least.weekdays * UINT64_C(0x0810204081); /* five and more, one by one */
    int weekday = (int)(((first + 4) % 7 + 7) % 7);
    uint32_t by_weekday = (uint32_t)(weeks >> weekday);
    uint32_t days = least.both ? least.days & by_weekday : least.days | by_weekday;
    return days & (uint32_t)((UINT64_C(1) << length_of(year, month)) - 1);
}

/* The first local time that fits, from one on that is a whole minute. */
static inline int64_t
fits_from(int64_t local_s)
{
    int64_t day = local_s / DAY_S - (local_s % DAY_S < 0);
    int second = (int)(local_s - day * DAY_S), hour = second / 3600;
    Date date = date_of(day);
    int64_t first = day - date.day;
    uint32_t days = has_month(date.month) ? days_in(date.year, date.month, first) : 0;
    if (days >> date.day & 1) {
        uint64_t minutes = least.hours >> hour & 1 ? least.minutes >> second / 60 % 60 : 0;
        if (minutes != 0)
            return local_s + 60 * __builtin_ctzll(minutes);
        uint32_t hours = least.hours >> hour >> 1;
        if (hours != 0)
            return day * DAY_S + (hour + 1 + __builtin_ctz(hours)) * 3600 +
                   60 * __builtin_ctzll(least.minutes);
    }
    int start = __builtin_ctz(least.hours) * 3600 + 60 * __builtin_ctzll(least.minutes);
    if (least.daily)
        return (day + 1) * DAY_S + start;
    days = (uint32_t)((uint64_t)days >> (date.day + 1));
    if (days != 0)
        return (day + 1 + __builtin_ctz(days)) * DAY_S + start;
    for (int n = 0; n < 12 * 41; n++) { /* Monday, 29 February: 40 years at most */
        date.year += date.month == 11;
        date.month = date.month == 11 ? 0 : date.month + 1;
        if (!has_month(date.month))
            continue;
        first = first_day(date.year, date.month);
        days = days_in(date.year, date.month, first);
        if (days != 0)
            return (first + __builtin_ctz(days)) * DAY_S + start;
    }
    return INT64_MAX;
}

/* ---- the clocks ---- */

static inline int
stretch_at(Table *zone, int64_t at_s)
{
    if (at_s >= zone->from_s[zone->at] && at_s < zone->from_s[zone->at + 1])
        return zone->at;
    int low = 0, high = zone->n - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (zone->from_s[middle] <= at_s)
            low = middle;
        else
            high = middle - 1;
    }
    return zone->at = low;
}

static bool
next_fire(int64_t after_s, int64_t *due_s)
{
    if (least.never)
        return false;
    Table *zone = least.zone;
    int64_t at_s = after_s - after_s % 60 + 60, wanted_ls = INT64_MIN;
    for (;;) {
        int i = stretch_at(zone, at_s);
        int64_t offset_s = zone->offset_s[i], local_s = at_s + offset_s;
        int64_t shown_ls = i == 0 ? INT64_MIN : zone->from_s[i] + zone->offset_s[i - 1];
        if (!least.follows && local_s < shown_ls)
            local_s = shown_ls; /* these were shown before */
        if (!least.follows && wanted_ls != INT64_MIN && wanted_ls < local_s && i > 0) {
            *due_s = zone->from_s[i]; /* it fell into the gap */
            return true;
        }
        wanted_ls = fits_from(local_s);
        if (wanted_ls == INT64_MAX)
            return false;
        if (wanted_ls - offset_s < zone->from_s[i + 1]) {
            *due_s = wanted_ls - offset_s;
            return true;
        }
        at_s = zone->from_s[i + 1];
        if (wanted_ls - offset_s - 2 * DAY_S > at_s) {
            at_s = wanted_ls - offset_s - 2 * DAY_S; /* nothing fits before */
            wanted_ls = INT64_MIN;
        }
    }
}

static void
forget(void)
{
    memset(&least, 0, sizeof least);
}

int
main(int argc, char **argv)
{
    arena = arena_new(0);
    zones = zones_new(arena);
    int status = run_cases(argc, argv);
    if (status < 0)
        fprintf(stderr, "usage: least fires|bench|parse FILE COUNT SECONDS\n");
    return status < 0 ? 2 : status;
}
