/* What no other file knows: how the days of an expression are told in English: dates, weekdays,
 * L, W and #, and what it means that either or both must match. */

#include "plan/explainday.h"

#include <string.h>

#include "plan/explainmonth.h"
#include "plan/words.h"
#include "time/civil.h"

#define ODD_DAYS UINT64_C(0xaaaaaaaa)  /* 1, 3, ... 31 */
#define EVEN_DAYS UINT64_C(0x55555554) /* 2, 4, ... 30 */

#define IN_EVERY_MONTH 28 /* the last day that every month has */
#define LAST_WEEKDAY 31   /* the bit of LW in CronExtra.last */
#define FEBRUARY 2
#define DAYS_OF_WEEK 7

/* From here on "every 3rd day" reads better than the days. */
#define STEPS_LEAST 5

typedef struct {
    const Cron *cron;
    Text *text;
    uint64_t dates;    /* bit d for day d of the month */
    uint64_t weekdays; /* bits 1 (Monday) to 7 (Sunday), so that weeks begin with Monday */
    CronExtra extra;
    int months; /* how many */
} Days;

/* ---- weekdays ---- */

/* "the first and third Friday" */
static void
add_nth(const Days *d, unsigned nth, int weekday)
{
    static const char *const names[] = {
        "", "first", "second", "third", "fourth", "fifth", "last"};
    size_t n = (size_t)words_count(nth), i = 0;
    text_add(d->text, "the ");
    for (; nth != 0; nth &= nth - 1) {
        words_joint(d->text, i++, n);
        text_add(d->text, names[__builtin_ctz(nth)]);
    }
    text_add_char(d->text, ' ');
    words_value(d->text, WORD_WEEKDAY, weekday);
}

/* "on the first Monday and the last Friday"; how many weekdays are in it. */
static int
add_all_nth(const Days *d)
{
    size_t n = 0, i = 0;
    for (int day = 0; day < DAYS_OF_WEEK; day++)
        n += d->extra.nth[day] != 0;
    for (int day = 1; day <= DAYS_OF_WEEK; day++) {
        if (d->extra.nth[day % DAYS_OF_WEEK] == 0)
            continue;
        text_add(d->text, i == 0 ? "on " : "");
        words_joint(d->text, i++, n);
        add_nth(d, d->extra.nth[day % DAYS_OF_WEEK], day);
    }
    return (int)n;
}

static bool
has_nth(const Days *d)
{
    static const uint8_t none[DAYS_OF_WEEK];
    return memcmp(d->extra.nth, none, sizeof none) != 0;
}

/* True when the weekdays follow one another, round the end of the week too: from *first. */
static bool
is_week_run(uint64_t weekdays, int *first)
{
    int n = words_count(weekdays);
    uint64_t twice = weekdays | weekdays << DAYS_OF_WEEK;
    uint64_t run = (UINT64_C(1) << n) - 1;
    for (*first = 1; *first <= DAYS_OF_WEEK; (*first)++) {
        if ((twice >> *first & run) == run)
            return n >= 3 && n <= 5;
    }
    return false;
}

/* True when the phrase of the weekdays wants a comma before it. */
static bool
wants_comma(const Days *d)
{
    int first;
    return is_week_run(d->weekdays, &first);
}

/* "on Mondays and Fridays", "Monday to Friday", "every day but Sunday" */
static void
add_plain_weekdays(const Days *d)
{
    int first, n = words_count(d->weekdays);
    if (n == DAYS_OF_WEEK - 1) {
        text_add(d->text, "every day but ");
        words_value(d->text, WORD_WEEKDAY, __builtin_ctzll(~d->weekdays & ~UINT64_C(1)));
    } else if (is_week_run(d->weekdays, &first)) {
        words_value(d->text, WORD_WEEKDAY, first);
        text_add(d->text, " to ");
        words_value(d->text, WORD_WEEKDAY, first + n - 1);
    } else {
        size_t i = 0;
        text_add(d->text, "on ");
        for (uint64_t left = d->weekdays; left != 0; left &= left - 1) {
            words_joint(d->text, i++, (size_t)n);
            words_value(d->text, WORD_WEEKDAYS, __builtin_ctzll(left));
        }
    }
}

/* Without a word of months: "on Mondays and on the third Friday". */
static void
add_weekdays(const Days *d)
{
    if (d->weekdays != 0)
        add_plain_weekdays(d);
    if (d->weekdays != 0 && has_nth(d))
        text_add(d->text, " and ");
    if (has_nth(d))
        add_all_nth(d);
}

