/* Names of jobs: what a command or a comment suggests, that all are unique and may be names,
 * and that another line in the crontab renames as few as possible. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "crontab.h"
#include "file/croncommand.h"
#include "file/cronslug.h"

static void
a_command_suggests_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *command, *name;
    } rows[] = {
        {"/usr/local/bin/backup.sh --full > /dev/null 2>&1", "backup"},
        {"cd / && run-parts --report /etc/cron.hourly", "cron.hourly"},
        {"test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }",
            "cron.daily"},
        {"[ -x /usr/lib/php/sessionclean ] && /usr/lib/php/sessionclean", "sessionclean"},
        {"cd /srv/app && php artisan schedule:run >> /dev/null 2>&1", "artisan-schedule-run"},
        {"/usr/bin/php8.2 -d memory_limit=1G /srv/x/htdocs/wp-cron.php", "wp-cron"},
        {"/srv/x/venv/bin/python3.11 /srv/x/manage.py clearsessions", "manage-clearsessions"},
        {"/usr/bin/python3 -m http.server", "http.server"},
        {"perl -e 'sleep int(rand(3600))' && certbot -q renew", "certbot-renew"},
        {"nice -n 19 ionice -c3 /opt/dump.pl", "dump"},
        {"FOO=bar BAZ=1 /opt/thing", "thing"},
        {"timeout 60 flock -n /run/lock/x.lock /opt/sync", "sync"},
        {"flock -n /tmp/x -c '/opt/other --now'", "other"},
        {"sudo -u www-data /opt/as-web", "as-web"},
        {"su - postgres -c \"pg_dumpall | gzip > /b\"", "pg_dumpall"},
        {"/bin/bash -l -c 'cd /srv && RAILS_ENV=production bundle exec rake db:tidy'",
            "rake-db-tidy"},
        {"wget -q -O - https://example.com/cron.php?key=1 >/dev/null", "wget-example.com-cron"},
        {"docker exec web bin/job", "docker-exec"},
        {"2>&1 /opt/redirected", "redirected"},
        {"${HOME}/bin/expanded", "expanded"},
        {"$(which python3) /opt/script.py", "script"},
        {"/usr/bin/php ${EXEC} /_cron/misc/gc", "gc"},
        {"$VV $DIR/scripts/worker Align", "worker"},
        {"$RUN", "run"},
        {"# nothing /opt/here", "job"},
        {"php /srv/www/index.php Task/Downloader --x", "index-downloader"},
        {"php /srv/www/index.php", "index"},
        {"[ $(date +%d) -le 7 ] && /opt/first-week", "first-week"},
        {"/opt/Über-uns.sh", "ber-uns"},
        {"/usr/bin/yes", "job-yes"},
        {"/opt/2fa-sync", "job-2fa-sync"},
        {"/opt/0x1F", "job-0x1f"},
        {"java -jar /opt/app/app.jar", "app"},
        {"/opt/a/", "a"},
        {"cd /srv", "job"},
        {"'unfinished", "unfinished"},
        {"((((", "job"},
        {";;&&||", "job"},
        {"$(", "job"},
        {"sh -c", "sh"},
        {"sudo", "job"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CronCommand got = croncommand_read(arena, rows[i].command);
        if (strcmp(got.name, rows[i].name) != 0)
            fail_msg("'%s' is named '%s', not '%s'", rows[i].command, got.name, rows[i].name);
        assert_true(cronslug_is_name(got.name));
    }
}

static void
a_comment_suggests_a_name_when_it_is_short(void **state)
{
    (void)state;
    assert_string_equal(cronslug_make(arena, "Nightly database dump"), "nightly-database-dump");
    assert_string_equal(cronslug_make(arena, "  PHP 8.2: sessions!  "), "php-8.2-sessions");
    assert_string_equal(cronslug_make(arena, "07 mails"), "job-07-mails");
    assert_string_equal(cronslug_make(arena, "null"), "job-null");
    assert_null(cronslug_make(arena, "..."));
    assert_null(cronslug_make(arena, "\xd1\x80\xd0\xb5\xd0\xb7\xd0\xb5\xd1\x80\xd0\xb2 db"));
    assert_null(cronslug_make(
        arena, "a comment that is so long that nobody would like to type it as a name"));
}

/* ---- names of whole crontabs ---- */

static Crontab *
named(const char *text)
{
    const CrontabOptions options = {.kind = CRONTAB_USER, .zone = "UTC"};
    return read_crontab(options, text, strlen(text));
}

