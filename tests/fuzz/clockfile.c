/* Any bytes as a Clockfile.  What is refused is refused with problems that have a place in the
 * file and can be shown; what is accepted has jobs whose every value is within the bounds that
 * clockfile(5) names, and whose schedules have one canonical text.  The same bytes mean the
 * same twice, and memory stays in proportion to them. */

#include "fuzz.h"

#include "file/clockfile.h"

#define JSON_DEPTH 40
#define MEMORY_BASE (UINT64_C(1) << 20) /* zones and first blocks */
#define MEMORY_PER_BYTE 1024
#define YEAR_S (INT64_C(366) * 86400)

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    setenv("WORD", "word", 1);
    setenv("NUMBER", "7", 1);
    setenv("EMPTY", "", 1);
    return 0;
}

/* ---- JSON ---- */

static bool json_value(const char **at, int depth);

static void
json_blanks(const char **at)
{
    *at += strspn(*at, " \t\r\n");
}

static bool
json_string(const char **at)
{
    if (*(*at)++ != '"')
        return false;
    for (; **at != '"'; (*at)++) {
        if ((unsigned char)**at < 0x20)
            return false;
        if (**at != '\\')
            continue;
        (*at)++;
        if (**at == 'u') {
            if (strspn(*at + 1, "0123456789abcdefABCDEF") < 4 || strncmp(*at, "u0000", 5) == 0)
                return false; /* jsonb takes no NUL */
        } else if (**at == '\0' || strchr("\"\\/bfnrt", **at) == NULL) {
            return false;
        }
    }
    (*at)++;
    return true;
}

static bool
json_digits(const char **at)
{
    size_t n = strspn(*at, "0123456789");
    *at += n;
    return n > 0;
}

static bool
json_number(const char **at)
{
    *at += **at == '-';
    if (**at == '0')
        (*at)++;
    else if (!json_digits(at))
        return false;
    if (**at == '.' && ((*at)++, !json_digits(at)))
        return false;
    if (**at != 'e' && **at != 'E')
        return true;
    (*at)++;
    *at += **at == '+' || **at == '-';
    return json_digits(at);
}

/* What stands between brackets; *at is the opening one. */
static bool
json_members(const char **at, int depth)
{
    bool keys = **at == '{';
    char close = keys ? '}' : ']';
    (*at)++;
    json_blanks(at);
    for (bool first = true; **at != close; first = false) {
        if (!first && *(*at)++ != ',')
            return false;
        json_blanks(at);
        if (keys) {
            if (!json_string(at))
                return false;
            json_blanks(at);
            if (*(*at)++ != ':')
                return false;
        }
        if (!json_value(at, depth + 1))
            return false;
    }
    (*at)++;
    return true;
}

static bool
json_value(const char **at, int depth)
{
    static const char *const words[] = {"null", "true", "false"};
    bool ok = false;
    json_blanks(at);
    for (size_t i = 0; i < 3; i++) {
        if (strncmp(*at, words[i], strlen(words[i])) == 0) {
            *at += strlen(words[i]);
            json_blanks(at);
            return true;
        }
    }
    if (depth > JSON_DEPTH)
        return false;
    if (**at == '{' || **at == '[')
        ok = json_members(at, depth);
    else if (**at == '"')
        ok = json_string(at);
    else
        ok = json_number(at);
    json_blanks(at);
    return ok;
}

static bool
is_json(const char *text)
{
    size_t bad;
    return text_utf8(text, strlen(text), &bad) && json_value(&text, 0) && *text == '\0';
}

/* ---- one reading ---- */

typedef struct {
    Arena *arena;
    Clockfile *file; /* NULL: refused */
    Diags *diags;
    Text said;
    Error error;
} Reading;

static Reading
read_bytes(const uint8_t *bytes, size_t len)
{
    Reading it = {.arena = arena_new(0)};
    it.diags = diags_new(it.arena, "Clockfile.yml");
    bool ok = clockfile_read(
        it.arena, "Clockfile.yml", (const char *)bytes, len, &it.file, it.diags, &it.error);
    REQUIRE(ok == (it.file != NULL), "an output was touched");
    REQUIRE(ok == (diags_errors(it.diags) == 0), "%zu errors", diags_errors(it.diags));
    REQUIRE(arena_used(it.arena) <= MEMORY_BASE + MEMORY_PER_BYTE * len, "%zu bytes for %zu",
        arena_used(it.arena), len);
    it.said = text_new(it.arena);
    diags_write(it.diags, &it.said);
    return it;
}

/* Problems have a place, and can be shown. */
static void
check_problems(const Reading *it, const uint8_t *bytes, size_t len)
{
    const Diag *list;
    size_t n = diags_list(it->diags, &list), lines = 1, said = 0;
    for (size_t i = 0; i < len; i++)
        lines += bytes[i] == '\n' || bytes[i] == '\r';
    for (size_t i = 0; i < it->said.len; i++)
        said += it->said.at[i] == '\n';
    for (size_t i = 0; i < n; i++) {
        const Diag *diag = &list[i];
        REQUIRE(is_showable(diag->text), "'%s'", diag->text);
        REQUIRE(diag->hint == NULL || is_showable(diag->hint), "'%s'", diag->hint);
        REQUIRE((diag->pos.line == 0 && diag->pos.col == 0) ||
                    (diag->pos.line <= lines && diag->pos.col >= 1 && diag->pos.col <= len + 1),
            "%u:%u of %zu lines: %s", diag->pos.line, diag->pos.col, lines, diag->text);
    }
    REQUIRE(said <= DIAG_SHOWN + 1, "%zu lines", said);
    if (it->file == NULL)
        REQUIRE(
            it->error.kind == ERR_INPUT && is_showable(it->error.text), "'%s'", it->error.text);
}

