/* clock doctor: what is not as it should be around the clocks, each finding with its remedy. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cmd/out.h"
#include "db/checkup.h"
#include "db/migrate.h"
#include "db/pooler.h"
#include "db/survey.h"
#include "plan/schedule.h"
#include "time/span.h"

#define OFFSET_US 1000000
#define LATE_US (60 * INT64_C(1000000))
#define SNAPSHOT_S 3600
#define SNAPSHOT_BUSY_S 60 /* enough to slow down a queue that is worked */
#define GONE_ROWS 10000
#define POOL_LEAST 3 /* two clocks and a worker */
#define ZONES_MAX 100
#define HALF_YEAR_S (INT64_C(183) * 86400)

static const Option options[] = {
    {0, "json", NULL, "one JSON object a check"},
    {0, NULL, NULL, NULL},
};

typedef struct {
    Context *context;
    Text out;
    size_t findings;
} Doctor;

/* One check: how it stands, and the remedy when it is a finding (else NULL). */
static void
say(Doctor *doctor, const char *check, const char *remedy, const char *stands)
{
    doctor->findings += remedy != NULL;
    if (!doctor->context->json) {
        text_addf(&doctor->out, "%-8s  %-10s  ", remedy == NULL ? "ok" : "finding", check);
        text_add_safe(&doctor->out, stands, strlen(stands));
        text_add_char(&doctor->out, '\n');
        if (remedy != NULL)
            text_addf(&doctor->out, "%-8s  %-10s  -> %s\n", "", "", remedy);
        return;
    }
    Json json = json_new(&doctor->out);
    json_open(&json, '{');
    json_key(&json, "check");
    json_string(&json, check);
    json_key(&json, "ok");
    json_bool(&json, remedy == NULL);
    json_key(&json, "stands");
    json_string(&json, stands);
    json_key(&json, "remedy");
    json_string(&json, remedy);
    json_close(&json, '}');
    text_add_char(&doctor->out, '\n');
}

static bool
check_schema(Doctor *doctor, Error *error)
{
    Arena *arena = doctor->context->arena;
    SchemaState state;
    if (!migrate_state(doctor->context->pg, arena, &state, error))
        return false;
    say(doctor, "schema", state.version < migrate_newest() ? "type clock migrate" : NULL,
        arena_printf(
            arena, "version %d, this clock knows %d", state.version, migrate_newest()));
    return true;
}

static void
check_server(Doctor *doctor, const Checkup *up)
{
    Arena *arena = doctor->context->arena;
    bool far = up->ahead_us > OFFSET_US || up->ahead_us < -OFFSET_US;
    say(doctor, "clocks", far ? "let NTP set both hosts; fires go by the database's" : NULL,
        arena_printf(arena, "this host is %lld ms %s the database, give or take %lld",
            (long long)(up->ahead_us < 0 ? -up->ahead_us : up->ahead_us) / 1000,
            up->ahead_us < 0 ? "behind" : "ahead of", (long long)up->took_us / 2000 + 1));
    say(doctor, "rights",
        up->may_dispatch ? NULL : "to run clocks as this role: clock grants --role dispatcher",
        up->may_dispatch ? "enough for clock run" : "not enough for clock run");
}

/* Each clock keeps a server connection while an instant is near; the others wait for one. */
static bool
check_pooler(Doctor *doctor, const Checkup *up, Error *error)
{
    Context *context = doctor->context;
    Pooler pooler;
    if (!up->pooled) {
        say(doctor, "pooler", NULL, "none, the connection is direct");
        return true;
    }
    if (!pooler_look(context->pg, context->db, context->arena, &pooler, error))
        return false;
    if (pooler.statement)
        say(doctor, "pooler", "set its pool_mode to transaction: a fire is one transaction",
            "there is one, in statement mode");
    else
        say(doctor, "pooler",
            pooler.given < POOL_LEAST
                ? "raise its pool size: one for each clock, and some for everyone else"
                : NULL,
            arena_printf(context->arena,
                "there is one, in %s mode; it gave %d server connection%s at once%s",
                pooler.lends ? "transaction" : "session", pooler.given,
                pooler.given == 1 ? "" : "s",
                pooler.given == POOLER_ASKED ? ", as asked" : ""));
    return true;
}

