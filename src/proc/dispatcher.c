/* What no other file knows: how the protocol's steps are taken against a real database, and
 * what a signal does between two of them.  The loop asks for a step, takes it, and tells how it
 * went; every decision stands in due/protocol.c. */

#include "proc/dispatcher.h"

#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/now.h"
#include "base/wake.h"
#include "db/migrate.h"
#include "db/pg.h"
#include "db/rows.h"
#include "db/store.h"
#include "due/change.h"
#include "due/protocol.h"
#include "proc/chores.h"
#include "proc/metrics.h"
#include "proc/report.h"
#include "proc/said.h"
#include "proc/service.h"
#include "proc/watch.h"

#define TRIPS 2  /* round trips that a transaction may stay idle beyond its lead */
#define STAMPS 3 /* of the server's clock in an armed transaction, when there is time */
#define STAMP_SPARE_US INT64_C(5000) /* none is begun so shortly before the instant */
#define TRIP_MAX_US INT64_C(500000)
#define CONNECT_US INT64_C(5000000) /* one attempt to connect, all hosts together */

/* A Clockfile and the arena it lives in. */
typedef struct {
    const Clockfile *file;
    Arena *arena;
} Load;

typedef struct {
    const DispatcherOptions *options;
    Protocol *protocol;
    Pg *pg;
    Watch *watch; /* NULL: only SIGHUP reloads */
    Metrics *metrics;
    Arena *life; /* the dispatcher's own */
    Arena *look; /* answers of the last look */
    Arena *tick; /* one step */
    Load current;
    Load pending;   /* read by a reload, not in force yet; file NULL: none */
    RowCount count; /* of the transaction under way */
    /* The schema was checked and a look has come back: from here on nothing ends us. */
    bool begun;
    bool in_transaction;
    int64_t trip_us; /* how long the last look took: there and back */
    bool quiet;      /* the next transaction goes without NOTIFY: its queue is full */
    char marked[40]; /* the version of the horizon at which no row of a job lacked its mark */
    bool unmarked;   /* some did when that was looked at last */
    Said said;
} Dispatcher;

static int64_t
soon(void)
{
    return now_mono_us() + STORE_STATEMENT_US;
}

/* ---- trouble ---- */

static void
roll_back(Dispatcher *d)
{
    Error error;
    if (d->in_transaction && pg_is_connected(d->pg) &&
        !store_rollback(d->pg, d->tick, soon(), &error))
        pg_disconnect(d->pg);
    d->in_transaction = false;
}

static void
say_trouble(Dispatcher *d, Error *error)
{
    if (strcmp(error->sqlstate, "42501") == 0 && error->hint[0] == '\0')
        error_hint(error, "give its role what is printed by: clock grants --role dispatcher");
    said_trouble(&d->said, protocol_stance(d->protocol), error);
}

/* What a failed step means for the next one. */
static void
settle(Dispatcher *d, const Step *step, Error *error)
{
    bool connected = pg_is_connected(d->pg);
    if (!connected)
        said_lost(&d->said);
    bool firing =
        step->kind == STEP_FIRE || step->kind == STEP_ARM || step->kind == STEP_COMMIT;
    if (connected && strcmp(error->sqlstate, "57014") == 0) { /* statement_timeout */
        roll_back(d);
        say_trouble(d, error);
        protocol_slow(d->protocol);
    } else if (connected && error->kind == ERR_DB_LOST) {
        roll_back(d);
        if (strcmp(error->sqlstate, "55P03") == 0) /* longer than any clock would */
            say_trouble(d, error);
        protocol_lost(d->protocol);
    } else if (connected && error->kind == ERR_DB_ROW && firing && !step->careful) {
        roll_back(d);
        say_trouble(d, error);
        protocol_row_refused(d->protocol);
    } else if (connected && strcmp(error->sqlstate, "54000") == 0 && !d->quiet) {
        roll_back(d);
        say_trouble(d, error);
        d->quiet = true;
        protocol_lost(d->protocol);
    } else {
        say_trouble(d, error);
        pg_disconnect(d->pg);
        d->in_transaction = false;
        protocol_failed(d->protocol, now_mono_us());
    }
    if (!pg_is_connected(d->pg) && protocol_stance(d->protocol) != STANCE_AWAY)
        protocol_failed(d->protocol, now_mono_us());
}

