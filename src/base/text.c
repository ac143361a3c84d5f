/* What no other file knows: how bytes from outside are read as numbers, checked as UTF-8, and
 * made safe to show. */

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Longer words are never "near" another: it bounds the work of text_nearest. */
#define NEAREST_MAX 48

Text
text_new(Arena *arena)
{
    Text text = {.arena = arena, .cap = 64};
    text.at = arena_alloc(arena, text.cap);
    return text;
}

static void
reserve(Text *text, size_t more)
{
    if (text->len + more + 1 <= text->cap)
        return;
    size_t cap = text->cap * 2;
    if (cap < text->len + more + 1)
        cap = text->len + more + 1;
    text->at = arena_grow(text->arena, text->at, text->cap, cap);
    text->cap = cap;
}

void
text_add_bytes(Text *text, const char *at, size_t len)
{
    if (len == 0)
        return;
    reserve(text, len);
    memcpy(text->at + text->len, at, len);
    text->len += len;
    text->at[text->len] = '\0';
}

void
text_add(Text *text, const char *s)
{
    text_add_bytes(text, s, strlen(s));
}

void
text_add_char(Text *text, char c)
{
    reserve(text, 1);
    text->at[text->len++] = c;
    text->at[text->len] = '\0';
}

void
text_addf(Text *text, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    reserve(text, (size_t)len);
    vsnprintf(text->at + text->len, (size_t)len + 1, fmt, again);
    va_end(again);
    text->len += (size_t)len;
}

size_t
text_char_len(unsigned char first)
{
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    return 1;
}

/* The code point of the character at `at`, its length in *len; -1 when it is not UTF-8. */
static int32_t
code_point(const char *at, size_t left, size_t *len)
{
    const unsigned char *byte = (const unsigned char *)at;
    *len = 1;
    if (byte[0] < 0x80)
        return byte[0];
    size_t n = text_char_len(byte[0]);
    if (n == 1 || n > left)
        return -1;
    int32_t point = byte[0] & (0xff >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return -1;
        point = point << 6 | (byte[i] & 0x3f);
    }
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return -1;
    *len = n;
    return point;
}

/* Characters that move the cursor, reorder the line or cannot be seen. */
static bool
is_deceptive(int32_t point)
{
    return (point >= 0x80 && point <= 0x9f) || point == 0xa0 || point == 0xad ||
           point == 0x61c || (point >= 0x200b && point <= 0x200f) ||
           (point >= 0x2028 && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) ||
           point == 0xfeff || (point >= 0xe0000 && point <= 0xe007f);
}

void
text_add_safe(Text *text, const char *at, size_t len)
{
    for (size_t i = 0, n; i < len; i += n) {
        int32_t point = code_point(at + i, len - i, &n);
        if (point < 0x20 || point == 0x7f)
            text_addf(text, "\\x%02x", (unsigned char)at[i]);
        else if (is_deceptive(point))
            text_addf(text, "U+%04X", (unsigned)point);
        else
            text_add_bytes(text, at + i, n);
    }
}

char *
text_safe(Arena *arena, const char *s)
{
    Text text = text_new(arena);
    text_add_safe(&text, s, strlen(s));
    return text.at;
}

bool
text_number(const char *at, size_t len, int64_t min, int64_t max, int64_t *out)
{
    bool negative = len > 0 && at[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == len)
        return false;
    int64_t n = 0; /* kept negative: it reaches one further */
    for (; i < len; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, at[i] - '0', &n))
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, n, &n))
        return false;
    if (n < min || n > max)
        return false;
    *out = n;
    return true;
}

bool
text_utf8(const char *at, size_t len, size_t *bad_at)
{
    for (size_t i = 0, n; i < len; i += n) {
        if (code_point(at + i, len - i, &n) < 0) {
            *bad_at = i;
            return false;
        }
    }
    return true;
}

char
text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_same_nocase(const char *a, const char *b)
{
    while (*a != '\0' && text_lower(*a) == text_lower(*b)) {
        a++;
        b++;
    }
    return text_lower(*a) == text_lower(*b);
}

/* Edit distance with swaps of neighbours (Damerau, optimal string alignment), case ignored. */
static size_t
distance(const char *a, size_t m, const char *b, size_t n)
{
    size_t rows[3][NEAREST_MAX + 1];
    size_t *older = rows[0], *old = rows[1], *now = rows[2];
    for (size_t j = 0; j <= n; j++)
        old[j] = j;
    for (size_t i = 1; i <= m; i++) {
        now[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t wrong = text_lower(a[i - 1]) != text_lower(b[j - 1]);
            size_t best = old[j - 1] + wrong;
            if (old[j] + 1 < best)
                best = old[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && text_lower(a[i - 1]) == text_lower(b[j - 2]) &&
                text_lower(a[i - 2]) == text_lower(b[j - 1]) && older[j - 2] + 1 < best)
                best = older[j - 2] + 1;
            now[j] = best;
        }
        size_t *spare = older;
        older = old;
        old = now;
        now = spare;
    }
    return old[n];
}

const char *
text_nearest(const char *word, const char *const *words, size_t n)
{
    size_t len = strlen(word);
    if (len == 0 || len > NEAREST_MAX)
        return NULL;
    const char *best = NULL;
    size_t best_distance = len <= 4 ? 1 : len <= 6 ? 2 : 3;
    for (size_t i = 0; i < n; i++) {
        size_t other = strlen(words[i]);
        if (other > NEAREST_MAX || other + best_distance < len || len + best_distance < other)
            continue;
        size_t d = distance(word, len, words[i], other);
        if (d < best_distance || (d == best_distance && best == NULL && d < other)) {
            best_distance = d;
            best = words[i];
        }
    }
    return best;
}
