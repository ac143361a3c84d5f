#ifndef FILE_CRONLINE_H
#define FILE_CRONLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "file/crondaemon.h"

/* The parts of one line of a crontab, as the two daemons take it apart; a line is a
 * NUL-terminated text without its line break. */

/* True when the line sets a variable; both texts are in the arena.  The quoting rules are those
 * of load_env in each daemon's env.c. */
bool cronline_variable(
    Arena *arena, Daemon daemon, const char *line, const char **name, const char **value);

/*
 * What the shell is given of an entry's command, and what stands behind the first '%' that has
 * no backslash: the standard input, its other '%' turned into line breaks.  A final line break
 * is left out, for there always is one.  *input: NULL without a '%', or with nothing behind it.
 */
void cronline_percent(
    Arena *arena, Daemon daemon, const char *text, const char **command, const char **input);

/* The reverse: a text that cronline_percent takes apart into these two; false when there is
 * none. */
bool cronline_join(
    Arena *arena, Daemon daemon, const char *command, const char *input, const char **text);

/* The reverse of cronline_variable; false when there is no such line. */
bool cronline_assign(
    Arena *arena, Daemon daemon, const char *name, const char *value, const char **line);

/* How many bytes the first n words of `line` take, the blanks between them included and those
 * behind them not; 0 when there are fewer. */
size_t cronline_words(const char *line, size_t n);

/* The fields with one blank between them. */
const char *cronline_squeeze(Arena *arena, const char *at, size_t len);

#endif