/* ---- what is accepted ---- */

static bool
is_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_.:-";
    size_t len = strlen(text);
    return len >= 1 && len <= CLOCKFILE_MAX_NAME && strspn(text, letters) == len &&
           strchr(".:-", text[0]) == NULL;
}

static bool
is_between(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

static void
check_lists(const Job *job)
{
    for (size_t i = 0; job->tags != NULL && job->tags[i] != NULL; i++)
        REQUIRE(is_name(job->tags[i]), "%s: '%s'", job->name, job->tags[i]);
    REQUIRE(job->command == NULL || (job->command[0] != NULL && job->command[0][0] != '\0'),
        "%s", job->name);
    for (size_t i = 0; job->env != NULL && job->env[i] != NULL; i++) {
        size_t len = strcspn(job->env[i], "=");
        REQUIRE(len > 0 && job->env[i][len] == '=', "%s: '%s'", job->name, job->env[i]);
        for (size_t k = 0; k < i; k++)
            REQUIRE(strncmp(job->env[i], job->env[k], len + 1) != 0, "%s: %s twice", job->name,
                job->env[i]);
    }
}

static void
check_values(const Job *job)
{
    REQUIRE(is_name(job->name) && is_name(job->queue), "'%s', '%s'", job->name, job->queue);
    REQUIRE(is_between((int64_t)strlen(job->task), 1, 255), "%s: '%s'", job->name, job->task);
    REQUIRE(job->description == NULL || is_between((int64_t)strlen(job->description), 1, 4096),
        "%s", job->name);
    REQUIRE(strlen(job->payload) <= CLOCKFILE_MAX_PAYLOAD && is_json(job->payload), "%s: %s",
        job->name, job->payload);
    REQUIRE(is_between(job->timeout_s, 0, YEAR_S) && is_between(job->jitter_s, 0, 86400) &&
                is_between(job->within_s, 1, 10 * YEAR_S),
        "%s", job->name);
    REQUIRE(is_between(job->backoff_s, 1, job->backoff_max_s) && job->backoff_max_s <= YEAR_S,
        "%s", job->name);
    REQUIRE(is_between(job->limit, 1, 100000) && is_between(job->max_attempts, 1, 1000), "%s",
        job->name);
    check_lists(job);
}

static void
check_schedule(Arena *arena, Zones *zones, const Job *job)
{
    Text written = text_new(arena), again = text_new(arena);
    Schedule *parsed;
    Error error;
    schedule_write(job->schedule, &written);
    REQUIRE(strcmp(written.at, job->spec) == 0, "'%s', '%s'", written.at, job->spec);
    REQUIRE(schedule_parse(arena, zones, job->spec, &parsed, &error), "'%s': %s", job->spec,
        error.text);
    schedule_write(parsed, &again);
    REQUIRE(strcmp(again.at, job->spec) == 0, "'%s' becomes '%s'", job->spec, again.at);
}

static void
check_file(const Reading *it)
{
    const Clockfile *file = it->file;
    REQUIRE(file->n > 0 && is_name(file->name), "'%s'", file->name);
    REQUIRE(
        is_between(file->retention_s, 3600, 10 * YEAR_S), "%lld", (long long)file->retention_s);
    for (size_t i = 0; i < file->n; i++) {
        const Job *job = &file->jobs[i];
        REQUIRE(i == 0 || strcmp(job[-1].name, job->name) < 0, "%s", job->name);
        REQUIRE(clockfile_job(file, job->name) == job, "%s", job->name);
        check_values(job);
        check_schedule(it->arena, file->zones, job);
    }
}

/* ---- twice ---- */

static void
check_same(const Reading *a, const Reading *b)
{
    REQUIRE(strcmp(a->said.at, b->said.at) == 0, "'%s', '%s'", a->said.at, b->said.at);
    REQUIRE((a->file == NULL) == (b->file == NULL), "accepted once");
    if (a->file == NULL)
        return;
    REQUIRE(a->file->revision == b->file->revision && a->file->n == b->file->n, "%zu, %zu",
        a->file->n, b->file->n);
    for (size_t i = 0; i < a->file->n; i++) {
        const Job *x = &a->file->jobs[i], *y = &b->file->jobs[i];
        REQUIRE(strcmp(x->name, y->name) == 0 && strcmp(x->spec, y->spec) == 0 &&
                    strcmp(x->payload, y->payload) == 0 && x->spec_hash == y->spec_hash,
            "%s", x->name);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    Reading it = read_bytes(bytes, len), again = read_bytes(bytes, len);
    check_problems(&it, bytes, len);
    check_same(&it, &again);
    if (it.file != NULL)
        check_file(&it);
    arena_free(it.arena);
    arena_free(again.arena);
    return 0;
}
