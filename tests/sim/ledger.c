/* What no other file knows: what was promised, and the ways in which a promise can be broken:
 * kept twice, not at all, or where none was made. */

#include "ledger.h"

#include <string.h>

#include "world.h"

void
ledger_begin(Ledger *ledger, Arena *arena)
{
    *ledger = (Ledger){.arena = arena};
    for (int i = 0; i < SIM_JOBS; i++)
        ledger->jobs[i].checked_s = ledger->jobs[i].excused_s = INT64_MIN;
}

static void *
copy_of(Arena *arena, const void *from, size_t bytes)
{
    return bytes == 0 ? NULL : memcpy(arena_alloc(arena, bytes), from, bytes);
}

void
ledger_copy(Ledger *to, const Ledger *from)
{
    *to = *from;
    for (int i = 0; i < SIM_JOBS; i++) {
        Account *account = &to->jobs[i];
        account->reigns =
            copy_of(to->arena, account->reigns, account->n_reigns * sizeof *account->reigns);
        account->entries =
            copy_of(to->arena, account->entries, account->n * sizeof *account->entries);
        account->reigns_cap = account->n_reigns;
        account->cap = account->n;
    }
}

const Reign *
ledger_reign(const Ledger *ledger, int job)
{
    const Account *account = &ledger->jobs[job];
    if (account->n_reigns == 0)
        return NULL;
    const Reign *last = &account->reigns[account->n_reigns - 1];
    return last->to_s == INT64_MAX ? last : NULL;
}

void
ledger_rule(Ledger *ledger, int job, const Spec *spec, int64_t at_s)
{
    Account *account = &ledger->jobs[job];
    if (ledger_reign(ledger, job) != NULL)
        account->reigns[account->n_reigns - 1].to_s = at_s;
    if (spec == NULL)
        return;
    for (size_t i = 0; i < account->n_reigns; i++)
        if (account->reigns[i].to_s > at_s) {
            account->excused_s = account->reigns[i].to_s;
            account->reigns[i].to_s = at_s;
        }
    if (account->n_reigns == account->reigns_cap) {
        size_t cap = account->reigns_cap * 2 + 4;
        account->reigns = arena_grow(ledger->arena, account->reigns,
            account->reigns_cap * sizeof(Reign), cap * sizeof(Reign));
        account->reigns_cap = cap;
    }
    account->reigns[account->n_reigns++] =
        (Reign){.spec = spec, .from_s = at_s, .to_s = INT64_MAX};
}

int64_t
ledger_next(const Ledger *ledger, int job, int64_t after_s)
{
    const Account *account = &ledger->jobs[job];
    for (size_t i = 0; i < account->n_reigns; i++) {
        const Reign *reign = &account->reigns[i];
        if (reign->to_s <= after_s)
            continue;
        int64_t at_s =
            spec_next(reign->spec, after_s > reign->from_s ? after_s : reign->from_s);
        if (at_s <= reign->to_s)
            return at_s;
    }
    return INT64_MAX;
}

/* How many entries are before at_s: nearly always all. */
static size_t
place(const Account *account, int64_t at_s)
{
    size_t low = 0, high = account->n;
    if (high > 0 && account->entries[high - 1].at_s < at_s)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (account->entries[middle].at_s < at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
add(Ledger *ledger, int job, int64_t at_s, bool is_row, const char *what)
{
    Account *account = &ledger->jobs[job];
    size_t at = place(account, at_s);
    if (at_s <= account->excused_s)
        return;
    if (at < account->n && account->entries[at].at_s == at_s) {
        world_fail("double: %s at %lld %s, but it was a %s already", job_name(job),
            (long long)at_s, what, account->entries[at].is_row ? "row" : "record");
        return;
    }
    if (ledger_next(ledger, job, at_s - 1) != at_s) {
        world_fail("phantom: %s at %lld %s, but nobody promised it", job_name(job),
            (long long)at_s, what);
        return;
    }
    if (account->n == account->cap) {
        size_t cap = account->cap * 2 + 64;
        account->entries = arena_grow(
            ledger->arena, account->entries, account->cap * sizeof(Entry), cap * sizeof(Entry));
        account->cap = cap;
    }
    memmove(
        &account->entries[at + 1], &account->entries[at], (account->n - at) * sizeof(Entry));
    account->entries[at] = (Entry){.at_s = at_s, .is_row = is_row};
    account->n++;
}

void
ledger_row(Ledger *ledger, int job, int64_t at_s)
{
    add(ledger, job, at_s, true, "became a row");
}

void
ledger_record(
    Ledger *ledger, int job, int64_t first_s, int64_t last_s, int64_t count, const char *why)
{
    int64_t found = 0, at_s = first_s - 1, end_s = first_s;
    while ((at_s = ledger_next(ledger, job, at_s)) <= last_s && !world_failed()) {
        add(ledger, job, at_s, false, "was recorded as missed");
        if (found++ == 0 && at_s != first_s && count >= 0 && at_s > ledger->jobs[job].excused_s)
            world_fail("a record (%s) of %s begins at %lld, where nothing was due", why,
                job_name(job), (long long)first_s);
        end_s = at_s;
    }
    bool excused = first_s <= ledger->jobs[job].excused_s;
    if (count >= 0 && !excused && (found != count || end_s != last_s))
        world_fail("a record (%s) of %s says %lld from %lld to %lld; %lld were due up to %lld",
            why, job_name(job), (long long)count, (long long)first_s, (long long)last_s,
            (long long)found, (long long)end_s);
}

void
ledger_make_up(Ledger *ledger, int job, int64_t at_s)
{
    Account *account = &ledger->jobs[job];
    size_t at = place(account, at_s);
    if (at < account->n && account->entries[at].at_s == at_s && !account->entries[at].is_row)
        account->entries[at].is_row = true;
    else
        add(ledger, job, at_s, true, "was made up for");
}

void
ledger_check(Ledger *ledger, int job, int64_t low_s)
{
    Account *account = &ledger->jobs[job];
    int64_t at_s =
        account->checked_s > account->excused_s ? account->checked_s : account->excused_s;
    size_t i = place(account, at_s == INT64_MIN ? at_s : at_s + 1);
    while ((at_s = ledger_next(ledger, job, at_s)) <= low_s && at_s != INT64_MAX) {
        if (i == account->n || account->entries[i++].at_s != at_s) {
            world_fail("lost: %s at %lld is neither row nor record, and its bound is %lld",
                job_name(job), (long long)at_s, (long long)low_s);
            return;
        }
    }
    if (i < account->n)
        world_fail("ahead: %s at %lld is accounted for, and its bound is %lld", job_name(job),
            (long long)account->entries[i].at_s, (long long)low_s);
    if (low_s > account->checked_s)
        account->checked_s = low_s;
}
