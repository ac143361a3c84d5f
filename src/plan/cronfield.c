/* What no other file knows: the grammar of one field - lists, ranges, steps, names, the
 * extensions L, W and #, and the values that a hash of the job's name picks. */

#include "plan/cronfield.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"

#define HASH_LAST_DAY 28     /* a day that every month has */
#define STEP_DIGITS 9        /* longer steps are refused, not clipped */
#define VALUE_BEYOND 1000000 /* what a number too long for any field counts as */

static const char MONTHS[] = "janfebmaraprmayjunjulaugsepoctnovdec";
static const char WEEKDAYS[] = "sunmontuewedthufrisat";

const CronRange *
cron_range(CronField field, CronDialect dialect)
{
    static const CronRange ranges[CRON_FIELDS] = {
        [CRON_SECOND] = {0, 59, NULL, 0},
        [CRON_MINUTE] = {0, 59, NULL, 0},
        [CRON_HOUR] = {0, 23, NULL, 0},
        [CRON_DAY] = {1, 31, NULL, 0},
        [CRON_MONTH] = {1, 12, MONTHS, 1},
        [CRON_WEEKDAY] = {0, 7, WEEKDAYS, 0},
        [CRON_YEAR] = {CRON_MIN_YEAR, CRON_MAX_YEAR, NULL, 0},
    };
    static const CronRange quartz_weekday = {1, 7, WEEKDAYS, 1};
    if (field == CRON_WEEKDAY && dialect == DIALECT_QUARTZ)
        return &quartz_weekday;
    return &ranges[field];
}

int
cron_name(const CronRange *range, const char *at)
{
    if (range->names == NULL || at[0] == '\0' || at[1] == '\0')
        return -1;
    const char a = text_lower(at[0]), b = text_lower(at[1]), c = text_lower(at[2]);
    for (const char *name = range->names; *name != '\0'; name += 3)
        if (name[0] == a && name[1] == b && name[2] == c)
            return range->first_name + (int)((name - range->names) / 3);
    return -1;
}

static bool
refuse(CronReader *r, CronFaultKind kind, const char *at)
{
    r->fault.kind = kind;
    r->fault.at = (size_t)(at - r->text);
    return false;
}

static inline bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
at_end(const char *at)
{
    return *at == '\0' || *at == ' ' || *at == '\t';
}

/* A letter of an extension, in any case. */
static inline bool
is_letter(const char *at, char letter)
{
    return *at == letter || *at == letter + ('a' - 'A');
}

static int
read_digits(CronReader *r)
{
    int value = 0;
    for (; is_digit(*r->at); r->at++)
        value = value >= VALUE_BEYOND ? VALUE_BEYOND : value * 10 + (*r->at - '0');
    return value;
}

static inline bool
read_value(CronReader *r, const CronRange *range, int *value)
{
    const char *start = r->at;
    if (is_digit(*start)) {
        *value = read_digits(r);
    } else {
        *value = cron_name(range, start);
        if (*value < 0)
            return refuse(r, FAULT_VALUE, start);
        r->at += 3;
    }
    if (*value < range->low || *value > range->high)
        return refuse(r, FAULT_RANGE, start);
    return true;
}

/* The number behind a '/', which is r->at. */
static bool
read_step(CronReader *r, int *step)
{
    const char *start = ++r->at;
    while (*r->at == '0')
        r->at++;
    const char *digits = r->at;
    *step = read_digits(r);
    if (r->at == start || *step == 0 || r->at - digits > STEP_DIGITS)
        return refuse(r, FAULT_STEP, start);
    return true;
}

