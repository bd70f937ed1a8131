/*
 * base/yaml, reading: trees with places, and everything that is refused.
 */
#include "tests/test.h"
#undef fail /* cmocka's macro; base/status.h has a function of that name */

#include <glob.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/status.h"
#include "base/yaml.h"

enum { HOSTILE_SIZE = 1 << 20, SOON_MS = 2000 }; /* a few ms without sanitizers; quadratic work takes far longer */

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static struct node *read_yaml(const char *yaml)
{
    struct faults faults = { 0 };
    struct node *documents = NULL;
    int status = yaml_read(yaml, strlen(yaml), "f", &arena, &faults, &documents);

    if (status < 0)
        print_error("%s\n", fail_message());
    assert_int_equal(status, 0);
    assert_int_equal(faults.n, 0);
    faults_release(&faults);
    return documents;
}

static void assert_refused_bytes(const char *yaml, size_t length, const char *want)
{
    struct faults faults = { 0 };
    struct text out = { 0 };
    struct node *documents;
    int64_t started = clock_steady_ms();

    assert_int_equal(yaml_read(yaml, length, "f", &arena, &faults, &documents), ERR_INVALID);
    assert_true(clock_steady_ms() - started < SOON_MS);
    faults_print(&faults, &out);
    assert_contains(text_string(&out), want);
    assert_contains(fail_message(), faults.items[faults.n - 1].message);
    text_release(&out);
    faults_release(&faults);
}

static void assert_refused(const char *yaml, const char *want)
{
    assert_refused_bytes(yaml, strlen(yaml), want);
}

static void yaml_read__every_node__has_its_place(void **state)
{
    const struct node *documents = read_yaml("spec:\n  parameters:\n  - name: l\xC3\xA9\n    min: \"0.01\" # c\n");
    const struct node *spec = node_get(documents->items[0], "spec");
    const struct node *item = node_get(spec, "parameters")->items[0];

    (void)state;
    assert_int_equal(documents->length, 1);
    assert_true(documents->items[0]->line == 1 && documents->items[0]->column == 1);
    assert_true(spec->line == 2 && spec->column == 3);
    assert_true(item->line == 3 && item->column == 5);
    assert_true(item->keys[1]->line == 4 && item->keys[1]->column == 5);
    assert_true(node_get(item, "min")->line == 4 && node_get(item, "min")->column == 10);
    assert_string_equal(node_get(item, "name")->text, "l\xC3\xA9");
}

static void yaml_read__scalars__keep_their_text_and_style(void **state)
{
    const struct node *root =
        read_yaml("a: 0.050\nb: '3'\nc: \"x\\ty\"\nd: |\n  two\n  lines\ne: >-\n  folded\n  text\nf: yes\ng:\nh: ~\n"
                  "i: null\nj: 'null'\nk: ''\n~: key\n<<: merge\n")
            ->items[0];

    (void)state;
    assert_string_equal(node_get(root, "a")->text, "0.050");
    assert_false(node_get(root, "a")->quoted);
    assert_true(node_get(root, "b")->quoted);
    assert_string_equal(node_get(root, "c")->text, "x\ty");
    assert_string_equal(node_get(root, "d")->text, "two\nlines\n");
    assert_true(node_get(root, "d")->quoted);
    assert_string_equal(node_get(root, "e")->text, "folded text");
    assert_string_equal(node_get(root, "f")->text, "yes");
    assert_false(node_get(root, "f")->quoted);
    assert_int_equal(node_get(root, "g")->kind, NODE_NULL);
    assert_int_equal(node_get(root, "h")->kind, NODE_NULL);
    assert_int_equal(node_get(root, "i")->kind, NODE_NULL);
    assert_string_equal(node_get(root, "j")->text, "null");
    assert_string_equal(node_get(root, "k")->text, "");
    assert_string_equal(node_get(root, "~")->text, "key");
    assert_string_equal(node_get(root, "<<")->text, "merge");
}

static void yaml_read__several_documents__leave_empty_ones_out(void **state)
{
    const struct node *documents = read_yaml("---\na: 1\n---\n---\n# nothing\n---\n- b\n...\n---\n~\n");

    (void)state;
    assert_int_equal(documents->length, 2);
    assert_int_equal(documents->items[0]->kind, NODE_MAP);
    assert_int_equal(documents->items[1]->kind, NODE_LIST);
    assert_int_equal(documents->items[1]->line, 7);
    assert_int_equal(read_yaml("")->length, 0);
    assert_int_equal(read_yaml("# only\n")->length, 0);
}

