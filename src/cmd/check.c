/* clock check: everything that is wrong with a Clockfile, in one run.  Problems go to stderr,
 * the verdict of a good file to stdout; with --json the problems are the answer, on stdout. */

#include "cmd/cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "due/advice.h"

static const Option options[] = {
    {0, "strict", NULL, "a warning is an error"},
    {0, "json", NULL, "one JSON object a problem, on standard output"},
    {'f', "file", "FILE", "the Clockfile"},
    {0, "crontab", "KIND",
        "FILE is a crontab: user, or system with a user before each command"},
    {0, "tz", "ZONE", "with --crontab: the zone of its host (default: that of this one)"},
    {0, NULL, NULL, NULL},
};

static int
by_address(const void *a, const void *b)
{
    const Schedule *x = *(const Schedule *const *)a, *y = *(const Schedule *const *)b;
    return (x > y) - (x < y);
}

/* Jobs whose schedules mean the same share one. */
static size_t
count_schedules(Arena *arena, const Clockfile *file)
{
    const Schedule **all = arena_array(arena, file->n + 1, sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < file->n; i++)
        all[i] = file->jobs[i].schedule;
    qsort(all, file->n, sizeof *all, by_address);
    for (size_t i = 0; i < file->n; i++)
        n += i == 0 || all[i] != all[i - 1];
    return n;
}

static void
add_count(Text *text, size_t n, const char *what)
{
    text_addf(text, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

/* `Clockfile.yml: 12 jobs, 9 schedules, no problems` */
static void
add_verdict(Text *text, const Context *context)
{
    text_add_safe(text, context->path, strlen(context->path));
    text_add(text, ": ");
    add_count(text, context->file->n, "job");
    text_add(text, ", ");
    add_count(text, count_schedules(context->arena, context->file), "schedule");
    text_add(text, ", ");
    if (diags_warnings(context->diags) > 0)
        add_count(text, diags_warnings(context->diags), "warning");
    else
        text_add(text, "no problems");
    text_add_char(text, '\n');
}

static void
add_problem(Json *json, const Context *context, const Diag *diag)
{
    json_open(json, '{');
    json_key(json, "file");
    json_string(json, text_safe(context->arena, context->path));
    json_key(json, "line");
    diag->pos.line != 0 ? json_number(json, diag->pos.line) : json_null(json);
    json_key(json, "column");
    diag->pos.line != 0 ? json_number(json, diag->pos.col) : json_null(json);
    json_key(json, "level");
    json_string(json, diag->level == DIAG_ERROR ? "error" : "warning");
    json_key(json, "message");
    json_string(json, diag->text);
    json_key(json, "hint");
    json_string(json, diag->hint);
    json_close(json, '}');
}

static void
add_problems(Text *text, const Context *context)
{
    const Diag *diags;
    size_t n = diags_list(context->diags, &diags);
    for (size_t i = 0; i < n; i++) {
        Json json = json_new(text);
        add_problem(&json, context, &diags[i]);
        text_add_char(text, '\n');
    }
}

static bool
run(Context *context, Error *error)
{
    Text text = text_new(context->arena);
    const char *path = context_option(context, "file"), *operand = context->operands[0];
    if (path != NULL && operand != NULL)
        return error_set(
            error, ERR_USAGE, "-f and the operand '%.80s' exclude each other", operand);
    bool good = context_load(context, path != NULL ? path : operand, error);
    if (context->diags == NULL) /* there is no file */
        return false;
    if (good)
        advice_add(context->file, context->now_s, context->diags);
    if (good && context_option(context, "strict") && diags_warnings(context->diags) > 0) {
        Text count = text_new(context->arena);
        add_count(&count, diags_warnings(context->diags), "warning");
        good = error_set(error, ERR_INPUT, "%s: %s, and --strict refuses them",
            text_safe(context->arena, context->path), count.at);
    }
    if (context->json) {
        add_problems(&text, context);
        context->diags = NULL;
        Error unwritten;
        if (!out_text(&text, &unwritten))
            *error = unwritten;
        return good && error->kind != ERR_OUTPUT;
    }
    if (!good)
        return false;
    Text warnings = text_new(context->arena);
    diags_write(context->diags, &warnings);
    out_aside(&warnings);
    add_verdict(&text, context);
    return out_text(&text, error);
}

const Command command_check = {
    .name = "check",
    .operands = "[FILE]",
    .summary = "say everything that is wrong with a Clockfile",
    .detail =
        "Each problem is told as FILE:LINE:COLUMN with what to do about it; exit status 3\n"
        "when there is an error.  FILE may be - for standard input.",
    .options = options,
    .max_operands = 1,
    .run = run,
};
