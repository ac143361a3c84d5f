/* The calendar, day by day over 20 000 years, against counting. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <limits.h>

#include "time/civil.h"

static void
every_day_follows_the_day_before(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = CIVIL_MIN_YEAR, month = 1, day = 1;
    int64_t first = civil_days(CIVIL_MIN_YEAR, 1, 1), last = civil_days(CIVIL_MAX_YEAR, 12, 31);
    int weekday = civil_weekday(first);
    for (int64_t days = first; days <= last; days++) {
        int y, m, d;
        civil_date(days, &y, &m, &d);
        if (y != year || m != month || d != day || civil_days(y, m, d) != days ||
            civil_weekday(days) != weekday)
            fail_msg("day %lld is %d-%d-%d, weekday %d", (long long)days, y, m, d, weekday);
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        weekday = (weekday + 1) % 7;
        if (++day > lengths[month - 1] + (month == 2 && leap)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    assert_int_equal(year, CIVIL_MAX_YEAR + 1);
}

static void
known_dates_have_their_day_numbers_and_weekdays(void **state)
{
    (void)state;
    assert_int_equal(civil_days(1970, 1, 1), 0);
    assert_int_equal(civil_weekday(0), 4);
    assert_int_equal(civil_days(1969, 12, 31), -1);
    assert_int_equal(civil_weekday(-1), 3);
    assert_int_equal(civil_days(2000, 2, 29), 11016);
    assert_int_equal(civil_weekday(11016), 2);
    assert_int_equal(civil_days(2100, 3, 1) - civil_days(2100, 2, 28), 1);
    assert_int_equal(civil_days(0, 3, 1), -719468);
}

static void
months_have_their_lengths(void **state)
{
    (void)state;
    assert_int_equal(civil_month_days(2024, 2), 29);
    assert_int_equal(civil_month_days(2023, 2), 28);
    assert_int_equal(civil_month_days(2000, 2), 29);
    assert_int_equal(civil_month_days(1900, 2), 28);
    assert_int_equal(civil_month_days(-4, 2), 29);
    assert_int_equal(civil_month_days(2023, 4), 30);
    assert_int_equal(civil_month_days(2023, 12), 31);
    assert_true(civil_is_leap(2400));
    assert_false(civil_is_leap(2100));
}

static void
seconds_and_civil_times_are_inverse(void **state)
{
    (void)state;
    Civil before = civil_from_seconds(-1);
    assert_int_equal(before.year, 1969);
    assert_int_equal(before.day, 31);
    assert_int_equal(before.hour, 23);
    assert_int_equal(before.minute, 59);
    assert_int_equal(before.second, 59);
    assert_int_equal(civil_seconds((Civil){2026, 11, 22, 3, 0, 0}), 1795316400);
    /* A step that shares no factor with a day reaches every second of the day. */
    for (int64_t at_ls = -INT64_C(60000000000); at_ls < INT64_C(60000000000); at_ls += 86399) {
        Civil civil = civil_from_seconds(at_ls);
        if (!civil_is_valid(civil) || civil_seconds(civil) != at_ls)
            fail_msg("%lld does not come back", (long long)at_ls);
    }
}

static void
the_ends_of_time_do_not_overflow(void **state)
{
    (void)state;
    int year, month, day;
    civil_date(INT64_MAX, &year, &month, &day);
    assert_int_equal(year, INT_MAX);
    civil_date(INT64_MIN, &year, &month, &day);
    assert_int_equal(year, INT_MIN);
    assert_in_range(month, 1, 12);
    Civil end = civil_from_seconds(INT64_MIN);
    assert_in_range(end.hour, 0, 23);
    assert_in_range(end.second, 0, 59);
    end = civil_from_seconds(INT64_MAX);
    assert_int_equal(end.hour * 3600 + end.minute * 60 + end.second, INT64_MAX % 86400);
    assert_in_range(civil_weekday(INT64_MIN), 0, 6);
    assert_in_range(civil_weekday(INT64_MAX), 0, 6);
    civil_date(civil_days(INT_MAX, 12, 31), &year, &month, &day);
    assert_int_equal(year, INT_MAX);
    assert_int_equal(day, 31);
}

static void
times_that_do_not_exist_are_not_valid(void **state)
{
    (void)state;
    static const Civil good[] = {
        {2024, 2, 29, 0, 0, 0}, {9999, 12, 31, 23, 59, 59}, {-9999, 1, 1, 0, 0, 0}};
    static const Civil bad[] = {{2023, 2, 29, 0, 0, 0}, {2023, 0, 1, 0, 0, 0},
        {2023, 13, 1, 0, 0, 0}, {2023, 1, 0, 0, 0, 0}, {2023, 4, 31, 0, 0, 0},
        {2023, 1, 1, 24, 0, 0}, {2023, 1, 1, -1, 0, 0}, {2023, 1, 1, 0, 60, 0},
        {2023, 1, 1, 0, 0, 60}, {10000, 1, 1, 0, 0, 0}, {-10000, 1, 1, 0, 0, 0}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(civil_is_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(civil_is_valid(bad[i]));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_follows_the_day_before),
        cmocka_unit_test(known_dates_have_their_day_numbers_and_weekdays),
        cmocka_unit_test(months_have_their_lengths),
        cmocka_unit_test(seconds_and_civil_times_are_inverse),
        cmocka_unit_test(the_ends_of_time_do_not_overflow),
        cmocka_unit_test(times_that_do_not_exist_are_not_valid),
    };
    return cmocka_run_group_tests_name("time_civil", tests, NULL, NULL);
}