static void yaml_read__json_windows_lines_and_byte_order_mark__are_yaml(void **state)
{
    (void)state;
    assert_int_equal(read_yaml("{\"a\": [1, 2], \"b\": {}}")->items[0]->length, 2);
    assert_string_equal(node_get(read_yaml("a: 1\r\nb: 2\r\n")->items[0], "b")->text, "2");

    const struct node *root = read_yaml("\xEF\xBB\xBF"
                                        "a: 1\n")
                                  ->items[0];

    assert_string_equal(node_get(root, "a")->text, "1");
    assert_int_equal(root->keys[0]->column, 1);
    assert_string_equal(node_get(read_yaml("%YAML 1.2\n---\na: 1\n")->items[0], "a")->text, "1");
}

static void yaml_read__repeated_keys__name_both_lines_and_all_maps(void **state)
{
    struct faults faults = { 0 };
    struct text out = { 0 };
    struct node *documents;
    const char *yaml = "a: 1\nb:\n  c: 1\n  'c': 2\na: 3\n";

    (void)state;
    assert_int_equal(yaml_read(yaml, strlen(yaml), "f", &arena, &faults, &documents), ERR_INVALID);
    faults_print(&faults, &out);
    assert_string_equal(out.data, "f:4:3: expected each key once, got \"c\" on line 3 and again on line 4\n"
                                  "f:5:1: expected each key once, got \"a\" on line 1 and again on line 5\n");
    text_release(&out);
    faults_release(&faults);
}

static void yaml_read__features_that_hide_meaning__are_refused(void **state)
{
    (void)state;
    assert_refused("a: &x 1\n", "f:1:4: expected no anchors, got &x");
    assert_refused("a: &x [1]\n", "f:1:4: expected no anchors, got &x");
    assert_refused("a: *x\n", "f:1:4: expected no aliases, got *x");
    assert_refused("a: 1\nb: !!str 3\n", "f:2:4: expected no tags, got tag:yaml.org,2002:str");
    assert_refused("a: !x {}\n", "f:1:4: expected no tags, got !x");
    assert_refused("? [a]\n: b\n", "f:1:3: expected a text as key, got a list");
    assert_refused("{a: 1}: b\n", "f:1:1: expected a text as key, got a map");
    assert_refused("*x : 1\n", "expected no aliases");
}

static void yaml_read__bad_syntax__says_where(void **state)
{
    (void)state;
    assert_refused("a: 1\n b: 2\n",
                   "f:2:3: expected YAML, got a mistake: mapping values are not allowed in this context");
    assert_refused("a: [1, 2\nb: 3\n", "f:2:2: expected YAML");
    assert_refused("a: \"x\n", "f:2:1: expected YAML, got a mistake: found unexpected end of stream");
    assert_refused("a:\n\t- b\n", "f:2:1: expected YAML");
    assert_refused("a: @b\n", "f:1:4: expected YAML");
    assert_refused("%YAML 3.0\n---\na: 1\n", "f:1:1: expected YAML");
    assert_refused("a: }\n", "f:1:4: expected YAML");
}

static void yaml_read__bytes_that_are_no_text__are_placed(void **state)
{
    (void)state;
    assert_refused_bytes("a: 1\nb: \0x\n", 11, "f:2:4: expected text, got a NUL byte");
    assert_refused("a: 1\nb: \xC3\xA9\xFF\n", "f:2:5: expected UTF-8, got byte 0xff");
    assert_refused("\xFF\xFE"
                   "a\n",
                   "f:1:1: expected UTF-8, got byte 0xff");
    assert_refused("a: \"\\0\"\n", "f:1:4: expected a text without NUL");
    assert_refused("a: 1\nb: \x01\n", "f:2:4: expected YAML, got a character that it does not allow");
    assert_refused("a: \x1b[31m\n", "f:1:4: expected YAML");
}

/* first, then unit over and over up to a megabyte */
static char *repeated(const char *first, const char *unit)
{
    struct text text = { 0 };

    text_add(&text, first);
    while (text.length + strlen(unit) <= HOSTILE_SIZE)
        text_add(&text, unit);
    return text.data;
}

