/* What no other file knows: how connection strings go wrong, and what may be said of one that
 * did.  libpq's own messages quote the string, and with it the password. */

#include "db/conninfo.h"

#include <stdint.h>
#include <string.h>

static bool
is_uri(const char *conninfo)
{
    return strncmp(conninfo, "postgres://", 11) == 0 ||
           strncmp(conninfo, "postgresql://", 13) == 0;
}

bool
conninfo_is_name(const char *conninfo)
{
    return !is_uri(conninfo) && strchr(conninfo, '=') == NULL;
}

/* The keyword that libpq does not know, copied from its message, if it is surely a keyword and
 * no part of a password: letters only, and no password before it outside a URI. */
static bool
unknown_keyword(const char *conninfo, const char *message, char *keyword, size_t size)
{
    const char *quote = strchr(message, '"');
    if (quote == NULL || (strstr(message, "connection option") == NULL &&
                             strstr(message, "query parameter") == NULL))
        return false;
    size_t len = strspn(quote + 1, "abcdefghijklmnopqrstuvwxyz_");
    if (len == 0 || len >= size || quote[1 + len] != '"')
        return false;
    memcpy(keyword, quote + 1, len);
    keyword[len] = '\0';
    const char *secret = strstr(conninfo, "pass"), *at = strstr(conninfo, keyword);
    return is_uri(conninfo) || secret == NULL || (at != NULL && at < secret);
}

bool
conninfo_explain(const char *conninfo, const char *message, Error *error)
{
    static const struct {
        const char *theirs, *ours, *hint;
    } kinds[] = {
        {"forbidden value %00", "has a NUL byte in it (%00)", ""},
        {"percent-encoded", "has a % that is no percent-encoding",
            "write a % in a password as %25"},
        {"unterminated", "has a quote (') that is not closed", ""},
        {"missing \"=\"", "has a keyword without a value",
            "write keyword=value; a value with blanks stands between quotes (')"},
        {"missing key/value", "has a parameter without a value", ""},
        {"extra key/value", "has a parameter with two values", ""},
        {"connection option", "has an unknown keyword", ""},
        {"query parameter", "has an unknown parameter", ""},
        {"matching \"]\"", "has a '[' that is not closed", ""},
    };
    char keyword[32];
    if (unknown_keyword(conninfo, message, keyword, sizeof keyword))
        return error_set(
            error, ERR_USAGE, "the connection string has an unknown keyword '%s'", keyword);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strstr(message, kinds[i].theirs) != NULL) {
            error_set(error, ERR_USAGE, "the connection string %s", kinds[i].ours);
            return error_hint(error, "%s", kinds[i].hint);
        }
    error_set(error, ERR_USAGE, "the connection string cannot be read");
    return error_hint(error, "write it as postgres://USER@HOST/DATABASE");
}

/* True when what stands between the slashes of a URI is as it was meant: libpq would take a
 * part of a password with an unescaped @ or / for the host, the port or the database, and show
 * it in its messages. */
static bool
check_uri(const char *conninfo, Error *error)
{
    const char *authority = strstr(conninfo, "://") + 3;
    size_t len = strcspn(authority, "/");
    const char *at = memchr(authority, '@', len);
    bool twice = at != NULL && memchr(at + 1, '@', len - (size_t)(at + 1 - authority)) != NULL;
    const char *path = authority + len;
    if (!twice && memchr(path, '@', strcspn(path, "?")) == NULL)
        return true;
    error_set(error, ERR_USAGE, "the connection string has an unescaped @ or /");
    return error_hint(error, "write an @ in a password as %%40, a / as %%2F");
}

bool
conninfo_check(const char *conninfo, Error *error)
{
    if (is_uri(conninfo))
        return check_uri(conninfo, error);
    const char *scheme = strstr(conninfo, "://"), *equals = strchr(conninfo, '=');
    if ((scheme == NULL || (equals != NULL && equals < scheme)) &&
        (equals != NULL || strchr(conninfo, '@') == NULL))
        return true;
    error_set(error, ERR_USAGE, "the connection string is not one of PostgreSQL");
    return error_hint(error, "write it as postgres://USER@HOST/DATABASE");
}

bool
conninfo_check_port(const char *port, Error *error)
{
    while (port != NULL && *port != '\0') {
        size_t len = strcspn(port, ",");
        int64_t number;
        if (len != 0 && !text_number(port, len, 1, 65535, &number))
            return error_set(
                error, ERR_USAGE, "the connection string has a port that is no number");
        port += len + (port[len] == ',');
    }
    return true;
}