static void
add_years(CronReader *r, int first, int last, int step)
{
    r->uses_extra = true;
    for (int year = first; year <= last; year += step) {
        unsigned bit = (unsigned)(year - CRON_MIN_YEAR);
        r->extra.years[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

/* first..last in steps; a range of quartz that runs backwards goes round the end. */
static inline void
add_values(CronReader *r, const CronRange *range, int first, int last, int step, uint64_t *bits)
{
    if (r->fault.field == CRON_YEAR) {
        add_years(r, first, last, step);
        return;
    }
    if (first <= last && step == 1) {
        *bits |= (UINT64_C(2) << last) - (UINT64_C(1) << first);
        return;
    }
    int cycle = range->high - range->low + 1;
    int end = last < first ? last + cycle : last;
    for (int v = first; v <= end; v += step)
        *bits |= UINT64_C(1) << (v > range->high ? v - cycle : v);
}

/* The same on every host and for ever: it is part of what a Clockfile means. */
static uint64_t
hash_of(const CronReader *r)
{
    static const char *const names[CRON_FIELDS] = {
        "second", "minute", "hour", "day-of-month", "month", "day-of-week", "year"};
    const char *name = names[r->fault.field];
    uint64_t hash = hash_bytes(HASH_START, r->job, strlen(r->job) + 1);
    return hash_final(hash_bytes(hash, name, strlen(name)));
}

/* What the hash may choose from when no range is written. */
static void
hash_range(const CronReader *r, const CronRange *range, int *first, int *last)
{
    *first = range->low;
    *last = range->high;
    if (r->fault.field == CRON_DAY)
        *last = HASH_LAST_DAY;
    if (r->fault.field == CRON_WEEKDAY && range->low == 0)
        *last = 6;
}

/* Settles H or ~ within [first, last]; step 0: one value, else every step-th from a hashed
 * start. */
static bool
add_hashed(CronReader *r, int first, int last, int step, uint64_t *bits)
{
    if (r->fault.field == CRON_DAY && last > HASH_LAST_DAY)
        last = HASH_LAST_DAY;
    if (r->fault.field == CRON_YEAR || first > last)
        return refuse(r, FAULT_HASH, r->text + r->fault.item_at);
    int width = last - first + 1;
    int choices = step == 0 || step > width ? width : step;
    int value = first + (int)(hash_of(r) % (uint64_t)choices);
    for (; value <= last; value += choices) {
        *bits |= UINT64_C(1) << value;
        if (step == 0 || step > width)
            break;
    }
    return true;
}

/* "H", "H/n", "H(a-b)", "H(a-b)/n", as in Jenkins. */
static bool
read_h(CronReader *r, const CronRange *range, uint64_t *bits)
{
    int first, last, step = 0;
    hash_range(r, range, &first, &last);
    r->at++;
    if (*r->at == '(') {
        r->at++;
        if (!read_value(r, range, &first))
            return false;
        if (*r->at != '-')
            return refuse(r, FAULT_HASH, r->at);
        r->at++;
        if (!read_value(r, range, &last))
            return false;
        if (*r->at != ')')
            return refuse(r, FAULT_HASH, r->at);
        r->at++;
    }
    if (*r->at == '/' && !read_step(r, &step))
        return false;
    return add_hashed(r, first, last, step, bits);
}

/* "~", "a~", "~b", "a~b", as in cronie; r->at is the tilde, `first` what stood before or -1. */
static bool
read_tilde(CronReader *r, const CronRange *range, int first, uint64_t *bits)
{
    int low, last;
    hash_range(r, range, &low, &last);
    if (first < 0)
        first = low;
    r->at++;
    if (!at_end(r->at) && *r->at != ',' && !read_value(r, range, &last))
        return false;
    return add_hashed(r, first, last, 0, bits);
}

/* "L", "L-n", "LW" in the day of month; r->at is the L. */
static bool
read_last_day(CronReader *r)
{
    r->at++;
    r->uses_extra = true;
    if (is_letter(r->at, 'W')) {
        r->at++;
        r->extra.last |= UINT32_C(1) << 31;
        return true;
    }
    if (*r->at != '-') {
        r->extra.last |= 1;
        return true;
    }
    const char *start = ++r->at;
    int back = read_digits(r);
    if (r->at == start || back < 1 || back > 30)
        return refuse(r, FAULT_LAST_MINUS, start);
    r->extra.last |= UINT32_C(1) << back;
    return true;
}

/* A weekday's "#n", "L" or "#L"; r->at is behind the weekday. */
static bool
read_nth(CronReader *r, const CronRange *range, int weekday)
{
    unsigned day = (unsigned)(weekday - range->low) % 7;
    r->uses_extra = true;
    const char *start = r->at;
    if (*start == '#')
        r->at = ++start;
    if (is_letter(start, 'L')) {
        r->at++;
        r->extra.nth[day] |= 1 << 6;
        return true;
    }
    int n = read_digits(r);
    if (r->at == start || n < 1 || n > 5)
        return refuse(r, FAULT_NTH, start);
    r->extra.nth[day] |= (uint8_t)(1 << n);
    return true;
}

/* What may follow a first value: a range, a step, or one of the extensions. */
static bool
read_rest(CronReader *r, const CronRange *range, int first, uint64_t *bits)
{
    CronField field = r->fault.field;
    int last = first, step = 1;
    if (*r->at == '~')
        return read_tilde(r, range, first, bits);
    if (field == CRON_DAY && is_letter(r->at, 'W')) {
        r->at++;
        r->uses_extra = true;
        r->extra.near_weekday |= UINT32_C(1) << first;
        return true;
    }
    if (field == CRON_WEEKDAY && (*r->at == '#' || is_letter(r->at, 'L')))
        return read_nth(r, range, first);
    bool ranged = *r->at == '-';
    if (ranged) {
        const char *dash = r->at++;
        if (at_end(r->at) || *r->at == ',' || *r->at == '/')
            return refuse(r, FAULT_HALF_RANGE, dash);
        if (!read_value(r, range, &last))
            return false;
        if (last == 0 && first > 0 && field == CRON_WEEKDAY)
            last = 7; /* fri-sun: the one kindness; cronie does the same */
    }
    if (*r->at == '/') {
        if (!read_step(r, &step))
            return false;
        if (!ranged && r->dialect == DIALECT_VIXIE)
            return refuse(r, FAULT_STEP_ALONE, r->text + r->fault.item_at);
        if (!ranged)
            last = range->high;
    }
    if (first > last && (r->dialect != DIALECT_QUARTZ || field == CRON_YEAR)) {
        r->fault.first = first;
        r->fault.last = last;
        r->fault.step = step;
        return refuse(r, FAULT_BACKWARDS, r->text + r->fault.item_at);
    }
    add_values(r, range, first, last, step, bits);
    return true;
}

static bool
read_star(CronReader *r, const CronRange *range, uint64_t *bits)
{
    int step = 1;
    r->at++;
    if (*r->at == '/' && !read_step(r, &step))
        return false;
    if (r->fault.field == CRON_YEAR && step == 1) {
        memset(r->extra.years, 0xff, sizeof r->extra.years); /* also those beyond the range */
        return true;
    }
    add_values(r, range, range->low, range->high, step, bits);
    return true;
}

static bool
read_item(CronReader *r, const CronRange *range, uint64_t *bits)
{
    CronField field = r->fault.field;
    const char *at = r->at;
    if (is_digit(*at)) {
        int first;
        return read_value(r, range, &first) && read_rest(r, range, first, bits);
    }
    if (*at == '*')
        return read_star(r, range, bits);
    if (*at == ',' || at_end(at))
        return refuse(r, FAULT_EMPTY_ITEM, at);
    if (*at == '?')
        return refuse(r, FAULT_QUESTION, at);
    if (*at == 'H')
        return read_h(r, range, bits);
    if (*at == '~')
        return read_tilde(r, range, -1, bits);
    if (field == CRON_DAY && is_letter(at, 'L'))
        return read_last_day(r);
    if (field == CRON_WEEKDAY && r->dialect == DIALECT_QUARTZ && is_letter(at, 'L')) {
        r->at++;
        *bits |= UINT64_C(1) << 7; /* Quartz: a bare L is Saturday */
        return true;
    }
    int first;
    return read_value(r, range, &first) && read_rest(r, range, first, bits);
}

bool
cron_field(CronReader *r, CronField field, uint64_t *bits, bool *star)
{
    const CronRange *range = cron_range(field, r->dialect);
    r->fault.field = field;
    r->fault.item_at = (size_t)(r->at - r->text);
    *star = *r->at == '*';
    *bits = 0;
    if (*r->at == '?' && at_end(r->at + 1) && (field == CRON_DAY || field == CRON_WEEKDAY)) {
        *star = true;
        r->at++;
        add_values(r, range, range->low, range->high, 1, bits);
        return true;
    }
    for (int items = 1;; items++) {
        if (!read_item(r, range, bits))
            return false;
        if (*r->at != ',')
            break;
        if (items == CRON_ITEMS_MAX)
            return refuse(r, FAULT_TOO_MANY, r->at);
        r->at++;
        r->fault.item_at = (size_t)(r->at - r->text);
    }
    return at_end(r->at) || refuse(r, FAULT_AFTER_ITEM, r->at);
}
