/* What no other file knows: how the heat map is put in words and drawn with characters. */

#include "cmd/heatmap.h"

#include <string.h>

#include "base/json.h"
#include "cmd/out.h"
#include "time/civil.h"
#include "time/instant.h"

/* Jobs named at an instant; the rest are counted. */
#define NAMED_MAX 3

/* Fires on one second from which spreading them is advised. */
#define CROWD 5

/* Background and foreground of each shade, of the 256 colours that terminals agree on. */
static const char *const colours[HEAT_LEVELS + 1] = {
    "",
    "\x1b[48;5;230;38;5;16m",
    "\x1b[48;5;223;38;5;16m",
    "\x1b[48;5;222;38;5;16m",
    "\x1b[48;5;215;38;5;16m",
    "\x1b[48;5;208;38;5;16m",
    "\x1b[48;5;202;38;5;16m",
    "\x1b[48;5;160;38;5;231m",
    "\x1b[48;5;88;38;5;231m",
};

/* How the grid is drawn: without colours, cells are two shades wide and a gap. */
typedef struct {
    bool colour;
    bool numbers; /* the cells of a week tell theirs */
    int wide;     /* columns that a cell of a week takes */
    size_t width; /* of the terminal; 0: as wide as need be */
} Look;

/* Every two shades look alike. */
static const char *const shades[HEAT_LEVELS / 2 + 1] = {"·", "░", "▒", "▓", "█"};

static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

void
heatmap_title(Text *text, const Heat *heat)
{
    text_addf(text, "%lld fire%s of %zu job%s by the %s", (long long)heat->fires,
        heat->fires == 1 ? "" : "s", heat->jobs, heat->jobs == 1 ? "" : "s",
        heat->spec->grid == HEAT_WEEK ? "hour" : "minute");
}

static void
add_date(Text *text, int64_t at_ls)
{
    Civil at = civil_from_seconds(at_ls);
    text_addf(text, "%04d-%02d-%02d", at.year, at.month, at.day);
}

static void
add_day(Text *text, int64_t at_ls)
{
    int64_t day = at_ls / CIVIL_DAY_S - (at_ls % CIVIL_DAY_S < 0);
    text_addf(text, "%s %02d", weekdays[civil_weekday(day)], civil_from_seconds(at_ls).day);
}

void
heatmap_span(Text *text, const Heat *heat)
{
    int64_t cells = (int64_t)heat->rows * heat->columns;
    add_date(text, heat->first_ls);
    if (heat->spec->grid == HEAT_WEEK) {
        text_add(text, " to ");
        add_date(text, heat->first_ls + (cells - 1) * heat->unit_s);
    }
    text_addf(text, ", %s", zone_name(heat->spec->zone));
}

void
heatmap_row(Text *text, const Heat *heat, int row)
{
    if (heat->spec->grid == HEAT_WEEK)
        add_day(text, heat->first_ls + (int64_t)row * CIVIL_DAY_S);
    else
        text_addf(text, "%02d:00", row);
}

void
heatmap_cell(Text *text, const Heat *heat, int cell)
{
    int64_t at_ls = heat->first_ls + cell * heat->unit_s;
    Civil at = civil_from_seconds(at_ls);
    if (heat->spec->grid == HEAT_WEEK) {
        add_day(text, at_ls);
        text_add_char(text, ' ');
    }
    text_addf(text, "%02d:%02d", at.hour, at.minute);
}

void
heatmap_when(Text *text, const Heat *heat, const Busy *busy)
{
    int64_t at_ls = zone_local(heat->spec->zone, busy->at_s, NULL);
    Civil at = civil_from_seconds(at_ls);
    bool daily = busy->times > 1 && busy->daily && heat->spec->grid == HEAT_WEEK;
    if (!daily && busy->times > 1)
        text_addf(text, "%lld times, first ", (long long)busy->times);
    if (!daily && heat->spec->grid == HEAT_WEEK) {
        add_day(text, at_ls);
        text_add_char(text, ' ');
    }
    text_addf(text, "%02d:%02d:%02d", at.hour, at.minute, at.second);
    if (daily)
        text_addf(text, " on %lld days", (long long)busy->times);
}

const char *
heatmap_crowd(Arena *arena, const Busy *busy)
{
    return arena_printf(
        arena, "%s%lld at once", busy->alike ? "" : "up to ", (long long)busy->fires);
}

/* A schedule typed as it is has no name. */
static const char *
job_name(const Job *job)
{
    return *job->name == '\0' ? job->written : job->name;
}

void
heatmap_jobs(Text *text, const Busy *busy, size_t room)
{
    enum { MORE = sizeof " and 1000 more" };
    size_t i = 0, from = text->len;
    for (; i < busy->n_jobs && i < NAMED_MAX; i++) {
        const char *name = job_name(busy->jobs[i]);
        if (i > 0 && text->len - from + strlen(name) + MORE > room)
            break;
        text_add(text, i == 0 ? "" : ", ");
        text_add_safe(text, name, strlen(name));
    }
    if (busy->n_jobs > i)
        text_addf(text, " and %zu more", busy->n_jobs - i);
}

