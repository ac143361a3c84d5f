/* clock completion: what a shell needs to complete our command line, made from the table of
 * commands, so that it cannot lag behind. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/text.h"
#include "cmd/args.h"
#include "cmd/out.h"

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

static void
bash(Text *text)
{
    text_add(text, "# bash: clock completion bash > /etc/bash_completion.d/clock\n"
                   "_clock() {\n"
                   "    local word=\"${COMP_WORDS[COMP_CWORD]}\" words=\n"
                   "    case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        text_addf(text, "    %s) words='", commands[i]->name);
        add_longs(text, commands[i]);
        text_add(text, "' ;;\n");
    }
    text_add(text, "    esac\n"
                   "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                   "        words='");
    for (size_t i = 0; commands[i] != NULL; i++)
        text_addf(text, "%s ", commands[i]->name);
    add_longs(text, &args_before);
    text_add(text, "'\n"
                   "    elif [[ $word != -* ]]; then\n"
                   "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
                   "        return\n"
                   "    fi\n"
                   "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
                   "}\n"
                   "complete -o filenames -F _clock clock\n");
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

static void
zsh(Text *text)
{
    Arena *arena = text->arena;
    text_add(text, "#compdef clock\n"
                   "# zsh: clock completion zsh > /usr/share/zsh/site-functions/_clock\n"
                   "local -a names=(\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        text_addf(text, "    %s\n",
            quoted(arena, arena_printf(arena, "%s:%s", commands[i]->name,
                              plain(arena, commands[i]->summary))));
    text_add(text, ")\n"
                   "if (( CURRENT == 2 )); then\n"
                   "    _describe command names\n"
                   "    return\n"
                   "fi\n"
                   "local -a options\n"
                   "case $words[2] in\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        const Option *const *options = args_options(arena, commands[i]);
        text_addf(text, "%s) options=(", commands[i]->name);
        for (size_t j = 0; options[j] != NULL; j++)
            text_addf(text, "\n    %s",
                quoted(arena, arena_printf(arena, "--%s[%s]%s", options[j]->name,
                                  plain(arena, options[j]->help),
                                  options[j]->arg == NULL ? "" : ":value:_files")));
        text_add(text, "\n    ) ;;\n");
    }
    text_add(text, "esac\n"
                   "shift words\n"
                   "(( CURRENT-- ))\n"
                   "_arguments $options '*:file:_files'\n");
}

static void
fish(Text *text)
{
    Arena *arena = text->arena;
    text_add(text, "# fish: clock completion fish > ~/.config/fish/completions/clock.fish\n"
                   "complete -c clock -n __fish_use_subcommand -f\n");
    for (size_t i = 0; commands[i] != NULL; i++) {
        const Option *const *options = args_options(arena, commands[i]);
        text_addf(text, "complete -c clock -n __fish_use_subcommand -a %s -d %s\n",
            commands[i]->name, quoted(arena, commands[i]->summary));
        for (size_t j = 0; options[j] != NULL; j++)
            text_addf(text,
                "complete -c clock -n '__fish_seen_subcommand_from %s' -l %s%s -d %s\n",
                commands[i]->name, options[j]->name, options[j]->arg == NULL ? "" : " -r",
                quoted(arena, options[j]->help));
    }
}

static bool
run(Context *context, Error *error)
{
    static const struct {
        const char *name;
        void (*write)(Text *);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    const char *shell = context->operands[0];
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
    .max_operands = 1,
    .run = run,
};
