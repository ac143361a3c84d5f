/* What no other file knows: how the explanation of a schedule is put together and laid out. */

#include "cmd/account.h"

#include <string.h>

#include "base/json.h"
#include "cmd/footnote.h"
#include "cmd/out.h"
#include "file/elsewhere.h"
#include "plan/explain.h"
#include "plan/schedule.h"
#include "plan/words.h"
#include "time/civil.h"
#include "time/instant.h"
#include "time/span.h"

/* Members of a union that are compared with other systems. */
#define COMPARED_MAX 8

Account *
account_new(Arena *arena, const Job *job, AccountOrigin origin, const Zone *shown,
    int64_t from_s, int64_t now_s)
{
    Account *a = arena_alloc(arena, sizeof *a);
    *a = (Account){.arena = arena,
        .origin = origin,
        .job = job,
        .schedule = job->schedule,
        .shown = shown != NULL ? shown : schedule_zone(job->schedule),
        .from_s = from_s,
        .now_s = now_s};
    int64_t at_s = from_s;
    while (a->n_fires < ACCOUNT_FIRES && schedule_next(a->schedule, at_s, &at_s))
        a->fires[a->n_fires++] = at_s;
    a->n_zones = explain_zones(a->schedule, a->zones, ACCOUNT_ZONES);
    for (size_t i = 0; i < a->n_zones; i++) {
        at_s = from_s;
        for (int k = 0; k < ACCOUNT_SHIFTS; k++) {
            Shift *shift = &a->shifts[a->n_shifts];
            if (!shift_next(a->schedule, a->zones[i], at_s, shift))
                break;
            a->n_shifts++;
            at_s = shift->at_s;
        }
    }
    a->n_notes = explainnote_list(arena, a->schedule, job->name, &a->notes);
    return a;
}

static const char *
span_text(Arena *arena, int64_t span_s)
{
    Text text = text_new(arena);
    span_write(&text, span_s);
    return text.at;
}

/* ---- words ---- */

static const char *
english(const Account *a)
{
    Text text = text_new(a->arena);
    explain_schedule(a->schedule, &text);
    return text.at;
}

static const char *
note_hint(const Account *a, const ExplainNote *note)
{
    if (a->origin == ACCOUNT_TYPED && note->kind == EXPLAIN_DAYS_OR)
        return "for that, give --days and; in a Clockfile, write days: and";
    if (a->origin == ACCOUNT_TYPED && note->kind == EXPLAIN_DAYS_AND)
        return "for that, give --days or; in a Clockfile, write days: or";
    if (note->kind == EXPLAIN_HASH && *a->job->name == '\0')
        return "give the job's name: --job NAME";
    return note->hint;
}

static const char *
dst_words(const DstNote *dst, Arena *arena)
{
    Text wanted = text_new(arena);
    words_time(
        &wanted, (int)((dst->wanted_ls % CIVIL_DAY_S + CIVIL_DAY_S) % CIVIL_DAY_S), TIME_SHORT);
    switch (dst->effect) {
    case DST_MOVED:
        return arena_printf(arena, "%s does not exist that day", wanted.at);
    case DST_FIRST:
        return arena_printf(arena, "the first %s of two", wanted.at);
    case DST_SECOND:
        return arena_printf(arena, "the second %s of two", wanted.at);
    case DST_ONCE:
        return arena_printf(arena, "the first %s of two, the second is left out", wanted.at);
    case DST_PLAIN:
    case DST_DROPPED:
        break;
    }
    return "";
}

static const char *
missed_words(const Account *a)
{
    const char *within = span_text(a->arena, a->job->within_s);
    switch (a->job->missed) {
    case MISSED_SKIP:
        return "none is made, all are recorded in clock.missed";
    case MISSED_LATEST:
        return arena_printf(a->arena,
            "the newest is made if it is at most %s old, the others are recorded in "
            "clock.missed",
            within);
    case MISSED_ALL:
        return arena_printf(a->arena,
            "the newest %d are made if they are at most %s old, the others are recorded in "
            "clock.missed",
            a->job->limit, within);
    }
    return "";
}

