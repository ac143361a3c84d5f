#ifndef TESTS_UNIT_DUE_H
#define TESTS_UNIT_DUE_H

/* What the tests of src/due/ share: Clockfiles from text, and what a database would know of
 * them. To be included after cmocka.h. */

#include <string.h>

#include "due/dispatch.h"
#include "file/clockfile.h"

#define T0 INT64_C(1767225600) /* 2026-01-01T00:00:00Z, a Thursday */
#define NEVER INT64_MAX

static Arena *arena; /* of one test */

static int
due_begin(void **state)
{
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int
due_end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* The jobs of a Clockfile, each "NAME: {...}" on a line of its own. */
static Clockfile *
file_of(const char *jobs)
{
    Clockfile *file = NULL;
    Error error;
    Diags *diags = diags_new(arena, "Clockfile.yml");
    Text text = text_new(arena), said = text_new(arena);
    text_add(&text, "name: t\njobs:\n");
    for (const char *at = jobs; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        text_add(&text, "  ");
        text_add_bytes(&text, at, len);
        text_add(&text, "\n");
        at += at[len] == '\n' ? len + 1 : len;
    }
    if (!clockfile_read(arena, "Clockfile.yml", text.at, text.len, &file, diags, &error)) {
        diags_write(diags, &said);
        fail_msg("%s: %s", error.text, said.at);
    }
    return file;
}

/* What the database knows of the file's enabled jobs after it was put in force at since_s. */
static inline JobRow *
rows_of(const Clockfile *file, int64_t since_s, size_t *n)
{
    JobRow *rows = arena_array(arena, file->n + 1, sizeof *rows);
    *n = 0;
    for (size_t i = 0; i < file->n; i++) {
        if (file->jobs[i].enabled)
            rows[(*n)++] = (JobRow){.job = file->jobs[i].name,
                .spec = file->jobs[i].spec,
                .since_s = since_s,
                .until_s = NEVER};
    }
    return rows;
}

/* The row of that job among them. */
static inline JobRow *
row_of(JobRow *rows, size_t n, const char *job)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].job, job) == 0)
            return &rows[i];
    }
    fail_msg("no row of %s", job);
    return NULL;
}

#endif
