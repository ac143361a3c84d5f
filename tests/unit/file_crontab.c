/* Crontabs as Clockfiles: every line has its account, whatever its bytes; what is written is a
 * Clockfile that means the same; and it comes back the same from an export. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crontab.h"
#include "file/cronexport.h"
#include "file/cronload.h"
#include "file/cronyaml.h"

/* The Clockfile that an import writes; it must be one. */
static const char *
clockfile_of(const Crontab *crontab, Clockfile **file)
{
    Text text = text_new(arena), said = text_new(arena);
    Diags *diags = diags_new(arena, "Clockfile.yml");
    Error error;
    if (!cronyaml_write(crontab, &text, NULL, &error) ||
        !clockfile_read(arena, "Clockfile.yml", text.at, text.len, file, diags, &error)) {
        diags_write(diags, &said);
        fail_msg("%s\n%s", said.at, text.at);
    }
    return text.at;
}

static const CrontabOptions user = {.kind = CRONTAB_USER, .zone = "Europe/Prague"};
static const CrontabOptions of_system = {.kind = CRONTAB_SYSTEM, .zone = "Europe/Prague"};

/* ---- accounts ---- */

static void
each_line_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        const CrontabOptions *options;
        const char *line;
        CrontabOutcome outcome;
        unsigned col;
        const char *says;
    } rows[] = {
        {&user, "0 3 * * * x", CRONTAB_CONVERTED, 1, ""},
        {&user, "  0\t3 * * * x", CRONTAB_CONVERTED, 1, ""},
        {&user, "# text", CRONTAB_LEFT, 1, "comment"},
        {&user, "A=b", CRONTAB_CONVERTED, 1, ""},
        {&user, "A-B=c", CRONTAB_REFUSED, 1, "letters"},
        {&user, "LOGNAME=x", CRONTAB_CONVERTED, 1, "left out"},
        {&user, "MAILTO=x", CRONTAB_CONVERTED, 1, "no mail"},
        {&user, "MAILTO=\"\"", CRONTAB_CONVERTED, 1, ""},
        {&user, "PATH=$PATH:/x", CRONTAB_CONVERTED, 1, "as it stands"},
        {&user, "A=${B}", CRONTAB_REFUSED, 1, "clock's own"},
        {&user, "SHELL=", CRONTAB_REFUSED, 1, "empty"},
        {&user, "SHELL=bash", CRONTAB_DECISION, 1, "PATH"},
        {&user, "TZ=Asia/Tokyo", CRONTAB_CONVERTED, 1, "does not change"},
        {&user, "CRON_TZ=Asia/Tokyo", CRONTAB_CONVERTED, 1, "Debian"},
        {&user, "CRON_TZ=Europe/Prague", CRONTAB_CONVERTED, 1, ""},
        {&user, "CRON_TZ=Atlantis", CRONTAB_REFUSED, 1, "unknown timezone"},
        {&user, "CRON_TZ=Asia/Toky\x16", CRONTAB_REFUSED, 1, "'Asia/Toky\\x16'"},
        {&user, "RANDOM_DELAY=30", CRONTAB_CONVERTED, 1, "jitter"},
        {&user, "RANDOM_DELAY=1441", CRONTAB_REFUSED, 1, "1440"},
        {&user, "@reboot x", CRONTAB_REFUSED, 1, "names no instant"},
        {&user, "@every 5m x", CRONTAB_REFUSED, 1, "cron knows no"},
        {&user, "0 3 * * /bin/x", CRONTAB_REFUSED, 9, "only 4 of the 5 time fields"},
        {&user, "0 3 * * *", CRONTAB_REFUSED, 10, "no command"},
        {&user, "0 3 *", CRONTAB_REFUSED, 1, "5 time fields"},
        {&user, "0 25 * * * x", CRONTAB_REFUSED, 3, "25"},
        {&user, " 0 25 * * * x", CRONTAB_REFUSED, 4, "25"},
        {&user, "* * * * * * x", CRONTAB_REFUSED, 11, "sixth"},
        {&user, "0 0 12 * * ? x", CRONTAB_REFUSED, 0, ""},
        {&user, "0 3 * * * *x", CRONTAB_REFUSED, 11, "begins with '*'"},
        {&user, "0 3 * * * %x", CRONTAB_REFUSED, 11, "before the '%'"},
        {&user, "0 3 * * * x%${A}", CRONTAB_REFUSED, 11, "clock's own"},
        {&user, "0 3 * * * -n x", CRONTAB_CONVERTED, 1, "cronie's -n"},
        {&user, "0 3 * * * -q x", CRONTAB_REFUSED, 11, "option"},
        {&user, "0 3 * * * -n -q x", CRONTAB_REFUSED, 11, "option"},
        {&user, "@every_minute x", CRONTAB_REFUSED, 1, "write * * * * *"},
        {&user, "@fortnightly x", CRONTAB_REFUSED, 1, "write five fields"},
        {&user, "@dayly x", CRONTAB_REFUSED, 1, "did you mean @daily"},
        {&user, "-0 3 * * * x", CRONTAB_CONVERTED, 1, "'-' in front"},
        {&user, "0 3 * * * root /bin/x", CRONTAB_DECISION, 1, "--system"},
        {&user, "0 3 * * * mail -s x y", CRONTAB_CONVERTED, 1, ""},
        {&user, "0 3 * * * mail /bin/x", CRONTAB_DECISION, 1, "--system"},
        {&user, "0 3 * * * x '\\\\'", CRONTAB_DECISION, 1, "cronie leaves both"},
        {&user, "0 3 * * * cd /x && \\", CRONTAB_DECISION, 1, "goes on in the next"},
        {&user, "0 3 * * * date +%F > /x", CRONTAB_DECISION, 1, "never ran all of it"},
        {&user, "0 3 * * * dump > \"/b/%F\"", CRONTAB_DECISION, 1, "never ran all of it"},
        {&user, "0 3 * * * dump > /b/`date +x%F`", CRONTAB_DECISION, 1, "write \\%"},
        {&user, "0 3 * * * dump > $(f %F)", CRONTAB_DECISION, 1, "write \\%"},
        {&user, "0 3 * * * dump > $(date) 'a\"'%F", CRONTAB_CONVERTED, 1, "standard input"},
        {&user, "0 3 * * * echo \\\"%F", CRONTAB_CONVERTED, 1, "standard input"},
        {&user, "0 22-2 * * * x", CRONTAB_DECISION, 1, "backwards"},
        {&user, "-0 25 * * * x", CRONTAB_REFUSED, 4, "25"},
        {&user, "Common commands:", CRONTAB_REFUSED, 1, "put # in front of a comment"},
        {&user, "crontab -e edits the file with an editor", CRONTAB_REFUSED, 1, "'crontab'"},
        {&user, "<<<<<<< ours", CRONTAB_REFUSED, 1, "put # in front of a comment"},
        {&user, "Monday 3 * * * x", CRONTAB_REFUSED, 1, "minute field"},
        {&user, "mon 3 * * * x", CRONTAB_REFUSED, 1, "day of week"},
        {&user, "PATH /usr/bin:/bin", CRONTAB_REFUSED, 1, "no variable"},
        {&user, "1 5 cron.daily nice run-parts /etc/cron.daily", CRONTAB_REFUSED, 1,
            "anacrontab"},
        {&user, "7 25 cron.weekly nice run-parts /etc/cron.weekly", CRONTAB_REFUSED, 1,
            "anacrontab"},
        {&user, "@monthly 45 cron.monthly nice run-parts /etc/cron.monthly", CRONTAB_REFUSED, 1,
            "anacrontab"},
        {&user, "1 5 dec * mon x", CRONTAB_REFUSED, 5, "month"},
        {&user, "#0 3 * * * x", CRONTAB_CONVERTED, 1, "commented out"},
        {&user, "# 0 22-2 * * * x", CRONTAB_CONVERTED, 1, "commented out"},
        {&user, "#@daily x", CRONTAB_CONVERTED, 1, "commented out"},
        {&user, "#0 3 * * /bin/x", CRONTAB_LEFT, 1, "comment"},
        {&user, "# 0 5 * * 1 tar -zcf /var/backups/home.tgz /home/", CRONTAB_LEFT, 1, "cron"},
        {&user, "# m h  dom mon dow   command", CRONTAB_LEFT, 1, "cron"},
        {&user, "# *  *  *  *  *  user command to be executed", CRONTAB_LEFT, 1, "cron"},
        {&user, "# |  |  .------- day of month (1 - 31)", CRONTAB_LEFT, 1, "cron"},
        {&user, "# clock job: a b", CRONTAB_DECISION, 1, "cannot be the name"},
        {&user, "0 3 * * * caf\xe9", CRONTAB_REFUSED, 14, "0xE9"},
        {&user, "# caf\xe9", CRONTAB_LEFT, 6, "0xE9"},
        {&of_system, "0 3 * * * root x", CRONTAB_CONVERTED, 1, ""},
        {&of_system, "@daily www-data x", CRONTAB_CONVERTED, 1, ""},
        {&of_system, "0 3 * * * /bin/x", CRONTAB_REFUSED, 11, "leave out --system"},
        {&of_system, "0 3 * * * 45 x", CRONTAB_REFUSED, 11, "'45'"},
        {&of_system, "0 3 * * * env A=1 /bin/x", CRONTAB_DECISION, 1, "leave out --system"},
        {&of_system, "0 3 * * * php /x.php", CRONTAB_DECISION, 1, "leave out --system"},
        {&of_system, "@monthly 45 cron.monthly nice x", CRONTAB_REFUSED, 1, "anacrontab"},
        {&of_system, "0 3 * * * root", CRONTAB_REFUSED, 15, "no command"},
        {&of_system, "0 3 * * * root:wheel x", CRONTAB_REFUSED, 11, "user"},
        {&of_system, "0 3 * * * * x", CRONTAB_REFUSED, 11, "user"},
        {&of_system, "# *  *  *  *  * user-name command to be executed", CRONTAB_LEFT, 1,
            "cron"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *line = arena_printf(arena, "%s\n", rows[i].line);
        Crontab *crontab = read_crontab(*rows[i].options, line, strlen(line));
        assert_int_equal(crontab->n_remarks, 1);
        const CrontabRemark *got = &crontab->remarks[0];
        if (got->outcome != rows[i].outcome ||
            (rows[i].col != 0 && got->pos.col != rows[i].col) ||
            strstr(arena_printf(arena, "%s; %s", got->text, got->hint == NULL ? "" : got->hint),
                rows[i].says) == NULL)
            fail_msg("'%s': outcome %d at %u, '%s'", rows[i].line, (int)got->outcome,
                got->pos.col, got->text);
        assert_int_equal(got->pos.line, 1);
    }
}

