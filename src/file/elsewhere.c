/* What no other file knows: how to tell people that other schedulers read the same expression
 * otherwise, what these do when the clocks change, and what to write for them instead. */

#include "file/elsewhere.h"

#include <assert.h>
#include <string.h>

#include "file/crondaemon.h"
#include "file/quartz.h"
#include "file/robfig.h"
#include "plan/cronday.h"
#include "plan/explain.h"
#include "time/span.h"

#define FIELDS 5

/* One rule as it is looked at. */
typedef struct {
    Arena *arena;
    ExplainRule rule;
    const char *sentence; /* what clock makes of the fields */
    bool is_macro;
    bool is_long;            /* six or seven fields */
    bool moved, once, twice; /* by the coming changes of the clocks */
    bool touched;            /* one of them, or dropped */
    ElsewhereSystem system;  /* asked now */
    Text text;               /* what there is to say of it */
} Case;

const char *
elsewhere_name(ElsewhereSystem system)
{
    static const char *const names[] = {"Debian cron", "cronie", "Kubernetes", "Quartz"};
    return names[system];
}

/* Adds a clause behind those there are. */
static void
say(Case *c, const char *clause)
{
    text_add(&c->text, c->text.len == 0 ? "" : "; ");
    text_add(&c->text, clause);
}

static const char *
sentence(Arena *arena, const Cron *cron)
{
    Cron settled = *cron;
    Text text = text_new(arena);
    settled.flags |= cronday_never(cron) ? CRON_NEVER : 0;
    explain_cron(&settled, &text);
    return text.at;
}

/* ---- five fields ---- */

static DaemonVerdict
read_five(ElsewhereSystem system, const char *fields, Cron *cron)
{
    if (system == ELSEWHERE_KUBERNETES)
        return robfig_read(fields, cron) ? DAEMON_FIRES : DAEMON_REFUSES;
    return crondaemon_read(
        system == ELSEWHERE_DEBIAN ? DAEMON_DEBIAN : DAEMON_CRONIE, fields, cron);
}

/* True when the system makes the same of these fields as clock of its own. */
static bool
reads_same(const Case *c, const char *fields)
{
    Cron cron;
    return read_five(c->system, fields, &cron) == DAEMON_FIRES &&
           strcmp(sentence(c->arena, &cron), c->sentence) == 0;
}

/* Fields that the system reads as clock reads the rule, or NULL. */
static const char *
rewrite(const Case *c)
{
    CronDialect dialect;
    Text text = text_new(c->arena);
    cron_write(c->rule.cron, &text, &dialect);
    return dialect == DIALECT_VIXIE && reads_same(c, text.at) ? text.at : NULL;
}

static void
say_rewrite(Case *c, const char *otherwise)
{
    const char *fields = rewrite(c);
    if (fields != NULL)
        say(c, arena_printf(c->arena, "write %s", fields));
    else if (otherwise != NULL)
        say(c, otherwise);
}

/* The first item of the text that the system refuses when all else is '*', or NULL. */
static const char *
culprit(const Case *c)
{
    const char *at = c->rule.text + strspn(c->rule.text, " \t");
    for (int field = 0; field < FIELDS && *at != '\0'; field++) {
        for (;;) {
            Cron ignored;
            int len = (int)strcspn(at, ", \t");
            const char *alone = arena_printf(c->arena, "%.*s%.*s%.*s", 2 * field, "* * * * ",
                len, at, 2 * (FIELDS - 1 - field), " * * * *");
            if (read_five(c->system, alone, &ignored) == DAEMON_REFUSES)
                return arena_copy(c->arena, at, (size_t)len);
            at += len;
            if (*at != ',')
                break;
            at++;
        }
        at += strspn(at, " \t");
    }
    return NULL;
}

static void
compare_five(Case *c)
{
    Cron cron;
    const char *item;
    assert(c->rule.text != NULL && c->sentence != NULL); /* as it has fields */
    switch (read_five(c->system, c->rule.text, &cron)) {
    case DAEMON_FIRES:
        if (strcmp(sentence(c->arena, &cron), c->sentence) == 0)
            break;
        say(c, arena_printf(c->arena, "reads it as: %s", sentence(c->arena, &cron)));
        say_rewrite(c, NULL);
        break;
    case DAEMON_NEVER:
        say(c, "takes a range that runs backwards, and never runs it");
        say_rewrite(c, NULL);
        break;
    case DAEMON_RANDOM:
        say(c, "picks another value for '~' whenever it reads the crontab");
        say_rewrite(c, NULL);
        break;
    case DAEMON_REFUSES:
        item = culprit(c);
        say(c, item == NULL ? "refuses it" : arena_printf(c->arena, "refuses '%s'", item));
        say_rewrite(c, "has no other way to say it");
        break;
    }
}

static void
say_span(Case *c)
{
    Text span = text_new(c->arena);
    int64_t hours = c->rule.every_s / 3600; /* Go's durations know no days */
    if (c->system != ELSEWHERE_KUBERNETES) {
        say(c, c->system == ELSEWHERE_QUARTZ ? "a simple trigger does it, no expression"
                                             : "counts no elapsed time");
        return;
    }
    if (hours > 0)
        text_addf(&span, "%lldh", (long long)hours);
    if (hours == 0 || c->rule.every_s % 3600 != 0)
        span_write(&span, c->rule.every_s % 3600);
    say(c, arena_printf(
               c->arena, "takes @every %s, counted from when the CronJob was made", span.at));
}

