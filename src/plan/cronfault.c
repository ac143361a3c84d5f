/* What no other file knows: what to tell people about a field that cannot be read, and what to
 * write in its place. */

#include "plan/cronfault.h"

#include <string.h>

#include "base/text.h"
#include "plan/cronfield.h"
#include "plan/cronshape.h"

/* All that a message is made from. */
typedef struct {
    Arena *arena;
    const char *text;
    CronDialect dialect;
    CronFault *fault;
    Error *error;
    const CronRange *range;
    const char *name;  /* of the field */
    const char *item;  /* the item that holds the fault, safe to show */
    const char *field; /* the whole field, the same */
    const char *at;    /* the fault in the text */
} Telling;

/* "0-59", "1-12 or jan-dec" */
static const char *
takes(const Telling *t)
{
    const char *names = t->fault->field == CRON_MONTH     ? " or jan-dec"
                        : t->fault->field == CRON_WEEKDAY ? " or sun-sat"
                                                          : "";
    return arena_printf(t->arena, "%d-%d%s", t->range->low, t->range->high, names);
}

/* ---- numbers, ranges, steps ---- */

static bool
tell_range(Telling *t)
{
    size_t digits = strspn(t->at, "0123456789");
    char behind = text_lower(t->at[digits]);
    if (behind >= 'a' && behind <= 'z' && behind != 'w' && behind != 'l') {
        error_set(t->error, ERR_INPUT, "'%s' in the %s field is no value", t->item, t->name);
        return error_hint(t->error, "write %s with plain decimal digits", takes(t));
    }
    error_set(t->error, ERR_INPUT, "%s %s is out of range %d-%d", t->name,
        cronshape_quote(t->arena, t->at, digits), t->range->low, t->range->high);
    switch (t->fault->field) {
    case CRON_SECOND:
    case CRON_MINUTE:
        return error_hint(t->error, "the full %s is %s 0",
            t->fault->field == CRON_MINUTE ? "hour" : "minute", t->name);
    case CRON_HOUR:
        return error_hint(t->error, "midnight is hour 0");
    case CRON_DAY:
        return error_hint(t->error, "days count from 1; the last day of the month is L");
    case CRON_MONTH:
        return error_hint(t->error, "write 1-12 or jan-dec");
    case CRON_WEEKDAY:
        return error_hint(t->error, t->dialect == DIALECT_QUARTZ
                                        ? "1 is Sunday, 7 Saturday; or write sun-sat"
                                        : "0 and 7 are Sunday, 1 is Monday; or write sun-sat");
    default:
        return error_hint(t->error, "write the year with four digits, 1970-2199");
    }
}

/* A value as the item writes its own: by name when that begins with a letter. */
static const char *
value(const Telling *t, int v)
{
    char c = text_lower(t->text[t->fault->item_at]);
    if (t->range->names == NULL || c < 'a' || c > 'z')
        return arena_printf(t->arena, "%d", v);
    return arena_printf(t->arena, "%.3s", t->range->names + 3 * (v - t->range->first_name));
}

/* first-last, or one value; with a step when there is one. */
static const char *
part(const Telling *t, int first, int last)
{
    const char *step = t->fault->step > 1 ? arena_printf(t->arena, "/%d", t->fault->step) : "";
    if (first + t->fault->step > last)
        return value(t, first);
    return arena_printf(t->arena, "%s-%s%s", value(t, first), value(t, last), step);
}

static bool
tell_backwards(Telling *t)
{
    int first = t->fault->first, last = t->fault->last, step = t->fault->step;
    int high = t->fault->field == CRON_WEEKDAY ? 6 : t->range->high, low = t->range->low;
    error_set(
        t->error, ERR_INPUT, "range '%s' runs backwards in the %s field", t->item, t->name);
    if (t->fault->field == CRON_YEAR)
        return error_hint(t->error, "write the earlier year first: %d-%d", last, first);
    if (first > high) /* 7 is Sunday, and so is 0 */
        return error_hint(t->error, "write %s", part(t, 0, last));
    int over = low + (step - (high - first) % step - 1) % step;
    if (over > last)
        return error_hint(t->error, "write %s", part(t, first, high));
    return error_hint(t->error, "write %s,%s", part(t, first, high), part(t, over, last));
}

