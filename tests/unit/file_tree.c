/* The tree of a YAML text: its nodes, their places, and what strict YAML refuses. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "file/tree.h"

typedef struct {
    Arena *arena;
    Source source;
    Diags *diags;
    Tree *tree;
} Case;

static Case *
read_bytes(const char *at, size_t len)
{
    Arena *arena = arena_new(0);
    Case *it = arena_alloc(arena, sizeof *it);
    it->arena = arena;
    it->diags = diags_new(arena, "f");
    it->source = source_new(arena, at, len);
    it->tree = tree_read(arena, &it->source, it->diags);
    return it;
}

static Case *
read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static const char *
problems(const Case *it)
{
    Text text = text_new(it->arena);
    diags_write(it->diags, &text);
    return text.at;
}

/* The tree on one line: {key@1:1=value@1:4 ...}, [..], scalars quoted when they were. */
static void
show(const Case *it, NodeId node, Text *text)
{
    TreeText scalar;
    TreePair pair = {.key = 0};
    NodeId element = 0;
    Pos pos = tree_pos(it->tree, node);
    switch (tree_text(it->tree, node, &scalar)) {
    case NODE_SCALAR:
        text_addf(text, scalar.plain ? "%.*s" : "'%.*s'", (int)scalar.len, scalar.at);
        break;
    case NODE_MAPPING:
        text_add(text, "{");
        while (tree_pair(it->tree, node, &pair)) {
            text_addf(text, "%.*s=", (int)pair.name.len, pair.name.at);
            show(it, pair.value, text);
            text_add(text, " ");
        }
        text_add(text, "}");
        break;
    case NODE_LIST:
        text_add(text, "[");
        while (tree_element(it->tree, node, &element)) {
            show(it, element, text);
            text_add(text, " ");
        }
        text_add(text, "]");
        break;
    case NODE_BAD:
        text_add(text, "BAD");
        break;
    }
    text_addf(text, "@%u:%u", pos.line, pos.col);
}

static void
expect_tree(const char *yaml, const char *want)
{
    Case *it = read_text(yaml);
    if (it->tree == NULL)
        fail_msg("%s: %s", yaml, problems(it));
    Text text = text_new(it->arena);
    show(it, 0, &text);
    assert_string_equal(text.at, want);
    arena_free(it->arena);
}

static void
nodes_have_text_and_place(void **state)
{
    (void)state;
    expect_tree("a: 1\nb: [x, 'y']\n", "{a=1@1:4 b=[x@2:5 'y'@2:8 ]@2:4 }@1:1");
    expect_tree("a:\n  - b: c\n    d:\n  - e\n", "{a=[{b=c@2:8 d=@3:7 }@2:5 e@4:5 ]@2:3 }@1:1");
    expect_tree("\xef\xbb\xbf"
                "a: b\n",
        "{a=b@1:4 }@1:1");
    expect_tree("a: b\r\nc: d\r\n", "{a=b@1:4 c=d@2:4 }@1:1");
    expect_tree("{}", "{}@1:1");
    expect_tree("---\na: b\n...\n", "{a=b@2:4 }@2:1");
    expect_tree("text", "text@1:1");
    expect_tree("-\n", "[@1:2 ]@1:1"); /* no key in the whole file */
}

static void
columns_count_characters(void **state)
{
    (void)state;
    expect_tree("\xc3\xa9: {\xf0\x9f\x98\x80: \"\xe2\x82\xac\", b: c}\n",
        "{\xc3\xa9={\xf0\x9f\x98\x80='\xe2\x82\xac'@1:8 b=c@1:16 }@1:4 }@1:1");
    expect_tree("# \xc3\xa9\xc3\xa9\na: \xc3\xa9\nb: c # \xc3\xa9\nd: e\n",
        "{a=\xc3\xa9@2:4 b=c@3:4 d=e@4:4 }@2:1");
}

