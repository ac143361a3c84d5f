#ifndef PLAN_CRON_H
#define PLAN_CRON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/*
 * One crontab expression as bit masks: what each field allows.  It knows days and wall-clock
 * times, but no zone.  Whatever the dialect, weekdays are kept as 0 = Sunday .. 6 = Saturday.
 */
typedef enum { DIALECT_VIXIE, DIALECT_SECONDS, DIALECT_QUARTZ } CronDialect;

/* How day of month and weekday go together. */
typedef enum { DAYS_CRON, DAYS_AND, DAYS_OR } CronDays;

typedef enum {
    CRON_SECOND,
    CRON_MINUTE,
    CRON_HOUR,
    CRON_DAY,
    CRON_MONTH,
    CRON_WEEKDAY,
    CRON_YEAR,
    CRON_FIELDS
} CronField;

enum {
    CRON_MINUTE_STAR = 1, /* the field begins with a star */
    CRON_HOUR_STAR = 2,
    CRON_DAY_STAR = 4,
    CRON_WEEKDAY_STAR = 8,
    CRON_DAYS_OR = 16, /* either day field will do; else both must match */
    CRON_NEVER = 32    /* no date will ever match */
};

#define CRON_MIN_YEAR 1970
#define CRON_MAX_YEAR 2199
#define CRON_YEAR_WORDS 4

/* What few expressions have: seconds, years, and days that depend on the month. */
typedef struct {
    uint64_t seconds;                /* bits 0..59 */
    uint64_t years[CRON_YEAR_WORDS]; /* bit year - CRON_MIN_YEAR; all zero: every year */
    uint32_t last;                   /* bit n: L-n, n 0..30; bit 31: LW */
    uint32_t near_weekday;           /* bit n: nW, n 1..31 */
    uint8_t nth[7];                  /* of each weekday: bits 1..5: #n; bit 6: the last */
} CronExtra;

typedef struct {
    uint64_t minutes; /* bits 0..59 */
    uint32_t hours;   /* bits 0..23 */
    uint32_t days;    /* bit d - 1 for day d */
    uint16_t months;  /* bits 1..12 */
    uint8_t weekdays; /* bits 0..6 */
    uint8_t flags;    /* CRON_... */
    CronExtra *extra; /* NULL: second 0 of every year, plain days only */
} Cron;

#define CRON_TEXT_MAX 4096
#define CRON_ITEMS_MAX 1000

#define CRON_ALL_MINUTES ((UINT64_C(1) << 60) - 1)
#define CRON_ALL_HOURS ((UINT32_C(1) << 24) - 1)
#define CRON_ALL_DAYS ((UINT32_C(1) << 31) - 1)
#define CRON_ALL_MONTHS ((1 << 13) - 2)
#define CRON_ALL_WEEKDAYS ((1 << 7) - 1)

/*
 * Reads an expression or a macro (@daily).  H and ~ are settled by a hash of `job`.  Fails with
 * ERR_INPUT, a hint, and *offset, the byte of `text` that is wrong; *out is then untouched.
 */
bool cron_read(Arena *arena, const char *text, CronDialect dialect, CronDays days,
    const char *job, Cron *out, size_t *offset, Error *error);

/* Writes an expression that reads back to the same masks and flags, the same text for the same
 * masks: five fields, or, when *dialect becomes DIALECT_SECONDS, six or seven. */
void cron_write(const Cron *cron, Text *text, CronDialect *dialect);

/* What `days: cron` makes of these flags: CRON_DAYS_OR or 0. */
int cron_day_rule(int flags);

/* True when the minute or the hour field begins with a star: the schedule follows real time
 * through a change of the clocks, as in Debian's cron. */
bool cron_is_interval(const Cron *cron);

/* "minute", "day of month", ...: as messages name it. */
const char *cron_field_name(CronField field);

#endif