static bool
tell_step(Telling *t)
{
    const char *step = cronshape_quote(t->arena, t->at, strcspn(t->at, ", \t"));
    size_t zeros = strspn(t->at, "0");
    error_set(t->error, ERR_INPUT, "the step '%s' in '%s' of the %s field is no number from 1",
        step, t->item, t->name);
    if (zeros > 0 && strchr(", \t", t->at[zeros]) != NULL)
        return error_hint(t->error, "write * for every %s", t->name);
    return error_hint(t->error, "write a whole number behind the '/', such as */2");
}

/* "/15": all that is missing is the range. */
static bool
is_step(const char *item)
{
    size_t zeros = strspn(item + 1, "0"), digits = strspn(item + 1, "0123456789");
    return digits > zeros && item[1 + digits] == '\0';
}

static bool
tell_step_alone(Telling *t)
{
    size_t slash = strcspn(t->item, "/");
    error_set(t->error, ERR_INPUT,
        "'%s' in the %s field has a step but no range; daemons differ in what it means",
        t->item, t->name);
    return error_hint(
        t->error, "write %.*s-%d%s", (int)slash, t->item, t->range->high, t->item + slash);
}

static bool
tell_half_range(Telling *t)
{
    size_t dash = strcspn(t->item, "-");
    error_set(
        t->error, ERR_INPUT, "the range '%s' in the %s field lacks its end", t->item, t->name);
    return error_hint(t->error, "write %.*s-%d, or %.*s alone", (int)dash, t->item,
        t->range->high, (int)dash, t->item);
}

static bool
tell_empty_item(Telling *t)
{
    Text fixed = text_new(t->arena);
    for (const char *c = t->field; *c != '\0'; c++) {
        bool extra = *c == ',' && (fixed.len == 0 || c[1] == ',' || c[1] == '\0');
        if (!extra)
            text_add_char(&fixed, *c);
    }
    error_set(t->error, ERR_INPUT, "an item beside a ',' is empty in '%s' of the %s field",
        t->field, t->name);
    return error_hint(t->error, "write %s", fixed.len == 0 ? "* for every" : fixed.at);
}

/* ---- what is no value ---- */

/* The letters at the fault. */
static const char *
word_at(const Telling *t)
{
    size_t len = 0;
    while ((t->at[len] >= 'a' && t->at[len] <= 'z') || (t->at[len] >= 'A' && t->at[len] <= 'Z'))
        len++;
    return arena_copy(t->arena, t->at, len);
}

/* A month or a weekday that is nearly, or more than, its three letters; ""
 * when none is meant. */
static const char *
name_meant(const Telling *t, const char *word)
{
    static const char *const months[] = {"january", "february", "march", "april", "may", "june",
        "july", "august", "september", "october", "november", "december", "jan", "feb", "mar",
        "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sept"};
    static const char *const weekdays[] = {"sunday", "monday", "tuesday", "wednesday",
        "thursday", "friday", "saturday", "sun", "mon", "tue", "wed", "thu", "fri", "sat",
        "tues", "thur", "thurs"};
    bool is_month = t->fault->field == CRON_MONTH;
    const char *near = is_month
                           ? text_nearest(word, months, sizeof months / sizeof *months)
                           : text_nearest(word, weekdays, sizeof weekdays / sizeof *weekdays);
    return near == NULL ? "" : arena_printf(t->arena, "%.3s", near);
}

/* A word in a field that has no names, or not this one. */
static bool
hint_word(Telling *t, const char *word)
{
    CronField field = t->fault->field;
    const CronRange *months = cron_range(CRON_MONTH, t->dialect);
    const CronRange *weekdays = cron_range(CRON_WEEKDAY, t->dialect);
    bool is_month = cron_name(months, word) >= 0, is_weekday = cron_name(weekdays, word) >= 0;
    if (field == CRON_MONTH || field == CRON_WEEKDAY) {
        const char *near = name_meant(t, word);
        if (*near != '\0')
            return error_hint(t->error, "did you mean %s?", near);
    }
    if (is_month || is_weekday)
        return error_hint(t->error, "%.3s belongs in the %s field; %s takes %s", word,
            is_month ? "month" : "day of week", t->name, takes(t));
    if (text_same_nocase(word, "h"))
        return error_hint(t->error, "write H, a value picked by the job's name");
    if (text_same_nocase(word, "l") || text_same_nocase(word, "lw") ||
        text_same_nocase(word, "last")) {
        if (field == CRON_WEEKDAY)
            return error_hint(t->error, "write the weekday in front: friL is the last Friday");
        return error_hint(t->error,
            field == CRON_DAY ? "write L for the last day of the month"
                              : "L belongs in a day field; %s takes %s",
            t->name, takes(t));
    }
    return error_hint(t->error, "write %s; * stands for every", takes(t));
}