/* The two daemons and Kubernetes. */
static void
compare(Case *c)
{
    bool kubernetes = c->system == ELSEWHERE_KUBERNETES;
    if (c->is_long) {
        say(c, kubernetes ? "takes five fields, without seconds"
                          : "takes five fields and would run the rest as a command");
        say_rewrite(c, "cannot say it");
    } else if (!c->is_macro) {
        compare_five(c);
    }
    if (c->rule.has_limits)
        say(c, "has no starts, ends or exclude");
    const char *zone = zone_name(c->rule.zone);
    bool abroad = strcmp(zone, "UTC") != 0;
    if (kubernetes) {
        if (c->moved)
            say(c, "skips a time that does not exist");
        if (c->once)
            say(c, "fires both times when a time comes twice");
        return;
    }
    if (c->system == ELSEWHERE_DEBIAN && abroad)
        say(c, "knows the host's zone alone");
    if (c->rule.chooses_clocks && c->touched)
        say(c, "does as dst: cron when the clocks change");
    else if (c->system == ELSEWHERE_CRONIE && (c->moved || c->once))
        say(c,
            arena_printf(c->arena,
                "with CRON_TZ=%s skips a time that does not exist, and fires both times when "
                "one comes twice",
                zone));
}

/* ---- Quartz ---- */

static void
say_quartz(Case *c)
{
    int triggers;
    Text text = text_new(c->arena);
    quartz_write(c->arena, c->rule.cron, &text, &triggers);
    if (triggers == 0)
        say(c, "no expression says it");
    else
        say(c,
            arena_printf(c->arena, "%s%s%s", triggers == 1 ? "write " : "takes two triggers, ",
                text.at, quartz_is_new(c->rule.cron) ? " (version 2.5)" : ""));
}

/* True when one of its ways with fields of its own kind was met, and told. */
static bool
say_quirk(Case *c)
{
    static const struct {
        const char *before, *after;
    } words[] = {
        [QUARTZ_REFUSES] = {"refuses", ""},
        [QUARTZ_STEP] = {"refuses the step of", ""},
        [QUARTZ_LIST] = {"refuses or misreads", " in a list"},
        [QUARTZ_DATES] = {"before 2.5 refuses or misreads", " in a list"},
        [QUARTZ_NAMES] = {"passes over the step of", ""},
    };
    const char *item;
    size_t len;
    QuartzQuirk quirk = quartz_quirk(c->rule.text, &item, &len);
    if (quirk == QUARTZ_SAME)
        return false;
    say(c, arena_printf(c->arena, "%s '%.*s'%s", words[quirk].before, (int)len, item,
               words[quirk].after));
    return true;
}

/* Six or seven fields may be read by it as they are. */
static void
compare_long(Case *c)
{
    Cron cron;
    size_t at;
    Error error;
    if (!say_quirk(c)) { /* there is no H in it, so the job's name does not matter */
        if (!cron_read(
                c->arena, c->rule.text, DIALECT_QUARTZ, DAYS_CRON, "", &cron, &at, &error))
            say(c, "refuses it");
        else if (strcmp(sentence(c->arena, &cron), c->sentence) != 0)
            say(c, arena_printf(c->arena, "reads it as: %s", sentence(c->arena, &cron)));
        else
            return;
    }
    say_quartz(c);
}

static void
compare_quartz(Case *c)
{
    if (c->is_long)
        compare_long(c);
    else
        say_quartz(c);
    if (quartz_clamps(c->rule.cron))
        say(c, "before 2.5 takes the last weekday of a month that lacks the day");
    if (c->moved)
        say(c, "skips a time that does not exist");
    if (c->once || c->twice)
        say(c, "fires the second time when a time comes twice");
}

/* ---- all ---- */

static Case
case_of(Arena *arena, const Schedule *member, const Shift *shifts, size_t n)
{
    Case c = {.arena = arena, .rule = explain_rule(member, 0)};
    for (size_t i = 0; i < n; i++) {
        c.moved |= shifts[i].moved.n > 0;
        c.once |= shifts[i].once.n > 0;
        c.twice |= shifts[i].twice.n > 0;
        c.touched |= c.moved || c.once || c.twice || shifts[i].dropped.n > 0;
    }
    if (c.rule.cron == NULL)
        return c;
    c.sentence = sentence(arena, c.rule.cron);
    c.is_macro = c.rule.text[strspn(c.rule.text, " \t")] == '@';
    c.is_long = !c.is_macro && c.rule.dialect != DIALECT_VIXIE;
    return c;
}

Elsewhere
elsewhere_read(Arena *arena, const Schedule *member, const Shift *shifts, size_t n_shifts)
{
    Elsewhere out = {{NULL}};
    Case c = case_of(arena, member, shifts, n_shifts);
    for (ElsewhereSystem system = 0; system < ELSEWHERE_SYSTEMS; system++) {
        c.system = system;
        c.text = text_new(arena);
        if (c.rule.is_span)
            say_span(&c);
        else if (c.rule.cron == NULL)
            say(&c, "no expression says it");
        else if (system == ELSEWHERE_QUARTZ)
            compare_quartz(&c);
        else
            compare(&c);
        if (c.text.len > 0)
            out.text[system] = c.text.at;
    }
    return out;
}
