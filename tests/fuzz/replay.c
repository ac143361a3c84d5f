/* Without libFuzzer: gives a target every input that is kept for it, so that what was found
 * once stays found.
 *
 *   TARGET [FILE...]   FILEs hold inputs (tests/fuzz/README.md tells how); by default
 *                      TARGET.txt and TARGET-found.txt of tests/fuzz/corpus */

#include "fuzz.h"

#include <glob.h>
#include <signal.h>
#include <unistd.h>

static const char *current_file;
static size_t current_line;

/* The target ended the process: says by which input. */
static void
tell_input(int number)
{
    char text[512];
    int n = snprintf(text, sizeof text, "not ok 1 - %s:%zu\n", current_file, current_line);
    (void)!write(STDOUT_FILENO, text, (size_t)n);
    signal(number, SIG_DFL);
    raise(number);
}

static int
digit_of(char c)
{
    const char *at = strchr("0123456789abcdef", c);
    return c == '\0' || at == NULL ? -1 : (int)(at - "0123456789abcdef");
}

/* The bytes that a line stands for, in its place; exits when it is written wrongly. */
static size_t
decode(char *line)
{
    char *to = line;
    for (const char *at = line; *at != '\0' && *at != '\n';) {
        if (*at != '\\') {
            *to++ = *at++;
        } else if (at[1] == 'x' && digit_of(at[2]) >= 0 && digit_of(at[3]) >= 0) {
            *to++ = (char)(digit_of(at[2]) * 16 + digit_of(at[3]));
            at += 4;
        } else if (at[1] != '\0' && strchr("nrt\\", at[1]) != NULL) {
            *to++ = at[1] == 'n' ? '\n' : at[1] == 'r' ? '\r' : at[1] == 't' ? '\t' : '\\';
            at += 2;
        } else {
            printf("Bail out! %s:%zu: an escape that is none\n", current_file, current_line);
            exit(1);
        }
    }
    return (size_t)(to - line);
}

/* How many inputs the file has; exits when it cannot be read. */
static size_t
replay(const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0, n = 0;
    if (file == NULL) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }
    current_file = path;
    for (current_line = 1; getline(&line, &size, file) > 0; current_line++) {
        if (line[0] == '#')
            continue;
        size_t len = decode(line);
        uint8_t *bytes = malloc(len + 1); /* its own, so that its end is guarded */
        if (bytes == NULL)
            abort();
        memcpy(bytes, line, len);
        LLVMFuzzerTestOneInput(bytes, len);
        free(bytes);
        n++;
    }
    free(line);
    fclose(file);
    return n;
}

int
main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    char pattern[256];
    glob_t found = {.gl_pathc = 0};
    size_t n = 0;
    signal(SIGABRT, tell_input);
    signal(SIGSEGV, tell_input);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    printf("1..1\n");
    snprintf(pattern, sizeof pattern, "tests/fuzz/corpus/%s[.-]*", slash ? slash + 1 : argv[0]);
    if (argc == 1 && glob(pattern, 0, NULL, &found) != 0) {
        printf("Bail out! no %s\n", pattern);
        return 1;
    }
    LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        n += replay(argv[i]);
    for (size_t i = 0; i < found.gl_pathc; i++)
        n += replay(found.gl_pathv[i]);
    globfree(&found);
    printf("%s 1 - %zu inputs keep the promises of the target\n", n > 0 ? "ok" : "not ok", n);
    return n > 0 ? 0 : 1;
}