/* ---- steps ---- */

/* The first connection also proves that this database can be worked with at all. */
static bool
check_database(Dispatcher *d, Error *error)
{
    bool read_only;
    if (!migrate_check(d->pg, d->tick, error) ||
        !store_is_read_only(d->pg, d->tick, soon(), &read_only, error))
        return false;
    if (!read_only)
        return true;
    error_set(error, ERR_DB_REFUSED, "%s accepts no writes: it is a standby or read-only",
        pg_where(d->pg, d->tick));
    return error_hint(
        error, "name the primary, or all hosts with target_session_attrs=read-write");
}

static bool
connect_step(Dispatcher *d, Error *error)
{
    if (!pg_connect(d->pg, now_mono_us() + CONNECT_US, error))
        return false;
    if (!d->begun && !check_database(d, error))
        return false;
    said_connected(&d->said, pg_where(d->pg, d->tick));
    metrics_connected(d->metrics);
    d->marked[0] = '\0'; /* a failover may have lost the marks */
    protocol_connected(d->protocol, now_mono_us());
    return true;
}

/* What other rules have left unfinished must be seen by the look for unfinished rows: it is
 * marked once nobody can fire by those any more.  A row in the hands of a worker is marked when
 * he has let go of it; until then the look is at all rows.  Where even that takes too long, in
 * a table of tens of millions of rows, what has its mark must do: nothing would be fired else.
 */
static bool
mark(Dispatcher *d, Error *error)
{
    const char *version = protocol_horizon(d->protocol)->version;
    if (strcmp(d->marked, version) == 0)
        return true;
    const Clockfile *file = protocol_file(d->protocol);
    if (!store_mark_solo(d->pg, d->tick, file, &d->unmarked, error)) {
        if (!pg_is_connected(d->pg) || strcmp(error->sqlstate, "57014") != 0)
            return false;
        say_trouble(d, error);
        d->unmarked = false;
    }
    if (!d->unmarked)
        memcpy(d->marked, version, sizeof d->marked);
    return true;
}

static bool
look_step(Dispatcher *d, const Step *step, Error *error)
{
    Horizon horizon;
    arena_reset(d->look);
    if (!store_look(d->pg, d->look, protocol_file(d->protocol)->name, step->known, soon(),
            &horizon, error))
        return false;
    protocol_looked(d->protocol, &horizon);
    d->trip_us = horizon.trip_us;
    if (d->trip_us > TRIP_MAX_US) /* we were stopped, not the network slow */
        d->trip_us = TRIP_MAX_US;
    d->begun = true;
    return protocol_stance(d->protocol) != STANCE_IN_FORCE || mark(d, error);
}

/* The server waits for us between two statements, so it waits a round trip at the least: on a
 * slow network the time it grants grows with it. */
static bool
begin(Dispatcher *d, int64_t lead_us, Error *error)
{
    lead_us += TRIPS * d->trip_us;
    d->in_transaction = true;
    d->count = (RowCount){0};
    return store_begin(d->pg, d->tick, lead_us, soon(), error);
}

static bool
commit(Dispatcher *d, Error *error)
{
    if (!store_commit(d->pg, d->tick, soon(), error))
        return false;
    d->in_transaction = false;
    return true;
}

/* Another clock was first: nothing of ours is kept. */
static bool
lost(Dispatcher *d)
{
    roll_back(d);
    if (pg_is_connected(d->pg))
        protocol_lost(d->protocol);
    else
        protocol_failed(d->protocol, now_mono_us());
    return true;
}

static bool
start_step(Dispatcher *d, const Step *step, Error *error)
{
    const Clockfile *file = protocol_file(d->protocol);
    bool first;
    int64_t at_s;
    if (!begin(d, PROTOCOL_LEAD_US, error) ||
        !store_start(d->pg, d->tick, file, step->at_s, step->started_at_us, soon(), &first,
            &at_s, error))
        return false;
    if (!first || protocol_jumped(d->protocol, at_s, now_mono_us()))
        return lost(d);
    Change change;
    change_make(d->tick, zones_new(d->tick), file, NULL, 0, at_s, at_s, &change);
    if (!store_change(d->pg, d->tick, file, &change, at_s, error) || !commit(d, error))
        return false;
    report_started(file, at_s, step->at_s != INT64_MIN);
    protocol_done(d->protocol, now_mono_us());
    return true;
}

