/* What no other file knows: what was typed for an option, as text and as a number. */

#include "cmd/context.h"

#include <string.h>

#include "base/text.h"

const char *
context_option(const Context *context, const char *name)
{
    for (size_t i = 0; context->options[i] != NULL; i++) {
        if (strcmp(context->options[i]->name, name) == 0)
            return context->values[i];
    }
    return NULL;
}

const char *
context_repeated(const Context *context, const char *name, size_t i)
{
    for (size_t at = 0; context->given[at] != NULL; at++) {
        if (strcmp(context->given[at]->name, name) == 0 && i-- == 0)
            return context->given_values[at];
    }
    return NULL;
}

bool
context_number(const Context *context, const char *name, int64_t min, int64_t max,
    int64_t otherwise, int64_t *out, Error *error)
{
    const char *value = context_option(context, name);
    if (value == NULL) {
        *out = otherwise;
        return true;
    }
    if (!text_number(value, strlen(value), min, max, out)) {
        error_set(error, ERR_USAGE, "--%s '%.40s' is not a number in the range %lld to %lld",
            name, value, (long long)min, (long long)max);
        return error_hint(error, "for example --%s %lld", name,
            (long long)(otherwise >= min && otherwise <= max ? otherwise : min));
    }
    return true;
}
