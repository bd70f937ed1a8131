/*
 * base/yaml, writing: what is written reads back the same, here and in other readers.
 */
#include "tests/test.h"

#include "base/rng.h"
#include "base/yaml.h"

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

static void assert_written(const struct node *node, const char *want)
{
    struct text out = { 0 };

    yaml_write(node, &out);
    assert_string_equal(out.data, want);
    text_release(&out);
}

/* The one document that is read from what is written; a null has none. */
static struct node *rewritten(const struct node *node)
{
    struct faults faults = { 0 };
    struct text out = { 0 };
    struct node *documents = NULL;

    yaml_write(node, &out);
    if (yaml_read(out.data, out.length, NULL, &arena, &faults, &documents) < 0 || documents->length > 1) {
        print_error("%s\n%s", faults.n ? faults.items[0].message : "several documents", out.data);
        assert_true(false);
    }
    text_release(&out);
    faults_release(&faults);
    return documents->length ? documents->items[0] : NULL;
}

static void assert_survives(const struct node *node)
{
    if (node_equal(rewritten(node), node))
        return;

    struct text out = { 0 };

    yaml_write(node, &out);
    print_error("did not survive:\n%s", out.data);
    text_release(&out);
    assert_true(false);
}

static void yaml_write__manifest__looks_as_people_write(void **state)
{
    struct node *root = node_map(&arena), *list;

    (void)state;
    node_set(&arena, root, "kind", node_text(&arena, "Job"));
    node_set(&arena, root, "count", node_integer(&arena, 3));
    node_set(&arena, root, "lr", node_text(&arena, "0.05"));
    node_set(&arena, root, "rate", plain("0.050"));
    node_set(&arena, root, "on", node_text(&arena, "yes"));
    list = node_set(&arena, root, "args", node_list(&arena));
    node_add(&arena, list, node_text(&arena, "--lr=0.05"));
    node_add(&arena, list, node_text(&arena, "set -e\npython train.py\n"));
    node_set(&arena, root, "none", node_null(&arena));
    node_set(&arena, root, "empty", node_map(&arena));
    node_set(&arena, root, "nothing", node_list(&arena));
    assert_written(root, "kind: Job\ncount: 3\nlr: \"0.05\"\nrate: 0.050\n\"on\": \"yes\"\nargs:\n- --lr=0.05\n- |\n"
                         "  set -e\n  python train.py\nnone: null\nempty: {}\nnothing: []\n");
}

static void yaml_write__texts_that_look_like_something_else__are_quoted(void **state)
{
    static const char *const texts[] = { "3", "-3",  "0x1F",  "1e3",  ".5",         ".inf", "true",  "False", "null",
                                         "~", "",    "yes",   "No",   "on",         "OFF",  "y",     "12:30", "<<",
                                         "=", "nan", "1_000", "0644", "2026-01-02", "+1",   "-.inf", "Inf" };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct node *list = node_list(&arena);

        node_add(&arena, list, node_text(&arena, texts[i]));
        assert_written(list, arena_printf(&arena, "- \"%s\"\n", texts[i]));
        assert_survives(list);
    }
}

static void yaml_write__awkward_texts__survive_as_item_value_and_key(void **state)
{
    static const char *const texts[] = {
        "a: b",
        "- a",
        "# c",
        "a # c",
        "a#b",
        "{x}",
        "[x]",
        "&a",
        "*a",
        "!t",
        "|",
        ">",
        "%x",
        "@x",
        "`x",
        "'",
        "\"",
        "\\",
        "? a",
        "a:",
        ":a",
        ",",
        "--- a",
        "---",
        "...",
        " lead",
        "trail ",
        "\n",
        "\n\n",
        "a\n",
        "a\n\n",
        "\na",
        " \na",
        "a\n b\n",
        "  a\nb",
        "a \nb",
        "a\n\nb",
        "a\n\n\n",
        "tab\there",
        "\ttab",
        "a\tb\n\tc\n",
        "cr\rx",
        "crlf\r\nx\r\n",
        "\x01\x02\x1b[31m\x7f",
        "\xC3\xA9t\xC3\xA9",
        "\xE2\x80\xA8line",
        "\xC2\x85next",
        "\xEF\xBB\xBFmark",
        "\xEF\xBF\xBE",
        "\xF0\x9F\x8E\x89",
        "\xED\x9F\xBF",
        "\xC3\xA9\n\xC3\xA9\n",
        "${trialParameters.lr}",
        "#!/bin/sh\nset -e\n# x\necho 'a' \"b\" >f\n",
        "key: value\nother: [1]\n",
        "- a\n- b",
        "%YAML\n---\na\n...\n",
        "a very long text with more than eighty characters in it, to see whether anything folds it over lines or not",
    };
    struct node *list = node_list(&arena), *map = node_map(&arena);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_survives(node_text(&arena, texts[i]));
        node_add(&arena, list, node_text(&arena, texts[i]));
        node_set(&arena, map, texts[i], node_text(&arena, texts[i]));
    }
    node_set(&arena, map, "list", list);
    assert_survives(list);
    assert_survives(map);
}