/* Who holds vacuum back and for how long, as far as this role may see. */
static const char *
snapshot(Arena *arena, const Checkup *up)
{
    Text text = text_new(arena);
    if (up->holder != NULL) {
        text_add(&text, "the oldest transaction is ");
        span_write(&text, up->snapshot_s);
        text_addf(&text, " old: %s", up->holder);
    } else if (up->hidden == 0) {
        text_add(&text, "no transaction holds vacuum back");
    }
    if (up->hidden > 0)
        text_addf(&text, "%s%lld hidden from this role: GRANT pg_read_all_stats shows them",
            text.len > 0 ? "; " : "transactions of others, ", (long long)up->hidden);
    return text.at;
}

static void
check_vacuum(Doctor *doctor, const Checkup *up)
{
    Arena *arena = doctor->context->arena;
    bool harms = up->snapshot_s > SNAPSHOT_S ||
                 (up->snapshot_s > SNAPSHOT_BUSY_S && up->gone > GONE_ROWS);
    say(doctor, "snapshot",
        harms ? "have it end: until then claims step over every row done since" : NULL,
        snapshot(arena, up));
    if (up->prepared > 0)
        say(doctor, "prepared", "settle them: pg_prepared_xacts",
            arena_printf(
                arena, "%lld prepared transactions hold vacuum back", (long long)up->prepared));
    say(doctor, "bloat",
        up->gone > GONE_ROWS && up->gone > up->live ? "type VACUUM clock.jobs in psql" : NULL,
        arena_printf(arena, "clock.jobs has about %lld rows, and %lld to be vacuumed",
            (long long)up->live, (long long)up->gone));
    if (!up->autovacuum)
        say(doctor, "vacuum", "turn autovacuum on: a queue without it grows for ever",
            "autovacuum is off");
}

static void
check_queue(Doctor *doctor, const Checkup *up)
{
    Arena *arena = doctor->context->arena;
    say(doctor, "workers",
        up->unclaimed > 0 ? "is a worker running for their queues? see clock.queues" : NULL,
        arena_printf(arena, "%lld row%s ready for over a minute", (long long)up->unclaimed,
            up->unclaimed == 1 ? "" : "s"));
    say(doctor, "dead", up->dead > 0 ? "clock dead shows them, clock retry tries again" : NULL,
        arena_printf(arena, "rows that have spent their attempts: %lld", (long long)up->dead));
}

static bool
check_fires(Doctor *doctor, Error *error)
{
    Arena *arena = doctor->context->arena;
    SurveyHorizon *horizons;
    size_t n, late = 0;
    const char *future = NULL;
    int64_t ahead_us;
    if (!survey_horizons(doctor->context->pg, arena, NULL, &horizons, &n, &ahead_us, error))
        return false;
    for (size_t i = 0; i < n; i++) {
        late += horizons[i].next_due_s != INT64_MAX &&
                horizons[i].db_us - horizons[i].next_due_s * 1000000 > LATE_US;
        if (horizons[i].fired_through_s * 1000000 - horizons[i].db_us > LATE_US)
            future = horizons[i].clockfile;
    }
    if (future != NULL)
        say(doctor, "horizon",
            "set it to now if nothing fired up to there: UPDATE clock.horizons SET "
            "fired_through = date_trunc('second', now()), version = gen_random_uuid() WHERE "
            "clockfile = ...",
            arena_printf(arena,
                "'%s' is decided beyond the database's clock: until then nothing fires",
                future));
    say(doctor, "fires",
        n == 0     ? "type clock run"
        : late > 0 ? "is clock run running? clock status tells which is late"
                   : NULL,
        n == 0 ? "no clock has run here yet"
               : arena_printf(arena, "%zu Clockfile%s in force, %zu late by over a minute", n,
                     n == 1 ? "" : "s", late));
    return true;
}

