#include "nas/wire.h"

#include "base/status.h"
#include "base/yaml.h"
#include "suggest/entries.h"
#include "tests/test.h"

static const char *const config =
    "graphConfig: {numLayers: 2, inputSizes: [32, 32, 3], outputSizes: [10]}\n"
    "operations:\n"
    "- operationType: convolution\n"
    "  parameters:\n"
    "  - {name: filter_size, parameterType: categorical, feasibleSpace: {list: [\"3\", \"5\"]}}\n"
    "  - {name: stride, parameterType: categorical, feasibleSpace: {list: [\"1\", \"2\"]}}\n"
    "- operationType: reduction\n"
    "  parameters:\n"
    "  - {name: reduction_type, parameterType: categorical, feasibleSpace: {list: [max_pooling, \"a'b\\\\\"]}}\n"
    "  - {name: pool_size, parameterType: int, feasibleSpace: {min: \"2\", max: \"3\"}}\n"
    "  - {name: rate, parameterType: double, feasibleSpace: {min: 0, max: 0.3, step: 0.1}}\n"
    "- operationType: skip_connection\n";

static const struct node *read_config(const char *yaml, struct arena *arena)
{
    struct faults faults = { 0 };
    struct node *documents = NULL;

    assert_int_equal(yaml_read(yaml, strlen(yaml), "nas.yaml", arena, &faults, &documents), 0);
    faults_release(&faults);
    return documents->items[0];
}

static void expand__all_types__last_parameter_is_fastest(void **state)
{
    struct arena arena = { 0 };
    struct nas_choices choices;

    (void)state;
    assert_int_equal(nas_expand(read_config(config, &arena), &arena, &choices), 0);
    assert_int_equal(choices.n, 2 * 2 + 2 * 2 * 4 + 1);
    assert_string_equal(choices.items[1].values[0]->text, "3");
    assert_string_equal(choices.items[1].values[1]->text, "2");
    assert_string_equal(choices.items[2].values[0]->text, "5");
    assert_int_equal(choices.items[8].values[1]->integer, 3);
    assert_close(choices.items[11].values[2]->real, 0.3, 1e-12);
    assert_string_equal(choices.items[20].type, "skip_connection");
    assert_int_equal(choices.items[20].n_parameters, 0);
    arena_release(&arena);
}

static void expand__too_many__is_refused(void **state)
{
    const char *huge = "operations: [{operationType: a, parameters: ["
                       "{name: p, parameterType: int, feasibleSpace: {min: 0, max: 2000000000}},"
                       "{name: q, parameterType: int, feasibleSpace: {min: 0, max: 2000000000}}]}]";
    struct arena arena = { 0 };
    struct nas_choices choices;

    (void)state;
    assert_int_equal(nas_expand(read_config(huge, &arena), &arena, &choices), ERR_LIMIT);
    arena_release(&arena);
}

static void nn_config__operations_used__are_described_once_in_katibs_words(void **state)
{
    struct arena arena = { 0 };
    struct text out = { 0 };
    struct nas_choices choices;
    const struct node *root = read_config(config, &arena);
    const struct macro macro = { .n_layers = 3, .operations = { 3, 9, 3 } };

    (void)state;
    assert_int_equal(nas_expand(root, &arena, &choices), 0);
    wire_nn_config(root, &choices, &macro, &out);
    assert_string_equal(
        text_string(&out),
        "{'num_layers': 3, 'input_sizes': [32, 32, 3], 'output_sizes': [10], 'embedding': {"
        "'3': {'opt_id': 3, 'opt_type': 'convolution', 'opt_params': {'filter_size': '5', 'stride': '2'}}, "
        "'9': {'opt_id': 9, 'opt_type': 'reduction', 'opt_params': {'reduction_type': 'max_pooling', 'pool_size': 3, "
        "'rate': 0.1}}}}");
    text_release(&out);
    arena_release(&arena);
}

static void darts__settings_and_space__are_katibs(void **state)
{
    const char *yaml =
        "operations:\n"
        "- {operationType: separable_convolution, parameters: [{name: f, feasibleSpace: {list: [3, 5]}}]}\n"
        "- {operationType: skip_connection}\n"
        "given: [{name: num_epochs, value: \"1\"}, {name: batch_size, value: None}, {name: own, value: x}]\n";
    struct arena arena = { 0 };
    struct text out = { 0 };
    const struct node *root = read_config(yaml, &arena);

    (void)state;
    wire_search_space(root, &out);
    assert_string_equal(text_string(&out),
                        "['separable_convolution_3x3', 'separable_convolution_5x5', 'skip_connection']");
    text_clear(&out);
    wire_settings(suggest_darts.settings, node_get(root, "given"), &out);
    assert_string_equal(text_string(&out),
                        "{'num_epochs': '1', 'w_lr': 0.025, 'w_lr_min': 0.001, 'w_momentum': 0.9, 'w_weight_decay': "
                        "0.0003, 'w_grad_clip': 5.0, 'alpha_lr': 0.0003, 'alpha_weight_decay': 0.001, 'batch_size': "
                        "null, 'num_workers': 4, 'init_channels': 16, 'print_step': 50, 'num_nodes': 4, "
                        "'stem_multiplier': 3, 'own': 'x'}");
    text_release(&out);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expand__all_types__last_parameter_is_fastest),
        cmocka_unit_test(expand__too_many__is_refused),
        cmocka_unit_test(nn_config__operations_used__are_described_once_in_katibs_words),
        cmocka_unit_test(darts__settings_and_space__are_katibs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