static bool
put_step(Dispatcher *d, const Step *step, Error *error)
{
    const Clockfile *file = protocol_file(d->protocol);
    bool held;
    int64_t fired_through_s, at_s;
    if (!begin(d, PROTOCOL_LEAD_US, error) ||
        !store_put(d->pg, d->tick, file, step->horizon, step->started_at_us, step->takeover,
            soon(), &held, &fired_through_s, &at_s, error))
        return false;
    if (!held || protocol_jumped(d->protocol, at_s, now_mono_us()))
        return lost(d);
    Change change;
    change_make(d->tick, zones_new(d->tick), file, step->horizon->rows, step->horizon->n_rows,
        fired_through_s, at_s, &change);
    if (!store_change(d->pg, d->tick, file, &change, at_s, error) || !commit(d, error))
        return false;
    report_change(&change, file, step->takeover);
    protocol_done(d->protocol, now_mono_us());
    return true;
}

/* A fire that must not overlap is judged at its instant: in an armed
 * transaction by the COMMIT. */
static bool
insert(Dispatcher *d, const Step *step, StoreGuard guard, Error *error)
{
    const char *name = protocol_file(d->protocol)->name;
    const Fire *fires = step->batch->fires;
    size_t n = step->batch->n_fires;
    if (step->careful)
        return rows_insert_carefully(
            d->pg, d->tick, name, fires, n, d->unmarked, &d->count, error);
    return rows_insert(d->pg, name, fires, n, &d->count, error) &&
           (guard == STORE_AHEAD ||
               rows_insert_alone(d->pg, name, fires, n, d->unmarked, &d->count, error));
}

/* BEGIN, compare and set, rows: a firing up to its COMMIT.  *held false: another was first. */
static bool
fill(Dispatcher *d, const Step *step, StoreGuard guard, bool *held, int64_t *db_us,
    int64_t *answered_us, Error *error)
{
    const Clockfile *file = protocol_file(d->protocol);
    const Batch *batch = step->batch;
    const char *version = protocol_horizon(d->protocol)->version;
    if (!mark(d, error) || !begin(d, step->lead_us, error) ||
        !store_compare(d->pg, d->tick, file, version, batch, guard, soon() + step->lead_us,
            held, db_us, error))
        return false;
    *answered_us = pg_answered_us(d->pg);
    if (!*held)
        return true;
    return insert(d, step, guard, error) &&
           rows_missed(d->pg, d->tick, file->name, batch->misses, batch->n_misses, error) &&
           store_resume(d->pg, d->tick, file, batch, error) &&
           (d->quiet || rows_notify(d->pg, d->tick, batch->fires, batch->n_fires, error));
}

static void
fired(Dispatcher *d, const Batch *batch)
{
    int64_t now_us = now_mono_us();
    d->quiet = false;
    said_well(&d->said);
    report_batch(batch, &d->count, protocol_db_us(d->protocol, now_us));
    metrics_fired(d->metrics, batch, &d->count, protocol_db_us(d->protocol, now_us));
    protocol_done(d->protocol, now_us);
}

static bool
fire_step(Dispatcher *d, const Step *step, Error *error)
{
    bool held;
    int64_t db_us, answered_us;
    if (!fill(d, step, STORE_NOW, &held, &db_us, &answered_us, error))
        return false;
    if (!held)
        return lost(d);
    if (!commit(d, error))
        return false;
    fired(d, step->batch);
    return true;
}

/* A stamp is as late as its answer was long on its way, and so would the fire be.  What has had
 * to wait for a processor on its way is told from the others by being behind them. */
static bool
stamp(Dispatcher *d, int64_t due_s, int64_t *db_us, int64_t *answered_us, Error *error)
{
    int64_t due_us = due_s * 1000000 - (*db_us - *answered_us);
    int64_t end_us = due_us - STAMP_SPARE_US - d->trip_us;
    for (int i = 0; i < STAMPS && now_mono_us() < end_us; i++) {
        int64_t at_us;
        if (!store_stamp(d->pg, d->tick, soon(), &at_us, error))
            return false;
        if (at_us - pg_answered_us(d->pg) <= *db_us - *answered_us)
            continue;
        *db_us = at_us;
        *answered_us = pg_answered_us(d->pg);
    }
    return true;
}

