/* What no other file knows: which bytes may stand in a text file, and how an offset becomes a
 * line and a column. */

#include "file/source.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/text.h"

/* A place is counted from the nearest mark before it, so that a million of them stay cheap. */
#define MARK_BYTES 64u

struct SourceMark {
    uint32_t line, col;
};

static Pos
step(const Source *source, Pos pos, size_t offset)
{
    unsigned char c = (unsigned char)source->at[offset];
    bool lone_cr = c == '\r' && (offset + 1 == source->len || source->at[offset + 1] != '\n');
    if (c == '\n' || lone_cr)
        return (Pos){pos.line + 1, 1};
    pos.col += (c & 0xc0) != 0x80;
    return pos;
}

/* The eight bytes there, the first of them lowest. */
static uint64_t
load(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

/* The high bit of every byte that is not 0x20..0x7e. */
static uint64_t
odd_bytes(uint64_t word)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t low = word & ~high;
    return (word | ~(low + ones * 0x60) | (low + ones)) & high;
}

/* True for what needs no thought: a tab, and CR before LF. */
static bool
is_harmless(const Source *source, size_t i)
{
    return source->at[i] == '\t' ||
           (source->at[i] == '\r' && i + 1 < source->len && source->at[i + 1] == '\n');
}

/* Marks eight bytes at a time: fast, but true only of text that turns out to be plain.  Returns
 * how far it came: to the end but for less than eight bytes. */
static size_t
mark_plain(Source *source, struct SourceMark *marks, Pos *end)
{
    size_t line_start = 0, i = 0;
    uint32_t line = 1;
    for (; source->plain && i + 8 <= source->len; i += 8) {
        if (i % MARK_BYTES == 0)
            marks[i / MARK_BYTES] = (struct SourceMark){line, (uint32_t)(i - line_start) + 1};
        for (uint64_t odd = odd_bytes(load(source->at + i)); odd != 0; odd &= odd - 1) {
            size_t at = i + (size_t)__builtin_ctzll(odd) / 8;
            if (source->at[at] != '\n') {
                source->plain = source->plain && is_harmless(source, at);
                continue;
            }
            line++;
            line_start = at + 1;
        }
    }
    *end = (Pos){line, (uint32_t)(i - line_start) + 1};
    return i;
}

static void
mark_from(Source *source, struct SourceMark *marks, size_t i, Pos pos)
{
    unsigned char all = 0;
    for (; i < source->len; i++) {
        unsigned char c = (unsigned char)source->at[i];
        if (i % MARK_BYTES == 0)
            marks[i / MARK_BYTES] = (struct SourceMark){pos.line, pos.col};
        source->plain = source->plain && (c == '\n' || (c >= 0x20 && c < 0x7f));
        all |= c;
        pos = step(source, pos, i);
    }
    if (source->len % MARK_BYTES == 0)
        marks[source->len / MARK_BYTES] = (struct SourceMark){pos.line, pos.col};
    source->ascii = all < 0x80;
}

Source
source_new(Arena *arena, const char *at, size_t len)
{
    size_t bom = len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    Source source = {.at = at + bom, .len = len - bom, .plain = true};
    struct SourceMark *marks = arena_array(arena, source.len / MARK_BYTES + 1, sizeof *marks);
    Pos pos;
    size_t done = mark_plain(&source, marks, &pos);
    if (!source.plain) {
        done = 0;
        pos = (Pos){1, 1};
    }
    mark_from(&source, marks, done, pos);
    source.marks = marks;
    return source;
}

Pos
source_pos(const Source *source, size_t offset)
{
    assert(offset <= source->len);
    size_t from = offset / MARK_BYTES * MARK_BYTES;
    const struct SourceMark *mark = &source->marks[offset / MARK_BYTES];
    Pos pos = {mark->line, mark->col};
    for (size_t i = from; i < offset; i++)
        pos = step(source, pos, i);
    return pos;
}

/* UTF-16 and UTF-32 begin with a mark of their own, or with a NUL beside an ASCII character. */
static bool
is_wide(const char *at, size_t len)
{
    if (len < 2)
        return false;
    return memcmp(at, "\xff\xfe", 2) == 0 || memcmp(at, "\xfe\xff", 2) == 0 ||
           ((at[0] == '\0') != (at[1] == '\0'));
}

/* Beyond ASCII, YAML refuses C1 controls (but NEL), U+FEFF inside, and U+FFFE, U+FFFF. */
static bool
is_refused(const char *at, size_t len)
{
    const unsigned char *byte = (const unsigned char *)at;
    if (byte[0] == 0xc2)
        return byte[1] < 0xa0 && byte[1] != 0x85;
    return len >= 3 &&
           (memcmp(at, "\xef\xbb\xbf", 3) == 0 || memcmp(at, "\xef\xbf\xbe", 3) == 0 ||
               memcmp(at, "\xef\xbf\xbf", 3) == 0);
}

static bool
report_control(const Source *source, size_t offset, Diags *diags)
{
    unsigned char c = (unsigned char)source->at[offset];
    if (c < 0x80)
        diag_add(diags, DIAG_ERROR, source_pos(source, offset),
            "remove it, or write it as an escape in double quotes", "control character 0x%02X",
            c);
    else
        diag_add(diags, DIAG_ERROR, source_pos(source, offset),
            "remove it, or write it as an escape in double quotes",
            "the character %.*s cannot stand in a YAML file", (int)text_char_len(c),
            source->at + offset);
    return false;
}

bool
source_check(const Source *source, Diags *diags)
{
    if (source->plain)
        return true;
    if (is_wide(source->at, source->len)) {
        diag_add(diags, DIAG_ERROR, (Pos){1, 1},
            "convert it: iconv -f UTF-16 -t UTF-8 OLD > NEW", "the file is UTF-16, not UTF-8");
        return false;
    }
    size_t bad = source->len;
    if (!source->ascii && !text_utf8(source->at, source->len, &bad)) {
        diag_add(diags, DIAG_ERROR, source_pos(source, bad), "save the file as UTF-8",
            "byte 0x%02X is not UTF-8", (unsigned char)source->at[bad]);
        return false;
    }
    for (size_t i = 0; i < source->len; i++) {
        unsigned char c = (unsigned char)source->at[i];
        if (c >= 0x20 && c < 0x7f)
            continue;
        if (c < 0x80 ? c != '\n' && c != '\r' && c != '\t'
                     : is_refused(source->at + i, source->len - i))
            return report_control(source, i, diags);
    }
    return true;
}
