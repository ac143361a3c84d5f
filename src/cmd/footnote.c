/* What no other file knows: how a change of the clocks is put in words. */

#include "cmd/footnote.h"

#include <string.h>

#include "time/civil.h"

/* More would not be read; the marks of further ones are left out. */
#define NOTES_MAX 20

typedef struct {
    const Zone *zone;
    DstNote dst;
    const char *job; /* for DST_DROPPED */
    size_t more;     /* further local times of the same job and change */
} Note;

struct Footnotes {
    Note notes[NOTES_MAX];
    size_t n;
    int numbered;
    size_t unsaid;
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
    if (a->zone != b->zone || a->dst.change_s != b->dst.change_s ||
        a->dst.effect != b->dst.effect)
        return false;
    return a->dst.effect == DST_FIRST || a->dst.wanted_ls == b->dst.wanted_ls;
}

int
footnotes_mark(Footnotes *notes, const Zone *zone, DstNote dst)
{
    if (dst.effect == DST_PLAIN)
        return 0;
    if (dst.effect == DST_SECOND)
        dst.effect = DST_FIRST; /* told together */
    Note note = {.zone = zone, .dst = dst};
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

void
footnotes_dropped(Footnotes *notes, const Zone *zone, DstNote dst, const char *job)
{
    for (size_t i = 0; i < notes->n; i++) {
        Note *old = &notes->notes[i];
        if (old->dst.effect == DST_DROPPED && old->zone == zone &&
            old->dst.change_s == dst.change_s && strcmp(old->job, job) == 0) {
            old->more++;
            return;
        }
    }
    if (notes->n == NOTES_MAX)
        notes->unsaid++;
    else
        notes->notes[notes->n++] = (Note){.zone = zone, .dst = dst, .job = job};
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

/* "on 2027-03-28 the clocks of Europe/Berlin go forward from 02:00 to 03:00: " */
static void
add_change(Text *text, const Note *note, int64_t *said_ls)
{
    int64_t change_s = note->dst.change_s;
    int64_t before_ls = change_s + zone_span(note->zone, change_s - 1).offset_s;
    int64_t after_ls = change_s + zone_span(note->zone, change_s).offset_s;
    *said_ls = before_ls;
    text_add(text, "on ");
    add_date(text, civil_from_seconds(before_ls));
    text_addf(text, " the clocks of %s go %s from ", zone_name(note->zone),
        after_ls > before_ls ? "forward" : "back");
    add_moment(text, before_ls, *said_ls);
    text_add(text, " to ");
    add_moment(text, after_ls, *said_ls);
    text_add(text, ": ");
}

static void
add_note(Text *text, const Note *note)
{
    int64_t said_ls;
    add_change(text, note, &said_ls);
    if (note->dst.effect == DST_FIRST) {
        text_add(text, "the times between come twice, and fire twice");
        return;
    }
    add_moment(text, note->dst.wanted_ls, said_ls);
    switch (note->dst.effect) {
    case DST_MOVED:
        text_add(text, " does not exist, and fires right after");
        break;
    case DST_ONCE:
        text_add(text, " comes twice, and fires once");
        break;
    case DST_DROPPED:
        if (note->more > 0)
            text_addf(text, " and %zu more", note->more);
        text_addf(text, " %s not exist, and %s not fire", note->more > 0 ? "do" : "does",
            note->more > 0 ? "do" : "does");
        if (*note->job != '\0')
            text_addf(text, " (%s)", note->job);
        break;
    case DST_PLAIN:
    case DST_FIRST:
    case DST_SECOND:
        break;
    }
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
    if (notes->unsaid > 0)
        text_addf(text, "[-] and %zu more that do not fire\n", notes->unsaid);
}
