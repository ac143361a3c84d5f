/* What no other file knows: how "every 2 weeks" steps over the calendar from its anchor, and
 * which months lack the day that it wants. */

#include "plan/calendar.h"

#include <stdio.h>
#include <string.h>

#include "time/civil.h"

#define SEARCH_MONTHS 4800 /* 400 years: then the calendar repeats itself */

static const char *const UNITS[] = {"days", "weeks", "months", "years"};
static const int MOST[] = {146097, 20871, 4800, 400}; /* 400 years of each */
static const char *const WEEKDAYS[] = {
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

static int64_t
floor_div(int64_t n, int64_t by)
{
    return n / by - (n % by < 0);
}

static int64_t
ceil_div(int64_t n, int64_t by)
{
    return n / by + (n % by > 0);
}

/* ---- reading ---- */

bool
calendar_is_meant(const char *every)
{
    size_t digits = strspn(every, "0123456789");
    size_t blanks = strspn(every + digits, " \t");
    return blanks > 0 && text_lower(every[digits + blanks]) >= 'a' &&
           text_lower(every[digits + blanks]) <= 'z';
}

static bool
read_every(const char *every, Calendar *out, Error *error)
{
    size_t digits = strspn(every, "0123456789");
    const char *word = every + digits + strspn(every + digits, " \t");
    char unit[16];
    snprintf(unit, sizeof unit, "%s", word);
    size_t len = strlen(unit);
    int found = -1;
    for (int i = 0; i < 4 && found < 0; i++) {
        size_t full = strlen(UNITS[i]);
        bool plural = text_same_nocase(unit, UNITS[i]);
        if (plural || (len + 1 == full && strncmp(UNITS[i], unit, len) == 0))
            found = i;
    }
    if (found < 0) {
        error_set(error, ERR_INPUT, "'%.40s' has no unit of the calendar", every);
        if (text_lower(*word) == 'h' || text_lower(*word) == 's' || strncmp(word, "mi", 2) == 0)
            return error_hint(
                error, "write %.*s%c for elapsed time", (int)digits, every, text_lower(*word));
        return error_hint(error, "write days, weeks, months or years: 2 weeks");
    }
    int64_t n;
    if (!text_number(every, digits, 1, MOST[found], &n)) {
        error_set(error, ERR_INPUT, "'%.40s' is out of range 1-%d %s", every, MOST[found],
            UNITS[found]);
        return error_hint(error, "write 1 %s, 2 %s, ...", UNITS[found], UNITS[found]);
    }
    out->every = (int32_t)n;
    out->unit = (uint8_t)found;
    return true;
}

/* 0 = Sunday; three letters or the whole name, any case; -1: none. */
static int
weekday_named(const char *day)
{
    size_t len = strlen(day);
    char name[16];
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof name, "%s", WEEKDAYS[i]);
        if (len == 3)
            name[3] = '\0';
        if (text_same_nocase(day, name))
            return i;
    }
    return -1;
}

static bool
read_day(const char *day, Calendar *out, Error *error)
{
    if (out->unit == CALENDAR_DAYS) {
        error_set(error, ERR_INPUT, "day '%.40s' beside days, which are all alike", day);
        return error_hint(error, "remove day, or write every: %d weeks", out->every);
    }
    if (out->unit == CALENDAR_WEEKS) {
        out->day = (int8_t)weekday_named(day);
        if (out->day >= 0)
            return true;
        const char *near = text_nearest(day, WEEKDAYS, 7);
        error_set(error, ERR_INPUT, "day '%.40s' is no weekday", day);
        return error_hint(error, "write %s", near != NULL ? near : "monday, tuesday, ...");
    }
    int64_t n;
    if (text_number(day, strlen(day), 1, 31, &n)) {
        out->day = (int8_t)n;
        return true;
    }
    error_set(error, ERR_INPUT, "day '%.40s' is no day of the month", day);
    if (weekday_named(day) >= 0)
        return error_hint(error,
            "write 1-31; for the first %s of the month write a cron field, %.3s#1", day, day);
    return error_hint(error, "write 1-31; for the last day write a cron field, L");
}

static bool
read_time(const char *at, Calendar *out, Error *error)
{
    static const int most[3] = {23, 59, 59};
    int64_t part[3] = {0, 0, 0};
    const char *left = at;
    int n = 0;
    for (; n < 3; n++) {
        size_t digits = strspn(left, "0123456789");
        if (digits != 2 || !text_number(left, digits, 0, most[n], &part[n]))
            break;
        left += digits;
        if (*left != ':') {
            n++;
            break;
        }
        left++;
    }
    if (n < 2 || *left != '\0' || left[-1] == ':') {
        error_set(error, ERR_INPUT, "'%.40s' is no time of day", at);
        return error_hint(error, "write hours and minutes, 00:00-23:59: at: \"09:00\"");
    }
    out->second = (int32_t)(part[0] * 3600 + part[1] * 60 + part[2]);
    return true;
}

