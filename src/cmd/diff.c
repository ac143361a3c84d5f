/* clock diff: what a change of a Clockfile does to the fires of the coming days, for those who
 * review it. */

#include "cmd/cmd.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "cmd/ask.h"
#include "cmd/differ.h"
#include "cmd/out.h"
#include "time/civil.h"
#include "time/instant.h"
#include "time/span.h"

static bool run(Context *context, Error *error);

static const Option options[] = {
    {0, "days", "N", "how many days to compare, up to 400 (default 7)"},
    {0, "from", "TIME", "after this instant (default: now)"},
    {0, "json", NULL, "one JSON object for each job that differs"},
    {0, NULL, NULL, NULL},
};

const Command command_diff = {
    .name = "diff",
    .operands = "OLD NEW",
    .summary = "show the fires that change between two Clockfiles",
    .detail =
        "Job by job: what appears, vanishes or moves, and what else changed.  One of the\n"
        "files may be - for standard input.  Exit status 1 when they differ.",
    .options = options,
    .max_operands = 2,
    .run = run,
};

typedef struct {
    const Clockfile *was, *is;
    JobDiff *jobs;
    size_t n, differing;
    int64_t from_s, days;
    int64_t appear, vanish, move, same;
} Comparison;

/* The problems of the file that is wrong are shown, those of the other are of no interest. */
static bool
load(Context *context, const char *path, const Clockfile **file, Error *error)
{
    Clockfile *loaded;
    Diags *diags = diags_new(context->arena, path);
    if (!clockfile_load(context->arena, path, &loaded, diags, error)) {
        context->diags = diags;
        return false;
    }
    *file = loaded;
    return true;
}

static bool
compare(Context *context, Comparison *all, Error *error)
{
    const char *const *paths = context->operands;
    if (context->n_operands != 2) {
        error_set(error, ERR_USAGE, "diff compares two Clockfiles");
        error_hint(error, "for example git show HEAD:Clockfile.yml | "
                          "clock diff - Clockfile.yml");
        return false;
    }
    if (strcmp(paths[0], "-") == 0 && strcmp(paths[1], "-") == 0) {
        error_set(error, ERR_USAGE, "only one of the files can be standard input");
        return false;
    }
    if (!context_number(context, "days", 1, 400, 7, &all->days, error) ||
        !ask_instant(context, "from", context->now_s, &all->from_s, error) ||
        !load(context, paths[0], &all->was, error) || !load(context, paths[1], &all->is, error))
        return false;
    all->jobs = differ_jobs(context->arena, all->was, all->is, all->from_s,
        all->from_s + all->days * CIVIL_DAY_S, &all->n);
    for (size_t i = 0; i < all->n; i++) {
        const JobDiff *diff = &all->jobs[i];
        all->differing += differ_any(diff);
        all->appear += diff->appear.n;
        all->vanish += diff->vanish.n;
        all->move += diff->move.n;
        all->same += diff->same;
    }
    return true;
}

/* As it is, or as it was when it is gone. */
static const Job *
one_job(const JobDiff *diff)
{
    assert(diff->is != NULL || diff->was != NULL);
    return diff->is != NULL ? diff->is : diff->was;
}

static bool
is_renamed(const JobDiff *diff)
{
    return diff->was != NULL && diff->is != NULL &&
           strcmp(diff->was->name, diff->is->name) != 0;
}

static void
add_safe(Text *text, const char *s)
{
    text_add_safe(text, s, strlen(s));
}

/* What was edited of when: "30 2 * * * -> 0 3 * * *, queue a -> b" */
static void
add_edit(Text *text, const JobDiff *diff)
{
    const char *comma = "";
    const char *was = diff->was->written, *is = diff->is->written;
    if (strcmp(was, is) != 0) {
        add_safe(text, was);
        text_add(text, " -> ");
        add_safe(text, is);
        comma = ", ";
    } else if (strcmp(diff->was->spec, diff->is->spec) != 0 && !is_renamed(diff)) {
        const char *from = zone_name(schedule_zone(diff->was->schedule));
        const char *to = zone_name(schedule_zone(diff->is->schedule));
        add_safe(text, is);
        if (strcmp(from, to) != 0)
            text_addf(text, ", timezone %s -> %s", from, to);
        else
            text_add(text, ", meaning another schedule");
        comma = ", ";
    }
    if (diff->was->enabled != diff->is->enabled) {
        text_addf(text, "%s%s", comma, diff->is->enabled ? "enabled" : "not enabled any more");
        comma = ", ";
    }
    if (*diff->keys != '\0')
        text_addf(text, "%s%s", comma, diff->keys);
}

static void
add_head(Text *text, const JobDiff *diff)
{
    const Job *job = one_job(diff);
    text_add(text, diff->was == NULL ? "+ " : diff->is == NULL ? "- " : "~ ");
    if (is_renamed(diff)) {
        add_safe(text, diff->was->name);
        text_add(text, " -> ");
        add_safe(text, diff->is->name);
        text_add(text, ": looks renamed");
        if (*diff->keys != '\0')
            text_add(text, ", ");
    } else {
        add_safe(text, job->name);
        text_add(text, ": ");
    }
    if (diff->was != NULL && diff->is != NULL)
        add_edit(text, diff);
    else
        add_safe(text, job->written);
    text_add_char(text, '\n');
}

