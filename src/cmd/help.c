/* clock help: every command in short, one command in full, or a manual page.  The help texts
 * come from the table of commands; pages are opened by man(1), from beside the binary when it
 * has not been installed. */

#include "cmd/cmd.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/args.h"
#include "cmd/out.h"
#include "cmd/usage.h"

static const struct {
    const char *name;
    const char *section;
} pages[] = {
    {"clock", "1"},
    {"clockfile", "5"},
    {"clock-worker", "7"},
};

#define N_PAGES (sizeof pages / sizeof *pages)

/* The page's file in `folder` below the binary's own, if it is there. */
static const char *
page_beside(Arena *arena, const char *folder, size_t page)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0)
        return NULL;
    self[len] = '\0';
    *strrchr(self, '/') = '\0';
    const char *path =
        arena_printf(arena, "%s/%s/%s.%s", self, folder, pages[page].name, pages[page].section);
    return access(path, R_OK) == 0 ? path : NULL;
}

/* Returns only when there is no man(1). */
static bool
open_page(Context *context, size_t page, Error *error)
{
    static const char *const folders[] = {
        "../man", "../../man", "../share/man/man1", "../share/man/man5", "../share/man/man7"};
    const char *path = NULL;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && path == NULL; i++)
        path = page_beside(context->arena, folders[i], page);
    if (path != NULL)
        execlp("man", "man", "-l", path, (char *)NULL);
    else
        execlp("man", "man", pages[page].section, pages[page].name, (char *)NULL);
    error_system(
        error, ERR_NO, "cannot run man to show %s(%s)", pages[page].name, pages[page].section);
    if (path != NULL)
        return error_hint(error, "the page is the file %s", path);
    return error_hint(error, "install man-db, or read the page where clock came from");
}

static bool
no_topic(const char *topic, Error *error)
{
    const char *names[N_PAGES];
    for (size_t i = 0; i < N_PAGES; i++)
        names[i] = pages[i].name;
    const char *nearest = command_nearest(topic);
    if (nearest == NULL)
        nearest = text_nearest(topic, names, N_PAGES);
    error_set(error, ERR_USAGE, "no help on '%.80s'", topic);
    if (nearest != NULL)
        return error_hint(error, "did you mean 'clock help %s'?", nearest);
    return error_hint(error, "type clock help for what there is");
}

static bool
run(Context *context, Error *error)
{
    Text text = text_new(context->arena);
    if (context->n_operands == 0) {
        usage_all(&text);
        return out_text(&text, error);
    }
    const char *topic = context->operands[0];
    const Command *command = command_find(topic);
    if (command != NULL) {
        usage_command(&text, command);
        return out_text(&text, error);
    }
    for (size_t i = 0; i < N_PAGES; i++) {
        if (strcmp(pages[i].name, topic) == 0)
            return open_page(context, i, error);
    }
    return no_topic(topic, error);
}

const Command command_help = {
    .name = "help",
    .operands = "[COMMAND|TOPIC]",
    .summary = "explain a command, or open a manual page",
    .detail = "Topics are the manual pages: clock, clockfile and clock-worker.",
    .max_operands = 1,
    .run = run,
};
