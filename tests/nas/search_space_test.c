#include "nas/search_space.h"

#include "base/file.h"
#include "base/status.h"
#include "base/yaml.h"
#include "tests/test.h"

static const char *const sound =
    "graphConfig: {numLayers: 8, inputSizes: [32, 32, 3], outputSizes: [10]}\n"
    "operations:\n"
    "- operationType: convolution\n"
    "  parameters:\n"
    "  - {name: filter_size, parameterType: categorical, feasibleSpace: {list: [\"3\", \"5\"]}}\n"
    "  - {name: depth, parameterType: int, feasibleSpace: {min: \"1\", max: 3}}\n"
    "  - {name: rate, parameterType: double, feasibleSpace: {min: 0, max: 1, step: 0.5}}\n"
    "  - {name: width, parameterType: discrete, feasibleSpace: {list: [8, 16]}}\n"
    "- operationType: skip_connection\n";

/* All faults as text, "" when there are none. */
static void check_text(const char *yaml, const char *method, struct text *faults_text)
{
    struct arena arena = { 0 };
    struct faults faults = { 0 };
    struct node *documents = NULL;

    text_clear(faults_text);
    assert_int_equal(yaml_read(yaml, strlen(yaml), "nas.yaml", &arena, &faults, &documents), 0);
    nas_check(documents->length > 0 ? documents->items[0] : NULL, method, "nas.yaml", &arena, &faults);
    faults_print(&faults, faults_text);
    faults_release(&faults);
    arena_release(&arena);
}

static void check__sound_config__is_taken(void **state)
{
    struct text faults = { 0 };

    (void)state;
    check_text(sound, "enas", &faults);
    assert_string_equal(text_string(&faults), "");
    check_text(sound, "darts", &faults);
    assert_string_equal(text_string(&faults), "");
    check_text("graphConfig: {numLayers: 1}\noperations: [{operationType: skip_connection}]", "darts", &faults);
    assert_string_equal(text_string(&faults), "");
    text_release(&faults);
}

static void check__what_is_missing__is_named(void **state)
{
    static const struct {
        const char *yaml, *message;
    } wrong[] = {
        { "operations: [{operationType: a}]",
          "spec.nasConfig.graphConfig: expected the size of the graph, got nothing" },
        { "graphConfig: {inputSizes: [1], outputSizes: [1]}\noperations: [{operationType: a}]",
          "graphConfig.numLayers: expected an integer of 1 or more, got nothing" },
        { "graphConfig: {numLayers: 1, outputSizes: [1]}\noperations: [{operationType: a}]",
          "graphConfig.inputSizes: expected at least one member" },
        { "graphConfig: {numLayers: 1, inputSizes: [1], outputSizes: []}\noperations: [{operationType: a}]",
          "graphConfig.outputSizes: expected at least one member" },
        { "graphConfig: {numLayers: 1, inputSizes: [1], outputSizes: [1]}",
          "nasConfig.operations: expected at least one member" },
        { "operations: [{parameters: []}]", "operations[0].operationType: expected a name" },
        { "operations: [{operationType: a}, {operationType: a}]",
          "operations[1].operationType: expected a type of its own" },
        { "operations: [{operationType: a, parameters: [{parameterType: int}]}]",
          "parameters[0].name: expected a name" },
        { "operations: [{operationType: a, parameters: [{name: p}]}]", "parameters[0].parameterType: expected one of" },
        { "operations: [{operationType: a, parameters: [{name: p, parameterType: float}]}]",
          "expected one of double, int" },
        { "operations: [{operationType: a, parameters: [{name: p, parameterType: int}]}]",
          "parameters[0].feasibleSpace: expected" },
        { "graphConfig: 3", "graphConfig: expected a map" },
        { "graphConfig: {numLayers: 0}", "graphConfig.numLayers: expected an integer" },
        { "graphConfig: {numLayers: 1, inputSizes: [32, -1]}",
          "graphConfig.inputSizes[1]: expected an integer of 1 or more" },
    };
    struct text faults = { 0 };

    (void)state;
    for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++) {
        check_text(wrong[w].yaml, "enas", &faults);
        assert_contains(text_string(&faults), wrong[w].message);
    }
    text_release(&faults);
}

