/* What no other file knows: where a host says in which zone its cron reads crontabs. */

#include "file/cronhost.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The link's target is the zone's file below some folder "zoneinfo". */
static const char *
by_link(Arena *arena)
{
    static const char folder[] = "/zoneinfo/";
    char target[PATH_MAX];
    ssize_t len = readlink("/etc/localtime", target, sizeof target - 1);
    if (len <= 0)
        return NULL;
    target[len] = '\0';
    const char *name = strstr(target, folder);
    return name == NULL ? NULL : arena_printf(arena, "%s", name + sizeof folder - 1);
}

static const char *
by_name(Arena *arena)
{
    char line[PATH_MAX];
    FILE *file = fopen("/etc/timezone", "re");
    if (file == NULL)
        return NULL;
    const char *got = fgets(line, sizeof line, file);
    fclose(file);
    if (got == NULL)
        return NULL;
    line[strcspn(line, " \t\r\n")] = '\0';
    return line[0] == '\0' ? NULL : arena_copy(arena, line, strlen(line));
}

const char *
cronhost_zone(Arena *arena, const char **from)
{
    const char *ignored, *zone = by_link(arena);
    if (from == NULL)
        from = &ignored;
    *from = "/etc/localtime";
    if (zone != NULL)
        return zone;
    *from = "/etc/timezone";
    zone = by_name(arena);
    if (zone != NULL)
        return zone;
    *from = "no other being known";
    return "UTC";
}