static void yaml_write__random_texts__survive(void **state)
{
    static const char *const parts[] = { " ", "\n", "\t", ":",  "#",        "-",  "'", "\"",
                                         "a", "3",  "{",  "\\", "\xC3\xA9", "\r", "|", "," };

    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        struct rng rng = rng_stream(9, i, "yaml_write_test");
        struct node *map = node_map(&arena), *list = node_set(&arena, map, "list", node_list(&arena));
        struct text text = { 0 };

        for (uint64_t n = rng_below(&rng, 12) + 1; n > 0; n--)
            text_add(&text, parts[rng_below(&rng, 16)]);
        node_add(&arena, list, node_text(&arena, text.data));
        node_set(&arena, map, text.data, node_text(&arena, text.data));
        assert_survives(map);
        text_release(&text);
        arena_release(&arena);
    }
}

static void yaml_write__typed_scalars__keep_value_and_kind(void **state)
{
    struct node *list = node_list(&arena);

    (void)state;
    node_add(&arena, list, node_integer(&arena, INT64_MIN));
    node_add(&arena, list, node_integer(&arena, INT64_MAX));
    node_add(&arena, list, node_real(&arena, 0.1));
    node_add(&arena, list, node_real(&arena, 1e-05));
    node_add(&arena, list, node_real(&arena, NAN));
    node_add(&arena, list, node_real(&arena, INFINITY));
    node_add(&arena, list, node_real(&arena, -INFINITY));
    node_add(&arena, list, node_boolean(&arena, true));
    node_add(&arena, list, node_null(&arena));
    assert_written(
        list,
        "- -9223372036854775808\n- 9223372036854775807\n- 0.1\n- 1e-05\n- .nan\n- .inf\n- -.inf\n- true\n- null\n");
    assert_survives(list);
}

static void yaml_write__plain_scalars__stay_plain(void **state)
{
    const char *yaml = "a: 0.050\nb: no\nc: 0644\nd: \"0.5\"\n";
    struct faults faults = { 0 };
    struct node *documents;

    (void)state;
    assert_int_equal(yaml_read(yaml, strlen(yaml), NULL, &arena, &faults, &documents), 0);
    assert_written(documents->items[0], yaml);
    faults_release(&faults);
}

static void yaml_write__bytes_and_broken_texts__become_readable_text(void **state)
{
    struct node *list = node_list(&arena);

    (void)state;
    node_add(&arena, list, node_bytes(&arena, "\0\xFFx", 3));
    node_add(&arena, list, node_text(&arena, "a\xFFz"));
    assert_written(list, "- \"AP94\"\n- \"a\xEF\xBF\xBDz\"\n");
}

static void yaml_write__deep_tree__survives(void **state)
{
    struct node *root = node_list(&arena), *at = root;

    (void)state;
    for (int i = 0; i < (YAML_DEPTH_LIMIT - 2) / 2; i++) {
        at = node_add(&arena, at, node_map(&arena));
        at = node_set(&arena, at, "l", node_list(&arena));
    }
    node_add(&arena, at, node_text(&arena, "two\nlines\n"));
    assert_survives(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(yaml_write__manifest__looks_as_people_write, release),
        cmocka_unit_test_teardown(yaml_write__texts_that_look_like_something_else__are_quoted, release),
        cmocka_unit_test_teardown(yaml_write__awkward_texts__survive_as_item_value_and_key, release),
        cmocka_unit_test_teardown(yaml_write__random_texts__survive, release),
        cmocka_unit_test_teardown(yaml_write__typed_scalars__keep_value_and_kind, release),
        cmocka_unit_test_teardown(yaml_write__plain_scalars__stay_plain, release),
        cmocka_unit_test_teardown(yaml_write__bytes_and_broken_texts__become_readable_text, release),
        cmocka_unit_test_teardown(yaml_write__deep_tree__survives, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
