/* What no other file knows: which fields an expression has in which dialect, the macros, and
 * the one text that stands for all expressions of the same meaning. */

#include "plan/cron.h"

#include <string.h>

#include "plan/cronday.h"
#include "plan/cronfault.h"
#include "plan/cronfield.h"
#include "plan/cronshape.h"

const char *
cron_field_name(CronField field)
{
    static const char *const names[CRON_FIELDS] = {
        "second", "minute", "hour", "day of month", "month", "day of week", "year"};
    return names[field];
}

int
cron_day_rule(int flags)
{
    bool star = (flags & (CRON_DAY_STAR | CRON_WEEKDAY_STAR)) != 0;
    return star ? 0 : CRON_DAYS_OR;
}

bool
cron_is_interval(const Cron *cron)
{
    return (cron->flags & (CRON_MINUTE_STAR | CRON_HOUR_STAR)) != 0;
}

static inline void
skip_blanks(CronReader *reader)
{
    while (*reader->at == ' ' || *reader->at == '\t')
        reader->at++;
}

static bool
refuse(CronReader *reader, CronFaultKind kind, size_t at)
{
    reader->fault.kind = kind;
    reader->fault.at = at;
    return false;
}

/* The five fields that every dialect has, and seconds and years where they belong. */
static bool
read_fields(CronReader *r, Cron *cron)
{
    uint64_t bits;
    bool star, day_star, weekday_star;
    if (r->dialect != DIALECT_VIXIE) {
        if (!cron_field(r, CRON_SECOND, &bits, &star))
            return false;
        r->extra.seconds = bits;
        r->uses_extra |= bits != 1;
        skip_blanks(r);
    }
    if (!cron_field(r, CRON_MINUTE, &cron->minutes, &star))
        return false;
    cron->flags = star ? CRON_MINUTE_STAR : 0;
    skip_blanks(r);
    if (!cron_field(r, CRON_HOUR, &bits, &star))
        return false;
    cron->hours = (uint32_t)bits;
    cron->flags |= star ? CRON_HOUR_STAR : 0;
    skip_blanks(r);
    if (!cron_field(r, CRON_DAY, &bits, &day_star))
        return false;
    cron->days = (uint32_t)(bits >> 1);
    skip_blanks(r);
    if (!cron_field(r, CRON_MONTH, &bits, &star))
        return false;
    cron->months = (uint16_t)bits;
    skip_blanks(r);
    if (!cron_field(r, CRON_WEEKDAY, &bits, &weekday_star))
        return false;
    if (r->dialect == DIALECT_QUARTZ)
        bits >>= 1; /* 1 = Sunday */
    cron->weekdays = (uint8_t)((bits | bits >> 7) & CRON_ALL_WEEKDAYS);
    cron->flags |= (day_star ? CRON_DAY_STAR : 0) | (weekday_star ? CRON_WEEKDAY_STAR : 0);
    skip_blanks(r);
    if (r->dialect == DIALECT_VIXIE || *r->at == '\0')
        return true;
    if (!cron_field(r, CRON_YEAR, &bits, &star))
        return false;
    if (r->extra.years[CRON_YEAR_WORDS - 1] >> 63) /* 2225: all of them */
        memset(r->extra.years, 0, sizeof r->extra.years);
    skip_blanks(r);
    return true;
}

/* Quartz: one day field says which days, the other says so by '?'. */
static bool
check_quartz(CronReader *r)
{
    const char *first = strchr(r->text, '?');
    if (first != NULL && strchr(first + 1, '?') == NULL)
        return true;
    return refuse(r, FAULT_QUARTZ_DAYS, first == NULL ? 0 : (size_t)(first - r->text));
}

static bool
read_all(CronReader *r, Cron *cron)
{
    if (!read_fields(r, cron) || *r->at != '\0') {
        /* A wrong number of fields explains more than what is wrong in one of them. */
        size_t words = cronshape_words(r->text);
        bool fits = r->dialect == DIALECT_VIXIE ? words == 5 : words == 6 || words == 7;
        return fits ? false : refuse(r, FAULT_COUNT, 0);
    }
    return r->dialect != DIALECT_QUARTZ || check_quartz(r);
}

/* The fields that a macro stands for, or NULL. */
static const char *
macro_fields(const char *text)
{
    static const struct {
        const char *name, *fields;
    } macros[] = {
        {"@hourly", "0 * * * *"},
        {"@daily", "0 0 * * *"},
        {"@midnight", "0 0 * * *"},
        {"@weekly", "0 0 * * 0"},
        {"@monthly", "0 0 1 * *"},
        {"@yearly", "0 0 1 1 *"},
        {"@annually", "0 0 1 1 *"},
    };
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
        if (strcmp(text, macros[i].name) == 0)
            return macros[i].fields;
    return NULL;
}

/* Puts the fields of a known macro in the reader's text; it may stand between blanks. */
static void
read_macro(Arena *arena, CronReader *r)
{
    size_t len = strlen(r->at);
    while (r->at[len - 1] == ' ' || r->at[len - 1] == '\t')
        len--;
    const char *fields = macro_fields(arena_copy(arena, r->at, len));
    if (fields == NULL)
        return;
    r->text = r->at = fields;
    r->dialect = DIALECT_VIXIE;
}

