/* What no other file knows: how coming fires are laid out for people and for programs. */

#include "cmd/listing.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/footnote.h"
#include "cmd/out.h"
#include "due/timeline.h"
#include "plan/schedule.h"
#include "time/instant.h"

/* Lines that are laid out together; a longer listing is written block by block. */
#define BLOCK 1000

/* How far listing_newest looks back at first. */
#define BACK_S 3600

/* Jobs named in a note; the rest are counted. */
#define NAMED_MAX 5

/* Local times asked for in vain that are looked at, for each job. */
#define DROPPED_MAX 8

/* A walk along the timeline. */
typedef struct {
    const Listing *listing;
    Timeline *timeline;
    TimelineGroup group; /* taken, its first jobs passed already */
    int64_t left;
    int64_t last_s; /* the last instant passed; INT64_MIN: none */
    Footnotes *notes;
} Walk;

/* True when a job that is listed was due in (from_s, at_s]. */
static bool
any_older(const Listing *listing, int64_t at_s)
{
    for (size_t i = 0; i < listing->file->n; i++) {
        const Job *job = &listing->file->jobs[i];
        int64_t due_s;
        if (!listing->skip[i] && job->enabled &&
            schedule_prev(job->schedule, at_s + 1, &due_s) && due_s > listing->from_s)
            return true;
    }
    return false;
}

/* How many fires there are in (after_s, until_s]. */
static int64_t
count_fires(const Listing *listing, Timeline *timeline, int64_t after_s)
{
    TimelineGroup group;
    int64_t n = 0;
    timeline_seek(timeline, after_s);
    while (timeline_next(timeline) <= listing->until_s && timeline_take(timeline, &group))
        n += (int64_t)group.n;
    return n;
}

/* The timeline only goes forward: looks back twice as far until there are enough. */
void
listing_newest(Listing *listing, Arena *arena)
{
    Timeline *timeline = timeline_new(arena, listing->file, listing->skip, listing->until_s);
    int64_t after_s = listing->until_s, back_s = BACK_S, n = 0;
    while (n < listing->count && after_s > listing->from_s && any_older(listing, after_s)) {
        after_s = listing->until_s - back_s;
        back_s *= 2;
        if (after_s < listing->from_s)
            after_s = listing->from_s;
        n = count_fires(listing, timeline, after_s);
    }
    listing->from_s = after_s;
    timeline_seek(timeline, after_s);
    TimelineGroup group;
    while (n > listing->count && timeline_take(timeline, &group)) {
        if (group.due_s != listing->from_s + 1)
            listing->passed = 0;
        listing->from_s = group.due_s - 1;
        listing->passed +=
            n - listing->count < (int64_t)group.n ? (size_t)(n - listing->count) : group.n;
        n -= (int64_t)group.n;
    }
}

static bool walk_next(Walk *walk, const Job **job);

static Walk
walk_new(const Listing *listing, Arena *arena)
{
    Walk walk = {.listing = listing,
        .timeline = timeline_new(arena, listing->file, listing->skip, listing->from_s),
        .left = (int64_t)listing->passed,
        .notes = footnotes_new(arena)};
    const Job *job;
    while (walk_next(&walk, &job))
        ;
    walk.left = listing->count;
    walk.last_s = INT64_MIN;
    return walk;
}

/* Moves to the next fire: its job in *job, its instant in walk->last_s; false at the end. */
static bool
walk_next(Walk *walk, const Job **job)
{
    TimelineGroup *group = &walk->group;
    if (walk->left == 0)
        return false;
    if (group->n == 0 && (timeline_next(walk->timeline) > walk->listing->until_s ||
                             !timeline_take(walk->timeline, group)))
        return false;
    walk->left--;
    walk->last_s = group->due_s;
    group->n--;
    *job = &walk->listing->file->jobs[*group->jobs++];
    return true;
}

static const Zone *
shown_zone(const Listing *listing, const Job *job)
{
    return listing->zone != NULL ? listing->zone : schedule_zone(job->schedule);
}

/* 2027-03-28T03:00:00+02:00  in 125d 22h  nightly  30 2 * * *  [1] */
static void
add_line(Walk *walk, Table *table, Arena *arena, const Job *job)
{
    int64_t due_s = walk->last_s;
    Text instant = text_new(arena);
    instant_write(&instant, due_s, shown_zone(walk->listing, job));
    int mark = footnotes_mark(walk->notes, schedule_dst(job->schedule, due_s));
    table_cell(table, instant.at);
    table_cell(table, out_distance(arena, due_s - walk->listing->now_s));
    table_cell(table, job->name);
    table_cell(table, job->written);
    table_cell(table, mark == 0 ? "" : arena_printf(arena, "[%d]", mark));
}

/* Wall clock times that the schedules ask for up to until_s and that do not come to pass. */
static void
note_dropped(Walk *walk, int64_t until_s)
{
    const Listing *listing = walk->listing;
    DstNote dropped[DROPPED_MAX];
    for (size_t i = 0; i < listing->file->n; i++) {
        const Job *job = &listing->file->jobs[i];
        if (listing->skip[i] || !job->enabled)
            continue;
        size_t n =
            schedule_dropped(job->schedule, listing->from_s, until_s, dropped, DROPPED_MAX);
        for (size_t d = 0; d < n; d++)
            footnotes_dropped(walk->notes, dropped[d], job->name);
    }
}

