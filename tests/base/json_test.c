/*
 * base/json: reading within limits, writing what every reader takes.
 */
#include "tests/test.h"
#undef fail /* cmocka's macro; base/status.h has a function of that name */

#include "base/json.h"
#include "base/status.h"
#include "base/yaml.h"

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct node *read_json(const char *json)
{
    struct node *root = NULL;

    assert_int_equal(json_read(json, strlen(json), &arena, &root), 0);
    return root;
}

static void assert_written(const struct node *node, enum json_style style, const char *want)
{
    struct text out = { 0 };

    json_write(node, style, &out);
    assert_string_equal(out.data, want);
    text_release(&out);
}

static void json_read__every_kind__becomes_its_node(void **state)
{
    const struct node *root = read_json(
        "{\"n\": null, \"t\": true, \"i\": -3, \"r\": 0.5, \"s\": \"3\", \"l\": [1, {}]}");

    (void)state;
    assert_int_equal(node_get(root, "n")->kind, NODE_NULL);
    assert_true(node_get(root, "t")->boolean);
    assert_int_equal(node_get(root, "i")->integer, -3);
    assert_true(node_get(root, "r")->real == 0.5);
    assert_int_equal(node_get(root, "s")->kind, NODE_TEXT);
    assert_true(node_get(root, "s")->quoted);
    assert_int_equal(node_get(root, "l")->length, 2);
    assert_string_equal(root->keys[5]->text, "l");
}

static void json_read__integer_beyond_64_bits__becomes_real(void **state)
{
    const struct node *root = read_json("[18446744073709551616]");

    (void)state;
    assert_int_equal(root->items[0]->kind, NODE_REAL);
    assert_true(root->items[0]->real == 0x1p64);
}

static void json_read__mistakes__are_refused_with_line_and_column(void **state)
{
    static const char *const bad[] = { "",         "{",       "[1,]", "{\"a\":1,\"a\":2}", "\"\\u0000\"",
                                       "\"\xFF\"", "nan",     "1 2",  "{'a': 1}",          "1e999",
                                       "[1]x",     "\"\x01\"" };
    struct node *root;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (json_read(bad[i], strlen(bad[i]), &arena, &root) != ERR_INVALID)
            assert_string_equal(bad[i], "refused");
    }
    assert_int_equal(json_read("{\"a\":\n  oops}", 13, &arena, &root), ERR_INVALID);
    assert_contains(fail_message(), "line 2, column 6");
}

static void json_read__deep_nesting__is_refused(void **state)
{
    char *deep = malloc(1 << 20);
    struct node *root;

    (void)state;
    memset(deep, '[', 1 << 20);
    assert_int_equal(json_read(deep, 1 << 20, &arena, &root), ERR_INVALID);
    memset(deep + 65, ']', 65);
    assert_int_equal(json_read(deep, 130, &arena, &root), ERR_INVALID);
    assert_contains(fail_message(), "at most 64 levels");
    assert_int_equal(json_read(deep + 1, 128, &arena, &root), 0);
    free(deep);
}

static void json_write__compact_and_indented__are_stable(void **state)
{
    const struct node *root = read_json("{\"a\": [1, 2.5], \"b\": {}, \"c\": [], \"d\": {\"e\": null}}");

    (void)state;
    assert_written(root, JSON_COMPACT, "{\"a\":[1,2.5],\"b\":{},\"c\":[],\"d\":{\"e\":null}}");
    assert_written(
        root, JSON_INDENTED,
        "{\n  \"a\": [\n    1,\n    2.5\n  ],\n  \"b\": {},\n  \"c\": [],\n  \"d\": {\n    \"e\": null\n  }\n}");
}

static void json_write__hostile_texts__are_escaped_or_repaired(void **state)
{
    (void)state;
    assert_written(node_text(&arena, "\"\\/\b\f\n\r\t\x01\x1f\x7f \xC3\xA9"), JSON_COMPACT,
                   "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f \xC3\xA9\"");
    assert_written(node_text(&arena, "a\xFF"
                                     "b\n\xE2\x82"),
                   JSON_COMPACT,
                   "\"a\xEF\xBF\xBD"
                   "b\\n\xEF\xBF\xBD\xEF\xBF\xBD\"");
    assert_written(node_bytes(&arena, "\0\xFFx", 3), JSON_COMPACT, "\"AP94\"");
}

static void json_write__numbers__have_no_nan_or_inf(void **state)
{
    (void)state;
    assert_written(node_real(&arena, NAN), JSON_COMPACT, "null");
    assert_written(node_real(&arena, -INFINITY), JSON_COMPACT, "null");
    assert_written(node_real(&arena, 1e-05), JSON_COMPACT, "1e-05");
    assert_written(node_integer(&arena, INT64_MIN), JSON_COMPACT, "-9223372036854775808");
}

static void json_write__plain_yaml__is_resolved_first(void **state)
{
    const char *yaml = "{a: 3, b: '3', c: true, d: 0.50, e: text, f: ~, 3: key}";
    struct faults faults = { 0 };
    struct node *documents;

    (void)state;
    assert_int_equal(yaml_read(yaml, strlen(yaml), NULL, &arena, &faults, &documents), 0);
    assert_written(documents->items[0], JSON_COMPACT,
                   "{\"a\":3,\"b\":\"3\",\"c\":true,\"d\":0.5,\"e\":\"text\",\"f\":null,\"3\":\"key\"}");
    faults_release(&faults);
}

static void json_round_trip__tree__is_equal(void **state)
{
    const struct node *root = read_json("{\"a\": [1, 0.1, \"\\u00e9\\n\", true, null, {\"\": [[]]}], \"b\": 1e300}");
    struct text out = { 0 };

    (void)state;
    json_write(root, JSON_INDENTED, &out);
    assert_true(node_equal(read_json(out.data), root));
    text_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(json_read__every_kind__becomes_its_node, release),
        cmocka_unit_test_teardown(json_read__integer_beyond_64_bits__becomes_real, release),
        cmocka_unit_test_teardown(json_read__mistakes__are_refused_with_line_and_column, release),
        cmocka_unit_test_teardown(json_read__deep_nesting__is_refused, release),
        cmocka_unit_test_teardown(json_write__compact_and_indented__are_stable, release),
        cmocka_unit_test_teardown(json_write__hostile_texts__are_escaped_or_repaired, release),
        cmocka_unit_test_teardown(json_write__numbers__have_no_nan_or_inf, release),
        cmocka_unit_test_teardown(json_write__plain_yaml__is_resolved_first, release),
        cmocka_unit_test_teardown(json_round_trip__tree__is_equal, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
