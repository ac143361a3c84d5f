/* clock completion: what a shell needs to complete our command line, made from the table of
 * commands, so that it cannot lag behind. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/text.h"
#include "cmd/args.h"
#include "cmd/needs.h"
#include "cmd/out.h"

static const Option own_options[] = {
    {0, "jobs", NULL, "instead, list the jobs of the Clockfile: what these scripts ask for"},
    {'f', "file", "FILE", "with --jobs: the Clockfile"},
    {0, NULL, NULL, NULL},
};

/* The command's options as "--count --from ...". */
static void
add_longs(Text *text, const Command *command)
{
    const Option *const *options = args_options(text->arena, command);
    for (size_t i = 0; options[i] != NULL; i++)
        text_addf(text, "%s--%s", i == 0 ? "" : " ", options[i]->name);
}

/* In single quotes, for a shell; our texts have no backslash. */
static const char *
quoted(Arena *arena, const char *words)
{
    Text text = text_new(arena);
    text_add_char(&text, '\'');
    for (; *words != '\0'; words++) {
        if (*words == '\'')
            text_add(&text, "'\\'");
        text_add_char(&text, *words);
    }
    text_add_char(&text, '\'');
    return text.at;
}

/* What may stand for an option's value or an operand, by the name that the table gives it. */
static const char *
words_for(Arena *arena, const char *name)
{
    if (strcmp(name, "ROLE") == 0)
        return "dispatcher worker operator reader";
    if (strcmp(name, "FORMAT") == 0)
        return "logfmt json";
    if (strcmp(name, "SHELL") == 0)
        return "bash zsh fish";
    if (strcmp(name, "KIND") == 0)
        return "user system";
    if (strcmp(name, "[COMMAND|TOPIC]") != 0)
        return NULL;
    Text text = text_new(arena);
    text_add(&text, "clockfile clock-worker");
    for (size_t i = 0; commands[i] != NULL; i++)
        text_addf(&text, " %s", commands[i]->name);
    return text.at;
}

/* Jobs are asked for when they are wanted: of the Clockfile named, or of the one here. */
static bool
takes_jobs(const Command *command)
{
    return strncmp(command->operands, "JOB", 3) == 0 ||
           strncmp(command->operands, "[JOB", 4) == 0;
}

static bool
is_job(const Option *option)
{
    return strcmp(option->name, "job") == 0;
}

static bool
is_path(const Option *option)
{
    return strcmp(option->arg, "FILE") == 0 || strcmp(option->arg, "PATH") == 0 ||
           strcmp(option->arg, "DIR") == 0;
}

/* A case for each option of the command that takes a value. */
static void
bash_values(Text *text, const Command *command)
{
    const Option *const *options = args_options(text->arena, command);
    for (size_t i = 0; options[i] != NULL; i++) {
        if (options[i]->arg == NULL || is_path(options[i]))
            continue;
        const char *words = words_for(text->arena, options[i]->arg);
        text_addf(text, "    %s:--%s) ", command->name, options[i]->name);
        if (is_job(options[i]))
            text_add(text, "words=$(_clock_jobs)");
        else
            text_addf(text, "words='%s'", words == NULL ? "" : words);
        text_add(text, " none=1 ;;\n");
    }
}

static void
bash_command(Text *text, const Command *command)
{
    const char *words = words_for(text->arena, command->operands);
    bash_values(text, command);
    text_addf(text, "    %s:*) words='", command->name);
    add_longs(text, command);
    text_add(text, "'");
    if (takes_jobs(command))
        text_add(text, "\n        [[ $word == -* ]] || words=$(_clock_jobs) none=1");
    else if (words != NULL)
        text_addf(text, "\n        [[ $word == -* ]] || words='%s' none=1", words);
    text_add(text, " ;;\n");
}

