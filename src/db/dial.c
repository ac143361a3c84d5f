/* What no other file knows: in which order the hosts of a connection string are dialled, when
 * again, and what their answers together mean.  A standby is not given up but asked again, so
 * that its promotion is seen at once; a host that drops packets takes nobody else's time. */

#include "db/dial.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"

/* --- The plan --- */

static bool
is_name(const Target *target)
{
    return target->hostaddr == NULL && target->host != NULL && target->host[0] != '/' &&
           target->host[0] != '@';
}

static void
add(Race *race, size_t host, const Target *target, const char *hostaddr)
{
    if (race->n == RACE_MAX)
        return;
    Dial *dial = &race->dials[race->n++];
    *dial = (Dial){.target = *target, .host = host};
    if (hostaddr != NULL)
        dial->target.hostaddr = hostaddr;
}

/* A dial for each address of a name; one that cannot be resolved is left to libpq, which says
 * why.  `spare`: how many dials the other hosts will need. */
static void
add_addresses(Race *race, Arena *arena, size_t host, const Target *target, size_t spare)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    size_t before = race->n;
    if (is_name(target) && getaddrinfo(target->host, NULL, &hints, &found) == 0) {
        for (struct addrinfo *at = found; at != NULL && race->n + spare < RACE_MAX;
             at = at->ai_next) {
            char address[NI_MAXHOST];
            if (getnameinfo(at->ai_addr, at->ai_addrlen, address, sizeof address, NULL, 0,
                    NI_NUMERICHOST) == 0)
                add(race, host, target, arena_copy(arena, address, strlen(address)));
        }
        freeaddrinfo(found);
    }
    if (race->n == before)
        add(race, host, target, NULL);
}

/* Of several hosts only one that takes writes is of use, unless somebody chose otherwise. */
static bool
wants_writes(const char *attrs)
{
    return attrs == NULL || strcmp(attrs, "read-write") == 0 || strcmp(attrs, "primary") == 0;
}

void
race_plan(Race *race, Arena *arena, const Settings *settings)
{
    Target targets[CONNINFO_MAX_HOSTS];
    size_t n =
        conninfo_targets(arena, settings->host, settings->hostaddr, settings->port, targets);
    bool single = n == 1 && settings->service == NULL && settings->host != NULL &&
                  strchr(settings->host, ',') == NULL;
    if (single) /* otherwise libpq knows best what the string means */
        targets[0] = (Target){settings->host, settings->hostaddr, settings->port};
    race->n = 0;
    race->hosts = n;
    race->writes = n > 1 && wants_writes(settings->attrs);
    for (size_t i = 0; i < n; i++)
        add_addresses(race, arena, i, &targets[i], n - 1 - i);
}

/* All hosts at once, the further addresses of a name by and by. */
void
race_begin(Race *race, int64_t now_us)
{
    race->began_us = now_us;
    for (size_t i = 0; i < race->n; i++) {
        Dial *dial = &race->dials[i];
        bool further = i > 0 && dial[-1].host == dial->host;
        dial->state = DIAL_LATER;
        dial->tried = dial->answered = false;
        dial->took_us = 0;
        dial->due_us = further ? dial[-1].due_us + RACE_ADDRESS_US : now_us;
    }
}

/* --- The account --- */

/* Until when the own server may show that it lives: twice as long as the other one took, which
 * may be as far away.  INT64_MAX: there is no winner yet. */
static int64_t
own_until_us(const Race *race)
{
    int winner = race_winner(race);
    if (winner < 0)
        return INT64_MAX;
    int64_t own_us = 2 * race->dials[winner].took_us;
    if (own_us < RACE_OWN_US)
        own_us = RACE_OWN_US;
    if (own_us > RACE_OWN_MAX_US)
        own_us = RACE_OWN_MAX_US;
    return race->began_us + own_us;
}

int64_t
race_due_us(const Race *race)
{
    int64_t due_us = own_until_us(race);
    for (size_t i = 0; i < race->n; i++) {
        const Dial *dial = &race->dials[i];
        bool waits = dial->state == DIAL_LATER || dial->state == DIAL_STANDBY;
        if (waits && dial->due_us < due_us)
            due_us = dial->due_us;
    }
    return due_us;
}

static void
answered(Race *race, size_t i, int64_t now_us)
{
    if (!race->dials[i].answered)
        race->dials[i].took_us = now_us - race->began_us;
    race->dials[i].answered = true;
}

void
race_stands(Race *race, size_t i, int64_t now_us)
{
    answered(race, i, now_us);
    race->dials[i].state = DIAL_STANDS;
}

void
race_is_standby(Race *race, size_t i, int64_t now_us)
{
    Dial *dial = &race->dials[i];
    answered(race, i, now_us);
    dial->state = DIAL_STANDBY;
    dial->due_us = now_us + RACE_ASK_US;
}

