/* What no other file knows: how the times of a day are told in English.  A few are listed; many
 * become the frequency that they have, with the first and the last exactly as they come. */

#include "plan/explaintime.h"

#include "plan/words.h"

/* Up to so many times are listed rather than described. */
#define LISTED_MAX 4
#define LISTED_MAX_ODD 6 /* when nothing regular is in them */

#define HOUR_S 3600

typedef struct {
    Text *text;
    uint64_t minutes, hours; /* sets */
    int second;              /* of each minute; not 0 only when the times are listed */
    Steps m, h;              /* of minutes and hours; count 0: they do not go in steps */
    bool even;               /* the minutes go on evenly from hour to hour */
    TimePhrase phrase;
} Times;

static bool
is_single(uint64_t set)
{
    return (set & (set - 1)) == 0;
}

/* True when the steps go round the cycle evenly, as 5, 20, 35, 50 do in an hour. */
static bool
is_even(const Steps *steps, int cycle)
{
    return steps->count > 1 && cycle % steps->step == 0 && steps->first < steps->step &&
           steps->count == cycle / steps->step;
}

static void
add_time(const Times *t, int hour, int minute)
{
    words_time(t->text, hour * HOUR_S + minute * 60 + t->second, TIME_SHORT);
}

/* "at 00:00, 12:00 and 18:30" */
static void
add_list(Times *t)
{
    size_t n = (size_t)words_count(t->minutes) * (size_t)words_count(t->hours), i = 0;
    t->phrase.comma = false;
    text_add(t->text, "at ");
    for (uint64_t hours = t->hours; hours != 0; hours &= hours - 1) {
        for (uint64_t minutes = t->minutes; minutes != 0; minutes &= minutes - 1) {
            words_joint(t->text, i++, n);
            add_time(t, __builtin_ctzll(hours), __builtin_ctzll(minutes));
        }
    }
}

/* "from 09:05 to 17:50", by the first and the last minute of hours `first` and `last`. */
static void
add_span(const Times *t, int first, int last)
{
    text_add(t->text, "from ");
    add_time(t, first, __builtin_ctzll(t->minutes));
    text_add(t->text, " to ");
    add_time(t, last, 63 - __builtin_clzll(t->minutes));
}

/* The same for each run of hours. */
static void
add_spans(const Times *t)
{
    uint64_t hours = t->hours;
    int shortest, first, last;
    size_t n = (size_t)words_runs(hours, &shortest);
    for (size_t i = 0; words_run(&hours, &first, &last); i++) {
        words_joint(t->text, i, n);
        add_span(t, first, last);
    }
}

/* "every 15 minutes", "every hour" */
static void
add_every(Text *text, int step, const char *unit)
{
    text_add(text, "every ");
    if (step > 1)
        text_addf(text, "%d %ss", step, unit);
    else
        text_add(text, unit);
}

/* Behind what is said of the minutes: which hours, when they are not all. */
static void
add_hours(Times *t)
{
    int shortest, runs = words_runs(t->hours, &shortest);
    if (t->h.count == 1 || runs == 1) {
        add_span(t, t->h.first, t->h.last);
    } else if (t->h.count >= LISTED_MAX) {
        text_add(t->text, "in every ");
        words_value(t->text, WORD_ORDINAL, t->h.step);
        text_add(t->text, " hour, ");
        add_span(t, t->h.first, t->h.last);
    } else if (runs <= LISTED_MAX) {
        add_spans(t);
    } else {
        text_add(t->text, "in the hours that begin at ");
        words_values(t->text, WORD_HOUR, t->hours);
    }
}

/* One minute of several hours. */
static void
add_hourly(Times *t)
{
    int shortest, runs = words_runs(t->hours, &shortest);
    int minute = t->m.first;
    if (t->phrase.all_day && minute == 0) {
        text_add(t->text, "every hour on the hour");
        t->phrase.comma = true;
    } else if (t->phrase.all_day) {
        text_add(t->text, "at ");
        words_amount(t->text, minute, "minute");
        text_add(t->text, " past every hour");
    } else if (t->h.count > LISTED_MAX) {
        add_every(t->text, t->h.step, "hour");
        text_add_char(t->text, ' ');
        add_span(t, t->h.first, t->h.last);
    } else if (runs > 1 && shortest > 2) {
        text_add(t->text, "every hour ");
        add_spans(t);
    } else {
        add_list(t);
    }
}

/* Minutes that go on evenly from hour to hour. */
static void
add_even(Times *t)
{
    if (t->phrase.all_day && t->m.first != 0 && t->m.count < LISTED_MAX) {
        text_add(t->text, "at ");
        words_values(t->text, WORD_NUMBER, t->minutes);
        text_add(t->text, " minutes past every hour");
        return;
    }
    add_every(t->text, t->m.step, "minute");
    if (t->phrase.all_day && t->m.first != 0)
        text_addf(t->text, " from minute %d", t->m.first);
    if (!t->phrase.all_day) {
        text_add_char(t->text, ' ');
        add_hours(t);
    }
}

