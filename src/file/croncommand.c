/* What no other file knows: which word of a shell line says what it is for.  "cd /srv && nice
 * -n 19 php artisan report:send -q >/dev/null 2>&1" is about artisan's report:send.  A wrong
 * guess costs a worse name, nothing else. */

#include "file/croncommand.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "file/cronslug.h"

#define WORDS_MAX 64
#define NESTING_MAX 4 /* sh -c 'su -c "..."' */

/* The words of a line without their quotes; NULL: a ';', '&&', '|' and the like. */
typedef struct {
    const char *at[WORDS_MAX + 1];
    size_t n;
} Words;

typedef struct {
    Arena *arena;
    Words words;
    size_t i;           /* the word that is looked at */
    const char *folder; /* that a cd before it went to, or NULL */
} Line;

static bool
is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strcmp(word, *list) == 0)
            return true;
    }
    return false;
}

/* ---- words ---- */

static bool
ends_command(char c)
{
    return c != '\0' && strchr(";&|\n()", c) != NULL;
}

static bool
ends_word(char c)
{
    return c == ' ' || c == '\t' || c == '<' || c == '>' || ends_command(c);
}

/* The end of "${...}" or "$(...)" that begins at `at`; `at` itself when none does. */
static const char *
skip_expansion(const char *at)
{
    const char *end = NULL;
    if (at[0] == '$' && (at[1] == '{' || at[1] == '('))
        end = strchr(at, at[1] == '{' ? '}' : ')');
    return end == NULL ? at : end;
}

/* The word at *at. */
static const char *
read_word(Arena *arena, const char **at)
{
    Text out = text_new(arena);
    const char *it = *at;
    char quote = '\0';
    for (; *it != '\0'; it++) {
        const char *end = quote == '\'' ? it : skip_expansion(it);
        if (end != it) {
            text_add_bytes(&out, it, (size_t)(end + 1 - it));
            it = end;
            continue;
        }
        if (quote != '\0' && *it == quote)
            quote = '\0';
        else if (quote == '\0' && (*it == '\'' || *it == '"'))
            quote = *it;
        else if (quote == '\0' && ends_word(*it))
            break;
        else if (*it == '\\' && quote != '\'' && it[1] != '\0')
            text_add_char(&out, *++it);
        else
            text_add_char(&out, *it);
    }
    *at = it;
    return out.at;
}

/* ">file", "2>&1", "<": *at behind it and its file. */
static bool
skip_redirection(Arena *arena, const char **at)
{
    const char *it = *at + strspn(*at, "0123456789");
    if (*it != '<' && *it != '>')
        return false;
    it += strspn(it, "<>&|");
    it += strspn(it, " \t");
    *at = it;
    read_word(arena, at);
    return true;
}

static void
split(Arena *arena, const char *line, Words *words)
{
    words->n = 0;
    while (*line != '\0' && words->n < WORDS_MAX) {
        if (*line == ' ' || *line == '\t' || strncmp(line, "&>", 2) == 0) {
            line++;
        } else if (*line == '#') { /* a comment: no word begins so */
            break;
        } else if (ends_command(*line)) {
            if (words->n > 0 && words->at[words->n - 1] != NULL)
                words->at[words->n++] = NULL;
            line++;
        } else if (!skip_redirection(arena, &line)) {
            words->at[words->n++] = read_word(arena, &line);
        }
    }
    words->at[words->n] = NULL;
}

/* ---- what the words are ---- */

/* The last part of a path without the ending that says in what it was written. */
static const char *
base_of(Arena *arena, const char *word)
{
    static const char *const endings[] = {"sh", "bash", "py", "pl", "php", "rb", "js", "mjs",
        "jar", "cron", "phar", "R", "exe", "ts", "lua", NULL};
    size_t len = strlen(word);
    while (len > 1 && word[len - 1] == '/')
        len--;
    const char *path = arena_copy(arena, word, len), *slash = strrchr(path, '/');
    const char *base = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(base, '.');
    if (dot == NULL || dot == base || !is_one_of(dot + 1, endings))
        return base;
    return arena_copy(arena, base, (size_t)(dot - base));
}

/* php8.2 and python3.11 are php and python. */
static const char *
without_version(Arena *arena, const char *base)
{
    size_t len = strlen(base);
    while (len > 1 && strchr("0123456789.", base[len - 1]) != NULL)
        len--;
    return arena_copy(arena, base, len);
}

static bool
is_assignment(const char *word)
{
    const char *equals = strchr(word, '=');
    return equals != NULL && equals != word && strcspn(word, "/-.$") > (size_t)(equals - word);
}