/* As the only days: with their months. */
static void
add_weekdays_alone(const Days *d)
{
    add_weekdays(d);
    if (d->weekdays != 0 || !has_nth(d)) {
        text_add(d->text, has_nth(d) ? " of the month" : "");
        explainmonth_in(d->cron, d->text);
        return;
    }
    explainmonth_of(d->cron, d->text);
    bool fifths = true;
    for (int day = 0; day < DAYS_OF_WEEK; day++)
        fifths &= d->extra.nth[day] == 0 || d->extra.nth[day] == 1 << 5;
    if (fifths)
        text_add(d->text, d->months == 12 ? " that has one" : ", where there is one");
}

/* ---- days of the month ---- */

static size_t
extra_parts(const Days *d)
{
    return (size_t)words_count(d->extra.last) + (size_t)words_count(d->extra.near_weekday);
}

/* "the last day", "the weekday (Monday to Friday) nearest the 15th": from the i-th of n on. */
static void
add_extra_dates(const Days *d, size_t i, size_t n)
{
    for (uint32_t left = d->extra.near_weekday; left != 0; left &= left - 1) {
        words_joint(d->text, i++, n);
        text_add(d->text, "the weekday (Monday to Friday) nearest the ");
        words_value(d->text, WORD_ORDINAL, __builtin_ctz(left));
    }
    for (uint32_t left = d->extra.last; left != 0; left &= left - 1) {
        int before = __builtin_ctz(left);
        words_joint(d->text, i++, n);
        if (before == LAST_WEEKDAY) {
            text_add(d->text, "the last weekday (Monday to Friday)");
        } else if (before == 0) {
            text_add(d->text, "the last day");
        } else {
            text_add(d->text, "the ");
            words_value(d->text, WORD_ORDINAL, before);
            text_add(d->text, " day before the last day");
        }
    }
}

/* Plain dates, nothing else: "from the 1st to the 7th", "on the odd days". */
static void
add_plain_dates(const Days *d)
{
    Steps s;
    bool steps = words_steps(d->dates, &s);
    if (steps && s.step == 1 && s.count >= 3) {
        text_add(d->text, "from the ");
        words_value(d->text, WORD_ORDINAL, s.first);
        text_add(d->text, " to the ");
        words_value(d->text, WORD_ORDINAL, s.last);
    } else if (d->dates == ODD_DAYS || d->dates == EVEN_DAYS) {
        text_add(d->text, d->dates == ODD_DAYS ? "on the odd days" : "on the even days");
    } else if (steps && s.count >= STEPS_LEAST) {
        text_add(d->text, "on every ");
        words_value(d->text, WORD_ORDINAL, s.step);
        text_add(d->text, " day from the ");
        words_value(d->text, WORD_ORDINAL, s.first);
        text_add(d->text, " to the ");
        words_value(d->text, WORD_ORDINAL, s.last);
    } else {
        text_add(d->text, "on the ");
        words_values(d->text, WORD_ORDINAL, d->dates);
    }
}

/* Without a word of months: "on the 1st and 15th". */
static void
add_dates(const Days *d)
{
    size_t i = 0, extras = extra_parts(d);
    if (extras == 0) {
        add_plain_dates(d);
        return;
    }
    int shortest, first, last;
    uint64_t left = d->dates;
    size_t n = extras + (size_t)words_runs(left, &shortest);
    text_add(d->text, "on ");
    while (words_run(&left, &first, &last)) {
        words_joint(d->text, i++, n);
        text_add(d->text, "the ");
        words_value(d->text, WORD_ORDINAL, first);
        if (last == first)
            continue;
        text_add(d->text, " to the ");
        words_value(d->text, WORD_ORDINAL, last);
    }
    add_extra_dates(d, i, n);
}

/* True when these are one day, and a month that is meant lacks it. */
static bool
can_lack(const Days *d)
{
    if (words_count(d->dates) + (int)extra_parts(d) != 1)
        return false;
    int day = 0;
    if (d->dates != 0)
        day = __builtin_ctzll(d->dates);
    else if (d->extra.near_weekday != 0)
        day = __builtin_ctz(d->extra.near_weekday);
    else if (!(d->extra.last >> LAST_WEEKDAY))
        day = __builtin_ctz(d->extra.last) + 1;
    for (int month = 1; month <= 12; month++) {
        if (d->cron->months >> month & 1 && day > civil_month_days(2001, month))
            return day > IN_EVERY_MONTH;
    }
    return false;
}

/* True when it is one date of the year. */
static bool
is_one_date(const Days *d)
{
    return extra_parts(d) == 0 && words_count(d->dates) == 1 && d->months == 1;
}