static const char *
overlap_words(const Account *a)
{
    return a->job->overlap == OVERLAP_SKIP
               ? "no row is made while the previous one is unfinished, the fire is recorded in "
                 "clock.missed"
               : "a row is made also while the previous one is unfinished";
}

/* ---- other systems ---- */

/* The systems from `first` on that are told the same, marked in *done. */
static const char *
same_systems(const Account *a, const Elsewhere *all, int first, bool *done)
{
    Text names = text_new(a->arena);
    for (int i = first; i < ELSEWHERE_SYSTEMS; i++) {
        if (all->text[i] == NULL || strcmp(all->text[i], all->text[first]) != 0)
            continue;
        done[i] = true;
        text_addf(&names, "%s%s", i == first ? "" : ", ", elsewhere_name(i));
    }
    return names.at;
}

static Elsewhere
compare_member(const Account *a, size_t i)
{
    const Schedule *member = explain_member(a->arena, a->schedule, i);
    Shift shifts[ACCOUNT_SHIFTS];
    const Zone *zone;
    size_t n = 0;
    int64_t at_s = a->from_s;
    if (explain_zones(member, &zone, 1) == 1) {
        for (; n < ACCOUNT_SHIFTS && shift_next(member, zone, at_s, &shifts[n]); n++)
            at_s = shifts[n].at_s;
    }
    return elsewhere_read(a->arena, member, shifts, n);
}

static size_t
compared(const Account *a)
{
    size_t n = explain_count(a->schedule);
    return n > COMPARED_MAX ? COMPARED_MAX : n;
}

static void
write_elsewhere(const Account *a, Text *text)
{
    size_t n = explain_count(a->schedule);
    text_add(text, "\nelsewhere:\n");
    for (size_t i = 0; i < compared(a); i++) {
        Elsewhere all = compare_member(a, i);
        bool done[ELSEWHERE_SYSTEMS] = {false}, any = false;
        Table *table = table_new_bare(a->arena, 2);
        const char *written = explain_rule(a->schedule, i).text;
        if (n > 1 && written != NULL)
            text_addf(text, "  for %s:\n", text_safe(a->arena, written));
        else if (n > 1)
            text_addf(text, "  for part %zu:\n", i + 1);
        for (int system = 0; system < ELSEWHERE_SYSTEMS; system++) {
            if (all.text[system] == NULL || done[system])
                continue;
            const char *names = same_systems(a, &all, system, done);
            table_cell(table, arena_printf(a->arena, "%s%s", n > 1 ? "    " : "  ", names));
            table_cell(table, all.text[system]);
            any = true;
        }
        table_write(table, text);
        text_add(text, any ? "" : n > 1 ? "    read the same\n" : "  read the same\n");
    }
    if (n > compared(a))
        text_addf(text, "  (%zu more parts are not compared)\n", n - compared(a));
}

/* ---- for people ---- */

static void
write_head(const Account *a, Text *text)
{
    text_add(text, english(a));
    text_add_char(text, '\n');
    if (a->origin == ACCOUNT_JOB) {
        text_add(text, "Written as ");
        text_add_safe(text, a->job->written, strlen(a->job->written));
        text_add(text, a->n_zones > 0 ? "; times are those of " : ".\n");
    } else if (a->n_zones > 0) {
        text_add(text, "Times are those of ");
    }
    for (size_t i = 0; i < a->n_zones; i++) {
        words_joint(text, i, a->n_zones);
        text_add(text, zone_name(a->zones[i]));
    }
    text_add(text, a->n_zones > 0 ? ".\n" : "");
    for (size_t i = 0; i < a->n_notes; i++) {
        const char *hint = note_hint(a, &a->notes[i]);
        text_addf(text, "%snote: %s%s%s\n", i == 0 ? "\n" : "", a->notes[i].text,
            *hint == '\0' ? "" : "; ", hint);
    }
}

