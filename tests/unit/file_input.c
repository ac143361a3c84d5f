/* Reading a path: what is no regular file, what is too large, what others may write to, and
 * which file is found when none is named. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "file/clockfile.h"
#include "file/input.h"

static const char good[] = "jobs: {a: {schedule: \"@daily\"}}\n";

/* Each test works in an empty directory of its own. */
static char folder[64];

static int
enter_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/clock-input-XXXXXX");
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int
leave_folder(void **state)
{
    (void)state;
    static const char *const names[] = {
        "f", "g", "Clockfile.yml", "clockfile.yml", "open/f", "open", "sticky/f", "sticky"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(names[i]);
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0644), 0);
}

/* Loads a path; what is said, or "" when nothing is. */
static const char *
said(Arena *arena, const char *path)
{
    Clockfile *file;
    Diags *diags = diags_new(arena, path);
    Error error;
    bool ok = clockfile_load(arena, path, &file, diags, &error);
    Text text = text_new(arena);
    diags_write(diags, &text);
    if (!ok) {
        assert_int_equal(error.kind, ERR_INPUT);
        text_add(&text, error.text);
        text_add(&text, "; ");
        text_add(&text, error.hint);
    }
    return text.at;
}

static void
expect(const char *path, const char *want)
{
    Arena *arena = arena_new(0);
    const char *text = said(arena, path);
    if (want == NULL ? text[0] != '\0' : strstr(text, want) == NULL)
        fail_msg("%s: '%s'", path, text);
    arena_free(arena);
}

static void
a_plain_file_is_read(void **state)
{
    (void)state;
    write_file("f", good);
    expect("f", NULL);
    assert_int_equal(symlink("f", "g"), 0);
    expect("g", NULL);
}

static void
what_is_no_regular_file_is_refused_without_waiting(void **state)
{
    (void)state;
    expect("f", "cannot read 'f': No such file");
    expect("/", "is a directory, not a regular file");
    expect("/dev/null", "is a device, not a regular file");
    expect("/dev/zero", "is a device, not a regular file");
    expect("", "cannot read ''");
    assert_int_equal(mkfifo("f", 0600), 0);
    expect("f", "is a pipe, not a regular file; name a file, or - to read");
    remove("f");
    assert_int_equal(symlink("f", "f"), 0);
    expect("f", "circle");
    remove("f");
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "f"};
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    expect("f", "socket");
    close(fd);
}

static void
a_hostile_name_is_escaped(void **state)
{
    (void)state;
    expect("a\x1b[31m.yml", "cannot read 'a\\x1b[31m.yml'");
}

static void
a_large_file_is_refused_by_its_size(void **state)
{
    (void)state;
    write_file("f", good);
    assert_int_equal(truncate("f", CLOCKFILE_MAX_BYTES + 1), 0);
    expect("f", "'f' is larger than 16 MiB; split it");
    assert_int_equal(truncate("f", CLOCKFILE_MAX_BYTES), 0);
    expect("f", "control character 0x00"); /* read, and judged */
}

static void
where_others_may_write_is_warned_of(void **state)
{
    (void)state;
    write_file("f", good);
    assert_int_equal(chmod("f", 0666), 0);
    expect("f", "f: warning: every user may write to this file");
    assert_int_equal(mkdir("open", 0700), 0);
    assert_int_equal(chmod("open", 0777), 0);
    write_file("open/f", good);
    expect("open/f", "open/f: warning: its directory is writable by every user");
    assert_int_equal(mkdir("sticky", 0700), 0);
    assert_int_equal(chmod("sticky", 01777), 0);
    write_file("sticky/f", good);
    expect("sticky/f", NULL);
}

/* Puts a pipe that holds the text in the place of standard input while `path` is read. */
static void
expect_from_stdin(const char *path, const char *input, const char *want)
{
    int ends[2], saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], input, strlen(input)), (ssize_t)strlen(input));
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    expect(path, want);
    if (saved >= 0)
        dup2(saved, STDIN_FILENO);
    else
        close(STDIN_FILENO);
    close(saved);
}

static void
standard_input_is_read_from_a_pipe(void **state)
{
    (void)state;
    expect_from_stdin("-", good, NULL);
    expect_from_stdin("/dev/stdin", good, NULL);
    expect_from_stdin("-", "", "-:1:1: error: the file is empty");
}

static void
endless_input_is_cut_off(void **state)
{
    (void)state;
    int saved = dup(STDIN_FILENO), zero = open("/dev/zero", O_RDONLY);
    assert_true(zero >= 0);
    dup2(zero, STDIN_FILENO);
    close(zero);
    expect("-", "'-' is larger than 16 MiB");
    dup2(saved, STDIN_FILENO);
    close(saved);
}

static void
files_whose_size_is_not_known_are_read_to_their_end(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    char *at;
    size_t len;
    Error error;
    Diags *diags = diags_new(arena, "f");
    assert_true(input_read(arena, "/proc/self/status", 1 << 20, &at, &len, diags, &error));
    assert_true(len > 100);
    arena_free(arena);
}

static void
no_descriptor_is_left_open(void **state)
{
    (void)state;
    write_file("f", good);
    int before = open("/dev/null", O_RDONLY);
    close(before);
    expect("f", NULL);
    expect("/", "directory");
    int after = open("/dev/null", O_RDONLY);
    close(after);
    assert_int_equal(after, before);
}

/* The file that is found here; or what is said. */
static void
expect_found(const char *want)
{
    Arena *arena = arena_new(0);
    const char *path = NULL;
    Error error;
    if (!clockfile_find(arena, &path, &error)) {
        assert_null(path);
        assert_int_equal(error.kind, ERR_INPUT);
        path = arena_printf(arena, "%s; %s", error.text, error.hint);
    }
    assert_string_equal(path, want);
    arena_free(arena);
}

static void
the_file_to_use_is_found(void **state)
{
    (void)state;
    expect_found("no Clockfile.yml here; type clock init, or name a file");
    write_file("clockfile.yml", good);
    expect_found("clockfile.yml");
    write_file("Clockfile.yml", good);
    expect_found("both 'Clockfile.yml' and 'clockfile.yml' are here; "
                 "remove one, or name the file to use");
    remove("clockfile.yml");
    expect_found("Clockfile.yml");
    assert_int_equal(link("Clockfile.yml", "clockfile.yml"), 0); /* one file, two names */
    expect_found("Clockfile.yml");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_plain_file_is_read),
        IN_FOLDER(what_is_no_regular_file_is_refused_without_waiting),
        IN_FOLDER(a_hostile_name_is_escaped),
        IN_FOLDER(a_large_file_is_refused_by_its_size),
        IN_FOLDER(where_others_may_write_is_warned_of),
        IN_FOLDER(standard_input_is_read_from_a_pipe),
        IN_FOLDER(endless_input_is_cut_off),
        IN_FOLDER(files_whose_size_is_not_known_are_read_to_their_end),
        IN_FOLDER(no_descriptor_is_left_open),
        IN_FOLDER(the_file_to_use_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
