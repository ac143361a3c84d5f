/* What no other file knows: how a crontab is used in place of a Clockfile.  It is converted as
 * `clock import` would, so that what is previewed is what an import will fire, and the places
 * in the Clockfile that nobody ever sees become places in the crontab. */

#include "file/cronload.h"

#include <string.h>

#include "file/cronname.h"
#include "file/cronyaml.h"
#include "file/input.h"

/* `    schedule: "` in what cronyaml_write writes. */
#define SCHEDULE_LINE 1
#define SCHEDULE_COLUMN 16

/* The entry that wrote this line of the Clockfile; CRONTAB_NO_ENTRY: none. */
static size_t
entry_of(const Crontab *crontab, const uint32_t *first_line, uint32_t line)
{
    size_t low = 0, high = crontab->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (first_line[middle] <= line)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? CRONTAB_NO_ENTRY : low - 1;
}

static Pos
place_of(const Crontab *crontab, const uint32_t *first_line, Pos pos)
{
    size_t i = entry_of(crontab, first_line, pos.line);
    if (i == CRONTAB_NO_ENTRY)
        return (Pos){0, 0};
    const CrontabEntry *entry = &crontab->entries[i];
    Pos out = entry->pos;
    if (pos.line == first_line[i] + SCHEDULE_LINE && entry->schedule_col > 0) {
        out.col = entry->schedule_col;
        if (pos.col > SCHEDULE_COLUMN)
            out.col += pos.col - SCHEDULE_COLUMN;
    }
    return out;
}

/* Hands over what was found in the Clockfile; those that were only
 * counted are counted again. */
static void
hand_over(const Crontab *crontab, const uint32_t *first_line, const Diags *from, Diags *diags)
{
    const Diag *list;
    size_t n = diags_list(from, &list), warnings = 0, errors = 0;
    for (size_t i = 0; i < n; i++) {
        Pos pos = place_of(crontab, first_line, list[i].pos);
        diag_add(diags, list[i].level, pos, list[i].hint, "%s", list[i].text);
        *(list[i].level == DIAG_WARNING ? &warnings : &errors) += 1;
    }
    const Pos last = {UINT32_MAX, 1};
    for (; errors < diags_errors(from); errors++)
        diag_add(diags, DIAG_ERROR, last, NULL, "not shown");
    for (; warnings < diags_warnings(from); warnings++)
        diag_add(diags, DIAG_WARNING, last, NULL, "not shown");
}

static void
report(const Crontab *crontab, Diags *diags)
{
    for (size_t i = 0; i < crontab->n_remarks; i++) {
        const CrontabRemark *remark = &crontab->remarks[i];
        const char *what = remark->entry == CRONTAB_NO_ENTRY ? remark->what : "";
        const char *colon = *what == '\0' ? "" : ": ";
        if (remark->outcome < CRONTAB_DECISION && !remark->differs)
            continue;
        diag_add(diags, remark->outcome == CRONTAB_REFUSED ? DIAG_ERROR : DIAG_WARNING,
            remark->pos, remark->hint, "%s%s%s", what, colon, remark->text);
    }
}

static bool
refuse(Arena *arena, const char *path, size_t n_entries, const Diags *diags, Error *error)
{
    size_t n = diags_errors(diags);
    error_set(error, ERR_INPUT, "%zu error%s in '%.200s'", n, n == 1 ? "" : "s",
        text_safe(arena, path));
    return n_entries > 0 &&
           error_hint(error, "type clock import %.100s to have the other lines", path);
}

/* From bytes to a Clockfile, by way of its text. */
static bool
convert(Arena *arena, Crontab *crontab, const char *path, Clockfile **out, Diags *diags,
    Error *error)
{
    report(crontab, diags);
    if (diags_errors(diags) > 0)
        return refuse(crontab->arena, path, crontab->n, diags, error);
    if (crontab->n == 0)
        return error_set(error, ERR_NO, "no line of '%.200s' is an entry of a crontab",
            text_safe(crontab->arena, path));
    Text text = text_new(crontab->arena);
    uint32_t *first_line = arena_array(crontab->arena, crontab->n, sizeof *first_line);
    Diags *inner = diags_new(crontab->arena, path);
    cronname_give(crontab);
    if (!cronyaml_write(crontab, &text, first_line, error))
        return false;
    bool ok = clockfile_read(arena, path, text.at, text.len, out, inner, error);
    hand_over(crontab, first_line, inner, diags);
    for (size_t i = 0; ok && i < (*out)->n; i++)
        (*out)->jobs[i].pos = place_of(crontab, first_line, (*out)->jobs[i].pos);
    return ok;
}

bool
cronload_file(Arena *arena, const char *path, const CrontabOptions *options, Clockfile **out,
    Diags *diags, Error *error)
{
    Arena *scratch = arena_new(0);
    Crontab *crontab;
    char *at;
    size_t len;
    bool ok = crontab_new(scratch, options, &crontab, error) &&
              input_read(scratch, path, CLOCKFILE_MAX_BYTES, &at, &len, diags, error);
    if (ok) {
        crontab_add(crontab, path, at, len);
        ok = convert(arena, crontab, path, out, diags, error);
    }
    arena_free(scratch);
    return ok;
}
