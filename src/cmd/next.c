/* clock next: the coming fires of a Clockfile, or of one schedule typed as it is, in the order
 * of time.  They are read from the timeline that `clock run` fires from, so the preview cannot
 * differ; one schedule is previewed as a Clockfile of one job. */

#include "cmd/cmd.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "cmd/ask.h"
#include "cmd/heat.h"
#include "cmd/heatmap.h"
#include "cmd/listing.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "cmd/svg.h"
#include "cmd/typed.h"
#include "plan/schedule.h"
#include "time/instant.h"

#define COUNT_DEFAULT 10
#define COUNT_MAX 1000000

/* Of --heatmap. */
#define BUSIEST_DEFAULT 5
#define BUSIEST_MAX 100

#define LINTS_MAX 8

static const Option options[] = {
    {'n', "count", "N", "how many, up to 1000000 (default 10, or all with --until)"},
    {0, "from", "TIME", "after this instant (default: now)"},
    {0, "until", "TIME", "up to this instant, itself included"},
    {0, "prev", NULL, "the last ones before --from instead; --until: back to this instant"},
    {0, "heatmap", NULL, "a picture of when the load falls: the hours of seven days"},
    {0, "minutes", NULL, "with --heatmap: the minutes of one day"},
    {0, "svg", "FILE", "with --heatmap: write the picture as SVG to FILE, - for stdout"},
    {0, "tag", "NAME", "only jobs with this tag"},
    {0, "job", "NAME", "only this job; with a SCHEDULE, the name that H hashes"},
    {0, "tz", "ZONE", "show in this zone; with a SCHEDULE or crontab, its zone"},
    {0, "utc", NULL, "show in UTC"},
    {'f', "file", "FILE", "the Clockfile"},
    {0, "crontab", "KIND",
        "FILE is a crontab: user, or system with a user before each command"},
    {0, "json", NULL, "one JSON object a fire"},
    {0, "dialect", "WORD", "of SCHEDULE: vixie (default), seconds or quartz"},
    {0, "dst", "WORD", "of SCHEDULE, daylight saving: cron (default), skip, all or utc"},
    {0, "days", "WORD", "of SCHEDULE, day of month with weekday: cron (default), and, or"},
    {0, NULL, NULL, NULL},
};

/* What check would say of it, since no check will ever see it. */
static void
show_lint(Arena *arena, const Schedule *schedule)
{
    Lint lints[LINTS_MAX];
    size_t n = schedule_lint(schedule, lints, LINTS_MAX);
    Text text = text_new(arena);
    for (size_t i = 0; i < n && i < LINTS_MAX; i++) {
        text_add(&text, "warning: ");
        text_add_safe(&text, lints[i].text, strlen(lints[i].text));
        text_add(&text, "; ");
        text_add_safe(&text, lints[i].hint, strlen(lints[i].hint));
        text_add_char(&text, '\n');
    }
    out_aside(&text);
}

static bool
load_file(Context *context, const char *operand, Error *error)
{
    const char *stray = typed_option(context);
    if (stray != NULL) {
        error_set(error, ERR_USAGE, "--%s goes with a schedule, not with a Clockfile", stray);
        return error_hint(error, "in a Clockfile it is a key of the schedule: %s:", stray);
    }
    if (context_option(context, "utc") != NULL && context_option(context, "tz") != NULL)
        return error_set(error, ERR_USAGE, "--utc and --tz exclude each other");
    const char *path = context_option(context, "file");
    return context_load(context, path != NULL ? path : operand, error);
}

/* Leaves only what --job and --tag name. */
static bool
narrow(const Context *context, Listing *listing, Error *error)
{
    const char *name = context_option(context, "job"), *tag = context_option(context, "tag");
    const Clockfile *file = listing->file;
    listing->skip = arena_array(context->arena, file->n + 1, sizeof *listing->skip);
    if (context->path == NULL)
        return tag == NULL ||
               error_set(error, ERR_USAGE, "--tag goes with a Clockfile, not with a schedule");
    size_t job;
    if (name != NULL) {
        if (!ask_job(file, name, &job, error))
            return false;
        memset(listing->skip, true, file->n);
        listing->skip[job] = false;
    }
    return tag == NULL || ask_tag(file, tag, listing->skip, error);
}

static bool
choose_zone(const Context *context, Listing *listing, Error *error)
{
    const char *tz = NULL;
    if (context_option(context, "utc") != NULL)
        tz = "UTC";
    else if (context->path != NULL) /* else it is the schedule's own */
        tz = context_option(context, "tz");
    return tz == NULL || ask_zone(listing->file->zones, tz, &listing->zone, error);
}

