/* What no other file knows: how the process is made safe before anything is read, the way from
 * a command line to a command that has what it needs, and how its end becomes text and an exit
 * status.  The locale is never set: what we read and print does not depend on it. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/now.h"
#include "base/text.h"
#include "cmd/args.h"
#include "cmd/cmd.h"
#include "cmd/needs.h"
#include "cmd/out.h"
#include "cmd/usage.h"
#include "db/migrate.h"
#include "db/pg.h"

/* A socket or a file of ours must never become descriptor 2 and receive messages. */
static bool
open_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) != fd)
            return false;
    }
    return true;
}

/* `clock foo` runs clock-foo from beside the binary, else from PATH, as git does.  Returns only
 * when it could not. */
static bool
run_program(Arena *arena, const char *name, char **argv, Error *error)
{
    char self[PATH_MAX];
    char *program = arena_printf(arena, "clock-%s", name);
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len > 0) {
        self[len] = '\0';
        char *slash = strrchr(self, '/');
        argv[0] = arena_printf(arena, "%.*s/%s", (int)(slash - self), self, program);
        execv(argv[0], argv);
    }
    argv[0] = program;
    if (len <= 0 || errno == ENOENT)
        execvp(program, argv);
    return error_system(error, ERR_USAGE, "cannot run '%s'", program);
}

static bool
unknown_command(const char *name, Error *error)
{
    if (args_is_secret(name))
        error_set(error, ERR_USAGE, "a connection string is no command");
    else
        error_set(error, ERR_USAGE, "unknown command '%.80s'", name);
    const char *nearest = command_nearest(name);
    if (nearest != NULL)
        return error_hint(error, "did you mean '%s'?", nearest);
    if (access(name, R_OK) == 0)
        return error_hint(error, "to see what it fires, type clock next FILE");
    return error_hint(error, "type clock --help for those that there are");
}

static bool
run_other(Arena *arena, char **argv, Error *error)
{
    const char *name = argv[0];
    if (*name == '\0' || strchr(name, '/') != NULL || strlen(name) > NAME_MAX / 2)
        return unknown_command(name, error);
    char *typed = argv[0];
    run_program(arena, name, argv, error);
    argv[0] = typed;
    return errno == ENOENT ? unknown_command(name, error) : false;
}

/* `clock` alone: what there is, and what to type next. */
static bool
run_nothing(Context *context, Error *error)
{
    Text text = text_new(context->arena);
    usage_all(&text);
    const char *path;
    if (clockfile_find(context->arena, &path, error))
        text_addf(&text, "\nnext: clock next        shows what %s will fire\n", path);
    else
        text_add(&text, "\nnext: clock init        writes a Clockfile.yml to start from\n");
    out_aside(&text);
    return error_set(error, ERR_USAGE, "%s", "");
}

static bool
meet_needs(Context *context, Error *error)
{
    unsigned needs = context->command->needs;
    if ((needs & NEED_FILE) != 0) {
        const char *path = context_option(context, "file");
        if (path == NULL && context->n_operands > 0) {
            path = *context->operands++;
            context->n_operands--;
        }
        if (!context_load(context, path, error))
            return false;
    }
    if ((needs & (NEED_DB | NEED_SCHEMA)) != 0 && !context_connect(context, error))
        return false;
    return (needs & NEED_SCHEMA) == 0 || migrate_check(context->pg, context->arena, error);
}

static bool
run_command(Context *context, const char *db, int argc, char **argv, Error *error)
{
    /* getopt_long reorders what it reads: a program of its own gets what was typed. */
    char **args = arena_array(context->arena, (size_t)argc + 1, sizeof *args);
    for (int i = 0; i < argc; i++)
        args[i] = argv[i];
    if (!args_parse(context, argc, args, error))
        return false;
    if (context_option(context, "help") != NULL) {
        Text text = text_new(context->arena);
        usage_command(&text, context->command);
        return out_text(&text, error);
    }
    if (!args_database(context, db, error))
        return false;
    if (context->command->run == NULL)
        return run_program(context->arena, context->command->name, argv, error);
    context->now_s = now_wall_us() / 1000000;
    if (context->command->check != NULL && !context->command->check(context, error))
        return false;
    return meet_needs(context, error) && context->command->run(context, error);
}

static bool
run_line(Context *context, int argc, char **argv, Error *error)
{
    context->command = &args_before;
    if (!args_parse(context, argc, argv, error))
        return false;
    if (context_option(context, "help") != NULL) {
        Text text = text_new(context->arena);
        usage_all(&text);
        return out_text(&text, error);
    }
    const char *db = context_option(context, "db");
    const char *name = context->operands[0];
    if (context_option(context, "version") != NULL)
        name = "version";
    if (name == NULL)
        return run_nothing(context, error);
    int rest = context->n_operands;
    context->command = command_find(name);
    if (context_option(context, "version") != NULL)
        return context->command->run(context, error);
    if (context->command == NULL)
        return run_other(context->arena, argv + (argc - rest), error);
    return run_command(context, db, rest, argv + (argc - rest), error);
}

/* The problems of the Clockfile first, the verdict last: that is what is read first. */
static void
report(const Context *context, Error *error)
{
    if (error->kind == ERR_DB_AWAY && error->hint[0] == '\0')
        error_hint(
            error, context_has_server(context)
                       ? "see that its server runs, or name another by DATABASE_URL or --db"
                       : "set DATABASE_URL or give --db, or type clock dev to try without");
    if (strcmp(error->sqlstate, "42501") == 0 && error->hint[0] == '\0')
        error_hint(error, "clock grants prints what each role needs, for its owner to type");
    Text text = text_new(context->arena);
    if (error->kind == ERR_INPUT && context->diags != NULL)
        diags_write(context->diags, &text);
    if (error->text[0] != '\0') {
        text_add(&text, "clock: ");
        text_add_safe(&text, error->text, strlen(error->text));
        text_add_char(&text, '\n');
    }
    if (context->excerpt != NULL)
        text_add(&text, context->excerpt);
    if (error->hint[0] != '\0') {
        text_add(&text, "hint: ");
        text_add_safe(&text, error->hint, strlen(error->hint));
        text_add_char(&text, '\n');
    }
    out_aside(&text);
}

int
main(int argc, char **argv)
{
    if (!open_standard())
        return error_exit_status(ERR_OUTPUT);
    /* A core would hold connection strings; environ in /proc does, and commands of our user
     * could read it. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (argc < 1)
        return error_exit_status(ERR_USAGE);

    Context context = {.arena = arena_new(0)};
    Error error = {.kind = ERR_NONE};
    bool ok = run_line(&context, argc, argv, &error);
    if (ok)
        ok = out_close(&error);
    if (!ok)
        report(&context, &error);
    pg_free(context.pg);
    arena_free(context.load);
    arena_free(context.arena);
    return ok ? 0 : error_exit_status(error.kind);
}