static bool
arm_step(Dispatcher *d, const Step *step, Error *error)
{
    bool held;
    int64_t db_us, answered_us;
    if (!fill(d, step, STORE_AHEAD, &held, &db_us, &answered_us, error))
        return false;
    if (!held)
        return lost(d);
    if (!stamp(d, step->batch->new_s, &db_us, &answered_us, error))
        return false;
    protocol_armed(d->protocol, db_us, answered_us);
    return true;
}

static bool
commit_step(Dispatcher *d, const Step *step, Error *error)
{
    bool early;
    const Batch *batch = step->batch;
    if (!rows_insert_alone(d->pg, protocol_file(d->protocol)->name, batch->fires,
            batch->n_fires, d->unmarked, &d->count, error))
        return false;
    if (store_commit_at(d->pg, d->tick, batch->new_s, soon(), &early, error)) {
        d->in_transaction = false;
        metrics_armed(d->metrics);
        fired(d, batch);
        return true;
    }
    if (!early)
        return false;
    roll_back(d);
    protocol_disarmed(d->protocol);
    return true;
}

/* Waits; a word from the server meanwhile is the end of the connection, or only a hint. */
static bool
wait_step(Dispatcher *d, const Step *step, Error *error)
{
    struct pollfd fds[] = {
        {.fd = pg_socket(d->pg), .events = POLLIN}, /* -1 is passed over by poll */
        {.fd = d->watch == NULL ? -1 : watch_fd(d->watch), .events = POLLIN},
    };
    int64_t until_us = step->until_us;
    if (d->watch != NULL && watch_due_us(d->watch) < until_us)
        until_us = watch_due_us(d->watch);
    if (service_alive_us() < until_us)
        until_us = service_alive_us();
    if (metrics_due_us(d->metrics, d->protocol) < until_us)
        until_us = metrics_due_us(d->metrics, d->protocol);
    if (wake_poll(fds, 2, until_us) <= 0)
        return true;
    if (fds[1].revents != 0)
        watch_read(d->watch, now_mono_us());
    bool notified;
    return fds[0].revents == 0 || pg_receive(d->pg, &notified, error);
}

static bool
refuse_step(Dispatcher *d, Error *error)
{
    const Clockfile *file = protocol_file(d->protocol);
    error_set(error, ERR_DB_REFUSED,
        "another Clockfile is in force under the name '%s': it shares no job with '%s'",
        file->name, file->path);
    error_hint(error, "give this one a 'name:' of its own, or type --replace");
    Diags *none = diags_new(d->tick, file->path);
    if (!protocol_refused(d->protocol))
        return false;
    report_kept(file->path, none, error);
    return true;
}

static bool
take(Dispatcher *d, const Step *step, Error *error)
{
    switch (step->kind) {
    case STEP_WAIT:
        return wait_step(d, step, error);
    case STEP_CONNECT:
        return connect_step(d, error);
    case STEP_LOOK:
        return look_step(d, step, error);
    case STEP_START:
        return start_step(d, step, error);
    case STEP_PUT:
        return put_step(d, step, error);
    case STEP_FIRE:
        return fire_step(d, step, error);
    case STEP_ARM:
        return arm_step(d, step, error);
    case STEP_COMMIT:
        return commit_step(d, step, error);
    case STEP_PROMOTE:
        return chores_promote(d->pg, d->tick, d->protocol, error);
    case STEP_PRUNE:
        return chores_prune(d->pg, d->tick, d->protocol, error);
    case STEP_REFUSE:
        return refuse_step(d, error);
    }
    return error_set(error, ERR_BUG, "unknown step %d", (int)step->kind);
}

/* ---- reload ---- */

/* Frees whichever of two files the protocol has let go of. */
static void
sweep(Dispatcher *d)
{
    if (d->pending.file == NULL || protocol_fallback(d->protocol) != NULL)
        return;
    Load gone = d->pending;
    if (protocol_file(d->protocol) == d->pending.file) {
        gone = d->current;
        d->current = d->pending;
    }
    arena_free(gone.arena);
    d->pending = (Load){0};
}

