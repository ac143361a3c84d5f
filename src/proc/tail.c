/* What no other file knows: how an endless output is kept to its end, and made valid text. */

#include "proc/tail.h"

#include <string.h>
#include <sys/uio.h>

#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

Tail
tail_new(Arena *arena)
{
    return (Tail){.at = arena_alloc(arena, TAIL_BYTES)};
}

void
tail_reset(Tail *tail)
{
    tail->seen = 0;
}

long
tail_read(Tail *tail, int fd)
{
    size_t from = (size_t)(tail->seen % TAIL_BYTES);
    struct iovec parts[] = {{.iov_base = tail->at + from, .iov_len = TAIL_BYTES - from},
        {.iov_base = tail->at, .iov_len = from}};
    long n = (long)readv(fd, parts, from == 0 ? 1 : 2);
    if (n > 0)
        tail->seen += (uint64_t)n;
    return n;
}

/* The ring laid straight. */
static char *
straight(const Tail *tail, Arena *arena, size_t *len)
{
    size_t from = (size_t)(tail->seen % TAIL_BYTES);
    if (tail->seen <= TAIL_BYTES) {
        *len = (size_t)tail->seen;
        return arena_copy(arena, tail->at, *len);
    }
    *len = TAIL_BYTES;
    char *bytes = arena_alloc(arena, TAIL_BYTES);
    memcpy(bytes, tail->at + from, TAIL_BYTES - from);
    memcpy(bytes + TAIL_BYTES - from, tail->at, from);
    return bytes;
}

/* How many bytes at the beginning are the rest of a character that was cut. */
static size_t
cut_bytes(const char *at, size_t len)
{
    size_t n = 0;
    while (n < 3 && n < len && ((unsigned char)at[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Replaces what no text column takes; the outcome may be longer. */
static char *
repair(Arena *arena, const char *at, size_t len)
{
    Text text = text_new(arena);
    while (len > 0) {
        size_t bad_at = len, plain = strnlen(at, len);
        bool whole = text_utf8(at, plain, &bad_at);
        size_t good = whole ? plain : bad_at;
        text_add_bytes(&text, at, good);
        if (good < len) {
            text_add(&text, REPLACEMENT);
            good++;
        }
        at += good;
        len -= good;
    }
    return text.at;
}

char *
tail_text(const Tail *tail, Arena *arena)
{
    if (tail->seen == 0)
        return NULL;
    size_t len;
    char *bytes = straight(tail, arena, &len);
    size_t cut = tail->seen > TAIL_BYTES ? cut_bytes(bytes, len) : 0;
    char *text = repair(arena, bytes + cut, len - cut);
    len = strlen(text);
    if (len > TAIL_BYTES) {
        text += len - TAIL_BYTES;
        text += cut_bytes(text, TAIL_BYTES);
    }
    return text;
}