static bool
tell_value(Telling *t)
{
    const char *at = t->at;
    bool in_range = t->fault->at > t->fault->item_at;
    const char *word = word_at(t);
    error_set(t->error, ERR_INPUT, "'%s' in the %s field is no value", t->item, t->name);
    if (in_range && *at == '*')
        return error_hint(
            t->error, "write %.*s-%d", (int)strcspn(t->item, "-"), t->item, t->range->high);
    if (in_range && (*at == 'L' || *at == 'l'))
        return error_hint(t->error, "L stands alone or in a list, not in a range");
    if (*at == '+' || *at == '-')
        return error_hint(t->error, "values have no sign; %s takes %s", t->name, takes(t));
    if (*at == '/')
        return error_hint(t->error, "write *%s", is_step(t->item) ? t->item : "/2");
    if (*at == '"' || *at == '\'')
        return error_hint(t->error, "leave out the quotes within the expression");
    if (*at == '#')
        return error_hint(t->error, t->fault->field == CRON_WEEKDAY
                                        ? "write the weekday in front: 5#3 is the third Friday"
                                        : "comments are no part of a schedule");
    if ((*at == 'W' || *at == 'w') && t->fault->field == CRON_DAY) {
        if (text_same_nocase(word, "wl"))
            return error_hint(t->error, "write LW for the last weekday of the month");
        return error_hint(
            t->error, "write the day in front: 15W is the weekday nearest the 15th");
    }
    if (text_same_nocase(word, "w") || text_same_nocase(word, "wl"))
        return error_hint(
            t->error, "W belongs in the day of month; %s takes %s", t->name, takes(t));
    if (*word != '\0')
        return hint_word(t, word);
    return error_hint(t->error, "write %s; * stands for every", takes(t));
}

/* ---- what follows a complete item ---- */

static bool
hint_after_number(Telling *t, const char *word)
{
    if (t->item[0] == '*' && *t->at >= '0' && *t->at <= '9')
        return error_hint(
            t->error, "write */%.*s for steps", (int)strspn(t->at, "0123456789"), t->at);
    int64_t hour;
    size_t digits = strspn(t->item, "0123456789");
    bool am = text_same_nocase(word, "am"), pm = text_same_nocase(word, "pm");
    if (t->fault->field == CRON_HOUR && (am || pm) &&
        text_number(t->item, digits, 1, 12, &hour))
        return error_hint(
            t->error, "hours run 0-23: write %d", (int)(hour % 12) + (pm ? 12 : 0));
    if (text_same_nocase(word, "w"))
        return error_hint(t->error, t->fault->field == CRON_DAY
                                        ? "W follows one day: 15W, not a range or step"
                                        : "W belongs in the day of month");
    if (text_same_nocase(word, "l"))
        return error_hint(
            t->error, t->fault->field == CRON_DAY
                          ? "write L for the last day, L-5 for five days before it"
                          : "L belongs in a day field, behind a weekday or alone");
    return error_hint(t->error, "write %s with plain decimal digits", takes(t));
}

