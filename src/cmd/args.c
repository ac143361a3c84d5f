/* What no other file knows: how a command line is read, and how it is refused.  getopt_long
 * does the reading; the messages are ours, because its own cannot say what was meant. */

#include "cmd/args.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* What getopt_long returns for the option of index 0: beyond every letter. */
#define FIRST_LONG 256

#define OPTIONS_MAX 64

static const Option before_options[] = {
    {0, "db", "CONNINFO", "the database; default: DATABASE_URL, else libpq's environment"},
    {'h', "help", NULL, "show this"},
    {'V', "version", NULL, "show the version"},
    {0, NULL, NULL, NULL},
};

const Command args_before = {
    .name = "", .operands = "", .options = before_options, .max_operands = -1};

static const Option option_help = {'h', "help", NULL, "show this"};
static const Option option_file = {'f', "file", "FILE", "the Clockfile"};
static const Option option_db = {
    0, "db", "CONNINFO", "the database; default: DATABASE_URL, else libpq's environment"};

static bool
has_option(const Command *command, const char *name)
{
    for (const Option *option = command->options; option != NULL && option->name != NULL;
         option++) {
        if (strcmp(option->name, name) == 0)
            return true;
    }
    return false;
}

const Option *const *
args_options(Arena *arena, const Command *command)
{
    const Option **all = arena_array(arena, OPTIONS_MAX, sizeof *all);
    size_t n = 0;
    for (const Option *option = command->options; option != NULL && option->name != NULL;
         option++)
        all[n++] = option;
    if ((command->needs & NEED_FILE) != 0 && !has_option(command, "file"))
        all[n++] = &option_file;
    if ((command->needs & (NEED_DB | NEED_SCHEMA)) != 0 && !has_option(command, "db"))
        all[n++] = &option_db;
    if (!has_option(command, "help"))
        all[n++] = &option_help;
    return all;
}

/* The word as typed, without a value: what stands behind '=' may be a secret. */
static const char *
option_word(Arena *arena, const char *typed)
{
    return arena_copy(arena, typed, strcspn(typed, "="));
}

static bool
unknown_option(const Context *context, const char *typed, Error *error)
{
    const char *word = option_word(context->arena, typed);
    const char *names[OPTIONS_MAX];
    size_t n = 0;
    for (; context->options[n] != NULL; n++)
        names[n] = context->options[n]->name;
    error_set(error, ERR_USAGE, "unknown option '%s'", word);
    const char *nearest = strncmp(word, "--", 2) == 0 ? text_nearest(word + 2, names, n) : NULL;
    if (nearest != NULL)
        return error_hint(error, "did you mean '--%s'?", nearest);
    return error_hint(error, "type clock %s%s--help for those that there are",
        context->command->name, *context->command->name == '\0' ? "" : " ");
}

static const Option *
option_of(const Context *context, int code)
{
    if (code >= FIRST_LONG)
        return context->options[code - FIRST_LONG];
    for (size_t i = 0; context->options[i] != NULL; i++) {
        if (context->options[i]->letter == code)
            return context->options[i];
    }
    return NULL;
}

/* What getopt_long stumbled over, from the little that it leaves behind. */
static bool
refuse(const Context *context, int code, char **argv, Error *error)
{
    const Option *option = optopt == 0 ? NULL : option_of(context, optopt);
    if (option == NULL && optopt != 0) {
        char letter[] = {'-', (char)optopt, '\0'};
        return unknown_option(context, letter, error);
    }
    if (option == NULL)
        return unknown_option(context, argv[optind - 1], error);
    if (code == ':') {
        error_set(error, ERR_USAGE, "--%s wants a value", option->name);
        return error_hint(error, "--%s %s", option->name, option->arg);
    }
    return error_set(error, ERR_USAGE, "--%s takes no value", option->name);
}

/* getopt_long takes the beginning of a long option for the whole; a script written so would
 * break when another option begins like it. */
static bool
is_abbreviated(const Option *option, char **argv)
{
    const char *word = argv[optind - 1];
    if (optarg != NULL && word == optarg)
        word = argv[optind - 2];
    return strncmp(word, "--", 2) == 0 && strcspn(word + 2, "=") != strlen(option->name);
}