static void
bash(Text *text)
{
    text_add(text,
        "# bash: clock completion bash > /etc/bash_completion.d/clock\n"
        "_clock_jobs() {\n"
        "    local i file=\n"
        "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        "        case \"${COMP_WORDS[i]}\" in -f | --file) file=\"${COMP_WORDS[i + 1]}\" ;; "
        "esac\n"
        "    done\n"
        "    \"${COMP_WORDS[0]}\" completion --jobs ${file:+-f \"$file\"} 2>/dev/null\n"
        "}\n"
        "_clock() {\n"
        "    local word=\"${COMP_WORDS[COMP_CWORD]}\" words= none= at=1\n"
        "    [ \"${COMP_WORDS[1]}\" != --db ] || at=3\n"
        "    case \"${COMP_WORDS[at]}:${COMP_WORDS[COMP_CWORD - 1]}\" in\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        bash_command(text, commands[i]);
    text_add(text, "    esac\n"
                   "    if [ \"$COMP_CWORD\" -eq \"$at\" ]; then\n"
                   "        words='");
    for (size_t i = 0; commands[i] != NULL; i++)
        text_addf(text, "%s ", commands[i]->name);
    add_longs(text, &args_before);
    text_add(text, "'\n"
                   "    elif [[ -z $none && $word != -* ]]; then\n"
                   "        compopt -o filenames 2>/dev/null\n"
                   "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
                   "        return\n"
                   "    fi\n"
                   "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                   "}\n"
                   "complete -F _clock clock\n");
}

/* zsh gives "[" and "]" and ":" a meaning inside its own texts. */
static const char *
plain(Arena *arena, const char *help)
{
    char *copy = arena_copy(arena, help, strlen(help));
    for (char *at = copy; *at != '\0'; at++) {
        if (*at == ':' || *at == '[' || *at == ']')
            *at = ' ';
    }
    return copy;
}

/* What zsh does for a value or an operand. */
static const char *
zsh_action(Arena *arena, const char *name)
{
    const char *words = words_for(arena, name);
    return words == NULL ? " " : arena_printf(arena, "(%s)", words);
}

static void
zsh_option(Text *text, const char *dashed, const Option *option)
{
    Arena *arena = text->arena;
    Text spec = text_new(arena);
    text_addf(&spec, "%s[%s]", dashed, plain(arena, option->help));
    if (option->arg != NULL)
        text_addf(&spec, ":%s:%s", option->arg,
            is_job(option)    ? "_clock_jobs"
            : is_path(option) ? "_files"
                              : zsh_action(arena, option->arg));
    text_addf(text, "\n    %s", quoted(arena, spec.at));
}

static void
zsh_command(Text *text, const Command *command)
{
    Arena *arena = text->arena;
    const Option *const *options = args_options(arena, command);
    const char *words = words_for(arena, command->operands);
    text_addf(text, "%s) options=(", command->name);
    for (size_t i = 0; options[i] != NULL; i++) {
        if (options[i]->letter != 0)
            zsh_option(text, arena_printf(arena, "-%c", options[i]->letter), options[i]);
        zsh_option(text, arena_printf(arena, "--%s", options[i]->name), options[i]);
    }
    text_addf(text, "\n    %s\n    ) ;;\n",
        quoted(arena, arena_printf(arena, "*: :%s",
                          takes_jobs(command) ? "_clock_jobs"
                          : words != NULL     ? zsh_action(arena, command->operands)
                                              : "_files")));
}

