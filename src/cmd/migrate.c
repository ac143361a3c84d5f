/* clock migrate: the only command that changes the schema.  It also takes out again what clock
 * has put into a database. */

#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "db/drop.h"
#include "db/migrate.h"

static bool run(Context *context, Error *error);

static const Option options[] = {
    {0, "print", NULL, "print the SQL instead of running it; needs no database"},
    {0, "status", NULL, "show the versions of schema and clock; exit 1 or 5: type migrate"},
    {0, "drop", "NAME", "delete all that the database holds of the Clockfile of that name"},
    {0, "all", NULL, "drop schema clock, with everything in it"},
    {'y', "yes", NULL, "with --drop and --all: do not ask"},
    {0, "json", NULL, "with --status: one JSON object"},
    {0, "db", "CONNINFO", "the database; default: DATABASE_URL, else libpq's environment"},
    {0, NULL, NULL, NULL},
};

const Command command_migrate = {
    .name = "migrate",
    .operands = "",
    .summary = "create schema clock in the database, or bring it up to date",
    .detail =
        "Run it before the first clock run and with every new version of clock; run twice, it\n"
        "does nothing.  The clocks that run meanwhile go on.",
    .options = options,
    .run = run,
};

static bool
print(Context *context, Error *error)
{
    Text text = text_new(context->arena);
    text_add(&text, migrate_text(context->arena, 0));
    return out_text(&text, error);
}

static bool
status(Context *context, Error *error)
{
    SchemaState state;
    if (!migrate_state(context->pg, context->arena, &state, error))
        return false;
    Text text = text_new(context->arena);
    if (context->json) {
        Json json = json_new(&text);
        json_open(&json, '{');
        json_key(&json, "schema");
        json_number(&json, state.version);
        json_key(&json, "serves_from");
        json_number(&json, state.oldest_binary);
        json_key(&json, "clock_knows");
        json_number(&json, migrate_newest());
        json_key(&json, "clock_needs");
        json_number(&json, migrate_oldest());
        json_close(&json, '}');
        text_add_char(&text, '\n');
    } else {
        text_addf(&text, "database: %s\n", pg_where(context->pg, context->arena));
        if (state.version == 0)
            text_add(&text, "schema clock: none\n");
        else
            text_addf(&text,
                "schema clock: version %d, serves clocks of version %d and newer\n",
                state.version, state.oldest_binary);
        text_addf(&text, "this clock: version %d, runs on schema version %d and newer\n",
            migrate_newest(), migrate_oldest());
    }
    if (!out_text(&text, error) || !migrate_fits(&state, error))
        return false;
    if (state.version >= migrate_newest())
        return true;
    error_set(error, ERR_NO, "schema 'clock' is of version %d, and this clock knows %d",
        state.version, migrate_newest());
    return error_hint(error, "type: clock migrate");
}

static bool
bring_up(Context *context, Error *error)
{
    int applied;
    if (!migrate_up(context->pg, context->arena, &applied, error))
        return false;
    SchemaState state;
    if (!migrate_state(context->pg, context->arena, &state, error))
        return false;
    Text text = text_new(context->arena);
    const char *where = pg_where(context->pg, context->arena);
    if (applied == 0)
        text_addf(
            &text, "schema clock is up to date in %s (version %d)\n", where, state.version);
    else
        text_addf(&text, "migrated schema clock in %s to version %d\n", where, state.version);
    return out_text(&text, error);
}

/* True when --yes was given, or who sits at the terminal says so. */
static bool
confirmed(const Context *context, const Text *question, Error *error)
{
    if (context_option(context, "yes") != NULL)
        return true;
    if (!isatty(STDIN_FILENO)) {
        error_set(error, ERR_USAGE, "dropping asks first, and there is no terminal to ask at");
        return error_hint(error, "add --yes");
    }
    char answer[16] = "";
    out_aside(question);
    if (fgets(answer, sizeof answer, stdin) != NULL &&
        (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0))
        return true;
    return error_set(error, ERR_NO, "nothing was dropped");
}

static void
write_count(Text *text, const DropCount *count)
{
    text_addf(text,
        "%lld schedules, %lld rows in the queue, %lld runs of history, %lld records of missed "
        "fires",
        (long long)count->schedules, (long long)count->jobs, (long long)count->runs,
        (long long)count->missed);
}

static bool
drop(Context *context, const char *name, Error *error)
{
    DropCount count;
    if (!migrate_check(context->pg, context->arena, error) ||
        !drop_count(context->pg, context->arena, name, &count, error))
        return false;
    if (count.horizons + count.schedules + count.jobs + count.runs + count.missed == 0) {
        error_set(error, ERR_NO, "the database holds nothing of a Clockfile named '%s'", name);
        return error_hint(error, count.names[0] == '\0' ? "%s" : "it holds: %s", count.names);
    }
    Text text = text_new(context->arena);
    text_add(&text, "Clockfile '");
    text_add_safe(&text, name, strlen(name));
    text_addf(&text, "' in %s: ", pg_where(context->pg, context->arena));
    write_count(&text, &count);
    text_add(&text,
        ".\nStop its clocks first: one that runs begins anew.\nDelete all of it? [y/N] ");
    if (!confirmed(context, &text, error) ||
        !drop_clockfile(context->pg, context->arena, name, error))
        return false;
    Text done = text_new(context->arena);
    text_add(&done, "deleted ");
    write_count(&done, &count);
    text_add_char(&done, '\n');
    return out_text(&done, error);
}

static bool
drop_all(Context *context, Error *error)
{
    SchemaState state;
    DropCount count;
    if (!migrate_state(context->pg, context->arena, &state, error))
        return false;
    if (state.version == 0)
        return error_set(error, ERR_NO, "the database has no schema 'clock'");
    if (!drop_count(context->pg, context->arena, NULL, &count, error))
        return false;
    Text text = text_new(context->arena);
    text_addf(&text,
        "schema clock in %s, %lld Clockfiles (%s): ", pg_where(context->pg, context->arena),
        (long long)count.horizons, count.names);
    write_count(&text, &count);
    text_add(&text, ".\nDrop all of it? [y/N] ");
    if (!confirmed(context, &text, error) || !drop_schema(context->pg, context->arena, error))
        return false;
    Text done = text_new(context->arena);
    text_add(&done, "dropped schema clock: ");
    write_count(&done, &count);
    text_add_char(&done, '\n');
    return out_text(&done, error);
}

/* At most one thing to do. */
static bool
check_options(const Context *context, Error *error)
{
    static const char *const tasks[] = {"print", "status", "drop", "all"};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        if (context_option(context, tasks[i]) == NULL)
            continue;
        if (first != NULL)
            return error_set(
                error, ERR_USAGE, "--%s and --%s exclude each other", first, tasks[i]);
        first = tasks[i];
    }
    return true;
}

static bool
run(Context *context, Error *error)
{
    const char *name = context_option(context, "drop");
    if (!check_options(context, error))
        return false;
    if (context_option(context, "print") != NULL)
        return print(context, error);
    if (!context_connect(context, error))
        return false;
    if (context_option(context, "status") != NULL)
        return status(context, error);
    /* `--drop --all` reads as an option and its value, and no Clockfile can have that name. */
    if (context_option(context, "all") != NULL || (name != NULL && strcmp(name, "--all") == 0))
        return drop_all(context, error);
    return name == NULL ? bring_up(context, error) : drop(context, name, error);
}
