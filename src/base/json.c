/* What no other file knows: how JSON is spelled. */

#include "base/json.h"

#include <string.h>

Json
json_new(Text *out)
{
    return (Json){.out = out, .comma = false};
}

static void
separate(Json *json)
{
    if (json->comma)
        text_add_char(json->out, ',');
    json->comma = true;
}

void
json_open(Json *json, char bracket)
{
    separate(json);
    text_add_char(json->out, bracket);
    json->comma = false;
}

void
json_close(Json *json, char bracket)
{
    text_add_char(json->out, bracket);
    json->comma = true;
}

static void
add_quoted(Text *out, const char *at, size_t len)
{
    text_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)at[i];
        if (c == '"' || c == '\\')
            text_addf(out, "\\%c", c);
        else if (c == '\n')
            text_add(out, "\\n");
        else if (c == '\t')
            text_add(out, "\\t");
        else if (c < 0x20 || c == 0x7f)
            text_addf(out, "\\u%04x", c);
        else
            text_add_char(out, (char)c);
    }
    text_add_char(out, '"');
}

void
json_key(Json *json, const char *key)
{
    separate(json);
    add_quoted(json->out, key, strlen(key));
    text_add_char(json->out, ':');
    json->comma = false;
}

void
json_bytes(Json *json, const char *at, size_t len)
{
    separate(json);
    add_quoted(json->out, at, len);
}

void
json_string(Json *json, const char *s)
{
    if (s == NULL)
        json_null(json);
    else
        json_bytes(json, s, strlen(s));
}

void
json_number(Json *json, int64_t n)
{
    separate(json);
    text_addf(json->out, "%lld", (long long)n);
}

void
json_bool(Json *json, bool b)
{
    json_raw(json, b ? "true" : "false");
}

void
json_null(Json *json)
{
    json_raw(json, "null");
}

void
json_raw(Json *json, const char *value)
{
    separate(json);
    text_add(json->out, value);
}