static void
texts_are_as_yaml_means_them(void **state)
{
    (void)state;
    expect_tree(
        "a: \"x\\ty\\u00e9\"\nb: 'it''s'\n", "{a='x\ty\xc3\xa9'@1:4 b='it's'@2:4 }@1:1");
    expect_tree("a: one\n  two\n\n  three\nb: |\n  x\n  y\nc: >-\n  x\n  y\n",
        "{a=one two\nthree@1:4 b='x\ny\n'@5:4 c='x y'@8:4 }@1:1");
    expect_tree(
        "a: \"\\L\\n\"\n", "{a='\xe2\x80\xa8\n'@1:4 }@1:1"); /* as long as it was written */
    expect_tree("a: 'x\n  y'\nb: \"x\\\n  y\"\n", "{a='x y'@1:4 b='xy'@3:4 }@1:1");
    expect_tree("a: \"\"\nb: ''\nc: ~\n", "{a=''@1:4 b=''@2:4 c=~@3:4 }@1:1");
}

static void
a_nul_in_a_text_does_not_end_it(void **state)
{
    (void)state;
    Case *it = read_text("a: \"b\\0c\"\n");
    TreePair pair = {.key = 0};
    TreeText text;
    assert_true(tree_pair(it->tree, 0, &pair));
    assert_int_equal(tree_text(it->tree, pair.value, &text), NODE_SCALAR);
    assert_int_equal(text.len, 3);
    assert_memory_equal(text.at, "b\0c", 3);
    arena_free(it->arena);
}

static void
a_place_within_a_text_is_found_when_it_can_be(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        uint32_t line, col; /* of byte 3 of the text */
    } rows[] = {{"a: bcdef", 1, 7}, {"a: \"bcdef\"", 1, 8}, {"a:   'bcdef'", 1, 10},
        {"a: \"\xc3\xa9"
         "bcdef\"",
            1, 7},
        {"a: \"b\\tcdef\"", 1, 4}, {"a: bc\n  def", 1, 4}, {"a: |\n  bcdef\n", 1, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Case *it = read_text(rows[i].yaml);
        TreePair pair = {.key = 0};
        assert_true(tree_pair(it->tree, 0, &pair));
        Pos pos = tree_pos_in(it->tree, pair.value, 3);
        if (pos.line != rows[i].line || pos.col != rows[i].col)
            fail_msg("%s: %u:%u", rows[i].yaml, pos.line, pos.col);
        arena_free(it->arena);
    }
}

/* Holds what is said of a text against a list of parts, each of which must occur. */
static void
expect_problems(const char *yaml, size_t n, const char *const *parts)
{
    Case *it = read_text(yaml);
    const char *text = problems(it);
    if (diags_errors(it->diags) != n)
        fail_msg("%s: %zu problems:\n%s", yaml, diags_errors(it->diags), text);
    for (; *parts != NULL; parts++) {
        if (strstr(text, *parts) == NULL)
            fail_msg("%s: no '%s' in\n%s", yaml, *parts, text);
    }
    arena_free(it->arena);
}
#define REFUSED(yaml, n, ...) expect_problems(yaml, n, (const char *const[]){__VA_ARGS__, NULL})

static void
what_strict_yaml_lacks_is_refused_and_the_rest_is_read(void **state)
{
    (void)state;
    REFUSED("a: &x b\nc: *x\n", 2, "f:1:4: error: ", "anchor", "&x", "f:2:4: error: ", "alias",
        "*x", "defaults:");
    REFUSED("a: &x [b]\nc: &y {d: e}\n", 2, "f:1:4: ", "f:2:4: ");
    REFUSED("a:\n  <<: {b: c}\n", 1, "f:2:3: ", "merge", "<<", "defaults:");
    REFUSED("a: !!binary cQ==\nb: !x y\nc: ! z\n", 3, "f:1:4: ", "!!binary", "f:2:4: ", ": !x",
        "f:3:4: ");
    REFUSED("[a]: b\n", 1, "f:1:1: ", "key must be text");
    REFUSED("? {a: b}\n: c\n", 1, "f:1:3: ", "key must be text");
    REFUSED("- {{{[a]: b}: c}: d}\n- {[e]: f}\n", 2, "f:1:4: ", "f:2:4: error: a key");
    REFUSED("%YAML 1.1\n---\na: b\n", 1, "f:1:1: ", "directives");
    REFUSED("%YAML 3.0\n---\na: b\n", 1, "f:1:1: ", "directives");
    REFUSED("%TAG ! tag:x,2000:\n---\na: b\n", 1, "directives");
    REFUSED("a: b\n---\nc: d\n", 1, "f:2:1: ", "second document");
    REFUSED("a: b\n...\nc: d\n", 1, "document");
    REFUSED("", 1, "f:1:1: ", "empty", "jobs");
    REFUSED("# only this\n", 1, "f:1:1: ", "empty");
}

