#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Writes JSON (RFC 8259) into a Text; commas and colons come by themselves.  Strings must be
 * UTF-8.  We only write: PostgreSQL is our parser.
 */
typedef struct {
    Text *out;
    bool comma;
} Json;

Json json_new(Text *out);
void json_open(Json *json, char bracket);  /* '{' or '[' */
void json_close(Json *json, char bracket); /* '}' or ']' */
void json_key(Json *json, const char *key);
void json_key_bytes(Json *json, const char *at, size_t len);
void json_string(Json *json, const char *s); /* NULL writes null */
void json_bytes(Json *json, const char *at, size_t len);
void json_number(Json *json, int64_t n);
void json_bool(Json *json, bool b);
void json_null(Json *json);
void json_raw(Json *json, const char *value); /* already JSON */

#endif
