/* What no other file knows: which correct schedules are likely not what was meant. */

#include "plan/lint.h"

#include <stdio.h>
#include <string.h>

#include "plan/cronfield.h"
#include "plan/cronshape.h"
#include "plan/fires.h"
#include "plan/rule.h"
#include "plan/schedule.h"
#include "time/civil.h"

typedef struct {
    Lint *lints;
    size_t n, cap;
    size_t rule; /* which is looked at */
} Lints;

static void
add(Lints *all, LintKind kind, size_t offset, const char *text, const char *hint)
{
    if (all->n < all->cap) {
        Lint *lint = &all->lints[all->n];
        *lint = (Lint){.kind = kind, .rule = all->rule, .offset = offset};
        snprintf(lint->text, sizeof lint->text, "%s", text);
        snprintf(lint->hint, sizeof lint->hint, "%s", hint);
    }
    all->n++;
}

/* The step of one item and the values that it steps over. */
typedef struct {
    CronField field;
    size_t offset;
    const char *item;
    int len;
    int low, high, step;
    bool cycle; /* it goes round the whole field */
} Step;

static const char *
hint_even(const Step *step, char *buffer, size_t size)
{
    switch (step->field) {
    case CRON_SECOND:
        snprintf(buffer, size, "write @every %ds for even steps", step->step);
        break;
    case CRON_MINUTE:
        snprintf(buffer, size, "write @every %dm for even steps", step->step);
        break;
    case CRON_HOUR:
        snprintf(buffer, size, "write @every %dh for even steps", step->step);
        break;
    case CRON_DAY:
        snprintf(buffer, size, "write every: %d days for even steps", step->step);
        break;
    case CRON_MONTH:
        snprintf(buffer, size, "write every: %d months for even steps", step->step);
        break;
    default:
        snprintf(buffer, size, "write the weekdays that are meant: mon,wed,fri");
        break;
    }
    return buffer;
}

static void
check_step(Lints *all, const Step *step)
{
    char text[200], hint[160];
    const char *name = cron_field_name(step->field);
    if (step->step == 1)
        return;
    if (step->step > step->high - step->low) {
        snprintf(text, sizeof text,
            "the step of '%.*s' goes beyond the %s field: only %d is left", step->len,
            step->item, name, step->low);
        add(all, LINT_STEP_BEYOND, step->offset, text, hint_even(step, hint, sizeof hint));
        return;
    }
    int values = step->field == CRON_WEEKDAY ? 7 : step->high - step->low + 1;
    bool even = values % step->step == 0 && step->field != CRON_DAY;
    if (!step->cycle || even)
        return;
    int last = step->low + (values - 1) / step->step * step->step;
    snprintf(text, sizeof text, "'%.*s' does not divide the %s field: after %d comes %d again",
        step->len, step->item, name, last, step->low);
    add(all, LINT_STEP_UNEVEN, step->offset, text, hint_even(step, hint, sizeof hint));
}

/* A number or a name; moves *at behind it. */
static int
take_value(const CronRange *range, const char **at)
{
    int v = 0;
    if (**at < '0' || **at > '9') {
        v = cron_name(range, *at);
        *at += v < 0 ? 0 : 3;
        return v;
    }
    for (; **at >= '0' && **at <= '9'; (*at)++)
        v = v > 100000000 ? v : v * 10 + (**at - '0');
    return v;
}

/* Looks at one item of a field that is known to be correct. */
static void
check_item(Lints *all, CronField field, CronDialect dialect, const char *text, const char *item)
{
    const CronRange *range = cron_range(field, dialect);
    Step step = {.field = field,
        .offset = (size_t)(item - text),
        .item = item,
        .len = (int)strcspn(item, ", \t"),
        .low = range->low,
        .high = range->high,
        .cycle = true};
    const char *slash = memchr(item, '/', (size_t)step.len);
    if (slash == NULL || field == CRON_YEAR)
        return;
    const char *at = item;
    if (*at == 'H' && at[1] == '(')
        at += 2;
    if (*at != '*' && *at != 'H') {
        step.low = take_value(range, &at);
        if (*at == '-') {
            at++;
            step.high = take_value(range, &at);
        }
        if (step.high < step.low) /* fri-sun, or a range of quartz that goes round */
            step.high += range->high - range->low + (field != CRON_WEEKDAY || range->low == 1);
        step.cycle = step.low == range->low && step.high >= range->high;
    }
    slash++;
    step.step = take_value(range, &slash);
    check_step(all, &step);
}

