/* What no other file knows: how the entries of a crontab get names that are unique, tell
 * something, and stay when other lines come and go: a name is taken from the entry alone, and
 * only who finds it taken by a line above goes on to a longer one. */

#include "file/cronname.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "file/clockfile.h"
#include "file/croncommand.h"
#include "file/cronremark.h"
#include "file/crontab.h"
#include "file/pool.h"

#define HASH_DIGITS 6

typedef struct {
    Crontab *crontab;
    Arena *arena;   /* what is needed for one name */
    Pool *taken;    /* known: for a name that many want, where to go on counting */
    Pool *commands; /* those of the lines above */
} Naming;

static bool
take(Naming *naming, CrontabEntry *entry, const char *name)
{
    if (strlen(name) > CLOCKFILE_MAX_NAME || pool_find(naming->taken, name, strlen(name)))
        return false;
    entry->name = pool_entry(naming->taken, name, strlen(name))->at;
    return true;
}

static uint64_t
add(uint64_t hash, const char *text)
{
    return text == NULL ? hash_bytes(hash, "", 1) : hash_bytes(hash, text, strlen(text) + 1);
}

static const char *
hashed(Naming *naming, const char *base, uint64_t hash)
{
    return arena_printf(naming->arena, "%s-%0*llx", base, HASH_DIGITS,
        (unsigned long long)(hash_final(hash) & 0xffffff));
}

/* Entries alike in everything: which of them has which number makes no difference. */
static void
count(Naming *naming, CrontabEntry *entry, const char *base)
{
    PoolEntry *last = pool_entry(naming->taken, base, strlen(base));
    size_t *next = last->known;
    if (next == NULL) {
        next = last->known = arena_alloc(naming->crontab->arena, sizeof *next);
        *next = 2;
    }
    while (!take(naming, entry, arena_printf(naming->arena, "%s-%zu", base, *next)))
        (*next)++;
}

static bool
take_with(Naming *naming, CrontabEntry *entry, const char *base, const char *detail)
{
    return take(naming, entry, arena_printf(naming->arena, "%s-%s", base, detail));
}

/* True when a line above runs the same. */
static bool
is_repeated(Naming *naming, const CrontabEntry *entry)
{
    const char *key = arena_printf(
        naming->arena, "%s\n%s", entry->user == NULL ? "" : entry->user, entry->command);
    return pool_entry(naming->commands, key, strlen(key))->uses > 1;
}

/* "0615", when the entry is due at one time of the day, "15" at one minute; else NULL. */
static const char *
time_of(Arena *arena, const CrontabEntry *entry)
{
    const char *minute = entry->schedule, *blank = strchr(minute, ' ');
    int64_t m, h;
    if (blank == NULL || !text_number(minute, (size_t)(blank - minute), 0, 59, &m))
        return NULL;
    if (strncmp(blank, " * ", 3) == 0)
        return arena_printf(arena, "%02d", (int)m);
    if (!text_number(blank + 1, strcspn(blank + 1, " "), 0, 23, &h))
        return NULL;
    return arena_printf(arena, "%02d%02d", (int)h, (int)m);
}

/* The first choice is taken.  A command that stands in several lines is told by its time, any
 * other by what it runs and on what. */
static bool
take_detail(Naming *naming, CrontabEntry *entry, const char *base, const CronCommand *command,
    bool repeated)
{
    const char *time = repeated ? time_of(naming->arena, entry) : NULL;
    if (base == entry->title && strcmp(base, command->name) != 0 &&
        take_with(naming, entry, base, command->name))
        return true;
    if (time != NULL && take_with(naming, entry, base, time))
        return true;
    for (size_t i = 0; i < command->n; i++) {
        if (take_with(naming, entry, base, command->details[i]))
            return true;
    }
    return entry->user != NULL && take_with(naming, entry, base, entry->user);
}

static void
name(Naming *naming, CrontabEntry *entry)
{
    CronCommand command = croncommand_read(naming->arena, entry->command);
    const char *base = entry->title != NULL ? entry->title : command.name;
    bool repeated = is_repeated(naming, entry);
    if (take(naming, entry, base) || take_detail(naming, entry, base, &command, repeated))
        return;
    uint64_t hash = add(add(add(HASH_START, entry->user), entry->command), entry->input);
    if (take(naming, entry, hashed(naming, base, hash)))
        return;
    hash = add(hash, entry->schedule);
    const char *last = hashed(naming, base, hash);
    if (!take(naming, entry, last))
        count(naming, entry, last);
}

/* Another line asks for the same name: a person has to say which is meant. */
static void
refuse_name(Crontab *crontab, CrontabEntry *entry)
{
    CrontabRemark *remark = &crontab->remarks[entry->named_by];
    cronremark_add(crontab->arena, remark, CRONTAB_DECISION, "give each a name of its own",
        arena_printf(crontab->arena, "another entry has the name '%s'", entry->name));
    crontab->counts.decisions++;
    entry->name = NULL;
}

void
cronname_give(Crontab *crontab)
{
    Naming naming = {.crontab = crontab,
        .arena = arena_new(0),
        .taken = pool_new(crontab->arena),
        .commands = pool_new(crontab->arena)};
    for (size_t i = 0; i < crontab->n; i++) { /* names asked for come before all */
        CrontabEntry *entry = &crontab->entries[i];
        if (entry->name != NULL && !take(&naming, entry, entry->name))
            refuse_name(crontab, entry);
    }
    for (size_t i = 0; i < crontab->n; i++) {
        arena_reset(naming.arena);
        if (crontab->entries[i].name == NULL)
            name(&naming, &crontab->entries[i]);
    }
    arena_free(naming.arena);
}
