/* What no other file knows: how a crontab is read from top to bottom - variables count for the
 * entries below them, comments for the entry right below - and how every line gets its account.
 */

#include "file/crontab.h"

#include <stdlib.h>
#include <string.h>

#include "file/croncomment.h"
#include "file/cronentry.h"
#include "file/cronremark.h"
#include "file/cronslug.h"
#include "file/cronvariable.h"
#include "file/keys.h"

/* One file on its way. */
typedef struct {
    Crontab *crontab;
    Arena *arena; /* what the Crontab keeps */
    Arena *brief; /* what is needed for one line */
    const char *path;
    uint32_t line;
    CronVariables variables;
    Comment *comments; /* right above the next line, not yet anybody's */
    size_t *accounts;  /* the index of the remark of each */
    size_t n_comments, cap_comments;
    bool has_cr;
    bool goes_on; /* the line above ends in a backslash */
} Reading;

/* ---- accounts ---- */

static size_t
account(Reading *r, CrontabOutcome outcome, const char *text)
{
    Crontab *c = r->crontab;
    if (c->n_remarks == c->cap_remarks) {
        size_t cap = c->cap_remarks == 0 ? 64 : c->cap_remarks * 2;
        c->remarks = arena_grow(r->arena, c->remarks, c->cap_remarks * sizeof *c->remarks,
            cap * sizeof *c->remarks);
        c->cap_remarks = cap;
    }
    c->remarks[c->n_remarks] = (CrontabRemark){.path = r->path,
        .pos = {r->line, r->line == 0 ? 0 : 1},
        .outcome = outcome,
        .entry = CRONTAB_NO_ENTRY,
        .what = "",
        .text = text};
    return c->n_remarks++;
}

static const char *
kept(Reading *r, const char *text)
{
    return text == NULL ? NULL : *text == '\0' ? "" : arena_copy(r->arena, text, strlen(text));
}

/* The account of the line that is read, from a remark that was made in the brief arena. */
static void
keep_account(Reading *r, const CrontabRemark *made)
{
    size_t at = account(r, made->outcome, kept(r, made->text)); /* may move them all */
    CrontabRemark *remark = &r->crontab->remarks[at];
    remark->pos.col = made->pos.col;
    remark->entry = made->entry;
    remark->what = kept(r, made->what);
    remark->hint = kept(r, made->hint);
    remark->differs = made->differs;
}

static CrontabRemark
new_remark(const Reading *r)
{
    return (CrontabRemark){
        .pos = {r->line, 1}, .entry = CRONTAB_NO_ENTRY, .what = "", .text = ""};
}

static CrontabEntry *
new_entry(Reading *r)
{
    Crontab *c = r->crontab;
    if (c->n == c->cap) {
        size_t cap = c->cap == 0 ? 64 : c->cap * 2;
        c->entries = arena_grow(
            r->arena, c->entries, c->cap * sizeof *c->entries, cap * sizeof *c->entries);
        c->cap = cap;
    }
    return &c->entries[c->n++];
}

/* ---- comments ---- */

/* The comments above were no entry's: `text` says why. */
static void
drop_comments(Reading *r, const char *text)
{
    for (size_t i = 0; i < r->n_comments; i++)
        r->crontab->remarks[r->accounts[i]].text = text;
    r->n_comments = 0;
}

static void
keep_comment(Reading *r, const Comment *comment)
{
    if (r->n_comments == r->cap_comments) {
        size_t cap = r->cap_comments == 0 ? 16 : r->cap_comments * 2;
        r->comments = arena_grow(r->arena, r->comments, r->cap_comments * sizeof *r->comments,
            cap * sizeof *r->comments);
        r->accounts = arena_grow(r->arena, r->accounts, r->cap_comments * sizeof *r->accounts,
            cap * sizeof *r->accounts);
        r->cap_comments = cap;
    }
    r->comments[r->n_comments] = *comment;
    r->comments[r->n_comments].text = kept(r, comment->text);
    r->accounts[r->n_comments++] = account(r, CRONTAB_LEFT, "a comment at the end of the file");
}

/* What the Clockfile can hold as a description: not too long, and no ${...} to be answered. */
static bool
can_describe(const Text *text)
{
    bool variable =
        strncmp(text->at, "${", 2) == 0 && strchr(text->at, '}') == text->at + text->len - 1;
    return text->len <= (size_t)keys[KEY_DESCRIPTION].max && !variable;
}

