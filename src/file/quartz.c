/* What no other file knows: what Quartz takes, and how an expression is written for it. */

#include "file/quartz.h"

#include <string.h>

#include "plan/cronfield.h"

#define WORDS_MAX 7

static const char *const DAYS[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

/* ---- writing ---- */

/* The fields of cron_write, seconds first, whatever it wrote; returns how many. */
static size_t
split(Arena *arena, const Cron *cron, const char *words[WORDS_MAX])
{
    CronDialect dialect;
    Cron plain = *cron;
    size_t n = 0;
    if (plain.minutes == 1)
        plain.flags &= (uint8_t)~CRON_MINUTE_STAR; /* "0" rather than a step of 60 */
    if (plain.hours == 1)
        plain.flags &= (uint8_t)~CRON_HOUR_STAR;
    if (plain.minutes == CRON_ALL_MINUTES)
        plain.flags |= CRON_MINUTE_STAR;
    if (plain.hours == CRON_ALL_HOURS)
        plain.flags |= CRON_HOUR_STAR;
    if (plain.days != CRON_ALL_DAYS)
        plain.flags &= (uint8_t)~CRON_DAY_STAR;
    Text text = text_new(arena);
    cron_write(&plain, &text, &dialect);
    if (dialect == DIALECT_VIXIE)
        words[n++] = "0";
    for (char *at = text.at; at != NULL && n < WORDS_MAX;) {
        char *blank = strchr(at, ' ');
        if (blank != NULL)
            *blank++ = '\0';
        words[n++] = at;
        at = blank;
    }
    return n;
}

/* "MON-FRI", "MON,WED", "FRI#3"; false: Quartz takes no such list. */
static bool
add_weekdays(const Cron *cron, Text *text)
{
    int nth = 0, run = 0;
    size_t start = text->len;
    for (int day = 0; day < 7; day++) {
        unsigned bits = cron->extra == NULL ? 0 : cron->extra->nth[day];
        for (int n = 1; n <= 6; n++) {
            if ((bits >> n & 1) == 0)
                continue;
            nth++;
            text_addf(text, n == 6 ? "%sL" : "%s#%d", DAYS[day], n);
        }
    }
    if (nth > 0)
        return nth == 1 && cron->weekdays == 0;
    for (int day = 1; day <= 7; day++) { /* 7: Sunday */
        bool here = cron->weekdays >> day % 7 & 1;
        bool next = day < 7 && cron->weekdays >> (day + 1) % 7 & 1;
        if (!here)
            continue;
        if (run == 0)
            text_addf(text, "%s%s", text->len > start ? "," : "", DAYS[day % 7]);
        else if (!next)
            text_addf(text, "%s%s", run > 1 ? "-" : ",", DAYS[day % 7]);
        run = next ? run + 1 : 0;
    }
    return true;
}

bool
quartz_is_new(const Cron *cron)
{
    if (cron->extra == NULL || cron->days == CRON_ALL_DAYS)
        return false;
    int extras =
        __builtin_popcount(cron->extra->last) + __builtin_popcount(cron->extra->near_weekday);
    return extras > 1 || (extras == 1 && cron->days != 0);
}

bool
quartz_clamps(const Cron *cron)
{
    return cron->extra != NULL && cron->days != CRON_ALL_DAYS &&
           cron->extra->near_weekday >> 29 != 0;
}

/* One trigger, by the day of month or by the weekday. */
static void
add_trigger(
    Text *text, const char *const *words, size_t n, const char *day, const char *weekday)
{
    text_addf(text, "%s %s %s %s %s %s", words[0], words[1], words[2], day, words[4], weekday);
    if (n == WORDS_MAX)
        text_addf(text, " %s", words[6]);
}

void
quartz_write(Arena *arena, const Cron *cron, Text *text, int *triggers)
{
    const char *words[WORDS_MAX] = {NULL};
    size_t n = split(arena, cron, words);
    bool any_day = cron->days == CRON_ALL_DAYS;
    bool any_weekday = cron->weekdays == CRON_ALL_WEEKDAYS;
    bool either = cron->flags & CRON_DAYS_OR;
    Text weekdays = text_new(arena);
    *triggers = 0;
    if (either ? any_day || any_weekday : any_day && any_weekday) {
        add_trigger(text, words, n, "*", "?");
        *triggers = 1;
        return;
    }
    bool by_day = either || any_weekday, by_weekday = either || any_day;
    if ((!by_day && !by_weekday) || (by_weekday && !add_weekdays(cron, &weekdays)))
        return;
    if (by_day)
        add_trigger(text, words, n, words[3], "?");
    text_add(text, by_day && by_weekday ? " and " : "");
    if (by_weekday)
        add_trigger(text, words, n, "?", weekdays.at);
    *triggers = by_day + by_weekday;
}

/* ---- reading ---- */

/* The greatest step that it takes for each field. */
static const int STEP_MAX[CRON_FIELDS] = {[CRON_SECOND] = 59,
    [CRON_MINUTE] = 59,
    [CRON_HOUR] = 23,
    [CRON_DAY] = 31,
    [CRON_MONTH] = 12,
    [CRON_WEEKDAY] = 7,
    [CRON_YEAR] = 1000};

/* Whether a step of this many digits is beyond `most`. */
static bool
is_beyond(const char *digits, size_t len, int most)
{
    int64_t step;
    return !text_number(digits, len, 1, most, &step);
}

static QuartzQuirk
judge(CronField field, const char *item, size_t len, bool in_list)
{
    bool by_day = field == CRON_DAY || field == CRON_WEEKDAY;
    const char *slash = memchr(item, '/', len);
    bool name = cron_name(cron_range(field, DIALECT_QUARTZ), item) >= 0;
    if (*item == 'H' || memchr(item, '~', len) != NULL)
        return QUARTZ_REFUSES;
    if (by_day && len >= 2 && item[len - 2] == '#' && (item[len - 1] | 0x20) == 'l')
        return QUARTZ_REFUSES;
    if (slash != NULL &&
        is_beyond(slash + 1, len - (size_t)(slash + 1 - item), STEP_MAX[field]))
        return QUARTZ_STEP;
    if (slash != NULL && name)
        return QUARTZ_NAMES;
    size_t prefix = name ? 3 : 0;
    for (size_t i = prefix; by_day && in_list && i < len; i++) {
        if (strchr("LlWw#", item[i]) != NULL)
            return field == CRON_DAY ? QUARTZ_DATES : QUARTZ_LIST;
        if (item[i] == '-')
            break;
    }
    return QUARTZ_SAME;
}

QuartzQuirk
quartz_quirk(const char *text, const char **item, size_t *len)
{
    const char *at = text + strspn(text, " \t");
    for (CronField field = CRON_SECOND; *at != '\0' && field < CRON_FIELDS; field++) {
        bool in_list = memchr(at, ',', strcspn(at, " \t")) != NULL;
        for (;;) {
            size_t n = strcspn(at, ", \t");
            QuartzQuirk quirk = judge(field, at, n, in_list);
            if (quirk != QUARTZ_SAME) {
                *item = at;
                *len = n;
                return quirk;
            }
            at += n;
            if (*at != ',')
                break;
            at++;
        }
        at += strspn(at, " \t");
    }
    return QUARTZ_SAME;
}
