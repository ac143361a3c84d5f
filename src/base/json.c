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

/* How a byte is written within quotes when not as itself, or NULL. */
static const char *
escape(unsigned char c, char buffer[7])
{
    static const char hex[] = "0123456789abcdef";
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
        return NULL;
    if (c == '"')
        return "\\\"";
    if (c == '\\')
        return "\\\\";
    if (c == '\n')
        return "\\n";
    if (c == '\t')
        return "\\t";
    memcpy(buffer, "\\u00", 4);
    buffer[4] = hex[c >> 4];
    buffer[5] = hex[c & 0xf];
    buffer[6] = '\0';
    return buffer;
}

static void
add_quoted(Text *out, const char *at, size_t len)
{
    size_t from = 0;
    char buffer[7];
    text_add_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        const char *as = escape((unsigned char)at[i], buffer);
        if (as == NULL)
            continue;
        text_add_bytes(out, at + from, i - from);
        text_add(out, as);
        from = i + 1;
    }
    text_add_bytes(out, at + from, len - from);
    text_add_char(out, '"');
}

void
json_key(Json *json, const char *key)
{
    json_key_bytes(json, key, strlen(key));
}

void
json_key_bytes(Json *json, const char *at, size_t len)
{
    separate(json);
    add_quoted(json->out, at, len);
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
