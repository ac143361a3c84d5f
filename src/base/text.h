#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* A text that grows in an arena; `at` is always NUL-terminated. */
typedef struct {
    Arena *arena;
    char *at;
    size_t len;
    size_t cap;
} Text;

Text text_new(Arena *arena);
void text_add(Text *text, const char *s);
void text_add_bytes(Text *text, const char *at, size_t len);
void text_add_char(Text *text, char c);
void text_addf(Text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Adds bytes from outside so that they are safe on a terminal and in a log: control bytes and
 * bytes that are not UTF-8 as \xNN; C1 controls, bidirectional marks and invisible characters
 * as U+NNNN; all else as it is.
 */
void text_add_safe(Text *text, const char *at, size_t len);

/* The same as a new NUL-terminated string. */
char *text_safe(Arena *arena, const char *s);

/* True and *out set when all len bytes are a decimal number, an optional '-' first, within
 * [min, max].  The one place where text becomes a number. */
bool text_number(const char *at, size_t len, int64_t min, int64_t max, int64_t *out);

/* True when the bytes are well-formed UTF-8 (RFC 3629); else *bad_at is the first bad byte. */
bool text_utf8(const char *at, size_t len, size_t *bad_at);

/* Length of the UTF-8 character that starts with this byte (1 for a byte that cannot start
 * one). */
size_t text_char_len(unsigned char first);

/* The word most like `word` (letters swapped, missing, added or wrong, any case), or NULL when
 * none is near enough to be meant.  For "did you mean". */
const char *text_nearest(const char *word, const char *const *words, size_t n);

/* ASCII only, whatever the locale. */
bool text_same_nocase(const char *a, const char *b);
char text_lower(char c);

#endif