void
race_failed(Race *race, size_t i, int64_t now_us, const Error *error)
{
    Dial *dial = &race->dials[i];
    dial->error = *error;
    dial->tried = true;
    dial->answered = error->sqlstate[0] != '\0';
    dial->state = error->kind == ERR_DB_REFUSED ? DIAL_REFUSED : DIAL_LATER;
    dial->due_us = now_us + RACE_REDIAL_US;
    if (i + 1 < race->n && dial[1].host == dial->host && !dial[1].tried &&
        dial[1].state == DIAL_LATER)
        dial[1].due_us = now_us; /* its turn, without a wait */
}

int
race_winner(const Race *race)
{
    for (size_t i = 0; i < race->n; i++)
        if (race->dials[i].state == DIAL_STANDS)
            return (int)i;
    return -1;
}

bool
race_is_over(const Race *race)
{
    for (size_t i = 0; i < race->n; i++) {
        const Dial *dial = &race->dials[i];
        if (dial->state != DIAL_REFUSED && !(dial->state == DIAL_LATER && dial->tried))
            return false;
    }
    return true;
}

RaceVerdict
race_verdict(const Race *race, size_t own, int64_t now_us)
{
    if (race->dials[own].answered)
        return RACE_STAY;
    bool lives = race->dials[own].state == DIAL_OPENING || race->dials[own].state == DIAL_ASKED;
    if (race_winner(race) >= 0 && (!lives || now_us >= own_until_us(race)))
        return RACE_LEAVE;
    return RACE_ON;
}

/* --- What to say --- */

static const char *
cause(const Dial *dial, const char *unanswered)
{
    switch (dial->state) {
    case DIAL_STANDBY:
        return "it takes no writes: it is a standby or read-only";
    case DIAL_OPENING:
    case DIAL_ASKED:
        return unanswered;
    default:
        return dial->tried ? dial->error.text : unanswered;
    }
}

/* One line for each host: what its last address had to say, and where it is when there are
 * several. */
static void
add_causes(const Race *race, const char *unanswered, Arena *arena, Text *causes)
{
    const char *before = "";
    for (size_t i = 0; i < race->n; i++) {
        const Dial *dial = &race->dials[i];
        Text line = text_new(arena);
        if (race->hosts > 1) {
            const Target *target = &dial->target;
            conninfo_place(
                &line, target->host != NULL ? target->host : target->hostaddr, target->port);
            text_add(&line, ": ");
        }
        text_addf(&line, "%.300s", cause(dial, unanswered));
        bool further = i > 0 && dial[-1].host == dial->host;
        if (!further || strcmp(line.at, before) != 0)
            text_addf(causes, "%s%s", causes->len == 0 ? "" : "; ", line.at);
        before = line.at;
    }
}

/* TLS that was asked for and did not come about; libpq's own words are English. */
static const char *
hint_of_tls(const char *text)
{
    static const struct {
        const char *words, *hint;
    } hints[] = {
        {"does not match host name",
            "name the host as its certificate does; hostaddr= may say where it is"},
        {"certificate verify failed", "sslrootcert= names the CA of the server's certificate"},
        {"root certificate file", "sslrootcert= names the CA of the server's certificate"},
        {"client certificate", "sslcert= and sslkey= name this role's certificate and its key"},
        {"SSL was required", "turn ssl on at the server, or look at sslmode="},
    };
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
        if (strstr(text, hints[i].words) != NULL)
            return hints[i].hint;
    }
    return NULL;
}

static void
add_hint(const char *sqlstate, Error *error)
{
    const char *tls = hint_of_tls(error->text);
    if (tls != NULL)
        error_hint(error, "%s", tls);
    if (strcmp(sqlstate, "3D000") == 0)
        error_hint(error, "make the database first, with createdb");
    else if (strcmp(sqlstate, "28P01") == 0 || strstr(error->text, "no password") != NULL)
        error_hint(
            error, "the password comes from the connection string, PGPASSWORD or ~/.pgpass");
}

bool
race_explain(const Race *race, const char *where, const char *unanswered, Error *error)
{
    Arena *arena = arena_new(0);
    Text causes = text_new(arena);
    ErrorKind kind = ERR_DB_REFUSED;
    const char *sqlstate = "";
    for (size_t i = 0; i < race->n; i++) {
        const Dial *dial = &race->dials[i];
        if (dial->state != DIAL_REFUSED)
            kind = ERR_DB_AWAY;
        if (dial->state == DIAL_STANDBY)
            sqlstate = "25006";
        else if (dial->tried && dial->error.sqlstate[0] != '\0')
            sqlstate = dial->error.sqlstate;
    }
    add_causes(race, unanswered, arena, &causes);
    error_set(error, kind, "cannot connect to '%.200s': %s", where, causes.at);
    memcpy(error->sqlstate, sqlstate, strlen(sqlstate) + 1);
    add_hint(sqlstate, error);
    arena_free(arena);
    return false;
}
