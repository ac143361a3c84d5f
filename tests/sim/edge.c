/* What no other file knows: where the simulation takes the place of the world.  The dispatcher
 * is linked against these functions instead of libpq, the clocks, poll and the log: it is not
 * changed, and does not know. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/now.h"
#include "base/wake.h"
#include "db/migrate.h"
#include "db/pg.h"
#include "db/rows.h"
#include "db/store.h"
#include "model.h"
#include "proc/report.h"

#define HOUR_US (3600 * SECOND)

static Client *
me(void)
{
    assert(world.running != NULL);
    return world.running;
}

/* ---- time ---- */

int64_t
now_mono_us(void)
{
    return host_mono(me()->host);
}

int64_t
now_wall_us(void)
{
    return host_wall(me()->host);
}

int64_t
now_awake_us(void)
{
    return now_mono_us();
}

/* The dispatcher's chance is drawn from it; gcov asks too, when all is over. */
pid_t __wrap_getpid(void);

pid_t
__wrap_getpid(void)
{
    return world.running == NULL ? 1 : 1 + me()->number;
}

/* When a clock that has nothing to do but to look will find something: shortly before the next
 * promise, or when world_stir wakes it.  The looks in between are left out: a month has 300 000
 * of them, and nothing but their number would change. */
static int64_t
oversleep(Client *client, int64_t until_us)
{
    const Row *row = model_row();
    if (world.now_us < client->eager_until_us || !model_is_quiet() || !row->exists)
        return until_us;
    int64_t due_us = world.now_us + HOUR_US; /* no more: the clocks would drift apart */
    int64_t next_us = row->next_due_s == INT64_MAX
                          ? SIM_NEVER
                          : row->next_due_s * SECOND - (model_now_us() - world.now_us) -
                                world_between(2 * SECOND, 10 * SECOND);
    if (next_us < due_us)
        due_us = next_us;
    client->lazy = due_us > until_us;
    return client->lazy ? due_us : until_us;
}

/* Only the first descriptor is ever ready: that of the connection. */
int
wake_poll(struct pollfd *fds, nfds_t n, int64_t until_us)
{
    Client *client = me();
    for (nfds_t i = 0; i < n; i++)
        fds[i].revents = 0;
    if (client->dead)
        return 0;
    if (!client->interrupted && !model_is_broken(client)) {
        client_wait(client, oversleep(client, host_true(client->host, until_us)));
        client->lazy = false;
    }
    if (client->dead)
        return 0;
    if (client->interrupted) {
        client->interrupted = false;
        return -1;
    }
    if (!model_is_broken(client))
        return 0;
    fds[0].revents = POLLIN;
    return 1;
}

unsigned
wake_take(unsigned mask)
{
    Client *client = me();
    unsigned taken = (mask & WAKE_RELOAD) != 0 && client->reload ? WAKE_RELOAD : 0;
    if (taken != 0)
        client->reload = false;
    return taken;
}

bool
wake_stopping(void)
{
    return me()->stopping || me()->dead;
}

/* ---- the connection ---- */

struct Pg {
    Client *client;
};

Pg *
pg_new(const char *conninfo, const char *application)
{
    Pg *pg = arena_alloc(world.arena, sizeof *pg);
    (void)conninfo;
    (void)application;
    pg->client = me();
    return pg;
}

static Message *
message_new(Client *client, MessageKind kind)
{
    Message *message = arena_alloc(world.arena, sizeof *message);
    message->kind = kind;
    message->first = client->begins;
    message->lead_us = client->lead_us;
    client->begins = false;
    return message;
}

bool
pg_connect(Pg *pg, int64_t until_us, Error *error)
{
    pg_disconnect(pg);
    pg->client->eager_until_us = world.now_us + 150 * SECOND;
    return model_ask(pg->client, message_new(pg->client, MESSAGE_CONNECT), until_us, error);
}

bool
pg_is_connected(const Pg *pg)
{
    return model_is_open(pg->client);
}

