/* What no other file knows: which names are allowed, and which are not safe without quotes. */

#include "file/names.h"

#include <string.h>

#include "file/clockfile.h"
#include "file/scalar.h"

static bool
is_name_char(char c, bool first)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')
        return true;
    return !first && (c == '.' || c == ':' || c == '-');
}

/* A name without quotes that YAML takes for something else is refused or warned of. */
static bool
check_plain_name(const Reader *reader, const char *what, NodeId node, const Scalar *name)
{
    ScalarMeaning meaning = scalar_meaning(name->at, name->len);
    if (meaning == SCALAR_TEXT && !scalar_is_date(name->at, name->len))
        return true;
    const char *text = arena_copy(reader->brief, name->at, name->len);
    const char *hint = arena_printf(reader->brief, "write \"%s\", with quotes", text);
    if (meaning == SCALAR_NULL) {
        reader_refuse(
            reader, node, hint, "the %s name is empty: %s means no value in YAML", what, text);
        return false;
    }
    diag_add(reader->diags, DIAG_WARNING, tree_pos(reader->tree, node), hint,
        "some YAML readers do not take the %s name %s for text", what, text);
    return true;
}

bool
names_check(const Reader *reader, const char *what, NodeId node, const Scalar *name)
{
    static const char hint[] = "use letters, digits, _ . : and -, a letter, digit or _ first";
    if (name->len == 0) {
        reader_refuse(reader, node, hint, "the %s name is empty", what);
        return false;
    }
    if (name->len > CLOCKFILE_MAX_NAME) {
        reader_refuse(reader, node, "shorten it",
            "the %s name \"%s\" has %zu bytes, at most %d", what,
            reader_show(reader, name->at, name->len), name->len, CLOCKFILE_MAX_NAME);
        return false;
    }
    size_t i = 0;
    while (i < name->len && is_name_char(name->at[i], i == 0))
        i++;
    if (i < name->len) {
        reader_refuse(reader, node,
            memmem(name->at, name->len, "${", 2) == NULL ? hint
                                                         : "${...} must be the whole value",
            "the %s name \"%s\" cannot %s %s", what, reader_show(reader, name->at, name->len),
            i == 0 ? "begin with" : "hold", reader_show_char(reader, name->at + i));
        return false;
    }
    return name->plain && !name->expanded ? check_plain_name(reader, what, node, name) : true;
}

bool
names_read(Reader *reader, KeyId key, NodeId node, const char **out)
{
    Scalar scalar;
    if (!reader_scalar(reader, key, node, &scalar))
        return false;
    const char *what = key == KEY_NAME   ? "Clockfile's"
                       : key == KEY_TAGS ? "tag"
                                         : keys[key].name;
    if (!names_check(reader, what, node, &scalar))
        return false;
    *out = pool_entry(reader->texts, scalar.at, scalar.len)->at;
    return true;
}
