/* What no other file knows: how the keys of a job and of `defaults:` become a Job. */

#include "file/jobs.h"

#include <stdlib.h>
#include <string.h>

#include "file/lists.h"
#include "file/names.h"
#include "file/payload.h"
#include "file/values.h"
#include "time/span.h"

/* ---- clock's own defaults ---- */

static int32_t
standard_span(KeyId key)
{
    int64_t span_s = 0;
    Error error;
    if (!span_read(keys[key].standard, keys[key].min, keys[key].max, &span_s, &error))
        abort(); /* the table of keys is wrong; a test reads every row */
    return (int32_t)span_s;
}

static int64_t
standard_number(KeyId key)
{
    int64_t n = 0;
    const char *text = keys[key].standard;
    if (!text_number(text, strlen(text), keys[key].min, keys[key].max, &n))
        abort();
    return n;
}

static uint8_t
standard_word(KeyId key)
{
    uint8_t i = 0;
    while (strcmp(keys[key].words[i], keys[key].standard) != 0)
        i++;
    return i;
}

Job
jobs_standard(Arena *brief)
{
    int64_t first_s, longest_s = 0;
    Error error;
    if (!value_read_backoff(brief, keys[KEY_BACKOFF].standard, &first_s, &longest_s, &error))
        abort();
    return (Job){.payload = "null",
        .queue = keys[KEY_QUEUE].standard,
        .within_s = standard_span(KEY_WITHIN),
        .backoff_s = (int32_t)first_s,
        .backoff_max_s = (int32_t)longest_s,
        .jitter_s = standard_span(KEY_JITTER),
        .limit = (int32_t)standard_number(KEY_LIMIT),
        .priority = (int16_t)standard_number(KEY_PRIORITY),
        .max_attempts = (int16_t)standard_number(KEY_MAX_ATTEMPTS),
        .missed = standard_word(KEY_MISSED),
        .overlap = standard_word(KEY_OVERLAP),
        .enabled = true};
}

/* ---- keys ---- */

static void
read_number(Reader *reader, KeyId key, NodeId node, Job *job)
{
    int64_t n;
    if (!value_number(reader, key, node, &n))
        return;
    if (key == KEY_PRIORITY)
        job->priority = (int16_t)n;
    else if (key == KEY_MAX_ATTEMPTS)
        job->max_attempts = (int16_t)n;
    else
        job->limit = (int32_t)n;
}

static void
read_word(Reader *reader, KeyId key, NodeId node, Job *job)
{
    int word;
    if (!value_word(reader, key, node, &word))
        return;
    if (key == KEY_MISSED)
        job->missed = (uint8_t)word;
    else
        job->overlap = (uint8_t)word;
}

/* No key takes a span beyond ten years of seconds, which 32 bits hold. */
static void
read_span(Reader *reader, KeyId key, NodeId node, Job *job)
{
    int64_t span_s, longest_s = job->backoff_max_s;
    bool ok = key == KEY_TIMEOUT   ? value_timeout(reader, key, node, &span_s)
              : key == KEY_BACKOFF ? value_backoff(reader, node, &span_s, &longest_s)
                                   : value_span(reader, key, node, &span_s);
    if (!ok)
        return;
    if (key == KEY_TIMEOUT)
        job->timeout_s = (int32_t)span_s;
    else if (key == KEY_WITHIN)
        job->within_s = (int32_t)span_s;
    else if (key == KEY_JITTER)
        job->jitter_s = (int32_t)span_s;
    if (key != KEY_BACKOFF)
        return;
    job->backoff_s = (int32_t)span_s;
    job->backoff_max_s = (int32_t)longest_s;
}

static void
read_text(Reader *reader, KeyId key, NodeId node, const char **out)
{
    const char *text;
    if (value_text(reader, key, node, &text))
        *out = pool_entry(reader->texts, text, strlen(text))->at;
}

static void
read_bound(KeyId key, NodeId node, Around *around)
{
    if (key == KEY_STARTS)
        around->starts = node;
    else if (key == KEY_ENDS)
        around->ends = node;
    else if (key == KEY_EXCLUDE)
        around->exclude = node;
}

