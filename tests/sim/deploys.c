/* What no other file knows: how a Clockfile gets to the hosts: one after the other, by a reload
 * or a new start, now and then with an end that is cut off. */

#include "deploys.h"

#include <string.h>

#include "hosts.h"
#include "world.h"

/* A file on its way to all hosts, one after the other. */
static struct {
    const FileText *set, *before;
    int next; /* host; n_hosts: done */
    bool restarts;
    uint64_t number;
} rollout;

static void roll_on(void *what, uint64_t token);

static void
start_rolled(void *what, uint64_t token)
{
    Host *host = what;
    if (host->clock == NULL)
        clocks_start(host);
    else if (token < 10) /* it is still ending */
        world_at(world.now_us + 300000, start_rolled, host, token + 1);
}

static void
roll_on(void *what, uint64_t token)
{
    (void)what;
    if (token != rollout.number || rollout.next >= world.n_hosts)
        return;
    Host *host = &world.hosts[rollout.next++];
    host->file = rollout.set;
    world_note(rollout.restarts ? "deploys" : "reloads", host->index, rollout.set->good,
        (int64_t)rollout.set->len);
    if (host->clock != NULL)
        client_signal(host->clock, rollout.restarts);
    if (rollout.restarts)
        world_at(world.now_us + world_span(200000, 2 * SECOND), start_rolled, host, 0);
    int64_t gap_us = world_between(15 * SECOND, 60 * SECOND);
    world_at(world.now_us + (world_in_100(30) ? gap_us * 200 : gap_us), roll_on, NULL, token);
}

void
deploys_roll_out(void)
{
    if (rollout.next < world.n_hosts && (!world.profile.faults || world_in_100(70)))
        return;
    const FileText *now = world.hosts[0].file;
    const FileText *set = world_in_100(30) && rollout.before != NULL
                              ? rollout.before
                              : files_edit(&world.files, &world.random, now);
    rollout.restarts = world_in_100(50);
    if (world_in_100(25) && !rollout.restarts) {
        set = files_cut(&world.files, &world.random, set);
        world_tally(set->good ? "file cut between jobs" : "file cut within a job");
    } else if (now->good) {
        rollout.before = now;
    }
    if (rollout.restarts && !set->good)
        return;
    world_tally(rollout.restarts ? "deploy" : "reload of all");
    rollout.set = set;
    rollout.next = 0;
    rollout.number++;
    roll_on(NULL, rollout.number);
}

/* One host alone gets another file. */
void
deploys_reload_one(void)
{
    Host *host = hosts_live();
    if (host == NULL)
        return;
    const FileText *set = files_edit(&world.files, &world.random, hosts_any()->file);
    host->file = world_in_100(30) ? files_cut(&world.files, &world.random, set) : set;
    world_note("reloads one", host->index, host->file->good, 0);
    client_signal(host->clock, false);
}

void
deploys_stop_one(void)
{
    Host *host = hosts_live();
    if (host == NULL)
        return;
    world_note("stops", host->index, 0, 0);
    client_signal(host->clock, true);
    world_at(world.now_us + world_span(300000, 20 * SECOND), start_rolled, host, 0);
}

void
deploys_begin(void)
{
    memset(&rollout, 0, sizeof rollout);
    deploys_calm();
}

void
deploys_calm(void)
{
    rollout.next = SIM_HOSTS;
}
