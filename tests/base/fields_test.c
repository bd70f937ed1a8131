/*
 * base/fields: getters, their fallbacks, and what they note.
 */
#include "tests/test.h"

#include "base/fields.h"
#include "base/yaml.h"

struct fixture {
    struct arena arena;
    struct faults faults;
    struct fields fields;
};

static void open_yaml(struct fixture *fixture, const char *yaml)
{
    struct node *documents;

    *fixture = (struct fixture){ 0 };
    assert_int_equal(yaml_read(yaml, strlen(yaml), "f", &fixture->arena, &fixture->faults, &documents), 0);
    fields_open(&fixture->fields, documents->length ? documents->items[0] : NULL, "f", "", &fixture->arena,
                &fixture->faults);
}

/* Compare what was noted, and end the fixture. */
static void close_with(struct fixture *fixture, const char *want)
{
    struct text out = { 0 };

    faults_print(&fixture->faults, &out);
    assert_string_equal(text_string(&out), want);
    text_release(&out);
    faults_release(&fixture->faults);
    arena_release(&fixture->arena);
}

static void fields_getters__right_values__are_read(void **state)
{
    static const char *const types[] = { "minimize", "maximize", NULL };
    struct fixture f;
    size_t n;

    (void)state;
    open_yaml(&f, "text: 0.05\nflag: true\ncount: \"12\"\nreal: 1e-3\nmemory: 2Gi\ntype: maximize\nlist: [a, 3]\n");
    assert_string_equal(fields_text(&f.fields, "text", NULL), "0.05");
    assert_true(fields_boolean(&f.fields, "flag", false));
    assert_int_equal(fields_integer(&f.fields, "count", 0, 1, 100), 12);
    assert_true(fields_real(&f.fields, "real", 0, 0, 1) == 1e-3);
    assert_true(fields_quantity(&f.fields, "memory", 0) == 0x1p31);
    assert_int_equal(fields_choice(&f.fields, "type", 0, types), 1);

    const char *const *texts = fields_texts(&f.fields, "list", &n);

    assert_int_equal(n, 2);
    assert_string_equal(texts[0], "a");
    assert_string_equal(texts[1], "3");
    assert_null(texts[2]);
    fields_close(&f.fields, true);
    close_with(&f, "");
}

static void fields_getters__absent_or_null__give_the_fallback_silently(void **state)
{
    static const char *const types[] = { "minimize", NULL };
    struct fixture f;
    size_t n = 9;

    (void)state;
    open_yaml(&f, "text: null\ncount: ~\nlist:\n");
    assert_string_equal(fields_text(&f.fields, "text", "fallback"), "fallback");
    assert_int_equal(fields_integer(&f.fields, "count", 7, 10, 20), 7);
    assert_true(fields_boolean(&f.fields, "flag", true));
    assert_true(fields_real(&f.fields, "real", 0.5, 0, 1) == 0.5);
    assert_true(fields_quantity(&f.fields, "memory", -1) == -1);
    assert_int_equal(fields_choice(&f.fields, "type", -1, types), -1);
    assert_non_null(fields_texts(&f.fields, "list", &n));
    assert_int_equal(n, 0);
    assert_null(fields_node(&f.fields, "text"));
    fields_close(&f.fields, true);
    close_with(&f, "");
}

static void fields_getters__wrong_values__each_note_one_fault_with_its_place(void **state)
{
    static const char *const types[] = { "minimize", "maximize", NULL };
    struct fixture f;
    size_t n;

    (void)state;
    open_yaml(
        &f, "text: [1]\nflag: yes\ncount: 0\nreal: abc\nmemory: 2gb\ntype: minimise\nlist: {a: b}\nsome: [a, {}, c]\n");
    assert_string_equal(fields_text(&f.fields, "text", "t"), "t");
    assert_false(fields_boolean(&f.fields, "flag", false));
    assert_int_equal(fields_integer(&f.fields, "count", 3, 1, INT64_MAX), 3);
    assert_true(fields_real(&f.fields, "real", 0.5, 0, 1) == 0.5);
    assert_true(fields_quantity(&f.fields, "memory", 1) == 1);
    assert_int_equal(fields_choice(&f.fields, "type", 1, types), 1);
    fields_texts(&f.fields, "list", &n);
    assert_int_equal(n, 0);
    fields_texts(&f.fields, "some", &n);
    assert_int_equal(n, 2);
    close_with(&f, "f:1:7: text: expected a text, got a list\n"
                   "f:2:7: flag: expected true or false, got \"yes\"\n"
                   "f:3:8: count: expected an integer of 1 or more, got \"0\"\n"
                   "f:4:7: real: expected a number in [0, 1], got \"abc\"\n"
                   "f:5:9: memory: expected a quantity such as 500m, 2 or 4Gi, got \"2gb\"\n"
                   "f:6:7: type: expected one of minimize, maximize, got \"minimise\"; did you mean minimize?\n"
                   "f:7:7: list: expected a list, got a map\n"
                   "f:8:11: some[1]: expected a text, got a map\n");
}

