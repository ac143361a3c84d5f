/* What no other file knows: which node of the file says which part of a rule, so that what
 * plan/ finds wrong is shown where it stands. */

#include "file/draft.h"

#include <string.h>

#include "file/scalar.h"
#include "file/values.h"
#include "time/instant.h"
#include "time/span.h"

/* The part of a rule that a key says; RULE_KEYS: none of its own. */
static RuleKey
rule_key(KeyId key)
{
    switch (key) {
    case KEY_CRON:
        return RULE_CRON;
    case KEY_EVERY:
        return RULE_EVERY;
    case KEY_AT:
        return RULE_AT;
    case KEY_PHASE:
        return RULE_PHASE;
    case KEY_DAY:
        return RULE_DAY;
    case KEY_DIALECT:
        return RULE_DIALECT;
    case KEY_DAYS:
        return RULE_DAYS;
    case KEY_DST:
        return RULE_DST;
    case KEY_STARTS:
        return RULE_STARTS;
    case KEY_ENDS:
        return RULE_ENDS;
    default:
        return RULE_KEYS;
    }
}

/* True when an expression holds an H or a ~ that stands for itself (not as in THU). */
static bool
holds_hash(const char *text)
{
    if (strchr(text, '~') != NULL)
        return true;
    for (const char *h = strchr(text, 'H'); h != NULL; h = strchr(h + 1, 'H')) {
        char before = h == text ? ' ' : text_lower(h[-1]);
        if (before < 'a' || before > 'z')
            return true;
    }
    return false;
}

static bool
set_text(Reader *reader, KeyId key, NodeId node, Draft *draft)
{
    RuleKey part = rule_key(key == KEY_SCHEDULE ? KEY_CRON : key);
    Scalar scalar;
    if (!reader_scalar(reader, key, node, &scalar))
        return false;
    draft->spec.text[part] = arena_copy(reader->brief, scalar.at, scalar.len);
    draft->nodes[part] = node;
    draft->expanded[part] = scalar.expanded;
    draft->hashes = draft->hashes || (part == RULE_CRON && holds_hash(draft->spec.text[part]));
    return true;
}

/* `exclude`: one text or a list of them. */
static bool
set_exclude(Reader *reader, NodeId node, Draft *draft, RuleSpec *spec)
{
    const Tree *tree = reader->tree;
    bool is_list = tree_kind(tree, node) == NODE_LIST;
    size_t n = is_list ? tree_count(tree, node) : 1;
    if (n > (size_t)keys[KEY_EXCLUDE].max) {
        reader_refuse(reader, node, "write ranges of dates, a..b, or crontab expressions",
            "\"exclude\" has %zu entries, at most %lld", n, (long long)keys[KEY_EXCLUDE].max);
        return false;
    }
    const char **texts = arena_array(reader->brief, n, sizeof *texts);
    NodeId *nodes = arena_array(reader->brief, n, sizeof *nodes);
    NodeId element = 0;
    for (size_t i = 0; i < n; i++) {
        Scalar scalar;
        if (is_list)
            tree_element(tree, node, &element);
        nodes[i] = is_list ? element : node;
        if (!reader_scalar(reader, KEY_EXCLUDE, nodes[i], &scalar))
            return false;
        texts[i] = arena_copy(reader->brief, scalar.at, scalar.len);
        draft->hashes = draft->hashes || holds_hash(texts[i]);
    }
    spec->exclude = texts;
    spec->excludes = n;
    draft->exclude_nodes = nodes;
    return true;
}

/* A number where the five fields must be: [0, 3, 1] or schedule: 5. */
static bool
refuse_number(Reader *reader, NodeId node, const char *text)
{
    reader_refuse(reader, node, "write all five fields as one text: \"0 3 * * *\"",
        "a schedule must be text, not the number %.40s", text);
    return false;
}

/* What can be told from the text alone before plan/ reads it as an expression. */
static bool
check_text(Reader *reader, NodeId node, const char *text)
{
    if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0')
        return refuse_number(reader, node, text);
    int64_t ignored;
    Error error;
    const char *hint = NULL;
    if (strpbrk(text, "\r\n") != NULL)
        hint = "write it on one line; a list holds several schedules";
    else if (scalar_is_date(text, strlen(text)))
        hint = arena_printf(reader->brief, "write \"@at %.40s\"", text);
    else if (text[0] >= '0' && text[0] <= '9' &&
             span_read(text, 0, INT64_MAX, &ignored, &error))
        hint = arena_printf(reader->brief, "write \"@every %.40s\"", text);
    if (hint == NULL)
        return true;
    reader_refuse(
        reader, node, hint, "unknown schedule \"%s\"", reader_show(reader, text, strlen(text)));
    return false;
}

static bool
read_mapping(Reader *reader, NodeId node, Draft *draft)
{
    TreePair pair = {.key = 0};
    bool ok = true;
    while (tree_pair(reader->tree, node, &pair)) {
        KeyId meant, id = keys_find(LEVEL_SCHEDULE, pair.name.at, pair.name.len);
        if (id == KEYS) {
            reader_refuse_key(reader, LEVEL_SCHEDULE, &pair, &meant);
            ok = false;
        } else if (id == KEY_TIMEZONE) {
            ok = value_zone(reader, id, pair.value, &draft->spec.zone) && ok;
        } else if (id == KEY_EXCLUDE) {
            ok = set_exclude(reader, pair.value, draft, &draft->spec) && ok;
        } else {
            ok = set_text(reader, id, pair.value, draft) && ok;
        }
    }
    return ok;
}

