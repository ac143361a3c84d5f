/* What no other file knows: which schedules of a file are the same, so that a hundred thousand
 * jobs cost no more than the few thousand schedules that they share. */

#include "file/rules.h"

#include <string.h>

#include "base/hash.h"
#include "file/clockfile.h"
#include "file/draft.h"
#include "file/names.h"

#define LINTS_MAX 8 /* told of one schedule */

struct Rules {
    Reader *reader;
    Pool *names;    /* of schedules; known: a Named */
    Pool *written;  /* text and surroundings; known: a Planned */
    Pool *specs;    /* canonical text; known: a Planned without `written` */
    size_t parts;   /* rules and exclusions read so far */
    bool exhausted; /* parts came to RULES_MAX_PARTS, and that was said */
};

typedef struct {
    NodeId node; /* 0: it is wrong */
} Named;

/* The schedule that is being read: its rules in the order of the file. */
typedef struct {
    Draft *drafts;
    size_t n;
    bool hashes;
    bool ok;
} Union;

Rules *
rules_new(Reader *reader)
{
    Rules *rules = arena_alloc(reader->scratch, sizeof *rules);
    rules->reader = reader;
    rules->names = pool_new(reader->scratch);
    rules->written = pool_new(reader->scratch);
    rules->specs = pool_new(reader->scratch);
    return rules;
}

/* ---- names ---- */

/* True when a text can only be meant as a name: it begins with a letter and holds no blank. */
static bool
is_word(const Scalar *text)
{
    char first = text->len == 0 ? ' ' : text_lower(text->at[0]);
    if (first < 'a' || first > 'z' || text->len > CLOCKFILE_MAX_NAME)
        return false;
    for (size_t i = 0; i < text->len; i++) {
        if (strchr(" \t@*,/", text->at[i]) != NULL)
            return false;
    }
    return true;
}

/* The name most like a word, or NULL. */
static const char *
nearest_name(const Rules *rules, const Scalar *word)
{
    enum { LOOKED_AT = 500 };
    const char *names[LOOKED_AT];
    size_t n = 0;
    const PoolEntry *entry = NULL;
    while (n < LOOKED_AT && (entry = pool_next(rules->names, entry)) != NULL)
        names[n++] = entry->at;
    return text_nearest(arena_copy(rules->reader->brief, word->at, word->len), names, n);
}

/* Reports a word that names no schedule; true when it is no such word. */
static bool
check_word(const Rules *rules, NodeId node, const Scalar *word)
{
    static const char *const macros[] = {
        "yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"};
    const Reader *reader = rules->reader;
    if (!is_word(word))
        return true;
    const char *hint = "write it under schedules:, or write five fields: \"0 3 * * *\"";
    const char *near = nearest_name(rules, word);
    const char *macro = text_nearest(arena_copy(reader->brief, word->at, word->len), macros,
        sizeof macros / sizeof macros[0]);
    if (near != NULL)
        hint = arena_printf(reader->brief, "did you mean \"%s\"?", near);
    else if (macro != NULL)
        hint = arena_printf(reader->brief, "did you mean \"@%s\"?", macro);
    reader_refuse(reader, node, hint, "no schedule is named \"%s\"",
        reader_show(reader, word->at, word->len));
    return false;
}

/* ---- reading ---- */

static void
add_draft(Rules *rules, NodeId node, const char *name, const Around *around, Union *all)
{
    Reader *reader = rules->reader;
    Draft draft;
    all->ok = all->ok && draft_read(reader, node, around, &draft);
    if (!all->ok)
        return;
    if (all->n == RULES_MAX_UNION) {
        reader_refuse(reader, node, "split the job in two",
            "more than %d rules in one schedule", RULES_MAX_UNION);
        all->ok = false;
        return;
    }
    if ((all->n & (all->n - 1)) == 0)
        all->drafts = arena_grow(reader->brief, all->drafts, all->n * sizeof draft,
            (all->n == 0 ? 1 : 2 * all->n) * sizeof draft);
    draft.name = name;
    all->drafts[all->n++] = draft;
    all->hashes = all->hashes || draft.hashes;
    rules->parts += 1 + draft.spec.excludes + draft.outer.excludes;
}

/* What stands under a name: one schedule or a list of them, without names. */
static void
add_named(Rules *rules, const PoolEntry *entry, const Around *around, Union *all)
{
    const Named *named = entry->known;
    const Tree *tree = rules->reader->tree;
    if (named->node == 0) {
        all->ok = false;
        return;
    }
    if (tree_kind(tree, named->node) != NODE_LIST) {
        add_draft(rules, named->node, entry->at, around, all);
        return;
    }
    NodeId element = 0;
    while (tree_element(tree, named->node, &element))
        add_draft(rules, element, entry->at, around, all);
}

