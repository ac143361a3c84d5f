/* What no other file knows: how a day number becomes a Gregorian date and back.  Years are
 * counted from March, so that the leap day is the last of its year, in eras of 400 years, which
 * all have the same length. */

#include "time/civil.h"

#include <limits.h>

#define ERA_DAYS 146097
#define ERA_YEARS 400
#define DAYS_TO_1970 719468 /* from 0000-03-01 to 1970-01-01 */

static int64_t
floor_div(int64_t n, int64_t by)
{
    return n / by - (n % by < 0);
}

int64_t
civil_days(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, ERA_YEARS);
    int64_t year_of_era = y - era * ERA_YEARS;
    int64_t march_month = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - DAYS_TO_1970;
}

void
civil_date(int64_t days, int *year, int *month, int *day)
{
    int64_t era = days / ERA_DAYS;
    uint32_t left =
        (uint32_t)(days % ERA_DAYS + DAYS_TO_1970); /* positive, whatever the sign */
    era += left / ERA_DAYS;
    uint32_t day_of_era = left % ERA_DAYS;

    uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t march_month = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    int64_t y = era * ERA_YEARS + year_of_era + (march_month >= 10);
    *year = y > INT_MAX ? INT_MAX : y < INT_MIN ? INT_MIN : (int)y;
}

int
civil_weekday(int64_t days)
{
    return (int)((days % 7 + 7 + 4) % 7); /* 1970-01-01 was a Thursday */
}

bool
civil_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
civil_month_days(int year, int month)
{
    static const signed char length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return length[month - 1] + (month == 2 && civil_is_leap(year));
}

int64_t
civil_seconds(Civil civil)
{
    return civil_days(civil.year, civil.month, civil.day) * CIVIL_DAY_S + civil.hour * 3600 +
           civil.minute * 60 + civil.second;
}

Civil
civil_from_seconds(int64_t at_ls)
{
    Civil civil;
    int64_t days = floor_div(at_ls, CIVIL_DAY_S);
    int second = (int)(at_ls % CIVIL_DAY_S);
    second += second < 0 ? CIVIL_DAY_S : 0;
    civil_date(days, &civil.year, &civil.month, &civil.day);
    civil.hour = second / 3600;
    civil.minute = second / 60 % 60;
    civil.second = second % 60;
    return civil;
}

bool
civil_is_valid(Civil civil)
{
    return civil.year >= CIVIL_MIN_YEAR && civil.year <= CIVIL_MAX_YEAR && civil.month >= 1 &&
           civil.month <= 12 && civil.day >= 1 &&
           civil.day <= civil_month_days(civil.year, civil.month) && civil.hour >= 0 &&
           civil.hour <= 23 && civil.minute >= 0 && civil.minute <= 59 && civil.second >= 0 &&
           civil.second <= 59;
}