static void
check_accounts(const Crontab *crontab, size_t lines)
{
    const CrontabCounts *c = &crontab->counts;
    size_t told = 0, decisions = 0;
    assert_int_equal(c->lines, lines);
    assert_int_equal(c->entries + c->variables + c->comments + c->blank + c->refused, lines);
    assert_int_equal(c->entries, crontab->n);
    uint32_t before = 0;
    for (size_t i = 0; i < crontab->n_remarks; i++) {
        const CrontabRemark *it = &crontab->remarks[i];
        bool again = it->pos.line == before;
        told += it->pos.line != 0 && !again;
        before = it->pos.line;
        decisions += it->outcome == CRONTAB_DECISION;
        assert_true(it->outcome == CRONTAB_CONVERTED || it->text[0] != '\0');
    }
    assert_int_equal(told + c->blank, lines);
    assert_int_equal(decisions, c->decisions);
}

/* A crontab of pieces that mean something to the reader, and of any bytes. */
static const char *
random_crontab(size_t *len, size_t *lines)
{
    static const char *const pieces[] = {"\n0 3 * * * ", "\n*/5 * * * * ", "\n0 1 * * * x\n",
        "\n0 1 * * * root x\n", "\n#0 5 * * 1-5 root y\n", "\n@daily ", "\n@reboot ", "root ",
        "x", "/opt/y", " --z", "%", "\\%", "\\", "\\\\", "'", "\"", "$A", "${B}", "#", "# ",
        "# name\n", "# clock job: n", "=", "A=", "SHELL=", "CRON_TZ=", "RANDOM_DELAY=", "UTC",
        "5", "\n", "\n", "\n", "\r\n", "\t", " ", "-", "*", "5#3", "22-2", "\xc3\xa9", "\xe9",
        "\xe2\x80\xa8", "\xef\xbb\xbf", "\x1b", "{", "[", "]", ": ", "&a", "|", ">"};
    Text text = text_new(arena);
    for (unsigned n = random_below(60); n > 0; n--) {
        if (random_below(30) == 0)
            text_add_char(&text, (char)random_below(256));
        else
            text_add(&text, pieces[random_below(sizeof pieces / sizeof *pieces)]);
    }
    *len = text.len;
    *lines = 0;
    for (size_t i = 0; i < text.len; i++)
        *lines += text.at[i] == '\n' || i + 1 == text.len;
    return text.at;
}

