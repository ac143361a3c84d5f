#ifndef TESTS_UNIT_DUEBATCH_H
#define TESTS_UNIT_DUEBATCH_H

/* What the tests of due/dispatch.c share: a Dispatch of a small file, and what is expected of
 * its batches. */

#include "due.h"

#define ALL_ROWS 10000

/* A dispatch of the whole file, put in force at T0, with the horizon there. */
typedef struct {
    Clockfile *file;
    JobRow *rows;
    size_t n_rows;
    Dispatch *dispatch;
    Batch batch;
} Fixture;

static inline Fixture
stand(const char *jobs)
{
    Fixture f = {.file = file_of(jobs)};
    f.rows = rows_of(f.file, T0, &f.n_rows);
    f.dispatch = dispatch_new(arena, f.file, f.rows, f.n_rows, T0, NEVER);
    return f;
}

static inline void
stand_again(Fixture *f, int64_t fired_through_s, int64_t promised_s)
{
    f->dispatch = dispatch_new(arena, f->file, f->rows, f->n_rows, fired_through_s, promised_s);
}

static inline void
look(Fixture *f, int64_t after_t0_s, size_t max_rows)
{
    assert_true(dispatch_look(f->dispatch, arena, T0 + after_t0_s, max_rows, &f->batch));
}

static inline void
look_and_move(Fixture *f, int64_t after_t0_s, size_t max_rows)
{
    look(f, after_t0_s, max_rows);
    dispatch_move(f->dispatch, &f->batch);
}

static inline void
nothing_is_due(Fixture *f, int64_t after_t0_s)
{
    assert_false(dispatch_look(f->dispatch, arena, T0 + after_t0_s, ALL_ROWS, &f->batch));
}

/* The fires are of this job, at these seconds after T0; -1 ends the list. */
#define fires(f, job, ...)                                                                     \
    expect_fires(f, job, (const int64_t[]){__VA_ARGS__, -1}, __FILE__, __LINE__)

static inline void
expect_fires(
    const Fixture *f, const char *job, const int64_t *after_s, const char *path, int line)
{
    size_t i = 0;
    for (size_t j = 0; j < f->batch.n_fires; j++) {
        const Fire *fire = &f->batch.fires[j];
        if (strcmp(fire->job->name, job) != 0)
            continue;
        if (after_s[i] < 0 || fire->due_s != T0 + after_s[i]) {
            print_error("%s fires at T0 + %lld\n", job, (long long)(fire->due_s - T0));
            _fail(path, line);
        }
        i++;
    }
    if (after_s[i] >= 0) {
        print_error("%s does not fire at T0 + %lld\n", job, (long long)after_s[i]);
        _fail(path, line);
    }
}

static inline void
fires_never(const Fixture *f, const char *job)
{
    expect_fires(f, job, (const int64_t[]){-1}, __FILE__, __LINE__);
}

/* The n-th record of this job. */
static inline const Miss *
record(const Fixture *f, const char *job, size_t n)
{
    for (size_t i = 0; i < f->batch.n_misses; i++) {
        if (strcmp(f->batch.misses[i].job, job) == 0 && n-- == 0)
            return &f->batch.misses[i];
    }
    return NULL;
}

#define missed(f, job, n, first, last, count, reason)                                          \
    expect_missed(f, job, n, first, last, count, reason, __FILE__, __LINE__)

static inline void
expect_missed(const Fixture *f, const char *job, size_t n, int64_t first_s, int64_t last_s,
    int64_t count, MissReason reason, const char *path, int line)
{
    const Miss *miss = record(f, job, n);
    if (miss != NULL && miss->first_s == T0 + first_s && miss->last_s == T0 + last_s &&
        miss->count == count && miss->reason == reason)
        return;
    if (miss != NULL)
        print_error("%s: T0 + %lld .. T0 + %lld, %lld, %s\n", job,
            (long long)(miss->first_s - T0), (long long)(miss->last_s - T0),
            (long long)miss->count, miss_reason(miss->reason));
    _fail(path, line);
}

#endif