bool
listing_table(const Listing *listing, Arena *arena, bool *any, Error *error)
{
    Walk walk = walk_new(listing, arena);
    Arena *block = arena_new(0);
    const Job *job;
    bool more = true, written = true;
    do {
        arena_reset(block);
        Table *table = table_new_bare(block, 5);
        Text text = text_new(block);
        int room = BLOCK;
        while (room-- > 0 && (more = walk_next(&walk, &job)))
            add_line(&walk, table, block, job);
        table_write(table, &text);
        written = out_text(&text, error);
    } while (written && more);
    arena_free(block);
    *any = walk.last_s != INT64_MIN;
    if (!written || !*any)
        return written;

    /* Ended by --until, the listing reaches to it; ended by --count, to its last line. */
    Text below = text_new(arena);
    bool whole = walk.left > 0 && listing->until_s != INT64_MAX;
    note_dropped(&walk, whole ? listing->until_s : walk.last_s);
    footnotes_write(walk.notes, &below);
    return out_prose(arena, &below, error);
}

static void
add_dst(Json *json, Arena *arena, DstNote note)
{
    json_key(json, "dst");
    if (note.effect == DST_PLAIN) {
        json_null(json);
        return;
    }
    Text wanted = text_new(arena);
    footnote_local(&wanted, note.wanted_ls);
    json_open(json, '{');
    json_key(json, "effect");
    json_string(json, footnote_effect(note.effect));
    json_key(json, "wanted");
    json_string(json, wanted.at);
    json_close(json, '}');
}

static void
add_object(const Walk *walk, Text *text, Arena *arena, const Job *job)
{
    int64_t due_s = walk->last_s;
    const Zone *zone = shown_zone(walk->listing, job);
    Text due = text_new(arena), start = text_new(arena);
    instant_write(&due, due_s, zone);
    instant_write(&start, due_s + schedule_jitter(job->name, due_s, job->jitter_s), zone);
    Json json = json_new(text);
    json_open(&json, '{');
    json_key(&json, "job");
    json_string(&json, *job->name == '\0' ? NULL : job->name);
    json_key(&json, "scheduled_at");
    json_string(&json, due.at);
    json_key(&json, "run_at");
    json_string(&json, start.at);
    json_key(&json, "in_s");
    json_number(&json, due_s - walk->listing->now_s);
    json_key(&json, "zone");
    json_string(&json, zone_name(zone));
    json_key(&json, "schedule");
    json_string(&json, text_safe(arena, job->written));
    add_dst(&json, arena, schedule_dst(job->schedule, due_s));
    json_close(&json, '}');
    text_add_char(text, '\n');
}

bool
listing_objects(const Listing *listing, Arena *arena, bool *any, Error *error)
{
    Walk walk = walk_new(listing, arena);
    Arena *block = arena_new(0);
    const Job *job;
    bool more = true, written = true;
    do {
        arena_reset(block);
        Text text = text_new(block);
        int room = BLOCK;
        while (room-- > 0 && (more = walk_next(&walk, &job)))
            add_object(&walk, &text, block, job);
        written = out_text(&text, error);
    } while (written && more);
    arena_free(block);
    *any = walk.last_s != INT64_MIN;
    return written;
}

/* `note: never due: 'leap' (0 0 31 2 *)` for the jobs of `which`. */
static void
add_silent(const Listing *listing, const bool *which, const char *what, Text *text)
{
    size_t n = 0;
    for (size_t i = 0; i < listing->file->n; i++) {
        const Job *job = &listing->file->jobs[i];
        if (!which[i] || n++ >= NAMED_MAX)
            continue;
        text_addf(text, "%s'", n == 1 ? what : ", ");
        text_add_safe(text, job->name, strlen(job->name));
        text_add(text, "' (");
        text_add_safe(text, job->written, strlen(job->written));
        text_add_char(text, ')');
    }
    if (n > NAMED_MAX)
        text_addf(text, " and %zu more", n - NAMED_MAX);
    if (n > 0)
        text_add_char(text, '\n');
}

void
listing_silent(const Listing *listing, Arena *arena)
{
    const Clockfile *file = listing->file;
    bool *never = arena_array(arena, file->n + 1, sizeof *never);
    bool *disabled = arena_array(arena, file->n + 1, sizeof *disabled);
    for (size_t i = 0; i < file->n; i++) {
        const Job *job = &file->jobs[i];
        int64_t due_s;
        if (listing->skip[i])
            continue;
        disabled[i] = !job->enabled;
        never[i] = job->enabled && !schedule_next(job->schedule, listing->from_s, &due_s);
    }
    Text text = text_new(arena);
    add_silent(listing, never, "note: never due: ", &text);
    add_silent(listing, disabled, "note: not enabled: ", &text);
    out_aside(&text);
}