static bool
is_listed(const CheckupZone *zones, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(zones[i].zone, name) == 0)
            return true;
    }
    return false;
}

/* The zones of the rules in force, now and half a year from now. */
static size_t
list_zones(const Doctor *doctor, Zones *known, const SurveyJob *jobs, size_t n_jobs,
    CheckupZone *zones, const Zone **own)
{
    size_t n = 0;
    for (size_t i = 0; i < n_jobs && n + 2 <= ZONES_MAX; i++) {
        Schedule *schedule;
        Error ignored; /* a rule of a later clock: its zone is its business */
        if (!schedule_parse(doctor->context->arena, known, jobs[i].spec, &schedule, &ignored))
            continue;
        const Zone *zone = schedule_zone(schedule);
        if (is_listed(zones, n, zone_name(zone)))
            continue;
        for (int64_t later_s = 0; later_s <= HALF_YEAR_S; later_s += HALF_YEAR_S) {
            own[n] = zone;
            zones[n++] = (CheckupZone){
                .zone = zone_name(zone), .at_s = doctor->context->now_s + later_s};
        }
    }
    return n;
}

static bool
check_zones(Doctor *doctor, Error *error)
{
    Arena *arena = doctor->context->arena;
    SurveyJob *jobs;
    size_t n_jobs;
    if (!survey_jobs(doctor->context->pg, arena, NULL, SURVEY_RULES, &jobs, &n_jobs, error))
        return false;
    CheckupZone *zones = arena_array(arena, ZONES_MAX, sizeof *zones);
    const Zone **own = arena_array(arena, ZONES_MAX, sizeof(Zone *));
    size_t n = list_zones(doctor, zones_new(arena), jobs, n_jobs, zones, own);
    if (!checkup_zones(doctor->context->pg, arena, zones, n, error))
        return false;
    const char *differs = NULL;
    for (size_t i = 0; i < n; i++) {
        if (zones[i].local_s != zone_local(own[i], zones[i].at_s, NULL))
            differs = zones[i].zone;
    }
    if (differs == NULL)
        say(doctor, "zones", NULL,
            arena_printf(arena, "%zu in use, the same here and there", n / 2));
    else
        say(doctor, "zones", "install the same tzdata on both hosts; fires go by this one",
            arena_printf(arena, "'%s' differs from the database's", differs));
    return true;
}

static bool
run(Context *context, Error *error)
{
    Doctor doctor = {.context = context, .out = text_new(context->arena)};
    Checkup up;
    if (!checkup_ask(context->pg, context->arena, &up, error))
        return false;
    say(&doctor, "database", NULL,
        arena_printf(context->arena, "%s, PostgreSQL %s", pg_where(context->pg, context->arena),
            up.server));
    if (!check_schema(&doctor, error))
        return false;
    check_server(&doctor, &up);
    if (!check_pooler(&doctor, &up, error))
        return false;
    if (!check_zones(&doctor, error))
        return false;
    check_vacuum(&doctor, &up);
    check_queue(&doctor, &up);
    if (!check_fires(&doctor, error) || !out_text(&doctor.out, error))
        return false;
    return doctor.findings == 0 || error_set(error, ERR_NO, "%zu finding%s", doctor.findings,
                                       doctor.findings == 1 ? "" : "s");
}

const Command command_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "look for what is wrong around the clocks, with remedies",
    .detail =
        "Looks at the schema, the clocks of both hosts, a pooler, rights, zones, what holds\n"
        "vacuum back, and what nobody fires or works.  Exit status 1 when it finds something.",
    .options = options,
    .needs = NEED_SCHEMA,
    .run = run,
};
