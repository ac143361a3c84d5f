/* What no other file knows: which misfortunes there are, how often, and when they hurt most:
 * within a tenth of a second of an instant. */

#include "nature.h"

#include <assert.h>
#include <string.h>

#include "deploys.h"
#include "hosts.h"
#include "model.h"
#include "world.h"

#define DAY_US (86400 * SECOND)
#define EPOCH_US (INT64_C(1772323200) * SECOND) /* 2026-03-01 */

static void
start_again(void *what, uint64_t token)
{
    Host *host = what;
    (void)token;
    if (world.now_us < world.calm_us + 5 * SECOND) /* later: those that are left must do */
        clocks_start(host);
}

/* ---- clocks ---- */

static void
kill_clock(void)
{
    Host *host = hosts_live();
    if (host == NULL)
        return;
    world_note("kill", host->index, 0, 0);
    client_kill(host->clock);
    world_at(world.now_us + world_span(100000, world_in_100(10) ? DAY_US : 60 * SECOND),
        start_again, host, 0);
}

static void
kill_at_step(void)
{
    Host *host = hosts_any();
    host->crash_in = 1 + world_below(10);
    world_at(world.now_us + world_span(SECOND, 3600 * SECOND), start_again, host, 0);
}

static void
kill_all(void)
{
    int64_t for_us = world_span(SECOND, DAY_US / 2);
    world_note("kill all", for_us, 0, 0);
    for (int i = 0; i < world.n_hosts; i++) {
        if (world.hosts[i].clock != NULL)
            client_kill(world.hosts[i].clock);
        world_at(world.now_us + for_us + world_span(1000, 20 * SECOND), start_again,
            &world.hosts[i], 0);
    }
}

static void
freeze_clock(void)
{
    Host *host = hosts_live();
    int64_t for_us = world_span(10000, 3 * 3600 * SECOND);
    if (host == NULL)
        return;
    world_note("freeze", host->index, for_us, 0);
    client_freeze(host->clock, for_us);
}

/* Those who have this file in force sleep over the next instant and wake when the stand-bys
 * lose patience. */
static void
freeze_for_a_grace(void)
{
    int64_t due_us = model_next_due_us(world.now_us);
    if (due_us == SIM_NEVER || due_us > world.now_us + 10 * SECOND)
        return;
    int64_t until_us = due_us + world_between(28 * SECOND, 48 * SECOND);
    world_note("freeze for a grace", until_us - world.now_us, 0, 0);
    for (int i = 0; i < world.n_hosts; i++) {
        Client *clock = world.hosts[i].clock;
        if (clock != NULL && clock->revision == model_row()->revision)
            client_freeze(clock, until_us - world.now_us + world_below(3 * SECOND));
    }
    if (!world.profile.steady &&
        world_in_100(30)) /* what they will take for the time has passed */
        model_step_clock(-world_between(30 * SECOND, 120 * SECOND));
}

static void
freeze_at_step(void)
{
    Host *host = hosts_any();
    host->stop_in = 1 + world_below(10);
    host->stop_for_us = world_span(10000, 3600 * SECOND);
}

static void
cut_connection(void)
{
    Host *host = hosts_any();
    host->cut_in = 1 + world_below(8);
}

static void
part_network(void)
{
    Host *host = hosts_any();
    int64_t until_us = world.now_us + world_span(10000, 600 * SECOND);
    int64_t way = world_below(3);
    world_note("partition", host->index, until_us - world.now_us, way);
    if (way != 0)
        host->deaf_until_us = until_us;
    if (way != 1)
        host->mute_until_us = until_us;
}

static void
step_wall(void)
{
    Host *host = hosts_any();
    host->wall_us += (world_in_100(50) ? 1 : -1) * world_span(1000, DAY_US);
    world_note("wall steps", host->index, host->wall_us, 0);
}

/* ---- the database ---- */

/* It comes back for a moment, and is gone again before much was done. */
static void
crash_again(void *what, uint64_t token)
{
    (void)what;
    (void)token;
    int64_t for_us = world_span(300 * SECOND, 7200 * SECOND);
    if (world.now_us >= world.calm_us)
        return;
    world_note("database crashes again", for_us, 0, 0);
    model_crash(for_us, world_in_100(30));
}

static void
crash_database(void)
{
    bool long_away = world_in_100(world.profile.slices ? 60 : 15);
    int64_t for_us =
        long_away ? world_between(600, 12 * 3600) * SECOND : world_span(50000, 120 * SECOND);
    bool silent = world_in_100(30);
    world_note("database crashes", for_us, silent, 0);
    model_crash(for_us, silent);
    if (world_in_100(20)) {
        model_full(for_us + 9 * SECOND);
        world_at(
            world.now_us + for_us + world_between(SECOND, 9 * SECOND), crash_again, NULL, 0);
    }
    if (world.profile.slices) /* and there is much to do when it is back */
        model_slow(
            (size_t)(1 + world_below(2)), for_us + world_between(200 * SECOND, 2000 * SECOND));
}

