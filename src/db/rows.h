#ifndef DB_ROWS_H
#define DB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/pg.h"
#include "due/dispatch.h"

/*
 * The rows of clock.jobs and clock.missed that a transaction on the horizon carries.  A
 * thousand a statement, each with a deadline of its own (STORE_STATEMENT_US); `arena` is for
 * parameters.
 */

typedef struct {
    int64_t inserted;
    int64_t overlapped; /* recorded as missed instead: the job's previous row is unfinished */
    int64_t refused;    /* recorded as missed instead: the server refuses the row */
    int64_t swallowed;  /* there already */
} RowCount;

/* Inserts the fires of jobs that may overlap; passes over the others.  Adds to *count. */
bool rows_insert(
    Pg *pg, const char *clockfile, const Fire *fires, size_t n, RowCount *count, Error *error);

/* Inserts the others, or records them when an earlier row is unfinished: to be asked at the
 * instant itself, since the answer changes with every row that a worker finishes.  `unmarked`:
 * such a row may lack its mark (store_mark_solo), so that all rows are read. */
bool rows_insert_alone(Pg *pg, const char *clockfile, const Fire *fires, size_t n,
    bool unmarked, RowCount *count, Error *error);

/* Both, with savepoints: a row that the server refuses (ERR_DB_ROW) is found by halving and
 * recorded as missed, and the others are inserted. */
bool rows_insert_carefully(Pg *pg, Arena *arena, const char *clockfile, const Fire *fires,
    size_t n, bool unmarked, RowCount *count, Error *error);

bool rows_missed(
    Pg *pg, Arena *arena, const char *clockfile, const Miss *misses, size_t n, Error *error);

/* One NOTIFY for each queue of the fires. */
bool rows_notify(Pg *pg, Arena *arena, const Fire *fires, size_t n, Error *error);

#endif
