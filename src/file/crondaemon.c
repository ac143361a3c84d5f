/* What no other file knows: how Debian's cron and cronie read the time fields, with what each
 * passes over in silence.  Both take backwards ranges and never run them; Debian's stops
 * reading an item at the first character that it does not know, and runs what came before. */

#include "file/crondaemon.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "plan/cronfield.h"

#define FIELDS 5

/* A longer number is out of every range. */
#define NUMBER_MAX 100000000

typedef struct {
    Daemon daemon;
    const char *at; /* what comes next */
    const CronRange *range;
    uint64_t bits; /* bit v for value v */
    bool random;   /* there was a '~' */
} Reader;

static bool
is_alnum(char c)
{
    c = text_lower(c);
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static bool
at_blank(const char *at)
{
    return *at == '\0' || *at == ' ' || *at == '\t';
}

/* All letters and digits that follow, as a name of the field or a number. */
static bool
read_number(Reader *r, const CronRange *names, int *value)
{
    size_t len = 0;
    while (is_alnum(r->at[len]))
        len++;
    int name = names != NULL && len == 3 ? cron_name(names, r->at) : -1;
    int64_t number;
    if (name < 0 && !text_number(r->at, len, 0, NUMBER_MAX, &number))
        return false;
    *value = name >= 0 ? name : (int)number;
    r->at += len;
    return true;
}

static bool
in_range(const Reader *r, int value)
{
    return value >= r->range->low && value <= r->range->high;
}

static bool
set_bits(Reader *r, int low, int high, int step)
{
    for (int64_t v = low; v <= high; v += step) {
        if (!in_range(r, (int)v))
            return false;
        r->bits |= UINT64_C(1) << v;
    }
    return true;
}

/* "/N", when that is what follows. */
static bool
read_step(Reader *r, int *step)
{
    *step = 1;
    if (*r->at != '/')
        return true;
    r->at++;
    return read_number(r, NULL, step) && *step > 0;
}

/* An item as Debian's get_range reads it; what follows it is the caller's to skip. */
static bool
read_debian(Reader *r)
{
    int low = r->range->low, high = r->range->high, step;
    if (*r->at == '*') {
        r->at++;
    } else {
        if (!read_number(r, r->range, &low))
            return false;
        if (*r->at != '-')
            return *r->at != '/' && set_bits(r, low, low, 1);
        r->at++;
        if (!read_number(r, r->range, &high))
            return false;
    }
    if (!read_step(r, &step) || !in_range(r, low) || !in_range(r, high))
        return false;
    if (low > high && r->daemon == DAEMON_WRAPPING) {
        int cycle = r->range->high - r->range->low + (r->range->high != 7);
        for (int v = low; v <= high + cycle; v += step)
            r->bits |= UINT64_C(1) << (v > r->range->high ? v - cycle : v);
        return true;
    }
    return set_bits(r, low, high, step);
}

/* "~", "a~", "~b", "a~b"; `low` is a. */
static bool
read_random(Reader *r, int low)
{
    int high = r->range->high;
    r->random = true;
    r->at++;
    if (!at_blank(r->at) && *r->at != ',' && !read_number(r, r->range, &high))
        return false;
    return low <= high && in_range(r, low) && in_range(r, high);
}

/* An item as cronie's get_range reads it: nothing may follow but a comma. */
static bool
read_cronie(Reader *r)
{
    int low = r->range->low, high = r->range->high, step;
    if (*r->at == '~')
        return read_random(r, low);
    if (*r->at == '*') {
        r->at++;
        return read_step(r, &step) && set_bits(r, low, high, step);
    }
    if (!read_number(r, r->range, &low))
        return false;
    if (*r->at == '~')
        return read_random(r, low);
    if (*r->at != '-')
        return set_bits(r, low, low, 1);
    r->at++;
    if (!read_number(r, r->range, &high))
        return false;
    if (low > high && high == 0 && *r->at != '/')
        high = 7;
    return read_step(r, &step) && set_bits(r, low, high, step);
}

/* The field at r->at, up to the next blank. */
static bool
read_field(Reader *r, CronField field)
{
    r->range = cron_range(field, DIALECT_VIXIE);
    r->bits = 0;
    for (;; r->at++) {
        if (!(r->daemon == DAEMON_CRONIE ? read_cronie(r) : read_debian(r)))
            return false;
        if (*r->at != ',')
            break;
    }
    if (r->daemon == DAEMON_CRONIE && !at_blank(r->at))
        return false;
    while (!at_blank(r->at))
        r->at++;
    while (*r->at == ' ' || *r->at == '\t')
        r->at++;
    return true;
}

/* The day rule, with a day field that allows nothing: where either field will do the other one
 * decides, as if this were a star; where both must match there is no day. */
static bool
settle_days(Cron *cron)
{
    if (cron->days != 0 && cron->weekdays != 0)
        return true;
    if ((cron->flags & CRON_DAYS_OR) == 0 || (cron->days | cron->weekdays) == 0)
        return false;
    bool by_weekday = cron->days == 0;
    cron->flags &= (uint8_t)~CRON_DAYS_OR;
    if (by_weekday) {
        cron->days = CRON_ALL_DAYS;
        cron->flags |= CRON_DAY_STAR;
    } else {
        cron->weekdays = CRON_ALL_WEEKDAYS;
        cron->flags |= CRON_WEEKDAY_STAR;
    }
    return true;
}

DaemonVerdict
crondaemon_read(Daemon daemon, const char *fields, Cron *cron)
{
    static const struct {
        CronField field;
        int star;
    } order[FIELDS] = {{CRON_MINUTE, CRON_MINUTE_STAR}, {CRON_HOUR, CRON_HOUR_STAR},
        {CRON_DAY, CRON_DAY_STAR}, {CRON_MONTH, 0}, {CRON_WEEKDAY, CRON_WEEKDAY_STAR}};
    Reader r = {.daemon = daemon, .at = fields + strspn(fields, " \t")};
    uint64_t bits[FIELDS];
    int flags = 0;
    for (size_t i = 0; i < FIELDS; i++) {
        flags |= *r.at == '*' ? order[i].star : 0;
        if (!read_field(&r, order[i].field))
            return DAEMON_REFUSES;
        bits[i] = r.bits;
    }
    if (*r.at != '\0')
        return DAEMON_REFUSES;
    if (r.random)
        return DAEMON_RANDOM;
    Cron found = {.minutes = bits[0],
        .hours = (uint32_t)bits[1],
        .days = (uint32_t)(bits[2] >> 1),
        .months = (uint16_t)bits[3],
        .weekdays = (uint8_t)((bits[4] | bits[4] >> 7) & CRON_ALL_WEEKDAYS),
        .flags = (uint8_t)(flags | cron_day_rule(flags))};
    if (found.minutes == 0 || found.hours == 0 || found.months == 0 || !settle_days(&found))
        return DAEMON_NEVER;
    *cron = found;
    return DAEMON_FIRES;
}

bool
crondaemon_same(const Cron *a, const Cron *b)
{
    return a->extra == NULL && b->extra == NULL && a->minutes == b->minutes &&
           a->hours == b->hours && a->days == b->days && a->months == b->months &&
           a->weekdays == b->weekdays && cron_is_interval(a) == cron_is_interval(b) &&
           (a->flags & CRON_DAYS_OR) == (b->flags & CRON_DAYS_OR);
}
