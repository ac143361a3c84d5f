#ifndef DB_CELLS_H
#define DB_CELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Values as text, in the answers of the database and in the parameters of statements. */

/* One answer, copied into an arena: a PGresult never leaves pg.c. */
typedef struct {
    int rows;
    int columns;
    const char *const *cells; /* row by row; NULL: SQL NULL */
    int64_t affected;         /* rows of an INSERT, UPDATE or DELETE */
} PgRows;

/* The cell as text, NULL for SQL NULL. */
const char *pg_cell(const PgRows *rows, int row, int column);
/* The cell as a number: an int8 or smaller; `none` for SQL NULL. */
int64_t pg_number(const PgRows *rows, int row, int column, int64_t none);
bool pg_bool(const PgRows *rows, int row, int column);

/* Array parameters, element by element: pg_array_open, then adds, then pg_array_close; the text
 * is the parameter. */
void pg_array_open(Text *text);
void pg_array_add(Text *text, const char *element); /* NULL: a null element */
void pg_array_add_number(Text *text, int64_t n);
void pg_array_close(Text *text);

#endif