static void
check_steps(Lints *all, const char *text)
{
    size_t words = cronshape_words(text);
    CronDialect dialect = words == 5                  ? DIALECT_VIXIE
                          : strchr(text, '?') != NULL ? DIALECT_QUARTZ
                                                      : DIALECT_SECONDS;
    CronField field = dialect == DIALECT_VIXIE ? CRON_MINUTE : CRON_SECOND;
    if (text[strspn(text, " \t")] == '@')
        return;
    for (const char *at = text + strspn(text, " \t"); *at != '\0'; field++) {
        for (;;) {
            check_item(all, field, dialect, text, at);
            at += strcspn(at, ", \t");
            if (*at != ',')
                break;
            at++;
        }
        at += strspn(at, " \t");
    }
}

/* Where the n-th field (0: the first) begins. */
static size_t
field_offset(const char *text, int n)
{
    size_t at = strspn(text, " \t");
    for (; n > 0; n--) {
        at += strcspn(text + at, " \t");
        at += strspn(text + at, " \t");
    }
    return at;
}

static void
check_days(Lints *all, const Rule *rule)
{
    const Cron *cron = &rule->cron;
    bool all_days = cron->days == CRON_ALL_DAYS;
    bool all_weekdays = cron->weekdays == CRON_ALL_WEEKDAYS;
    bool day_star = cron->flags & CRON_DAY_STAR, weekday_star = cron->flags & CRON_WEEKDAY_STAR;
    int first = cronshape_words(rule->text) == 5 ? 2 : 3;
    if (rule->says_days || rule->text[strspn(rule->text, " \t")] == '@')
        return;
    if (!day_star && !weekday_star) {
        add(all, LINT_BOTH_DAYS, field_offset(rule->text, first),
            "day of month and day of week are both restricted: it fires when either matches",
            "write days: and when both must match, days: or to say that this is meant");
        return;
    }
    if (all_days || all_weekdays)
        return;
    add(all, LINT_STAR_STEP, field_offset(rule->text, day_star ? first : first + 2),
        day_star
            ? "the day of month begins with '*', so day of month and day of week must both "
              "match"
            : "the day of week begins with '*', so day of month and day of week must both "
              "match",
        "write days: and to say that this is meant, days: or when either should do");
}

static void
check_anchor(Lints *all, const Calendar *calendar)
{
    bool counts = calendar->every > 1 || calendar->unit == CALENDAR_YEARS;
    bool bare = calendar->day < 0 && calendar->unit != CALENDAR_DAYS;
    if (calendar->has_from || (!counts && !bare))
        return;
    add(all, LINT_NO_ANCHOR, 0,
        "nothing says where to begin counting: it counts from 1970-01-01",
        "add starts: with the first day that is meant");
}

/* A search sees 400 years: it begins where years can be written, or at the one instant. */
static bool
never_fires(Rule *rule)
{
    int64_t from_s = rule->kind == KIND_ONCE ? rule->once.at : 0, due_s;
    return !fires_next(rule, from_s - 2 * CIVIL_DAY_S, &due_s);
}

size_t
schedule_lint(const Schedule *schedule, Lint *lints, size_t cap)
{
    Lints all = {.lints = lints, .cap = cap};
    for (; all.rule < schedule->n; all.rule++) {
        Rule *rule = schedule->rules[all.rule];
        if (rule->kind == KIND_CRON) {
            check_steps(&all, rule->text);
            check_days(&all, rule);
        }
        if (rule->kind == KIND_CALENDAR)
            check_anchor(&all, &rule->calendar);
        if (never_fires(rule))
            add(&all, LINT_NEVER, 0, "it never fires: no instant matches",
                "correct it, or write enabled: false to switch the job off");
    }
    return all.n;
}
