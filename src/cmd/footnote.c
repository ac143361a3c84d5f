/* What no other file knows: how a change of the clocks is put in words. */

#include "cmd/footnote.h"

#include <stdbool.h>

#include "time/civil.h"
#include "time/zone.h"

/* More would not be read; the marks of further ones are left out. */
#define NOTES_MAX 20

/* Jobs named in one note; the rest are counted. */
#define JOBS_NAMED 3

/* For DST_DROPPED one note tells of all jobs at that change. */
typedef struct {
    DstNote dst;
    bool several; /* other local times than dst.wanted_ls as well */
    const char *jobs[JOBS_NAMED];
    size_t n_jobs;
    const char *last_job;
} Note;

struct Footnotes {
    Note notes[NOTES_MAX];
    size_t n;
    int numbered;
};

Footnotes *
footnotes_new(Arena *arena)
{
    return arena_alloc(arena, sizeof(Footnotes));
}

const char *
footnote_effect(DstEffect effect)
{
    static const char *const words[] = {
        [DST_PLAIN] = NULL,
        [DST_MOVED] = "moved",
        [DST_FIRST] = "first",
        [DST_SECOND] = "second",
        [DST_ONCE] = "once",
        [DST_DROPPED] = "dropped",
    };
    return words[effect];
}

/* A schedule that fires through a doubled hour gets one note for all of it. */
static bool
is_same(const Note *a, const Note *b)
{
    if (a->dst.zone != b->dst.zone || a->dst.change_s != b->dst.change_s ||
        a->dst.effect != b->dst.effect)
        return false;
    return a->dst.effect == DST_FIRST || a->dst.wanted_ls == b->dst.wanted_ls;
}

int
footnotes_mark(Footnotes *notes, DstNote dst)
{
    if (dst.effect == DST_PLAIN)
        return 0;
    if (dst.effect == DST_SECOND)
        dst.effect = DST_FIRST; /* told together */
    Note note = {.dst = dst};
    int number = 0;
    for (size_t i = 0; i < notes->n; i++) {
        number += notes->notes[i].dst.effect != DST_DROPPED;
        if (is_same(&notes->notes[i], &note))
            return number;
    }
    if (notes->n == NOTES_MAX)
        return 0;
    notes->notes[notes->n++] = note;
    return ++notes->numbered;
}

static Note *
dropped_note(Footnotes *notes, DstNote dst)
{
    for (size_t i = 0; i < notes->n; i++) {
        Note *old = &notes->notes[i];
        if (old->dst.effect == DST_DROPPED && old->dst.zone == dst.zone &&
            old->dst.change_s == dst.change_s)
            return old;
    }
    if (notes->n == NOTES_MAX)
        return NULL;
    notes->notes[notes->n] = (Note){.dst = dst};
    return &notes->notes[notes->n++];
}

void
footnotes_dropped(Footnotes *notes, DstNote dst, const char *job)
{
    Note *note = dropped_note(notes, dst);
    if (note == NULL)
        return;
    note->several = note->several || note->dst.wanted_ls != dst.wanted_ls;
    if (*job == '\0' || note->last_job == job)
        return;
    note->last_job = job;
    if (note->n_jobs < JOBS_NAMED)
        note->jobs[note->n_jobs] = job;
    note->n_jobs++;
}

static void
add_date(Text *text, Civil at)
{
    text_addf(text, "%04d-%02d-%02d", at.year, at.month, at.day);
}

/* "02:30", and the seconds when there are any. */
static void
add_time(Text *text, Civil at)
{
    text_addf(text, "%02d:%02d", at.hour, at.minute);
    if (at.second != 0)
        text_addf(text, ":%02d", at.second);
}

/* The date only when it is not the one that stands there already. */
static void
add_moment(Text *text, int64_t at_ls, int64_t said_ls)
{
    Civil at = civil_from_seconds(at_ls), said = civil_from_seconds(said_ls);
    if (at.year != said.year || at.month != said.month || at.day != said.day) {
        add_date(text, at);
        text_add_char(text, ' ');
    }
    add_time(text, at);
}

void
footnote_local(Text *text, int64_t at_ls)
{
    Civil at = civil_from_seconds(at_ls);
    add_date(text, at);
    text_addf(text, "T%02d:%02d:%02d", at.hour, at.minute, at.second);
}

/* "on 2027-03-28 clocks in Europe/Berlin go from 02:00 to 03:00: " */
static void
add_change(Text *text, const Note *note, int64_t *said_ls)
{
    int64_t change_s = note->dst.change_s;
    int64_t before_ls = change_s + zone_span(note->dst.zone, change_s - 1).offset_s;
    int64_t after_ls = change_s + zone_span(note->dst.zone, change_s).offset_s;
    *said_ls = before_ls;
    text_add(text, "on ");
    add_date(text, civil_from_seconds(before_ls));
    text_addf(text, " clocks in %s go from ", zone_name(note->dst.zone));
    add_moment(text, before_ls, *said_ls);
    text_add(text, " to ");
    add_moment(text, after_ls, *said_ls);
    text_add(text, ": ");
}

static void
add_jobs(Text *text, const Note *note)
{
    for (size_t i = 0; i < note->n_jobs && i < JOBS_NAMED; i++)
        text_addf(text, "%s%s", i == 0 ? " (" : ", ", note->jobs[i]);
    if (note->n_jobs > JOBS_NAMED)
        text_addf(text, " and %zu more", note->n_jobs - JOBS_NAMED);
    text_add(text, note->n_jobs > 0 ? ")" : "");
}

static void
add_note(Text *text, const Note *note)
{
    int64_t said_ls;
    add_change(text, note, &said_ls);
    if (note->dst.effect == DST_FIRST) {
        text_add(text, "times between come twice, fire twice");
        return;
    }
    if (note->several) {
        text_add(text, "times between do not exist, do not fire");
        add_jobs(text, note);
        return;
    }
    add_moment(text, note->dst.wanted_ls, said_ls);
    if (note->dst.effect == DST_MOVED)
        text_add(text, " does not exist, fires right after");
    else if (note->dst.effect == DST_ONCE)
        text_add(text, " comes twice, fires once");
    else
        text_add(text, " does not exist, does not fire");
    add_jobs(text, note);
}

void
footnotes_write(const Footnotes *notes, Text *text)
{
    int number = 0;
    for (size_t i = 0; i < notes->n; i++) {
        if (i == 0)
            text_add_char(text, '\n');
        if (notes->notes[i].dst.effect == DST_DROPPED)
            text_add(text, "[-] ");
        else
            text_addf(text, "[%d] ", ++number);
        add_note(text, &notes->notes[i]);
        text_add_char(text, '\n');
    }
}