/* Clocks with different files are started while the database is away. */
static void
start_in_the_dark(void)
{
    int64_t for_us = world_span(60 * SECOND, 3600 * SECOND);
    const FileText *set = files_edit(&world.files, &world.random, world.hosts[0].file);
    world_note("starts in the dark", for_us, 0, 0);
    model_crash(for_us, world_in_100(50));
    for (int i = 0; i < world.n_hosts; i++) {
        Host *host = &world.hosts[i];
        if (host->clock != NULL)
            client_kill(host->clock);
        if (world_in_100(50))
            host->file = set;
        world_at(world.now_us + world_below(for_us), start_again, host, 0);
    }
}

static void
stall_database(void)
{
    int64_t for_us = world_span(10000, world_in_100(10) ? 3600 * SECOND : 20 * SECOND);
    world_note("database stalls", for_us, 0, 0);
    model_stall(for_us);
}

static void pause_job(void);

static void
act_later(void *what, uint64_t token)
{
    (void)what;
    (void)token;
    pause_job();
}

static void
fail_over(void *what, uint64_t token)
{
    (void)what;
    if (!model_has_snapshot() || token != world.seed || world.now_us >= world.calm_us)
        return;
    int64_t offset_us =
        (world_in_100(50) ? 1 : -1) * world_span(100, world_in_100(20) ? 300 * SECOND : SECOND);
    world_tally(world.profile.pooler ? "failover behind a pooler" : "failover");
    world_note("failover", offset_us, world.profile.pooler, 0);
    if (!world.profile.pooler)
        model_crash(world_span(50000, 60 * SECOND), world_in_100(30));
    model_fail_over(world.profile.pooler, offset_us);
    if (world_in_100(40)) /* an operator does again what was lost */
        world_at(world.now_us + world_below(4 * SECOND), act_later, NULL, 0);
}

static void
lag_behind(void)
{
    if (model_has_snapshot() || world.profile.steady)
        return;
    world_note("standby falls behind", 0, 0, 0);
    model_snapshot();
    if (world_in_100(40))
        world_at(world.now_us + world_below(4 * SECOND), act_later, NULL, 0);
    world_at(world.now_us + world_span(1000, 3600 * SECOND), fail_over, NULL, world.seed);
}

static void
step_database(void)
{
    if (world.profile.steady)
        return;
    int64_t most_us =
        world.profile.jumps && world_in_100(30) ? 30 * 3600 * SECOND : 1200 * SECOND;
    int64_t by_us = (world_in_100(50) ? 1 : -1) * world_span(1000, most_us);
    world_note("database clock steps", by_us, 0, 0);
    model_step_clock(by_us);
}

static void
step_back(void *what, uint64_t token)
{
    (void)what;
    model_step_clock(-(int64_t)token);
}

/* True when a host's own clock is as wrong as the database's would be: one that starts there
 * cannot tell. */
static bool
seems_right(int64_t by_us)
{
    for (int i = 0; i < world.n_hosts; i++) {
        int64_t apart_us = world.hosts[i].wall_us - (model_now_us() - world.now_us) - by_us;
        if (apart_us > -2 * 3600 * SECOND && apart_us < 2 * 3600 * SECOND)
            return true;
    }
    return false;
}

/* A jump that nobody should believe. */
static void
jump_now(void)
{
    int64_t by_us = world_between(2, 30) * 3600 * SECOND;
    int64_t for_us = world_between(SECOND, 45 * SECOND);
    if (!world.profile.jumps || seems_right(by_us) || !model_begin_jump(by_us, for_us))
        return;
    world_note("database clock jumps for a moment", by_us, for_us, 0);
    model_step_clock(by_us);
    world_at(world.now_us + for_us, step_back, NULL, (uint64_t)by_us);
}

/* Until then a jump is laid, which strikes between the look and the change of the rules that is
 * made of it. */
static int64_t laid_until_us;

void
nature_change(void)
{
    if (world.now_us >= laid_until_us)
        return;
    laid_until_us = 0;
    world_tally("passing jump at a change of the rules");
    jump_now();
}

static void
jump_for_a_moment(void)
{
    if (world_in_100(60)) {
        jump_now();
        return;
    }
    laid_until_us = world.now_us + 600 * SECOND;
    deploys_roll_out();
}

static void
slow_database(void)
{
    if (world.profile.slices)
        model_slow((size_t)(1 + world_below(3)), world_span(100 * SECOND, 3600 * SECOND));
}

static void
poison_job(void)
{
    model_poison((int)world_below(SIM_JOBS), world_span(SECOND, 7200 * SECOND));
}

