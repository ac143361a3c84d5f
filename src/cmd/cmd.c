/* What no other file knows: which commands there are, and which belong together. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/text.h"

const Command *const commands[] = {
    &command_run,
    &command_work,
    &command_dev,
    &command_init,
    &command_check,
    &command_next,
    &command_explain,
    &command_diff,
    &command_simulate,
    &command_import,
    &command_export,
    &command_schema,
    &command_migrate,
    &command_grants,
    &command_doctor,
    &command_health,
    &command_status,
    &command_list,
    &command_missed,
    &command_history,
    &command_dead,
    &command_fire,
    &command_pause,
    &command_resume,
    &command_backfill,
    &command_retry,
    &command_discard,
    &command_prune,
    &command_completion,
    &command_help,
    &command_version,
    NULL,
};

static const struct {
    const Command *first;
    const char *heading;
} groups[] = {
    {&command_run, "to run it"},
    {&command_init, "on a Clockfile, without a database"},
    {&command_migrate, "to set up and watch the database"},
    {&command_status, "to look"},
    {&command_fire, "to step in"},
    {&command_completion, "about clock"},
};

const char *
command_heading(const Command *command)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (groups[i].first == command)
            return groups[i].heading;
    }
    return NULL;
}

const Command *
command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

const char *
command_nearest(const char *name)
{
    const char *names[sizeof commands / sizeof *commands];
    size_t n = 0;
    for (; commands[n] != NULL; n++)
        names[n] = commands[n]->name;
    return text_nearest(name, names, n);
}
