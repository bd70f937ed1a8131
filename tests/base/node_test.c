/*
 * base/node: trees, what a scalar is, equality.
 */
#include "tests/test.h"

#include "base/node.h"

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct node *plain(const char *text)
{
    struct node *node = node_text(&arena, text);

    node->quoted = false;
    return node;
}

static void node_set__existing_key__is_replaced_in_place(void **state)
{
    struct node *map = node_map(&arena);

    (void)state;
    node_set(&arena, map, "a", node_integer(&arena, 1));
    node_set(&arena, map, "b", node_integer(&arena, 2));
    node_set(&arena, map, "a", node_integer(&arena, 3));
    assert_int_equal(map->length, 2);
    assert_int_equal(node_get(map, "a")->integer, 3);
    assert_string_equal(map->keys[0]->text, "a");
}

static void node_remove__middle_and_absent__keeps_the_others(void **state)
{
    struct node *map = node_map(&arena);
    char key[2] = "a";

    (void)state;
    for (; key[0] < 'z'; key[0]++)
        node_set(&arena, map, key, node_integer(&arena, key[0]));
    node_remove(map, "c");
    node_remove(map, "nothing");
    assert_int_equal(map->length, 24);
    assert_null(node_get(map, "c"));
    assert_int_equal(node_get(map, "d")->integer, 'd');
    assert_int_equal(node_get(map, "y")->integer, 'y');
}

static void node_get__no_map__is_null(void **state)
{
    (void)state;
    assert_null(node_get(NULL, "a"));
    assert_null(node_get(node_text(&arena, "a"), "a"));
    assert_null(node_get(node_list(&arena), "a"));
}

static void node_path__dotted__goes_down(void **state)
{
    struct node *root = node_map(&arena);
    struct node *metadata = node_set(&arena, root, "metadata", node_map(&arena));

    (void)state;
    node_set(&arena, metadata, "name", node_text(&arena, "x"));
    assert_string_equal(node_path(root, "metadata.name")->text, "x");
    assert_ptr_equal(node_path(root, "metadata"), metadata);
    assert_null(node_path(root, "metadata.name.more"));
    assert_null(node_path(root, "other.name"));
    assert_null(node_path(root, ""));
}

static void node_repeated_key__two_pairs__gives_the_first_repetition(void **state)
{
    static const char *const keys[] = { "z", "b", "c", "b", "z", "b" };
    struct node *map = node_map(&arena);
    const struct node *first = NULL;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        node_append(&arena, map, node_text(&arena, keys[i]), node_null(&arena));
    assert_null(node_repeated_key(map, &first));
    for (size_t i = 3; i < 6; i++)
        node_append(&arena, map, node_text(&arena, keys[i]), node_null(&arena));
    assert_ptr_equal(node_repeated_key(map, &first), map->keys[3]);
    assert_ptr_equal(first, map->keys[1]);
}

static void node_to_text__scalars__as_written(void **state)
{
    (void)state;
    assert_string_equal(node_to_text(&arena, node_boolean(&arena, true)), "true");
    assert_string_equal(node_to_text(&arena, node_integer(&arena, INT64_MIN)), "-9223372036854775808");
    assert_string_equal(node_to_text(&arena, node_real(&arena, 0.05)), "0.05");
    assert_string_equal(node_to_text(&arena, plain("1_0")), "1_0");
    assert_null(node_to_text(&arena, NULL));
    assert_null(node_to_text(&arena, node_null(&arena)));
    assert_null(node_to_text(&arena, node_map(&arena)));
}

static void node_to_integer__typed_or_text__takes_whole_numbers(void **state)
{
    int64_t value = 0;

    (void)state;
    assert_true(node_to_integer(node_text(&arena, "3"), &value) && value == 3);
    assert_true(node_to_integer(node_real(&arena, 4.0), &value) && value == 4);
    assert_true(node_to_integer(plain("5.0"), &value) && value == 5);
    assert_false(node_to_integer(node_text(&arena, "5.0"), &value));
    assert_false(node_to_integer(node_real(&arena, 4.5), &value));
    assert_false(node_to_integer(node_real(&arena, 0x1p63), &value));
    assert_false(node_to_integer(node_real(&arena, NAN), &value));
    assert_false(node_to_integer(node_boolean(&arena, true), &value));
    assert_false(node_to_integer(NULL, &value));
}