/* "$RUN", "${RUN}": with nothing that says more. */
static bool
is_expansion(const char *word)
{
    const char *end = skip_expansion(word);
    if (end != word)
        return end[1] == '\0';
    return word[0] == '$' && word[1] != '\0' &&
           word[1 + strspn(word + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] == '\0';
}

static const char *
word(const Line *line)
{
    return line->words.at[line->i];
}

/* Behind the next ';', '&&', ... */
static void
next_command(Line *line)
{
    while (word(line) != NULL)
        line->i++;
    if (line->i < line->words.n)
        line->i++;
}

/* Behind the options of a command, and the numbers and names that belong to them. */
static void
skip_options(Line *line)
{
    static const char *const with_value[] = {"-n", "-c", "-u", "-g", "-p", "-s", "-k", "-t",
        "-w", "-E", "-o", "-C", "-D", "-H", "-h", "-f", "-S", NULL};
    while (word(line) != NULL && (word(line)[0] == '-' || is_assignment(word(line)))) {
        bool takes = is_one_of(word(line), with_value);
        line->i++;
        if (takes && word(line) != NULL && word(line)[0] != '-' && word(line)[0] != '/')
            line->i++;
    }
}

/* A command that runs another one: true with line->i at it. */
static bool
unwrap(Line *line, const char *base)
{
    static const char *const wrappers[] = {"nice", "ionice", "nohup", "env", "sudo", "timeout",
        "time", "flock", "chronic", "cronic", "exec", "command", "setsid", "chrt", "taskset",
        "runuser", "doas", "stdbuf", "run-one", "lckdo", "setlock", "systemd-cat", "if", "then",
        "do", "while", "!", "{", "gosu", "su-exec", "xvfb-run", "systemd-run", "screen", NULL};
    if (!is_one_of(base, wrappers))
        return false;
    bool lock = strcmp(base, "flock") == 0 || strcmp(base, "lckdo") == 0 ||
                strcmp(base, "setlock") == 0;
    line->i++;
    skip_options(line);
    if (word(line) != NULL &&
        (lock || (strcmp(base, "timeout") == 0 && strcspn(word(line), "0123456789.") == 0)))
        line->i++;
    skip_options(line);
    return true;
}

/* "sh -c LINE", "su USER -c LINE": the line inside, or NULL. */
static const char *
inner_line(const Line *line, const char *base)
{
    static const char *const shells[] = {
        "sh", "bash", "dash", "zsh", "ksh", "su", "flock", "runuser", NULL};
    if (!is_one_of(base, shells))
        return NULL;
    for (size_t i = line->i + 1; line->words.at[i] != NULL; i++) {
        const char *option = line->words.at[i];
        size_t len = strlen(option);
        bool gives = option[0] == '-' && option[1] != '-' && len < 5 && option[len - 1] == 'c';
        if (gives || strcmp(option, "--command") == 0)
            return line->words.at[i + 1];
    }
    return NULL;
}

static bool
is_interpreter(const Line *line, const char *base)
{
    static const char *const interpreters[] = {"php", "python", "perl", "ruby", "node", "bash",
        "sh", "dash", "zsh", "ksh", "java", "Rscript", "lua", "deno", "bun", "pwsh", "tclsh",
        "bundle", "npx", "php-cli", NULL};
    return is_one_of(without_version(line->arena, base), interpreters);
}

/* Behind an interpreter: true with line->i at the script, or behind the whole command when the
 * code stands in the line itself. */
static bool
find_script(Line *line)
{
    size_t from = line->i++;
    for (; word(line) != NULL; line->i++) {
        if (strcmp(word(line), "-e") == 0 || strcmp(word(line), "-r") == 0) {
            next_command(line);
            return word(line) != NULL;
        }
        bool last = line->words.at[line->i + 1] == NULL;
        if (word(line)[0] != '-' && !is_assignment(word(line)) &&
            (last || !is_expansion(word(line))) && strcmp(word(line), "exec") != 0)
            return true;
    }
    line->i = from;
    return false;
}

/* ---- names ---- */

/* The next word that is no option; NULL: none. */
static const char *
argument(const Line *line, size_t *i)
{
    while (line->words.at[*i] != NULL) {
        const char *it = line->words.at[(*i)++];
        if (it[0] != '-' && cronslug_part(line->arena, it) != NULL)
            return it;
    }
    return NULL;
}

/* The name of the first option that has one, "weekly" of "--weekly 5"; NULL: none. */
static const char *
long_option(const Line *line, size_t i)
{
    for (; line->words.at[i] != NULL; i++) {
        const char *it = line->words.at[i];
        if (strncmp(it, "--", 2) == 0 && it[2] != '\0')
            return cronslug_part(
                line->arena, arena_copy(line->arena, it + 2, strcspn(it + 2, "=")));
    }
    return NULL;
}

static const char *
joined(Arena *arena, const char *one, const char *other)
{
    return one == NULL || other == NULL ? NULL : arena_printf(arena, "%s-%s", one, other);
}

/* "https://example.com/cron.php?key=1" is example.com-cron. */
static const char *
name_of_url(Arena *arena, const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t len = strcspn(host, "/?#:");
    const char *path = arena_copy(arena, host + len, strcspn(host + len, "?#"));
    const char *base = base_of(arena, path);
    return arena_printf(arena, "%.*s-%s", (int)len, host, base);
}

static const char *
part_of(const Line *line, const char *argument)
{
    if (argument == NULL)
        return NULL;
    return cronslug_part(line->arena, strstr(argument, "://") != NULL
                                          ? name_of_url(line->arena, argument)
                                          : base_of(line->arena, argument));
}

/* The folder of a path, as far as it is one. */
static const char *
folder_of(const Line *line, const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    if (slash == NULL || strstr(path, "://") != NULL)
        return NULL;
    return cronslug_part(line->arena, arena_copy(line->arena, path, (size_t)(slash - path)));
}

static void
add_detail(CronCommand *out, const char *detail)
{
    if (detail != NULL && strcmp(detail, out->name) != 0 && out->n < CRONCOMMAND_DETAILS)
        out->details[out->n++] = detail;
}

/* Tools whose first argument says what they do, so that it belongs to the name. */
static const char *
name_with_argument(Line *line, const char *base, size_t *i)
{
    static const char *const tools[] = {"artisan", "manage", "rake", "console", "wp", "drush",
        "yii", "occ", "magento", "rails", "npm", "yarn", "composer", "make", "docker",
        "kubectl", "systemctl", "service", "aws", "gcloud", "git", "certbot", "apt-get", "dnf",
        "yum", "curl", "wget", "docker-compose", "cake", "flask", "spark", "bin/console",
        "index", "cli", "main", NULL};
    if (!is_one_of(base, tools))
        return base;
    const char *detail = part_of(line, argument(line, i));
    return detail == NULL ? base : arena_printf(line->arena, "%s-%s", base, detail);
}

/* Moves line->i to the word that says most, going into lines within lines. */
static const char *
find_word(Line *line, const char *command)
{
    static const char *const said_nothing[] = {"cd", "test", "[", "[[", "source", ".", "export",
        "set", "sleep", "umask", "ulimit", "true", ":", "trap", "pushd", "declare", "unset",
        "mkdir", NULL};
    split(line->arena, command, &line->words);
    line->i = 0;
    for (int depth = 0; word(line) != NULL;) {
        const char *base = base_of(line->arena, word(line));
        const char *inner = inner_line(line, base);
        if (inner != NULL && depth++ < NESTING_MAX) {
            split(line->arena, inner, &line->words);
            line->i = 0;
        } else if (is_assignment(word(line))) {
            line->i++;
            if (word(line) == NULL)
                next_command(line);
        } else if (is_one_of(base, said_nothing)) {
            if (strcmp(base, "cd") == 0)
                line->folder = line->words.at[line->i + 1];
            next_command(line);
        } else if (is_expansion(word(line)) && line->words.at[line->i + 1] != NULL) {
            line->i++;
        } else if (!unwrap(line, base) && !(is_interpreter(line, base) && find_script(line))) {
            return base;
        }
    }
    return NULL;
}

CronCommand
croncommand_read(Arena *arena, const char *command)
{
    Line line = {.arena = arena};
    CronCommand out = {.name = "job"};
    const char *base = find_word(&line, command);
    if (base == NULL)
        return out;
    const char *path = word(&line);
    size_t i = line.i + 1;
    if (strcmp(base, "run-parts") == 0) {
        const char *folder = argument(&line, &i);
        base = folder == NULL ? base : base_of(arena, folder);
    }
    const char *name = cronslug_make(arena, name_with_argument(&line, base, &i));
    if (name == NULL)
        name = cronslug_make(arena, base);
    if (name == NULL)
        return out;
    out.name = name;
    const char *option = long_option(&line, i), *argument_at = argument(&line, &i);
    const char *first = part_of(&line, argument_at);
    const char *second = part_of(&line, argument(&line, &i));
    if (first != NULL && option != NULL && first[strspn(first, "0123456789")] == '\0')
        add_detail(&out, joined(arena, option, first)); /* a number alone says little */
    add_detail(&out, first);
    add_detail(&out, joined(arena, first, second));
    add_detail(&out, option);
    add_detail(&out, joined(arena, first, option));
    add_detail(&out, folder_of(&line, argument_at));
    add_detail(&out, line.folder == NULL ? NULL : cronslug_part(arena, line.folder));
    add_detail(&out, folder_of(&line, path));
    add_detail(&out, second);
    return out;
}
