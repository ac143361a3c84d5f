/* What no other file knows: how PostgreSQL writes values as text. */

#include "db/cells.h"

#include <assert.h>
#include <string.h>

const char *
pg_cell(const PgRows *rows, int row, int column)
{
    assert(row >= 0 && row < rows->rows && column >= 0 && column < rows->columns);
    return rows->cells[row * rows->columns + column];
}

int64_t
pg_number(const PgRows *rows, int row, int column, int64_t none)
{
    const char *cell = pg_cell(rows, row, column);
    int64_t number = none;
    if (cell != NULL)
        text_number(cell, strlen(cell), INT64_MIN, INT64_MAX, &number);
    return number;
}

bool
pg_bool(const PgRows *rows, int row, int column)
{
    const char *cell = pg_cell(rows, row, column);
    return cell != NULL && cell[0] == 't';
}

void
pg_array_open(Text *text)
{
    text_add_char(text, '{');
}

/* What stands before the next element. */
static void
array_comma(Text *text)
{
    if (text->len == 0 || text->at[text->len - 1] != '{')
        text_add_char(text, ',');
}

void
pg_array_add(Text *text, const char *element)
{
    array_comma(text);
    if (element == NULL) {
        text_add(text, "NULL");
        return;
    }
    text_add_char(text, '"');
    for (size_t len; *element != '\0'; element += len) {
        len = strcspn(element, "\"\\");
        text_add_bytes(text, element, len);
        if (element[len] == '\0')
            continue;
        text_add_char(text, '\\');
        text_add_char(text, element[len++]);
    }
    text_add_char(text, '"');
}

void
pg_array_add_number(Text *text, int64_t n)
{
    array_comma(text);
    text_addf(text, "%lld", (long long)n);
}

void
pg_array_close(Text *text)
{
    text_add_char(text, '}');
}