static bool
tell_after_item(Telling *t)
{
    const char *word = word_at(t);
    const char *rest = cronshape_quote(t->arena, t->at, strcspn(t->at, ", \t"));
    const char *item = t->text + t->fault->item_at;
    bool is_name = *item >= 'A' && *word != '\0' && t->range->names != NULL;
    error_set(t->error, ERR_INPUT, "'%s' in the %s field is not understood from '%s' on",
        t->item, t->name, rest);
    switch (*t->at) {
    case '#':
        if (t->fault->field == CRON_WEEKDAY)
            return error_hint(t->error, "# follows one weekday, once: 5#3 is the third Friday; "
                                        "comments are no part of a schedule");
        return error_hint(t->error, "remove '%s': comments are no part of a schedule", rest);
    case '*':
        return error_hint(t->error, "write * alone for every, or %.*s",
            *item == '*' ? 3 : (int)(t->at - item), *item == '*' ? "*/2" : item);
    case '~':
        return error_hint(t->error, "write %d~%d for one value that the job's name picks",
            t->range->low, t->fault->field == CRON_DAY ? 28 : t->range->high);
    case ':':
        return error_hint(t->error, "minute and hour are fields of their own: 09:30 is 30 9");
    case ';':
    case '|':
        return error_hint(t->error, "part the values of a list by ','");
    case '-':
        if (*item != '*' && strpbrk(t->item, "LlWw#") > t->item)
            return error_hint(t->error, "L, W and # stand in no range");
        return error_hint(t->error, *item == '*' ? "write * or a range such as 1-5"
                                    : *item == 'L' || *item == 'l'
                                        ? "write L, LW, or L-n with one n"
                                        : "a range has two ends: write 1-3,5");
    case '/':
        return error_hint(t->error, strpbrk(t->item, "LW#lw") != NULL
                                        ? "L, W and # take no step"
                                        : "an item has one step: write */5");
    case '.':
        return error_hint(t->error, "write whole numbers; parts of a list by ','");
    default:
        break;
    }
    if (is_name) {
        const char *whole = arena_copy(t->arena, item, strcspn(item, ",-/# \t"));
        const char *near = name_meant(t, whole);
        return error_hint(
            t->error, "names have three letters: write %.3s", *near != '\0' ? near : item);
    }
    return hint_after_number(t, word);
}

/* ---- the extensions ---- */

static bool
tell_question(Telling *t)
{
    bool day = t->fault->field == CRON_DAY || t->fault->field == CRON_WEEKDAY;
    if (day)
        error_set(t->error, ERR_INPUT, "'?' in '%s' does not stand alone in the %s field",
            t->field, t->name);
    else
        error_set(t->error, ERR_INPUT, "'?' stands in the %s field; only day fields have it",
            t->name);
    return error_hint(t->error, day ? "write ? alone, or the days without it" : "write *");
}

static bool
tell_quartz_days(Telling *t)
{
    if (strchr(t->text, '?') != NULL) {
        error_set(t->error, ERR_INPUT, "both day fields are '?'");
        return error_hint(t->error, "write the days in one of them, or * for every day");
    }
    error_set(
        t->error, ERR_INPUT, "neither day of month nor day of week is '?', as quartz wants it");
    return error_hint(t->error, "write ? in the day field that does not count: 0 0 12 * * ?");
}

static bool
tell_extension(Telling *t)
{
    switch (t->fault->kind) {
    case FAULT_LAST_MINUS:
        error_set(t->error, ERR_INPUT, "'%s' in the %s field is out of range L-1 to L-30",
            t->item, t->name);
        return error_hint(t->error, "write L, or L-n with n 1-30: n days before the last");
    case FAULT_NTH:
        error_set(t->error, ERR_INPUT, "'%s' in the %s field is out of range #1 to #5", t->item,
            t->name);
        return error_hint(t->error, "write 5#3 for the third Friday, 5L for the last");
    default:
        break;
    }
    error_set(t->error, ERR_INPUT, "'%s' in the %s field leaves nothing to pick from", t->item,
        t->name);
    if (t->fault->field == CRON_YEAR)
        return error_hint(t->error, "write years as numbers");
    if (t->fault->field == CRON_DAY)
        return error_hint(
            t->error, "write H or H(1-28): days that every month has, the lower first");
    return error_hint(t->error, "write H, H(0-29), H/15 or H(0-29)/10, or 0~29");
}

/* ---- characters from elsewhere ---- */

static uint32_t
code_point(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    if (text_char_len(b[0]) == 2 && b[1] != '\0')
        return (b[0] & 0x1fu) << 6 | (b[1] & 0x3fu);
    if (text_char_len(b[0]) == 3 && b[1] != '\0' && b[2] != '\0')
        return (b[0] & 0x0fu) << 12 | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu);
    return b[0];
}