static void
all_bytes_are_accounted_for_and_what_is_written_is_a_clockfile(void **state)
{
    (void)state;
    size_t jobs = 0;
    for (int round = 0; round < 20000; round++) {
        size_t len, lines;
        const char *at = random_crontab(&len, &lines);
        CrontabOptions options = random_below(2) == 0 ? user : of_system;
        options.daemon = (CrontabDaemon)random_below(3);
        bool mark = len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0;
        Crontab *crontab = read_crontab(options, at, len);
        check_accounts(crontab, mark && len == 3 ? 0 : lines);
        if (crontab->n > 0) {
            Clockfile *file;
            clockfile_of(crontab, &file);
            assert_int_equal(file->n, crontab->n);
            jobs += file->n;
        }
        arena_reset(arena);
    }
    assert_true(jobs > 5000);
}

/* ---- there and back ---- */

static const char *
exported(const Clockfile *file, const CrontabOptions *options, CrontabExport *result)
{
    Text text = text_new(arena), report = text_new(arena);
    *result = cronexport_write(arena, file, options, &text, &report);
    return text.at;
}

static void
an_export_is_imported_to_the_same_clockfile(void **state)
{
    (void)state;
    size_t same = 0, all = 0;
    for (int round = 0; round < 20000; round++) {
        size_t len, lines;
        const char *at = random_crontab(&len, &lines);
        CrontabOptions options = random_below(2) == 0 ? user : of_system;
        options.daemon = (CrontabDaemon)random_below(3);
        Crontab *crontab = read_crontab(options, at, len);
        CrontabExport result;
        Clockfile *file, *again;
        if (crontab->n > 0) {
            const char *before = clockfile_of(crontab, &file);
            const char *back = exported(file, &options, &result);
            all++;
            if (result.left == 0 && result.partly == 0) {
                Crontab *second = read_crontab(options, back, strlen(back));
                const char *after = clockfile_of(second, &again);
                if (strcmp(before, after) != 0)
                    fail_msg(
                        "%.*s\n---\n%s\n---\n%s\n---\n%s", (int)len, at, before, back, after);
                same++;
            }
        }
        arena_reset(arena);
    }
    if (same * 10 < all * 9)
        fail_msg("only %zu of %zu crontabs could be exported in full", same, all);
}