/* "    7 appear: 2026-11-23T09:00:00+01:00, ..."; moves a line each. */
static void
add_fires(Text *text, const char *what, const FireDiffs *fires, const Zone *was, const Zone *is)
{
    bool moves = was != NULL && is != NULL;
    if (fires->n == 0)
        return;
    text_addf(text, "    %lld %s:", (long long)fires->n, what);
    for (int64_t i = 0; i < fires->n && i < DIFFER_FIRST; i++) {
        text_add(text, moves ? "\n        " : i == 0 ? " " : ", ");
        if (was != NULL)
            instant_write(text, fires->was_s[i], was);
        text_add(text, moves ? " -> " : "");
        if (is != NULL)
            instant_write(text, fires->is_s[i], is);
    }
    text_add(text, fires->n > DIFFER_FIRST ? ", ...\n" : "\n");
}

static void
add_job(Text *text, const JobDiff *diff)
{
    const Zone *was = diff->was == NULL ? NULL : schedule_zone(diff->was->schedule);
    const Zone *is = diff->is == NULL ? NULL : schedule_zone(diff->is->schedule);
    Text moved = text_new(text->arena);
    add_head(text, diff);
    text_add(&moved, diff->move.n == 1 ? "moves" : "move");
    if (diff->shift_s != 0) {
        text_add(&moved, diff->shift_s > 0 ? " by +" : " by -");
        span_write(&moved, diff->shift_s > 0 ? diff->shift_s : -diff->shift_s);
    } else {
        text_add(&moved, " by various lengths");
    }
    add_fires(text, moved.at, &diff->move, was, is);
    add_fires(text, diff->vanish.n == 1 ? "vanishes" : "vanish", &diff->vanish, was, NULL);
    add_fires(text, diff->appear.n == 1 ? "appears" : "appear", &diff->appear, NULL, is);
}

static void
add_summary(Text *text, const Comparison *all)
{
    text_addf(text, "%lld day%s after ", (long long)all->days, all->days == 1 ? "" : "s");
    instant_write_utc(text, all->from_s);
    text_addf(text, ": %zu of %zu jobs differ; fires: %lld moved, %lld vanished, ",
        all->differing, all->n, (long long)all->move, (long long)all->vanish);
    text_addf(
        text, "%lld appeared, %lld unchanged\n", (long long)all->appear, (long long)all->same);
}

/* "vanish" and "appear" of JSON: {"count":7,"first":[...]} */
static void
add_json_fires(Json *json, const char *key, const FireDiffs *fires, const JobDiff *diff)
{
    Arena *arena = json->out->arena;
    json_key(json, key);
    json_open(json, '{');
    json_key(json, "count");
    json_number(json, fires->n);
    json_key(json, "first");
    json_open(json, '[');
    for (int64_t i = 0; i < fires->n && i < DIFFER_FIRST; i++) {
        Text was = text_new(arena), is = text_new(arena);
        if (diff->was != NULL && fires != &diff->appear)
            instant_write(&was, fires->was_s[i], schedule_zone(diff->was->schedule));
        if (diff->is != NULL && fires != &diff->vanish)
            instant_write(&is, fires->is_s[i], schedule_zone(diff->is->schedule));
        json_open(json, '{');
        json_key(json, "was");
        json_string(json, was.len > 0 ? was.at : NULL);
        json_key(json, "is");
        json_string(json, is.len > 0 ? is.at : NULL);
        json_close(json, '}');
    }
    json_close(json, ']');
    json_close(json, '}');
}

static const char *
change_word(const JobDiff *diff)
{
    if (diff->was == NULL)
        return "added";
    if (diff->is == NULL)
        return "removed";
    return is_renamed(diff) ? "renamed" : "edited";
}

static void
add_object(Text *text, const JobDiff *diff)
{
    const Job *was = diff->was, *is = diff->is;
    Json json = json_new(text);
    json_open(&json, '{');
    json_key(&json, "job");
    json_string(&json, one_job(diff)->name);
    json_key(&json, "change");
    json_string(&json, change_word(diff));
    json_key(&json, "was");
    json_string(&json, was == NULL ? NULL : was->name);
    json_key(&json, "old_schedule");
    json_string(&json, was == NULL ? NULL : text_safe(text->arena, was->written));
    json_key(&json, "new_schedule");
    json_string(&json, is == NULL ? NULL : text_safe(text->arena, is->written));
    json_key(&json, "keys");
    json_string(&json, diff->keys);
    add_json_fires(&json, "move", &diff->move, diff);
    add_json_fires(&json, "vanish", &diff->vanish, diff);
    add_json_fires(&json, "appear", &diff->appear, diff);
    json_key(&json, "stay");
    json_number(&json, diff->same);
    json_close(&json, '}');
    text_add_char(text, '\n');
}

/* Another name is another horizon: nothing is owed, and every job starts anew. */
static bool
add_names(Text *text, const Comparison *all)
{
    if (strcmp(all->was->name, all->is->name) == 0)
        return false;
    text_addf(text, "~ name %s -> %s: every job starts anew under it\n", all->was->name,
        all->is->name);
    return true;
}

static bool
run(Context *context, Error *error)
{
    Comparison all = {.n = 0};
    if (!compare(context, &all, error))
        return false;
    Text text = text_new(context->arena), names = text_new(context->arena);
    bool renamed = add_names(&names, &all);
    if (!context->json)
        text_add(&text, names.at);
    for (size_t i = 0; i < all.n; i++) {
        if (differ_any(&all.jobs[i]))
            context->json ? add_object(&text, &all.jobs[i]) : add_job(&text, &all.jobs[i]);
    }
    if (!context->json)
        add_summary(&text, &all);
    if (!out_text(&text, error))
        return false;
    return (all.differing == 0 && !renamed) || error_set(error, ERR_NO, "%s", "");
}
