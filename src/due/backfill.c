/* What no other file knows: which instants stand behind a record of missed fires, and what is
 * left of it when some of them are fired after all. */

#include "due/backfill.h"

#include <stdbool.h>
#include <stdlib.h>

static int
by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void
sort_once(Backfill *backfill)
{
    size_t n = 0;
    qsort(backfill->due_s, backfill->n, sizeof *backfill->due_s, by_number);
    for (size_t i = 0; i < backfill->n; i++) {
        if (i == 0 || backfill->due_s[i] != backfill->due_s[n - 1])
            backfill->due_s[n++] = backfill->due_s[i];
    }
    backfill->n = n;
}

/* The record's next instant after after_s; INT64_MAX: none. */
static int64_t
next_of(const Schedule *schedule, const Record *record, int64_t after_s)
{
    int64_t due_s;
    if (after_s < record->first_s)
        return record->first_s;
    if (after_s >= record->last_s)
        return INT64_MAX;
    if (record->count <= 2 || !schedule_next(schedule, after_s, &due_s))
        return record->last_s;
    return due_s < record->last_s ? due_s : record->last_s;
}

/* True when the schedule has the record's instants, as many and no other. */
static bool
is_told(const Schedule *schedule, const Record *record)
{
    int64_t count = 0, due_s = record->first_s - 1;
    if (record->count < 0)
        return false;
    if (record->count <= 2)
        return record->count == 1 + (record->first_s != record->last_s);
    while (count <= record->count && schedule_next(schedule, due_s, &due_s) &&
           due_s <= record->last_s) {
        if (count == 0 && due_s != record->first_s)
            return false;
        count++;
        if (due_s == record->last_s)
            return count == record->count;
    }
    return false;
}

static void
keep(Backfill *backfill, int64_t id, int64_t first_s, int64_t last_s, int64_t count)
{
    if (count > 0)
        backfill->kept[backfill->n_kept++] =
            (Record){.id = id, .first_s = first_s, .last_s = last_s, .count = count};
}

/* Splits a record into what comes before the span, what is fired, and the rest. */
static void
take(const Schedule *schedule, const Record *record, int64_t from_s, int64_t until_s,
    size_t most, Backfill *backfill)
{
    int64_t before = 0, fired = 0, last_before_s = 0;
    int64_t due_s = next_of(schedule, record, INT64_MIN);
    for (; due_s <= from_s; due_s = next_of(schedule, record, due_s)) {
        last_before_s = due_s;
        before++;
    }
    for (; due_s <= until_s && due_s != INT64_MAX && backfill->n < most;
         due_s = next_of(schedule, record, due_s)) {
        backfill->due_s[backfill->n++] = due_s;
        fired++;
    }
    if (fired == 0)
        return;
    backfill->consumed[backfill->n_consumed++] = record->id;
    keep(backfill, record->id, record->first_s, last_before_s, before);
    keep(backfill, record->id, due_s, record->last_s, record->count - before - fired);
}

static void
set_up(Arena *arena, size_t n_records, size_t most, Backfill *backfill)
{
    *backfill = (Backfill){.n = 0};
    backfill->due_s = arena_array(arena, most + 1, sizeof *backfill->due_s);
    backfill->consumed = arena_array(arena, n_records + 1, sizeof *backfill->consumed);
    backfill->kept = arena_array(arena, 2 * n_records + 1, sizeof *backfill->kept);
}

static void
take_records(const Schedule *schedule, const Record *records, size_t n, int64_t from_s,
    int64_t until_s, size_t most, Backfill *backfill)
{
    for (size_t i = 0; i < n && backfill->n < most; i++) {
        if (is_told(schedule, &records[i]))
            take(schedule, &records[i], from_s, until_s, most, backfill);
        else
            backfill->n_untold++;
    }
}

void
backfill_recorded(Arena *arena, const Schedule *schedule, const Record *records, size_t n,
    int64_t from_s, int64_t until_s, size_t most, Backfill *backfill)
{
    set_up(arena, n, most, backfill);
    take_records(schedule, records, n, from_s, until_s, most, backfill);
    sort_once(backfill);
    backfill->through_s = until_s;
}

/* How many instants records may add to those of the schedule: all those that they tell. */
static size_t
told(const Schedule *schedule, const Record *records, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_told(schedule, &records[i]))
            sum += (size_t)records[i].count;
    }
    return sum;
}

void
backfill_all(Arena *arena, const Schedule *schedule, const Record *records, size_t n,
    int64_t from_s, int64_t until_s, size_t most, Backfill *backfill)
{
    size_t room = most + told(schedule, records, n);
    int64_t due_s = from_s;
    set_up(arena, n, room, backfill);
    backfill->through_s = until_s;
    while (schedule_next(schedule, due_s, &due_s) && due_s <= until_s) {
        backfill->due_s[backfill->n++] = due_s;
        if (backfill->n == most) {
            backfill->through_s = due_s;
            break;
        }
    }
    take_records(schedule, records, n, from_s, backfill->through_s, room + 1, backfill);
    sort_once(backfill);
}
