/* What no other file knows: how a crontab's entries look as a Clockfile that people like to
 * read and that every YAML reader takes alike. */

#include "file/cronyaml.h"

#include <stdio.h>
#include <string.h>

#include "file/clockfile.h"
#include "file/cronshell.h"
#include "file/pool.h"
#include "file/scalar.h"
#include "time/span.h"

typedef struct {
    const Crontab *crontab;
    Text *text;
    const Zone *zone;          /* of all entries, or the host's */
    const char *const *common; /* variables that all entries have, NULL-terminated */
} Writer;

/* ---- scalars ---- */

/* True for what means itself without quotes, whoever reads it; fewer than YAML has. */
static bool
is_plain(const char *text, size_t len)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789/._$-";
    static const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789/._$-+@=:~ ,;()*<>&|!?%^";
    if (len == 0 || strchr(first, text[0]) == NULL || strspn(text, inside) != len ||
        strchr(": ", text[len - 1]) != NULL || strstr(text, ": ") != NULL ||
        (text[0] == '-' && (len == 1 || text[1] == ' ')))
        return false;
    return scalar_meaning(text, len) == SCALAR_TEXT && !scalar_is_date(text, len);
}

/* True when a character cannot stand in YAML, or is a line break to some readers. */
static bool
must_escape(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    if (byte[0] < 0x80)
        return (byte[0] < 0x20 && byte[0] != '\n' && byte[0] != '\t') || byte[0] == 0x7f;
    return (byte[0] == 0xc2 && byte[1] < 0xa0) ||
           (byte[0] == 0xe2 && byte[1] == 0x80 && (byte[2] == 0xa8 || byte[2] == 0xa9)) ||
           (byte[0] == 0xef && byte[1] == 0xbb && byte[2] == 0xbf) ||
           (byte[0] == 0xef && byte[1] == 0xbf && byte[2] >= 0xbe);
}

static bool
needs_escapes(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (must_escape(at))
            return true;
    }
    return false;
}

/* The code point of a character of two or three bytes, which is all that must_escape finds. */
static unsigned
code_point(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    if (byte[0] < 0x80)
        return byte[0];
    if (byte[0] < 0xe0)
        return (byte[0] & 0x1fu) << 6 | (byte[1] & 0x3fu);
    return (byte[0] & 0xfu) << 12 | (byte[1] & 0x3fu) << 6 | (byte[2] & 0x3fu);
}

static void
write_double(Text *out, const char *text)
{
    text_add_char(out, '"');
    for (const char *at = text; *at != '\0';) {
        size_t len = text_char_len((unsigned char)*at);
        if (*at == '\n' || *at == '\t')
            text_add(out, *at == '\n' ? "\\n" : "\\t");
        else if (must_escape(at))
            text_addf(out, len == 1 ? "\\x%02X" : "\\u%04X", code_point(at));
        else if (*at == '"' || *at == '\\')
            text_addf(out, "\\%c", *at);
        else
            text_add_bytes(out, at, len);
        at += len;
    }
    text_add_char(out, '"');
}

/* Lines as they are, each indented; the text does not end in a line break. */
static void
write_block(Text *out, const char *text, const char *indent)
{
    text_add(out, strchr(" \t\n", text[0]) != NULL ? "|2-" : "|-");
    for (const char *at = text;; at++) {
        size_t len = strcspn(at, "\n");
        text_add_char(out, '\n');
        if (len > 0)
            text_addf(out, "%s  ", indent);
        text_add_bytes(out, at, len);
        at += len;
        if (*at == '\0')
            break;
    }
    text_add_char(out, '\n');
}

/* A scalar and its line's end, in the form that leaves it most readable. `indent`: of the line
 * that it stands in. */
static void
write_scalar(Text *out, const char *text, const char *indent)
{
    size_t len = strlen(text);
    bool lines = strchr(text, '\n') != NULL;
    bool blank = len == 0 || text[len - 1] == '\n' || text[0] == '\n';
    if (!lines && is_plain(text, len)) {
        text_addf(out, "%s\n", text);
        return;
    }
    if (needs_escapes(text) || blank) {
        write_double(out, text);
    } else if (!lines && strchr(text, '\'') == NULL) {
        text_addf(out, "'%s'", text);
    } else if (!lines && strpbrk(text, "\"\\") == NULL) {
        text_addf(out, "\"%s\"", text);
    } else {
        write_block(out, text, indent);
        return;
    }
    text_add_char(out, '\n');
}

/* ---- what the jobs share ---- */

static bool
has(const char *const *env, const char *assignment)
{
    for (; *env != NULL; env++) {
        if (strcmp(*env, assignment) == 0)
            return true;
    }
    return false;
}

/* The variables that every entry has with the same value. */
static const char *const *
common_variables(const Crontab *crontab)
{
    const char *const *env = crontab->entries[0].env, *const *last = env;
    size_t n = 0;
    while (env[n] != NULL)
        n++;
    const char **common = arena_array(crontab->arena, n + 1, sizeof *common);
    n = 0;
    for (; *env != NULL; env++)
        common[n++] = *env;
    for (size_t i = 1; i < crontab->n; i++) {
        const char *const *other = crontab->entries[i].env;
        if (other == last)
            continue;
        last = other;
        size_t kept = 0;
        for (size_t j = 0; j < n; j++) {
            if (has(other, common[j]))
                common[kept++] = common[j];
        }
        n = kept;
    }
    common[n] = NULL;
    return common;
}