/* ---- what the commands do ---- */

/* What a command of the Clockfile prints. */
static const char *
output_of(const char *const *argv)
{
    int ends[2];
    Text text = text_new(arena);
    char bytes[4096];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        char **words = arena_array(arena, 16, sizeof *words);
        for (size_t i = 0; argv[i] != NULL; i++)
            words[i] = arena_copy(arena, argv[i], strlen(argv[i]));
        execv(words[0], words);
        _exit(127);
    }
    close(ends[1]);
    for (ssize_t n; (n = read(ends[0], bytes, sizeof bytes)) > 0;)
        text_add_bytes(&text, bytes, (size_t)n);
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return text.at;
}

static void
commands_do_what_they_did_under_cron(void **state)
{
    (void)state;
    static const char *const long_text = "0123456789012345678901234567890123456789";
    static const struct {
        const char *lines, *output;
    } rows[] = {
        {"0 3 * * * echo it\\%s\n", "it%s\n"},
        {"0 3 * * * cat%one%two\\%%%\n", "one\ntwo%\n\n"},
        {"0 3 * * * cat%\n", NULL},
        {"0 3 * * * cat%%\n", "\n"},
        {"0 3 * * * cat; echo end%$HOME `x` \"y\" 'z' \\n \\\\ END\n",
            "$HOME `x` \"y\" 'z' \\n \\\\ END\nend\n"},
        {"0 3 * * * cat%END%more\n", "END\nmore\n"},
        {"0 3 * * * cat <<EOF%x\n", NULL},
        {"0 3 * * * echo $0; # a comment%x\n", "/bin/sh\n"},
        {"SHELL=/bin/bash\n0 3 * * * echo ${BASH_VERSION:+bash} $0; cat%in\n",
            "bash /bin/bash\nin\n"},
        {"SHELL=/bin/bash\n0 3 * * * echo ${BASH_VERSION:+bash}\n", "bash\n"},
        {"0 3 * * * printf '[\\%s]' \"a  b\" 'c\"d' \\\\\\\\; echo\n", "[a  b][c\"d][\\]\n"},
        {"0 3 * * * ${UNSET:-echo} x\n", "x\n"},
        {"0 3 * * *   printf '\\%s.' 'x  '  \n", "x  ."},
        {"0 3 * * * printf '\\%s' ': # &a *b !c |d >e @f'\n", ": # &a *b !c |d >e @f"},
    };
    unsetenv("UNSET");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Clockfile *file;
        clockfile_of(read_crontab(user, rows[i].lines, strlen(rows[i].lines)), &file);
        assert_int_equal(file->n, 1);
        if (rows[i].output != NULL)
            assert_string_equal(output_of(file->jobs[0].command), rows[i].output);
    }
    /* More than a pipe holds. */
    Text line = text_new(arena), wanted = text_new(arena);
    text_add(&line, "0 3 * * * cat");
    for (int i = 0; i < 3000; i++) {
        text_addf(&line, "%%%s", long_text);
        text_addf(&wanted, "%s\n", long_text);
    }
    text_add_char(&line, '\n');
    Clockfile *file;
    clockfile_of(read_crontab(user, line.at, line.len), &file);
    assert_string_equal(output_of(file->jobs[0].command), wanted.at);
}

