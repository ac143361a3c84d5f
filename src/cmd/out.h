#ifndef CMD_OUT_H
#define CMD_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* What commands print on stdout: tables for people, one JSON object a line for programs. */

/* Columns are padded to their widest cell when the table is written. */
typedef struct Table Table;

Table *table_new(Arena *arena, const char *const *heads); /* NULL-terminated */
void table_cell(Table *table, const char *text); /* the next cell, row by row; escaped */
void table_write(const Table *table, Text *text);

/* True when stdout is a terminal and NO_COLOR is not set. */
bool out_colour(void);

/* Writes to stdout and flushes; ERR_OUTPUT when not all of it could be written. */
bool out_text(const Text *text, Error *error);

#endif