static void node_to_real__not_finite__is_refused(void **state)
{
    double value = 0;

    (void)state;
    assert_true(node_to_real(node_text(&arena, "1e-3"), &value) && value == 1e-3);
    assert_true(node_to_real(node_integer(&arena, 2), &value) && value == 2);
    assert_false(node_to_real(node_real(&arena, NAN), &value));
    assert_false(node_to_real(node_real(&arena, INFINITY), &value));
    assert_false(node_to_real(plain("nan"), &value));
    assert_false(node_to_real(node_null(&arena), &value));
}

static void node_to_boolean__other_words__are_refused(void **state)
{
    bool value = false;

    (void)state;
    assert_true(node_to_boolean(plain("True"), &value) && value);
    assert_true(node_to_boolean(node_text(&arena, "false"), &value) && !value);
    assert_true(node_to_boolean(node_boolean(&arena, true), &value) && value);
    assert_false(node_to_boolean(plain("yes"), &value));
    assert_false(node_to_boolean(node_integer(&arena, 1), &value));
}

static void node_resolve__plain_scalars__follow_the_core_schema(void **state)
{
    static const struct {
        const char *text;
        enum node_kind kind;
        double number;
    } cases[] = {
        { "~", NODE_NULL, 0 },
        { "null", NODE_NULL, 0 },
        { "TRUE", NODE_BOOL, 1 },
        { "false", NODE_BOOL, 0 },
        { "12", NODE_INTEGER, 12 },
        { "-7", NODE_INTEGER, -7 },
        { "0x1F", NODE_INTEGER, 31 },
        { "0o17", NODE_INTEGER, 15 },
        { "0644", NODE_INTEGER, 420 },
        { "089", NODE_INTEGER, 89 },
        { "0", NODE_INTEGER, 0 },
        { "1e-05", NODE_REAL, 1e-05 },
        { "0.5", NODE_REAL, 0.5 },
        { ".inf", NODE_REAL, INFINITY },
        { "-.INF", NODE_REAL, -INFINITY },
        { ".nan", NODE_REAL, NAN },
        { "99999999999999999999", NODE_REAL, 1e20 },
        { "yes", NODE_TEXT, 0 },
        { "0x", NODE_TEXT, 0 },
        { "1_000", NODE_TEXT, 0 },
        { "nan", NODE_TEXT, 0 },
        { "12:30", NODE_TEXT, 0 },
        { "0xFFFFFFFFFFFFFFFFFF", NODE_TEXT, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct node *node = node_resolve(&arena, plain(cases[i].text));

        assert_int_equal(node->kind, cases[i].kind);
        if (node->kind == NODE_REAL)
            assert_close(node->real, cases[i].number, 0);
        if (node->kind == NODE_INTEGER)
            assert_int_equal(node->integer, (int64_t)cases[i].number);
        if (node->kind == NODE_BOOL)
            assert_int_equal(node->boolean, (int)cases[i].number);
        if (node->kind == NODE_TEXT) {
            assert_true(node->quoted);
            assert_string_equal(node->text, cases[i].text);
        }
    }
}

static void node_resolve__quoted_text__stays_text_deep_inside(void **state)
{
    struct node *map = node_map(&arena), *list = node_set(&arena, map, "list", node_list(&arena));
    struct arena other = { 0 };

    (void)state;
    node_add(&arena, list, node_text(&arena, "3"));
    node_add(&arena, list, plain("3"));

    struct node *result = node_resolve(&other, map);

    assert_int_equal(node_get(result, "list")->items[0]->kind, NODE_TEXT);
    assert_int_equal(node_get(result, "list")->items[1]->kind, NODE_INTEGER);
    node_add(&other, node_get(result, "list"), node_null(&other)); /* a copy can grow */
    assert_int_equal(list->length, 2);
    arena_release(&other);
}

static void node_copy__whole_tree__outlives_its_arena(void **state)
{
    struct arena first = { 0 };
    struct node *map = node_map(&first);

    (void)state;
    map->line = 3;
    node_set(&first, map, "text", node_text(&first, "x"));
    node_set(&first, map, "bytes", node_bytes(&first, "a\0b", 3));

    struct node *copy = node_copy(&arena, map);

    assert_true(node_equal(copy, map));
    arena_release(&first);
    assert_int_equal(copy->line, 3);
    assert_string_equal(node_get(copy, "text")->text, "x");
    assert_memory_equal(node_get(copy, "bytes")->text, "a\0b", 3);
    assert_int_equal(node_copy(&arena, NULL)->kind, NODE_NULL);
}

static void node_equal__maps__ignore_the_order_of_keys(void **state)
{
    struct node *a = node_map(&arena), *b = node_map(&arena);

    (void)state;
    node_set(&arena, a, "x", plain("1"));
    node_set(&arena, a, "y", node_list(&arena));
    node_set(&arena, b, "y", node_list(&arena));
    node_set(&arena, b, "x", node_integer(&arena, 1));
    assert_true(node_equal(a, b));
    node_set(&arena, b, "x", node_integer(&arena, 2));
    assert_false(node_equal(a, b));
    node_remove(b, "x");
    assert_false(node_equal(a, b));
    node_set(&arena, b, "z", node_integer(&arena, 1));
    assert_false(node_equal(a, b));
}

static void node_equal__scalars__compares_what_they_are(void **state)
{
    struct node *list = node_list(&arena), *longer = node_list(&arena);

    (void)state;
    node_add(&arena, longer, node_null(&arena));
    assert_true(node_equal(plain("3"), node_real(&arena, 3.0)));
    assert_true(node_equal(plain("abc"), node_text(&arena, "abc")));
    assert_true(node_equal(NULL, plain("~")));
    assert_true(node_equal(node_real(&arena, NAN), plain(".nan")));
    assert_false(node_equal(plain("3"), node_text(&arena, "3")));
    assert_false(node_equal(plain("true"), node_text(&arena, "true")));
    assert_false(node_equal(node_bytes(&arena, "a", 1), node_text(&arena, "a")));
    assert_false(node_equal(node_integer(&arena, INT64_MAX), node_real(&arena, 0x1p63)));
    assert_false(node_equal(list, longer));
    assert_false(node_equal(longer, list));
    assert_false(node_equal(list, NULL));
}

static void node_kind_name__every_kind__reads_in_a_sentence(void **state)
{
    (void)state;
    assert_string_equal(node_kind_name(NULL), "nothing");
    assert_string_equal(node_kind_name(plain("3")), "a number");
    assert_string_equal(node_kind_name(node_text(&arena, "3")), "a text");
    assert_string_equal(node_kind_name(plain("false")), "a boolean");
    assert_string_equal(node_kind_name(node_list(&arena)), "a list");
    assert_string_equal(node_kind_name(node_map(&arena)), "a map");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(node_set__existing_key__is_replaced_in_place, release),
        cmocka_unit_test_teardown(node_remove__middle_and_absent__keeps_the_others, release),
        cmocka_unit_test_teardown(node_get__no_map__is_null, release),
        cmocka_unit_test_teardown(node_path__dotted__goes_down, release),
        cmocka_unit_test_teardown(node_repeated_key__two_pairs__gives_the_first_repetition, release),
        cmocka_unit_test_teardown(node_to_text__scalars__as_written, release),
        cmocka_unit_test_teardown(node_to_integer__typed_or_text__takes_whole_numbers, release),
        cmocka_unit_test_teardown(node_to_real__not_finite__is_refused, release),
        cmocka_unit_test_teardown(node_to_boolean__other_words__are_refused, release),
        cmocka_unit_test_teardown(node_resolve__plain_scalars__follow_the_core_schema, release),
        cmocka_unit_test_teardown(node_resolve__quoted_text__stays_text_deep_inside, release),
        cmocka_unit_test_teardown(node_copy__whole_tree__outlives_its_arena, release),
        cmocka_unit_test_teardown(node_equal__maps__ignore_the_order_of_keys, release),
        cmocka_unit_test_teardown(node_equal__scalars__compares_what_they_are, release),
        cmocka_unit_test_teardown(node_kind_name__every_kind__reads_in_a_sentence, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
