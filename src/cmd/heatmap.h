#ifndef CMD_HEATMAP_H
#define CMD_HEATMAP_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "cmd/heat.h"

/* The heat map for a terminal, and the words that every way to draw it uses. */

/* Writes the picture to stdout: coloured on a terminal, in shades of grey elsewhere. */
bool heatmap_picture(const Heat *heat, Arena *arena, Error *error);

/* One JSON object: `cells` row by row, the busiest instants with all their jobs. */
bool heatmap_object(const Heat *heat, Arena *arena, Error *error);

/* "1240 fires of 18 jobs by the hour" */
void heatmap_title(Text *text, const Heat *heat);

/* "2026-11-22 to 2026-11-28, Europe/Berlin" */
void heatmap_span(Text *text, const Heat *heat);

/* "Sun 22", or "02:00" in the picture of a day. */
void heatmap_row(Text *text, const Heat *heat, int row);

/* "Sun 22 02:00": where a cell begins. */
void heatmap_cell(Text *text, const Heat *heat, int cell);

/* "02:00:00 on 7 days", "Sun 22 02:00:00", "168 times, first Sun 22 00:00:00" */
void heatmap_when(Text *text, const Heat *heat, const Busy *busy);

/* "12 at once", "up to 12 at once" */
const char *heatmap_crowd(Arena *arena, const Busy *busy);

/* "backup, cleanup, mail and 9 more", one name at least, and no more than fit into so many
 * bytes; escaped. */
void heatmap_jobs(Text *text, const Busy *busy, size_t room);

/* A remark for the reader, or NULL when there are no more: changes of the clocks, jitter, how
 * to spread the load.  Count i from 0. */
const char *heatmap_remark(Arena *arena, const Heat *heat, int i);

#endif