static void
write_fires(const Account *a, Text *text)
{
    Table *table = table_new_bare(a->arena, 4);
    text_add(text, a->job->enabled ? "\nnext fires:\n" : "\nnext fires, if it were enabled:\n");
    int64_t last_s;
    if (a->n_fires == 0)
        text_add(text, schedule_prev(a->schedule, a->from_s + 1, &last_s) ? "  none any more\n"
                                                                          : "  none, ever\n");
    for (size_t i = 0; i < a->n_fires; i++) {
        Text instant = text_new(a->arena), weekday = text_new(a->arena);
        DstNote dst = schedule_dst(a->schedule, a->fires[i]);
        int64_t at_ls = zone_local(a->shown, a->fires[i], NULL);
        text_add(&instant, "  ");
        instant_write(&instant, a->fires[i], a->shown);
        int64_t day = at_ls / CIVIL_DAY_S - (at_ls % CIVIL_DAY_S < 0);
        words_value(&weekday, WORD_WEEKDAY, civil_weekday(day));
        table_cell(table, instant.at);
        table_cell(table, out_distance(a->arena, a->fires[i] - a->now_s));
        table_cell(table, weekday.at);
        table_cell(table, dst_words(&dst, a->arena));
    }
    table_write(table, text);
}

/* "  2027-03-28 from 02:00 to 03:00" */
static const char *
shift_name(const Account *a, const Shift *shift)
{
    Text text = text_new(a->arena);
    Civil from = civil_from_seconds(shift->before_ls), to = civil_from_seconds(shift->after_ls);
    text_addf(&text, "  %04d-%02d-%02d ", from.year, from.month, from.day);
    if (a->n_zones > 1)
        text_addf(&text, "in %s ", zone_name(shift->zone));
    text_addf(&text, "from %02d:%02d to ", from.hour, from.minute);
    if (to.day != from.day)
        text_addf(&text, "%04d-%02d-%02d ", to.year, to.month, to.day);
    text_addf(&text, "%02d:%02d", to.hour, to.minute);
    return text.at;
}

static void
write_shifts(const Account *a, Text *text)
{
    Table *table = table_new_bare(a->arena, 2);
    if (a->n_fires == 0)
        return;
    text_add(text, "\nwhen the clocks change:\n");
    if (a->n_zones == 0)
        text_add(text, "  nothing happens: it follows no zone's clocks\n");
    for (size_t i = 0; i < a->n_zones; i++) {
        size_t found = 0;
        for (size_t k = 0; k < a->n_shifts; k++) {
            Text what = text_new(a->arena);
            if (a->shifts[k].zone != a->zones[i])
                continue;
            found++;
            shift_write(&a->shifts[k], &what);
            table_cell(table, shift_name(a, &a->shifts[k]));
            table_cell(table, what.at);
        }
        if (found == 0)
            text_addf(text, "  those of %s stay as they are\n", zone_name(a->zones[i]));
    }
    table_write(table, text);
}

static void
write_policies(const Account *a, Text *text)
{
    const char *unless = a->origin == ACCOUNT_TYPED ? ", unless a job says otherwise" : "";
    text_addf(text, "\nwhen missed: %s%s\non overlap: %s%s\n", missed_words(a), unless,
        overlap_words(a), unless);
    if (a->job->jitter_s > 0)
        text_addf(text,
            "jitter: each row waits up to %s longer, always the same for one fire\n",
            span_text(a->arena, a->job->jitter_s));
}

void
account_write(const Account *account, Text *text)
{
    write_head(account, text);
    write_fires(account, text);
    write_shifts(account, text);
    write_policies(account, text);
    write_elsewhere(account, text);
}

/* ---- for programs ---- */

static void
json_text(Json *json, const char *key, const char *value)
{
    json_key(json, key);
    json_string(json, value == NULL || *value == '\0' ? NULL : value);
}

static void
json_count(Json *json, const char *key, int64_t n)
{
    json_key(json, key);
    json_number(json, n);
}