static void
lines_take_their_names_in_turn(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *name; /* of the last */
    } rows[] = {
        {"0 1 * * * /opt/a x\n", "a"},
        {"# Reports\n0 1 * * * /opt/a x\n", "reports"},
        {"#---- Reports ----\n0 1 * * * /opt/a x\n", "a"},
        {"# Reports\n\n0 1 * * * /opt/a x\n", "a"},
        {"# Adjust the time zone if the clock keeps local\n# time.\n0 1 * * * /opt/a x\n", "a"},
        {"# All of the reports that we have here.\n# Daily ones\n0 1 * * * /opt/a x\n",
            "daily-ones"},
        {"# Every 2 hours at :00\n0 1 * * * /opt/a x\n", "a"},
        {"# daily\n0 1 * * * /opt/a x\n", "a"},
        {"# daily dump\n0 1 * * * /opt/a x\n", "daily-dump"},
        {"# |  .---- hour (0 - 23)\n# |  |  .-- day (1-31)\n0 1 * * * /opt/a x\n", "a"},
        {"# copies (3 of them)\n0 1 * * * /opt/a x\n", "copies-3-of-them"},
        {"# mn hr  dom mon dow  cmd\n0 1 * * * /opt/a x\n", "a"},
        {"# clock job: mine\n0 1 * * * /opt/a x\n", "mine"},
        {"# clock job: mine\n# Reports\n0 1 * * * /opt/a x\n", "mine"},
        {"#Ansible: Nightly reports of all customers by mail\n0 1 * * * /opt/a x\n",
            "nightly-reports-of-all-customers-by-mail"},
        {"# Puppet Name: a_b\n0 1 * * * /opt/a x\n", "a_b"},
        {"0 1 * * * /opt/a x\n0 2 * * * /opt/a y\n", "a-y"},
        {"# x\n0 1 * * * /opt/a x\n# Reports\n0 1 * * * b\n# Reports\n0 2 * * * c\n",
            "reports-c"},
        {"0 1 * * * /opt/a x\n30 14 * * * /opt/a x\n", "a-1430"},
        {"0 * * * * /opt/a x\n15 * * * * /opt/a x\n", "a-15"},
        {"0 1 * * * find /srv/a/log\n0 2 * * * find /srv/b/log\n", "find-log"},
        {"0 1 * * * find /srv/a/log\n0 2 * * * find /srv/b/log\n0 3 * * * find /srv/c/log\n",
            "find-srv-c"},
        {"# clock job: b\n0 1 * * * a\n0 1 * * * b x\n", "b-x"},
        {"0 1 * * * /opt/a x y\n0 2 * * * /opt/a x z\n0 3 * * * /opt/a x z2\n", "a-x-z2"},
        {"0 1 * * * /opt/a --day 7\n0 2 * * * /opt/a --week 5\n", "a-week-5"},
        {"0 1 * * * /opt/a x\n0 2 * * * /opt/a --all=yes\n", "a-all"},
        {"0 1 * * * /opt/a x\n0 2 * * * /opt/a # --all y\n", "a-opt"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Crontab *crontab = named(rows[i].lines);
        const char *name = crontab->entries[crontab->n - 1].name;
        if (strcmp(name, rows[i].name) != 0)
            fail_msg("row %zu is named '%s', not '%s'", i, name, rows[i].name);
    }
}

#define LINES 60
#define ROUNDS 200

static const char *
random_line(void)
{
    static const char *const titles[] = {
        "", "", "", "# Reports\n", "# Nightly\n", "#-- all --\n"};
    return arena_printf(arena, "%s%u %u * * * /opt/%c %s/srv/%c/%c\n", titles[random_below(6)],
        random_below(60), random_below(24), 'a' + (int)random_below(6),
        random_below(2) == 0 ? "" : "--flag ", 'a' + (int)random_below(4),
        'a' + (int)random_below(4));
}

static void
names_are_unique_and_may_be_names(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        Text text = text_new(arena);
        for (int i = 0; i < LINES; i++)
            text_add(&text, random_line());
        Crontab *crontab = named(text.at);
        assert_int_equal(crontab->n, LINES);
        for (size_t i = 0; i < crontab->n; i++) {
            assert_true(cronslug_is_name(crontab->entries[i].name));
            for (size_t j = 0; j < i; j++)
                assert_string_not_equal(crontab->entries[i].name, crontab->entries[j].name);
        }
        arena_reset(arena);
    }
}

/* A line more at the end renames nobody; one in between, among lines that much resemble each
 * other, less than two. */
static void
another_line_renames_few(void **state)
{
    (void)state;
    size_t renamed_by_last = 0, renamed_by_any = 0, all = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const char *lines[LINES + 1];
        unsigned place = random_below(LINES);
        for (int i = 0; i <= LINES; i++)
            lines[i] = random_line();
        Text before = text_new(arena), after = text_new(arena), within = text_new(arena);
        for (unsigned i = 0; i < LINES; i++) {
            text_add(&before, lines[i]);
            if (i == place)
                text_add(&within, lines[LINES]);
            text_add(&within, lines[i]);
        }
        text_add(&after, before.at);
        text_add(&after, lines[LINES]);
        Crontab *old = named(before.at), *last = named(after.at), *any = named(within.at);
        for (size_t i = 0; i < LINES; i++) {
            const char *name = old->entries[i].name;
            renamed_by_last += strcmp(name, last->entries[i].name) != 0;
            renamed_by_any += strcmp(name, any->entries[i + (i >= place)].name) != 0;
        }
        all += LINES;
        arena_reset(arena);
    }
    if (renamed_by_last > 0 || renamed_by_any > 2 * ROUNDS)
        fail_msg("of %zu, %zu are renamed by a last line, %zu by one anywhere", all,
            renamed_by_last, renamed_by_any);
}

static void
many_lines_alike_are_counted(void **state)
{
    (void)state;
    Text text = text_new(arena);
    for (int i = 0; i < 20000; i++)
        text_add(&text, "0 3 * * * /opt/a\n");
    Crontab *crontab = named(text.at);
    assert_int_equal(crontab->n, 20000);
    for (size_t i = 1; i < crontab->n; i++)
        assert_string_not_equal(crontab->entries[i].name, crontab->entries[i - 1].name);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_suggests_its_name),
        cmocka_unit_test(a_comment_suggests_a_name_when_it_is_short),
        cmocka_unit_test(lines_take_their_names_in_turn),
        cmocka_unit_test(names_are_unique_and_may_be_names),
        cmocka_unit_test(another_line_renames_few),
        cmocka_unit_test(many_lines_alike_are_counted),
    };
    return cmocka_run_group_tests(tests, crontab_begin, crontab_end);
}
