#ifndef CMD_FOOTNOTE_H
#define CMD_FOOTNOTE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "plan/schedule.h"

/* What daylight saving did to the instants of a listing, explained below it. */
typedef struct Footnotes Footnotes;

Footnotes *footnotes_new(Arena *arena);

/* The number of the note that explains this effect, the same for equal ones; 0: nothing to
 * explain, or too many notes already. */
int footnotes_mark(Footnotes *notes, DstNote dst);

/* An unfired local time of a job, told without a number; call it job by job.  `job` must live
 * as long as the notes; "" when it has no name. */
void footnotes_dropped(Footnotes *notes, DstNote dst, const char *job);

/* "[1] ...", a line each, behind an empty line; nothing when there are none. */
void footnotes_write(const Footnotes *notes, Text *text);

/* "moved", "first", ...: the word of --json; NULL for DST_PLAIN. */
const char *footnote_effect(DstEffect effect);

/* "2027-03-28T02:30:00": a wall clock's time. */
void footnote_local(Text *text, int64_t at_ls);

#endif