static bool
read_again(Dispatcher *d, Load *load, Diags **diags, Error *error)
{
    const Clockfile *now = protocol_file(d->protocol);
    Clockfile *file;
    *diags = diags_new(load->arena, d->options->path);
    if (!clockfile_load(load->arena, d->options->path, &file, *diags, error))
        return false;
    load->file = file;
    if (strcmp(file->name, now->name) == 0)
        return true;
    error_set(error, ERR_INPUT, "the file's name is '%s' now, and this clock runs '%s'",
        file->name, now->name);
    return error_hint(error, "restart the clock to give it another name");
}

static void
reload(Dispatcher *d)
{
    if (protocol_is_armed(d->protocol)) { /* our own lock would be waited for */
        roll_back(d);
        protocol_disarmed(d->protocol);
    }
    Load load = {.arena = arena_new(0)};
    Diags *diags;
    Error error;
    if (!read_again(d, &load, &diags, &error)) {
        report_kept(d->options->path, diags, &error);
        metrics_kept(d->metrics);
        arena_free(load.arena);
        return;
    }
    report_warnings(diags);
    metrics_reloaded(d->metrics);
    if (load.file->revision == protocol_file(d->protocol)->revision) {
        report_unchanged(load.file);
        arena_free(load.arena);
        return;
    }
    report_file(load.file, now_wall_us() / 1000000);
    protocol_reload(d->protocol, load.file, now_mono_us());
    if (d->pending.file != NULL)
        arena_free(d->pending.arena);
    d->pending = load;
}

/* ---- the loop ---- */

/* At the start a refusal ends the clock, and so does a database that stays away too long. */
static bool
is_final(const Dispatcher *d, const Error *error, int64_t give_up_us)
{
    if (d->begun || wake_stopping())
        return false;
    if (error->kind != ERR_DB_AWAY && error->kind != ERR_DB_LOST)
        return true;
    return !d->options->configured || now_mono_us() >= give_up_us;
}

static bool
loop(Dispatcher *d, int64_t give_up_us, Error *error)
{
    while (!wake_stopping()) {
        bool changed = d->watch != NULL && watch_settled(d->watch, now_mono_us());
        service_alive(now_mono_us());
        if (wake_take(WAKE_RELOAD) != 0 || changed) {
            service_reloading();
            reload(d);
            service_ready("read the Clockfile again");
            said_reloaded(&d->said);
        }
        arena_reset(d->tick);
        Step step = protocol_step(d->protocol, now_mono_us());
        if (!take(d, &step, error)) {
            if (step.kind == STEP_REFUSE || is_final(d, error, give_up_us))
                return false;
            settle(d, &step, error);
        }
        sweep(d);
        said_state(&d->said, d->protocol);
        metrics_step(d->metrics, d->protocol, now_mono_us());
    }
    return true;
}

bool
dispatcher_run(const DispatcherOptions *options, Error *error)
{
    Arena *life = arena_new(0);
    int64_t born_us = now_mono_us();
    uint64_t seed = hash_final((uint64_t)born_us ^ (uint64_t)getpid() << 40);
    Dispatcher d = {
        .options = options,
        .protocol = protocol_new(life, options->file, born_us, seed, options->replace),
        .pg = pg_new(options->conninfo, "clock run"),
        .metrics = metrics_new(life, options->metrics_path),
        .life = life,
        .look = arena_new(0),
        .tick = arena_new(0),
        .current = {.file = options->file, .arena = options->load},
    };
    if (options->watch && !watch_new(life, options->path, &d.watch, error))
        return false;
    report_file(options->file, now_wall_us() / 1000000);
    int64_t give_up_us = options->wait_us == INT64_MAX ? INT64_MAX : born_us + options->wait_us;
    service_ready("looking for the database");
    bool ok = loop(&d, give_up_us, error);
    service_stopping();
    roll_back(&d);
    pg_free(d.pg);
    watch_close(d.watch);
    metrics_end(d.metrics, d.protocol);
    if (ok)
        report_stopped(protocol_file(d.protocol));
    protocol_free(d.protocol);
    arena_free(d.look);
    arena_free(d.tick);
    arena_free(d.pending.arena);
    arena_free(d.current.arena);
    arena_free(d.life);
    return ok;
}
