/* What no other file knows: how to get from a local time to the next one, or the one before,
 * that an expression matches, by looking at bits instead of minutes and days. */

#include "plan/cronnext.h"

#include "plan/cronday.h"
#include "time/civil.h"

#define SEARCH_YEARS 400 /* the Gregorian calendar repeats itself then */

/* Added to a day number, it makes it positive and a weekday count from Sunday: a multiple of
 * 7, plus 4 for the Thursday that day 0 was. */
#define DAYS_BIAS (7 * 1000000 + 4)

/* Days of a year before the first of each month. */
static const int16_t days_before[2][13] = {
    {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334},
    {0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335},
};

static inline int
weekday_of(int32_t day)
{
    return (int)((uint32_t)(day + DAYS_BIAS) % 7);
}

/* Splits local seconds into a day number and the second of the day. */
static inline int32_t
split(int64_t at_ls, uint32_t *second)
{
    uint64_t up = (uint64_t)at_ls + (uint64_t)DAYS_BIAS * CIVIL_DAY_S;
    uint64_t day = up / CIVIL_DAY_S;
    *second = (uint32_t)(up - day * CIVIL_DAY_S);
    return (int32_t)((int64_t)day - DAYS_BIAS);
}

static inline int64_t
join(int32_t day, uint32_t second)
{
    return (int64_t)day * CIVIL_DAY_S + second;
}

static inline bool
is_sane(int64_t at_ls)
{
    /* Years -9999 to 9999 and a few days, so that days fit 32 bits. */
    return at_ls > INT64_C(-378000000000) && at_ls < INT64_C(253500000000);
}

static void
find_days(const Cron *cron, CronMonth *month)
{
    month->length = (uint8_t)civil_month_days(month->year, month->month);
    month->days = cronday_mask(cron, weekday_of(month->first_day), month->length);
}

static void
load_month(const Cron *cron, CronMonth *month, int32_t day)
{
    int year, number, day_of_month, matching;
    civil_date(day, &year, &number, &day_of_month);
    month->first_day = day - (day_of_month - 1);
    month->year = (int16_t)year;
    month->month = (uint8_t)number;
    find_days(cron, month);
    bool wanted = cron->months >> number & 1;
    if (!wanted || !cronday_year_from(cron, year, &matching) || matching != year)
        month->days = 0;
}

/* Goes on to the next month that has a matching day. */
static bool
month_after(const Cron *cron, CronMonth *month)
{
    CronMonth m = *month;
    int last_year = (m.year > CRON_MIN_YEAR ? m.year : CRON_MIN_YEAR) + SEARCH_YEARS;
    if (last_year > CIVIL_MAX_YEAR)
        last_year = CIVIL_MAX_YEAR;
    int year = m.year;
    bool leap = civil_is_leap(year);
    int32_t new_year = m.first_day - days_before[leap][m.month];
    uint32_t left = cron->months & ~((UINT32_C(2) << m.month) - 1);
    if (cron->extra != NULL) {
        int matching;
        if (!cronday_year_from(cron, year, &matching))
            return false;
        left = matching == year ? left : 0;
    }
    for (;;) {
        for (; left != 0; left &= left - 1) {
            m.month = (uint8_t)__builtin_ctz(left);
            m.first_day = new_year + days_before[leap][m.month];
            m.year = (int16_t)year;
            find_days(cron, &m);
            if (m.days != 0) {
                *month = m;
                return true;
            }
        }
        int next_year = year + 1;
        if (cron->extra != NULL && !cronday_year_from(cron, year + 1, &next_year))
            return false;
        if (next_year > last_year)
            return false;
        if (next_year == year + 1)
            new_year += 365 + leap;
        else
            new_year = (int32_t)civil_days(next_year, 1, 1);
        year = next_year;
        leap = civil_is_leap(year);
        left = cron->months;
    }
}

/* Goes back to the last month before that has a matching day. */
static bool
month_before(const Cron *cron, CronMonth *month)
{
    CronMonth m = *month;
    int first_year = (m.year < CRON_MAX_YEAR ? m.year : CRON_MAX_YEAR) - SEARCH_YEARS;
    // cppcheck-suppress knownConditionTrueFalse ; it takes m.year for a constant
    if (first_year < 1)
        first_year = 1;
    int year = m.year;
    bool leap = civil_is_leap(year);
    int32_t new_year = m.first_day - days_before[leap][m.month];
    uint32_t left = cron->months & ((UINT32_C(1) << m.month) - 1);
    if (cron->extra != NULL) {
        int matching;
        if (!cronday_year_to(cron, year, &matching))
            return false;
        left = matching == year ? left : 0;
    }
    for (;;) {
        while (left != 0) {
            m.month = (uint8_t)(31 - __builtin_clz(left));
            left &= ~(UINT32_C(1) << m.month);
            m.first_day = new_year + days_before[leap][m.month];
            m.year = (int16_t)year;
            find_days(cron, &m);
            if (m.days != 0) {
                *month = m;
                return true;
            }
        }
        int next_year = year - 1;
        if (cron->extra != NULL && !cronday_year_to(cron, year - 1, &next_year))
            return false;
        if (next_year < first_year)
            return false;
        year = next_year;
        new_year = (int32_t)civil_days(year, 1, 1);
        leap = civil_is_leap(year);
        left = cron->months;
    }
}

/* ---- within a day ---- */

