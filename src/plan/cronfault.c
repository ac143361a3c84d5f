#include "plan/cronfault.h"
#include "plan/cronfield.h"
size_t
cron_words(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text != ' ' && *text != '\t' &&
             (text[1] == ' ' || text[1] == '\t' || text[1] == '\0');
    return n;
}
bool
cron_teach(
    Arena *arena, const char *text, CronDialect dialect, const CronFault *fault, Error *error)
{
    error_set(error, ERR_INPUT, "cannot read '%s' %d", text, fault->kind);
    (void)arena;
    (void)dialect;
    return error_hint(error, "hint");
}
