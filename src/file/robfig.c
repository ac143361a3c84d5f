/* What no other file knows: how robfig/cron, and with it Kubernetes, reads five fields. Against
 * Vixie's: '?' is '*' anywhere, "5/15" goes on to the end of the range, Sunday is 0 alone, and
 * a star counts for the day rule wherever it stands in the field, but not with a step. */

#include "file/robfig.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "plan/cronday.h"
#include "plan/cronfield.h"

#define FIELDS 5

/* A longer number is out of every range. */
#define NUMBER_MAX 100000000

typedef struct {
    const CronRange *range;
    int high;      /* of the range; a week ends with Saturday */
    uint64_t bits; /* bit v for value v */
    bool star;
} Field;

/* The number or name that is all of these bytes. */
static bool
read_value(const Field *field, const char *at, size_t len, int *value)
{
    int64_t number;
    *value = len == 3 ? cron_name(field->range, at) : -1;
    if (*value >= 0)
        return true;
    if (!text_number(at, len, 0, NUMBER_MAX, &number))
        return false;
    *value = (int)number;
    return true;
}

/* "*", "?", "a", "a-b"; *single: it has no end of its own. */
static bool
read_range(Field *field, const char *at, size_t len, int *first, int *last, bool *single)
{
    const char *dash = memchr(at, '-', len);
    size_t head = dash == NULL ? len : (size_t)(dash - at);
    *single = dash == NULL;
    if (head == 1 && (*at == '*' || *at == '?')) {
        *first = field->range->low;
        *last = field->high;
        return true;
    }
    if (!read_value(field, at, head, first))
        return false;
    *last = *first;
    return dash == NULL || read_value(field, dash + 1, len - head - 1, last);
}

static bool
read_item(Field *field, const char *at, size_t len)
{
    int first, last, step = 1;
    bool single;
    const char *slash = memchr(at, '/', len);
    size_t head = slash == NULL ? len : (size_t)(slash - at);
    if (head == 0 || !read_range(field, at, head, &first, &last, &single))
        return false;
    if (slash != NULL) {
        int64_t number;
        if (!text_number(slash + 1, len - head - 1, 1, NUMBER_MAX, &number))
            return false;
        step = (int)number;
        if (single)
            last = field->high;
    }
    if (first < field->range->low || last > field->high || first > last)
        return false;
    field->star |= (*at == '*' || *at == '?') && step == 1;
    for (int v = first; v <= last; v += step)
        field->bits |= UINT64_C(1) << v;
    return true;
}

/* The field at *at, up to the next blank; empty items are passed over. */
static bool
read_field(Field *field, const char **at)
{
    size_t left = strcspn(*at, " \t");
    if (left == 0)
        return false;
    while (left > 0) {
        size_t len = strcspn(*at, ", \t");
        if (len > 0 && !read_item(field, *at, len))
            return false;
        size_t passed = len + ((*at)[len] == ',');
        *at += passed;
        left -= passed;
    }
    *at += strspn(*at, " \t");
    return true;
}

bool
robfig_read(const char *fields, Cron *cron)
{
    static const CronField order[FIELDS] = {
        CRON_MINUTE, CRON_HOUR, CRON_DAY, CRON_MONTH, CRON_WEEKDAY};
    const char *at = fields + strspn(fields, " \t");
    Field read[FIELDS] = {0};
    for (size_t i = 0; i < FIELDS; i++) {
        read[i].range = cron_range(order[i], DIALECT_VIXIE);
        read[i].high = order[i] == CRON_WEEKDAY ? 6 : read[i].range->high;
        if (!read_field(&read[i], &at))
            return false;
    }
    if (*at != '\0')
        return false;
    Cron found = {.minutes = read[0].bits,
        .hours = (uint32_t)read[1].bits,
        .days = (uint32_t)(read[2].bits >> 1),
        .months = (uint16_t)read[3].bits,
        .weekdays = (uint8_t)read[4].bits,
        .flags = (uint8_t)((read[2].star ? CRON_DAY_STAR : 0) |
                           (read[4].star ? CRON_WEEKDAY_STAR : 0))};
    found.flags |= (uint8_t)cron_day_rule(found.flags);
    found.flags |= cronday_never(&found) ? CRON_NEVER : 0;
    *cron = found;
    return true;
}