/* With the months: "on the 1st of every month", "on 13 June". */
static void
add_dates_of_months(const Days *d)
{
    if (is_one_date(d)) {
        text_addf(d->text, "on %d ", __builtin_ctzll(d->dates));
        words_value(d->text, WORD_MONTH, __builtin_ctz(d->cron->months));
        return;
    }
    add_dates(d);
    explainmonth_of(d->cron, d->text);
    if (!(d->cron->flags & CRON_NEVER) && can_lack(d))
        text_add(d->text, d->months == 12 ? " that has one" : ", where there is one");
}

static void
add_dates_alone(const Days *d)
{
    add_dates_of_months(d);
    if (!is_one_date(d) || explainmonth_has_years(d->cron) || d->cron->flags & CRON_NEVER)
        return;
    bool leap_day = d->cron->months == 1 << FEBRUARY && d->dates == UINT64_C(1) << 29;
    text_add(d->text, leap_day ? ", in leap years only" : " every year");
}

/* ---- both ---- */

/* Either will do: "on the 13th of every month, and on Fridays". */
static void
add_either(const Days *d)
{
    add_dates_of_months(d);
    text_add(d->text, ", and ");
    add_weekdays(d);
    if (d->months == 1)
        explainmonth_in(d->cron, d->text);
    else if (d->months < 12)
        text_add(d->text, d->weekdays == 0 ? " of these months" : " in these months");
    else
        text_add(d->text, has_nth(d) ? " of the month" : "");
}

/* Both must match, and there is a name for that: "on the first Sunday of every month", "on
 * every Friday the 13th". */
static bool
add_named(const Days *d)
{
    if (extra_parts(d) != 0 || has_nth(d) || words_count(d->weekdays) != 1)
        return false;
    int weekday = __builtin_ctzll(d->weekdays), first = __builtin_ctzll(d->dates);
    if (words_count(d->dates) == 1) {
        text_add(d->text, "on every ");
        words_value(d->text, WORD_WEEKDAY, weekday);
        text_add(d->text, " the ");
        words_value(d->text, WORD_ORDINAL, first);
        explainmonth_in(d->cron, d->text);
        return true;
    }
    if (d->dates != UINT64_C(0x7f) << first || first % 7 != 1)
        return false;
    text_add(d->text, "on ");
    add_nth(d, 2U << first / 7, weekday);
    explainmonth_of(d->cron, d->text);
    return true;
}

/* Both must match: "on the odd days of every month, but only on Mondays". */
static void
add_both(const Days *d)
{
    if (add_named(d))
        return;
    add_dates_of_months(d);
    text_add(d->text, ", but only ");
    add_weekdays(d);
    text_add(d->text, has_nth(d) ? " of the month" : "");
}

static Days
days_of(const Cron *cron, Text *text)
{
    Days d = {.cron = cron,
        .text = text,
        .dates = (uint64_t)cron->days << 1,
        .weekdays = (cron->weekdays & ~1U) | (cron->weekdays & 1U) << DAYS_OF_WEEK,
        .months = words_count(cron->months)};
    if (cron->extra != NULL)
        d.extra = *cron->extra;
    return d;
}

static void
add_every_day(const Days *d, TimePhrase times)
{
    if (!times.all_day)
        text_add(d->text, times.comma ? ", every day" : " every day");
    else if (d->months < 12 && times.comma)
        text_add_char(d->text, ',');
    explainmonth_in(d->cron, d->text);
}

void
explainday_write(const Cron *cron, TimePhrase times, Text *text)
{
    Days d = days_of(cron, text);
    bool any_date = cron->days == CRON_ALL_DAYS, any_weekday = d.weekdays == 0xfe;
    bool either = cron->flags & CRON_DAYS_OR;
    if (either ? any_date || any_weekday : any_date && any_weekday) {
        add_every_day(&d, times);
        explainmonth_years(cron, text);
        return;
    }
    text_add(text, times.comma || (any_date && wants_comma(&d)) ? ", " : " ");
    if (any_date)
        add_weekdays_alone(&d);
    else if (any_weekday)
        add_dates_alone(&d);
    else if (either)
        add_either(&d);
    else
        add_both(&d);
    explainmonth_years(cron, text);
}

bool
explainday_bites(const Cron *cron)
{
    bool any_date = cron->days == CRON_ALL_DAYS;
    bool any_weekday = cron->weekdays == CRON_ALL_WEEKDAYS;
    return cron->flags & CRON_DAYS_OR ? !any_date || !any_weekday : !any_date && !any_weekday;
}
