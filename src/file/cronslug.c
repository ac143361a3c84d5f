/* What no other file knows: which of the words that people write can be the name of a job, and
 * how it looks then. */

#include "file/cronslug.h"

#include <string.h>

#include "base/text.h"
#include "file/clockfile.h"
#include "file/scalar.h"

#define PART_MIN 1
#define PART_MAX 48

static bool
is_alnum(char c)
{
    c = text_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool
cronslug_is_name(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > CLOCKFILE_MAX_NAME)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_alnum(text[i]) && text[i] != '_' && (i == 0 || strchr(".:-", text[i]) == NULL))
            return false;
    }
    return true;
}

const char *
cronslug_part(Arena *arena, const char *text)
{
    Text part = text_new(arena);
    size_t foreign = 0;
    for (const char *at = text; *at != '\0'; at++) {
        bool kept =
            is_alnum(*at) || *at == '_' || (*at == '.' && part.len > 0 && is_alnum(at[1]));
        foreign += (*at & 0x80) != 0;
        if (kept)
            text_add_char(&part, text_lower(*at));
        else if (part.len > 0 && part.at[part.len - 1] != '-')
            text_add_char(&part, '-');
    }
    while (part.len > 0 && strchr("-.", part.at[part.len - 1]) != NULL)
        part.at[--part.len] = '\0';
    bool fits = part.len >= PART_MIN && part.len <= PART_MAX && foreign <= part.len / 2;
    return fits ? part.at : NULL;
}

const char *
cronslug_make(Arena *arena, const char *text)
{
    const char *part = cronslug_part(arena, text);
    if (part == NULL)
        return NULL;
    /* What begins with a letter and is no number or truth value to any YAML reader. */
    bool word =
        (part[0] < '0' || part[0] > '9') && scalar_meaning(part, strlen(part)) == SCALAR_TEXT;
    return word ? part : arena_printf(arena, "job-%s", part);
}
