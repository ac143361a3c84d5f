/* What no other file knows: how each type of value of the table of keys is said in JSON Schema
 * (draft-07).  Every scalar outside a payload may be a ${VARIABLE} instead, and what is text
 * may look like a number or a truth value to YAML. */

#include "file/schema.h"

#include "base/json.h"
#include "file/clockfile.h"
#include "file/keys.h"

/* Parts of regular expressions (ECMA 262, without look-ahead, which some readers lack). */
#define VARIABLE "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}"
#define NAME "[A-Za-z0-9_][A-Za-z0-9_.:-]*"
#define SPAN "([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?"
#define SPAN_MIN 2 /* characters: the pattern alone would let the empty text pass */
#define ZONE "[A-Za-z0-9][A-Za-z0-9_+/.-]*"
#define DATE "[0-9]{4}-[0-9]{2}-[0-9]{2}.*"

#define OR_VARIABLE(pattern) "^(" pattern "|" VARIABLE ")$"

static void
add_text(Json *json, const char *key, const char *value)
{
    json_key(json, key);
    json_string(json, value);
}

static void
add_number(Json *json, const char *key, int64_t value)
{
    json_key(json, key);
    json_number(json, value);
}

static void
add_ref(Json *json, const char *to)
{
    json_open(json, '{');
    add_text(json, "$ref", to);
    json_close(json, '}');
}

/* Opens a list of schemas of which one is enough. */
static void
open_any(Json *json)
{
    json_key(json, "anyOf");
    json_open(json, '[');
}

static void
add_pattern(Json *json, const char *pattern)
{
    add_text(json, "type", "string");
    add_text(json, "pattern", pattern);
}

static void
add_variable(Json *json)
{
    json_open(json, '{');
    add_pattern(json, "^" VARIABLE "$");
    json_close(json, '}');
}

/* Text may stand without quotes and be something else to YAML.  No list of types: readers that
 * are strict about schemas do not like it. */
static void
add_other_scalars(Json *json)
{
    json_raw(json, "{\"type\":\"number\"}");
    json_raw(json, "{\"type\":\"boolean\"}");
}

static void
add_scalar(Json *json)
{
    open_any(json);
    json_raw(json, "{\"type\":\"string\"}");
    add_other_scalars(json);
    json_close(json, ']');
}

static void
add_name_choices(Json *json)
{
    json_open(json, '{');
    add_pattern(json, OR_VARIABLE(NAME));
    json_close(json, '}');
    add_other_scalars(json);
}

static void
add_name(Json *json)
{
    open_any(json);
    add_name_choices(json);
    json_close(json, ']');
}

static void
add_names(Json *json, const Key *key)
{
    open_any(json);
    add_name_choices(json);
    json_open(json, '{');
    add_text(json, "type", "array");
    add_number(json, "maxItems", key->max);
    json_key(json, "items");
    json_open(json, '{');
    add_name(json);
    json_close(json, '}');
    json_close(json, '}');
    json_close(json, ']');
}

/* The longest in characters, which are never more than the bytes that the reader counts. */
static void
add_long_text(Json *json, const Key *key)
{
    open_any(json);
    json_open(json, '{');
    add_text(json, "type", "string");
    add_number(json, "minLength", key->min);
    add_number(json, "maxLength", key->max);
    json_close(json, '}');
    add_variable(json);
    add_other_scalars(json);
    json_close(json, ']');
}

static void
add_range(Json *json, const Key *key)
{
    open_any(json);
    json_open(json, '{');
    add_text(json, "type", "integer");
    add_number(json, "minimum", key->min);
    add_number(json, "maximum", key->max);
    json_close(json, '}');
    add_variable(json);
    json_close(json, ']');
}

static void
add_span(Json *json, const char *pattern)
{
    add_pattern(json, pattern);
    add_number(json, "minLength", SPAN_MIN);
}

