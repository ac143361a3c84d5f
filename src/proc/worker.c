/* What no other file knows: when a worker claims, reports and lengthens its leases, and what a
 * signal or an absent database changes about that.  Rows and commands are independent of each
 * other here: whatever the database does, commands go on until their keepers end them. */

#include "proc/worker.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/now.h"
#include "base/wake.h"
#include "db/pg.h"
#include "db/queue.h"
#include "proc/report.h"
#include "proc/service.h"
#include "proc/slots.h"
#include "proc/worklog.h"

#define SECOND_US INT64_C(1000000)
#define CONNECT_US (5 * SECOND_US)
#define STATEMENT_US (5 * SECOND_US)
#define BACKOFF_US (SECOND_US / 10)
#define BACKOFF_MAX_US (5 * SECOND_US)
#define POLL_US (5 * SECOND_US)   /* NOTIFY wakes us: a poll is for what it has missed */
#define POLL_ALONE_US SECOND_US   /* nothing wakes us */
#define PRUNE_US (60 * SECOND_US) /* history is looked over this often, when there is time */
#define END_PATIENCE_US (5 * SECOND_US) /* from TERM to KILL, at the end of the grace */
#define LAST_WORDS_US (2 * SECOND_US)   /* for the reports, at the end */
#define ORPHANS_US (SECOND_US / 20)

typedef struct {
    const WorkerOptions *options;
    const Clockfile *file;
    Arena *load; /* where it lives */
    Arena *view_arena;
    QueueView view;
    Slots slots;
    Pg *pg;
    Arena *tick;
    char name[128];
    uint64_t chance;

    bool begun;                         /* it has claimed once: from here on nothing ends us */
    bool listening;                     /* NOTIFY reaches us */
    bool hungry;                        /* there may be rows for us */
    int64_t poll_us, beat_us, prune_us; /* when to look for rows, lengthen leases, prune */
    int64_t retry_us, backoff_us;       /* no statement before */
    char said_trouble[sizeof((Error *)NULL)->text];

    bool draining;
    int hurried;        /* stop signals that the commands have been told of */
    int64_t grace_us;   /* the end of the grace */
    int64_t give_up_us; /* ends even if not all is reported */
} Worker;

static int64_t
soon(void)
{
    return now_mono_us() + STATEMENT_US;
}

/* Up to a fifth more or less, so that workers do not move in step. */
static int64_t
jittered(Worker *w, int64_t us)
{
    w->chance = hash_final(w->chance + 1);
    return us - us / 5 + (int64_t)(w->chance % (uint64_t)(us * 2 / 5));
}

/* How long before its end a lease is taken for lost: a kill takes its time. */
static int64_t
margin(const Worker *w)
{
    int64_t tenth = w->options->lease_us / 10;
    return tenth < SECOND_US ? tenth : SECOND_US;
}

/* ---- the database ---- */

static void
hindered(Worker *w, const Error *error)
{
    bool connected = pg_is_connected(w->pg);
    w->retry_us = now_mono_us() + jittered(w, w->backoff_us);
    w->backoff_us = w->backoff_us * 2 < BACKOFF_MAX_US ? w->backoff_us * 2 : BACKOFF_MAX_US;
    if (strcmp(w->said_trouble, error->text) == 0)
        return;
    memcpy(w->said_trouble, error->text, sizeof w->said_trouble);
    service_status(error->text);
    worklog_trouble(connected, error);
}

static bool
connect_database(Worker *w, Error *error)
{
    if (!pg_connect(w->pg, now_mono_us() + CONNECT_US, error) ||
        (!w->begun && !queue_check(w->pg, w->tick, error)) ||
        !queue_reach(w->pg, w->tick, soon(), error) ||
        !queue_listen(w->pg, w->tick, soon(), &w->listening, error)) {
        pg_disconnect(w->pg);
        return false;
    }
    service_status("connected");
    worklog_connected(pg_where(w->pg, w->tick), w->listening);
    w->hungry = true;
    w->beat_us = 0; /* leases were not lengthened meanwhile */
    w->said_trouble[0] = '\0';
    return true;
}