void
pg_disconnect(Pg *pg)
{
    pg->client->begins = false;
    model_cut(pg->client);
}

void
pg_free(Pg *pg)
{
    pg_disconnect(pg);
}

const char *
pg_where(const Pg *pg, Arena *arena)
{
    (void)pg;
    (void)arena;
    return "the model";
}

int64_t
pg_answered_us(const Pg *pg)
{
    return pg->client->answered_us;
}

int
pg_socket(const Pg *pg)
{
    return pg_is_connected(pg) ? 3 : -1;
}

bool
pg_receive(Pg *pg, bool *notified, Error *error)
{
    if (!model_is_open(pg->client) || model_is_broken(pg->client)) {
        pg_disconnect(pg);
        return error_set(error, ERR_DB_AWAY, "the connection was lost");
    }
    *notified = true;
    return true;
}

bool
migrate_check(Pg *pg, Arena *arena, Error *error)
{
    (void)pg;
    (void)arena;
    (void)error;
    return true;
}

/* ---- the horizon ---- */

static void
write_version(char *text, size_t size, uint64_t version)
{
    snprintf(text, size, "%llu", (unsigned long long)version);
}

static uint64_t
read_version(const char *text)
{
    return *text == '\0' ? 0 : strtoull(text, NULL, 10);
}

static void
copy_known(Arena *arena, const Known *known, Horizon *horizon)
{
    JobRow *rows = arena_array(arena, SIM_JOBS, sizeof *rows);
    for (int i = 0; i < SIM_JOBS; i++) {
        if (!known[i].exists)
            continue;
        rows[horizon->n_rows++] = (JobRow){.job = job_name(i),
            .spec = known[i].spec->canonical,
            .since_s = known[i].since_s,
            .until_s = known[i].paused ? known[i].until_s : INT64_MAX,
            .paused = known[i].paused};
    }
    horizon->has_rows = true;
    horizon->rows = rows;
}

bool
store_look(Pg *pg, Arena *arena, const char *clockfile, const char *known, int64_t until_us,
    Horizon *horizon, Error *error)
{
    Message *message = message_new(pg->client, MESSAGE_LOOK), *late = message;
    int64_t asked_us = now_mono_us();
    (void)clockfile;
    message->version = read_version(known);
    if (!model_ask(pg->client, message, until_us, error))
        return false;
    if (model_flaws[FLAW_TWO_LOOKS]) {
        late = message_new(pg->client, MESSAGE_LOOK);
        if (!model_ask(pg->client, late, until_us, error))
            return false;
    }
    const Row *row = &late->row;
    *horizon = (Horizon){.exists = row->exists,
        .revision = row->revision,
        .fired_through_s = row->fired_through_s,
        .next_due_s = row->next_due_s,
        .started_at_us = row->started_at_us,
        .db_us = late->db_us,
        .waiting_us = INT64_MAX,
        .answered_us = pg_answered_us(pg),
        .trip_us = pg_answered_us(pg) - asked_us,
        .wall_us = now_wall_us()};
    if (row->exists)
        write_version(horizon->version, sizeof horizon->version, row->version);
    if (row->exists && message->known != NULL)
        copy_known(arena, message->known, horizon);
    return true;
}

bool
store_begin(Pg *pg, Arena *arena, int64_t lead_us, int64_t until_us, Error *error)
{
    (void)arena;
    (void)until_us;
    if (!model_is_open(pg->client))
        return error_set(error, ERR_DB_AWAY, "there is no connection");
    pg->client->begins = true;
    pg->client->lead_us = lead_us;
    return true;
}

bool
store_stamp(Pg *pg, Arena *arena, int64_t until_us, int64_t *db_us, Error *error)
{
    Message *message = message_new(pg->client, MESSAGE_STAMP);
    (void)arena;
    if (!model_ask(pg->client, message, until_us, error))
        return false;
    *db_us = message->db_us;
    return true;
}

