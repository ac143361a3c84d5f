/* clock grants: the rights that each part needs, as SQL.  The tests run under these and no
 * others. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/text.h"
#include "cmd/out.h"
#include "sql.h"

static const Option options[] = {
    {0, "role", "ROLE", "of dispatcher, worker, operator or reader (default: all four)"},
    {0, "to", "NAME", "the database's role that gets them (default: clock_ROLE)"},
    {0, NULL, NULL, NULL},
};

static const struct {
    const char *name, *purpose, *sql;
} roles[] = {
    {"dispatcher", "clock run", SQL_grants_dispatcher},
    {"worker", "clock work, and workers of your own", SQL_grants_worker},
    {"operator", "status, pause, fire, backfill, retry and the like", SQL_grants_operator},
    {"reader", "status, list, missed, health, dashboards", SQL_grants_reader},
};

#define ROLES (sizeof roles / sizeof *roles)

/* A name as SQL wants it, whatever is in it. */
static const char *
quoted(Arena *arena, const char *name)
{
    Text text = text_new(arena);
    text_add_char(&text, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"')
            text_add_char(&text, '"');
        text_add_char(&text, *name);
    }
    text_add_char(&text, '"');
    return text.at;
}

static void
add_role(Text *text, size_t role, const char *to)
{
    static const char stand_in[] = "CURRENT_USER";
    const char *at = roles[role].sql, *found;
    text_addf(text, "-- %s: %s\n", roles[role].name, roles[role].purpose);
    while ((found = strstr(at, stand_in)) != NULL) {
        text_add_bytes(text, at, (size_t)(found - at));
        text_add(text, to);
        at = found + strlen(stand_in);
    }
    text_add(text, at);
}

static bool
unknown(const char *role, Error *error)
{
    const char *names[ROLES];
    for (size_t i = 0; i < ROLES; i++)
        names[i] = roles[i].name;
    error_set(error, ERR_USAGE, "no rights are known by the name '%.80s'", role);
    const char *nearest = text_nearest(role, names, ROLES);
    if (nearest != NULL)
        return error_hint(error, "did you mean '%s'?", nearest);
    return error_hint(error, "--role dispatcher, worker, operator or reader");
}

static bool
run(Context *context, Error *error)
{
    const char *role = context_option(context, "role"), *to = context_option(context, "to");
    Text text = text_new(context->arena);
    size_t shown = 0;
    if (to != NULL && (*to == '\0' || role == NULL)) {
        error_set(error, ERR_USAGE, "--to goes with --role");
        return error_hint(error, "clock grants --role reader --to grafana");
    }
    for (size_t i = 0; i < ROLES; i++) {
        if (role != NULL && strcmp(role, roles[i].name) != 0)
            continue;
        if (shown++ > 0)
            text_add_char(&text, '\n');
        add_role(&text, i,
            quoted(context->arena,
                to != NULL ? to : arena_printf(context->arena, "clock_%s", roles[i].name)));
    }
    return shown > 0 ? out_text(&text, error) : unknown(role, error);
}

const Command command_grants = {
    .name = "grants",
    .operands = "",
    .summary = "print the GRANTs for a dispatcher, worker, operator or reader",
    .detail =
        "Make the roles first, as in CREATE ROLE clock_dispatcher LOGIN.  Type it again after\n"
        "a clock migrate that changed something.  It needs no database.",
    .options = options,
    .run = run,
};