static void
fill_disk(void)
{
    model_full(world_span(SECOND, 1800 * SECOND));
}

/* ---- people ---- */

static int
any_job(bool paused)
{
    int first = (int)world_below(SIM_JOBS);
    for (int i = 0; i < SIM_JOBS; i++) {
        const Known *known = model_known((first + i) % SIM_JOBS);
        if (known->exists && known->paused == paused)
            return (first + i) % SIM_JOBS;
    }
    return first;
}

/* The job that is due next. */
static int
next_job(void)
{
    int next = 0;
    int64_t next_s = INT64_MAX;
    for (int i = 0; i < SIM_JOBS; i++) {
        int64_t at_s = ledger_next(model_ledger(), i, model_now_us() / SECOND);
        if (at_s < next_s) {
            next_s = at_s;
            next = i;
        }
    }
    return next;
}

static void
pause_job(void)
{
    int64_t until_s = INT64_MAX;
    if (world_in_100(60))
        until_s = (model_now_us() + world_span(SECOND, 2 * DAY_US)) / SECOND;
    operator_begin(TASK_PAUSE, world_in_100(50) ? next_job() : any_job(false), until_s);
}

static void
resume_job(void)
{
    operator_begin(TASK_RESUME, any_job(true), 0);
}

static void
make_up(void)
{
    operator_begin(TASK_BACKFILL, (int)world_below(SIM_JOBS), 0);
}

static void
hold_row(void)
{
    operator_begin(TASK_HOLD, 0, world_span(100000, 600 * SECOND));
}

/* ---- fate ---- */

static const struct {
    const char *what;
    void (*act)(void);
    int weight;
    bool harmless; /* may happen where nothing must be late */
} fates[] = {
    {"clock killed", kill_clock, 8, false},
    {"kill laid", kill_at_step, 12, false},
    {"all clocks killed", kill_all, 2, false},
    {"clock frozen", freeze_clock, 6, false},
    {"freeze for a grace", freeze_for_a_grace, 6, false},
    {"freeze laid", freeze_at_step, 8, false},
    {"cut laid", cut_connection, 14, false},
    {"network parted", part_network, 6, false},
    {"wall clock stepped", step_wall, 3, false},
    {"database crashed", crash_database, 6, false},
    {"start in the dark", start_in_the_dark, 2, false},
    {"database stalled", stall_database, 4, false},
    {"standby behind", lag_behind, 6, false},
    {"database clock stepped", step_database, 4, false},
    {"passing jump", jump_for_a_moment, 2, false},
    {"database slow", slow_database, 4, false},
    {"row poisoned", poison_job, 3, false},
    {"disk full", fill_disk, 2, false},
    {"job paused", pause_job, 8, true},
    {"job resumed", resume_job, 8, true},
    {"record made up for", make_up, 4, true},
    {"row held", hold_row, 2, false},
    {"rollout", deploys_roll_out, 8, true},
    {"one reload", deploys_reload_one, 5, false},
    {"clock stopped", deploys_stop_one, 5, false},
};

#define FATES ((int)(sizeof fates / sizeof *fates))

static void
befall(void)
{
    int64_t sum = 0;
    for (int i = 0; i < FATES; i++)
        sum += world.profile.faults || fates[i].harmless ? fates[i].weight : 0;
    int64_t left = world_below(sum);
    for (int i = 0; i < FATES; i++) {
        left -= world.profile.faults || fates[i].harmless ? fates[i].weight : 0;
        if (left < 0) {
            world_tally(fates[i].what);
            fates[i].act();
            return;
        }
    }
}

static void plan_next(void);

static void
tick(void *what, uint64_t token)
{
    (void)what;
    (void)token;
    befall();
    while (world.profile.faults && world_in_100(25)) /* misfortunes seldom come singly */
        befall();
    for (Client *client = world.clients; client != NULL; client = client->older)
        client->eager_until_us = world.now_us + 150 * SECOND;
    world_stir();
    plan_next();
}

/* Most strike close to an instant, and some close to one another. */
static void
plan_next(void)
{
    int64_t gap_us = world.profile.fault_gap_us;
    int64_t at_us = world.now_us + 1 + world_below(gap_us * 2);
    if (world.profile.faults && world_in_100(25))
        at_us = world.now_us + world_below(3 * SECOND);
    if (world_in_100(60)) {
        int64_t due_us = model_next_due_us(at_us);
        if (due_us != SIM_NEVER)
            at_us = due_us - 130000 + world_below(230000);
    }
    if (at_us < world.now_us)
        at_us = world.now_us + 1;
    if (at_us < world.calm_us)
        world_at(at_us, tick, NULL, 0);
}