/* One key of a job or of `defaults:`; `schedule` is left to the caller. */
static void
read_key(Reader *reader, KeyId key, NodeId node, JobDraft *draft)
{
    Job *job = &draft->job;
    switch (key) {
    case KEY_TIMEZONE:
        value_zone(reader, key, node, &draft->around.zone);
        break;
    case KEY_TASK:
        read_text(reader, key, node, &job->task);
        break;
    case KEY_DESCRIPTION:
        read_text(reader, key, node, &job->description);
        break;
    case KEY_PAYLOAD:
        payload_read(reader, node, &job->payload);
        break;
    case KEY_COMMAND:
        lists_command(reader, node, &job->command);
        break;
    case KEY_ENV:
        lists_env(reader, node, &job->env);
        break;
    case KEY_TAGS:
        lists_tags(reader, node, &job->tags);
        break;
    case KEY_QUEUE:
        names_read(reader, key, node, &job->queue);
        break;
    case KEY_PRIORITY:
    case KEY_MAX_ATTEMPTS:
    case KEY_LIMIT:
        read_number(reader, key, node, job);
        break;
    case KEY_TIMEOUT:
    case KEY_BACKOFF:
    case KEY_WITHIN:
    case KEY_JITTER:
        read_span(reader, key, node, job);
        break;
    case KEY_MISSED:
    case KEY_OVERLAP:
        read_word(reader, key, node, job);
        break;
    case KEY_ENABLED:
        value_bool(reader, key, node, &job->enabled);
        break;
    default:
        read_bound(key, node, &draft->around); /* schedule, and what jobs lack: not looked at */
        break;
    }
}

/* Reads all pairs of a mapping.  The schedule's node goes to *schedule; it stays 0 without one,
 * and becomes the mapping's own when a misspelt key was probably meant to be it. */
static void
read_pairs(Reader *reader, unsigned level, NodeId mapping, JobDraft *draft, NodeId *schedule)
{
    TreePair pair = {.key = 0};
    while (tree_pair(reader->tree, mapping, &pair)) {
        KeyId meant = KEYS, id = keys_find(level, pair.name.at, pair.name.len);
        if (id == KEYS)
            reader_refuse_key(reader, level, &pair, &meant);
        else if (id == KEY_SCHEDULE)
            *schedule = pair.value;
        else
            read_key(reader, id, pair.value, draft);
        if (meant == KEY_SCHEDULE && *schedule == 0)
            *schedule = mapping;
    }
}

void
jobs_read_defaults(Reader *reader, Rules *rules, NodeId mapping, JobDraft *defaults)
{
    NodeId schedule = 0;
    defaults->around.job = "";
    if (reader_expects(
            reader, KEY_DEFAULTS, mapping, NODE_MAPPING, "write KEY: VALUE below it"))
        read_pairs(reader, LEVEL_DEFAULTS, mapping, defaults, &schedule);
    rules_check_around(rules, &defaults->around);
    arena_reset(reader->brief);
}

/* ---- jobs ---- */

/* "good: "@daily"", "good:" and "good: schedule:"@daily"" are no jobs yet. */
static void
refuse_job(Reader *reader, const TreePair *pair)
{
    NodeId node = pair->value;
    TreeText text = {.at = "?", .len = 1};
    const char *name = reader_show(reader, pair->name.at, pair->name.len);
    NodeKind kind = tree_text(reader->tree, node, &text);
    if (kind == NODE_BAD)
        return;
    const char *colon = memchr(text.at, ':', text.len);
    if (text.len == 0)
        reader_refuse(reader, pair->key, "write schedule: \"...\" below it, indented",
            "job \"%s\" is empty: a mapping with a schedule is wanted", name);
    else if (colon != NULL && keys_find(LEVEL_JOB, text.at, (size_t)(colon - text.at)) != KEYS)
        reader_refuse(reader, node, "put a space after the \":\"",
            "job \"%s\" must be a mapping, and \"%s\" is text", name,
            reader_show(reader, text.at, text.len));
    else
        reader_refuse(reader, node,
            kind == NODE_SCALAR ? "write schedule: \"...\" below it, indented"
                                : "write KEY: VALUE below it, without the \"-\"",
            "job \"%s\" must be a mapping, not %s", name,
            kind == NODE_SCALAR ? "text" : "a list");
}

/* True when nothing that the rules look at differs from the defaults, which were checked. */
static bool
is_checked(const Around *around, const Around *defaults)
{
    return around->starts == defaults->starts && around->ends == defaults->ends &&
           around->exclude == defaults->exclude && around->zone == defaults->zone;
}

