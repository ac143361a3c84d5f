/* What no other file knows: how months and years are told in English. */

#include "plan/explainmonth.h"

#include <string.h>

#include "plan/words.h"

static void
add_months(Text *text, uint64_t months)
{
    size_t n = (size_t)words_count(months), i = 0;
    for (; months != 0; months &= months - 1) {
        words_joint(text, i++, n);
        words_value(text, WORD_MONTH, __builtin_ctzll(months));
    }
}

/* "January to March"; true when the months are such a run. */
static bool
add_month_run(const Cron *cron, Text *text, const char *before)
{
    Steps run;
    if (!words_steps(cron->months, &run) || run.step != 1 || run.count < 3)
        return false;
    text_add(text, before);
    words_value(text, WORD_MONTH, run.first);
    text_add(text, " to ");
    words_value(text, WORD_MONTH, run.last);
    return true;
}

void
explainmonth_of(const Cron *cron, Text *text)
{
    if (cron->months == CRON_ALL_MONTHS) {
        text_add(text, " of every month");
    } else if (words_count(cron->months) == 11) {
        text_add(text, " of every month but ");
        add_months(text, CRON_ALL_MONTHS & ~(uint64_t)cron->months);
    } else if (!add_month_run(cron, text, " of every month from ")) {
        text_add(text, " of ");
        add_months(text, cron->months);
    }
}

void
explainmonth_in(const Cron *cron, Text *text)
{
    if (cron->months == CRON_ALL_MONTHS)
        return;
    if (words_count(cron->months) == 11) {
        text_add(text, " in every month but ");
        add_months(text, CRON_ALL_MONTHS & ~(uint64_t)cron->months);
    } else if (!add_month_run(cron, text, " from ")) {
        text_add(text, " in ");
        add_months(text, cron->months);
    }
}

bool
explainmonth_has_years(const Cron *cron)
{
    static const uint64_t every_year[CRON_YEAR_WORDS];
    return cron->extra != NULL &&
           memcmp(cron->extra->years, every_year, sizeof every_year) != 0;
}

static bool
has_year(const Cron *cron, int year)
{
    int bit = year - CRON_MIN_YEAR;
    return year <= CRON_MAX_YEAR && cron->extra->years[bit / 64] >> bit % 64 & 1;
}

/* The next run of years from `year` on; false: there is none. */
static bool
next_years(const Cron *cron, int year, int *first, int *last)
{
    while (year <= CRON_MAX_YEAR && !has_year(cron, year))
        year++;
    *first = year;
    while (has_year(cron, year))
        year++;
    *last = year - 1;
    return *first <= CRON_MAX_YEAR;
}

void
explainmonth_years(const Cron *cron, Text *text)
{
    int first, last;
    size_t n = 0, i = 0;
    if (!explainmonth_has_years(cron))
        return;
    for (int year = CRON_MIN_YEAR; next_years(cron, year, &first, &last); year = last + 1)
        n += last == first + 1 ? 2 : 1;
    next_years(cron, CRON_MIN_YEAR, &first, &last);
    if (n == 1 && last > first) {
        text_addf(text, ", from %d to %d", first, last);
        return;
    }
    text_add(text, ", in ");
    for (int year = CRON_MIN_YEAR; next_years(cron, year, &first, &last); year = last + 1) {
        words_joint(text, i++, n);
        text_addf(text, "%d", first);
        if (last == first + 1)
            words_joint(text, i++, n);
        else if (last > first)
            text_add(text, " to ");
        if (last > first)
            text_addf(text, "%d", last);
    }
}
