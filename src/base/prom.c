/* What no other file knows: the text format of Prometheus. */

#include "base/prom.h"

void
prom_family(Text *text, const char *name, PromType type, const char *help)
{
    text_addf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
        type == PROM_COUNTER ? "counter" : "gauge");
}

static void
add_name(Text *text, const char *name, const char *const *labels)
{
    text_add(text, name);
    if (labels == NULL || *labels == NULL)
        return;
    for (size_t i = 0; labels[i] != NULL; i += 2) {
        text_addf(text, "%c%s=\"", i == 0 ? '{' : ',', labels[i]);
        for (const char *at = text_safe(text->arena, labels[i + 1]); *at != '\0'; at++) {
            if (*at == '"' || *at == '\\')
                text_add_char(text, '\\');
            text_add_char(text, *at); /* a newline is \x0a by now */
        }
        text_add_char(text, '"');
    }
    text_add_char(text, '}');
}

void
prom_count(Text *text, const char *name, const char *const *labels, int64_t n)
{
    add_name(text, name, labels);
    text_addf(text, " %lld\n", (long long)n);
}

void
prom_seconds(Text *text, const char *name, const char *const *labels, int64_t us)
{
    int64_t whole_s = us / 1000000, rest_us = us % 1000000;
    add_name(text, name, labels);
    text_addf(text, " %s%lld.%06lld\n", us < 0 ? "-" : "",
        (long long)(whole_s < 0 ? -whole_s : whole_s),
        (long long)(rest_us < 0 ? -rest_us : rest_us));
}

void
prom_instant(Text *text, const char *name, const char *const *labels, int64_t at_s)
{
    if (at_s != INT64_MIN && at_s != INT64_MAX)
        prom_count(text, name, labels, at_s);
}
