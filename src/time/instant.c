/* What no other file knows: how an instant, a local time and a date are written (RFC 3339), and
 * which of the three a text is. */

#include "time/instant.h"

#include <string.h>

#include "time/civil.h"

#define MIN_YEAR 1900
#define MAX_YEAR 9999

typedef struct {
    const char *at;
    Civil civil;
    bool has_time;
    bool has_offset;
    int offset_s;
} Reader;

static bool
refuse(const char *text, const char *why, Error *error)
{
    error_set(error, ERR_INPUT, "'%.100s' is not a time: %s", text, why);
    return error_hint(error, "type 2026-12-31, 2026-12-31T23:59:00 or 2026-12-31T23:59:00Z");
}

static bool
take_digits(Reader *reader, size_t n, int *out)
{
    int64_t value;
    if (strspn(reader->at, "0123456789") < n || !text_number(reader->at, n, 0, 9999, &value))
        return false;
    reader->at += n;
    *out = (int)value;
    return true;
}

static bool
take_char(Reader *reader, char c)
{
    if (*reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool
take_date(Reader *reader)
{
    Civil *civil = &reader->civil;
    return take_digits(reader, 4, &civil->year) && take_char(reader, '-') &&
           take_digits(reader, 2, &civil->month) && take_char(reader, '-') &&
           take_digits(reader, 2, &civil->day);
}

static bool
take_time(Reader *reader)
{
    Civil *civil = &reader->civil;
    if (!take_digits(reader, 2, &civil->hour) || !take_char(reader, ':') ||
        !take_digits(reader, 2, &civil->minute))
        return false;
    return !take_char(reader, ':') || take_digits(reader, 2, &civil->second);
}

/* Z, or +hh:mm; nothing is fine too. */
static bool
take_offset(Reader *reader)
{
    if (take_char(reader, 'Z')) {
        reader->has_offset = true;
        return true;
    }
    int sign = *reader->at == '-' ? -1 : 1, hour, minute;
    if (*reader->at != '-' && *reader->at != '+')
        return true;
    reader->at++;
    if (!take_digits(reader, 2, &hour) || !take_char(reader, ':') ||
        !take_digits(reader, 2, &minute) || hour > 23 || minute > 59)
        return false;
    reader->has_offset = true;
    reader->offset_s = sign * (hour * 3600 + minute * 60);
    return true;
}

/* Says which part does not exist; NULL when all do. */
static const char *
civil_fault(const Civil *civil)
{
    if (civil->year < MIN_YEAR || civil->year > MAX_YEAR)
        return "the year must be 1900 to 9999";
    if (civil->month < 1 || civil->month > 12)
        return "there is no such month";
    if (civil->day < 1 || civil->day > civil_month_days(civil->year, civil->month))
        return "that month has no such day";
    if (civil->hour == 24)
        return "a day ends at 23:59:59; write 00:00 of the next day";
    if (civil->second == 60)
        return "there are no leap seconds here";
    return civil_is_valid(*civil) ? NULL : "a day has no such time";
}

/* What stands where the reading stopped. */
static const char *
rest_fault(const Reader *reader)
{
    if (*reader->at == '.')
        return "instants are whole seconds";
    if (*reader->at == 't' || *reader->at == 'z')
        return "T and Z are capital letters";
    if (*reader->at == '+' || *reader->at == '-')
        return "an offset is +hh:mm or -hh:mm";
    return "it does not have this form";
}

bool
instant_read(const char *text, InstantKind *kind, int64_t *out, Error *error)
{
    Reader reader = {.at = text};
    if (text[0] == '\0')
        return refuse(text, "it is empty", error);
    if (!take_date(&reader)) {
        size_t digits = strspn(text, "0123456789");
        return refuse(text,
            digits > 4 && text[digits] == '-' ? "years run from 0001 to 9999"
                                              : "it does not begin with a date, year-month-day",
            error);
    }
    if (take_char(&reader, 'T') || take_char(&reader, ' ')) {
        reader.has_time = true;
        if (!take_time(&reader))
            return refuse(text, "behind the date stands no hh:mm or hh:mm:ss", error);
        if (!take_offset(&reader))
            return refuse(text, "an offset is +hh:mm or -hh:mm", error);
    }
    if (*reader.at != '\0')
        return refuse(text, rest_fault(&reader), error);
    const char *fault = civil_fault(&reader.civil);
    if (fault != NULL)
        return refuse(text, fault, error);
    *kind = reader.has_offset ? INSTANT_UTC : reader.has_time ? INSTANT_LOCAL : INSTANT_DATE;
    *out = civil_seconds(reader.civil) - reader.offset_s;
    return true;
}

/* Years beyond 9999 get as many digits as they need; RFC 3339 has no way to write them. */
static void
write_civil(Text *text, int64_t at_ls)
{
    Civil civil = civil_from_seconds(at_ls);
    text_addf(text, "%04d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month, civil.day,
        civil.hour, civil.minute, civil.second);
}

void
instant_write_utc(Text *text, int64_t at_s)
{
    if (at_s == INT64_MAX) {
        text_add(text, "never");
        return;
    }
    write_civil(text, at_s);
    text_add_char(text, 'Z');
}

void
instant_write(Text *text, int64_t at_s, const Zone *zone)
{
    if (at_s == INT64_MAX || strcmp(zone_name(zone), "UTC") == 0) {
        instant_write_utc(text, at_s);
        return;
    }
    int32_t offset_s;
    write_civil(text, zone_local(zone, at_s, &offset_s));
    int32_t east_s = offset_s < 0 ? -offset_s : offset_s;
    text_addf(text, "%c%02d:%02d", offset_s < 0 ? '-' : '+', east_s / 3600, east_s / 60 % 60);
    if (east_s % 60 != 0) /* local mean time, before standard time came */
        text_addf(text, ":%02d", east_s % 60);
}
