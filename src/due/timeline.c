/* What no other file knows: how the schedules of many jobs are kept in the order of their next
 * instants.  A binary heap of distinct schedules; equal instants are ordered by the group's
 * first job, so that the same Clockfile gives the same order everywhere. */

#include "due/timeline.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const Schedule *schedule;
    const uint32_t *jobs;
    uint32_t n;
} Group;

/* The instant stands beside the index: ordering touches no other memory. */
typedef struct {
    int64_t due_s;
    uint32_t group;
} Slot;

struct Timeline {
    Group *groups;
    size_t n_groups;
    Slot *heap; /* only groups with an instant ahead */
    size_t n;
};

static bool
earlier(const Slot *a, const Slot *b)
{
    return a->due_s != b->due_s ? a->due_s < b->due_s : a->group < b->group;
}

static void
sift_down(Timeline *timeline, size_t at)
{
    Slot *heap = timeline->heap;
    Slot moving = heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= timeline->n)
            break;
        if (child + 1 < timeline->n && earlier(&heap[child + 1], &heap[child]))
            child++;
        if (!earlier(&heap[child], &moving))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moving;
}

void
timeline_seek(Timeline *timeline, int64_t after_s)
{
    timeline->n = 0;
    for (size_t i = 0; i < timeline->n_groups; i++) {
        int64_t due_s;
        if (schedule_next(timeline->groups[i].schedule, after_s, &due_s))
            timeline->heap[timeline->n++] = (Slot){.due_s = due_s, .group = (uint32_t)i};
    }
    for (size_t i = timeline->n / 2; i-- > 0;)
        sift_down(timeline, i);
}

typedef struct {
    const Schedule *schedule;
    uint32_t job;
} Member;

static int
by_schedule(const void *a, const void *b)
{
    const Member *x = a, *y = b;
    if (x->schedule != y->schedule)
        return (uintptr_t)x->schedule < (uintptr_t)y->schedule ? -1 : 1;
    return x->job < y->job ? -1 : x->job > y->job;
}

static int
by_first_job(const void *a, const void *b)
{
    uint32_t x = ((const Group *)a)->jobs[0], y = ((const Group *)b)->jobs[0];
    return x < y ? -1 : x > y;
}

Timeline *
timeline_new(Arena *arena, const Clockfile *file, const bool *skip, int64_t after_s)
{
    Timeline *timeline = arena_alloc(arena, sizeof *timeline);
    Arena *scratch = arena_new(0);
    Member *members = arena_array(scratch, file->n + 1, sizeof *members);
    size_t n = 0;
    for (size_t i = 0; i < file->n; i++) {
        if (file->jobs[i].enabled && (skip == NULL || !skip[i]))
            members[n++] = (Member){.schedule = file->jobs[i].schedule, .job = (uint32_t)i};
    }
    qsort(members, n, sizeof *members, by_schedule);

    size_t n_groups = 0;
    for (size_t i = 0; i < n; i++)
        n_groups += i == 0 || members[i].schedule != members[i - 1].schedule;
    uint32_t *jobs = arena_array(arena, n + 1, sizeof *jobs);
    timeline->groups = arena_array(arena, n_groups + 1, sizeof *timeline->groups);
    timeline->heap = arena_array(arena, n_groups + 1, sizeof *timeline->heap);
    Group *group = timeline->groups - 1;
    for (size_t i = 0; i < n; i++) {
        jobs[i] = members[i].job;
        if (i == 0 || members[i].schedule != members[i - 1].schedule)
            *++group = (Group){.schedule = members[i].schedule, .jobs = &jobs[i]};
        group->n++;
    }
    timeline->n_groups = n_groups;
    arena_free(scratch);

    qsort(timeline->groups, n_groups, sizeof *timeline->groups, by_first_job);
    timeline_seek(timeline, after_s);
    return timeline;
}

int64_t
timeline_next(const Timeline *timeline)
{
    return timeline->n == 0 ? INT64_MAX : timeline->heap[0].due_s;
}

size_t
timeline_next_jobs(const Timeline *timeline)
{
    int64_t due_s = timeline_next(timeline);
    size_t jobs = 0;
    for (size_t i = 0; i < timeline->n; i++) {
        if (timeline->heap[i].due_s == due_s)
            jobs += timeline->groups[timeline->heap[i].group].n;
    }
    return jobs;
}

bool
timeline_take(Timeline *timeline, TimelineGroup *out)
{
    if (timeline->n == 0)
        return false;
    Slot *top = &timeline->heap[0];
    const Group *group = &timeline->groups[top->group];
    *out = (TimelineGroup){.due_s = top->due_s, .jobs = group->jobs, .n = group->n};
    if (!schedule_next(group->schedule, top->due_s, &top->due_s))
        *top = timeline->heap[--timeline->n];
    if (timeline->n > 1)
        sift_down(timeline, 0);
    return true;
}