static void
describe(Reading *r, CrontabEntry *entry, size_t index)
{
    Text text = text_new(r->brief);
    for (size_t i = 0; i < r->n_comments; i++) {
        if (r->comments[i].kind != COMMENT_TEXT)
            continue;
        text_add(&text, text.len > 0 ? "\n" : "");
        text_add(&text, r->comments[i].text);
    }
    bool fits = can_describe(&text);
    for (size_t i = 0; i < r->n_comments; i++) {
        CrontabRemark *remark = &r->crontab->remarks[r->accounts[i]];
        if (r->comments[i].kind == COMMENT_EMPTY || !fits) {
            remark->text = fits ? "a comment without words" : "too long for a description";
            continue;
        }
        bool named = r->comments[i].kind == COMMENT_NAME;
        remark->outcome = CRONTAB_CONVERTED;
        remark->entry = index;
        remark->what = named ? "name of " : "description of ";
        remark->text = "";
        if (named) {
            entry->name = r->comments[i].text;
            entry->named_by = r->accounts[i];
        }
    }
    if (text.len > 0 && fits)
        entry->description = kept(r, text.at);
    entry->title = kept(r, croncomment_title(r->brief, r->comments, r->n_comments));
    r->n_comments = 0;
}

/* ---- lines ---- */

/* An entry was read: gives it what stands above it. */
static void
add_entry(Reading *r, const CrontabEntry *found, CrontabRemark *remark)
{
    Crontab *c = r->crontab;
    CrontabEntry entry = *found;
    if (!cronvariable_apply(&r->variables, &entry, remark)) {
        drop_comments(r, "the entry below it was refused");
        keep_account(r, remark);
        return;
    }
    entry.path = r->path;
    entry.pos = (Pos){r->line, 1};
    entry.schedule = kept(r, found->schedule);
    entry.user = kept(r, found->user);
    entry.command = kept(r, found->command);
    entry.input = kept(r, found->input);
    describe(r, &entry, c->n);
    remark->entry = c->n;
    keep_account(r, remark);
    *new_entry(r) = entry;
    c->counts.entries++;
    c->counts.disabled += !entry.enabled;
}

static void
refuse_name(Reading *r, const char *name)
{
    CrontabRemark remark = new_remark(r);
    cronremark_add(r->brief, &remark, CRONTAB_DECISION,
        "use letters, digits, _ . : and -, a letter, digit or _ first",
        arena_printf(
            r->brief, "'%s' cannot be the name of a job", cronremark_show(r->brief, name)));
    keep_account(r, &remark);
}

static void
read_comment(Reading *r, const char *line)
{
    CrontabEntry entry = {.name = NULL};
    CrontabRemark remark = new_remark(r);
    Comment comment = croncomment_read(r->brief, &r->crontab->options, line, &entry, &remark);
    if (comment.kind == COMMENT_DISABLED) {
        cronremark_add(r->brief, &remark, CRONTAB_CONVERTED, NULL,
            "it is commented out, so enabled: false");
        add_entry(r, &entry, &remark);
        return;
    }
    r->crontab->counts.comments++;
    if (comment.kind == COMMENT_HEADER) {
        static const char why[] = "a comment of cron, or of the program that wrote the crontab";
        drop_comments(r, why);
        account(r, CRONTAB_LEFT, why);
    } else if (comment.kind == COMMENT_NAME && !cronslug_is_name(comment.text)) {
        refuse_name(r, comment.text);
    } else {
        keep_comment(r, &comment);
    }
}

/* What looks like the rest of the line above is a line to cron. */
static void
suspect_rest(Reading *r, CrontabRemark *remark)
{
    if (r->goes_on)
        cronremark_add(r->brief, remark, CRONTAB_DECISION, "put it all into one line",
            "the line above ends in '\\', and cron takes this one for a line of its own");
}

static void
read_entry(Reading *r, const char *line)
{
    CrontabEntry entry = {.name = NULL};
    CrontabRemark remark = new_remark(r);
    if (cronentry_read(r->brief, &r->crontab->options, line, &entry, &remark)) {
        remark.pos.col = 1;
        add_entry(r, &entry, &remark);
        return;
    }
    drop_comments(r, "the entry below it was refused");
    suspect_rest(r, &remark);
    keep_account(r, &remark);
}

/* A line that cannot be text: false, and accounted for. */
static bool
check_bytes(Reading *r, const char *at, size_t len)
{
    size_t bad = 0;
    const char *nul = memchr(at, '\0', len);
    if (nul == NULL && text_utf8(at, len, &bad))
        return true;
    size_t offset = nul != NULL ? (size_t)(nul - at) : bad;
    bool comment = at[strspn(arena_copy(r->brief, at, len), " \t")] == '#';
    CrontabRemark remark = new_remark(r);
    remark.pos.col = cronremark_column(at, offset);
    remark.outcome = comment ? CRONTAB_LEFT : CRONTAB_REFUSED;
    if (nul != NULL)
        cronremark_add(r->brief, &remark, remark.outcome, comment ? NULL : "remove it",
            "a NUL byte (0x00) in the line");
    else
        cronremark_add(r->brief, &remark, remark.outcome,
            comment ? NULL : "convert the file to UTF-8: iconv -f LATIN1 -t UTF-8",
            arena_printf(r->brief, "byte 0x%02X is not UTF-8", (unsigned char)at[offset]));
    drop_comments(r, "the line below it was refused");
    keep_account(r, &remark);
    r->crontab->counts.comments += comment;
    return false;
}

