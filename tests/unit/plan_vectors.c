/* Every fact of tests/tables/schedules.tsv and invalid.tsv: when expressions fire, and which
 * are refused.  The tables are read from the top of the checkout, or from $CLOCK_TESTS/tables.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "plan/schedule.h"
#include "time/civil.h"
#include "time/instant.h"
#include "time/zone.h"

#define LINE_BYTES 65536
#define COLUMNS 7
#define ELSEWHERE_MAX 10 /* rows that an older tzdata may excuse */
#define SHOWN 20         /* wrong rows told one by one */

typedef struct {
    Arena *arena; /* of one row */
    Arena *kept;  /* of the zones */
    Zones *zones;
    FILE *file;
    char line[LINE_BYTES];
    const char *column[COLUMNS];
    int rows, wrong, elsewhere;
} Table;

static void
table_open(Table *table, const char *name)
{
    const char *top = getenv("CLOCK_TESTS");
    char path[4096];
    snprintf(path, sizeof path, "%s/tables/%s", top == NULL ? "tests" : top, name);
    memset(table, 0, sizeof *table);
    table->file = fopen(path, "r");
    if (table->file == NULL)
        fail_msg("cannot open %s", path);
    table->arena = arena_new(0);
    table->kept = arena_new(0);
    table->zones = zones_new(table->kept);
    assert_non_null(fgets(table->line, LINE_BYTES, table->file)); /* the heading */
}

static void
table_close(Table *table)
{
    fclose(table->file);
    arena_free(table->arena);
    arena_free(table->kept);
}

static bool
table_row(Table *table)
{
    if (fgets(table->line, LINE_BYTES, table->file) == NULL)
        return false;
    table->line[strcspn(table->line, "\n")] = '\0';
    char *at = table->line;
    for (int i = 0; i < COLUMNS; i++) {
        table->column[i] = at == NULL ? "" : at;
        char *tab = at == NULL ? NULL : strchr(at, '\t');
        if (tab != NULL)
            *tab++ = '\0';
        at = tab;
    }
    arena_reset(table->arena);
    table->rows++;
    return true;
}

static bool
read_row(Table *table, const char *zone, Schedule **out, RuleFault *fault, Error *error)
{
    RuleSpec spec = {.job = "vector"};
    Rule *rule;
    spec.text[RULE_DIALECT] = table->column[1];
    spec.text[RULE_CRON] = table->column[2];
    if (!zone_load(table->zones, zone, &spec.zone, error) ||
        !rule_read(table->arena, &spec, &rule, fault, error))
        return false;
    *out = schedule_new(table->arena, &rule, 1);
    return true;
}

/* "2012-10-07T02:04:30+00:00"; instant_read would refuse the one before 1970.  *offset_s may be
 * NULL. */
static int64_t
instant_with(const char *text, int *offset_s)
{
    Civil civil;
    int hours, minutes;
    char sign;
    if (sscanf(text, "%d-%d-%dT%d:%d:%d%c%d:%d", &civil.year, &civil.month, &civil.day,
            &civil.hour, &civil.minute, &civil.second, &sign, &hours, &minutes) != 9)
        fail_msg("cannot read the instant %s", text);
    int east_s = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    if (offset_s != NULL)
        *offset_s = east_s;
    return civil_seconds(civil) - east_s;
}

static int64_t
instant(const char *text)
{
    return instant_with(text, NULL);
}

/* Tells of a wrong row; the test fails at the end. */
static void
tell(Table *table, const char *what, int64_t got, int64_t wanted)
{
    if (++table->wrong > SHOWN)
        return;
    Text text = text_new(table->arena);
    instant_write_utc(&text, got);
    text_add(&text, ", not ");
    instant_write_utc(&text, wanted);
    print_message("# %s: %s '%s' in %s after %s: %s\n", table->column[0], what,
        table->column[2], table->column[3], table->column[4], text.at);
}

/* The row's instants; none for "never". */
static size_t
expected(const Table *table, int64_t *instants, size_t cap)
{
    char copy[LINE_BYTES];
    snprintf(copy, sizeof copy, "%s", table->column[5]);
    size_t n = 0;
    if (strcmp(copy, "never") == 0)
        return 0;
    char *save = NULL;
    for (char *at = strtok_r(copy, ",", &save); at; at = strtok_r(NULL, ",", &save)) {
        assert_true(n < cap);
        instants[n++] = instant(at);
    }
    return n;
}

/* True when the host's tzdata has another offset at one of the row's instants than the row was
 * written with: zones change their rules, and a host may be older than the table. */
