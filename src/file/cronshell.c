/* What no other file knows: how a crontab line with another shell, or with standard input
 * behind a '%', is said as a list of words. */

#include "file/cronshell.h"

#include <stddef.h>
#include <string.h>

/* The shell is $0, its line $1, its input $2.  What an expansion brings into a here-document is
 * not looked at again, so any text is safe; exec, so that there is no process more than under
 * cron. */
static const char with_input[] = "exec \"$0\" -c \"$1\" <<END\n$2\nEND";

bool
cronshell_argv(const char *shell, const char *command, const char *input, const char **argv)
{
    size_t n = 0;
    if (input == NULL && strcmp(shell, CRON_SHELL) == 0)
        return false;
    argv[n++] = input != NULL ? CRON_SHELL : shell;
    argv[n++] = "-c";
    if (input != NULL) {
        argv[n++] = with_input;
        argv[n++] = shell;
    }
    argv[n++] = command;
    if (input != NULL)
        argv[n++] = input;
    argv[n] = NULL;
    return true;
}

bool
cronshell_parse(
    const char *const *argv, const char **shell, const char **command, const char **input)
{
    size_t n = 0;
    while (argv[n] != NULL)
        n++;
    if (n < 3 || strcmp(argv[1], "-c") != 0)
        return false;
    bool fed = n == CRONSHELL_WORDS && strcmp(argv[0], CRON_SHELL) == 0 &&
               strcmp(argv[2], with_input) == 0;
    if (!fed && n != 3)
        return false;
    *shell = argv[fed ? 3 : 0];
    *command = argv[fed ? 4 : 2];
    *input = fed ? argv[5] : NULL;
    return true;
}

/* Good enough for lines of one command: a quote inside "$(...)" that stands inside quotes is
 * taken for the end of the outer one. */
bool
cronshell_is_cut(const char *line)
{
    size_t len = strlen(line), open = 0;
    char quote = '\0';
    for (const char *at = line; *at != '\0'; at++) {
        if (*at == '\\' && quote != '\'' && at[1] != '\0')
            at++;
        else if (quote != '\0')
            quote = *at == quote ? '\0' : quote;
        else if (strchr("'\"`", *at) != NULL)
            quote = *at;
        else if (*at == '(')
            open++;
        else if (*at == ')' && open > 0)
            open--;
    }
    return quote != '\0' || open > 0 || (len > 0 && line[len - 1] == '+');
}

/* A word as a shell takes it for itself. */
static void
add_quoted(Text *text, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "/._-+@=:,%";
    if (*word != '\0' && word[strspn(word, safe)] == '\0') {
        text_add(text, word);
        return;
    }
    text_add_char(text, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            text_add(text, "'\\''");
        else
            text_add_char(text, *word);
    }
    text_add_char(text, '\'');
}

void
cronshell_quote(const char *const *argv, Text *text)
{
    for (size_t i = 0; argv[i] != NULL; i++) {
        text_add(text, i > 0 ? " " : "");
        add_quoted(text, argv[i]);
    }
}
