/* What no other file knows: what stands at the top of a Clockfile, and how its parts become one
 * whole that is either right or refused. */

#include "file/clockfile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "file/input.h"
#include "file/jobs.h"
#include "file/names.h"
#include "file/rules.h"
#include "file/source.h"
#include "file/tree.h"
#include "file/values.h"
#include "time/span.h"

/* Part of every revision: to be raised when the same file comes to mean something else. */
#define ENGINE_VERSION UINT64_C(1)

/* A queue is only held against others while there are few. */
#define QUEUES_COMPARED 200

/* ---- warnings over the whole file ---- */

/* True when the names differ in digits alone: shard-1 and shard-2 are no misspelling. */
static bool
differ_in_digits(const char *a, const char *b)
{
    for (;;) {
        a += strspn(a, "0123456789");
        b += strspn(b, "0123456789");
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
        a++;
        b++;
    }
}

/* Warns of a queue of one job that reads like one of several. */
static void
warn_queues(Reader *reader, Job *jobs, size_t n)
{
    Pool *queues = pool_new(reader->scratch);
    for (size_t i = 0; i < n; i++)
        pool_entry(queues, jobs[i].queue, strlen(jobs[i].queue))->known = &jobs[i];
    const char *names[QUEUES_COMPARED];
    size_t many = 0;
    for (PoolEntry *it = pool_next(queues, NULL); it != NULL; it = pool_next(queues, it)) {
        if (it->uses > 1 && many < QUEUES_COMPARED)
            names[many++] = it->at;
    }
    for (PoolEntry *it = pool_next(queues, NULL); it != NULL; it = pool_next(queues, it)) {
        const char *near = it->uses == 1 ? text_nearest(it->at, names, many) : NULL;
        if (near == NULL || differ_in_digits(near, it->at))
            continue;
        const Job *job = it->known;
        diag_add(reader->diags, DIAG_WARNING, job->pos,
            arena_printf(reader->scratch, "did you mean \"%s\"?", near),
            "only job \"%s\" has the queue \"%s\"", job->name, it->at);
    }
}

/* ---- the top of the file ---- */

/* The nodes of the keys at the top; 0: not there. */
typedef struct {
    NodeId at[KEYS];
    bool jobs_misspelt; /* said already: they are not missing as well */
} Sections;

static void
find_sections(Reader *reader, Sections *sections)
{
    TreePair pair = {.key = 0};
    while (tree_pair(reader->tree, 0, &pair)) {
        KeyId meant = KEYS, id = keys_find(LEVEL_TOP, pair.name.at, pair.name.len);
        if (id == KEYS)
            reader_refuse_key(reader, LEVEL_TOP, &pair, &meant);
        else
            sections->at[id] = pair.value;
        sections->jobs_misspelt = sections->jobs_misspelt || meant == KEY_JOBS;
        arena_reset(reader->brief);
    }
}

static void
read_head(Reader *reader, const Sections *sections, Clockfile *file)
{
    Error error;
    file->name = keys[KEY_NAME].standard;
    if (sections->at[KEY_NAME] != 0)
        names_read(reader, KEY_NAME, sections->at[KEY_NAME], &file->name);
    if (!zone_load(reader->zones, keys[KEY_TIMEZONE].standard, &file->zone, &error) ||
        !span_read(keys[KEY_RETENTION].standard, 0, INT64_MAX, &file->retention_s, &error))
        abort(); /* UTC is built in, and a test reads the table */
    if (sections->at[KEY_TIMEZONE] != 0)
        value_zone(reader, KEY_TIMEZONE, sections->at[KEY_TIMEZONE], &file->zone);
    if (sections->at[KEY_RETENTION] != 0)
        value_span(reader, KEY_RETENTION, sections->at[KEY_RETENTION], &file->retention_s);
    arena_reset(reader->brief);
}

static void
read_jobs(Reader *reader, const Sections *sections, Clockfile *file)
{
    NodeId defaults = sections->at[KEY_DEFAULTS], schedules = sections->at[KEY_SCHEDULES];
    NodeId jobs = sections->at[KEY_JOBS];
    Rules *rules = rules_new(reader);
    JobDraft standard = {.job = jobs_standard(reader->brief), .around.zone = file->zone};
    if (defaults != 0)
        jobs_read_defaults(reader, rules, defaults, &standard);
    if (schedules != 0 && reader_expects(reader, KEY_SCHEDULES, schedules, NODE_MAPPING,
                              "write NAME: \"...\" below it, indented"))
        rules_read_named(rules, schedules, standard.around.zone);
    if (jobs == 0 && !sections->jobs_misspelt)
        diag_add(reader->diags, DIAG_ERROR, (Pos){1, 1}, "write jobs: and a job below it",
            "the file has no \"jobs\"");
    if (jobs == 0 || !reader_expects(reader, KEY_JOBS, jobs, NODE_MAPPING,
                         "write NAME: below it, indented, and below that schedule: \"...\""))
        return;
    file->jobs = jobs_read(reader, rules, jobs, &standard, &file->n);
    if (file->n == 0 && diags_errors(reader->diags) == 0)
        reader_refuse(reader, jobs,
            "write a job below it; enabled: false keeps one from firing", "\"jobs\" is empty");
}

