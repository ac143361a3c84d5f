/* What no other file knows: what a host runs.  A clock is dispatcher_run itself; an operator
 * does by hand what protocol.md asks of the commands that change rules. */

#include "hosts.h"

#include <stdio.h>
#include <string.h>

#include "due/settle.h"
#include "model.h"
#include "proc/dispatcher.h"

#define PATIENCE_US (5 * SECOND)

/* ---- clocks ---- */

/* The linker gives the dispatcher this one: the disk is the host's. */
bool __wrap_clockfile_load(
    Arena *arena, const char *path, Clockfile **out, Diags *diags, Error *error);

bool
__wrap_clockfile_load(
    Arena *arena, const char *path, Clockfile **out, Diags *diags, Error *error)
{
    const FileText *set = world.running->host->file;
    (void)path;
    bool good = files_load(&world.files, arena, set, out, diags, error);
    if (good != set->good)
        world_fail("a file that is %s was %s: %.*s", set->good ? "right" : "wrong",
            good ? "taken" : "refused", (int)set->len, set->text);
    Client *client = world.running;
    if (good && client->revision != (*out)->revision) {
        client->revision = (*out)->revision;
        client->born_us = world.now_us;
    }
    return good;
}

static void
start_again(void *what, uint64_t token)
{
    Host *host = what;
    (void)token;
    if (host->wanted)
        clocks_start(host);
}

static void
run_clock(Client *client)
{
    Arena *load = arena_new(0);
    Clockfile *file;
    Error error;
    Diags *diags = diags_new(load, "Clockfile.yml");
    if (!__wrap_clockfile_load(load, "Clockfile.yml", &file, diags, &error)) {
        world_at(world.now_us + 3600 * SECOND, start_again, client->host, 0);
        arena_free(load);
        return;
    }
    DispatcherOptions options = {.conninfo = "",
        .path = "Clockfile.yml",
        .file = file,
        .load = load,
        .wait_us = INT64_MAX,
        .configured = true};
    if (!dispatcher_run(&options, &error) && !client->dead)
        world_fail("clock %d gave up: %s", client->host->index, error.text);
    else if (!client->stopping && !client->dead)
        world_fail("clock %d ended though nobody stopped it", client->host->index);
}

void
clocks_start(Host *host)
{
    host->wanted = true;
    if (host->clock != NULL)
        return;
    host->clock = client_new(host, run_clock);
    host->clock->is_clock = true;
}

Host *
hosts_any(void)
{
    return &world.hosts[world_below(world.n_hosts)];
}

Host *
hosts_live(void)
{
    int first = (int)world_below(world.n_hosts);
    for (int i = 0; i < world.n_hosts; i++) {
        Host *host = &world.hosts[(first + i) % world.n_hosts];
        if (host->clock != NULL)
            return host;
    }
    return NULL;
}

/* ---- operators ---- */

static Message *
new_message(MessageKind kind)
{
    Message *message = arena_alloc(world.arena, sizeof *message);
    message->kind = kind;
    return message;
}

static bool
ask(Client *client, Message *message)
{
    Error error;
    return model_ask(client, message, host_mono(client->host) + PATIENCE_US, &error);
}

/* Ends the pause as `clock resume` does, by the schedule as the database has it. */
static bool
end_pause(Client *client, const Message *shown)
{
    Arena *arena = arena_new(0);
    const Known *known = shown->known;
    JobRow row = {.job = job_name(shown->job),
        .spec = known->spec->canonical,
        .since_s = known->since_s,
        .until_s = known->until_s,
        .paused = true};
    Settlement settlement;
    settle_pauses(arena, zones_new(arena), &row, 1, shown->old_s, shown->at_s, &settlement);
    Message *misses = new_message(MESSAGE_MISSES), *resume = new_message(MESSAGE_RESUME);
    if (settlement.n_misses > 0) {
        const Miss *miss = &settlement.misses[0];
        misses->misses = arena_alloc(world.arena, sizeof *misses->misses);
        misses->misses[0] = (SimMiss){.job = shown->job,
            .first_s = miss->first_s,
            .last_s = miss->last_s,
            .count = miss->count,
            .reason = miss->reason};
        misses->n_misses = 1;
    }
    resume->put = UINT32_C(1) << shown->job;
    resume->at_s = settlement.since_s[0];
    resume->promises = true;
    resume->next_due_s = settlement.next_due_s;
    arena_free(arena);
    return (model_flaws[FLAW_RESUME_FORGETS] || ask(client, misses)) && ask(client, resume);
}

/* One attempt; true: done, or not to be tried again. */
static bool
attempt(Client *client, OperatorKind kind)
{
    Message *look = new_message(MESSAGE_LOOK);
    if (!ask(client, look))
        return true;
    Message *change = new_message(MESSAGE_OPERATOR);
    change->first = true;
    change->lead_us = kind == OPERATOR_HOLD ? client->task[2] : SECOND;
    change->operator_kind = kind;
    change->job = (int)client->task[1];
    change->until_s = client->task[2];
    change->version = look->row.version;
    bool held = ask(client, change) && change->held;
    if (held && kind == OPERATOR_HOLD)
        client_wait(client, world.now_us + client->task[2]);
    else if (held && world_in_100(30))
        client_wait(client, world.now_us + world_span(1000, 800000));
    bool commits =
        held && kind != OPERATOR_HOLD && (kind != OPERATOR_RESUME || end_pause(client, change));
    if (!model_is_open(client))
        return true;
    world_note(commits ? "operator commits" : "operator gives way", kind, client->task[1], 0);
    return ask(client, new_message(commits ? MESSAGE_COMMIT : MESSAGE_ROLLBACK)) && held;
}

static void
run_operator(Client *client)
{
    static const char *const names[] = {"operator pauses", "operator resumes",
        "operator makes up for a record", "operator holds the row"};
    world_tally(names[client->task[0]]);
    world_note(names[client->task[0]], client->task[1], client->task[2], 0);
    if (ask(client, new_message(MESSAGE_CONNECT))) {
        for (int tries = 0; tries < 5; tries++) {
            if (attempt(client, (OperatorKind)client->task[0]) || !model_is_open(client))
                break;
        }
    }
    model_cut(client);
}

void
operator_begin(Task task, int job, int64_t argument)
{
    Client *client = client_new(&world.desk, run_operator);
    client->task[0] = task;
    client->task[1] = job;
    client->task[2] = argument;
}
