#ifndef FILE_KEYS_H
#define FILE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Every key that a Clockfile may hold: the one table that the reader, the JSON Schema and the
 * tests of example and man page work from. */

/* Where a key may stand; a mask. */
enum {
    LEVEL_TOP = 1,
    LEVEL_DEFAULTS = 2, /* under `defaults:` */
    LEVEL_JOB = 4,
    LEVEL_SCHEDULE = 8 /* in a schedule that is a mapping */
};

/* What may stand behind it. */
typedef enum {
    VALUE_NAME,     /* letter, digit or _ first, then letters, digits, _ . : - */
    VALUE_NAMES,    /* a name, or a list of them */
    VALUE_TEXT,     /* min to max bytes */
    VALUE_ZONE,     /* of the tz database */
    VALUE_NUMBER,   /* whole, min to max */
    VALUE_SPAN,     /* a duration of min to max seconds */
    VALUE_TIMEOUT,  /* the same, or `none` */
    VALUE_BACKOFF,  /* a duration, or two: first..longest */
    VALUE_WORD,     /* one of `words` */
    VALUE_BOOL,     /* true or false */
    VALUE_INSTANT,  /* a date, a local time or an instant */
    VALUE_EXCLUDE,  /* a date, range of dates a..b or crontab expression, or a list of them */
    VALUE_RULE,     /* text that the schedule's own grammar reads */
    VALUE_SCHEDULE, /* text, a mapping, a name, or a list of these */
    VALUE_JSON,     /* any value */
    VALUE_COMMAND,  /* text for /bin/sh, or a list: program and arguments */
    VALUE_ENV,      /* a mapping of variables to text */
    VALUE_MAPPING   /* a mapping of names, or of keys of another level */
} ValueType;

typedef enum {
    KEY_NAME,
    KEY_TIMEZONE,
    KEY_RETENTION,
    KEY_DEFAULTS,
    KEY_SCHEDULES,
    KEY_JOBS,
    KEY_SCHEDULE,
    KEY_TASK,
    KEY_PAYLOAD,
    KEY_COMMAND,
    KEY_ENV,
    KEY_QUEUE,
    KEY_PRIORITY,
    KEY_MAX_ATTEMPTS,
    KEY_TIMEOUT,
    KEY_BACKOFF,
    KEY_MISSED,
    KEY_WITHIN,
    KEY_LIMIT,
    KEY_OVERLAP,
    KEY_JITTER,
    KEY_STARTS,
    KEY_ENDS,
    KEY_EXCLUDE,
    KEY_ENABLED,
    KEY_TAGS,
    KEY_DESCRIPTION,
    KEY_CRON,
    KEY_EVERY,
    KEY_AT,
    KEY_PHASE,
    KEY_DAY,
    KEY_DIALECT,
    KEY_DAYS,
    KEY_DST,
    KEYS /* how many; also: none of them */
} KeyId;

typedef struct {
    const char *name;
    unsigned levels;
    ValueType type;
    int64_t min, max;         /* of VALUE_NUMBER, VALUE_SPAN (s), VALUE_TEXT (bytes) */
    const char *const *words; /* of VALUE_WORD, NULL-terminated, in the order of their enum */
    const char *standard;     /* what holds without the key, as one would write it, or NULL */
    const char *help;         /* one line: lower case, no full stop */
} Key;

/* In the order of KeyId, which is the order of clockfile(5). */
extern const Key keys[KEYS];

/* The key of that level, or KEYS. */
KeyId keys_find(unsigned level, const char *at, size_t len);

/* What to write instead of a word that is no key of that level: a key misspelt, one of another
 * level, ours for what other schedulers call so, or else which keys there are.  *meant (may be
 * NULL) gets the key that was probably meant, or KEYS. */
const char *keys_hint(Arena *arena, unsigned level, const char *word, KeyId *meant);

/* What to write instead of a word that this key of VALUE_WORD does not take: ours for what
 * others say, or the nearest; NULL when there is none. */
const char *keys_word_hint(Arena *arena, KeyId key, const char *word);

#endif
