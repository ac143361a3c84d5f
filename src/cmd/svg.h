#ifndef CMD_SVG_H
#define CMD_SVG_H

#include "base/text.h"
#include "cmd/heat.h"

/* The heat map as an SVG picture of its own (no script, no font, no link), for a report: it
 * tells in words what it shows, and a pointer held on a cell tells its number. */
void svg_write(Text *text, const Heat *heat);

#endif
