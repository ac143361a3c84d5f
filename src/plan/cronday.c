/* What no other file knows: which days of a month match, given its length and first weekday -
 * the day rule, and the days that L, W and # mean in that month. */

#include "plan/cronday.h"

#include <string.h>

#include "time/civil.h"

#define SUNDAY 0
#define SATURDAY 6

/* Days 1..28. */
#define IN_EVERY_MONTH ((UINT32_C(1) << 28) - 1)

/* The week repeated six times: bit i of the product is weekday i % 7. */
#define SIX_WEEKS UINT64_C(0x810204081)

/* Quartz and others: the weekday (Mon-Fri) nearest to day n, never leaving the month. */
static uint32_t
near_weekday(int n, int first_weekday, int days)
{
    if (n > days)
        return 0;
    int weekday = (first_weekday + n - 1) % 7;
    if (weekday == SATURDAY)
        n += n == 1 ? 2 : -1;
    else if (weekday == SUNDAY)
        n += n == days ? -2 : 1;
    return UINT32_C(1) << (n - 1);
}

/* The days of month that depend on the month. */
static uint32_t
month_days(const CronExtra *extra, int first_weekday, int days)
{
    uint32_t mask = 0;
    for (uint32_t left = extra->last & CRON_ALL_DAYS; left != 0; left &= left - 1) {
        int day = days - __builtin_ctz(left);
        if (day >= 1)
            mask |= UINT32_C(1) << (day - 1);
    }
    if (extra->last >> 31)
        mask |= near_weekday(days, first_weekday, days);
    for (uint32_t left = extra->near_weekday; left != 0; left &= left - 1)
        mask |= near_weekday(__builtin_ctz(left), first_weekday, days);
    return mask;
}

/* The n-th and last weekdays. */
static uint32_t
nth_weekdays(const CronExtra *extra, int first_weekday, int days)
{
    uint32_t mask = 0;
    for (int weekday = 0; weekday < 7; weekday++) {
        uint32_t wanted = extra->nth[weekday];
        if (wanted == 0)
            continue;
        int first = (weekday - first_weekday + 7) % 7; /* 0 = the month's first day */
        for (int n = 1; n <= 5; n++)
            if (wanted >> n & 1)
                mask |= (uint32_t)(UINT64_C(1) << (first + 7 * (n - 1)));
        if (wanted >> 6)
            mask |= UINT32_C(1) << (first + (days - 1 - first) / 7 * 7);
    }
    return mask;
}

uint32_t
cronday_mask(const Cron *cron, int first_weekday, int days)
{
    uint32_t of_month = cron->days;
    uint32_t of_week = (uint32_t)(cron->weekdays * SIX_WEEKS >> first_weekday);
    if (__builtin_expect(cron->extra != NULL, 0)) {
        of_month |= month_days(cron->extra, first_weekday, days);
        of_week |= nth_weekdays(cron->extra, first_weekday, days);
    }
    uint32_t mask = cron->flags & CRON_DAYS_OR ? of_month | of_week : of_month & of_week;
    return mask & (uint32_t)((UINT64_C(1) << days) - 1);
}

static bool
has_years(const Cron *cron)
{
    static const uint64_t none[CRON_YEAR_WORDS];
    return cron->extra != NULL && memcmp(cron->extra->years, none, sizeof none) != 0;
}

static bool
year_matches(const CronExtra *extra, int year)
{
    unsigned bit = (unsigned)(year - CRON_MIN_YEAR);
    return extra->years[bit / 64] >> bit % 64 & 1;
}

bool
cronday_year_from(const Cron *cron, int year, int *out)
{
    if (has_years(cron)) {
        if (year < CRON_MIN_YEAR)
            year = CRON_MIN_YEAR;
        while (year <= CRON_MAX_YEAR && !year_matches(cron->extra, year))
            year++;
        if (year > CRON_MAX_YEAR)
            return false;
    }
    *out = year;
    return true;
}

bool
cronday_year_to(const Cron *cron, int year, int *out)
{
    if (has_years(cron)) {
        if (year > CRON_MAX_YEAR)
            year = CRON_MAX_YEAR;
        while (year >= CRON_MIN_YEAR && !year_matches(cron->extra, year))
            year--;
        if (year < CRON_MIN_YEAR)
            return false;
    }
    *out = year;
    return true;
}

/* Does any month of the year hold a matching day? */
static bool
year_has_day(const Cron *cron, int year)
{
    int weekday = civil_weekday(civil_days(year, 1, 1));
    for (int month = 1; month <= 12; month++) {
        int days = civil_month_days(year, month);
        if (cron->months >> month & 1 && cronday_mask(cron, weekday, days) != 0)
            return true;
        weekday = (weekday + days) % 7;
    }
    return false;
}

bool
cronday_never(const Cron *cron)
{
    if (cron->extra == NULL) {
        if (cron->days & IN_EVERY_MONTH || cron->flags & CRON_DAYS_OR)
            return false;
        /* In 400 years every date, 29 February too, falls on every weekday. */
        uint32_t longest = 0;
        for (int month = 1; month <= 12; month++)
            if (cron->months >> month & 1)
                longest |= (UINT32_C(1) << civil_month_days(2000, month)) - 1;
        return (cron->days & longest) == 0;
    }
    /* 28 years without a missing leap day hold every kind of year on every weekday. */
    int year, last = has_years(cron) ? CRON_MAX_YEAR : 1970 + 27;
    for (year = 1970; year <= last; year++)
        if ((!has_years(cron) || year_matches(cron->extra, year)) && year_has_day(cron, year))
            return false;
    return true;
}