static void
read_schedule(Rules *rules, NodeId node, Around *around, Job *job)
{
    Planned planned;
    around->job = job->name;
    if (!rules_read(rules, node, around, &planned))
        return;
    job->schedule = planned.schedule;
    job->spec = planned.spec;
    job->spec_hash = planned.spec_hash;
    job->written = planned.written;
}

static void
read_job(Reader *reader, Rules *rules, const TreePair *pair, const JobDraft *defaults, Job *out)
{
    NodeId node = pair->value;
    const TreeText *name = &pair->name;
    Scalar checked = {.at = name->at, .len = name->len, .plain = name->plain};
    names_check(reader, "job", pair->key, &checked);
    if (tree_kind(reader->tree, node) != NODE_MAPPING) {
        refuse_job(reader, pair);
        return;
    }
    JobDraft draft = *defaults;
    NodeId schedule = 0;
    draft.job.name = arena_copy(reader->arena, name->at, name->len);
    draft.job.pos = tree_pos(reader->tree, pair->key);
    read_pairs(reader, LEVEL_JOB, node, &draft, &schedule);
    if (draft.job.task == NULL)
        draft.job.task = draft.job.name;
    if (!is_checked(&draft.around, &defaults->around))
        rules_check_around(rules, &draft.around);
    if (schedule == 0)
        reader_refuse(reader, pair->key, "write schedule: \"...\" below it",
            "job \"%s\" has no schedule", reader_show(reader, name->at, name->len));
    else if (schedule != node)
        read_schedule(rules, schedule, &draft.around, &draft.job);
    *out = draft.job;
}

/* ---- their order ---- */

/* A job to be sorted: eight bytes of its name, behind what all names have in common, decide
 * nearly every comparison. */
typedef struct {
    uint64_t head;
    const char *name;
    uint32_t place; /* in the file */
} Name;

static int
by_name(const void *a, const void *b)
{
    const Name *x = a, *y = b;
    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    return strcmp(x->name, y->name);
}

static uint64_t
head_of(const char *name)
{
    uint64_t head = 0;
    for (size_t i = 0; i < 8; i++) {
        head = head << 8 | (unsigned char)*name;
        name += *name != '\0';
    }
    return head;
}

/* True when the names ascend already; *common is how many bytes they all begin with alike. */
static bool
look_at_names(const Job *jobs, size_t n, size_t *common)
{
    bool sorted = true;
    *common = n == 0 ? 0 : strlen(jobs[0].name);
    for (size_t i = 1; i < n; i++) {
        const char *last = jobs[i - 1].name, *name = jobs[i].name;
        size_t same = 0;
        while (same < *common && name[same] == last[same])
            same++;
        *common = same;
        sorted = sorted && strcmp(last + same, name + same) <= 0;
    }
    return sorted;
}

/* Moves each job once: job names[i].place to place i. */
static void
rearrange(Job *jobs, Name *names, size_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        Job first = jobs[i];
        uint32_t to = i, from;
        for (; (from = names[to].place) != i; to = from) {
            jobs[to] = jobs[from];
            names[to].place = to;
        }
        jobs[to] = first;
        names[to].place = to;
    }
}

static void
sort_jobs(Arena *scratch, Job *jobs, size_t n)
{
    size_t common;
    if (look_at_names(jobs, n, &common))
        return;
    Name *names = arena_array(scratch, n, sizeof *names);
    for (uint32_t i = 0; i < n; i++)
        names[i] = (Name){head_of(jobs[i].name + common), jobs[i].name, i};
    qsort(names, n, sizeof *names, by_name);
    rearrange(jobs, names, n);
}

Job *
jobs_read(Reader *reader, Rules *rules, NodeId mapping, const JobDraft *defaults, size_t *n)
{
    *n = tree_count(reader->tree, mapping);
    Job *jobs = arena_array(reader->arena, *n, sizeof *jobs);
    TreePair pair = {.key = 0};
    for (size_t i = 0; tree_pair(reader->tree, mapping, &pair); i++) {
        read_job(reader, rules, &pair, defaults, &jobs[i]);
        arena_reset(reader->brief);
    }
    if (diags_errors(reader->diags) == 0) /* else some have no name */
        sort_jobs(reader->scratch, jobs, *n);
    return jobs;
}
