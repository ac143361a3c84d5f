/* What no other file knows: how the Clockfiles of a simulation are made up, and by what
 * arithmetic of its own the oracle tells when their jobs are due. */

#include "files.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* ---- the oracle ---- */

static int64_t
floor_to(int64_t value, int64_t step)
{
    int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

/* 1970-01-01 was a Thursday. */
static bool
day_matches(const Spec *spec, int64_t at_s)
{
    int64_t day = floor_to(at_s, 86400) / 86400;
    return spec->weekdays >> ((day + 4) % 7 + 7) % 7 & 1;
}

static int64_t
next_crontab(const Spec *spec, int64_t after_s)
{
    int64_t at_s = floor_to(after_s, 60) + 60;
    for (;;) {
        if (!day_matches(spec, at_s))
            at_s = floor_to(at_s, 86400) + 86400;
        else if (!(spec->hours >> at_s % 86400 / 3600 & 1))
            at_s = floor_to(at_s, 3600) + 3600;
        else if (!(spec->minutes >> at_s % 3600 / 60 & 1))
            at_s += 60;
        else
            return at_s;
    }
}

int64_t
spec_next(const Spec *spec, int64_t after_s)
{
    if (spec->every_s == 0)
        return next_crontab(spec, after_s);
    return floor_to(after_s - spec->phase_s, spec->every_s) + spec->phase_s + spec->every_s;
}

bool
spec_is_due(const Spec *spec, int64_t at_s)
{
    return spec_next(spec, at_s - 1) == at_s;
}

/* ---- schedules ---- */

/* A schedule that fires about once in period_s. */
static void
make_spec(Spec *spec, Random *random, int64_t period_s)
{
    int minute = (int)random_below(random, 60), hour = (int)random_below(random, 24);
    if (random_in_100(random, 40)) /* many are due at one instant */
        minute = 0;
    if (random_in_100(random, 40))
        hour = 0;
    int64_t kind = random_below(random, 3);
    *spec = (Spec){.weekdays = 127, .hours = 0xffffff, .minutes = UINT64_C(1) << minute};
    if (kind == 0 || period_s < 60) {
        spec->every_s = random_between(random, period_s * 3 / 4 + 1, period_s * 5 / 4 + 1);
        snprintf(spec->text, sizeof spec->text, "@every %llds", (long long)spec->every_s);
    } else if (period_s < 1800) {
        int64_t step = period_s / 60;
        spec->minutes = 0;
        for (int64_t m = 0; m < 60; m += step)
            spec->minutes |= UINT64_C(1) << m;
        snprintf(spec->text, sizeof spec->text, "*/%lld * * * *", (long long)step);
    } else if (period_s < 43200) {
        int64_t step = (period_s + 1800) / 3600;
        spec->hours = 0;
        for (int64_t h = 0; h < 24; h += step)
            spec->hours |= UINT32_C(1) << h;
        snprintf(spec->text, sizeof spec->text, "%d */%lld * * *", minute, (long long)step);
    } else {
        int day = (int)random_below(random, 7);
        bool weekly = period_s > 200000;
        spec->hours = UINT32_C(1) << hour;
        spec->weekdays = weekly ? UINT32_C(1) << day : 127;
        snprintf(spec->text, sizeof spec->text, weekly ? "%d %d * * %d" : "%d %d * * *", minute,
            hour, day);
    }
}

void
files_plan(Files *files, Arena *arena, Random *random, int64_t span_s, int64_t fires)
{
    *files = (Files){.arena = arena};
    for (int i = 0; i < SIM_SPECS / 2; i++) {
        int64_t some = random_between(random, 1, fires / 3 + 1);
        Spec *spec = &files->specs[files->n_specs];
        make_spec(spec, random, span_s / some > 0 ? span_s / some : 1);
        bool known = false;
        for (int j = 0; j < files->n_specs; j++)
            known = known || strcmp(spec->text, files->specs[j].text) == 0;
        files->n_specs += !known;
    }
}

/* ---- files ---- */

const char *
job_name(int job)
{
    static const char *const names[SIM_JOBS] = {
        "j0", "j1", "j2", "j3", "j4", "j5", "j6", "j7", "j8", "j9", "j10", "j11"};
    return names[job];
}

int
job_number(const char *name)
{
    int64_t job = -1;
    bool number =
        name[0] == 'j' && text_number(name + 1, strlen(name + 1), 0, SIM_JOBS - 1, &job);
    assert(number);
    (void)number;
    return (int)job;
}

static JobLine
make_line(const Files *files, Random *random)
{
    return (JobLine){.spec = &files->specs[random_below(random, files->n_specs)],
        .enabled = !random_in_100(random, 5),
        .solo = random_in_100(random, 15),
        .missed =
            random_in_100(random, 40) ? MISSED_ALL : (MissedPolicy)random_below(random, 3),
        .limit = (int32_t)random_span(random, 1, 60),
        .within_s = random_in_100(random, 50) ? 200000 : random_span(random, 60, 100000),
        .payload = (int)random_below(random, 1000)};
}

/* One line a job, so that what a cut leaves can be told. */
static const FileText *
write_set(Files *files, FileText *set)
{
    static const char *const policies[] = {"skip", "latest", "all"};
    Text text = text_new(files->arena);
    text_add(&text, "name: sim\njobs:\n");
    for (int i = 0; i < SIM_JOBS; i++) {
        const JobLine *line = &set->jobs[i];
        if (line->spec == NULL)
            continue;
        text_addf(&text,
            "  %s: {schedule: \"%s\", missed: %s, limit: %d, within: %llds, overlap: %s, "
            "enabled: %s, payload: %d}\n",
            job_name(i), line->spec->text, policies[line->missed], line->limit,
            (long long)line->within_s, line->solo ? "skip" : "allow",
            line->enabled ? "true" : "false", line->payload);
    }
    set->good = true;
    set->text = text.at;
    set->len = text.len;
    return set;
}

static FileText *
new_set(Files *files)
{
    FileText *set = arena_alloc(files->arena, sizeof *set);
    if (files->n_sets < (int)(sizeof files->sets / sizeof *files->sets))
        files->sets[files->n_sets++] = set;
    return set;
}

const FileText *
files_first(Files *files, Random *random, int n)
{
    FileText *set = new_set(files);
    for (int i = 0; i < n; i++)
        set->jobs[i] = make_line(files, random);
    set->jobs[0].enabled = true; /* all files share it: none is foreign to another */
    return write_set(files, set);
}

const FileText *
files_edit(Files *files, Random *random, const FileText *from)
{
    FileText *set = new_set(files);
    memcpy(set->jobs, from->jobs, sizeof set->jobs);
    for (int64_t edits = random_between(random, 1, 4); edits > 0; edits--) {
        JobLine *line = &set->jobs[random_below(random, SIM_JOBS)];
        if (line->spec == NULL || random_in_100(random, 30))
            *line = make_line(files, random);
        else if (random_in_100(random, 25))
            line->spec = NULL;
        else if (random_in_100(random, 50))
            line->spec = make_line(files, random).spec;
        else
            line->payload++;
    }
    if (set->jobs[0].spec == NULL)
        set->jobs[0] = make_line(files, random);
    set->jobs[0].enabled = true;
    return write_set(files, set);
}

const FileText *
files_cut(Files *files, Random *random, const FileText *from)
{
    FileText *set = new_set(files);
    *set = *from;
    set->len = (size_t)random_below(random, (int64_t)from->len + 1);
    if (random_in_100(random, 50)) /* between two lines */
        while (set->len > 0 && from->text[set->len - 1] != '\n')
            set->len--;
    const char *end = from->text + set->len, *at = strchr(from->text, '\n') + 1;
    int left = 0;
    set->good = end > at && strncmp(at, "jobs:\n", 6) == 0;
    at += 6;
    for (int i = 0; i < SIM_JOBS; i++) {
        if (set->jobs[i].spec == NULL)
            continue;
        const char *line_end = at + strcspn(at, "\n");
        if (at + strspn(at, " ") >= end)
            set->jobs[i].spec = NULL;
        else if (line_end > end) /* within a line: only its end may be missing */
            set->good = false;
        else
            left++;
        at = *line_end == '\0' ? line_end : line_end + 1;
    }
    set->good = set->good && left > 0;
    set->text = arena_copy(files->arena, from->text, set->len);
    return set;
}

bool
files_load(Files *files, Arena *arena, const FileText *set, Clockfile **out, Diags *diags,
    Error *error)
{
    Clockfile *file;
    if (!clockfile_read(arena, "Clockfile.yml", set->text, set->len, &file, diags, error))
        return false;
    *out = file;
    FileText *known = (FileText *)(uintptr_t)set;
    known->revision = file->revision;
    for (size_t i = 0; i < file->n; i++) {
        Spec *spec = (Spec *)(uintptr_t)set->jobs[job_number(file->jobs[i].name)].spec;
        if (spec != NULL && spec->canonical == NULL)
            spec->canonical =
                arena_copy(files->arena, file->jobs[i].spec, strlen(file->jobs[i].spec));
    }
    return true;
}

const FileText *
files_find(const Files *files, uint64_t revision)
{
    for (int i = 0; i < files->n_sets; i++) {
        if (files->sets[i]->revision == revision)
            return files->sets[i];
    }
    return NULL;
}

const Spec *
files_spec(const Files *files, const char *canonical)
{
    for (int i = 0; i < files->n_specs; i++) {
        const Spec *spec = &files->specs[i];
        if (spec->canonical != NULL && strcmp(spec->canonical, canonical) == 0)
            return spec;
    }
    return NULL;
}
