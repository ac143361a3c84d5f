/* What no other file knows: how a schedule is typed on the command line instead of standing in
 * a Clockfile, and how a wrong one is shown. */

#include "cmd/typed.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/ask.h"
#include "file/jobs.h"
#include "plan/schedule.h"

/* `    0 25 * * *` with a caret under the place, cut to a line around it. */
static const char *
excerpt(Arena *arena, const char *expression, size_t offset)
{
    const size_t before = 40, width = 72;
    size_t len = strlen(expression);
    size_t start = offset > before ? offset - before : 0;
    size_t n = len - start < width ? len - start : width;
    Text text = text_new(arena), ahead = text_new(arena);
    text_add(&text, start > 0 ? "  ..." : "  ");
    text_add_safe(&text, expression + start, n);
    text_add(&text, start + n < len ? "...\n" : "\n");
    text_add(&ahead, start > 0 ? "  ..." : "  ");
    text_add_safe(&ahead, expression + start, offset - start);
    for (size_t i = 0; i < ahead.len; i++) {
        if (((unsigned char)ahead.at[i] & 0xc0) != 0x80)
            text_add_char(&text, ' ');
    }
    text_add(&text, "^\n");
    return text.at;
}

/* A word of the command line is wrong, not the schedule: another exit status. */
static bool
refuse_rule(Context *context, const RuleSpec *spec, RuleFault fault, Error *error)
{
    static const char *const names[RULE_KEYS] = {
        [RULE_DIALECT] = "dialect", [RULE_DAYS] = "days", [RULE_DST] = "dst"};
    if (names[fault.key] != NULL) {
        Error why = *error;
        error_set(error, ERR_USAGE, "--%s: %s", names[fault.key], why.text);
        return error_hint(error, "%s", why.hint);
    }
    const char *text = spec->text[fault.key];
    if (text != NULL)
        context->excerpt = excerpt(context->arena, text, fault.offset);
    return false;
}

bool
typed_read(Context *context, const char *expression, Error *error)
{
    Arena *arena = context->arena;
    Clockfile *file = arena_alloc(arena, sizeof *file);
    Job *job = arena_alloc(arena, sizeof *job);
    const char *name = context_option(context, "job");
    const char *tz = context_option(context, "tz");
    RuleSpec spec = {.job = name == NULL ? "" : name};
    spec.text[RULE_CRON] = expression;
    spec.text[RULE_DIALECT] = context_option(context, "dialect");
    spec.text[RULE_DST] = context_option(context, "dst");
    spec.text[RULE_DAYS] = context_option(context, "days");
    Zones *zones = zones_new(arena);
    if (!ask_zone(zones, tz == NULL ? "UTC" : tz, &spec.zone, error))
        return false;
    Rule *rule;
    RuleFault fault;
    if (!rule_read(arena, &spec, &rule, &fault, error))
        return refuse_rule(context, &spec, fault, error);
    *job = jobs_standard(arena);
    job->name = spec.job;
    job->schedule = schedule_new(arena, &rule, 1);
    job->written = expression;
    *file = (Clockfile){.zone = spec.zone, .jobs = job, .n = 1, .zones = zones};
    context->file = file;
    return true;
}

const char *
typed_option(const Context *context)
{
    static const char *const names[] = {"dialect", "dst", "days"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (context_option(context, names[i]) != NULL)
            return names[i];
    }
    return NULL;
}

bool
typed_is_sure(const char *operand)
{
    return *operand == '\0' || *operand == '@' || strpbrk(operand, " \t") != NULL;
}

bool
typed_is_schedule(const Context *context, const char *operand)
{
    if (operand == NULL)
        return false;
    if (typed_is_sure(operand))
        return true;
    return typed_option(context) != NULL && access(operand, F_OK) != 0;
}