/* Digits and blanks that only look like those of a crontab; false when there are none. */
static bool
tell_foreign(Telling *t)
{
    size_t i = 0;
    while ((t->text[i] >= ' ' && t->text[i] < 127) || t->text[i] == '\t')
        i++;
    if (t->text[i] == '\0')
        return false;
    const char *at = t->text + i;
    uint32_t point = code_point(at);
    const char *quoted =
        cronshape_quote(t->arena, at, strnlen(at, text_char_len((unsigned char)*at)));
    t->fault->at = i;
    CronField field = (CronField)(cronshape_words(arena_copy(t->arena, t->text, i + 1)) - 1);
    field += t->dialect == DIALECT_VIXIE;
    if (field >= CRON_FIELDS)
        field = t->fault->field;
    const CronRange *range = cron_range(field, t->dialect);
    error_set(t->error, ERR_INPUT, "'%s' in the %s field is no character of a schedule", quoted,
        cron_field_name(field));
    if (point == 0xa0 || (point >= 0x2000 && point <= 0x200b) || point == 0x3000)
        error_hint(t->error, "type a plain blank there");
    else if (point == '\n' || point == '\r')
        error_hint(t->error, "write the fields on one line");
    else if (point >= 0xff10 && point <= 0xff19)
        error_hint(t->error, "type %u as a plain digit; %s takes %d-%d",
            (unsigned)(point - 0xff10), cron_field_name(field), range->low, range->high);
    else
        error_hint(t->error, "type plain digits and names; %s takes %d-%d",
            cron_field_name(field), range->low, range->high);
    return true;
}

static bool
tell_limit(Telling *t)
{
    if (t->fault->kind == FAULT_TOO_LONG) {
        error_set(t->error, ERR_INPUT, "the expression is longer than %d bytes", CRON_TEXT_MAX);
        return error_hint(t->error, "write ranges and steps, or a list of schedules");
    }
    error_set(t->error, ERR_INPUT, "the list in the %s field has more than %d items", t->name,
        CRON_ITEMS_MAX);
    return error_hint(t->error, "write a range: %s", takes(t));
}

static void
find_texts(Telling *t)
{
    const char *item = t->text + t->fault->item_at, *field = item;
    while (field > t->text && field[-1] != ' ' && field[-1] != '\t')
        field--;
    t->range = cron_range(t->fault->field, t->dialect);
    t->name = cron_field_name(t->fault->field);
    t->item = cronshape_quote(t->arena, item, strcspn(item, ", \t"));
    t->field = cronshape_quote(t->arena, field, strcspn(field, " \t"));
    t->at = t->text + t->fault->at;
}

bool
cronfault_tell(
    Arena *arena, const char *text, CronDialect dialect, CronFault *fault, Error *error)
{
    static bool (*const tell[])(Telling *) = {
        [FAULT_TOO_LONG] = tell_limit,
        [FAULT_TOO_MANY] = tell_limit,
        [FAULT_EMPTY_ITEM] = tell_empty_item,
        [FAULT_VALUE] = tell_value,
        [FAULT_RANGE] = tell_range,
        [FAULT_HALF_RANGE] = tell_half_range,
        [FAULT_BACKWARDS] = tell_backwards,
        [FAULT_STEP] = tell_step,
        [FAULT_STEP_ALONE] = tell_step_alone,
        [FAULT_AFTER_ITEM] = tell_after_item,
        [FAULT_QUESTION] = tell_question,
        [FAULT_QUARTZ_DAYS] = tell_quartz_days,
        [FAULT_LAST_MINUS] = tell_extension,
        [FAULT_NTH] = tell_extension,
        [FAULT_HASH] = tell_extension,
    };
    Telling telling = {
        .arena = arena, .text = text, .dialect = dialect, .fault = fault, .error = error};
    find_texts(&telling);
    if (fault->kind != FAULT_TOO_LONG && tell_foreign(&telling))
        return false;
    if (fault->kind == FAULT_COUNT || cronshape_is_zone(text))
        return cronshape_tell_count(arena, text, dialect, &fault->at, error);
    if (fault->kind == FAULT_MACRO)
        return cronshape_tell_macro(arena, text, &fault->at, error);
    return tell[fault->kind](&telling);
}
