/* What no other file knows: how sessions come and go, wait for one another and are ended by the
 * server, and how much of that their clients learn. */

#include "model.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "db/store.h"
#include "server.h"

#define LOCK_SLACK_US INT64_C(1000000)
#define IDLE_SLACK_US INT64_C(500000)
#define STOP_US INT64_C(800000)

Server server;

int64_t
model_now_us(void)
{
    return world.now_us + server.offset_us;
}

/* ---- the client's side ---- */

/* One way of the network; now and then slow. */
static int64_t
delay(const Host *host)
{
    int64_t us = host->delay_us + world_below(host->delay_us);
    if (world.profile.faults && world_below(400) == 0)
        us += world_span(1000, 2 * SECOND);
    return us;
}

bool
model_is_open(const Client *client)
{
    return client->session != NULL;
}

bool
model_is_broken(const Client *client)
{
    return client->session != NULL && client->session->broken;
}

bool
model_is_quiet(void)
{
    return world.now_us - server.changed_us > 20 * SECOND;
}

static void
break_arrives(void *what, uint64_t token)
{
    Session *session = what;
    (void)token;
    session->broken = true;
    if (session->client != NULL)
        client_wake(session->client);
}

/* The client is told that the connection is gone, unless nothing reaches it. */
static void
tell_broken(Session *session, bool silent)
{
    if (session->client == NULL || silent)
        return;
    const Host *host = session->client->host;
    int64_t at_us = world.now_us + delay(host);
    if (at_us < host->deaf_until_us)
        at_us = host->deaf_until_us;
    if (!session->severed)
        world_at(at_us, break_arrives, session, 0);
}

/* The session ends: what it had not committed is undone. */
static void
end_session(Session *session, bool silent)
{
    if (!session->alive)
        return;
    session->alive = false;
    session->ended = true;
    session->waiting = false;
    session->turns++;
    server_unlock(session);
    tell_broken(session, silent);
}

static void
hang_up_arrives(void *what, uint64_t token)
{
    Session *session = what;
    if (world.now_us < server.stall_until_us) { /* behind what was sent before */
        world_at(server.stall_until_us + 8, hang_up_arrives, session, token);
        return;
    }
    session->hung_up = true;
    if (session->busy == NULL) /* else the server learns of it when it has answered */
        end_session(session, true);
}

void
model_cut(Client *client)
{
    Session *session = client->session;
    client->session = NULL;
    if (session == NULL)
        return;
    session->client = NULL;
    if (session->severed)
        return;
    int64_t at_us = world.now_us + delay(client->host);
    if (at_us < client->host->mute_until_us)
        at_us = client->host->mute_until_us;
    if (at_us <= session->arrival_us)
        at_us = session->arrival_us + 1;
    world_at(at_us, hang_up_arrives, session, 0);
}

/* ---- locks and time ---- */

static void resume_waiters(void *what, uint64_t token);

bool
server_lock(Session *session, Message *message)
{
    if (server.lock == NULL || server.lock == session) {
        server.lock = session;
        return true;
    }
    assert(server.n_queue < sizeof server.queue / sizeof *server.queue);
    if (!session->waiting)
        server.queue[server.n_queue++] = session;
    session->waiting = true;
    message->seen = true;
    return false;
}

void
server_unlock(Session *session)
{
    for (size_t i = 0; i < server.n_queue; i++) {
        if (server.queue[i] == session)
            memmove(&server.queue[i], &server.queue[i + 1],
                (--server.n_queue - i) * sizeof *server.queue);
    }
    if (server.lock != session)
        return;
    server.lock = NULL;
    world_at(world.now_us, resume_waiters, NULL, 0);
}

static void
idle_too_long(void *what, uint64_t token)
{
    Session *session = what;
    if (!session->alive || session->turns != token || world.now_us < server.stall_until_us)
        return;
    world_tally("session ended by the idle timeout");
    world_note("idle timeout", 0, 0, 0);
    end_session(session, false);
}

/* ---- answers ---- */

static void
answer_arrives(void *what, uint64_t token)
{
    Message *message = what;
    (void)token;
    const Session *session = message->session;
    if (session->client != message->from || session->broken || session->severed)
        return;
    message->answered = true;
    message->from->answered_us = host_mono(message->from->host);
    client_wake(message->from);
}