bool
cron_read(Arena *arena, const char *text, CronDialect dialect, CronDays days, const char *job,
    Cron *out, size_t *offset, Error *error)
{
    Cron cron = {0};
    CronReader reader = {.text = text, .at = text, .job = job, .dialect = dialect};
    skip_blanks(&reader);
    bool is_short = strnlen(text, CRON_TEXT_MAX + 1) <= CRON_TEXT_MAX;
    if (is_short && *reader.at == '@')
        read_macro(arena, &reader);
    if (!is_short)
        refuse(&reader, FAULT_TOO_LONG, CRON_TEXT_MAX);
    else if (*reader.at == '@')
        refuse(&reader, FAULT_MACRO, (size_t)(reader.at - text));
    if (!is_short || *reader.at == '@' || !read_all(&reader, &cron)) {
        cronfault_tell(arena, text, dialect, &reader.fault, error);
        *offset = reader.fault.at;
        return false;
    }
    cron.flags |= (uint8_t)(days == DAYS_CRON ? cron_day_rule(cron.flags)
                            : days == DAYS_OR ? CRON_DAYS_OR
                                              : 0);
    if (reader.uses_extra) {
        if (reader.dialect == DIALECT_VIXIE)
            reader.extra.seconds = 1;
        cron.extra = arena_alloc(arena, sizeof *cron.extra);
        *cron.extra = reader.extra;
    }
    if (cronday_never(&cron))
        cron.flags |= CRON_NEVER;
    *out = cron;
    return true;
}

static void
add_comma(Text *text, size_t start)
{
    if (text->len > start)
        text_add_char(text, ',');
}

static bool
has_bit(const uint64_t *words, int bit)
{
    return words[bit / 64] >> bit % 64 & 1;
}

/* The values low..high whose bits are set, as values and ranges; bit 0 is `low`. */
static void
write_values(Text *text, size_t start, const uint64_t *words, int low, int high)
{
    for (int v = low; v <= high; v++) {
        if (!has_bit(words, v - low))
            continue;
        int last = v;
        while (last < high && has_bit(words, last + 1 - low))
            last++;
        add_comma(text, start);
        if (last == v)
            text_addf(text, "%d", v);
        else
            text_addf(text, last == v + 1 ? "%d,%d" : "%d-%d", v, last);
        v = last;
    }
}

/* A field: "*" for all of a starred one; one that began with a star is begun with the densest
 * star-step that its values hold, so that it begins with one again. */
static void
write_field(Text *text, uint64_t bits, int low, int high, bool star)
{
    size_t start = text->len;
    uint64_t all = (UINT64_C(2) << (high - low)) - 1;
    if (!star) {
        write_values(text, start, &bits, low, high);
        return;
    }
    if (bits == all) {
        text_add_char(text, '*');
        return;
    }
    uint64_t steps = 0;
    int step = 1;
    do {
        step++;
        steps = 0;
        for (int v = 0; v <= high - low; v += step)
            steps |= UINT64_C(1) << v;
    } while ((steps & bits) != steps);
    text_addf(text, "*/%d", step);
    bits &= ~steps;
    write_values(text, start, &bits, low, high);
}

static void
write_month_days(Text *text, size_t start, const CronExtra *extra)
{
    for (int n = 1; n <= 31; n++) {
        if (extra->near_weekday >> n & 1) {
            add_comma(text, start);
            text_addf(text, "%dW", n);
        }
    }
    for (int n = 0; n <= 31; n++) {
        if (extra->last >> n & 1) {
            add_comma(text, start);
            text_addf(text, n == 0 ? "L" : n == 31 ? "LW" : "L-%d", n);
        }
    }
}

static void
write_weekdays(Text *text, size_t start, const CronExtra *extra)
{
    for (int day = 0; day < 7; day++) {
        for (int n = 1; n <= 6; n++) {
            if (extra->nth[day] >> n & 1) {
                add_comma(text, start);
                text_addf(text, n == 6 ? "%dL" : "%d#%d", day, n);
            }
        }
    }
}

void
cron_write(const Cron *cron, Text *text, CronDialect *dialect)
{
    static const uint64_t no_years[CRON_YEAR_WORDS];
    const CronExtra *extra = cron->extra;
    bool years = extra != NULL && memcmp(extra->years, no_years, sizeof no_years) != 0;
    bool longer = extra != NULL && (years || extra->seconds != 1);
    *dialect = longer ? DIALECT_SECONDS : DIALECT_VIXIE;
    if (longer) {
        write_field(text, extra->seconds, 0, 59, extra->seconds == CRON_ALL_MINUTES);
        text_add_char(text, ' ');
    }
    write_field(text, cron->minutes, 0, 59, cron->flags & CRON_MINUTE_STAR);
    text_add_char(text, ' ');
    write_field(text, cron->hours, 0, 23, cron->flags & CRON_HOUR_STAR);
    text_add_char(text, ' ');
    size_t start = text->len;
    write_field(text, cron->days, 1, 31, cron->flags & CRON_DAY_STAR);
    if (extra != NULL)
        write_month_days(text, start, extra);
    text_add_char(text, ' ');
    write_field(text, cron->months >> 1, 1, 12, cron->months == CRON_ALL_MONTHS);
    text_add_char(text, ' ');
    start = text->len;
    write_field(text, cron->weekdays, 0, 6, cron->flags & CRON_WEEKDAY_STAR);
    if (extra != NULL)
        write_weekdays(text, start, extra);
    if (years) {
        text_add_char(text, ' ');
        write_values(text, text->len, extra->years, CRON_MIN_YEAR, CRON_MAX_YEAR);
    }
}