static void
add_words(Json *json, const Key *key)
{
    open_any(json);
    json_open(json, '{');
    json_key(json, "enum");
    json_open(json, '[');
    for (const char *const *word = key->words; *word != NULL; word++)
        json_string(json, *word);
    json_close(json, ']');
    json_close(json, '}');
    add_variable(json);
    json_close(json, ']');
}

static void
add_bool(Json *json)
{
    open_any(json);
    json_open(json, '{');
    add_text(json, "type", "boolean");
    json_close(json, '}');
    add_variable(json);
    json_close(json, ']');
}

static void
add_exclude(Json *json, const Key *key)
{
    open_any(json);
    json_raw(json, "{\"type\":\"string\",\"minLength\":1}");
    json_open(json, '{');
    add_text(json, "type", "array");
    add_number(json, "maxItems", key->max);
    json_key(json, "items");
    json_raw(json, "{\"type\":\"string\",\"minLength\":1}");
    json_close(json, '}');
    json_close(json, ']');
}

static void
add_command(Json *json)
{
    open_any(json);
    json_raw(json, "{\"type\":\"string\",\"minLength\":1}");
    add_other_scalars(json);
    json_open(json, '{');
    add_text(json, "type", "array");
    add_number(json, "minItems", 1);
    json_key(json, "items");
    json_open(json, '{');
    add_scalar(json);
    json_close(json, '}');
    json_close(json, '}');
    json_close(json, ']');
}

static void
add_env(Json *json, const Key *key)
{
    add_text(json, "type", "object");
    add_number(json, "maxProperties", key->max);
    json_key(json, "propertyNames");
    json_raw(json, "{\"pattern\":\"^[A-Za-z_][A-Za-z0-9_]*$\"}");
    json_key(json, "additionalProperties");
    json_open(json, '{');
    add_scalar(json);
    json_close(json, '}');
}

/* A mapping from names of ours to what stands at `ref`. */
static void
add_named(Json *json, const char *ref, int64_t least)
{
    add_text(json, "type", "object");
    add_number(json, "minProperties", least);
    json_key(json, "propertyNames");
    json_open(json, '{');
    add_text(json, "pattern", "^" NAME "$");
    add_number(json, "maxLength", CLOCKFILE_MAX_NAME);
    json_close(json, '}');
    json_key(json, "additionalProperties");
    add_ref(json, ref);
}

static void
add_mapping(Json *json, const Key *key)
{
    if (key == &keys[KEY_JOBS]) {
        add_named(json, "#/definitions/job", 1);
    } else if (key == &keys[KEY_SCHEDULES]) {
        add_named(json, "#/definitions/schedule", 0);
    } else { /* draft-07 ignores what stands beside a $ref */
        json_key(json, "allOf");
        json_open(json, '[');
        add_ref(json, "#/definitions/defaults");
        json_close(json, ']');
    }
}

static void
add_schedule(Json *json)
{
    json_key(json, "allOf");
    json_open(json, '[');
    add_ref(json, "#/definitions/schedule");
    json_close(json, ']');
}

static void
add_rule(Json *json, const Key *key)
{
    if (key != &keys[KEY_DAY]) {
        add_text(json, "type", "string");
        return;
    }
    open_any(json);
    json_raw(json, "{\"type\":\"string\"}");
    json_raw(json, "{\"type\":\"integer\"}");
    json_close(json, ']');
}