static void fields_text__plain_yes_or_no__warns_unless_quoted(void **state)
{
    struct fixture f;
    size_t n;

    (void)state;
    open_yaml(&f, "a: no\nb: \"no\"\nc: [on, 'off']\nd: true\n");
    assert_string_equal(fields_text(&f.fields, "a", NULL), "no");
    assert_string_equal(fields_text(&f.fields, "b", NULL), "no");
    assert_string_equal(fields_texts(&f.fields, "c", &n)[0], "on");
    assert_string_equal(fields_text(&f.fields, "d", NULL), "true");
    assert_int_equal(f.faults.n_errors, 0);
    close_with(
        &f, "f:1:4: warning: a: expected a text in quotes, got a plain no, which Kubernetes reads as a boolean\n"
            "f:3:5: warning: c[0]: expected a text in quotes, got a plain on, which Kubernetes reads as a boolean\n");
}

static void fields_child__nested_maps__carry_the_path(void **state)
{
    struct fixture f;
    struct fields spec, objective, item, absent;

    (void)state;
    open_yaml(&f, "spec:\n  objective:\n    goal: x\n  parameters:\n  - name: [lr]\n");
    assert_true(fields_child(&f.fields, "spec", &spec));
    assert_true(fields_child(&spec, "objective", &objective));
    fields_real(&objective, "goal", 0, -INFINITY, INFINITY);
    assert_false(fields_child(&spec, "algorithm", &absent));
    assert_null(absent.map);
    assert_null(fields_text(&absent, "algorithmName", NULL));
    fields_open(&item, fields_list(&spec, "parameters")->items[0], "f", fields_path(&spec, "parameters[0]"), &f.arena,
                &f.faults);
    fields_text(&item, "name", NULL);
    close_with(&f, "f:3:11: spec.objective.goal: expected a number, got \"x\"\n"
                   "f:5:11: spec.parameters[0].name: expected a text, got a list\n");
}

static void fields_open__no_map__is_one_fault_and_all_fallbacks(void **state)
{
    struct fixture f;
    struct fields child;

    (void)state;
    open_yaml(&f, "spec: 12\n");
    assert_true(fields_child(&f.fields, "spec", &child));
    assert_null(fields_text(&child, "x", NULL));
    fields_close(&child, true);
    close_with(&f, "f:1:7: spec: expected a map, got \"12\"\n");
}

static void fields_required__absent_or_empty__says_what_is_missing(void **state)
{
    struct fixture f;

    (void)state;
    open_yaml(&f, "a: ''\nb: x\nc: [1]\n");
    assert_null(fields_required(&f.fields, "a", "a metric name"));
    assert_string_equal(fields_required(&f.fields, "b", "a name"), "x");
    assert_null(fields_required(&f.fields, "c", "a name"));
    assert_null(fields_required(&f.fields, "d", "a kind"));
    close_with(&f, "f:1:1: d: expected a kind, got nothing\n"
                   "f:1:4: a: expected a metric name, got nothing\n"
                   "f:3:4: c: expected a text, got a list\n");
}

static void fields_close__unknown_keys__name_the_nearest(void **state)
{
    struct fixture f;

    (void)state;
    open_yaml(&f, "maxTrailCount: 3\nzzz: 1\nmaxTrialCount: 2\n");
    fields_integer(&f.fields, "maxTrialCount", 0, 0, 10);
    fields_integer(&f.fields, "maxTrialCount", 0, 0, 10);
    fields_close(&f.fields, false);
    assert_int_equal(f.faults.n_errors, 0);
    close_with(&f, "f:1:1: warning: maxTrailCount: unknown field; did you mean maxTrialCount?\n"
                   "f:2:1: warning: zzz: unknown field\n");
    open_yaml(&f, "zzz: 1\n");
    fields_close(&f.fields, true);
    assert_int_equal(f.faults.n_errors, 1);
    close_with(&f, "f:1:1: zzz: unknown field\n");
}

static void fields_error__long_value__is_shown_cut(void **state)
{
    struct fixture f;
    char yaml[400] = "n: ";

    (void)state;
    memset(yaml + 3, 'v', 300);
    open_yaml(&f, yaml);
    fields_integer(&f.fields, "n", 0, 0, 1);
    assert_true(strlen(f.faults.items[0].message) < 150);
    assert_contains(f.faults.items[0].message, "vvv...\"");
    faults_release(&f.faults);
    arena_release(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_getters__right_values__are_read),
        cmocka_unit_test(fields_getters__absent_or_null__give_the_fallback_silently),
        cmocka_unit_test(fields_getters__wrong_values__each_note_one_fault_with_its_place),
        cmocka_unit_test(fields_text__plain_yes_or_no__warns_unless_quoted),
        cmocka_unit_test(fields_child__nested_maps__carry_the_path),
        cmocka_unit_test(fields_open__no_map__is_one_fault_and_all_fallbacks),
        cmocka_unit_test(fields_required__absent_or_empty__says_what_is_missing),
        cmocka_unit_test(fields_close__unknown_keys__name_the_nearest),
        cmocka_unit_test(fields_error__long_value__is_shown_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
