/* What no other file knows: how a set of numbers falls into runs and equal steps, and how such
 * numbers, lists of them, times and dates are written in English. */

#include "plan/words.h"

#include <assert.h>

#include "time/civil.h"

/* Shorter runs read better value by value: "1 and 2", but "1 to 3". */
#define RUN_LEAST 3

int
words_count(uint64_t set)
{
    return __builtin_popcountll(set);
}

bool
words_steps(uint64_t set, Steps *steps)
{
    assert(set != 0);
    *steps = (Steps){.first = __builtin_ctzll(set),
        .last = 63 - __builtin_clzll(set),
        .count = words_count(set)};
    if (steps->count == 1)
        return true;
    uint64_t rest = set & (set - 1);
    steps->step = __builtin_ctzll(rest) - steps->first;
    for (int v = steps->first + steps->step; rest != 0; v += steps->step, rest &= rest - 1) {
        if (__builtin_ctzll(rest) != v)
            return false;
    }
    return true;
}

bool
words_run(uint64_t *set, int *first, int *last)
{
    if (*set == 0)
        return false;
    int v = __builtin_ctzll(*set);
    *first = v;
    for (; v < 64 && *set >> v & 1; v++)
        *set &= ~(UINT64_C(1) << v);
    *last = v - 1;
    return true;
}

int
words_runs(uint64_t set, int *shortest)
{
    int n = 0, first, last;
    *shortest = 64;
    for (; words_run(&set, &first, &last); n++) {
        if (last - first + 1 < *shortest)
            *shortest = last - first + 1;
    }
    return n;
}

void
words_value(Text *text, WordKind kind, int value)
{
    static const char *const months[] = {"January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December"};
    static const char *const weekdays[] = {
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    static const char *const ends[] = {"th", "st", "nd", "rd"};
    bool teen = value / 10 % 10 == 1;
    switch (kind) {
    case WORD_NUMBER:
        text_addf(text, "%d", value);
        break;
    case WORD_HOUR:
        text_addf(text, "%02d:00", value);
        break;
    case WORD_ORDINAL:
        text_addf(text, "%d%s", value, value % 10 > 3 || teen ? "th" : ends[value % 10]);
        break;
    case WORD_MONTH:
        text_add(text, months[value - 1]);
        break;
    case WORD_WEEKDAY:
        text_add(text, weekdays[value % 7]);
        break;
    case WORD_WEEKDAYS:
        text_addf(text, "%ss", weekdays[value % 7]);
        break;
    }
}

void
words_joint(Text *text, size_t i, size_t n)
{
    text_add(text, i == 0 ? "" : i + 1 == n ? " and " : ", ");
}

void
words_values(Text *text, WordKind kind, uint64_t set)
{
    size_t n = 0, i = 0;
    int first, last;
    for (uint64_t left = set; words_run(&left, &first, &last);)
        n += last - first + 1 < RUN_LEAST ? (size_t)(last - first + 1) : 1;
    while (words_run(&set, &first, &last)) {
        if (last - first + 1 >= RUN_LEAST) {
            words_joint(text, i++, n);
            words_value(text, kind, first);
            text_add(text, " to ");
            words_value(text, kind, last);
            continue;
        }
        for (int v = first; v <= last; v++) {
            words_joint(text, i++, n);
            words_value(text, kind, v);
        }
    }
}

void
words_amount(Text *text, int64_t n, const char *unit)
{
    text_addf(text, "%lld %s%s", (long long)n, unit, n == 1 ? "" : "s");
}

void
words_time(Text *text, int second_of_day, TimeLength length)
{
    int second = second_of_day % 60;
    text_addf(text, "%02d:%02d", second_of_day / 3600, second_of_day / 60 % 60);
    if (second != 0 || length == TIME_LONG)
        text_addf(text, ":%02d", second);
}

void
words_date(Text *text, int64_t day)
{
    int year, month, of_month;
    civil_date(day, &year, &month, &of_month);
    text_addf(text, "%04d-%02d-%02d", year, month, of_month);
}
