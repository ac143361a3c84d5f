/* What no other file knows: which failures of the database pass by themselves.  A wrong
 * password stays wrong, a server that starts up does not; a clock waits for the one and ends at
 * the other.  libpq tells why a connection was not made in text only: this file reads it. */

#include "db/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool
is_one_of(const char *sqlstate, const char *const *states, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strncmp(sqlstate, states[i], strlen(states[i])) == 0)
            return true;
    return false;
}

#define IS_ONE_OF(sqlstate, states)                                                            \
    is_one_of(sqlstate, states, sizeof(states) / sizeof *(states))

ErrorKind
verdict_sqlstate(const char *sqlstate)
{
    static const char *const lost[] = {"40001", "40P01", "55P03", "57014", "TE001"};
    static const char *const row[] = {"22", "23", "P0"};
    static const char *const away[] = {
        "08",            /* the connection; a pooler that has no server */
        "53",            /* too many connections, disk or memory full */
        "57",            /* shutting down, crashed, starting up */
        "58",            /* the server's disk */
        "25006",         /* read-only: a standby, or a primary that is being moved */
        "25P03",         /* we were too slow, and the session is closed */
        "25P04", "54000" /* the queue of NOTIFY is full */
    };
    if (IS_ONE_OF(sqlstate, lost))
        return ERR_DB_LOST;
    if (IS_ONE_OF(sqlstate, row))
        return ERR_DB_ROW;
    if (IS_ONE_OF(sqlstate, away))
        return ERR_DB_AWAY;
    return ERR_DB_REFUSED;
}

static bool
is_state_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/* Where "FATAL:  28P01: why" has its SQLSTATE, or NULL.  The word before the colon is in the
 * server's language, the two blanks are not. */
static const char *
find_sqlstate(const char *message)
{
    for (const char *at = strstr(message, ":  "); at != NULL; at = strstr(at + 1, ":  ")) {
        size_t len = 0;
        while (len < 5 && is_state_char(at[3 + len]))
            len++;
        if (len == 5 && at[8] == ':')
            return at + 3;
    }
    return NULL;
}

/* What libpq itself says, without a server's answer, when asking again cannot help.  Its own
 * words are English: nobody here calls setlocale. */
static bool
is_final(const char *message)
{
    static const char *const words[] = {"no password supplied", "certificate", "private key",
        "SSL was required", "channel binding", "authentication", "could not match",
        "definition of service", "service file", "GSSAPI"};
    if (strncmp(message, "invalid ", 8) == 0) /* a value of the connection string */
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(message, words[i]) != NULL)
            return true;
    return false;
}

/* A pooler (pgbouncer) answers 08P01 to everything, also where it only hands on the words of
 * the server: to what passes and to what does not. */
static bool
is_final_of_pooler(const char *message)
{
    static const char *const words[] = {"no such database", "no such user",
        "unsupported startup parameter", "does not exist", "password authentication failed",
        "pg_hba.conf"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(message, words[i]) != NULL)
            return true;
    return false;
}

void
verdict_line(const char *message, char *line, unsigned size)
{
    while (*message == ' ' || *message == '\n' || *message == '\t')
        message++;
    size_t len = strcspn(message, "\n");
    Arena *arena = arena_new(0);
    Text text = text_new(arena);
    text_add_safe(&text, message, len);
    if (text.len > 1 && text_lower(text.at[1]) == text.at[1]) /* but not "SSL error" */
        text.at[0] = text_lower(text.at[0]);
    snprintf(line, size, "%s", text.at);
    arena_free(arena);
}

void
verdict_answer(const char *sqlstate, const char *message, Error *error)
{
    char line[sizeof error->text];
    verdict_line(message, line, sizeof line);
    error_set(error, sqlstate == NULL ? ERR_DB_AWAY : verdict_sqlstate(sqlstate), "%s", line);
    if (sqlstate != NULL && strlen(sqlstate) < sizeof error->sqlstate)
        memcpy(error->sqlstate, sqlstate, strlen(sqlstate) + 1);
    if (strcmp(error->sqlstate, "3F000") == 0 || strcmp(error->sqlstate, "42P01") == 0)
        error_hint(error, "type: clock migrate --status");
    else if (strcmp(error->sqlstate, "55P03") == 0)
        error_hint(error,
            "another session holds the lock: SELECT pid, pg_blocking_pids(pid), query "
            "FROM pg_stat_activity");
}

/* The last line of libpq's message that tells of an attempt, without its first half: it may
 * have tried several ways (with TLS, without). */
static const char *
last_cause(const char *message)
{
    static const char attempt[] = "connection to server ", failed[] = " failed: ";
    const char *last = message;
    for (const char *at = strstr(message, attempt); at != NULL; at = strstr(at + 1, attempt))
        last = at;
    const char *cause = last == message && strncmp(message, attempt, sizeof attempt - 1) != 0
                            ? NULL
                            : strstr(last, failed);
    return cause == NULL ? last : cause + sizeof failed - 1;
}

void
verdict_connect(const char *message, Error *error)
{
    const char *cause = last_cause(message);
    const char *state = find_sqlstate(cause);
    char sqlstate[6] = "", line[sizeof error->text];
    bool refused = is_final(cause);
    if (state != NULL) {
        snprintf(sqlstate, sizeof sqlstate, "%.5s", state);
        cause = state + 6;
        refused = verdict_sqlstate(sqlstate) == ERR_DB_REFUSED ||
                  (strcmp(sqlstate, "08P01") == 0 && is_final_of_pooler(cause));
    }
    static const char theirs[] = "fe_sendauth: "; /* the name of a function of libpq */
    if (strncmp(cause, theirs, sizeof theirs - 1) == 0)
        cause += sizeof theirs - 1;
    verdict_line(cause, line, sizeof line);
    error_set(error, refused ? ERR_DB_REFUSED : ERR_DB_AWAY, "%s",
        line[0] == '\0' ? "no reason was given" : line);
    snprintf(error->sqlstate, sizeof error->sqlstate, "%s", sqlstate);
}