static void check__wrong_feasible_space__is_named(void **state)
{
    static const struct {
        const char *type, *space, *message;
    } wrong[] = {
        { "categorical", "{list: []}", "feasibleSpace.list: expected at least one member" },
        { "categorical", "{min: 1, list: [a]}", "feasibleSpace.min: expected only a list" },
        { "categorical", "{list: [a, b, a]}", "\"a\" twice" },
        { "discrete", "{list: [1, 1.0]}", "1 twice" },
        { "discrete", "{list: [1, x]}", "expected numbers, got \"x\"" },
        { "int", "{min: 1}", "feasibleSpace.max: expected a number for parameterType int, got nothing" },
        { "int", "{min: 3, max: 1}", "feasibleSpace.min: expected at most max = 1, got 3" },
        { "int", "{min: 1, max: 3, step: 0}", "feasibleSpace.step: expected a number above 0" },
        { "int", "{min: 1.5, max: 3}", "feasibleSpace.min: expected an integer" },
        { "int", "{min: 1, max: 3, list: [1]}", "feasibleSpace.list: expected min and max" },
        { "double", "{min: 1, max: 3}", "feasibleSpace.step: expected a number for parameterType double, got nothing" },
        { "double", "{min: 1, max: 3, step: -1}", "feasibleSpace.step: expected a number above 0" },
    };
    struct text faults = { 0 }, yaml = { 0 };

    (void)state;
    for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++) {
        text_clear(&yaml);
        text_printf(&yaml,
                    "operations: [{operationType: a, parameters: [{name: p, parameterType: %s, feasibleSpace: %s}]}]",
                    wrong[w].type, wrong[w].space);
        check_text(text_string(&yaml), "enas", &faults);
        assert_contains(text_string(&faults), wrong[w].message);
    }
    text_release(&faults);
    text_release(&yaml);
}

static void check__darts_without_filter_sizes__is_named(void **state)
{
    struct text faults = { 0 };
    const char *yaml = "graphConfig: {numLayers: 1}\n"
                       "operations: [{operationType: pool, parameters: [{name: p, parameterType: int, feasibleSpace: "
                       "{min: 1, max: 2}}]}]";

    (void)state;
    check_text(yaml, "darts", &faults);
    assert_contains(text_string(&faults), "operations[0].parameters[0]: expected a list of filter sizes");
    text_release(&faults);
}

static void check__unknown_key__is_a_warning_with_its_place(void **state)
{
    struct text faults = { 0 };

    (void)state;
    check_text("graphConfig: {numLayers: 1, inputSize: [3]}\noperations: [{operationType: a}]", "darts", &faults);
    assert_contains(text_string(&faults), "nas.yaml:1:29:");
    assert_contains(text_string(&faults), "unknown field; did you mean inputSizes?");
    text_release(&faults);
}

static void check__katibs_examples__are_taken(void **state)
{
    static const char *const names[][2] = { { "enas-cpu.yaml", "enas" }, { "darts-cpu.yaml", "darts" } };
    struct text faults_text = { 0 };

    (void)state;
    if (test_data() == NULL)
        skip();
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = { 0 };
        struct faults faults = { 0 };
        struct text yaml = { 0 };
        struct node *documents;
        char *path = xasprintf("%s/katib-examples/%s", test_data(), names[i][0]);
        assert_int_equal(file_read(path, YAML_SIZE_LIMIT, &yaml), 0);
        assert_int_equal(yaml_read(yaml.data, yaml.length, names[i][0], &arena, &faults, &documents), 0);
        nas_check(node_path(documents->items[0], "spec.nasConfig"), names[i][1], names[i][0], &arena, &faults);
        text_clear(&faults_text);
        faults_print(&faults, &faults_text);
        assert_string_equal(text_string(&faults_text), "");
        free(path);
        text_release(&yaml);
        faults_release(&faults);
        arena_release(&arena);
    }
    text_release(&faults_text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__sound_config__is_taken),
        cmocka_unit_test(check__what_is_missing__is_named),
        cmocka_unit_test(check__wrong_feasible_space__is_named),
        cmocka_unit_test(check__darts_without_filter_sizes__is_named),
        cmocka_unit_test(check__unknown_key__is_a_warning_with_its_place),
        cmocka_unit_test(check__katibs_examples__are_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