/* Kills those who have their file in force, if others are left: these must take over. */
static bool
bereave(void)
{
    bool left = false;
    for (int i = 0; i < world.n_hosts; i++) {
        const Client *clock = world.hosts[i].clock;
        left = left ||
               (clock != NULL && !clock->stopping && clock->revision != model_row()->revision);
    }
    for (int i = 0; i < world.n_hosts && left; i++) {
        Host *host = &world.hosts[i];
        host->wanted = host->clock != NULL;
        if (host->clock != NULL && host->clock->revision == model_row()->revision) {
            host->wanted = false;
            client_kill(host->clock);
        }
    }
    return left;
}

/* True when the file in force has a clock, or will have when those are started that are not
 * there: the last to start has its file in force. */
static bool
is_led(const bool *starts)
{
    for (int i = 0; i < world.n_hosts; i++) {
        const Client *clock = world.hosts[i].clock;
        if (clock == NULL ? starts[i]
                          : !clock->stopping && clock->revision == model_row()->revision)
            return true;
    }
    return false;
}

/* ---- beginning and end ---- */

static void
draw_profile(void)
{
    Profile *profile = &world.profile;
    bool dense = world_in_100(12);
    profile->faults = !world_in_100(15);
    profile->span_us = dense ? 2 * 3600 * SECOND : 30 * DAY_US;
    profile->steady = !profile->faults || world_in_100(30);
    profile->jumps = !profile->steady && world_in_100(25);
    profile->slices = profile->faults && world_in_100(50);
    profile->fine = world_in_100(30);
    profile->pooler = world_in_100(25);
    profile->fault_gap_us = profile->span_us / (5 + world_below(80));
}

static void
draw_hosts(void)
{
    static const int numbers[] = {1, 2, 2, 2, 3, 3, 4, 5, 8};
    world.n_hosts = numbers[world_below(9)];
    if (!world.profile.faults && world.n_hosts < 2)
        world.n_hosts = 2;
    for (int i = 0; i <= world.n_hosts; i++) {
        Host *host = i < world.n_hosts ? &world.hosts[i] : &world.desk;
        host->index = i;
        host->boot_us = 1 + world_below(400 * DAY_US);
        host->ppm = world_between(-200, 200);
        host->delay_us = world_span(30, 3000);
        if (world.profile.faults && world_in_100(10)) /* far, but less than the idle timeout */
            host->delay_us = 100000;
        host->wall_us = (world_in_100(50) ? 1 : -1) * world_span(1, 1200 * SECOND);
        if (world.profile.jumps && world_in_100(20))
            host->wall_us *= 100;
    }
}

void
nature_begin(void)
{
    draw_profile();
    world.start_us = world.now_us = EPOCH_US + world_below(300 * DAY_US);
    world.calm_us = world.start_us + world.profile.span_us;
    world.end_us = world.calm_us + (world.profile.jumps ? 200 : 90) * SECOND;
    draw_hosts();
    model_begin();
    model_step_clock((world_in_100(50) ? 1 : -1) * world_span(1, 1200 * SECOND));
    files_plan(&world.files, world.arena, &world.random, world.profile.span_us / SECOND,
        world_span(40, 1500));
    const FileText *set =
        files_first(&world.files, &world.random, 1 + (int)world_below(SIM_JOBS - 1));
    laid_until_us = world.profile.jumps && world_in_100(50) ? world.start_us + 600 * SECOND : 0;
    deploys_begin();
    for (int i = 0; i < world.n_hosts; i++) {
        world.hosts[i].file = set;
        world_at(world.now_us + world_below(20 * SECOND), start_again, &world.hosts[i], 0);
    }
    plan_next();
}

void
nature_calm(void)
{
    world_note("calm", 0, 0, 0);
    laid_until_us = 0;
    deploys_calm();
    model_heal();
    bool bereft = world_in_100(40) && bereave(), starts[SIM_HOSTS] = {false};
    for (int i = 0; i < world.n_hosts; i++) {
        Host *host = &world.hosts[i];
        host->deaf_until_us = host->mute_until_us = 0;
        host->crash_in = host->stop_in = host->cut_in = 0;
        if (!host->file->good)
            host->file = files_edit(&world.files, &world.random, host->file);
        starts[i] = !bereft && (i == 0 || world_in_100(60));
        if (starts[i]) /* also if the old one is still to end */
            world_at(world.now_us + 3 * SECOND, start_again, host, 0);
    }
    bool led = is_led(starts);
    world.patience_s = led ? 5 : 55; /* a grace, and a look before and behind it */
    world.end_us += led ? 0 : 60 * SECOND;
    for (Client *client = world.clients, *older; client != NULL; client = older) {
        older = client->older;
        client->eager_until_us = SIM_NEVER;
        if (client->is_clock)
            client_thaw(client);
        else
            client_kill(client);
    }
    world_stir();
}
