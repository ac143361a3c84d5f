/* What no other file knows: how the entries of a crontab get names that are unique, tell
 * something, and stay when other lines come and go: a name is taken from the entry alone, and
 * only who finds it taken by an earlier line goes on to a longer one. */

#include "file/cronname.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "file/croncommand.h"
#include "file/crontab.h"
#include "file/pool.h"
#include "file/scalar.h"

#define SLUG_MIN 2
#define SLUG_MAX 48
#define HASH_DIGITS 6

/* ---- what may be a name ---- */

static bool
is_alnum(char c)
{
    c = text_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool
cronname_is_name(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > CLOCKFILE_MAX_NAME)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_alnum(text[i]) && text[i] != '_' && (i == 0 || strchr(".:-", text[i]) == NULL))
            return false;
    }
    return true;
}

const char *
cronname_slug(Arena *arena, const char *text)
{
    Text slug = text_new(arena);
    size_t foreign = 0;
    for (const char *at = text; *at != '\0'; at++) {
        bool kept =
            is_alnum(*at) || *at == '_' || (*at == '.' && slug.len > 0 && is_alnum(at[1]));
        foreign += (*at & 0x80) != 0;
        if (kept)
            text_add_char(&slug, text_lower(*at));
        else if (slug.len > 0 && slug.at[slug.len - 1] != '-')
            text_add_char(&slug, '-');
    }
    while (slug.len > 0 && strchr("-.", slug.at[slug.len - 1]) != NULL)
        slug.at[--slug.len] = '\0';
    if (slug.len < SLUG_MIN || slug.len > SLUG_MAX || foreign > slug.len / 2)
        return NULL;
    /* What begins with a letter and is no number or truth value to any YAML reader. */
    bool word = (slug.at[0] < '0' || slug.at[0] > '9') &&
                scalar_meaning(slug.at, slug.len) == SCALAR_TEXT;
    return word ? slug.at : arena_printf(arena, "job-%s", slug.at);
}

/* ---- who gets which ---- */

typedef struct {
    Crontab *crontab;
    Arena *arena;
    Pool *taken; /* known: for a name that many want, where to go on counting */
} Naming;

static bool
take(Naming *naming, CrontabEntry *entry, const char *name)
{
    if (strlen(name) > CLOCKFILE_MAX_NAME || pool_find(naming->taken, name, strlen(name)))
        return false;
    pool_entry(naming->taken, name, strlen(name));
    entry->name = name;
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
        next = last->known = arena_alloc(naming->arena, sizeof *next);
        *next = 2;
    }
    while (!take(naming, entry, arena_printf(naming->arena, "%s-%zu", base, *next)))
        (*next)++;
}

static const char *
first_choice(Naming *naming, const CrontabEntry *entry, const char **detail)
{
    const char *name = croncommand_name(naming->arena, entry->command, detail);
    if (entry->title == NULL)
        return name;
    *detail = name;
    return entry->title;
}

/* The first choice was taken. */
static void
settle(Naming *naming, CrontabEntry *entry)
{
    Arena *arena = naming->arena;
    const char *detail, *base = first_choice(naming, entry, &detail);
    if (detail != NULL && strcmp(detail, base) != 0 &&
        take(naming, entry, arena_printf(arena, "%s-%s", base, detail)))
        return;
    if (entry->user != NULL &&
        take(naming, entry, arena_printf(arena, "%s-%s", base, entry->user)))
        return;
    uint64_t hash = add(add(add(HASH_START, entry->user), entry->command), entry->input);
    if (take(naming, entry, hashed(naming, base, hash)))
        return;
    hash = add(hash, entry->schedule);
    const char *last = hashed(naming, base, hash);
    if (!take(naming, entry, last))
        count(naming, entry, last);
}

void
cronname_give(Crontab *crontab)
{
    Naming naming = {crontab, crontab->arena, pool_new(crontab->arena)};
    for (size_t i = 0; i < crontab->n; i++) { /* names asked for come before all */
        CrontabEntry *entry = &crontab->entries[i];
        if (entry->name != NULL && !take(&naming, entry, entry->name))
            entry->name = NULL;
    }
    for (size_t i = 0; i < crontab->n; i++) {
        CrontabEntry *entry = &crontab->entries[i];
        const char *detail;
        if (entry->name == NULL)
            take(&naming, entry, first_choice(&naming, entry, &detail));
    }
    for (size_t i = 0; i < crontab->n; i++) {
        if (crontab->entries[i].name == NULL)
            settle(&naming, &crontab->entries[i]);
    }
}