/* Behind "at 5 and 40 minutes past": which hours. */
static void
add_past(Times *t)
{
    int shortest, runs = words_runs(t->hours, &shortest);
    if (t->phrase.all_day) {
        text_add(t->text, "every hour");
    } else if (t->h.count > 2 && (runs == 1 || t->h.count > LISTED_MAX)) {
        text_add(t->text, "every ");
        if (t->h.step > 1) {
            words_value(t->text, WORD_ORDINAL, t->h.step);
            text_add_char(t->text, ' ');
        }
        text_add(t->text, "hour from ");
        words_value(t->text, WORD_HOUR, t->h.first);
        text_add(t->text, " to ");
        words_value(t->text, WORD_HOUR, t->h.last);
    } else {
        words_values(t->text, WORD_HOUR, t->hours);
    }
}

/* Minutes that begin anew with each hour. */
static void
add_uneven(Times *t)
{
    int shortest, runs = words_runs(t->minutes, &shortest);
    if (t->m.count >= LISTED_MAX) {
        add_every(t->text, t->m.step, "minute");
        text_add_char(t->text, ' ');
        if (t->h.count == 1) {
            add_span(t, t->h.first, t->h.last);
            return;
        }
        text_addf(t->text, "from minute %d to %d of every hour", t->m.first, t->m.last);
        if (!t->phrase.all_day) {
            text_add(t->text, ", ");
            add_hours(t);
        }
        return;
    }
    if (runs == words_count(t->minutes) && runs <= LISTED_MAX_ODD) {
        text_add(t->text, "at ");
        words_values(t->text, WORD_NUMBER, t->minutes);
        text_add(t->text, " minutes past ");
    } else {
        text_add(t->text, "at minutes ");
        words_values(t->text, WORD_NUMBER, t->minutes);
        text_add(t->text, " past ");
    }
    add_past(t);
}

/* The minutes of the day, each at t->second. */
static void
add_minutes(Times *t)
{
    int times = words_count(t->minutes) * words_count(t->hours);
    bool regular = t->m.count == 1 || t->even;
    if (times <= (regular ? LISTED_MAX : LISTED_MAX_ODD))
        add_list(t);
    else if (t->m.count == 1)
        add_hourly(t);
    else if (t->even)
        add_even(t);
    else
        add_uneven(t);
}

/* "every 20 seconds", "at seconds 5 and 10"; true when it is evenly spaced from 0 on. */
static bool
add_seconds(Text *text, uint64_t seconds)
{
    Steps s;
    bool steps = words_steps(seconds, &s);
    if (steps && is_even(&s, 60) && (s.first == 0 || s.count >= LISTED_MAX)) {
        add_every(text, s.step, "second");
        if (s.first != 0)
            text_addf(text, " from second %d", s.first);
        return s.first == 0;
    }
    text_add(text, is_single(seconds) ? "at second " : "at seconds ");
    words_values(text, WORD_NUMBER, seconds);
    return false;
}

/* "every 20 seconds from 09:00:00 to 16:59:40" */
static void
add_second_spans(Times *t, uint64_t seconds)
{
    int first, last, shortest;
    uint64_t hours = t->hours;
    size_t n = (size_t)words_runs(hours, &shortest);
    for (size_t i = 0; words_run(&hours, &first, &last); i++) {
        words_joint(t->text, i, n);
        text_add(t->text, "from ");
        words_time(t->text, first * HOUR_S + __builtin_ctzll(seconds), TIME_LONG);
        text_add(t->text, " to ");
        words_time(t->text, last * HOUR_S + 59 * 60 + 63 - __builtin_clzll(seconds), TIME_LONG);
    }
}

/* Several seconds of each minute, or one that is not told with the times. */
static void
add_with_seconds(Times *t, uint64_t seconds)
{
    bool from_0 = add_seconds(t->text, seconds);
    bool every_minute = t->minutes == CRON_ALL_MINUTES;
    if (every_minute && t->phrase.all_day) {
        text_add(t->text, from_0 ? "" : " of every minute");
    } else if (every_minute && from_0) {
        text_add_char(t->text, ' ');
        add_second_spans(t, seconds);
    } else {
        text_add(t->text, from_0 ? " for one minute, " : " of the minute, ");
        add_minutes(t);
    }
}

TimePhrase
explaintime_write(const Cron *cron, Text *text)
{
    uint64_t seconds = cron->extra == NULL ? 1 : cron->extra->seconds;
    Times t = {.text = text, .minutes = cron->minutes, .hours = cron->hours};
    if (!words_steps(t.minutes, &t.m))
        t.m.count = 0;
    if (!words_steps(t.hours, &t.h))
        t.h.count = 0;
    t.even = is_even(&t.m, 60);
    t.phrase.all_day = cron->hours == CRON_ALL_HOURS;
    t.phrase.comma = !t.phrase.all_day;
    int times = words_count(t.minutes) * words_count(t.hours);
    if (is_single(seconds) && (times <= LISTED_MAX || seconds == 1)) {
        t.second = __builtin_ctzll(seconds);
        add_minutes(&t);
    } else {
        add_with_seconds(&t, seconds);
    }
    return t.phrase;
}