bool
calendar_read(
    const char *every, const char *day, const char *at, Calendar *out, int *wrong, Error *error)
{
    Calendar calendar = {.day = -1};
    *wrong = 0;
    if (!read_every(every, &calendar, error))
        return false;
    *wrong = 1;
    if (day != NULL && !read_day(day, &calendar, error))
        return false;
    *wrong = 2;
    if (at != NULL && !read_time(at, &calendar, error))
        return false;
    calendar_anchor(&calendar, 0);
    calendar.has_from = false;
    *out = calendar;
    return true;
}

/* ---- counting ---- */

static void
split_month(int64_t month, int *year, int *of_year)
{
    *year = (int)floor_div(month, 12);
    *of_year = (int)(month - (int64_t)*year * 12) + 1;
}

static int
month_days(int64_t month)
{
    int year, of_year;
    split_month(month, &year, &of_year);
    return civil_month_days(year, of_year);
}

void
calendar_anchor(Calendar *calendar, int64_t from_day)
{
    Calendar *c = calendar;
    c->has_from = true;
    c->from_day = (int32_t)from_day;
    if (c->unit == CALENDAR_DAYS || c->unit == CALENDAR_WEEKS) {
        c->step = c->unit == CALENDAR_DAYS ? c->every : c->every * 7;
        int weekday = civil_weekday(from_day);
        int wanted = c->day < 0 ? weekday : c->day;
        c->first = c->from_day + (wanted - weekday + 7) % 7;
        return;
    }
    int year, month, day;
    civil_date(from_day, &year, &month, &day);
    int unit = c->unit == CALENDAR_MONTHS ? 1 : 12;
    c->step = c->every * unit;
    c->month_day = (int8_t)(c->day < 0 ? day : c->day);
    c->first = year * 12 + month - 1;
    if (day > c->month_day)
        c->first += unit;
    /* Count from the first that exists: 8 years are the longest wait for a 29 February. */
    for (int i = 0; i < 12 && c->month_day > month_days(c->first); i++)
        c->first += unit;
}

/* The local time of step n, counted from the first; false: that month lacks the day. */
static bool
step_at(const Calendar *calendar, int64_t n, int64_t *out_ls)
{
    int64_t place = calendar->first + n * calendar->step;
    if (calendar->unit == CALENDAR_MONTHS || calendar->unit == CALENDAR_YEARS) {
        if (calendar->month_day > month_days(place))
            return false;
        int year, month;
        split_month(place, &year, &month);
        place = civil_days(year, month, calendar->month_day);
    }
    *out_ls = place * CIVIL_DAY_S + calendar->second;
    return true;
}

/* The place of a day among the steps' units. */
static int64_t
place_of(const Calendar *calendar, int64_t at_ls)
{
    int64_t day = floor_div(at_ls, CIVIL_DAY_S);
    if (calendar->unit == CALENDAR_DAYS || calendar->unit == CALENDAR_WEEKS)
        return day;
    int year, month, day_of_month;
    civil_date(day, &year, &month, &day_of_month);
    return (int64_t)year * 12 + month - 1;
}

bool
calendar_from(const Calendar *calendar, int64_t from_ls, int64_t *out_ls)
{
    int64_t n = ceil_div(place_of(calendar, from_ls) - calendar->first, calendar->step);
    int64_t last = n + SEARCH_MONTHS / calendar->step + 2;
    for (int64_t at_ls; n <= last; n++) {
        if (step_at(calendar, n, &at_ls) && at_ls >= from_ls) {
            *out_ls = at_ls;
            return true;
        }
    }
    return false;
}

bool
calendar_to(const Calendar *calendar, int64_t to_ls, int64_t *out_ls)
{
    int64_t n = floor_div(place_of(calendar, to_ls) - calendar->first, calendar->step);
    int64_t first = n - SEARCH_MONTHS / calendar->step - 2;
    for (int64_t at_ls; n >= first; n--) {
        if (step_at(calendar, n, &at_ls) && at_ls <= to_ls) {
            *out_ls = at_ls;
            return true;
        }
    }
    return false;
}

/* ---- writing ---- */

void
calendar_write(const Calendar *calendar, Text *text)
{
    const Calendar *c = calendar;
    text_addf(text, "%d %s", c->every, UNITS[c->unit]);
    if (c->day >= 0 && c->unit == CALENDAR_WEEKS)
        text_addf(text, "; day %s", WEEKDAYS[c->day]);
    else if (c->day >= 0)
        text_addf(text, "; day %d", c->day);
    text_addf(text, "; at %02d:%02d", c->second / 3600, c->second / 60 % 60);
    if (c->second % 60 != 0)
        text_addf(text, ":%02d", c->second % 60);
    if (c->has_from) {
        int year, month, day;
        civil_date(c->from_day, &year, &month, &day);
        text_addf(text, "; from %04d-%02d-%02d", year, month, day);
    }
}