static inline uint64_t
seconds_of(const Cron *cron)
{
    return cron->extra == NULL ? 1 : cron->extra->seconds;
}

static inline uint32_t
first_second(const Cron *cron)
{
    uint32_t hour = (uint32_t)__builtin_ctz(cron->hours);
    uint32_t minute = (uint32_t)__builtin_ctzll(cron->minutes);
    uint32_t second = (uint32_t)__builtin_ctzll(seconds_of(cron));
    return hour * 3600 + minute * 60 + second;
}

static inline uint32_t
last_second(const Cron *cron)
{
    uint32_t hour = 31 - (uint32_t)__builtin_clz(cron->hours);
    uint32_t minute = 63 - (uint32_t)__builtin_clzll(cron->minutes);
    uint32_t second = 63 - (uint32_t)__builtin_clzll(seconds_of(cron));
    return hour * 3600 + minute * 60 + second;
}

/* The first matching second of the day >= `from`; false: none that day. */
static inline bool
second_from(const Cron *cron, uint32_t from, uint32_t *out)
{
    uint64_t seconds = seconds_of(cron);
    uint32_t minute = from / 60, second = from % 60;
    uint64_t left = seconds >> second;
    if (left != 0) {
        second += (uint32_t)__builtin_ctzll(left);
    } else { /* not in this minute any more */
        minute++;
        second = (uint32_t)__builtin_ctzll(seconds);
    }
    uint32_t hour = minute / 60;
    minute %= 60;
    if (hour > 23)
        return false;
    bool hour_matches = cron->hours >> hour & 1;
    left = hour_matches ? cron->minutes >> minute : 0;
    if (left != 0) {
        uint32_t more = (uint32_t)__builtin_ctzll(left);
        if (more != 0)
            second = (uint32_t)__builtin_ctzll(seconds);
        *out = hour * 3600 + (minute + more) * 60 + second;
        return true;
    }
    uint32_t hours = cron->hours >> hour >> 1;
    if (hours == 0)
        return false;
    hour += 1 + (uint32_t)__builtin_ctz(hours);
    *out = hour * 3600 + first_second(cron) % 3600;
    return true;
}

/* The last matching second of the day <= `to`; false: none that day. */
static bool
second_to(const Cron *cron, uint32_t to, uint32_t *out)
{
    uint64_t seconds = seconds_of(cron);
    uint32_t hour = to / 3600, minute = to / 60 % 60, second = to % 60;
    if (cron->hours >> hour & 1) {
        uint64_t left = seconds & ((UINT64_C(2) << second) - 1);
        if (cron->minutes >> minute & 1 && left != 0) {
            *out = hour * 3600 + minute * 60 + 63 - (uint32_t)__builtin_clzll(left);
            return true;
        }
        left = cron->minutes & ((UINT64_C(1) << minute) - 1);
        if (left != 0) {
            minute = 63 - (uint32_t)__builtin_clzll(left);
            *out = hour * 3600 + minute * 60 + 63 - (uint32_t)__builtin_clzll(seconds);
            return true;
        }
    }
    uint32_t hours = cron->hours & ((UINT32_C(1) << hour) - 1);
    if (hours == 0)
        return false;
    hour = 31 - (uint32_t)__builtin_clz(hours);
    *out = hour * 3600 + last_second(cron) % 3600;
    return true;
}

/* ---- over days ---- */

/* The day's place in its month, which is loaded when it is not at hand. */
static inline uint32_t
place_in_month(const Cron *cron, CronMonth *month, int32_t day)
{
    uint32_t place = (uint32_t)(day - month->first_day);
    if (place >= month->length) {
        load_month(cron, month, day);
        place = (uint32_t)(day - month->first_day);
    }
    return place;
}

bool
cronnext_from(const Cron *cron, CronMonth *month, int64_t from_ls, int64_t *out_ls)
{
    if (!is_sane(from_ls))
        return false;
    uint32_t second;
    int32_t day = split(from_ls, &second);
    uint32_t place = place_in_month(cron, month, day);
    uint32_t left = month->days >> place;
    if (left & 1 && second_from(cron, second, &second)) {
        *out_ls = join(day, second);
        return true;
    }
    left = left >> 1;
    if (left != 0) {
        day += 1 + __builtin_ctz(left);
    } else {
        if (!month_after(cron, month))
            return false;
        day = month->first_day + __builtin_ctz(month->days);
    }
    *out_ls = join(day, first_second(cron));
    return true;
}

bool
cronnext_to(const Cron *cron, CronMonth *month, int64_t to_ls, int64_t *out_ls)
{
    if (!is_sane(to_ls))
        return false;
    uint32_t second;
    int32_t day = split(to_ls, &second);
    uint32_t place = place_in_month(cron, month, day);
    if (month->days >> place & 1 && second_to(cron, second, &second)) {
        *out_ls = join(day, second);
        return true;
    }
    uint32_t left = month->days & ((UINT32_C(1) << place) - 1);
    if (left == 0) {
        if (!month_before(cron, month))
            return false;
        left = month->days;
    }
    *out_ls = join(month->first_day + 31 - __builtin_clz(left), last_second(cron));
    return true;
}

bool
cronnext_holds_day(const Cron *cron, CronMonth *month, int64_t at_ls)
{
    if (!is_sane(at_ls))
        return false;
    uint32_t second;
    int32_t day = split(at_ls, &second);
    uint32_t place = place_in_month(cron, month, day);
    return month->days >> place & 1;
}
