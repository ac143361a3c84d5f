/* What no other file knows: what stands where in an entry - options of the daemons, time
 * fields, user, command. */

#include "file/cronentry.h"

#include <string.h>

#include "base/text.h"
#include "file/clockfile.h"
#include "file/crondaemon.h"
#include "file/cronline.h"
#include "file/cronremark.h"
#include "file/cronshell.h"
#include "file/cronslip.h"
#include "file/crontime.h"

#define FIELDS 5

/* One line on its way. */
typedef struct {
    Arena *arena;
    const CrontabOptions *options;
    const char *line;
    const char *at; /* what comes next */
    CrontabEntry *entry;
    CrontabRemark *remark;
} Reading;

/* Whatever else was to say of the line does not count any more. */
static bool
refuse(Reading *r, const char *at, const char *hint, const char *text)
{
    r->remark->text = "";
    r->remark->hint = NULL;
    r->remark->differs = false;
    r->remark->pos.col = cronremark_column(r->line, (size_t)(at - r->line));
    cronremark_add(r->arena, r->remark, CRONTAB_REFUSED, hint, text);
    return false;
}

static void
skip_blanks(Reading *r)
{
    r->at += strspn(r->at, " \t");
}

static const char *
word_at(const Reading *r, const char *at)
{
    return arena_copy(r->arena, at, strcspn(at, " \t"));
}

static size_t
count_words(const char *at)
{
    size_t n = 0;
    for (at += strspn(at, " \t"); *at != '\0'; at += strspn(at, " \t")) {
        at += strcspn(at, " \t");
        n++;
    }
    return n;
}

/* ---- when ---- */

static bool
refuse_count(Reading *r)
{
    size_t n = count_words(r->at);
    bool word = text_lower(*r->at) >= 'a' && text_lower(*r->at) <= 'z';
    const char *hint = word ? "put # in front of a comment" : NULL;
    return refuse(r, r->at, hint,
        arena_printf(r->arena,
            "%d time fields and a command are wanted, and this line has %zu word%s", FIELDS, n,
            n == 1 ? "" : "s"));
}

static bool
is_path(const char *at)
{
    return *at == '/' || strncmp(at, "./", 2) == 0 || strncmp(at, "../", 3) == 0 ||
           strncmp(at, "~/", 2) == 0;
}

/* Points at a word that begins like a path among the time fields: one of them is missing. */
static bool
lacks_field(Reading *r)
{
    const char *at = r->at;
    for (int found = 0; found < FIELDS; found++) {
        if (is_path(at)) {
            refuse(r, at, found == 0 ? NULL : "add the missing one; * stands for every value",
                arena_printf(r->arena, "only %d of the %d time fields stand before '%s'", found,
                    FIELDS, cronremark_show(r->arena, word_at(r, at))));
            return true;
        }
        at += strcspn(at, " \t");
        at += strspn(at, " \t");
    }
    return false;
}

static bool
read_time(Reading *r)
{
    bool macro = *r->at == '@';
    size_t len = cronline_words(r->at, macro ? 1 : FIELDS);
    const char *text, *hint;
    if (cronslip_line(r->arena, r->at, &text, &hint))
        return refuse(r, r->at, hint, text);
    if (len == 0)
        return refuse_count(r);
    const char *fields = cronline_squeeze(r->arena, r->at, len);
    Crontime time = crontime_judge(r->arena, r->options->daemon, fields);
    r->entry->schedule_col = cronremark_column(r->line, (size_t)(r->at - r->line));
    if (time.outcome == CRONTAB_REFUSED) {
        if (!macro && lacks_field(r))
            return false;
        return refuse(r, r->at + (time.at < len ? time.at : 0), time.hint, time.text);
    }
    if (time.differs)
        cronremark_differs(r->arena, r->remark, time.text);
    else if (time.text != NULL)
        cronremark_add(r->arena, r->remark, time.outcome, time.hint, time.text);
    r->entry->schedule = time.schedule;
    r->entry->enabled = time.enabled;
    r->at += len;
    skip_blanks(r);
    return true;
}

/* ---- who ---- */

