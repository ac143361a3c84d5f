/* The schedule engine alone, for a person and for a benchmark beside other engines.
 *
 *   engine EXPRESSION ZONE FROM COUNT   prints the next COUNT instants after FROM (seconds
 *                                       since 1970), one a line; on stderr the ns for each
 *   engine fires|bench|parse FILE COUNT SECONDS     see cases.h */

#include "cases.h"
#include "plan/schedule.h"

static Arena *arena;
static Zones *zones;
static const Schedule *schedule;
static Error error;

static const char *
read_case(const char *expression, const char *zone)
{
    RuleSpec spec = {.job = ""};
    RuleFault fault;
    Rule *rule;
    spec.text[RULE_CRON] = expression;
    if (!zone_load(zones, zone, &spec.zone, &error) ||
        !rule_read(arena, &spec, &rule, &fault, &error))
        return error.text;
    schedule = schedule_new(arena, &rule, 1);
    return NULL;
}

static bool
next_fire(int64_t after_s, int64_t *due_s)
{
    return schedule_next(schedule, after_s, due_s);
}

static void
forget(void)
{
    arena_reset(arena);
}

int
main(int argc, char **argv)
{
    arena = arena_new(0);
    zones = zones_new(arena_new(0));
    int status = run_cases(argc, argv);
    if (status >= 0)
        return status;
    long count = argc == 5 ? strtol(argv[4], NULL, 10) : -1;
    if (count < 0) {
        fprintf(stderr, "usage: engine EXPRESSION ZONE FROM COUNT\n"
                        "       engine fires|bench|parse FILE COUNT SECONDS\n");
        return 2;
    }
    if (read_case(argv[1], argv[2]) != NULL) {
        fprintf(stderr, "engine: %s; %s\n", error.text, error.hint);
        return 3;
    }
    int64_t from_s = strtoll(argv[3], NULL, 10), at_s = from_s;
    for (long n = 0; n < count && next_fire(at_s, &at_s); n++)
        printf("%" PRId64 "\n", at_s);
    fprintf(stderr, "%.1f ns a next\n", ns_per_next(from_s, count, 1e9));
    return 0;
}