/* The span of the listing: forward from --from, with --prev backward from it. */
static bool
choose_span(const Context *context, Listing *listing, Error *error)
{
    bool back = context_option(context, "prev") != NULL;
    int64_t otherwise = context_option(context, "until") == NULL ? COUNT_DEFAULT : COUNT_MAX;
    int64_t from_s, until_s;
    if (!context_number(context, "count", 1, COUNT_MAX, otherwise, &listing->count, error) ||
        !ask_instant(context, "from", context->now_s, &from_s, error) ||
        !ask_instant(context, "until", back ? INT64_MIN : INT64_MAX, &until_s, error))
        return false;
    if (back && until_s > from_s) {
        error_set(error, ERR_USAGE, "--prev goes back from --from, but --until lies after it");
        return error_hint(error, "give an --until before --from");
    }
    listing->from_s = back ? (until_s == INT64_MIN ? until_s : until_s - 1) : from_s;
    listing->until_s = back ? from_s - 1 : until_s;
    return true;
}

static bool
set_up(Context *context, Listing *listing, Error *error)
{
    const char *operand = context->operands[0];
    bool typed = typed_is_schedule(context, operand);
    if (operand != NULL && context_option(context, "file") != NULL)
        return error_set(
            error, ERR_USAGE, "-f and the operand '%.80s' exclude each other", operand);
    if (!choose_span(context, listing, error))
        return false;
    if (!(typed ? typed_read(context, operand, error) : load_file(context, operand, error)))
        return false;
    listing->file = context->file;
    if (typed)
        show_lint(context->arena, listing->file->jobs[0].schedule);
    if (!narrow(context, listing, error) || !choose_zone(context, listing, error))
        return false;
    if (context_option(context, "prev") != NULL)
        listing_newest(listing, context->arena);
    return true;
}

/* Instead of a listing: how many fires fall where. */
static bool
draw(Context *context, const Listing *listing, Error *error)
{
    const char *svg = context_option(context, "svg");
    int64_t busiest;
    assert(listing->file != NULL);
    if (!context_number(context, "count", 1, BUSIEST_MAX, BUSIEST_DEFAULT, &busiest, error))
        return false;
    const HeatSpec spec = {.file = listing->file,
        .skip = listing->skip,
        .zone = listing->zone != NULL ? listing->zone : listing->file->zone,
        .grid = context_option(context, "minutes") != NULL ? HEAT_DAY : HEAT_WEEK,
        .from_s = listing->from_s,
        .busiest = (size_t)busiest};
    const Heat *heat = heat_new(context->arena, &spec);
    Text picture = text_new(context->arena), span = text_new(context->arena);
    heatmap_span(&span, heat);
    if (heat->fires == 0)
        return error_set(error, ERR_NO, "nothing is due in %s", span.at);
    if (svg != NULL)
        svg_write(&picture, heat);
    if (svg != NULL && strcmp(svg, "-") == 0)
        return out_text(&picture, error);
    if (svg != NULL && !out_file(svg, &picture, error))
        return false;
    return context->json ? heatmap_object(heat, context->arena, error)
                         : heatmap_picture(heat, context->arena, error);
}

/* Which options go with a picture, and which with a listing. */
static bool
check_picture(const Context *context, Error *error)
{
    static const char *const only[] = {"minutes", "svg"}, *const never[] = {"until", "prev"};
    bool picture = context_option(context, "heatmap") != NULL;
    for (size_t i = 0; i < sizeof only / sizeof *only; i++) {
        if (picture && context_option(context, never[i]) != NULL)
            return error_set(
                error, ERR_USAGE, "--heatmap and --%s exclude each other", never[i]);
        if (!picture && context_option(context, only[i]) != NULL)
            return error_set(error, ERR_USAGE, "--%s goes with --heatmap", only[i]);
    }
    return true;
}

static bool
nothing(const Context *context, const Listing *listing, Error *error)
{
    Text from = text_new(context->arena), until = text_new(context->arena);
    if (context_option(context, "prev") != NULL) {
        instant_write_utc(&until, listing->until_s + 1);
        return error_set(error, ERR_NO, "nothing was due before %s", until.at);
    }
    instant_write_utc(&from, listing->from_s);
    instant_write_utc(&until, listing->until_s);
    if (listing->until_s == INT64_MAX)
        return error_set(error, ERR_NO, "nothing is due after %s, ever", from.at);
    return error_set(error, ERR_NO, "nothing is due after %s and up to %s", from.at, until.at);
}

static bool
run(Context *context, Error *error)
{
    Listing listing = {.now_s = context->now_s};
    bool any;
    if (!check_picture(context, error) || !set_up(context, &listing, error))
        return false;
    if (context_option(context, "heatmap") != NULL)
        return draw(context, &listing, error);
    bool listed = context->json ? listing_objects(&listing, context->arena, &any, error)
                                : listing_table(&listing, context->arena, &any, error);
    if (!listed)
        return false;
    if (context->path != NULL)
        listing_silent(&listing, context->arena);
    return any || nothing(context, &listing, error);
}

const Command command_next = {
    .name = "next",
    .operands = "[FILE|SCHEDULE]",
    .summary = "show the coming fires, exactly as run will fire them",
    .detail =
        "An operand with a blank in it, or with @ in front, is a schedule: it needs no\n"
        "file, as in clock next \"30 2 * * 1-5\" --tz Europe/Berlin.  Times are given as\n"
        "2027-03-28T00:00:00Z or with an offset.  Exit status 1 when nothing is due.",
    .options = options,
    .max_operands = 1,
    .run = run,
};
