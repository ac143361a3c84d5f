#ifndef FILE_CRONSLIP_H
#define FILE_CRONSLIP_H

#include <stdbool.h>

#include "base/arena.h"

/* Lines that are in a crontab, or in this kind of it, by mistake. */

/* What was probably meant by a line that is no entry: true with what to say of it. */
bool cronslip_line(Arena *arena, const char *line, const char **text, const char **hint);

/* The user that a command begins with, as if it stood in a system crontab; NULL: none. */
const char *cronslip_user(Arena *arena, const char *command);

/* True for a user that is a command, as if it stood in a user's own crontab. */
bool cronslip_is_command(const char *user);

/* True for a word that can only be a time field, so that there are six or seven. */
bool cronslip_is_field(const char *word);

#endif