static bool
end(Pg *pg, Message *message, int64_t until_us, Error *error)
{
    if (!model_ask(pg->client, message, until_us, error))
        return false;
    if (!model_flaws[FLAW_TWO_TRANSACTIONS] || pg->client->moving == NULL)
        return true;
    Message *move = pg->client->moving;
    pg->client->moving = NULL;
    return model_ask(pg->client, move, until_us, error);
}

bool
store_commit(Pg *pg, Arena *arena, int64_t until_us, Error *error)
{
    (void)arena;
    return end(pg, message_new(pg->client, MESSAGE_COMMIT), until_us, error);
}

bool
store_commit_at(Pg *pg, Arena *arena, int64_t at_s, int64_t until_us, bool *early, Error *error)
{
    Message *message = message_new(pg->client, MESSAGE_COMMIT);
    (void)arena;
    message->guard = true;
    message->at_s = at_s;
    *early = false;
    if (end(pg, message, until_us, error))
        return true;
    *early = strcmp(error->sqlstate, STORE_EARLY) == 0;
    return false;
}

bool
store_rollback(Pg *pg, Arena *arena, int64_t until_us, Error *error)
{
    (void)arena;
    return model_ask(pg->client, message_new(pg->client, MESSAGE_ROLLBACK), until_us, error);
}

bool
store_start(Pg *pg, Arena *arena, const Clockfile *file, int64_t at_s, int64_t started_at_us,
    int64_t until_us, bool *first, int64_t *begun_s, Error *error)
{
    Message *message = message_new(pg->client, MESSAGE_START);
    (void)arena;
    message->at_s = at_s;
    message->revision = file->revision;
    message->started_at_us = started_at_us;
    if (!model_ask(pg->client, message, until_us, error))
        return false;
    *first = message->held;
    *begun_s = message->at_s;
    return true;
}

bool
store_put(Pg *pg, Arena *arena, const Clockfile *file, const Horizon *seen,
    int64_t started_at_us, bool takeover, int64_t until_us, bool *held,
    int64_t *fired_through_s, int64_t *at_s, Error *error)
{
    Message *message = message_new(pg->client, MESSAGE_PUT);
    (void)arena;
    message->revision = file->revision;
    message->version = read_version(seen->version);
    message->started_at_us = started_at_us;
    message->takeover = takeover;
    message->old_s = seen->fired_through_s;
    message->next_due_s = seen->next_due_s;
    if (!model_ask(pg->client, message, until_us, error))
        return false;
    *held = message->held;
    *fired_through_s = message->old_s;
    *at_s = message->at_s;
    return true;
}

static void
add_misses(Message *message, const Miss *misses, size_t n)
{
    message->misses = arena_array(world.arena, n + 1, sizeof *message->misses);
    message->n_misses = n;
    for (size_t i = 0; i < n; i++)
        message->misses[i] = (SimMiss){.job = job_number(misses[i].job),
            .first_s = misses[i].first_s,
            .last_s = misses[i].last_s,
            .count = misses[i].count,
            .reason = misses[i].reason};
}

bool
store_change(Pg *pg, Arena *arena, const Clockfile *file, const Change *change, int64_t at_s,
    Error *error)
{
    Message *message = message_new(pg->client, MESSAGE_CHANGE);
    (void)arena;
    (void)file;
    message->at_s = at_s;
    message->next_due_s = change->next_due_s;
    add_misses(message, change->misses, change->n_misses);
    for (size_t i = 0; i < change->n_removed; i++)
        message->removed |= UINT32_C(1) << job_number(change->removed[i]);
    for (size_t i = 0; i < change->n_put; i++) {
        int job = job_number(change->put[i]->name);
        message->put |= UINT32_C(1) << job;
        message->specs[job] = files_spec(&world.files, change->put[i]->spec);
    }
    return model_ask(pg->client, message, now_mono_us() + STORE_STATEMENT_US, error);
}

/* The model has every row of a job unfinished until its worker is through. */
bool
store_mark_solo(Pg *pg, Arena *arena, const Clockfile *file, bool *left, Error *error)
{
    (void)pg;
    (void)arena;
    (void)file;
    (void)error;
    *left = false;
    return true;
}