/* What may stand behind a key. */
static void
add_type(Json *json, const Key *key)
{
    switch (key->type) {
    case VALUE_NAME:
        add_name(json);
        break;
    case VALUE_NAMES:
        add_names(json, key);
        break;
    case VALUE_TEXT:
        add_long_text(json, key);
        break;
    case VALUE_ZONE:
        add_pattern(json, OR_VARIABLE(ZONE));
        break;
    case VALUE_NUMBER:
        add_range(json, key);
        break;
    case VALUE_SPAN:
        add_span(json, OR_VARIABLE(SPAN));
        break;
    case VALUE_TIMEOUT:
        add_span(json, OR_VARIABLE("none|" SPAN));
        break;
    case VALUE_BACKOFF:
        add_span(json, OR_VARIABLE(SPAN "(\\.\\." SPAN ")?"));
        break;
    case VALUE_WORD:
        add_words(json, key);
        break;
    case VALUE_BOOL:
        add_bool(json);
        break;
    case VALUE_INSTANT:
        add_pattern(json, OR_VARIABLE(DATE));
        break;
    case VALUE_EXCLUDE:
        add_exclude(json, key);
        break;
    case VALUE_RULE:
        add_rule(json, key);
        break;
    case VALUE_SCHEDULE:
        add_schedule(json);
        break;
    case VALUE_JSON:
        break;
    case VALUE_COMMAND:
        add_command(json);
        break;
    case VALUE_ENV:
        add_env(json, key);
        break;
    case VALUE_MAPPING:
        add_mapping(json, key);
        break;
    }
}

/* What editors show beside a key. */
static void
add_words_for_people(Json *json, const Key *key)
{
    add_text(json, "description", key->help);
    if (key->standard == NULL)
        return;
    json_key(json, "default");
    if (key->type == VALUE_NUMBER || key->type == VALUE_BOOL)
        json_raw(json, key->standard);
    else
        json_string(json, key->standard);
}

/* A mapping that holds the keys of a level and no other; left open. */
static void
open_level(Json *json, unsigned level)
{
    json_open(json, '{');
    add_text(json, "type", "object");
    json_key(json, "additionalProperties");
    json_bool(json, false);
    json_key(json, "properties");
    json_open(json, '{');
    for (size_t i = 0; i < KEYS; i++) {
        if ((keys[i].levels & level) == 0)
            continue;
        json_key(json, keys[i].name);
        json_open(json, '{');
        add_words_for_people(json, &keys[i]);
        add_type(json, &keys[i]);
        json_close(json, '}');
    }
    json_close(json, '}');
}

/* Text or a mapping. */
static void
add_one_schedule(Json *json)
{
    json_raw(json, "{\"type\":\"string\",\"minLength\":1}");
    add_ref(json, "#/definitions/rule");
}

static void
add_definitions(Json *json)
{
    json_open(json, '{');
    json_key(json, "job");
    open_level(json, LEVEL_JOB);
    json_key(json, "required");
    json_raw(json, "[\"schedule\"]");
    json_close(json, '}');
    json_key(json, "defaults");
    open_level(json, LEVEL_DEFAULTS);
    json_close(json, '}');
    json_key(json, "rule");
    open_level(json, LEVEL_SCHEDULE);
    json_key(json, "oneOf"); /* `at` stands alone or beside `every` */
    json_raw(json, "[{\"properties\":{\"cron\":{}},\"required\":[\"cron\"]},"
                   "{\"properties\":{\"every\":{}},\"required\":[\"every\"]},"
                   "{\"properties\":{\"at\":{},\"every\":false},\"required\":[\"at\"]}]");
    json_close(json, '}');
    json_key(json, "schedule");
    json_open(json, '{');
    open_any(json);
    add_one_schedule(json);
    json_open(json, '{');
    add_text(json, "type", "array");
    add_number(json, "minItems", 1);
    json_key(json, "items");
    json_open(json, '{');
    open_any(json);
    add_one_schedule(json);
    json_close(json, ']');
    json_close(json, '}');
    json_close(json, '}');
    json_close(json, ']');
    json_close(json, '}');
    json_close(json, '}');
}

void
schema_write(Text *text)
{
    Json json = json_new(text);
    open_level(&json, LEVEL_TOP);
    json_key(&json, "required");
    json_raw(&json, "[\"jobs\"]");
    add_text(&json, "$schema", "http://json-schema.org/draft-07/schema#");
    add_text(&json, "title", "Clockfile");
    json_key(&json, "definitions");
    add_definitions(&json);
    json_close(&json, '}');
    text_add_char(text, '\n');
}
