/* What no other file knows: how the end of a command becomes the report on an attempt. */

#include "proc/slots.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/now.h"
#include "proc/kin.h"

#define EVENTS_MAX 64
#define KIN_MAX 1024

bool
slots_new(Arena *arena, size_t n, Slots *slots, Error *error)
{
    *slots = (Slots){.at = arena_array(arena, n, sizeof *slots->at), .n = n};
    slots->events = epoll_create1(EPOLL_CLOEXEC);
    if (slots->events < 0)
        return error_system(error, ERR_BUG, "cannot wait for commands");
    /* a keeper may be killed: then what it kept comes to us */
    prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL);
    for (size_t i = 0; i < n; i++) {
        slots->at[i].arena = arena_new(0);
        slots->at[i].child = child_new(arena);
    }
    return true;
}

size_t
slots_count(const Slots *slots, SlotState state)
{
    size_t count = 0;
    for (size_t i = 0; i < slots->n; i++)
        count += slots->at[i].state == state;
    return count;
}

/* ---- start ---- */

static void
hold(Slot *slot, const Claim *claim)
{
    arena_reset(slot->arena);
    slot->claim = *claim;
    slot->claim.lease_id = arena_copy(slot->arena, claim->lease_id, strlen(claim->lease_id));
    slot->claim.job = arena_copy(slot->arena, claim->job, strlen(claim->job));
    if (claim->scheduled_at != NULL)
        slot->claim.scheduled_at =
            arena_copy(slot->arena, claim->scheduled_at, strlen(claim->scheduled_at));
    slot->claim.payload = NULL; /* it is the command's */
    slot->report = (Report){
        .id = claim->id, .lease_id = slot->claim.lease_id, .exit_status = -1, .signal = 0};
    slot->started_us = now_mono_us();
    slot->forfeited = slot->giving_up = false;
}

static void
watch(const Slots *slots, const Slot *slot)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)(slot - slots->at)};
    epoll_ctl(slots->events, EPOLL_CTL_ADD, slot->child.fd, &event);
    epoll_ctl(slots->events, EPOLL_CTL_ADD, slot->child.output, &event);
}

bool
slots_start(Slots *slots, const Job *job, const Claim *claim, int64_t lease_us, Error *failed)
{
    Slot *slot = slots->at;
    while (slot->state != SLOT_FREE)
        slot++;
    hold(slot, claim);
    bool ok = job != NULL ? child_start(&slot->child, slot->arena, job, claim, lease_us, failed)
                          : error_set(failed, ERR_INPUT, "the Clockfile has no such command");
    if (ok) {
        slot->state = SLOT_RUNNING;
        watch(slots, slot);
        return true;
    }
    slot->state = SLOT_OVER;
    slot->report.kind = REPORT_RELEASED;
    slot->report.error = arena_copy(slot->arena, failed->text, strlen(failed->text));
    return false;
}

/* ---- end ---- */

static const char *
how_it_ended(Slot *slot, int status)
{
    if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        slot->report.signal = WTERMSIG(status);
        return arena_printf(slot->arena, "killed by signal %d%s%s", WTERMSIG(status),
            name == NULL ? "" : " SIG", name == NULL ? "" : name);
    }
    int exit_status = WEXITSTATUS(status);
    slot->report.exit_status = exit_status;
    if (exit_status == 0)
        return NULL;
    return arena_printf(slot->arena, "exit status %d%s", exit_status,
        exit_status == 126   ? ": not to be executed"
        : exit_status == 127 ? ": no such command"
                             : "");
}

/* Fills the report of a command that has ended, and of which nothing is left. */
static void
judge(Slot *slot)
{
    const KeeperReport *end = &slot->child.report;
    Report *report = &slot->report;
    report->output = tail_text(&slot->child.tail, slot->arena);
    report->kind = REPORT_FAILED;
    if (slot->child.orphaned) {
        report->error = "the process that kept the command was killed";
    } else if (end->exec_errno < 0) {
        report->exit_status = 126;
        report->error = arena_printf(
            slot->arena, "cannot enter HOME: %s", strerrordesc_np(-end->exec_errno));
    } else if (end->exec_errno != 0) {
        report->exit_status = end->exec_errno == ENOENT ? 127 : 126;
        report->error = arena_printf(
            slot->arena, "cannot run the command: %s", strerrordesc_np(end->exec_errno));
    } else {
        report->error = how_it_ended(slot, end->status);
        if (end->cause == KEEPER_TIMEOUT)
            report->error = arena_printf(slot->arena, "its timeout: %s",
                report->error == NULL ? "exit status 0" : report->error);
        else if (report->error == NULL)
            report->kind = REPORT_DONE;
    }
    if (end->cause == KEEPER_LEASE)
        slot->forfeited = true;
    if (end->cause == KEEPER_TOLD && slot->giving_up) {
        report->kind = REPORT_RELEASED;
        report->error = "its worker was stopped";
    }
}

static void
over(Slots *slots, Slot *slot)
{
    judge(slot);
    slots->orphans = slots->orphans || slot->child.orphaned;
    child_close(&slot->child); /* which takes it out of the epoll */
    slot->state = SLOT_OVER;
}

/* Kills what a killed keeper has left to us, until nobody is left but keepers. */
static void
kill_orphans(Slots *slots)
{
    Kin kin[KIN_MAX];
    size_t n = kin_children(kin, KIN_MAX);
    slots->orphans = false;
    for (size_t i = 0; i < n; i++) {
        size_t keeper = 0;
        while (keeper < slots->n && slots->at[keeper].child.keeper != kin[i].pid)
            keeper++;
        if (keeper < slots->n)
            continue;
        kill(kin[i].pid, SIGKILL);
        waitpid(kin[i].pid, NULL, WNOHANG);
        slots->orphans = true;
    }
}

void
slots_read(Slots *slots)
{
    struct epoll_event events[EVENTS_MAX];
    int n = epoll_wait(slots->events, events, EVENTS_MAX, 0);
    for (int i = 0; i < n; i++) {
        Slot *slot = &slots->at[events[i].data.u64];
        if (slot->state == SLOT_RUNNING && child_read(&slot->child))
            over(slots, slot);
    }
    if (slots->orphans)
        kill_orphans(slots);
}

void
slot_extend(Slot *slot, int64_t lease_us)
{
    if (slot->state == SLOT_RUNNING)
        child_extend(&slot->child, lease_us);
}

void
slot_end(Slot *slot, int64_t patience_us)
{
    if (slot->state == SLOT_RUNNING)
        child_end(&slot->child, patience_us);
}

void
slot_free(Slot *slot)
{
    child_close(&slot->child);
    slot->state = SLOT_FREE;
}

void
slots_close(Slots *slots)
{
    for (size_t i = 0; i < slots->n; i++) {
        child_close(&slots->at[i].child);
        arena_free(slots->at[i].arena);
    }
    close(slots->events);
}
