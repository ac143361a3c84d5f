/* Any bytes as a crontab, of any kind and for any daemon.  Every line is accounted for once;
 * what an import writes is a Clockfile with those jobs; and what an export says in full comes
 * back as the same jobs.  The first byte chooses kind, daemon and zone. */

#include "fuzz.h"

#include "file/cronexport.h"
#include "file/cronname.h"
#include "file/crontab.h"
#include "file/cronyaml.h"

static Arena *arena;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    arena = arena_new(0);
    return 0;
}

static Crontab *
read_crontab(const CrontabOptions *options, const char *at, size_t len)
{
    Crontab *crontab;
    Error error;
    REQUIRE(crontab_new(arena, options, &crontab, &error), "%s", error.text);
    crontab_add(crontab, "crontab", at, len);
    cronname_give(crontab);
    return crontab;
}

/* How many lines there are; a byte order mark is none. */
static size_t
count_lines(const char *at, size_t len)
{
    size_t lines = 0;
    if (len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) {
        at += 3;
        len -= 3;
    }
    for (size_t i = 0; i < len; i++)
        lines += at[i] == '\n' || i + 1 == len;
    return lines;
}

/* Each line has one outcome, and the counts add up. */
static void
check_accounts(const Crontab *crontab, size_t lines)
{
    const CrontabCounts *c = &crontab->counts;
    size_t told = 0, decisions = 0, refused = 0;
    uint32_t before = 0;
    for (size_t i = 0; i < crontab->n_remarks; i++) {
        const CrontabRemark *it = &crontab->remarks[i];
        REQUIRE(it->text[0] == '\0' || is_showable(it->text), "'%s'", it->text);
        REQUIRE(it->hint == NULL || is_showable(it->hint), "'%s'", it->hint);
        REQUIRE(
            it->outcome == CRONTAB_CONVERTED || it->text[0] != '\0', "line %u", it->pos.line);
        REQUIRE(
            it->entry == CRONTAB_NO_ENTRY || it->entry < crontab->n, "line %u", it->pos.line);
        REQUIRE(it->pos.line <= lines, "line %u of %zu", it->pos.line, lines);
        told += it->pos.line != 0 && it->pos.line != before;
        before = it->pos.line;
        decisions += it->outcome == CRONTAB_DECISION;
        refused += it->outcome == CRONTAB_REFUSED;
    }
    REQUIRE(c->lines == lines, "%zu of %zu lines", c->lines, lines);
    REQUIRE(c->entries + c->variables + c->comments + c->blank + c->refused == lines,
        "%zu + %zu + %zu + %zu + %zu of %zu", c->entries, c->variables, c->comments, c->blank,
        c->refused, lines);
    REQUIRE(told + c->blank == lines, "%zu told, %zu blank of %zu", told, c->blank, lines);
    REQUIRE(c->entries == crontab->n && c->decisions == decisions && c->refused == refused,
        "%zu entries, %zu decisions, %zu refused", c->entries, c->decisions, c->refused);
}

/* The Clockfile that an import writes, and as it is read. */
static const char *
clockfile_of(const Crontab *crontab, Clockfile **file)
{
    Text text = text_new(arena), said = text_new(arena);
    Diags *diags = diags_new(arena, "Clockfile.yml");
    Error error;
    REQUIRE(cronyaml_write(crontab, &text, NULL, &error), "%s", error.text);
    bool ok = clockfile_read(arena, "Clockfile.yml", text.at, text.len, file, diags, &error);
    diags_write(diags, &said);
    REQUIRE(ok, "%s\n%s", said.at, text.at);
    REQUIRE((*file)->n == crontab->n, "%zu jobs of %zu entries", (*file)->n, crontab->n);
    return text.at;
}

static size_t
count(const char *const *list)
{
    size_t n = 0;
    while (list != NULL && list[n] != NULL)
        n++;
    return n;
}

static bool
has(const char *const *list, const char *text)
{
    size_t i = 0;
    while (list != NULL && list[i] != NULL && strcmp(list[i], text) != 0)
        i++;
    return list != NULL && list[i] != NULL;
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The order of variables means nothing: one that was set back and set again comes last. */
static bool
same_job(const Job *a, const Job *b)
{
    bool same = b != NULL && strcmp(a->spec, b->spec) == 0 && same_text(a->queue, b->queue) &&
                same_text(a->description, b->description) && a->jitter_s == b->jitter_s &&
                a->enabled == b->enabled && a->missed == b->missed &&
                a->max_attempts == b->max_attempts && count(a->command) == count(b->command) &&
                count(a->env) == count(b->env);
    for (size_t i = 0; same && i < count(a->command); i++)
        same = strcmp(a->command[i], b->command[i]) == 0;
    for (size_t i = 0; same && i < count(a->env); i++)
        same = has(b->env, a->env[i]);
    return same;
}

/* What an export says in full comes back the same; what else it writes is a crontab too. */
static void
check_export(const CrontabOptions *options, const Clockfile *file, const char *before)
{
    Text text = text_new(arena), report = text_new(arena);
    CrontabExport result = cronexport_write(arena, file, options, &text, &report);
    REQUIRE(result.said + result.left == file->n && result.partly <= result.said,
        "%zu said, %zu left of %zu", result.said, result.left, file->n);
    if (result.said == 0)
        return;
    const Crontab *second = read_crontab(options, text.at, text.len);
    Clockfile *again;
    check_accounts(second, count_lines(text.at, text.len));
    REQUIRE(second->n >= result.said, "%zu of %zu:\n%s", second->n, result.said, text.at);
    const char *after = clockfile_of(second, &again);
    if (result.left > 0 || result.partly > 0)
        return;
    REQUIRE(again->n == file->n, "%zu jobs, then %zu", file->n, again->n);
    for (size_t i = 0; i < file->n; i++)
        REQUIRE(same_job(&file->jobs[i], clockfile_job(again, file->jobs[i].name)),
            "%s:\n%s\n---\n%s\n---\n%s", file->jobs[i].name, before, text.at, after);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const zones[] = {"Europe/Prague", "UTC", "Asia/Tokyo"};
    if (len < 1)
        return -1;
    const CrontabOptions options = {
        .kind = bytes[0] % 2 == 0 ? CRONTAB_USER : CRONTAB_SYSTEM,
        .daemon = (CrontabDaemon)(bytes[0] / 2 % 3),
        .zone = zones[bytes[0] / 6 % 3],
    };
    const char *at = (const char *)bytes + 1;
    arena_reset(arena);
    const Crontab *crontab = read_crontab(&options, at, len - 1);
    check_accounts(crontab, count_lines(at, len - 1));
    if (crontab->n == 0)
        return 0;
    Clockfile *file;
    const char *text = clockfile_of(crontab, &file);
    check_export(&options, file, text);
    return 0;
}