static bool
is_user(const char *word)
{
    static const char set[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t len = strspn(word, set);
    if (len == 0)
        return false;
    while (word[len] != '\0' && (strchr(set, word[len]) != NULL || strchr(".-", word[len])))
        len++;
    return word[len] == '\0' && word[strspn(word, "0123456789")] != '\0' &&
           len + sizeof CRONTAB_QUEUE_PREFIX - 1 <= CLOCKFILE_MAX_NAME;
}

static bool
read_user(Reading *r)
{
    const char *from = r->at, *word = word_at(r, from);
    if (*word == '\0')
        return refuse(r, from, NULL, "no user and no command stand behind the time fields");
    r->at += strlen(word);
    skip_blanks(r);
    if (!is_user(word)) {
        const char *hint = strpbrk(word, "/=$") != NULL
                               ? "leave out --system if it is a user's own crontab"
                               : "correct it, and see which user it is to run as";
        return refuse(r, from, hint,
            arena_printf(r->arena,
                "a system crontab has a user before the command, and '%s' "
                "cannot be one",
                cronremark_show(r->arena, word)));
    }
    if (cronslip_is_command(word))
        cronremark_add(r->arena, r->remark, CRONTAB_DECISION,
            "leave out --system if it is a user's own crontab",
            arena_printf(r->arena, "'%s' stands where the user should", word));
    r->entry->user = word;
    return true;
}

static void
suspect_user(Reading *r)
{
    const char *user = cronslip_user(r->arena, r->at);
    if (user != NULL)
        cronremark_add(r->arena, r->remark, CRONTAB_DECISION,
            "type --system if this is a system crontab",
            arena_printf(
                r->arena, "the command begins with the user %s, as in a system crontab", user));
}

/* ---- what ---- */

/* cronie's "-n": mail only when the command ends badly. */
static bool
read_options(Reading *r)
{
    if (*r->at != '-')
        return true;
    bool quiet = strncmp(r->at, "-n ", 3) == 0 || strncmp(r->at, "-n\t", 3) == 0;
    if (!quiet || r->at[2 + strspn(r->at + 2, " \t")] == '-')
        return refuse(r, r->at, "see what that option is meant to do, and remove it",
            arena_printf(r->arena, "the command begins with the option '%s'",
                cronremark_show(r->arena, word_at(r, r->at))));
    r->at += 2;
    skip_blanks(r);
    cronremark_differs(r->arena, r->remark,
        "cronie's -n (mail only after a failure) is left "
        "out: clock sends no mail");
    return true;
}

static bool
check_command(Reading *r)
{
    const char *word = arena_copy(r->arena, r->at, strcspn(r->at, " \t%"));
    if (*r->at == '\0')
        return refuse(r, r->at, NULL,
            r->entry->user != NULL
                ? "no command stands behind the user"
                : arena_printf(
                      r->arena, "no command stands behind the %d time fields", FIELDS));
    if (cronslip_is_field(word))
        return refuse(r, r->at,
            "cron has 5 fields; for seconds or years write a schedule with dialect: seconds",
            arena_printf(r->arena, "a sixth time field, '%s', stands where the command should",
                cronremark_show(r->arena, word)));
    if (*r->at == '*')
        return refuse(r, r->at, NULL, "cron refuses a command that begins with '*'");
    return true;
}

/* The command without what '%' and '\' do in a crontab. */
static bool
split_command(Reading *r)
{
    Arena *arena = r->arena;
    bool either = r->options->daemon == CRONTAB_EITHER;
    Daemon daemon = r->options->daemon == CRONTAB_CRONIE ? DAEMON_CRONIE : DAEMON_DEBIAN;
    const char *command, *input, *other, *other_input;
    cronline_percent(arena, daemon, r->at, &command, &input);
    cronline_percent(arena, DAEMON_CRONIE, r->at, &other, &other_input);
    if (command[strspn(command, " \t\r")] == '\0')
        return refuse(r, r->at, "write \\% for a percent sign",
            "no command stands before the '%', which begins its standard input");
    if (input != NULL && input[0] == '$' && input[1] == '{' &&
        strchr(input, '}') == input + strlen(input) - 1)
        return refuse(r, r->at, "write the command with echo and a pipe",
            "a Clockfile would take its standard input for a variable of clock's own");
    if (either && strcmp(command, other) != 0)
        cronremark_add(arena, r->remark, CRONTAB_DECISION,
            "written as under Debian; compare it with what was meant",
            "Debian's cron makes '\\\\' in a command one '\\', cronie leaves both");
    if (input != NULL && cronshell_is_cut(command))
        cronremark_add(arena, r->remark, CRONTAB_DECISION, "write \\% for a percent sign",
            "cron ends the command at the '%', so it never ran all of it");
    else if (input != NULL)
        cronremark_add(arena, r->remark, CRONTAB_CONVERTED, NULL,
            "what stands behind '%' is its standard input");
    if (*command != '\0' && command[strlen(command) - 1] == '\\')
        cronremark_add(arena, r->remark, CRONTAB_DECISION, "put it all into one line",
            "it ends in '\\', and cron knows no line that goes on in the next");
    r->entry->command = command;
    r->entry->input = input;
    return true;
}

static bool
read_command(Reading *r)
{
    if (!read_options(r) || !check_command(r))
        return false;
    if (r->options->kind == CRONTAB_USER)
        suspect_user(r);
    if (r->options->daemon != CRONTAB_CRONIE && strlen(r->at) > CRONDAEMON_COMMAND_MAX)
        cronremark_differs(r->arena, r->remark,
            arena_printf(r->arena,
                "Debian's cron ignores a whole file over a command longer than %d bytes",
                CRONDAEMON_COMMAND_MAX));
    return split_command(r);
}

bool
cronentry_read(Arena *arena, const CrontabOptions *options, const char *line,
    CrontabEntry *entry, CrontabRemark *remark)
{
    Reading r = {
        .arena = arena, .options = options, .line = line, .entry = entry, .remark = remark};
    r.at = line;
    skip_blanks(&r);
    if (*r.at == '-') {
        r.at++;
        cronremark_differs(
            arena, remark, "the '-' in front, which keeps it out of cron's log, is left out");
    }
    return read_time(&r) && (options->kind == CRONTAB_USER || read_user(&r)) &&
           read_command(&r);
}