static bool
has_other_rules(Table *table)
{
    Error error;
    const Zone *zone;
    if (!zone_load(table->zones, table->column[3], &zone, &error) ||
        strcmp(table->column[5], "never") == 0)
        return false;
    for (const char *at = table->column[5]; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        int written_s;
        int64_t at_s = instant_with(at, &written_s);
        int minutes_s = zone_span(zone, at_s).offset_s / 60 * 60; /* seconds are not written */
        if (minutes_s != written_s) {
            print_message("# %s: not judged, %s has another offset here at %.25s\n",
                table->column[0], table->column[3], at);
            return true;
        }
    }
    return false;
}

static void
check_row(Table *table, const Schedule *schedule)
{
    if (has_other_rules(table)) {
        table->elsewhere++;
        return;
    }
    int64_t wanted[256], from_s = instant(table->column[4]), at_s = from_s;
    size_t n = expected(table, wanted, 256);
    for (size_t i = 0; i < n; i++) {
        int64_t due_s = INT64_MAX;
        if (!schedule_next(schedule, at_s, &due_s) || due_s != wanted[i]) {
            tell(table, "next", due_s, wanted[i]);
            return;
        }
        at_s = due_s;
    }
    int64_t due_s;
    if (n == 0 && schedule_next(schedule, from_s, &due_s))
        tell(table, "next", due_s, INT64_MAX);
    for (size_t i = n; i-- > 0;) {
        due_s = INT64_MAX;
        bool found = schedule_prev(schedule, wanted[i], &due_s);
        if (i > 0 && (!found || due_s != wanted[i - 1])) {
            tell(table, "prev", due_s, wanted[i - 1]);
            return;
        }
        if (i == 0 && found && due_s > from_s)
            tell(table, "prev", due_s, from_s);
    }
}

static void
every_row_fires_as_told_and_back(void **state)
{
    (void)state;
    Table table;
    table_open(&table, "schedules.tsv");
    while (table_row(&table)) {
        Schedule *schedule;
        RuleFault fault;
        Error error;
        if (read_row(&table, table.column[3], &schedule, &fault, &error)) {
            check_row(&table, schedule);
        } else if (++table.wrong <= SHOWN) {
            print_message(
                "# %s: '%s' is refused: %s\n", table.column[0], table.column[2], error.text);
        }
    }
    assert_int_equal(table.wrong, 0);
    assert_true(table.rows >= 6941);
    assert_in_range(table.elsewhere, 0, ELSEWHERE_MAX);
    table_close(&table);
}

static void
the_canonical_text_of_every_row_is_a_fixed_point(void **state)
{
    (void)state;
    Table table;
    table_open(&table, "schedules.tsv");
    while (table_row(&table)) {
        Schedule *schedule, *again;
        RuleFault fault;
        Error error;
        if (!read_row(&table, table.column[3], &schedule, &fault, &error))
            continue;
        Text first = text_new(table.arena), second = text_new(table.arena);
        schedule_write(schedule, &first);
        bool is_read = schedule_parse(table.arena, table.zones, first.at, &again, &error);
        if (is_read)
            schedule_write(again, &second);
        if (!is_read || strcmp(first.at, second.at) != 0) {
            if (++table.wrong <= SHOWN)
                print_message("# %s: '%s' is written '%s', then '%s'\n", table.column[0],
                    table.column[2], first.at, is_read ? second.at : error.text);
            continue;
        }
        check_row(&table, again);
    }
    assert_int_equal(table.wrong, 0);
    table_close(&table);
}

static void
every_wrong_expression_is_refused_with_place_and_hint(void **state)
{
    (void)state;
    Table table;
    table_open(&table, "invalid.tsv");
    while (table_row(&table)) {
        Schedule *schedule;
        RuleFault fault = {RULE_KEYS, 0, 0};
        Error error = {0};
        bool is_read = read_row(&table, "UTC", &schedule, &fault, &error);
        bool teaches = error.kind == ERR_INPUT && error.text[0] != '\0' &&
                       error.hint[0] != '\0' && fault.key == RULE_CRON &&
                       fault.offset <= strlen(table.column[2]);
        if (getenv("CLOCK_SHOW") != NULL)
            printf(
                "# %-28s @%zu %s; %s\n", table.column[2], fault.offset, error.text, error.hint);
        if (!is_read && teaches)
            continue;
        if (++table.wrong <= SHOWN)
            print_message("# %s: '%s' %s: %s; %s (at %zu)\n", table.column[0], table.column[2],
                is_read ? "is accepted" : "is refused poorly", error.text, error.hint,
                fault.offset);
    }
    assert_int_equal(table.wrong, 0);
    assert_true(table.rows >= 1028);
    table_close(&table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_fires_as_told_and_back),
        cmocka_unit_test(the_canonical_text_of_every_row_is_a_fixed_point),
        cmocka_unit_test(every_wrong_expression_is_refused_with_place_and_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
