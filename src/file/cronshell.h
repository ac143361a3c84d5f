#ifndef FILE_CRONSHELL_H
#define FILE_CRONSHELL_H

#include <stdbool.h>

#include "base/text.h"

/* A crontab's command line as a `command` of the Clockfile that does exactly the same. */

/* What cron and clock work alike give to a command that is told nothing else. */
#define CRON_SHELL "/bin/sh"
#define CRON_PATH "/usr/bin:/bin"
#define CRONIE_PATH "/usr/bin:/bin:/usr/sbin:/sbin"

#define CRONSHELL_WORDS 6

/*
 * False when the line itself will do, as it is run by /bin/sh; else argv (CRONSHELL_WORDS + 1
 * pointers, NULL-terminated): the shell with -c and the line, or, with standard input, a shell
 * that puts a here-document under it.
 */
bool cronshell_argv(
    const char *shell, const char *command, const char *input, const char **argv);

/* The reverse, of a job's argv: true with shell, command and input (or NULL) when it has one of
 * these forms. */
bool cronshell_parse(
    const char *const *argv, const char **shell, const char **command, const char **input);

/* True when the line ends in the middle of something: a quote, a $(...), the
 * format of a date. */
bool cronshell_is_cut(const char *line);

/* Any other argv as a line for a shell. */
void cronshell_quote(const char *const *argv, Text *text);

#endif
