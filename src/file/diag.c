/* What no other file knows: which problems of a file are kept and shown, and in what words a
 * place is written. */

#include "file/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LEVELS 2
/* Of a message before it is cut: it holds an Error and what stands around. */
#define TEXT_BYTES 640
#define HINT_BYTES 400

struct Diags {
    Arena *arena;
    const char *file;
    size_t added[LEVELS];
    size_t kept[LEVELS];
    bool no_memory;
    Diag list[LEVELS * DIAG_SHOWN]; /* by place; of one place, in the order of their coming */
};

Diags *
diags_new(Arena *arena, const char *file)
{
    Diags *diags = arena_alloc(arena, sizeof *diags);
    diags->arena = arena;
    diags->file = arena_copy(arena, file, strlen(file));
    return diags;
}

void
diag_escape(Text *text, const char *at, size_t len)
{
    size_t from = 0;
    for (size_t i = 0; i < len; i++) {
        const char *as = at[i] == '\n'   ? "\\n"
                         : at[i] == '\r' ? "\\r"
                         : at[i] == '\t' ? "\\t"
                                         : NULL;
        if (as == NULL)
            continue;
        text_add_safe(text, at + from, i - from);
        text_add(text, as);
        from = i + 1;
    }
    text_add_safe(text, at + from, len - from);
}

static bool
is_before(Pos a, Pos b)
{
    return a.line != b.line ? a.line < b.line : a.col < b.col;
}

/* The index of the last kept problem of that level; there must be one. */
static size_t
last_of(const Diags *diags, DiagLevel level)
{
    size_t i = diags->kept[DIAG_ERROR] + diags->kept[DIAG_WARNING];
    while (diags->list[--i].level != level)
        assert(i > 0);
    return i;
}

bool
diag_is_kept(const Diags *diags, DiagLevel level, Pos pos)
{
    return diags->kept[level] < DIAG_SHOWN ||
           is_before(pos, diags->list[last_of(diags, level)].pos);
}

static void
drop(Diags *diags, size_t at)
{
    size_t n = diags->kept[DIAG_ERROR] + diags->kept[DIAG_WARNING];
    diags->kept[diags->list[at].level]--;
    memmove(&diags->list[at], &diags->list[at + 1], (n - at - 1) * sizeof diags->list[0]);
}

static void
insert(Diags *diags, Diag diag)
{
    if (diags->kept[diag.level] == DIAG_SHOWN)
        drop(diags, last_of(diags, diag.level));
    size_t n = diags->kept[DIAG_ERROR] + diags->kept[DIAG_WARNING];
    size_t at = n;
    while (at > 0 && is_before(diag.pos, diags->list[at - 1].pos))
        at--;
    memmove(&diags->list[at + 1], &diags->list[at], (n - at) * sizeof diags->list[0]);
    diags->list[at] = diag;
    diags->kept[diag.level]++;
}

/* An escaped copy of a text that may have been cut at `size` bytes: then it ends in "...". */
static const char *
escaped(Arena *arena, const char *at, size_t size)
{
    size_t len = strlen(at);
    bool cut = len + 1 >= size;
    if (cut) {
        len -= 4;
        while (len > 0 && ((unsigned char)at[len] & 0xc0) == 0x80)
            len--;
    }
    Text text = text_new(arena);
    diag_escape(&text, at, len);
    text_add(&text, cut ? "..." : "");
    return text.at;
}

void
diag_add(Diags *diags, DiagLevel level, Pos pos, const char *hint, const char *fmt, ...)
{
    diags->added[level]++;
    if (!diag_is_kept(diags, level, pos))
        return;
    char raw[TEXT_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    Diag diag = {.pos = pos, .level = level, .text = escaped(diags->arena, raw, sizeof raw)};
    if (hint != NULL) {
        snprintf(raw, HINT_BYTES, "%s", hint);
        diag.hint = escaped(diags->arena, raw, HINT_BYTES);
    }
    insert(diags, diag);
}

void
diag_memory(Diags *diags)
{
    diags->no_memory = true;
    diag_add(diags, DIAG_ERROR, (Pos){0, 0}, NULL, "no memory for the YAML reader");
}

size_t
diags_errors(const Diags *diags)
{
    return diags->added[DIAG_ERROR];
}

size_t
diags_warnings(const Diags *diags)
{
    return diags->added[DIAG_WARNING];
}

bool
diags_no_memory(const Diags *diags)
{
    return diags->no_memory;
}

const char *
diags_file(const Diags *diags)
{
    return diags->file;
}

size_t
diags_list(const Diags *diags, const Diag **out)
{
    *out = diags->list;
    return diags->kept[DIAG_ERROR] + diags->kept[DIAG_WARNING];
}

static void
write_one(const Diags *diags, const Diag *diag, Text *text)
{
    text_add_safe(text, diags->file, strlen(diags->file));
    if (diag->pos.line != 0)
        text_addf(text, ":%u:%u", diag->pos.line, diag->pos.col);
    text_addf(text, ": %s: %s", diag->level == DIAG_ERROR ? "error" : "warning", diag->text);
    if (diag->hint != NULL)
        text_addf(text, "; %s", diag->hint);
    text_add_char(text, '\n');
}

void
diags_write(const Diags *diags, Text *text)
{
    size_t n = diags->kept[DIAG_ERROR] + diags->kept[DIAG_WARNING];
    size_t warnings_left = DIAG_SHOWN - diags->kept[DIAG_ERROR];
    size_t shown = 0;
    for (size_t i = 0; i < n; i++) {
        if (diags->list[i].level == DIAG_WARNING && warnings_left-- == 0) {
            warnings_left = 0;
            continue;
        }
        write_one(diags, &diags->list[i], text);
        shown++;
    }
    size_t all = diags->added[DIAG_ERROR] + diags->added[DIAG_WARNING];
    if (all > shown) {
        text_add_safe(text, diags->file, strlen(diags->file));
        text_addf(text, ": and %zu more\n", all - shown);
    }
}
