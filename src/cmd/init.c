/* clock init: writes a starter Clockfile, so that nobody begins with an empty page.  It never
 * overwrites. */

#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/out.h"
#include "file/clockfile.h"

static bool init(Context *context, Error *error);

const Command command_init = {
    .name = "init",
    .operands = "[FILE]",
    .summary = "write a commented starter Clockfile",
    .detail =
        "Writes Clockfile.yml, or FILE, with two jobs to change.  A file that exists stays\n"
        "as it is.",
    .max_operands = 1,
    .run = init,
};

static const char starter[] =
    "# What runs when.  Every key is told in clockfile(5): type `clock help clockfile`.\n"
    "\n"
    "timezone: UTC                # whose wall clock the schedules mean, such as Europe/Paris\n"
    "\n"
    "jobs:\n"
    "  nightly-report:            # a name of your choice; it identifies the job for ever\n"
    "    schedule: \"30 2 * * *\"   # minute hour day-of-month month day-of-week\n"
    "    task: report.nightly     # what the worker is asked to do; default: the job's name\n"
    "    payload: {format: pdf}   # handed to the worker as JSON\n"
    "\n"
    "  heartbeat:\n"
    "    schedule: \"@every 1m\"    # elapsed time, on the same grid for every clock\n";

static bool
create(const char *path, Error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno == EEXIST) {
        error_set(error, ERR_NO, "'%.200s' exists already and stays as it is", path);
        return error_hint(error, "type clock check %.100s, or name another file", path);
    }
    if (fd < 0)
        return error_system(error, ERR_OUTPUT, "cannot create '%.200s'", path);
    size_t size = sizeof starter - 1;
    bool ok = write(fd, starter, size) == (ssize_t)size;
    ok = close(fd) == 0 && ok;
    if (ok)
        return true;
    error_system(error, ERR_OUTPUT, "cannot write '%.200s'", path);
    unlink(path);
    return false;
}

static bool
init(Context *context, Error *error)
{
    const char *path = "Clockfile.yml";
    Error ignored; /* none is here, or two: then the first is in the way */
    if (context->n_operands > 0)
        path = context->operands[0];
    else
        clockfile_find(context->arena, &path, &ignored);
    if (!create(path, error))
        return false;
    Text text = text_new(context->arena);
    text_add(&text, "wrote ");
    text_add_safe(&text, path, strlen(path));
    text_add(&text, "; clock next shows what it will fire, clock dev tries it\n");
    return out_text(&text, error);
}
