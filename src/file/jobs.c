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

static int64_t
standard_span(KeyId key)
{
    int64_t span_s = 0;
    Error error;
    if (!span_read(keys[key].standard, keys[key].min, keys[key].max, &span_s, &error))
        abort(); /* the table of keys is wrong; a test reads every row */
    return span_s;
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

static int
standard_word(KeyId key)
{
    int i = 0;
    while (strcmp(keys[key].words[i], keys[key].standard) != 0)
        i++;
    return i;
}

JobDraft
jobs_standard(Reader *reader, const Zone *zone)
{
    JobDraft draft = {.around.zone = zone};
    Job *job = &draft.job;
    Error error;
    const char *queue = keys[KEY_QUEUE].standard;
    job->queue = pool_entry(reader->texts, queue, strlen(queue))->at;
    job->payload = "null";
    job->within_s = standard_span(KEY_WITHIN);
    job->jitter_s = standard_span(KEY_JITTER);
    job->limit = (int32_t)standard_number(KEY_LIMIT);
    job->priority = (int16_t)standard_number(KEY_PRIORITY);
    job->max_attempts = (int16_t)standard_number(KEY_MAX_ATTEMPTS);
    job->missed = (MissedPolicy)standard_word(KEY_MISSED);
    job->overlap = (OverlapPolicy)standard_word(KEY_OVERLAP);
    job->enabled = true;
    if (!value_read_backoff(reader->brief, keys[KEY_BACKOFF].standard, &job->backoff_s,
            &job->backoff_max_s, &error))
        abort();
    return draft;
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
        job->missed = (MissedPolicy)word;
    else
        job->overlap = (OverlapPolicy)word;
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
        value_timeout(reader, key, node, &job->timeout_s);
        break;
    case KEY_BACKOFF:
        value_backoff(reader, node, &job->backoff_s, &job->backoff_max_s);
        break;
    case KEY_WITHIN:
        value_span(reader, key, node, &job->within_s);
        break;
    case KEY_JITTER:
        value_span(reader, key, node, &job->jitter_s);
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

/* A name to be sorted: eight bytes of it, behind what all names have in common, decide nearly
 * every comparison. */
typedef struct {
    uint64_t head;
    NodeId key;
    uint32_t place; /* in the file */
} Name;

static int
compare_texts(const TreeText *a, const TreeText *b)
{
    int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int
by_name(const void *a, const void *b, void *reader)
{
    const Tree *tree = ((const Reader *)reader)->tree;
    const Name *x = a, *y = b;
    TreeText left, right;
    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    tree_text(tree, x->key, &left);
    tree_text(tree, y->key, &right);
    return compare_texts(&left, &right);
}

static uint64_t
head_of(const char *at, size_t len)
{
    uint64_t head = 0;
    for (size_t i = 0; i < 8; i++)
        head = head << 8 | (i < len ? (unsigned char)at[i] : 0);
    return head;
}

/* What is to be known of the names before they are sorted. */
typedef struct {
    size_t n;
    size_t common; /* so many bytes they all begin with alike */
    bool sorted;   /* they stand in order already */
} Names;

static Names
look_at_names(const Tree *tree, NodeId mapping)
{
    TreePair pair = {.key = 0};
    TreeText last = {.at = "", .len = 0};
    Names names = {.common = SIZE_MAX, .sorted = true};
    while (tree_pair(tree, mapping, &pair)) {
        const TreeText *name = &pair.name;
        size_t same = 0, most = name->len < last.len ? name->len : last.len;
        most = most < names.common ? most : names.common;
        while (same < most && name->at[same] == last.at[same])
            same++;
        names.common = names.n == 0 ? name->len : same;
        names.sorted = names.sorted && compare_texts(&last, name) <= 0;
        names.n++;
        last = *name;
    }
    return names;
}

static Name *
collect_names(const Reader *reader, NodeId mapping, const Names *names)
{
    Name *all = arena_array(reader->scratch, names->n, sizeof *all);
    TreePair pair = {.key = 0};
    for (uint32_t i = 0; tree_pair(reader->tree, mapping, &pair); i++) {
        uint64_t head = head_of(pair.name.at + names->common, pair.name.len - names->common);
        all[i] = (Name){.head = head, .key = pair.key, .place = i};
    }
    return all;
}

/* Where each job of the file stands in the order of the names. */
static const uint32_t *
ranks(Reader *reader, NodeId mapping, const Names *names)
{
    Name *all = collect_names(reader, mapping, names);
    uint32_t *rank = arena_array(reader->scratch, names->n, sizeof *rank);
    qsort_r(all, names->n, sizeof *all, by_name, reader);
    for (uint32_t i = 0; i < names->n; i++)
        rank[all[i].place] = i;
    return rank;
}

Job *
jobs_read(Reader *reader, Rules *rules, NodeId mapping, const JobDraft *defaults, size_t *n)
{
    Names names = look_at_names(reader->tree, mapping);
    Job *jobs = arena_array(reader->arena, names.n, sizeof *jobs);
    const uint32_t *rank = names.sorted ? NULL : ranks(reader, mapping, &names);
    TreePair pair = {.key = 0};
    for (size_t i = 0; tree_pair(reader->tree, mapping, &pair); i++) {
        read_job(reader, rules, &pair, defaults, &jobs[rank == NULL ? i : rank[i]]);
        arena_reset(reader->brief);
    }
    *n = names.n;
    return jobs;
}