bool
store_compare(Pg *pg, Arena *arena, const Clockfile *file, const char *version,
    const Batch *batch, StoreGuard guard, int64_t until_us, bool *held, int64_t *db_us,
    Error *error)
{
    Message *message = message_new(pg->client, MESSAGE_COMPARE);
    (void)arena;
    message->revision = file->revision;
    message->version = read_version(version);
    message->old_s = batch->old_s;
    message->new_s = batch->new_s;
    message->next_due_s = batch->next_due_s;
    message->now = guard == STORE_NOW;
    message->renew = batch->n_resumed > 0;
    if (!model_ask(pg->client, message, until_us, error))
        return false;
    *held = message->held;
    if (*held)
        *db_us = message->db_us;
    if (*held && model_flaws[FLAW_TWO_TRANSACTIONS]) {
        pg->client->moving = message_new(pg->client, MESSAGE_MOVE);
        *(Message *)pg->client->moving = *message;
        ((Message *)pg->client->moving)->kind = MESSAGE_MOVE;
        ((Message *)pg->client->moving)->answered = false;
    }
    return true;
}

bool
store_resume(Pg *pg, Arena *arena, const Clockfile *file, const Batch *batch, Error *error)
{
    (void)arena;
    (void)file;
    if (batch->n_resumed == 0)
        return true;
    Message *message = message_new(pg->client, MESSAGE_RESUME);
    message->at_s = batch->new_s;
    for (size_t i = 0; i < batch->n_resumed; i++)
        message->put |= UINT32_C(1) << job_number(batch->resumed[i]);
    return model_ask(pg->client, message, now_mono_us() + STORE_STATEMENT_US, error);
}

bool
store_promote(
    Pg *pg, Arena *arena, int64_t until_us, int64_t *promoted, int64_t *next_us, Error *error)
{
    (void)pg;
    (void)arena;
    (void)until_us;
    (void)error;
    *promoted = 0;
    *next_us = INT64_MAX;
    return true;
}

bool
store_prune(Pg *pg, Arena *arena, const Clockfile *file, int64_t until_us, int64_t *pruned,
    Error *error)
{
    (void)pg;
    (void)arena;
    (void)file;
    (void)until_us;
    (void)error;
    *pruned = 0;
    return true;
}

bool
store_is_read_only(Pg *pg, Arena *arena, int64_t until_us, bool *read_only, Error *error)
{
    (void)pg;
    (void)arena;
    (void)until_us;
    (void)error;
    *read_only = false;
    return true;
}

/* ---- rows ---- */

static bool
send_fires(Pg *pg, MessageKind kind, const Fire *fires, size_t n, int wanted, RowCount *count,
    Error *error)
{
    SimFire *some = arena_array(world.arena, n + 1, sizeof *some);
    size_t n_some = 0;
    for (size_t i = 0; i < n; i++) {
        const Job *job = fires[i].job;
        if (wanted >= 0 && job->overlap != (OverlapPolicy)wanted)
            continue;
        some[n_some++] = (SimFire){.job = job_number(job->name),
            .due_s = fires[i].due_s,
            .solo = job->overlap == OVERLAP_SKIP,
            .missed = job->missed,
            .limit = job->limit,
            .within_s = job->within_s};
    }
    if (n_some == 0)
        return true;
    Message *message = message_new(pg->client, kind);
    message->fires = some;
    message->n_fires = n_some;
    count->inserted += (int64_t)n_some;
    return model_ask(pg->client, message, now_mono_us() + STORE_STATEMENT_US, error);
}

bool
rows_insert(
    Pg *pg, const char *clockfile, const Fire *fires, size_t n, RowCount *count, Error *error)
{
    (void)clockfile;
    return send_fires(pg, MESSAGE_FIRES, fires, n, OVERLAP_ALLOW, count, error);
}