/* The statement is done: the session waits for the next one, and not for ever. */
static void
answer(Message *message)
{
    Session *session = message->session;
    session->busy = NULL;
    session->waiting = false;
    session->turns++;
    if (message->error != ERR_NONE)
        session->txn.failed = true;
    if (session->hung_up) {
        end_session(session, true);
        return;
    }
    if (session->txn.open)
        world_at(world.now_us + session->lead_us + IDLE_SLACK_US, idle_too_long, session,
            session->turns);
    if (session->client == NULL)
        return;
    const Host *host = session->client->host;
    int64_t at_us = world.now_us + delay(host);
    if (at_us < host->deaf_until_us)
        at_us = host->deaf_until_us + 1;
    world_at(at_us, answer_arrives, message, 0);
}

static void
lock_too_long(void *what, uint64_t token)
{
    Message *message = what;
    Session *session = message->session;
    if (!session->alive || session->turns != token || session->busy != message ||
        !session->waiting)
        return;
    world_tally("lock timeout");
    server.hindered_us = world.now_us;
    server_unlock(session);
    message->error = ERR_DB_LOST;
    message->sqlstate = "55P03";
    answer(message);
}

static void
run(Message *message)
{
    Session *session = message->session;
    bool waited = session->waiting;
    if (statement_run(message)) {
        answer(message);
        return;
    }
    if (session->waiting && !waited)
        world_at(world.now_us + session->lead_us + LOCK_SLACK_US, lock_too_long, message,
            session->turns);
}

static void
finish_slowly(void *what, uint64_t token)
{
    Message *message = what;
    Session *session = message->session;
    if (!session->alive || session->turns != token)
        return;
    run(message);
}

/* The lock is free: whoever waited longest looks at the row again. */
static void
resume_waiters(void *what, uint64_t token)
{
    (void)what;
    (void)token;
    while (server.lock == NULL && server.n_queue > 0) {
        Session *session = server.queue[0];
        memmove(&server.queue[0], &server.queue[1], --server.n_queue * sizeof *server.queue);
        session->waiting = false;
        run(session->busy);
    }
}

/* ---- messages ---- */

static void
message_arrives(void *what, uint64_t token)
{
    Message *message = what;
    Session *session = message->session;
    if (world.now_us < server.stall_until_us) { /* the server is stopped: later */
        world_at(server.stall_until_us + (int64_t)token % 7, message_arrives, message, token);
        return;
    }
    if (!session->alive) {
        tell_broken(session, false);
        return;
    }
    session->turns++;
    session->busy = message;
    bool ends = message->kind == MESSAGE_COMMIT;
    int64_t slow_us = 0;
    if (ends && world.profile.faults && world_below(60) == 0)
        slow_us = world_span(1000, 3 * SECOND); /* the disk */
    else if (message->kind == MESSAGE_FIRES && statement_is_slow(message))
        slow_us = STORE_SERVER_US;
    if (slow_us > 0)
        world_at(world.now_us + slow_us, finish_slowly, message, session->turns);
    else
        run(message);
}

/* A connection is asked for: there is a server, or nobody answers. */
static void
connect_arrives(void *what, uint64_t token)
{
    Message *message = what;
    if (world.now_us < server.stall_until_us) {
        world_at(server.stall_until_us, connect_arrives, message, token);
        return;
    }
    if (world.now_us < server.down_until_us) {
        message->session->ended = true;
        if (!server.silent)
            tell_broken(message->session, false);
        return;
    }
    message->session->alive = true;
    answer(message);
}

/* Forgets those that have ended. */
static void
forget_ended(void)
{
    Session **at = &server.sessions;
    while (*at != NULL) {
        if ((*at)->ended)
            *at = (*at)->older;
        else
            at = &(*at)->older;
    }
}

static Session *
open_session(Client *client)
{
    Session *session = arena_alloc(world.arena, sizeof *session);
    session->client = client;
    session->opened_us = world.now_us;
    forget_ended();
    session->older = server.sessions;
    server.sessions = session;
    client->session = session;
    return session;
}

