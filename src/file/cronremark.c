/* What no other file knows: how the several things that there are to say of one line become one
 * remark. */

#include "file/cronremark.h"

#include <string.h>

#include "file/diag.h"

#define SHOWN_BYTES 60

static const char *
join(Arena *arena, const char *before, const char *text)
{
    return before == NULL || *before == '\0' ? arena_copy(arena, text, strlen(text))
                                             : arena_printf(arena, "%s; %s", before, text);
}

void
cronremark_add(Arena *arena, CrontabRemark *remark, CrontabOutcome outcome, const char *hint,
    const char *text)
{
    if (outcome > remark->outcome)
        remark->outcome = outcome;
    remark->text = join(arena, remark->text, text);
    if (hint != NULL)
        remark->hint = join(arena, remark->hint, hint);
}

void
cronremark_differs(Arena *arena, CrontabRemark *remark, const char *text)
{
    remark->differs = true;
    remark->text = join(arena, remark->text, text);
}

const char *
cronremark_show(Arena *arena, const char *text)
{
    size_t len = strlen(text), shown = len;
    if (len > SHOWN_BYTES) {
        shown = SHOWN_BYTES;
        while (shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
            shown--;
    }
    Text out = text_new(arena);
    diag_escape(&out, text, shown);
    text_add(&out, shown < len ? "..." : "");
    return out.at;
}

uint32_t
cronremark_column(const char *line, size_t offset)
{
    uint32_t column = 1;
    for (size_t i = 0; i < offset; i++)
        column += ((unsigned char)line[i] & 0xc0) != 0x80;
    return column;
}