bool
rows_insert_alone(Pg *pg, const char *clockfile, const Fire *fires, size_t n, bool unmarked,
    RowCount *count, Error *error)
{
    (void)clockfile;
    (void)unmarked;
    return send_fires(pg, MESSAGE_FIRES, fires, n, OVERLAP_SKIP, count, error);
}

bool
rows_insert_carefully(Pg *pg, Arena *arena, const char *clockfile, const Fire *fires, size_t n,
    bool unmarked, RowCount *count, Error *error)
{
    (void)arena;
    (void)unmarked;
    (void)clockfile;
    return send_fires(pg, MESSAGE_CAREFUL, fires, n, -1, count, error);
}

bool
rows_missed(
    Pg *pg, Arena *arena, const char *clockfile, const Miss *misses, size_t n, Error *error)
{
    (void)arena;
    (void)clockfile;
    if (n == 0)
        return true;
    Message *message = message_new(pg->client, MESSAGE_MISSES);
    add_misses(message, misses, n);
    return model_ask(pg->client, message, now_mono_us() + STORE_STATEMENT_US, error);
}

bool
rows_notify(Pg *pg, Arena *arena, const Fire *fires, size_t n, Error *error)
{
    (void)arena;
    (void)fires;
    if (n == 0 || !world.profile.fine)
        return true;
    return model_ask(pg->client, message_new(pg->client, MESSAGE_NOTIFY),
        now_mono_us() + STORE_STATEMENT_US, error);
}

/* ---- what is told ---- */

void
report_file(const Clockfile *file, int64_t now_s)
{
    (void)now_s;
    world_note("read a file", (int64_t)(file->revision % 1000000), (int64_t)file->n, 0);
}

void
report_warnings(const Diags *diags)
{
    (void)diags;
}

void
report_connected(const char *where)
{
    (void)where;
    world_note("connected", 0, 0, 0);
}

void
report_trouble(const char *what, const Error *error)
{
    world_note(what, error->kind, 0, 0);
    if (world_verbose)
        printf("#     %s\n", error->text);
}

void
report_stance(Stance stance, const Clockfile *file, const Horizon *horizon)
{
    (void)file;
    (void)horizon;
    world_note(stance == STANCE_IN_FORCE ? "is in force" : "stands by", 0, 0, 0);
    world_tally(stance == STANCE_IN_FORCE ? "clock in force" : "clock standing by");
}

void
report_quiet(const Horizon *horizon)
{
    world_note("is quiet", horizon->fired_through_s, 0, 0);
    world_tally("clock quiet behind the horizon");
}

void
report_confirming(int64_t ahead_us)
{
    world_note("confirms a jump", ahead_us, 0, 0);
    world_tally("jump confirmed");
}

void
report_started(const Clockfile *file, int64_t from_s, bool again)
{
    (void)file;
    world_note("first start", from_s, again, 0);
}

void
report_change(const Change *change, const Clockfile *file, bool takeover)
{
    world_note(takeover ? "took over" : "put in force", (int64_t)(file->revision % 1000000),
        (int64_t)change->n_put, (int64_t)change->n_removed);
}

void
report_batch(const Batch *batch, const RowCount *count, int64_t db_us)
{
    (void)count;
    (void)db_us;
    if (me()->committed_s != batch->new_s && !me()->dead)
        world_fail("a clock tells of a fire up to %lld, and has committed none",
            (long long)batch->new_s);
    world_note("fired", batch->new_s, (int64_t)batch->n_fires, (int64_t)batch->n_misses);
}

void
report_promoted(int64_t rows)
{
    (void)rows;
}

void
report_unpruned(const Error *error)
{
    (void)error;
}

void
report_unchanged(const Clockfile *file)
{
    (void)file;
    world_note("read the same file", 0, 0, 0);
}

void
report_kept(const char *path, const Diags *diags, const Error *error)
{
    (void)path;
    (void)diags;
    (void)error;
    world_note("kept the old file", 0, 0, 0);
    world_tally("file refused");
}

void
report_stopped(const Clockfile *file)
{
    (void)file;
    world_note("stopped", 0, 0, 0);
}