/* A fault on the way: the message, or its answer, is lost with the connection. */
static bool
cut_now(Client *client, Message *message)
{
    Session *session = client->session;
    Host *host = client->host;
    if (!client->is_clock || host->cut_in == 0 || --host->cut_in > 0)
        return false;
    bool arrives = message->kind != MESSAGE_CONNECT && world_in_100(60);
    bool half_open = world_in_100(40);
    world_tally(
        arrives ? "connection cut behind a message" : "connection cut before a message");
    world_note(arrives ? "cut behind" : "cut before", message->kind, half_open, 0);
    int64_t at_us = world.now_us + delay(host);
    if (at_us <= session->arrival_us)
        at_us = session->arrival_us + 1;
    session->arrival_us = at_us;
    session->severed = true;
    if (arrives)
        world_at(at_us, message_arrives, message, 0);
    if (!half_open)
        world_at(at_us + 1 + delay(host), hang_up_arrives, session, 0);
    if (world_in_100(80)) /* else only a deadline tells */
        world_at(world.now_us + delay(host), break_arrives, session, 0);
    return true;
}

static void
send(Client *client, Message *message)
{
    Session *session = client->session;
    int64_t at_us = world.now_us + delay(client->host);
    if (at_us < client->host->mute_until_us)
        at_us = client->host->mute_until_us + 1;
    if (at_us <= session->arrival_us)
        at_us = session->arrival_us + 1;
    session->arrival_us = at_us;
    world_at(at_us, message->kind == MESSAGE_CONNECT ? connect_arrives : message_arrives,
        message, (uint64_t)at_us);
}

static bool
gone(Client *client, const char *why, Error *error)
{
    model_cut(client);
    return error_set(error, ERR_DB_AWAY, "%s", why);
}

/* Until the answer is there, the connection is gone, or the time is over; a stop brings that
 * nearer. */
static void
await(Client *client, const Session *session, const Message *message, int64_t until_us)
{
    int64_t end_us = host_true(client->host, until_us);
    bool stopping = false;
    while (!client->dead && !message->answered && !session->broken && world.now_us < end_us) {
        if (client->stopping && !stopping) {
            stopping = true;
            end_us = world.now_us + STOP_US < end_us ? world.now_us + STOP_US : end_us;
        }
        client_wait(client, end_us);
    }
}

/* Every statement, when it has been asked for. */
static void
show(const Message *message, const char *how)
{
    static const char *const kinds[] = {"connect", "look", "compare", "start", "put", "change",
        "fires", "carefully", "misses", "resume", "notify", "commit", "move", "rollback",
        "operate"};
    char text[80];
    if (world_verbose < 2)
        return;
    snprintf(text, sizeof text, "%s %s%s", how, kinds[message->kind],
        !message->answered           ? ""
        : message->error != ERR_NONE ? message->sqlstate
        : message->held              ? " (held)"
                                     : "");
    world_note(text, message->old_s, message->new_s, message->at_s);
}

bool
model_ask(Client *client, Message *message, int64_t until_us, Error *error)
{
    if (!client_step(client))
        return error_set(error, ERR_DB_AWAY, "killed");
    if (message->kind == MESSAGE_CONNECT)
        open_session(client);
    else if (client->session == NULL)
        return error_set(error, ERR_DB_AWAY, "there is no connection");
    Session *session = client->session;
    if (session->broken)
        return gone(client, "the connection was lost", error);
    message->session = session;
    message->from = client;
    show(message, "asks");
    if (!cut_now(client, message))
        send(client, message);
    await(client, session, message, until_us);
    if (client->dead)
        return error_set(error, ERR_DB_AWAY, "killed");
    show(message, message->answered ? "hears of" : "hears nothing of");
    if (!message->answered)
        return gone(
            client, session->broken ? "the connection was lost" : "no answer in time", error);
    if (message->error == ERR_NONE)
        return true;
    error_set(error, message->error, "%s", message->sqlstate);
    snprintf(error->sqlstate, sizeof error->sqlstate, "%s", message->sqlstate);
    return false;
}

/* ---- faults ---- */

void
model_begin(void)
{
    server = (Server){.poison = -1};
    ledger_begin(&server.state.ledger, world.arena);
}

static void
end_all(bool silent)
{
    for (Session *session = server.sessions; session != NULL; session = session->older)
        end_session(session, silent);
}