static size_t
list_length(const char *list)
{
    if (list == NULL)
        return 0;
    size_t n = 1;
    for (; *list != '\0'; list++)
        n += *list == ',';
    return n;
}

/* The i-th of a list separated by commas, the last one when it is shorter; NULL when empty. */
static const char *
list_item(Arena *arena, const char *list, size_t i)
{
    if (list == NULL)
        return NULL;
    for (const char *comma; i > 0 && (comma = strchr(list, ',')) != NULL; i--)
        list = comma + 1;
    size_t len = strcspn(list, ",");
    return len == 0 ? NULL : arena_copy(arena, list, len);
}

size_t
conninfo_targets(
    Arena *arena, const char *host, const char *hostaddr, const char *port, Target *targets)
{
    size_t hosts = list_length(host), addresses = list_length(hostaddr),
           ports = list_length(port), n = hosts > addresses ? hosts : addresses;
    targets[0] = (Target){NULL, NULL, NULL};
    if (n < 2 || n > CONNINFO_MAX_HOSTS ||
        (hosts != 0 && addresses != 0 && hosts != addresses) || (ports > 1 && ports != n))
        return 1;
    for (size_t i = 0; i < n; i++) {
        targets[i] = (Target){list_item(arena, host, i), list_item(arena, hostaddr, i),
            list_item(arena, port, i)};
        if (targets[i].host == NULL && targets[i].hostaddr == NULL) {
            targets[0] = (Target){NULL, NULL, NULL};
            return 1;
        }
    }
    return n;
}

Params
conninfo_params(
    const char *conninfo, const char *application, const Target *target, const char *attrs)
{
    const char *const all[][2] = {
        {"fallback_application_name", application},
        {"tcp_user_timeout", "3000"}, /* ms; a cut network is seen by then */
        {"keepalives_idle", "15"},    /* s; by the kernel: it costs no wake-up */
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"dbname", conninfo[0] == '\0' ? NULL : conninfo},
        {"host", target->host},
        {"hostaddr", target->hostaddr},
        {"port", target->port},
        {"target_session_attrs", attrs},
        {"client_encoding", "UTF8"},
    };
    Params params = {{NULL}, {NULL}};
    for (size_t i = 0, n = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i][1] == NULL)
            continue;
        params.keywords[n] = all[i][0];
        params.values[n++] = all[i][1];
    }
    return params;
}

void
conninfo_place(Text *text, const char *host, const char *port)
{
    if (host == NULL || host[0] == '\0')
        text_add(text, "the local socket");
    else if (host[0] == '/' || host[0] == '@') {
        text_add(text, "socket ");
        text_add_safe(text, host, strlen(host));
        text_add(text, "/.s.PGSQL.");
    } else {
        bool six = strchr(host, ':') != NULL;
        text_add(text, six ? "[" : "");
        text_add_safe(text, host, strlen(host));
        text_add(text, six ? "]:" : ":");
    }
    if (host != NULL && host[0] != '\0')
        text_add_safe(text, port == NULL ? "5432" : port, strlen(port == NULL ? "5432" : port));
}

const char *
conninfo_where(Arena *arena, const Target *targets, size_t n, const char *service,
    const char *database, const char *user)
{
    Text text = text_new(arena);
    if (database == NULL) /* libpq's default */
        database = user == NULL ? "" : user;
    text_add_safe(&text, database, strlen(database));
    text_add(&text, " at ");
    for (size_t i = 0; i < n; i++) {
        const char *host = targets[i].host != NULL ? targets[i].host : targets[i].hostaddr;
        text_add(&text, i == 0 ? "" : ", ");
        if (host == NULL && service != NULL) {
            text_add(&text, "service ");
            text_add_safe(&text, service, strlen(service));
        } else
            conninfo_place(&text, host, targets[i].port);
    }
    if (user != NULL) {
        text_add(&text, " as ");
        text_add_safe(&text, user, strlen(user));
    }
    return text.at;
}

const char *
conninfo_where_all(const Settings *settings, Arena *arena)
{
    Target targets[CONNINFO_MAX_HOSTS];
    size_t n =
        conninfo_targets(arena, settings->host, settings->hostaddr, settings->port, targets);
    if (n == 1)
        targets[0] = (Target){settings->host, settings->hostaddr, settings->port};
    return conninfo_where(
        arena, targets, n, settings->service, settings->database, settings->user);
}