/* A schedule of a job that is no list. */
static void
add_one(Rules *rules, NodeId node, const Around *around, Union *all)
{
    Reader *reader = rules->reader;
    Scalar text;
    if (tree_kind(reader->tree, node) != NODE_SCALAR) {
        add_draft(rules, node, NULL, around, all);
        return;
    }
    if (!reader_scalar(reader, KEY_SCHEDULE, node, &text)) {
        all->ok = false;
        return;
    }
    const PoolEntry *entry = pool_find(rules->names, text.at, text.len);
    if (entry != NULL)
        add_named(rules, entry, around, all);
    else if (check_word(rules, node, &text))
        add_draft(rules, node, NULL, around, all);
    else
        all->ok = false;
}

static bool
collect(Rules *rules, NodeId node, const Around *around, Union *all)
{
    const Tree *tree = rules->reader->tree;
    *all = (Union){.ok = true};
    if (tree_kind(tree, node) != NODE_LIST) {
        add_one(rules, node, around, all);
        return all->ok;
    }
    bool ok = true;
    NodeId element = 0;
    while (all->n <= RULES_MAX_UNION && tree_element(tree, node, &element)) {
        all->ok = true;
        add_one(rules, element, around, all);
        ok = ok && all->ok;
        if (!all->ok && all->n == RULES_MAX_UNION)
            break;
    }
    if (element == 0)
        reader_refuse(rules->reader, node, "give it one, or set enabled: false",
            "the list of schedules is empty");
    return ok && element != 0;
}

/* The union of the drafts, in the arena; reports what is wrong. */
static Schedule *
build(const Rules *rules, Arena *arena, const Union *all)
{
    Rule **made = arena_array(rules->reader->brief, all->n, sizeof *made);
    bool ok = true;
    for (size_t i = 0; i < all->n; i++)
        ok = draft_rule(rules->reader, arena, &all->drafts[i], &made[i]) && ok;
    return ok ? schedule_new(arena, made, all->n) : NULL;
}

/* A schedule with a name is warned of where it is defined; of what is odd only in this job,
 * here. True when there was something to say. */
static bool
warn_named(const Rules *rules, NodeId node, const Around *around, const char *name)
{
    if (around->starts == 0 && around->ends == 0 && around->exclude == 0)
        return false;
    diag_add(rules->reader->diags, DIAG_WARNING, tree_pos(rules->reader->tree, node),
        "correct them, or write enabled: false to switch the job off",
        "\"%s\" never fires within the starts, ends and exclude of this job", name);
    return true;
}

/* Warns of what is odd though not wrong; true when it did. */
static bool
warn(const Rules *rules, NodeId node, const Around *around, const Schedule *schedule,
    const Union *all)
{
    Lint lints[LINTS_MAX];
    size_t n = schedule_lint(schedule, lints, LINTS_MAX);
    bool warned = false;
    for (size_t i = 0; i < n && i < LINTS_MAX; i++) {
        const Draft *draft = &all->drafts[lints[i].rule];
        if (draft->name != NULL) {
            if (lints[i].kind == LINT_NEVER)
                warned = warn_named(rules, node, around, draft->name) || warned;
            continue;
        }
        Pos pos = draft_pos(rules->reader, draft, RULE_CRON, lints[i].offset);
        diag_add(rules->reader->diags, DIAG_WARNING, pos,
            lints[i].hint[0] == '\0' ? NULL : lints[i].hint, "%s", lints[i].text);
        warned = true;
    }
    return warned;
}

/* True when no more schedules may be read; said once. */
static bool
is_exhausted(Rules *rules, NodeId node)
{
    if (rules->parts <= RULES_MAX_PARTS)
        return false;
    if (!rules->exhausted)
        reader_refuse(rules->reader, node, "share schedules by name, or exclude fewer dates",
            "the schedules of this file come to more than %d rules and exclusions",
            RULES_MAX_PARTS);
    rules->exhausted = true;
    return true;
}

/* The schedule as the file has it, for people: names stay names. */
static const char *
written_text(const Rules *rules, const Union *all)
{
    Text text = text_new(rules->reader->brief);
    const char *last = NULL;
    for (size_t i = 0; i < all->n; i++) {
        const char *name = all->drafts[i].name;
        if (name != NULL && name == last)
            continue;
        text_add(&text, i == 0 ? "" : "; ");
        if (name != NULL)
            text_add(&text, name);
        else
            draft_write(&all->drafts[i], &text);
        last = name;
    }
    return pool_entry(rules->reader->texts, text.at, text.len)->at;
}

/* Reads the schedule into brief memory, and keeps it only when none like it is known. */
static bool
plan(Rules *rules, NodeId node, const Around *around, Planned *out, bool *hashes, bool *warned)
{
    Reader *reader = rules->reader;
    Union all;
    if (is_exhausted(rules, node) || !collect(rules, node, around, &all))
        return false;
    const Schedule *brief = build(rules, reader->brief, &all);
    if (brief == NULL)
        return false;
    *hashes = all.hashes;
    *warned = warn(rules, node, around, brief, &all);
    Text spec = text_new(reader->brief);
    schedule_write(brief, &spec);
    PoolEntry *entry = pool_entry(rules->specs, spec.at, spec.len);
    Planned *known = entry->known;
    if (known == NULL) {
        known = entry->known = arena_alloc(reader->scratch, sizeof *known);
        known->schedule = build(rules, reader->arena, &all);
        known->spec = arena_copy(reader->arena, spec.at, spec.len);
        known->spec_hash = hash_final(hash_bytes(HASH_START, spec.at, spec.len));
    }
    *out = *known;
    out->written = written_text(rules, &all);
    return true;
}