/* "Sun 28: clocks go from 02:00 to 03:00", for the i-th change of the span, or NULL. */
static const char *
change_at(Arena *arena, const Heat *heat, int i)
{
    const Zone *zone = heat->spec->zone;
    int64_t at_s = heat->begin_s - 1;
    while (zone_next_change(zone, at_s, &at_s) && at_s < heat->end_s) {
        int64_t before_ls = at_s + zone_span(zone, at_s - 1).offset_s;
        int64_t after_ls = zone_local(zone, at_s, NULL);
        if (before_ls == after_ls || i-- > 0)
            continue;
        Civil before = civil_from_seconds(before_ls), after = civil_from_seconds(after_ls);
        Text text = text_new(arena);
        text_add(&text, "on ");
        add_date(&text, before_ls);
        text_addf(&text, " clocks go from %02d:%02d to %02d:%02d: times between %s",
            before.hour, before.minute, after.hour, after.minute,
            after_ls > before_ls ? "do not exist" : "come twice");
        return text.at;
    }
    return NULL;
}

static int
count_changes(Arena *arena, const Heat *heat)
{
    int n = 0;
    while (change_at(arena, heat, n) != NULL)
        n++;
    return n;
}

const char *
heatmap_remark(Arena *arena, const Heat *heat, int i)
{
    const char *remarks[3] = {NULL, NULL, NULL};
    int n = 0, changes = count_changes(arena, heat);
    if (i < changes)
        return change_at(arena, heat, i);
    if (heat->jittered)
        remarks[n++] = "jobs with jitter are counted where it puts them";
    if (heat->n_busy > 0 && heat->busy[0].fires >= CROWD)
        remarks[n++] = "to spread what meets: H for a minute or hour, as in \"H 2 * * *\", or "
                       "jitter: 5m";
    else if (heat->fires > 0 && heat->n_busy == 0)
        remarks[n++] = "no two fires share a second";
    return i - changes < 3 ? remarks[i - changes] : NULL;
}

/* On a terminal, numbers stand in the cells where there is a blank between them. */
static Look
look_of(const Heat *heat)
{
    enum { NARROW = 3, WIDE = 4, LABEL = 7, HOURS = 24 };
    Look look = {.colour = out_colour(), .wide = NARROW, .width = out_width()};
    if (look.colour && look.width >= LABEL + WIDE * HOURS)
        look.wide = WIDE;
    look.numbers = look.wide == WIDE || heat->most < 100;
    return look;
}

/* Hours above the week, every fifth minute above the day. */
static void
add_heads(Text *text, const Heat *heat, const Look *look)
{
    bool week = heat->spec->grid == HEAT_WEEK;
    int step = week ? 1 : 5, wide = week ? look->wide : 5;
    text_addf(text, "%*s", week ? (look->colour ? 7 : 6) : 5, "");
    for (int column = 0; column < heat->columns; column += step)
        text_addf(text, "%*s%02d", column == 0 && !week ? 1 : wide - 2, "", column);
    text_add_char(text, '\n');
}

/* As many as fit into a cell, with a blank in front. */
static void
add_number(Text *text, int64_t fires, int wide)
{
    if (fires < 1000)
        text_addf(text, "%*lld", wide, (long long)fires);
    else if (fires < 100000)
        text_addf(text, "%*lldk", wide - 1, (long long)(fires / 1000));
    else
        text_addf(text, "%*s", wide, fires < 1000000 ? "++k" : "++M");
}

static void
add_coloured(Text *text, const Heat *heat, const Look *look, int cell)
{
    int wide = heat->spec->grid == HEAT_WEEK ? look->wide : 1;
    int level = heat_level(heat, heat->cells[cell]);
    if (heat->lasts_s[cell] == 0) {
        text_addf(text, "%*s", wide, "");
    } else if (level == 0) {
        text_addf(text, "\x1b[2m%*s·\x1b[m", wide - 1, "");
    } else {
        text_add(text, colours[level]);
        if (wide > 1 && look->numbers)
            add_number(text, heat->cells[cell], wide);
        else
            text_addf(text, "%*s", wide, "");
        text_add(text, "\x1b[m");
    }
}

static void
add_shaded(Text *text, const Heat *heat, int cell, bool last)
{
    bool week = heat->spec->grid == HEAT_WEEK;
    int level = heat_level(heat, heat->cells[cell]);
    const char *shade = heat->lasts_s[cell] == 0 ? " " : shades[(level + 1) / 2];
    text_add(text, shade);
    if (week && !(last && level == 0))
        text_add(text, level == 0 ? " " : shade);
    if (week && !last)
        text_add_char(text, ' ');
}

static void
add_grid(Text *text, const Heat *heat, const Look *look)
{
    add_heads(text, heat, look);
    for (int row = 0; row < heat->rows; row++) {
        int64_t sum = 0;
        heatmap_row(text, heat, row);
        text_add_char(text, ' ');
        for (int column = 0; column < heat->columns; column++) {
            int cell = row * heat->columns + column;
            sum += heat->cells[cell];
            if (look->colour)
                add_coloured(text, heat, look, cell);
            else
                add_shaded(text, heat, cell, column + 1 == heat->columns);
        }
        if (heat->spec->grid == HEAT_DAY)
            text_addf(text, "  %lld", (long long)sum);
        text_add_char(text, '\n');
    }
}