static void
keys_that_stand_twice_are_reported_at_any_level(void **state)
{
    (void)state;
    REFUSED("a: 1\n'a': 2\n", 1, "f:2:1: error: duplicate key \"a\", first at line 1");
    REFUSED("a: 1\na: 2\na: 3\n", 2, "f:2:1: ", "f:3:1: ", "first at line 1");
    REFUSED("a: {b: 1, c: 2, \"\\x62\": 3}\n", 1, "f:1:17: ", "\"b\"");
    REFUSED("a: [{b: {c: 1, c: 2}}]\n", 1, "f:1:16: ");
    REFUSED("a: 1\nb: {a: 1}\nc: [a, a]\nab: 2\nba: 3\n", 0, "");
    REFUSED("aXc: 1\naYc: 2\n", 0, ""); /* alike in length, first and last letter */
}

static void
many_keys_are_compared_in_good_time(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    Text yaml = text_new(arena);
    for (int i = 0; i < 50000; i++)
        text_addf(&yaml, "Aa%06dBB: 1\n", i);
    text_add(&yaml, "Aa000777BB: 2\n");
    REFUSED(yaml.at, 1, "f:50001:1: error: duplicate key \"Aa000777BB\", first at line 778");
    arena_free(arena);
}

/* [[[...]]] or {a: {a: ...}} of so many levels. */
static Case *
read_nested(Arena *arena, const char *open, const char *close, size_t depth)
{
    Text text = text_new(arena);
    for (size_t i = 0; i < depth; i++)
        text_add(&text, open);
    for (size_t i = 0; i < depth; i++)
        text_add(&text, close);
    return read_text(text.at);
}

static void
depth_is_limited_to_thirty_two(void **state)
{
    (void)state;
    Arena *arena = arena_new(0);
    for (size_t depth = 31; depth <= 33; depth++) {
        Case *a = read_nested(arena, "[", "]", depth);
        Case *b = read_nested(arena, "{a: ", "}", depth);
        assert_int_equal(a->tree != NULL, depth <= TREE_MAX_DEPTH);
        assert_int_equal(b->tree != NULL, depth <= TREE_MAX_DEPTH);
        if (depth > TREE_MAX_DEPTH) {
            assert_non_null(strstr(problems(a), "f:1:33: error: nested too deep: depth 33"));
            assert_non_null(strstr(problems(b), "f:1:129: error: nested too deep: depth 33"));
        }
        arena_free(a->arena);
        arena_free(b->arena);
    }
    arena_free(arena);
}

static void
values_are_limited_in_number(void **state)
{
    (void)state;
    size_t fits = TREE_MAX_NODES - 1; /* beside the list itself */
    for (size_t n = fits - 1; n <= fits + 1; n++) {
        char *text = malloc(n * 2 + 1);
        assert_non_null(text);
        for (size_t i = 0; i < n; i++)
            memcpy(text + 2 * i, "-\n", 2);
        Case *it = read_bytes(text, n * 2);
        assert_int_equal(it->tree != NULL, n <= fits);
        if (n > fits)
            assert_non_null(strstr(problems(it), "more than 4000000 values"));
        arena_free(it->arena);
        free(text);
    }
}

