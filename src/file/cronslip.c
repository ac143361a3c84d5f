/* What no other file knows: which mistakes people make with whole lines of a crontab - text
 * that lacks its '#', lines of an anacrontab, a user where none belongs, none where one does.
 */

#include "file/cronslip.h"

#include <string.h>

#include "base/text.h"
#include "file/cronremark.h"

#define WORD_MIN 4 /* letters: fewer may be the name of a month or a weekday */

static bool
is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strcmp(word, *list) == 0)
            return true;
    }
    return false;
}

/* The n-th word of the line, or "". */
static const char *
word_at(Arena *arena, const char *line, size_t n)
{
    line += strspn(line, " \t");
    for (; n > 0; n--) {
        line += strcspn(line, " \t");
        line += strspn(line, " \t");
    }
    return arena_copy(arena, line, strcspn(line, " \t"));
}

static bool
is_number(const char *word)
{
    return *word != '\0' && word[strspn(word, "0123456789")] == '\0';
}

static size_t
letters(const char *word)
{
    size_t n = 0;
    while (text_lower(word[n]) >= 'a' && text_lower(word[n]) <= 'z')
        n++;
    return n;
}

bool
cronslip_is_field(const char *word)
{
    return *word != '\0' && word[strspn(word, "0123456789*,/-?")] == '\0' &&
           strpbrk(word, "0123456789*?") != NULL;
}

/* "1 5 cron.daily nice run-parts /etc/cron.daily": period, delay, name, command. */
static bool
is_anacron(Arena *arena, const char *line)
{
    const char *period = word_at(arena, line, 0), *name = word_at(arena, line, 2);
    bool named = letters(name) >= WORD_MIN || strchr(name, '.') != NULL;
    return (is_number(period) || *period == '@') && is_number(word_at(arena, line, 1)) &&
           letters(name) > 0 && named && strpbrk(name, ",/-*") == NULL;
}

/* "A=", "A = 'b": a name, perhaps in quotes, and '='. */
static bool
is_assignment(const char *line)
{
    const char *name = line + strspn(line, "'\"");
    size_t len = strcspn(name, "= \t");
    const char *equals = name + len + strspn(name + len, "'\" \t");
    return *equals == '=' && letters(name) > 0;
}

/* Words, and what is left of a merge, but nothing that begins like a field. */
static bool
is_prose(Arena *arena, const char *line)
{
    const char *first = word_at(arena, line, 0);
    bool word = letters(first) >= WORD_MIN ||
                (strchr("0123456789*@-~?", *first) == NULL && letters(first) == 0);
    return word && !cronslip_is_field(word_at(arena, line, 1));
}

bool
cronslip_line(Arena *arena, const char *line, const char **text, const char **hint)
{
    const char *first = cronremark_show(arena, word_at(arena, line, 0));
    if (is_anacron(arena, line)) {
        *text = "it looks like a line of an anacrontab: period, delay, name and command";
        *hint = "write when it is to run: 25 6 * * * for once a day";
    } else if (is_assignment(line)) {
        *text = arena_printf(arena, "cron does not take '%s' for a variable", first);
        *hint = "write NAME=VALUE, with both quotes or none, and \"\" for nothing";
    } else if (is_prose(arena, line)) {
        *text = arena_printf(
            arena, "it begins with '%s': that is no entry, no variable, no comment", first);
        *hint = "put # in front of a comment";
    } else {
        return false;
    }
    return true;
}

/* Some users are commands, too; then a path behind them gives it away. */
const char *
cronslip_user(Arena *arena, const char *command)
{
    static const char *const users[] = {"root", "www-data", "nobody", "daemon", "apache",
        "ubuntu", "ec2-user", "operator", NULL};
    static const char *const both[] = {"postgres", "mysql", "nginx", "backup", "mail", NULL};
    const char *word = word_at(arena, command, 0), *next = command + strlen(word);
    next += strspn(next, " \t");
    bool user = is_one_of(word, users) || (is_one_of(word, both) && *next == '/');
    return *next != '\0' && user ? word : NULL;
}

bool
cronslip_is_command(const char *user)
{
    static const char *const commands[] = {"env", "cd", "php", "python", "python2", "python3",
        "perl", "ruby", "sh", "bash", "echo", "curl", "wget", "nice", "find", "sleep", "exec",
        "source", "export", "sudo", "rm", "tar", "date", "flock", "timeout", NULL};
    return is_one_of(user, commands);
}