/* The long and short options as getopt_long wants them. */
static void
spell_options(Context *context, size_t n, struct option *longs, Text *shorts)
{
    text_add(shorts, context->command->max_operands < 0 ? "+:" : ":");
    for (size_t i = 0; i < n; i++) {
        const Option *option = context->options[i];
        longs[i] = (struct option){.name = option->name,
            .has_arg = option->arg == NULL ? no_argument : required_argument,
            .val = FIRST_LONG + (int)i};
        if (option->letter != 0)
            text_addf(shorts, "%c%s", option->letter, option->arg == NULL ? "" : ":");
    }
}

bool
args_is_secret(const char *text)
{
    return strstr(text, "://") != NULL || strstr(text, "password=") != NULL;
}

static bool
check_operands(const Context *context, Error *error)
{
    const Command *command = context->command;
    int most = command->max_operands;
    if ((command->needs & NEED_FILE) != 0 && context_option(context, "file") != NULL)
        most--;
    if (most < 0 || context->n_operands <= most)
        return true;
    const char *extra = context->operands[most];
    if (args_is_secret(extra)) {
        error_set(error, ERR_USAGE, "a connection string is no operand of %s", command->name);
        return error_hint(error, "give it as --db, or better in DATABASE_URL");
    }
    error_set(error, ERR_USAGE, "one operand too many for %s: '%.80s'", command->name, extra);
    if (strstr(command->operands, "SCHEDULE") != NULL && context->n_operands >= 5)
        return error_hint(
            error, "put a schedule in quotes: clock %s \"30 2 * * *\"", command->name);
    return error_hint(error, "usage: clock %s [OPTION ...]%s%s", command->name,
        *command->operands == '\0' ? "" : " ", command->operands);
}

bool
args_parse(Context *context, int argc, char **argv, Error *error)
{
    context->options = args_options(context->arena, context->command);
    size_t n = 0;
    while (context->options[n] != NULL)
        n++;
    context->values = arena_array(context->arena, n + 1, sizeof *context->values);
    size_t most = (size_t)argc + 1, typed = 0; /* -xyz is three options in one word */
    for (int i = 0; i < argc; i++)
        most += strlen(argv[i]);
    context->given = arena_array(context->arena, most, sizeof *context->given);
    context->given_values = arena_array(context->arena, most, sizeof *context->given_values);
    struct option *longs = arena_array(context->arena, n + 1, sizeof *longs);
    Text shorts = text_new(context->arena);
    spell_options(context, n, longs, &shorts);
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    for (;;) {
        int code = getopt_long(argc, argv, shorts.at, longs, NULL);
        if (code == -1)
            break;
        if (code == '?' || code == ':')
            return refuse(context, code, argv, error);
        const Option *option = option_of(context, code);
        assert(option != NULL);
        if (code >= FIRST_LONG && is_abbreviated(option, argv)) {
            error_set(error, ERR_USAGE, "an option is written in full: --%s", option->name);
            return false;
        }
        const char *value = "";
        if (optarg != NULL)
            value = arena_copy(context->arena, optarg, strlen(optarg));
        if (optarg != NULL && strcmp(option->name, "db") == 0)
            explicit_bzero(optarg, strlen(optarg));
        context->given[typed] = option;
        context->given_values[typed++] = value;
        for (size_t i = 0; i < n; i++) {
            if (context->options[i] == option)
                context->values[i] = value;
        }
    }
    context->operands = (const char *const *)(argv + optind);
    context->n_operands = argc - optind;
    context->json = context_option(context, "json") != NULL;
    return context_option(context, "help") != NULL || check_operands(context, error);
}

static bool
takes_database(const Context *context)
{
    for (size_t i = 0; context->options[i] != NULL; i++) {
        if (strcmp(context->options[i]->name, "db") == 0)
            return true;
    }
    return false;
}

bool
args_database(Context *context, const char *before, Error *error)
{
    if (!takes_database(context)) {
        if (before == NULL)
            return true;
        return error_set(error, ERR_USAGE, "%s takes no --db", context->command->name);
    }
    const char *from = "--db";
    context->db = context_option(context, "db");
    if (context->db == NULL)
        context->db = before;
    if (context->db == NULL) {
        from = "DATABASE_URL";
        context->db = getenv(from);
    }
    if (context->db == NULL || *context->db == '\0') {
        context->db = NULL;
        return true;
    }
    Error why;
    if (pg_check(context->db, &why))
        return true;
    error_set(error, why.kind, "%s: %s", from, why.text);
    return error_hint(error, "%s", why.hint);
}
