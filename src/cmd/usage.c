/* What no other file knows: how help is laid out. */

#include "cmd/usage.h"

#include <string.h>

#include "cmd/args.h"
#include "cmd/cmd.h"

static const struct {
    int status;
    const char *meaning;
} statuses[] = {
    {0, "yes, done"},
    {1, "no, nothing to show, or they differ"},
    {2, "the command line is wrong"},
    {3, "the Clockfile or a schedule is unreadable or wrong"},
    {4, "the database is away"},
    {5, "the database refuses: password, schema, grant"},
    {70, "a mistake in clock itself"},
    {71, "no memory"},
    {74, "output could not be written"},
};

/* "  -n, --count N" */
static const char *
option_left(Arena *arena, const Option *option)
{
    char letter[] = "    ";
    if (option->letter != 0) {
        letter[0] = '-';
        letter[1] = option->letter;
        letter[2] = ',';
    }
    return arena_printf(arena, "  %s--%s%s%s", letter, option->name,
        option->arg == NULL ? "" : " ", option->arg == NULL ? "" : option->arg);
}

static void
add_row(Text *text, const char *left, size_t width, const char *right)
{
    text_addf(text, "%-*s  %s\n", (int)width, left, right);
}

static size_t
options_width(Arena *arena, const Option *const *options)
{
    size_t width = 0;
    for (size_t i = 0; options[i] != NULL; i++) {
        size_t len = strlen(option_left(arena, options[i]));
        width = len > width ? len : width;
    }
    return width;
}

static void
add_options(Text *text, const Option *const *options)
{
    size_t width = options_width(text->arena, options);
    text_add(text, "\noptions:\n");
    for (size_t i = 0; options[i] != NULL; i++)
        add_row(text, option_left(text->arena, options[i]), width, options[i]->help);
}

static const char *
command_left(Arena *arena, const Command *command)
{
    return arena_printf(arena, "  %s %s", command->name, command->operands);
}

void
usage_all(Text *text)
{
    size_t width = 0;
    text_add(text, "usage: clock [--db CONNINFO] COMMAND [OPTION ...] [OPERAND]\n\n"
                   "Enqueues jobs into PostgreSQL when a Clockfile says that they are due.\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        size_t len = strlen(command_left(text->arena, commands[i]));
        width = len > width ? len : width;
    }
    for (size_t i = 0; commands[i] != NULL; i++) {
        const char *heading = command_heading(commands[i]);
        if (heading != NULL)
            text_addf(text, "\n%s:\n", heading);
        add_row(text, command_left(text->arena, commands[i]), width, commands[i]->summary);
    }

    add_options(text, args_options(text->arena, &args_before));

    text_add(text, "\nexit status:\n");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        text_addf(text, "  %2d  %s\n", statuses[i].status, statuses[i].meaning);
    text_add(text, "\nclock COMMAND --help tells more; clock help clockfile opens the manual "
                   "of the Clockfile.\n");
}

void
usage_command(Text *text, const Command *command)
{
    text_addf(text, "usage: clock %s [OPTION ...]%s%s\n\n%s\n", command->name,
        *command->operands == '\0' ? "" : " ", command->operands, command->summary);
    if (command->detail != NULL)
        text_addf(text, "\n%s\n", command->detail);
    add_options(text, args_options(text->arena, command));
}