/* A bound of the job: the rule's own, unless it has one; then both hold. */
static bool
add_bound(Reader *reader, KeyId key, NodeId node, Draft *draft)
{
    RuleKey part = rule_key(key);
    if (node == 0)
        return true;
    if (draft->spec.text[part] == NULL)
        return set_text(reader, key, node, draft);
    Scalar scalar;
    if (!reader_scalar(reader, key, node, &scalar))
        return false;
    draft->outer.text[part] = arena_copy(reader->brief, scalar.at, scalar.len);
    return true;
}

static bool
add_around(Reader *reader, const Around *around, Draft *draft)
{
    if (!add_bound(reader, KEY_STARTS, around->starts, draft) ||
        !add_bound(reader, KEY_ENDS, around->ends, draft))
        return false;
    if (around->exclude == 0)
        return true;
    NodeId *own = draft->exclude_nodes;
    bool has_own = draft->spec.excludes != 0;
    if (!set_exclude(reader, around->exclude, draft, has_own ? &draft->outer : &draft->spec))
        return false;
    if (has_own)
        draft->exclude_nodes = own;
    return true;
}

/* The instant of a bound in the zone; false when it is none (plan/ says why). */
static bool
bound_instant(const char *text, const Zone *zone, int64_t *at_s)
{
    InstantKind kind;
    int64_t at, found_s[2];
    Error error;
    if (text == NULL || !instant_read(text, &kind, &at, &error))
        return false;
    if (kind != INSTANT_UTC) {
        zone_instants(zone, at, found_s);
        at = found_s[0];
    }
    *at_s = at;
    return true;
}

static bool
check_order(Reader *reader, const Draft *draft)
{
    const char *const *text = draft->spec.text;
    int64_t starts_s, ends_s;
    if (!bound_instant(text[RULE_STARTS], draft->spec.zone, &starts_s) ||
        !bound_instant(text[RULE_ENDS], draft->spec.zone, &ends_s) || starts_s < ends_s)
        return true;
    reader_refuse(reader, draft->nodes[RULE_ENDS],
        "ends is the first day or instant that no longer fires",
        "\"ends\" %.60s is not after \"starts\" %.60s", text[RULE_ENDS], text[RULE_STARTS]);
    return false;
}

bool
draft_read(Reader *reader, NodeId node, const Around *around, Draft *out)
{
    Draft draft = {.node = node, .spec = {.zone = around->zone, .job = around->job}};
    draft.outer.job = around->job;
    switch (tree_kind(reader->tree, node)) {
    case NODE_MAPPING:
        if (!read_mapping(reader, node, &draft))
            return false;
        break;
    case NODE_SCALAR:
        if (!set_text(reader, KEY_SCHEDULE, node, &draft) ||
            !check_text(reader, node, draft.spec.text[RULE_CRON]))
            return false;
        break;
    case NODE_LIST:
        reader_refuse(reader, node, "put them all into one list",
            "a list of schedules cannot hold another list");
        return false;
    case NODE_BAD:
        return false;
    }
    draft.outer.zone = draft.spec.zone;
    if (!add_around(reader, around, &draft) || !check_order(reader, &draft))
        return false;
    *out = draft;
    return true;
}

bool
draft_read_around(Reader *reader, const Around *around, Draft *out)
{
    Draft draft = {.spec = {.zone = around->zone, .job = around->job}};
    draft.spec.text[RULE_CRON] = "@daily";
    if (!add_around(reader, around, &draft) || !check_order(reader, &draft))
        return false;
    *out = draft;
    return true;
}

Pos
draft_pos(const Reader *reader, const Draft *draft, RuleKey key, size_t offset)
{
    NodeId node = draft->nodes[key];
    if (node == 0)
        return tree_pos(reader->tree, draft->node);
    return tree_pos_in(reader->tree, node, draft->expanded[key] ? 0 : offset);
}

static void
report_fault(Reader *reader, const Draft *draft, const RuleFault *fault, const Error *error)
{
    Pos pos;
    if (fault->key == RULE_EXCLUDE && draft->exclude_nodes != NULL)
        pos = tree_pos_in(reader->tree, draft->exclude_nodes[fault->index], fault->offset);
    else
        pos = draft_pos(reader, draft, fault->key, fault->offset);
    const char *hint = error->hint[0] == '\0' ? NULL : error->hint;
    diag_add(reader->diags, DIAG_ERROR, pos, hint, "%s", error->text);
}

bool
draft_rule(Reader *reader, Arena *arena, const Draft *draft, Rule **out)
{
    RuleFault fault = {.key = RULE_CRON};
    Error error;
    Rule *rule;
    if (!rule_read(arena, &draft->spec, &rule, &fault, &error)) {
        report_fault(reader, draft, &fault, &error);
        return false;
    }
    if (!rule_narrow(arena, rule, &draft->outer, &fault, &error)) {
        diag_add(reader->diags, DIAG_ERROR, tree_pos(reader->tree, draft->node),
            error.hint[0] == '\0' ? NULL : error.hint, "%s", error.text);
        return false;
    }
    *out = rule;
    return true;
}

void
draft_write(const Draft *draft, Text *text)
{
    static const struct {
        RuleKey part;
        const char *name;
    } parts[] = {
        {RULE_EVERY, "every "}, {RULE_DAY, "day "}, {RULE_AT, "at "}, {RULE_PHASE, "phase "}};
    if (draft->spec.text[RULE_CRON] != NULL) {
        text_add(text, draft->spec.text[RULE_CRON]);
        return;
    }
    const char *between = "";
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const char *value = draft->spec.text[parts[i].part];
        if (value == NULL)
            continue;
        text_addf(text, "%s%s%s", between, parts[i].name, value);
        between = ", ";
    }
}
