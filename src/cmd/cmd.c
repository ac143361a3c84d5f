/* What no other file knows: which commands there are. */

#include "cmd/cmd.h"

#include <string.h>

#include "base/text.h"

const Command *const commands[] = {
    &command_run,
    &command_work,
    &command_next,
    &command_explain,
    &command_check,
    &command_schema,
    &command_diff,
    &command_simulate,
    &command_init,
    &command_import,
    &command_export,
    &command_status,
    &command_list,
    &command_fire,
    &command_pause,
    &command_resume,
    &command_missed,
    &command_backfill,
    &command_health,
    &command_prune,
    &command_grants,
    &command_doctor,
    &command_completion,
    &command_history,
    &command_dead,
    &command_retry,
    &command_discard,
    &command_migrate,
    &command_dev,
    &command_help,
    &command_version,
    NULL,
};

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
