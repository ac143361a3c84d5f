/* What no other file knows: what should be said beside the sentence of a schedule - the value
 * behind H and ~, the day rule with what the other choice would mean, the choice of `dst:`. */

#include "plan/explainnote.h"

#include <string.h>

#include "plan/cronday.h"
#include "plan/cronfield.h"
#include "plan/explain.h"
#include "plan/explainday.h"
#include "plan/rule.h"
#include "plan/words.h"

#define LINTS_MAX 16

/* Beyond so many notes nobody reads on. */
#define NOTES_MAX 32

typedef struct {
    Arena *arena;
    const Schedule *schedule;
    const Rule *rule; /* looked at */
    const char *job;
    ExplainNote *notes;
    size_t n;
} Notes;

/* "'0 0 13 * 5': " in a union, where it would not be clear what is meant. */
static Text
begin(const Notes *all)
{
    Text text = text_new(all->arena);
    if (all->schedule->n > 1 && all->rule->text != NULL) {
        text_add_char(&text, '\'');
        text_add_safe(&text, all->rule->text, strlen(all->rule->text));
        text_add(&text, "': ");
    }
    return text;
}

static void
add(Notes *all, ExplainKind kind, const Text *text, const char *hint)
{
    if (all->n < NOTES_MAX)
        all->notes[all->n++] = (ExplainNote){kind, text->at, hint};
}

/* ---- H and ~ ---- */

/* What a hashed item became, as a set; bit v for value v of the field. */
static uint64_t
settle(const Notes *all, CronField field, const char *item, size_t len)
{
    uint64_t set = 0;
    bool star;
    CronReader reader = {.text = arena_copy(all->arena, item, len),
        .job = all->job,
        .dialect = (CronDialect)all->rule->dialect};
    reader.at = reader.text;
    cron_field(&reader, field, &set, &star); /* the whole was read, so each item can be */
    return set;
}

/* "'H/15' in the minute field is 8, 23, 38 and 53" */
static void
add_hash(const Notes *all, CronField field, const char *item, size_t len, Text *text)
{
    static const WordKind kinds[CRON_FIELDS] = {
        [CRON_MONTH] = WORD_MONTH, [CRON_WEEKDAY] = WORD_WEEKDAY};
    uint64_t set = settle(all, field, item, len);
    if (field == CRON_WEEKDAY && all->rule->dialect == DIALECT_QUARTZ)
        set >>= 1;
    text_add(text, text->len == 0 ? "" : ", ");
    text_add_char(text, '\'');
    text_add_safe(text, item, len);
    text_addf(text, "' in the %s field is ", cron_field_name(field));
    words_values(text, kinds[field], set);
}

/* All items of the expression that a hash settles, joined. */
static Text
find_hashes(const Notes *all)
{
    Text text = text_new(all->arena);
    const char *at = all->rule->text + strspn(all->rule->text, " \t");
    CronField field = all->rule->dialect == DIALECT_VIXIE ? CRON_MINUTE : CRON_SECOND;
    for (; *at != '\0' && *at != '@' && field < CRON_FIELDS; field++) {
        for (;;) {
            size_t len = strcspn(at, ", \t");
            if (*at == 'H' || memchr(at, '~', len) != NULL)
                add_hash(all, field, at, len, &text);
            at += len;
            if (*at != ',')
                break;
            at++;
        }
        at += strspn(at, " \t");
    }
    return text;
}

static void
note_hashes(Notes *all)
{
    Text found = find_hashes(all);
    if (found.len == 0)
        return;
    Text text = begin(all);
    text_add(&text, found.at);
    text_add(&text, ": chosen by the job's name");
    if (*all->job == '\0') {
        text_add(&text, ", which is empty here");
        add(all, EXPLAIN_HASH, &text, "another name gives another value");
        return;
    }
    text_add(&text, " '");
    text_add_safe(&text, all->job, strlen(all->job));
    text_add(&text, "', the same on every host and after every restart");
    add(all, EXPLAIN_HASH, &text, "");
}

/* ---- the day rule ---- */

static void
note_days(Notes *all)
{
    const Rule *rule = all->rule;
    if (!explainday_bites(&rule->cron))
        return;
    Cron other = rule->cron;
    other.flags = (uint8_t)((other.flags ^ CRON_DAYS_OR) & ~CRON_NEVER);
    other.flags |= cronday_never(&other) ? CRON_NEVER : 0;
    bool either = rule->cron.flags & CRON_DAYS_OR;
    Text text = begin(all);
    text_add(&text, either ? "a day need match only one of the two day fields, "
                           : "a day must match both day fields, ");
    if (rule->says_days)
        text_addf(&text, "as days: %s says", either ? "or" : "and");
    else if (either)
        text_add(&text, "since neither begins with '*'");
    else
        text_addf(&text, "since the %s begins with '*'",
            rule->cron.flags & CRON_DAY_STAR ? "day of month" : "day of week");
    text_add(&text, either ? "; if it had to match both: " : "; if one were enough: ");
    explain_cron(&other, &text);
    add(all, either ? EXPLAIN_DAYS_OR : EXPLAIN_DAYS_AND, &text,
        either ? "for that, write days: and" : "for that, write days: or");
}

/* ---- the rest ---- */

static void
note_clocks(Notes *all)
{
    static const char *const words[] = {
        [CLOCKS_SKIP] = "dst: skip: a time that does not exist does not fire, one that comes "
                        "twice fires the first time",
        [CLOCKS_ALL] = "dst: all: a time that does not exist does not fire, one that comes "
                       "twice fires both times",
        [CLOCKS_UTC] = "dst: utc: the fields are read in UTC, whatever the zone",
    };
    if (all->rule->clocks == CLOCKS_CRON)
        return;
    Text text = begin(all);
    text_add(&text, words[all->rule->clocks]);
    add(all, EXPLAIN_CLOCKS, &text, "");
}

/* What the sentence and the notes above do not say already. */
static bool
is_news(const Notes *all, const Lint *lint)
{
    const Rule *rule = all->schedule->rules[lint->rule];
    bool days = lint->kind == LINT_BOTH_DAYS || lint->kind == LINT_STAR_STEP;
    return !days && !(lint->kind == LINT_NEVER && rule->never);
}

static void
note_lints(Notes *all)
{
    Lint lints[LINTS_MAX];
    size_t n = schedule_lint(all->schedule, lints, LINTS_MAX);
    for (size_t i = 0; i < n && i < LINTS_MAX; i++) {
        if (!is_news(all, &lints[i]))
            continue;
        all->rule = all->schedule->rules[lints[i].rule];
        Text text = begin(all);
        text_add_safe(&text, lints[i].text, strlen(lints[i].text));
        add(all, EXPLAIN_LINT, &text, text_safe(all->arena, lints[i].hint));
    }
}

size_t
explainnote_list(
    Arena *arena, const Schedule *schedule, const char *job, const ExplainNote **notes)
{
    Notes all = {.arena = arena,
        .schedule = schedule,
        .job = job,
        .notes = arena_array(arena, NOTES_MAX, sizeof *all.notes)};
    for (size_t i = 0; i < schedule->n; i++) {
        all.rule = schedule->rules[i];
        if (all.rule->kind == KIND_CRON) {
            note_hashes(&all);
            note_days(&all);
        }
        note_clocks(&all);
    }
    note_lints(&all);
    *notes = all.notes;
    return all.n;
}