/* The zone that most entries have, so that the fewest must name theirs. */
static const Zone *
common_zone(const Crontab *crontab)
{
    Pool *zones = pool_new(crontab->arena);
    const Zone *best = crontab->zone;
    size_t most = 0;
    for (size_t i = 0; i < crontab->n; i++) {
        const char *name = zone_name(crontab->entries[i].zone);
        pool_entry(zones, name, strlen(name));
    }
    for (size_t i = 0; i < crontab->n; i++) {
        const char *name = zone_name(crontab->entries[i].zone);
        size_t uses = pool_find(zones, name, strlen(name))->uses;
        if (uses > most) {
            most = uses;
            best = crontab->entries[i].zone;
        }
    }
    return best;
}

static void
write_env(Writer *w, const char *const *env, const char *const *but, const char *indent)
{
    bool begun = false;
    char inner[16];
    snprintf(inner, sizeof inner, "%s  ", indent);
    for (; *env != NULL; env++) {
        if (but != NULL && has(but, *env))
            continue;
        if (!begun)
            text_addf(w->text, "%senv:\n", indent);
        begun = true;
        const char *equals = strchr(*env, '=');
        text_addf(w->text, "%s%.*s: ", inner, (int)(equals - *env), *env);
        write_scalar(w->text, equals + 1, inner);
    }
}

static void
write_head(Writer *w)
{
    text_add(w->text, "# Made by clock import.  As under cron, a run that failed is not tried "
                      "again and one that\n"
                      "# was missed is not made up for; see max_attempts and missed in "
                      "clockfile(5).\n");
    text_addf(w->text, "timezone: %s\n\n", zone_name(w->zone));
    text_add(w->text, "defaults:\n  max_attempts: 1\n  missed: skip\n");
    write_env(w, w->common, NULL, "  ");
    text_add(w->text, "\njobs:\n");
}

/* ---- jobs ---- */

/* A command that would be taken for a variable of clock's own gets a blank in front, which no
 * shell minds. */
static const char *
guarded(const Writer *w, const char *command)
{
    size_t len = strlen(command);
    if (strncmp(command, "${", 2) == 0 && strchr(command, '}') == command + len - 1)
        return arena_printf(w->crontab->arena, " %s", command);
    return command;
}

static void
write_command(Writer *w, const CrontabEntry *entry)
{
    const char *argv[CRONSHELL_WORDS + 1];
    const char *command = guarded(w, entry->command);
    text_add(w->text, "    command:");
    if (!cronshell_argv(entry->shell, command, entry->input, argv)) {
        text_add_char(w->text, ' ');
        write_scalar(w->text, command, "    ");
        return;
    }
    text_add_char(w->text, '\n');
    for (size_t i = 0; argv[i] != NULL; i++) {
        text_add(w->text, "      - ");
        write_scalar(w->text, argv[i], "      ");
    }
}

static void
write_job(Writer *w, const CrontabEntry *entry)
{
    Text *text = w->text;
    const char *quote = is_plain(entry->name, strlen(entry->name)) ? "" : "\"";
    text_addf(
        text, "  %s%s%s:\n    schedule: \"%s\"\n", quote, entry->name, quote, entry->schedule);
    if (entry->zone != w->zone)
        text_addf(text, "    timezone: %s\n", zone_name(entry->zone));
    write_command(w, entry);
    write_env(w, entry->env, w->common, "    ");
    if (entry->user != NULL)
        text_addf(text, "    queue: " CRONTAB_QUEUE_PREFIX "%s\n", entry->user);
    if (entry->jitter_s != 0) {
        text_add(text, "    jitter: ");
        span_write(text, entry->jitter_s);
        text_add_char(text, '\n');
    }
    if (!entry->enabled)
        text_add(text, "    enabled: false\n");
    if (entry->description != NULL) {
        text_add(text, "    description: ");
        write_scalar(text, entry->description, "    ");
    }
}

bool
cronyaml_write(const Crontab *crontab, Text *text, uint32_t *first_line, Error *error)
{
    Writer w = {.crontab = crontab,
        .text = text,
        .zone = common_zone(crontab),
        .common = common_variables(crontab)};
    size_t counted = text->len;
    uint32_t line = 1;
    write_head(&w);
    for (size_t i = 0; i < crontab->n; i++) {
        for (; counted < text->len; counted++)
            line += text->at[counted] == '\n';
        if (first_line != NULL)
            first_line[i] = line;
        write_job(&w, &crontab->entries[i]);
        if (text->len <= CLOCKFILE_MAX_BYTES)
            continue;
        error_set(error, ERR_INPUT, "the Clockfile would be larger than %u MiB",
            CLOCKFILE_MAX_BYTES / (1024u * 1024));
        return error_hint(
            error, "import fewer lines at a time, each part with a name: of its own");
    }
    return true;
}
