#ifndef TIME_CIVIL_H
#define TIME_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The proleptic Gregorian calendar, without zones.  A date is a day number (days since
 * 1970-01-01); a local date-time is seconds since 1970-01-01T00:00:00 on some wall clock
 * ("local seconds", names end in _ls).  Leap seconds do not exist here, as in POSIX.
 */
typedef struct {
    int year;  /* CIVIL_MIN_YEAR..CIVIL_MAX_YEAR */
    int month; /* 1..12 */
    int day;   /* 1..31 */
    int hour, minute, second;
} Civil;

#define CIVIL_DAY_S 86400
#define CIVIL_MIN_YEAR (-9999)
#define CIVIL_MAX_YEAR 9999

int64_t civil_days(int year, int month, int day);
void civil_date(int64_t days, int *year, int *month, int *day);
int civil_weekday(int64_t days); /* 0 = Sunday .. 6 = Saturday */
bool civil_is_leap(int year);
int civil_month_days(int year, int month); /* 28..31 */

int64_t civil_seconds(Civil civil); /* local seconds */
Civil civil_from_seconds(int64_t at_ls);

/* True when every part is in range and the day exists in its month. */
bool civil_is_valid(Civil civil);

#endif