void
model_crash(int64_t for_us, bool silent)
{
    server.silent = silent;
    if (world.now_us + for_us > server.down_until_us)
        server.down_until_us = world.now_us + for_us;
    end_all(silent);
}

static void
stall_ends(void *what, uint64_t token)
{
    (void)what;
    (void)token;
    if (world.now_us < server.stall_until_us)
        return;
    for (Session *s = server.sessions; s != NULL; s = s->older) {
        if (s->alive && s->txn.open && s->busy == NULL)
            world_at(world.now_us + s->lead_us + IDLE_SLACK_US, idle_too_long, s, s->turns);
    }
}

void
model_stall(int64_t for_us)
{
    server.stall_until_us = world.now_us + for_us;
    if (server.stall_until_us > world.calm_us) /* what waits for its end must see it */
        server.stall_until_us = world.calm_us;
    world_at(server.stall_until_us, stall_ends, NULL, 0);
}

static void
copy_state(State *to, const State *from)
{
    *to = *from;
    ledger_copy(&to->ledger, &from->ledger);
    to->records = arena_array(world.arena, from->n_records + 1, sizeof *to->records);
    if (from->n_records > 0)
        memcpy(to->records, from->records, from->n_records * sizeof *to->records);
    to->records_cap = from->n_records + 1;
}

void
model_snapshot(void)
{
    copy_state(&server.snapshot, &server.state);
    server.has_snapshot = true;
}

bool
model_has_snapshot(void)
{
    return server.has_snapshot;
}

void
model_fail_over(bool pooler, int64_t offset_us)
{
    if (pooler) { /* a pooler keeps the connections of those that have nothing open */
        for (Session *s = server.sessions; s != NULL; s = s->older) {
            if (s->txn.open || s->busy != NULL)
                end_session(s, false);
        }
    } else {
        end_all(world_in_100(30));
    }
    server.state = server.snapshot;
    server.has_snapshot = false;
    server.offset_us += offset_us;
    server.stepped_us = world.now_us;
}

void
model_step_clock(int64_t by_us)
{
    server.offset_us += by_us;
    server.stepped_us = world.now_us;
}

bool
model_begin_jump(int64_t by_us, int64_t for_us)
{
    /* Who did not look in between takes two jumps by the same for one that lasts. */
    int64_t apart_us = by_us == server.jump_by_us ? 120 * SECOND : 0;
    if (world.now_us < server.jump_until_us + apart_us)
        return false;
    server.jump_by_us = by_us;
    server.jump_until_us = world.now_us + for_us + SECOND;
    server.jump_offset_us = server.offset_us;
    return true;
}

void
model_slow(size_t fires, int64_t for_us)
{
    server.slow_fires = fires;
    server.slow_until_us = world.now_us + for_us;
}

void
model_poison(int job, int64_t for_us)
{
    server.poison = job;
    server.poison_until_us = world.now_us + for_us;
}

void
model_full(int64_t for_us)
{
    server.full_until_us = world.now_us + for_us;
}

void
model_heal(void)
{
    server.down_until_us = server.stall_until_us = world.now_us;
    server.slow_until_us = server.poison_until_us = server.full_until_us = 0;
}

/* ---- what may be looked at ---- */

const Row *
model_row(void)
{
    return &server.state.row;
}

const Known *
model_known(int job)
{
    return &server.state.known[job];
}

const Ledger *
model_ledger(void)
{
    return &server.state.ledger;
}

int64_t
model_low(int job)
{
    const Known *known = &server.state.known[job];
    int64_t fired_s = server.state.row.fired_through_s;
    bool own = known->paused && !model_flaws[FLAW_PAUSE_FLAG];
    return own || known->since_s > fired_s ? known->since_s : fired_s;
}

int64_t
model_next_due_us(int64_t after_us)
{
    int64_t next_us = SIM_NEVER;
    for (int i = 0; i < SIM_JOBS; i++) {
        int64_t at_s =
            ledger_next(&server.state.ledger, i, (after_us + server.offset_us) / SECOND);
        if (at_s != INT64_MAX && at_s * SECOND - server.offset_us < next_us)
            next_us = at_s * SECOND - server.offset_us;
    }
    return next_us;
}