static void
read_root(Reader *reader, Clockfile *file)
{
    Sections sections = {.jobs_misspelt = false};
    if (tree_kind(reader->tree, 0) != NODE_MAPPING) {
        reader_refuse(reader, 0, "write jobs: and a job below it",
            "a Clockfile must be a mapping, not %s",
            tree_kind(reader->tree, 0) == NODE_LIST ? "a list" : "text");
        return;
    }
    find_sections(reader, &sections);
    read_head(reader, &sections, file);
    read_jobs(reader, &sections, file);
    if (diags_errors(reader->diags) == 0)
        warn_queues(reader, file->jobs, file->n);
}

/* ---- reading ---- */

static uint64_t
revision_of(const Reader *reader, const char *at, size_t len)
{
    const uint64_t parts[] = {
        pool_mix(HASH_START, at, len),
        reader->environment,
        zones_hash(reader->zones),
        ENGINE_VERSION,
    };
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        hash = hash_final(hash ^ parts[i]);
    return hash;
}

/* Reads what is known to be text; what is wrong goes to diags. */
static void
read_source(Arena *scratch, const Source *source, Diags *diags, Reader *reader, Clockfile *file)
{
    const Tree *tree = tree_read(scratch, source, diags);
    if (tree == NULL)
        return;
    reader->tree = tree;
    reader->scratch = scratch;
    reader->brief = arena_new(0);
    reader->zone_names = pool_new(scratch);
    reader->json = text_new(scratch);
    read_root(reader, file);
    arena_free(reader->brief);
}

static bool
count_errors(Arena *arena, const char *path, const Diags *diags, Error *error)
{
    size_t n = diags_errors(diags);
    if (diags_no_memory(diags))
        return error_set(
            error, ERR_MEMORY, "no memory to read '%.200s'", text_safe(arena, path));
    return error_set(error, ERR_INPUT, "%zu error%s in '%.200s'", n, n == 1 ? "" : "s",
        text_safe(arena, path));
}

bool
clockfile_read(Arena *arena, const char *path, const char *at, size_t len, Clockfile **out,
    Diags *diags, Error *error)
{
    if (len > CLOCKFILE_MAX_BYTES)
        return error_set(error, ERR_INPUT, "'%.200s' is larger than %u MiB",
            text_safe(arena, path), CLOCKFILE_MAX_BYTES / (1024u * 1024));
    Arena *scratch = arena_new(0);
    Source source = source_new(scratch, at, len);
    Clockfile *file = arena_alloc(arena, sizeof *file);
    Reader reader = {.arena = arena,
        .diags = diags,
        .texts = pool_new(arena),
        .zones = zones_new(arena),
        .environment = HASH_START};
    file->path = arena_copy(arena, path, strlen(path));
    file->zones = reader.zones;
    if (source_check(&source, diags))
        read_source(scratch, &source, diags, &reader, file);
    arena_free(scratch);
    if (diags_errors(diags) != 0)
        return count_errors(arena, path, diags, error);
    file->revision = revision_of(&reader, at, len);
    *out = file;
    return true;
}

bool
clockfile_load(Arena *arena, const char *path, Clockfile **out, Diags *diags, Error *error)
{
    Arena *bytes = arena_new(0);
    char *at;
    size_t len;
    bool ok = input_read(bytes, path, CLOCKFILE_MAX_BYTES, &at, &len, diags, error) &&
              clockfile_read(arena, path, at, len, out, diags, error);
    arena_free(bytes);
    return ok;
}

bool
clockfile_find(Arena *arena, const char **path, Error *error)
{
    static const char *const names[] = {"Clockfile.yml", "clockfile.yml"};
    struct stat found[2];
    bool here[2];
    for (int i = 0; i < 2; i++)
        here[i] = lstat(names[i], &found[i]) == 0;
    /* Where case does not count, the two names are one file. */
    bool two = here[0] && here[1] &&
               (found[0].st_ino != found[1].st_ino || found[0].st_dev != found[1].st_dev);
    if (two) {
        error_set(error, ERR_INPUT, "both '%s' and '%s' are here", names[0], names[1]);
        return error_hint(error, "remove one, or name the file to use");
    }
    if (!here[0] && !here[1]) {
        error_set(error, ERR_INPUT, "no Clockfile.yml here");
        return error_hint(error, "type clock init, or name a file");
    }
    *path = arena_copy(arena, names[here[0] ? 0 : 1], strlen(names[0]));
    return true;
}

static int
against_name(const void *name, const void *job)
{
    return strcmp(name, ((const Job *)job)->name);
}

const Job *
clockfile_job(const Clockfile *file, const char *name)
{
    return file->n == 0 ? NULL
                        : bsearch(name, file->jobs, file->n, sizeof *file->jobs, against_name);
}