/* Reports what is over, all in one statement. */
static bool
report(Worker *w, Error *error)
{
    Slots *slots = &w->slots;
    Report *reports = arena_array(w->tick, slots->n, sizeof *reports);
    Slot **from = arena_array(w->tick, slots->n, sizeof *from);
    bool *held = arena_array(w->tick, slots->n, sizeof *held);
    size_t n = 0;
    for (size_t i = 0; i < slots->n; i++) {
        Slot *slot = &slots->at[i];
        if (slot->state != SLOT_OVER)
            continue;
        from[n] = slot;
        reports[n++] = slot->report;
    }
    if (n == 0)
        return true;
    if (!queue_report(w->pg, w->tick, reports, n, soon(), held, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (held[i])
            worklog_ended(
                &from[i]->claim, &from[i]->report, now_mono_us() - from[i]->started_us);
        else
            worklog_lost(&from[i]->claim, "the report came too late");
        if (reports[i].kind == REPORT_FAILED)
            w->hungry = true; /* it waits now: the next claim asks until when */
        slot_free(from[i]);
    }
    return true;
}

/* Whose lease is lost ends at once: somebody else may have the row. */
static void
forfeit(Slot *slot)
{
    slot->forfeited = true;
    slot_end(slot, 0);
}

static bool
heartbeat(Worker *w, Error *error)
{
    Slots *slots = &w->slots;
    const Claim **claims = arena_array(w->tick, slots->n, sizeof *claims);
    Slot **from = arena_array(w->tick, slots->n, sizeof *from);
    bool *held = arena_array(w->tick, slots->n, sizeof *held);
    size_t n = 0;
    int64_t asked_us = now_mono_us();
    if (asked_us < w->beat_us)
        return true;
    for (size_t i = 0; i < slots->n; i++) {
        if (slots->at[i].state == SLOT_FREE || slots->at[i].forfeited)
            continue;
        from[n] = &slots->at[i];
        claims[n++] = &slots->at[i].claim;
    }
    if (n > 0 &&
        !queue_heartbeat(w->pg, w->tick, claims, n, w->options->lease_us, soon(), held, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (held[i])
            slot_extend(from[i], asked_us + w->options->lease_us - margin(w));
        else
            forfeit(from[i]);
    }
    w->beat_us = asked_us + w->options->lease_us / 3;
    return true;
}

static void
start(Worker *w, const Claim *claim, int64_t lease_us)
{
    Error error;
    const Job *job = clockfile_job(w->file, claim->job);
    bool runs = job != NULL && job->command != NULL;
    if (slots_start(&w->slots, runs ? job : NULL, claim, lease_us, &error))
        worklog_started(claim);
    else
        worklog_not_started(claim, &error);
}

/* Fills the free places.  When there are fewer rows than that, it sleeps until a NOTIFY, the
 * next waiting row or the next poll. */
static bool
claim(Worker *w, Error *error)
{
    size_t n, most = slots_count(&w->slots, SLOT_FREE);
    Claim *claims;
    int64_t asked_us = now_mono_us(), next_us;
    if (w->draining || most == 0 || (!w->hungry && asked_us < w->poll_us))
        return true;
    if (!queue_claim(w->pg, w->tick, &w->view, most, soon(), &claims, &n, error))
        return false;
    for (size_t i = 0; i < n; i++)
        start(w, &claims[i], asked_us + w->options->lease_us - margin(w));
    if (n > 0 && w->beat_us > asked_us + w->options->lease_us / 3)
        w->beat_us = asked_us + w->options->lease_us / 3;
    w->hungry = n == most;
    if (w->hungry)
        return true;
    if (!queue_next(w->pg, w->tick, soon(), &next_us, error))
        return false;
    w->poll_us = now_mono_us() + jittered(w, w->listening ? POLL_US : POLL_ALONE_US);
    if (next_us < w->poll_us - now_mono_us())
        w->poll_us = now_mono_us() + (next_us > 0 ? next_us : BACKOFF_US);
    return true;
}

static bool
prune(Worker *w, Error *error)
{
    int64_t pruned, now_us = now_mono_us();
    if (now_us < w->prune_us || w->hungry || w->draining)
        return true;
    w->prune_us = now_us + jittered(w, PRUNE_US);
    if (!queue_prune(w->pg, w->tick, w->file, soon(), &pruned, error)) {
        if (error->kind != ERR_DB_REFUSED || !pg_is_connected(w->pg))
            return false;
        worklog_trouble(true, error); /* a role may be kept from it: others will */
        w->prune_us = INT64_MAX;
        return true;
    }
    if (pruned > 0)
        w->prune_us = now_us + jittered(w, SECOND_US);
    return true;
}

/* NOTIFYs that came beside an answer lie in memory: the socket does not tell of them. */
static bool
listen(Worker *w, Error *error)
{
    bool notified;
    if (!pg_receive(w->pg, &notified, error))
        return false;
    w->hungry = w->hungry || notified;
    return true;
}

/* False with *error when the start has come to nothing. */
static bool
visit_database(Worker *w, Error *error)
{
    if (now_mono_us() < w->retry_us)
        return true;
    bool connected = pg_is_connected(w->pg) || connect_database(w, error);
    if (connected && report(w, error) && heartbeat(w, error) && claim(w, error) &&
        prune(w, error) && listen(w, error)) {
        w->begun = true;
        w->backoff_us = BACKOFF_US;
        w->said_trouble[0] = '\0';
        return true;
    }
    if (strcmp(error->sqlstate, "42501") == 0 && error->hint[0] == '\0')
        error_hint(error, "give its role what is printed by: clock grants --role worker");
    bool may_come = error->kind == ERR_DB_AWAY || error->kind == ERR_DB_LOST;
    if (!w->begun && !wake_stopping() && (!may_come || !w->options->configured))
        return false;
    hindered(w, error);
    return true;
}

/* ---- commands ---- */

/* What has nothing to report makes room at once. */
static void
drop_forfeited(Worker *w)
{
    for (size_t i = 0; i < w->slots.n; i++) {
        Slot *slot = &w->slots.at[i];
        if (slot->state != SLOT_OVER || !slot->forfeited)
            continue;
        worklog_lost(&slot->claim, "the lease was lost: what ran was killed");
        slot_free(slot);
    }
}

static void
end_all(Worker *w, int64_t patience_us)
{
    worklog_ending(slots_count(&w->slots, SLOT_RUNNING));
    for (size_t i = 0; i < w->slots.n; i++) {
        w->slots.at[i].giving_up = true;
        slot_end(&w->slots.at[i], patience_us);
    }
    w->give_up_us = now_mono_us() + patience_us + LAST_WORDS_US;
    w->grace_us = INT64_MAX;
}

/* The first stop signal begins the grace; its end, or a second signal, ends what runs. */
static void
heed_signals(Worker *w)
{
    int stops = wake_stops();
    if (stops > 0 && !w->draining) {
        w->draining = true;
        w->hurried = 1;
        w->grace_us = now_mono_us() + w->options->grace_us;
        service_stopping();
        worklog_draining(slots_count(&w->slots, SLOT_RUNNING), w->options->grace_us);
    }
    if (stops > 1 && w->hurried < stops)
        end_all(w, 0);
    else if (w->draining && now_mono_us() >= w->grace_us)
        end_all(w, END_PATIENCE_US);
    w->hurried = stops;
}

static void
look_at_file(Worker *w, Arena *load, const Clockfile *file, size_t *commands)
{
    arena_reset(w->view_arena);
    w->file = file;
    w->load = load;
    w->view = queue_view(
        w->view_arena, file, w->options->queues, w->name, w->options->lease_us, commands);
}

/* SIGHUP: all or nothing, as for `clock run`.  What runs goes on as it was started. */
static void
reload(Worker *w)
{
    Error error;
    Clockfile *file;
    size_t commands;
    Arena *load = arena_new(0);
    Diags *diags = diags_new(load, w->options->path);
    bool ok = clockfile_load(load, w->options->path, &file, diags, &error);
    if (ok && strcmp(file->name, w->file->name) != 0) {
        error_set(&error, ERR_INPUT, "the file's name is '%s' now, and this worker serves '%s'",
            file->name, w->file->name);
        ok = error_hint(&error, "restart the worker to serve another");
    }
    if (!ok) {
        report_kept(w->options->path, diags, &error);
        arena_free(load);
        return;
    }
    Arena *old = w->load;
    look_at_file(w, load, file, &commands);
    arena_free(old);
    w->hungry = true;
    worklog_reloaded(file, commands);
}

/* ---- the loop ---- */

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t
next_turn_us(Worker *w)
{
    bool busy = slots_count(&w->slots, SLOT_FREE) < w->slots.n;
    bool room = slots_count(&w->slots, SLOT_FREE) > 0 && !w->draining;
    int64_t until_us = service_alive_us();
    if (w->draining)
        until_us = least(until_us, least(w->grace_us, w->give_up_us));
    if (w->slots.orphans)
        until_us = least(until_us, now_mono_us() + ORPHANS_US);
    int64_t visit_us = INT64_MAX;
    if (!pg_is_connected(w->pg) || slots_count(&w->slots, SLOT_OVER) > 0)
        visit_us = 0;
    if (busy)
        visit_us = least(visit_us, w->beat_us);
    if (room)
        visit_us = least(visit_us, w->hungry ? 0 : least(w->poll_us, w->prune_us));
    if (visit_us < w->retry_us)
        visit_us = w->retry_us;
    return least(until_us, visit_us);
}

static void
wait_for_news(Worker *w)
{
    struct pollfd fds[] = {
        {.fd = pg_socket(w->pg), .events = POLLIN}, /* -1 is passed over by poll */
        {.fd = w->slots.events, .events = POLLIN},
    };
    Error error;
    if (wake_poll(fds, 2, next_turn_us(w)) > 0 && fds[0].revents != 0 && !listen(w, &error))
        hindered(w, &error);
}

static bool
is_over(const Worker *w)
{
    return w->draining &&
           (slots_count(&w->slots, SLOT_FREE) == w->slots.n || now_mono_us() >= w->give_up_us);
}

static bool
loop(Worker *w, Error *error)
{
    for (;;) {
        arena_reset(w->tick);
        heed_signals(w);
        service_alive(now_mono_us());
        if (wake_take(WAKE_RELOAD) != 0) {
            service_reloading();
            reload(w);
            service_ready(pg_is_connected(w->pg) ? "connected" : "looking for the database");
        }
        slots_read(&w->slots);
        drop_forfeited(w);
        if (is_over(w))
            return true;
        if (!visit_database(w, error))
            return false;
        if (!is_over(w))
            wait_for_news(w);
    }
}

bool
worker_run(const WorkerOptions *options, Error *error)
{
    Arena *life = arena_new(0);
    size_t commands;
    char host[64] = "";
    gethostname(host, sizeof host - 1);
    Worker w = {
        .options = options,
        .view_arena = arena_new(0),
        .pg = pg_new(options->conninfo, "clock work"),
        .tick = arena_new(0),
        .chance = hash_final((uint64_t)now_mono_us() ^ (uint64_t)getpid() << 40),
        .backoff_us = BACKOFF_US,
        .grace_us = INT64_MAX,
        .give_up_us = INT64_MAX,
    };
    snprintf(w.name, sizeof w.name, "%s:%ld", host, (long)getpid());
    look_at_file(&w, options->load, options->file, &commands);
    worklog_began(w.file, commands, &w.view);
    bool ok = slots_new(life, options->concurrency, &w.slots, error);
    if (ok) {
        service_ready("looking for the database");
        ok = loop(&w, error);
        size_t left = w.slots.n - slots_count(&w.slots, SLOT_FREE);
        slots_close(&w.slots);
        if (ok)
            worklog_stopped(left);
    }
    pg_free(w.pg);
    arena_free(w.tick);
    arena_free(w.view_arena);
    arena_free(w.load);
    arena_free(life);
    return ok;
}