static void
broken_yaml_is_explained_where_it_broke(void **state)
{
    (void)state;
    REFUSED("a:\n\tb: c\n", 1, "f:2:1: ", "tab");
    REFUSED("a: |\n\tb\n", 1, "f:2:1: ", "tab");
    REFUSED("a: b\n\tc: d\n", 1, "f:2:1: ", "tab");
    REFUSED("a: * * * * *  # x\n", 1, "f:1:4: ", "quotes: \"* * * * *\"");
    REFUSED("a: */5 * * * *\n", 1, "f:1:4: ", "quotes: \"*/5 * * * *\"");
    REFUSED("a: *1 * * * *\n", 2, "f:1:4: ", "alias", "quotes: \"*1 * * * *\"");
    REFUSED("- * * * * *\n", 1, "f:1:3: ", "quotes: \"* * * * *\"");
    REFUSED("a: @daily\n", 1, "f:1:4: ", "quotes: \"@daily\"");
    REFUSED("a: `x`\n", 1, "f:1:4: ", "quotes");
    REFUSED("a: %x\n", 1, "f:1:4: ", "quotes");
    REFUSED("a: &\n", 1, "f:1:4: ", "anchor");
    REFUSED("a:\n  b: \"c\n  d: e\n", 1, "f:2:6: ", "quote is never closed");
    REFUSED("a: 'b\n", 1, "f:1:4: ", "quote is never closed");
    REFUSED("a: \"b\nc: d\ne: \"@f\"\n", 1, "f:1:4: ", "no earlier than in line 3");
    REFUSED("a: \"b\nc: \"d\"\ne: f\n", 1, "f:1:4: ", "in line 2");
    REFUSED("a: 'b\nc: \"d\"\ne: 'f'\n", 1, "f:1:4: ", "another ' on its line");
    REFUSED("a: \"b\"\nc: \"d\" e\n", 1, "f:2:8: ", "closing quote");
    REFUSED("a: [b, c\n", 1, "f:1:4: ", "\"[\" is never closed");
    REFUSED("a: {b: c\n", 1, "f:1:4: ", "\"{\" is never closed");
    REFUSED("a: [b, c}\nd: e\n", 1, "f:1:9: ", "opened at 1:4");
    REFUSED("a: {b: c]\n", 1, "f:1:9: ", "opened at 1:4");
    REFUSED("a: b: c\n", 1, "f:1:5: ", "quotes: \"b: c\"");
    REFUSED("a: b\n  c: d\n", 1, "f:2:3: ", "deeper than the line above");
    REFUSED("a:b\nc: d\n", 1, "f:1:2: ", "space after the \":\"");
    REFUSED("a: 1\nb\n", 1, "f:2:1: ", "no \":\"");
    REFUSED("a:\n  b: 1\n c: 2\n", 1, "f:3:2: ", "in line");
    REFUSED("a: 1\n- b\n", 1, "f:2:1: ", "list item");
    REFUSED("a: - b\n", 1, "f:1:4: ", "list cannot start");
    REFUSED("a: \"b\" c\n", 1, "f:1:8: ", "closing quote");
    REFUSED("a: [b] c\n", 1, "f:1:8: ", "closing bracket");
    REFUSED(": b\n", 1, "f:1:1: ", "key is empty");
    REFUSED("a: \"\\q\"\n", 1, "f:1:5: ", "escape");
    REFUSED("a: \"\\u12\"\n", 1, "escape");
    REFUSED("a: \"\\uD800\"\n", 1, "escape is no character");
    REFUSED("a: !e!x y\n", 1, "f:1:4: ", "tags are not supported: !e!x");
    REFUSED("a: |x\n b\n", 1, "f:1:5: ", "may follow |");
    REFUSED("- a\nb: c\n", 1, "f:2:1: ", "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_have_text_and_place),
        cmocka_unit_test(columns_count_characters),
        cmocka_unit_test(texts_are_as_yaml_means_them),
        cmocka_unit_test(a_nul_in_a_text_does_not_end_it),
        cmocka_unit_test(a_place_within_a_text_is_found_when_it_can_be),
        cmocka_unit_test(what_strict_yaml_lacks_is_refused_and_the_rest_is_read),
        cmocka_unit_test(keys_that_stand_twice_are_reported_at_any_level),
        cmocka_unit_test(many_keys_are_compared_in_good_time),
        cmocka_unit_test(depth_is_limited_to_thirty_two),
        cmocka_unit_test(values_are_limited_in_number),
        cmocka_unit_test(broken_yaml_is_explained_where_it_broke),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