static void yaml_read__hostile_megabytes__are_refused_at_once(void **state)
{
    static const struct {
        const char *first, *unit, *want;
    } cases[] = {
        { "", "[", "f:1:65: expected at most 64 levels, got more" },
        { "", "{a: ", "expected at most 64 levels" },
        { "", "- ", "expected at most 64 levels" },
        { "", "? ", "expected a text as key" },
        { "a: ", "[[1,", "expected at most 64 levels" },
        { "", "a: ", "expected YAML" },
        { "", "- a\n", "expected at most 100000 values in a file" },
        { "[", "a,", "expected at most 100000 values in a file" },
        { "[", ",", "expected YAML" },
        { "", "---\na\n", "expected at most 1000 documents" },
        { "", "---\n", "expected at most 1000 documents" },
        { "a: &a [x,x]\nb: ", "[*a,*a,", "expected no anchors" },
        { "", "&a ", "expected no anchors" },
        { "", "!", "expected no tags" },
        { "a: \"", "\\", "expected" },
        { "a: '", "'", "expected" },
        { "", "%", "expected YAML" },
        { "", "\t", "expected YAML" },
        { "", "*", "expected YAML" },
        { "", "|\n", "expected YAML" },
        { "", "}", "expected YAML" },
        { "", "@", "expected YAML" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *yaml = repeated(cases[i].first, cases[i].unit);

        assert_refused(yaml, cases[i].want);
        free(yaml);
        arena_release(&arena);
    }
}

static void yaml_read__large_but_honest__is_read_at_once(void **state)
{
    struct text yaml = { 0 };
    struct faults faults = { 0 };
    struct node *documents;
    int64_t started = clock_steady_ms();

    (void)state;
    for (int i = 0; i < 45000; i++) /* one map: a search for each key would be quadratic */
        text_printf(&yaml, "key-%d: value %d\n", i, i);
    assert_int_equal(yaml_read(yaml.data, yaml.length, "f", &arena, &faults, &documents), 0);
    assert_int_equal(documents->items[0]->length, 45000);
    text_clear(&yaml);
    text_add(&yaml, "a: ");
    while (yaml.length < YAML_SIZE_LIMIT)
        text_add_char(&yaml, 'x');
    assert_int_equal(yaml_read(yaml.data, yaml.length, "f", &arena, &faults, &documents), 0);
    assert_int_equal(node_get(documents->items[0], "a")->length, YAML_SIZE_LIMIT - 3);
    assert_true(clock_steady_ms() - started < SOON_MS);
    text_add_char(&yaml, 'x');
    assert_refused(yaml.data, "f: expected at most 1048576 bytes, got 1048577");
    text_release(&yaml);
    faults_release(&faults);
}

static void yaml_read__depth__has_a_limit(void **state)
{
    struct text yaml = { 0 };

    (void)state;
    for (int i = 0; i < YAML_DEPTH_LIMIT; i++)
        text_add_char(&yaml, '[');
    for (int i = 0; i < YAML_DEPTH_LIMIT; i++)
        text_add_char(&yaml, ']');
    assert_int_equal(read_yaml(yaml.data)->length, 1);
    text_release(&yaml);
}

static void yaml_read__katib_examples__are_read_and_survive_a_rewrite(void **state)
{
    glob_t files = { 0 };
    char *pattern = NULL;

    (void)state;
    if (test_data() == NULL)
        skip();
    pattern = file_join(test_data(), "katib-examples/*.yaml");
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    assert_true(files.gl_pathc > 10);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct text text = { 0 }, written = { 0 };

        assert_int_equal(file_read(files.gl_pathv[i], YAML_SIZE_LIMIT, &text), 0);

        const struct node *root = read_yaml(text.data)->items[0];

        assert_string_equal(node_get(root, "kind")->text, "Experiment");
        yaml_write(root, &written);
        assert_true(node_equal(read_yaml(written.data)->items[0], root));
        text_release(&text);
        text_release(&written);
    }
    globfree(&files);
    free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(yaml_read__every_node__has_its_place, release),
        cmocka_unit_test_teardown(yaml_read__scalars__keep_their_text_and_style, release),
        cmocka_unit_test_teardown(yaml_read__several_documents__leave_empty_ones_out, release),
        cmocka_unit_test_teardown(yaml_read__json_windows_lines_and_byte_order_mark__are_yaml, release),
        cmocka_unit_test_teardown(yaml_read__repeated_keys__name_both_lines_and_all_maps, release),
        cmocka_unit_test_teardown(yaml_read__features_that_hide_meaning__are_refused, release),
        cmocka_unit_test_teardown(yaml_read__bad_syntax__says_where, release),
        cmocka_unit_test_teardown(yaml_read__bytes_that_are_no_text__are_placed, release),
        cmocka_unit_test_teardown(yaml_read__hostile_megabytes__are_refused_at_once, release),
        cmocka_unit_test_teardown(yaml_read__large_but_honest__is_read_at_once, release),
        cmocka_unit_test_teardown(yaml_read__depth__has_a_limit, release),
        cmocka_unit_test_teardown(yaml_read__katib_examples__are_read_and_survive_a_rewrite, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
