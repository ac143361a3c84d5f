/* What no other file knows: the values that are several texts: a command, its environment, and
 * tags. */

#include "file/lists.h"

#include <string.h>

#include "file/names.h"

/* The argument at a node, kept. */
static const char *
argument(Reader *reader, NodeId node)
{
    Scalar scalar;
    if (!reader_scalar(reader, KEY_COMMAND, node, &scalar))
        return NULL;
    return arena_copy(reader->arena, scalar.at, scalar.len);
}

static bool
refuse_empty(Reader *reader, NodeId node)
{
    reader_refuse(reader, node, "write a line for the shell, or [PROGRAM, ARGUMENT]",
        "\"command\" is empty");
    return false;
}

static bool
shell_command(Reader *reader, NodeId node, const char *const **out)
{
    const char *line = argument(reader, node);
    if (line == NULL)
        return false;
    if (line[strspn(line, " \t\r\n")] == '\0')
        return refuse_empty(reader, node);
    const char **argv = arena_array(reader->arena, 4, sizeof *argv);
    argv[0] = "/bin/sh";
    argv[1] = "-c";
    argv[2] = line;
    *out = argv;
    return true;
}

bool
lists_command(Reader *reader, NodeId node, const char *const **out)
{
    const Tree *tree = reader->tree;
    if (tree_kind(tree, node) == NODE_SCALAR)
        return shell_command(reader, node, out);
    if (tree_kind(tree, node) != NODE_LIST) {
        if (tree_kind(tree, node) == NODE_MAPPING)
            reader_refuse(reader, node, "write a line for the shell, or [PROGRAM, ARGUMENT]",
                "\"command\" must be text or a list, not a mapping");
        return false;
    }
    size_t n = tree_count(tree, node), i = 0;
    const char **argv = arena_array(reader->arena, n + 1, sizeof *argv);
    NodeId element = 0;
    while (tree_element(tree, node, &element)) {
        argv[i] = argument(reader, element);
        if (argv[i] == NULL)
            return false;
        i++;
    }
    if (n == 0 || argv[0][0] == '\0')
        return refuse_empty(reader, node);
    *out = argv;
    return true;
}

/* A portable name of a variable (POSIX, XBD 8.1), lower case too. */
static bool
is_variable(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text_lower(at[i]);
        if (!(c >= 'a' && c <= 'z') && c != '_' && (i == 0 || !(c >= '0' && c <= '9')))
            return false;
    }
    return len > 0;
}

static const char *
assignment(Reader *reader, const TreePair *pair)
{
    Scalar scalar;
    const TreeText *name = &pair->name;
    if (!is_variable(name->at, name->len)) {
        reader_refuse(reader, pair->key, "use letters, digits and _, no digit first",
            "\"%s\" cannot be the name of a variable",
            reader_show(reader, name->at, name->len));
        return NULL;
    }
    if (!reader_scalar(reader, KEY_ENV, pair->value, &scalar))
        return NULL;
    Text text = text_new(reader->brief);
    text_add_bytes(&text, name->at, name->len);
    text_add_char(&text, '=');
    text_add_bytes(&text, scalar.at, scalar.len);
    return arena_copy(reader->arena, text.at, text.len);
}

/* True when one of n assignments sets the variable that `other` sets. */
static bool
is_set(const char *const *assignments, size_t n, const char *other)
{
    size_t len = strcspn(other, "=") + 1;
    for (size_t i = 0; i < n; i++) {
        if (strncmp(assignments[i], other, len) == 0)
            return true;
    }
    return false;
}

bool
lists_env(Reader *reader, NodeId node, const char *const **out)
{
    const Tree *tree = reader->tree;
    if (!reader_expects(reader, KEY_ENV, node, NODE_MAPPING, "write NAME: VALUE below it"))
        return false;
    size_t n = tree_count(tree, node), outer = 0, i = 0;
    if (n > (size_t)keys[KEY_ENV].max) {
        reader_refuse(reader, node, "let the command read them from a file",
            "\"env\" has %zu variables, at most %lld", n, (long long)keys[KEY_ENV].max);
        return false;
    }
    while (*out != NULL && (*out)[outer] != NULL)
        outer++;
    const char **env = arena_array(reader->arena, n + outer + 1, sizeof *env);
    TreePair pair = {.key = 0};
    bool ok = true;
    while (tree_pair(tree, node, &pair)) {
        const char *text = assignment(reader, &pair);
        ok = ok && text != NULL;
        if (text != NULL)
            env[i++] = text;
    }
    size_t own = i;
    for (size_t j = 0; j < outer; j++) {
        if (!is_set(env, own, (*out)[j]))
            env[i++] = (*out)[j];
    }
    if (ok)
        *out = env;
    return ok;
}

bool
lists_tags(Reader *reader, NodeId node, const char *const **out)
{
    const Tree *tree = reader->tree;
    bool is_list = tree_kind(tree, node) == NODE_LIST;
    size_t n = is_list ? tree_count(tree, node) : 1;
    if (n > (size_t)keys[KEY_TAGS].max) {
        reader_refuse(reader, node, NULL, "\"tags\" has %zu names, at most %lld", n,
            (long long)keys[KEY_TAGS].max);
        return false;
    }
    const char **tags = arena_array(reader->arena, n + 1, sizeof *tags);
    NodeId element = 0;
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        if (is_list)
            tree_element(tree, node, &element);
        ok = names_read(reader, KEY_TAGS, is_list ? element : node, &tags[i]) && ok;
    }
    if (ok)
        *out = tags;
    return ok;
}