static void
zsh(Text *text)
{
    Arena *arena = text->arena;
    text_add(text,
        "#compdef clock\n"
        "# zsh: clock completion zsh > /usr/share/zsh/site-functions/_clock\n"
        "_clock_jobs() {\n"
        "    local -a jobs\n"
        "    local at=${words[(i)(-f|--file)]}\n"
        "    jobs=(${(f)\"$(clock completion --jobs ${words[at+1]:+-f} ${words[at+1]} "
        "2>/dev/null)\"})\n"
        "    compadd -a jobs\n"
        "}\n"
        "local -a names=(\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        text_addf(text, "    %s\n",
            quoted(arena, arena_printf(arena, "%s:%s", commands[i]->name,
                              plain(arena, commands[i]->summary))));
    text_add(text, ")\n"
                   "if [[ $words[2] == --db ]] && (( CURRENT > 3 )); then\n"
                   "    shift 2 words\n"
                   "    (( CURRENT -= 2 ))\n"
                   "fi\n"
                   "if (( CURRENT == 2 )); then\n"
                   "    _describe command names\n"
                   "    return\n"
                   "fi\n"
                   "local -a options\n"
                   "case $words[2] in\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        zsh_command(text, commands[i]);
    text_add(text, "esac\n"
                   "shift words\n"
                   "(( CURRENT-- ))\n"
                   "_arguments $options\n");
}

static void
fish_option(Text *text, const Command *command, const Option *option)
{
    const char *words = option->arg == NULL ? NULL : words_for(text->arena, option->arg);
    text_addf(text, "complete -c clock -n '__fish_seen_subcommand_from %s' -l %s",
        command->name, option->name);
    if (option->arg != NULL)
        text_add(text, is_path(option) ? " -rF" : " -x");
    if (option->arg != NULL && is_job(option))
        text_add(text, " -a '(__clock_jobs)'");
    else if (words != NULL)
        text_addf(text, " -a '%s'", words);
    text_addf(text, " -d %s\n", quoted(text->arena, option->help));
}

static void
fish(Text *text)
{
    Arena *arena = text->arena;
    text_add(text, "# fish: clock completion fish > ~/.config/fish/completions/clock.fish\n"
                   "function __clock_jobs\n"
                   "    set -l words (commandline -opc)\n"
                   "    set -l at (contains -i -- -f $words; or contains -i -- --file $words)\n"
                   "    set -l file\n"
                   "    test -n \"$at\"; and set file -f $words[(math $at + 1)]\n"
                   "    clock completion --jobs $file 2>/dev/null\n"
                   "end\n"
                   "complete -c clock -n __fish_use_subcommand -f\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        const Option *const *options = args_options(arena, commands[i]);
        const char *words = words_for(arena, commands[i]->operands);
        text_addf(text, "complete -c clock -n __fish_use_subcommand -a %s -d %s\n",
            commands[i]->name, quoted(arena, commands[i]->summary));
        if (takes_jobs(commands[i]) || words != NULL)
            text_addf(text,
                "complete -c clock -n '__fish_seen_subcommand_from %s' -f -a '%s'\n",
                commands[i]->name, takes_jobs(commands[i]) ? "(__clock_jobs)" : words);
        for (size_t j = 0; options[j] != NULL; j++)
            fish_option(text, commands[i], options[j]);
    }
}

/* For the scripts above: the jobs of the Clockfile, a name a line. */
static bool
list_jobs(Context *context, Error *error)
{
    if (!context_load(context, context_option(context, "file"), error))
        return false;
    Text text = text_new(context->arena);
    for (size_t i = 0; i < context->file->n; i++)
        text_addf(&text, "%s\n", context->file->jobs[i].name);
    return out_text(&text, error);
}

static bool
run(Context *context, Error *error)
{
    static const struct {
        const char *name;
        void (*write)(Text *);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    const char *shell = context->operands[0];
    if (context_option(context, "jobs") != NULL)
        return list_jobs(context, error);
    Text text = text_new(context->arena);
    for (size_t i = 0; shell != NULL && i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(shell, shells[i].name) != 0)
            continue;
        shells[i].write(&text);
        return out_text(&text, error);
    }
    if (shell == NULL)
        error_set(error, ERR_USAGE, "for which shell?");
    else
        error_set(error, ERR_USAGE, "no completion is known for '%.80s'", shell);
    return error_hint(error, "clock completion bash, zsh or fish");
}

const Command command_completion = {
    .name = "completion",
    .operands = "SHELL",
    .summary = "print what bash, zsh or fish need to complete clock's command line",
    .options = own_options,
    .max_operands = 1,
    .run = run,
};