/* A text and all that bears on its meaning, as a key; NULL for what is not one text. */
static PoolEntry *
find_written(Rules *rules, NodeId node, const Around *around)
{
    const Reader *reader = rules->reader;
    TreeText text;
    if (tree_text(reader->tree, node, &text) != NODE_SCALAR)
        return NULL;
    const NodeId nodes[] = {around->starts, around->ends, around->exclude};
    size_t head = sizeof around->zone + sizeof nodes;
    char *key = arena_alloc(reader->brief, head + text.len);
    memcpy(key, &around->zone, sizeof around->zone);
    memcpy(key + sizeof around->zone, nodes, sizeof nodes);
    memcpy(key + head, text.at, text.len);
    return pool_entry(rules->written, key, head + text.len);
}

bool
rules_read(Rules *rules, NodeId node, const Around *around, Planned *out)
{
    PoolEntry *entry = find_written(rules, node, around);
    if (entry != NULL && entry->known != NULL) {
        *out = *(const Planned *)entry->known;
        return true;
    }
    Planned planned;
    bool hashes, warned;
    if (!plan(rules, node, around, &planned, &hashes, &warned))
        return false;
    if (entry != NULL && !hashes && !warned) {
        entry->known = arena_alloc(rules->reader->scratch, sizeof planned);
        *(Planned *)entry->known = planned;
    }
    *out = planned;
    return true;
}

/* ---- schedules: ---- */

/* One rule of a named schedule; a name in its place is refused. */
static void
add_unnamed(Rules *rules, NodeId node, const Around *around, Union *all)
{
    Reader *reader = rules->reader;
    Scalar text = {.at = "", .len = 0};
    if (tree_kind(reader->tree, node) == NODE_SCALAR) {
        all->ok = reader_scalar(reader, KEY_SCHEDULE, node, &text);
        if (all->ok && pool_find(rules->names, text.at, text.len) != NULL) {
            reader_refuse(reader, node, "list both names in the job: schedule: [a, b]",
                "a schedule under schedules: cannot name another");
            all->ok = false;
        }
    }
    add_draft(rules, node, NULL, around, all);
}

/* A named schedule is read here for its errors and warnings; jobs read it again, each with its
 * own zone and bounds around it. */
static bool
check_named(Rules *rules, NodeId node, const Around *around)
{
    const Tree *tree = rules->reader->tree;
    Union all = {.ok = true};
    bool ok = true;
    NodeId element = 0;
    if (tree_kind(tree, node) != NODE_LIST) {
        add_unnamed(rules, node, around, &all);
        ok = all.ok;
    }
    while (tree_kind(tree, node) == NODE_LIST && all.n <= RULES_MAX_UNION &&
           tree_element(tree, node, &element)) {
        all.ok = true;
        add_unnamed(rules, element, around, &all);
        ok = ok && all.ok;
        if (!all.ok && all.n == RULES_MAX_UNION)
            break;
    }
    if (ok && all.n == 0)
        reader_refuse(rules->reader, node, "give it one", "the list of schedules is empty");
    if (!ok || all.n == 0)
        return false;
    const Schedule *schedule = build(rules, rules->reader->brief, &all);
    if (schedule != NULL)
        warn(rules, node, around, schedule, &all);
    return schedule != NULL;
}

void
rules_read_named(Rules *rules, NodeId mapping, const Zone *zone)
{
    Reader *reader = rules->reader;
    TreePair pair = {.key = 0};
    while (tree_pair(reader->tree, mapping, &pair)) {
        Scalar name = {.at = pair.name.at, .len = pair.name.len, .plain = pair.name.plain};
        Named *named = arena_alloc(reader->scratch, sizeof *named);
        pool_entry(rules->names, name.at, name.len)->known = named;
        if (names_check(reader, "schedule", pair.key, &name))
            named->node = pair.value;
    }
    pair = (TreePair){.key = 0};
    while (tree_pair(reader->tree, mapping, &pair)) {
        Named *named = pool_find(rules->names, pair.name.at, pair.name.len)->known;
        Around around = {.job = "", .zone = zone};
        if (named->node != 0 && !check_named(rules, pair.value, &around))
            named->node = 0;
        arena_reset(reader->brief);
    }
}

void
rules_check_around(Rules *rules, Around *around)
{
    Reader *reader = rules->reader;
    Draft draft;
    Rule *rule;
    if (around->starts == 0 && around->ends == 0 && around->exclude == 0)
        return;
    if (draft_read_around(reader, around, &draft) &&
        draft_rule(reader, reader->brief, &draft, &rule))
        return;
    around->starts = around->ends = around->exclude = 0;
}