static void
read_text(Reading *r, const char *line)
{
    CrontabCounts *counts = &r->crontab->counts;
    const char *text = line + strspn(line, " \t");
    CrontabRemark remark = new_remark(r);
    if (*text == '\0') {
        counts->blank++;
        drop_comments(r, "a comment with no entry right below it");
    } else if (*text == '#') {
        read_comment(r, text);
    } else if (cronvariable_read(&r->variables, text, &remark)) {
        counts->variables += remark.outcome != CRONTAB_REFUSED;
        drop_comments(r, "a comment on a variable");
        suspect_rest(r, &remark);
        keep_account(r, &remark);
    } else {
        read_entry(r, line);
    }
}

static void
read_line(Reading *r, const char *at, size_t len)
{
    r->crontab->counts.lines++;
    r->line++;
    while (len > 0 && at[len - 1] == '\r') {
        r->has_cr = true;
        len--;
    }
    if (check_bytes(r, at, len))
        read_text(r, arena_copy(r->brief, at, len));
    r->goes_on = len > 0 && at[len - 1] == '\\';
}

/* ---- files ---- */

/* Says what holds for the whole file; `ended`: no daemon misses a line break at its end. */
static void
close_file(Reading *r, bool ended)
{
    Crontab *c = r->crontab;
    CrontabDaemon daemon = c->options.daemon;
    if (!ended) {
        size_t at = account(r, CRONTAB_CONVERTED, "");
        cronremark_differs(r->arena, &c->remarks[at],
            arena_printf(r->arena, "no line break at the end of the file: %s",
                daemon == CRONTAB_CRONIE ? "cronie passes over this line"
                                         : "Debian's cron ignores the whole file"));
    }
    r->line = 0;
    if (r->has_cr) {
        size_t at = account(r, CRONTAB_CONVERTED, "");
        cronremark_differs(r->arena, &c->remarks[at],
            "the lines end in CR LF: cron hands the CR to each command, clock does not");
    }
}

/* A blank line, or a comment. */
static bool
is_idle(const char *at, size_t len)
{
    size_t i = 0;
    while (i < len && (at[i] == ' ' || at[i] == '\t' || at[i] == '\r'))
        i++;
    return i == len || at[i] == '#';
}

static void
count_outcomes(Crontab *crontab, size_t from)
{
    for (size_t i = from; i < crontab->n_remarks; i++) {
        crontab->counts.decisions += crontab->remarks[i].outcome == CRONTAB_DECISION;
        crontab->counts.refused += crontab->remarks[i].outcome == CRONTAB_REFUSED;
    }
}

void
crontab_add(Crontab *crontab, const char *path, const char *at, size_t len)
{
    Reading r = {.crontab = crontab, .arena = crontab->arena, .brief = arena_new(0)};
    size_t from = crontab->n_remarks;
    r.path = arena_copy(crontab->arena, path, strlen(path));
    r.variables = cronvariable_none(
        crontab->arena, &crontab->options, crontab->zones, &crontab->variables);
    if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) {
        size_t i = account(&r, CRONTAB_CONVERTED, "");
        cronremark_differs(r.arena, &crontab->remarks[i],
            "a byte order mark stands at the beginning: cron refuses the line, clock does not");
        at += 3;
        len -= 3;
    }
    bool ended = true;
    for (size_t begin = 0; begin < len;) {
        const char *feed = memchr(at + begin, '\n', len - begin);
        size_t end = feed == NULL ? len : (size_t)(feed - at);
        arena_reset(r.brief);
        read_line(&r, at + begin, end - begin);
        ended = feed != NULL || is_idle(at + begin, end - begin);
        begin = end + 1;
    }
    close_file(&r, ended);
    arena_free(r.brief);
    crontab->counts.files++;
    count_outcomes(crontab, from);
}

bool
crontab_new(Arena *arena, const CrontabOptions *options, Crontab **out, Error *error)
{
    Crontab *crontab = arena_alloc(arena, sizeof *crontab);
    crontab->arena = arena;
    crontab->options = *options;
    crontab->zones = zones_new(arena);
    if (!zone_load(crontab->zones, options->zone, &crontab->zone, error))
        return false;
    *out = crontab;
    return true;
}
