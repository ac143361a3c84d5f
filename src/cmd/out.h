#ifndef CMD_OUT_H
#define CMD_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* What commands print on stdout: tables for people, one JSON object a line for programs. */

/* Columns are padded to their widest cell when the table is written. */
typedef struct Table Table;

/* `heads` is NULL-terminated; they are written as the first row. */
Table *table_new(Arena *arena, const char *const *heads);

/* The same without a row of heads. */
Table *table_new_bare(Arena *arena, size_t columns);

void table_cell(Table *table, const char *text); /* the next cell, row by row; escaped */
void table_write(const Table *table, Text *text);

/* How far away an instant is, in the two greatest units: "in 125d 22h",
 * "5m 10s ago", "now". */
const char *out_distance(Arena *arena, int64_t s);

/* How wide the terminal on stdout is; 0: there is none, or none that says so. */
size_t out_width(void);

/* True when stdout is a terminal and NO_COLOR is not set. */
bool out_colour(void);

/* Writes to stdout; ERR_OUTPUT when not all of it could be written. */
bool out_text(const Text *text, Error *error);

/* The same for people: on a terminal, lines longer than it is wide are broken at blanks, and go
 * on under where their last column, or what follows a "word: ", began.  Lines with colours
 * stay. */
bool out_prose(Arena *arena, const Text *text, Error *error);

/* Writes a file, over one that is there; ERR_OUTPUT. */
bool out_file(const char *path, const Text *text, Error *error);

/* Closes stdout: the last chance of a full disk to be heard (ERR_OUTPUT). */
bool out_close(Error *error);

/* Writes to stderr, where a failure has nobody left to tell. */
void out_aside(const Text *text);

#endif
