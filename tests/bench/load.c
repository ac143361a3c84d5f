/* What reading a Clockfile costs beside libyaml's bare events over the same bytes.
 *
 *   perl tests/bench/clockfile.pl [--sorted] [JOBS] > FILE
 *   build/rel/tests/bench/load FILE [ROUNDS]
 *
 * Both run in turn, file and memory fresh each time, and the least processor time of each
 * counts, since neighbours only add.  Exit status 1 when the Clockfile takes more than 1.5
 * times as long, or the process came to more than 64 MiB. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <yaml.h>

#include "file/clockfile.h"
#include "file/input.h"

#define MOST_RATIO 1.5
#define MOST_MIB 64

static double
cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool
read_bytes(Arena *arena, const char *path, char **at, size_t *len)
{
    Error error;
    Diags *diags = diags_new(arena, path);
    if (input_read(arena, path, CLOCKFILE_MAX_BYTES, at, len, diags, &error))
        return true;
    fprintf(stderr, "load: %s\n", error.text);
    return false;
}

/* Seconds for libyaml's events alone; negative when the text is not YAML. */
static double
pass_events(const char *path, unsigned long *events)
{
    yaml_parser_t parser;
    yaml_event_t event;
    bool done = false;
    double start_s = cpu_s();
    Arena *arena = arena_new(0);
    char *at;
    size_t len;
    *events = 0;
    if (read_bytes(arena, path, &at, &len) && yaml_parser_initialize(&parser)) {
        yaml_parser_set_input_string(&parser, (const unsigned char *)at, len);
        while (!done && yaml_parser_parse(&parser, &event)) {
            done = event.type == YAML_STREAM_END_EVENT;
            yaml_event_delete(&event);
            ++*events;
        }
        yaml_parser_delete(&parser);
    }
    arena_free(arena);
    return done ? cpu_s() - start_s : -1;
}

/* Seconds for the whole Clockfile; negative when it is refused. */
static double
load_clockfile(const char *path, size_t *jobs)
{
    double start_s = cpu_s();
    Arena *arena = arena_new(0);
    Diags *diags = diags_new(arena, path);
    Clockfile *file;
    Error error;
    bool ok = clockfile_load(arena, path, &file, diags, &error);
    if (ok)
        *jobs = file->n;
    else
        fprintf(stderr, "load: %s\n", error.text);
    arena_free(arena);
    return ok ? cpu_s() - start_s : -1;
}

/* The most memory that this program had; getrusage counts what forked it as well. */
static double
peak_mib(void)
{
    char line[256];
    double kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtod(line + 6, NULL);
    }
    if (status != NULL)
        fclose(status);
    return kib / 1024;
}

int
main(int argc, char **argv)
{
    int rounds = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 9;
    double bare_s = 1e9, ours_s = 1e9;
    unsigned long events = 0;
    size_t jobs = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: load FILE [ROUNDS]\n");
        return 2;
    }
    for (int i = 0; i < rounds; i++) {
        double ours = load_clockfile(argv[1], &jobs), bare = pass_events(argv[1], &events);
        if (ours < 0 || bare < 0)
            return 2;
        ours_s = ours < ours_s ? ours : ours_s;
        bare_s = bare < bare_s ? bare : bare_s;
    }
    double ratio = ours_s / bare_s, mib = peak_mib();
    printf("%zu jobs, %lu events: libyaml %.3f s, Clockfile %.3f s, ratio %.2f, %.0f MiB\n",
        jobs, events, bare_s, ours_s, ratio, mib);
    return ratio <= MOST_RATIO && mib <= MOST_MIB ? 0 : 1;
}