static void
json_notes(const Account *a, Json *json)
{
    static const char *const kinds[] = {
        [EXPLAIN_HASH] = "hash",
        [EXPLAIN_DAYS_OR] = "days",
        [EXPLAIN_DAYS_AND] = "days",
        [EXPLAIN_CLOCKS] = "dst",
        [EXPLAIN_LINT] = "lint",
    };
    json_key(json, "notes");
    json_open(json, '[');
    for (size_t i = 0; i < a->n_notes; i++) {
        json_open(json, '{');
        json_text(json, "kind", kinds[a->notes[i].kind]);
        json_text(json, "text", a->notes[i].text);
        json_text(json, "hint", note_hint(a, &a->notes[i]));
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void
json_fires(const Account *a, Json *json)
{
    json_key(json, "next");
    json_open(json, '[');
    for (size_t i = 0; i < a->n_fires; i++) {
        Text instant = text_new(a->arena);
        instant_write(&instant, a->fires[i], a->shown);
        json_open(json, '{');
        json_text(json, "scheduled_at", instant.at);
        json_count(json, "in_s", a->fires[i] - a->now_s);
        json_text(json, "dst", footnote_effect(schedule_dst(a->schedule, a->fires[i]).effect));
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void
json_shifts(const Account *a, Json *json)
{
    json_key(json, "changes");
    json_open(json, '[');
    for (size_t i = 0; i < a->n_shifts; i++) {
        const Shift *shift = &a->shifts[i];
        Text at = text_new(a->arena), from = text_new(a->arena), to = text_new(a->arena);
        Text what = text_new(a->arena);
        instant_write_utc(&at, shift->at_s);
        footnote_local(&from, shift->before_ls);
        footnote_local(&to, shift->after_ls);
        shift_write(shift, &what);
        json_open(json, '{');
        json_text(json, "zone", zone_name(shift->zone));
        json_text(json, "at", at.at);
        json_text(json, "from", from.at);
        json_text(json, "to", to.at);
        json_count(json, "moved", (int64_t)shift->moved.n);
        json_count(json, "dropped", (int64_t)shift->dropped.n);
        json_count(json, "once", (int64_t)shift->once.n);
        json_count(json, "twice", (int64_t)shift->twice.n);
        json_text(json, "text", what.at);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void
json_elsewhere(const Account *a, Json *json)
{
    json_key(json, "elsewhere");
    json_open(json, '[');
    for (size_t i = 0; i < compared(a); i++) {
        Elsewhere all = compare_member(a, i);
        for (int system = 0; system < ELSEWHERE_SYSTEMS; system++) {
            if (all.text[system] == NULL)
                continue;
            json_open(json, '{');
            json_count(json, "part", (int64_t)i + 1);
            json_text(json, "system", elsewhere_name(system));
            json_text(json, "text", all.text[system]);
            json_close(json, '}');
        }
    }
    json_close(json, ']');
}

static void
json_zones(const Account *a, Json *json)
{
    json_key(json, "zones");
    json_open(json, '[');
    for (size_t i = 0; i < a->n_zones; i++)
        json_string(json, zone_name(a->zones[i]));
    json_close(json, ']');
}

void
account_json(const Account *account, Text *text)
{
    const Account *a = account;
    Json json = json_new(text);
    json_open(&json, '{');
    json_text(&json, "job", a->job->name);
    json_text(&json, "schedule", text_safe(a->arena, a->job->written));
    json_text(&json, "english", english(a));
    json_zones(a, &json);
    json_notes(a, &json);
    json_key(&json, "enabled");
    json_bool(&json, a->job->enabled);
    json_fires(a, &json);
    json_shifts(a, &json);
    json_text(&json, "missed", missed_words(a));
    json_text(&json, "overlap", overlap_words(a));
    json_count(&json, "jitter_s", a->job->jitter_s);
    json_elsewhere(a, &json);
    json_close(&json, '}');
    text_add_char(text, '\n');
}