/* "░ 1-3  ▒ 4-12": which shade is how many. */
static void
add_legend(Text *text, const Heat *heat, const Look *look)
{
    int step = look->colour ? 1 : 2;
    size_t column = 3;
    text_add(text, "· 0");
    for (int level = step; level <= HEAT_LEVELS; level += step) {
        int64_t least, most;
        if (!heat_range(heat, level, step, &least, &most))
            continue;
        Text range = text_new(text->arena);
        text_addf(&range, "%lld", (long long)least);
        if (most > least)
            text_addf(&range, "-%lld", (long long)most);
        size_t wide = range.len + 5;
        bool full = look->width > 0 && column + wide > look->width;
        text_add(text, full ? "\n     " : "  ");
        column = full ? 3 + wide : column + wide;
        if (look->colour)
            text_addf(text, "%s  \x1b[m ", colours[level]);
        else
            text_addf(text, "%s%s ", shades[level / 2], shades[level / 2]);
        text_add(text, range.at);
    }
    text_add_char(text, '\n');
}

static void
add_busiest(Text *text, const Heat *heat)
{
    Arena *arena = text->arena;
    Table *table = table_new_bare(arena, 3);
    text_addf(text, "\nbusiest %s: ", heat->spec->grid == HEAT_WEEK ? "hour" : "minute");
    heatmap_cell(text, heat, heat_peak(heat));
    text_addf(text, ", %lld fire%s\n", (long long)heat->most, heat->most == 1 ? "" : "s");
    for (size_t i = 0; i < heat->n_busy; i++) {
        Text when = text_new(arena), jobs = text_new(arena);
        heatmap_when(&when, heat, &heat->busy[i]);
        heatmap_jobs(&jobs, &heat->busy[i], SIZE_MAX);
        table_cell(table, arena_printf(arena, "  %s", when.at));
        table_cell(table, heatmap_crowd(arena, &heat->busy[i]));
        table_cell(table, jobs.at);
    }
    if (heat->n_busy > 0)
        text_add(text, "busiest instants:\n");
    table_write(table, text);
}

bool
heatmap_picture(const Heat *heat, Arena *arena, Error *error)
{
    Look look = look_of(heat);
    Text text = text_new(arena);
    const char *remark;
    heatmap_title(&text, heat);
    text_add(&text, ", ");
    heatmap_span(&text, heat);
    text_add(&text, "\n\n");
    add_grid(&text, heat, &look);
    text_add_char(&text, '\n');
    add_legend(&text, heat, &look);
    if (heat->fires > 0)
        add_busiest(&text, heat);
    for (int i = 0; (remark = heatmap_remark(arena, heat, i)) != NULL; i++)
        text_addf(&text, "%s%s\n", i == 0 ? "\n" : "", remark);
    return out_prose(arena, &text, error);
}

static void
add_busy_object(Json *json, Arena *arena, const Heat *heat, const Busy *busy)
{
    Text at = text_new(arena);
    instant_write(&at, busy->at_s, heat->spec->zone);
    json_open(json, '{');
    json_key(json, "at");
    json_string(json, at.at);
    json_key(json, "fires");
    json_number(json, busy->fires);
    json_key(json, "times");
    json_number(json, busy->times);
    json_key(json, "jobs");
    json_open(json, '[');
    for (size_t i = 0; i < busy->n_jobs; i++)
        json_string(json, text_safe(arena, job_name(busy->jobs[i])));
    json_close(json, ']');
    json_close(json, '}');
}

bool
heatmap_object(const Heat *heat, Arena *arena, Error *error)
{
    Text text = text_new(arena), from = text_new(arena), until = text_new(arena);
    instant_write(&from, heat->begin_s, heat->spec->zone);
    instant_write(&until, heat->end_s, heat->spec->zone);
    Json json = json_new(&text);
    json_open(&json, '{');
    json_key(&json, "from");
    json_string(&json, from.at);
    json_key(&json, "until");
    json_string(&json, until.at);
    json_key(&json, "zone");
    json_string(&json, zone_name(heat->spec->zone));
    json_key(&json, "fires");
    json_number(&json, heat->fires);
    json_key(&json, "jobs");
    json_number(&json, (int64_t)heat->jobs);
    json_key(&json, "cells");
    json_open(&json, '[');
    for (int row = 0; row < heat->rows; row++) {
        json_open(&json, '[');
        for (int column = 0; column < heat->columns; column++)
            json_number(&json, heat->cells[row * heat->columns + column]);
        json_close(&json, ']');
    }
    json_close(&json, ']');
    json_key(&json, "busiest");
    json_open(&json, '[');
    for (size_t i = 0; i < heat->n_busy; i++)
        add_busy_object(&json, arena, heat, &heat->busy[i]);
    json_close(&json, ']');
    json_close(&json, '}');
    text_add_char(&text, '\n');
    return out_text(&text, error);
}