static const char *
variable(const Job *job, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; job->env != NULL && job->env[i] != NULL; i++) {
        if (strncmp(job->env[i], name, len) == 0 && job->env[i][len] == '=')
            return job->env[i] + len + 1;
    }
    return "(none)";
}

static void
variables_count_for_the_entries_below(void **state)
{
    (void)state;
    static const char lines[] = "0 1 * * * a\nA=1\nB=\"x  y\"\n0 2 * * * b\nA='2'\n"
                                "CRON_TZ=Asia/Tokyo\nRANDOM_DELAY=30\n0 3 * * * c\n"
                                "CRON_TZ=\"\"\nRANDOM_DELAY=0\nPATH=/usr/bin:/bin\n"
                                "SHELL=/bin/sh\nB=1.10\n0 4 * * * d\n";
    Clockfile *file;
    clockfile_of(read_crontab(user, lines, strlen(lines)), &file);
    assert_int_equal(file->n, 4);
    const Job *a = &file->jobs[0], *b = &file->jobs[1], *c = &file->jobs[2],
              *d = &file->jobs[3];
    assert_string_equal(variable(a, "A"), "(none)");
    assert_string_equal(variable(b, "A"), "1");
    assert_string_equal(variable(b, "B"), "x  y");
    assert_string_equal(variable(c, "A"), "2");
    assert_string_equal(variable(d, "B"), "1.10");
    assert_string_equal(variable(d, "PATH"), "(none)");
    assert_string_equal(zone_name(schedule_zone(b->schedule)), "Europe/Prague");
    assert_string_equal(zone_name(schedule_zone(c->schedule)), "Asia/Tokyo");
    assert_string_equal(zone_name(schedule_zone(d->schedule)), "Europe/Prague");
    assert_int_equal(b->jitter_s, 0);
    assert_int_equal(c->jitter_s, 1800);
    assert_int_equal(d->jitter_s, 0);
    assert_int_equal(a->max_attempts, 1);
    assert_int_equal(a->missed, MISSED_SKIP);
}

/* ---- in place of a Clockfile ---- */

static void
places_are_those_of_the_crontab(void **state)
{
    (void)state;
    char path[] = "/tmp/clock-crontab-XXXXXX";
    static const char lines[] = "# odd\n\n  0  0 13 * 5 friday\n0 22-2 * * * late\n";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, lines, strlen(lines)), (ssize_t)strlen(lines));
    close(fd);
    Diags *diags = diags_new(arena, path);
    Clockfile *file;
    Error error;
    const Diag *list;
    if (!cronload_file(arena, path, &user, &file, diags, &error))
        fail_msg("%s", error.text);
    unlink(path);
    assert_int_equal(file->n, 2);
    const Job *friday = clockfile_job(file, "friday");
    assert_non_null(friday);
    assert_int_equal(friday->pos.line, 3);
    assert_int_equal(diags_errors(diags), 0);
    assert_int_equal(diags_list(diags, &list), 2);
    assert_int_equal(list[0].pos.line, 3);
    assert_non_null(strstr(list[0].text, "day of month and day of week"));
    assert_int_equal(list[1].pos.line, 4);
    assert_non_null(strstr(list[1].text, "backwards"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_has_its_outcome),
        cmocka_unit_test(all_bytes_are_accounted_for_and_what_is_written_is_a_clockfile),
        cmocka_unit_test(an_export_is_imported_to_the_same_clockfile),
        cmocka_unit_test(commands_do_what_they_did_under_cron),
        cmocka_unit_test(variables_count_for_the_entries_below),
        cmocka_unit_test(places_are_those_of_the_crontab),
    };
    return cmocka_run_group_tests(tests, crontab_begin, crontab_end);
}
