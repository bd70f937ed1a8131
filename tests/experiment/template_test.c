/*
 * Templates: what is put where, what is left out, and that no value gets out of its place.
 */
#include "tests/experiment/reading.h"

#include "base/json.h"
#include "experiment/template.h"

static const struct trial_identity identity = { "tune-abcd2345", "lab" };

static const char minimal[] = HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB_HEAD COMMAND;

static const char metadata[] = HEAD OBJECTIVE ALGORITHM PARAMETERS
    "  trialTemplate:\n"
    "    primaryContainerName: main\n"
    "    trialParameters:\n"
    "      - {name: rate, reference: lr}\n"
    "      - {name: name, reference: \"${trialSpec.Name}\"}\n"
    "      - {name: space, reference: \"${trialSpec.Namespace}\"}\n"
    "      - {name: kind, reference: \"${trialSpec.Kind}\"}\n"
    "      - {name: version, reference: \"${trialSpec.APIVersion}\"}\n"
    "      - {name: label, reference: \"${trialSpec.Labels[a/b.c]}\"}\n"
    "      - {name: note, reference: \"${trialSpec.Annotations[note]}\"}\n"
    "    trialSpec:\n"
    "      apiVersion: batch/v1\n"
    "      kind: Job\n"
    "      metadata:\n"
    "        labels: {a/b.c: blue, \"of-${trialParameters.name}\": x}\n"
    "        annotations: {note: hello}\n"
    "      spec:\n"
    "        template:\n"
    "          spec:\n"
    "            restartPolicy: Never\n"
    "            containers:\n"
    "              - name: main\n"
    "                image: img\n"
    "                command:\n"
    "                  - ${trialParameters.rate}\n"
    "                  - ${trialParameters.name}/${trialParameters.space}\n"
    "                  - ${trialParameters.kind} ${trialParameters.version}\n"
    "                  - ${trialParameters.label}-${trialParameters.note}\n";

static const char conditional[] = HEAD OBJECTIVE ALGORITHM
    "  parameters:\n"
    "    - {name: optimizer, parameterType: categorical, feasibleSpace: {list: [sgd, adam]}}\n"
    "    - name: momentum\n"
    "      parameterType: double\n"
    "      feasibleSpace: {min: 0, max: 1}\n"
    "      condition: {parameter: optimizer, in: [sgd]}\n"
    "  trialTemplate:\n"
    "    primaryContainerName: main\n"
    "    trialParameters:\n"
    "      - {name: optimizer, reference: optimizer}\n"
    "      - {name: momentum, reference: momentum}\n" JOB_HEAD
    "                command: [train, \"--optimizer=${trialParameters.optimizer}\"]\n"
    "                args: [\"--momentum=${trialParameters.momentum}\", --fast]\n"
    "                env:\n"
    "                  - {name: MOMENTUM, value: \"${trialParameters.momentum}\"}\n"
    "                  - {name: KEPT, value: \"1\"}\n";

static const char from_config_map[] = HEAD OBJECTIVE ALGORITHM PARAMETERS
    "  trialTemplate:\n"
    "    primaryContainerName: main\n"
    "    successCondition: status.a\n"
    "    failureCondition: status.b\n"
    "    trialParameters:\n"
    "      - {name: rate, reference: lr}\n"
    "    configMap: {configMapName: templates, configMapNamespace: lab, templatePath: job.yaml}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: ConfigMap\n"
    "metadata: {name: templates, namespace: lab}\n"
    "data:\n"
    "  job.yaml: |\n"
    "    apiVersion: batch/v1\n"
    "    kind: Job\n"
    "    spec:\n"
    "      parallelism: ${trialParameters.rate}\n"
    "      template:\n"
    "        spec:\n"
    "          restartPolicy: Never\n"
    "          containers:\n"
    "            - name: main\n"
    "              image: img\n"
    "              command: [train]\n"
    "              args: [\"${trialParameters.rate}\", \"--lr=${trialParameters.rate}\"]\n";

static const struct node *container(const struct node *manifest)
{
    return node_path(manifest, "spec.template.spec.containers")->items[0];
}

static const char *member(const struct node *manifest, const char *list, size_t i)
{
    const struct node *node = node_get(container(manifest), list);

    assert_true(node != NULL && i < node->length);
    assert_int_equal(node->items[i]->kind, NODE_TEXT);
    return node->items[i]->text;
}

/* What a value gives when it is rendered into the minimal template, written as JSON and read back. */
static void assert_stays(const char *value)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct text json = { 0 }, yaml = { 0 };
    struct faults faults = { 0 };
    struct node *manifest, *back, *documents;
    char *want = xasprintf("--lr=%s", value);

    assert_int_equal(template_render(reading_spec(&reading, minimal), &identity, &value, &arena, &manifest), 0);
    assert_string_equal(member(manifest, "command", 1), want);
    json_write(manifest, JSON_COMPACT, &json);
    assert_int_equal(json_read(text_string(&json), json.length, &arena, &back), 0);
    assert_string_equal(member(back, "command", 1), want);
    assert_int_equal(node_get(container(back), "command")->length, 2);
    yaml_write(manifest, &yaml);
    assert_int_equal(yaml_read(text_string(&yaml), yaml.length, NULL, &arena, &faults, &documents), 0);
    assert_string_equal(member(documents->items[0], "command", 1), want);
    assert_true(node_equal(documents->items[0], manifest));
    free(want);
    text_release(&json);
    text_release(&yaml);
    faults_release(&faults);
    arena_release(&arena);
    reading_release(&reading);
}

static void template_render__hostile_values__never_break_out(void **state)
{
    (void)state;
    assert_stays("0.05");
    assert_stays("\", \"x\": \"");
    assert_stays("a\nb: c\n- d\t\\");
    assert_stays("'\"`$(rm -rf /)`{}[]#&*!|>%@");
    assert_stays("${trialParameters.rate}");
    assert_stays("${trialParameters.");
    assert_stays("}");
    assert_stays("");
    assert_stays("\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\x89");
}

static void template_render__inline_spec__keeps_a_number_as_text(void **state)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct node *manifest;
    const char *value = "0.05";

    (void)state;
    assert_int_equal(template_render(reading_spec(&reading, metadata), &identity, &value, &arena, &manifest), 0);
    assert_string_equal(member(manifest, "command", 0), "0.05");
    assert_true(node_get(container(manifest), "command")->items[0]->quoted);
    arena_release(&arena);
    reading_release(&reading);
}

static void template_render__metadata_references__are_those_of_the_trial(void **state)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct node *manifest;
    const char *value = "0.05";

    (void)state;
    assert_int_equal(template_render(reading_spec(&reading, metadata), &identity, &value, &arena, &manifest), 0);
    assert_string_equal(member(manifest, "command", 1), "tune-abcd2345/lab");
    assert_string_equal(member(manifest, "command", 2), "Job batch/v1");
    assert_string_equal(member(manifest, "command", 3), "blue-hello");
    assert_non_null(node_get(node_path(manifest, "metadata.labels"), "of-tune-abcd2345"));
    assert_null(node_path(manifest, "metadata.name"));
    arena_release(&arena);
    reading_release(&reading);
}

static void template_render__inactive_parameter__takes_its_arguments_with_it(void **state)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct node *manifest;
    const char *const active[] = { "sgd", "0.9" }, *const inactive[] = { "adam", NULL };
    const struct spec *spec = reading_spec(&reading, conditional);

    (void)state;
    assert_int_equal(template_render(spec, &identity, active, &arena, &manifest), 0);
    assert_string_equal(member(manifest, "args", 0), "--momentum=0.9");
    assert_int_equal(node_get(container(manifest), "env")->length, 2);
    assert_int_equal(template_render(spec, &identity, inactive, &arena, &manifest), 0);
    assert_string_equal(member(manifest, "command", 1), "--optimizer=adam");
    assert_int_equal(node_get(container(manifest), "args")->length, 1);
    assert_string_equal(member(manifest, "args", 0), "--fast");
    assert_int_equal(node_get(container(manifest), "env")->length, 1);
    assert_string_equal(node_get(node_get(container(manifest), "env")->items[0], "name")->text, "KEPT");
    arena_release(&arena);
    reading_release(&reading);
}

static void template_render__value_that_is_missing__is_named(void **state)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct node *manifest;
    const char *const neither[] = { NULL, NULL };
    const struct spec *spec = reading_spec(&reading, minimal);
    const struct node *before = spec->template.manifest;
    struct spec changed = *spec;

    (void)state;
    assert_int_equal(template_render(spec, &identity, neither, &arena, &manifest), 0); /* an argument: left out */
    changed.template.n_parameters = 0;
    assert_int_equal(template_render(&changed, &identity, neither, &arena, &manifest), ERR_INVALID);
    assert_string_equal(fail_message(), "${trialParameters.rate} is no trial parameter");
    changed = *spec;
    changed.template.manifest = node_text(&arena, "${trialParameters.rate}");
    assert_int_equal(template_render(&changed, &identity, neither, &arena, &manifest), ERR_INVALID);
    assert_string_equal(fail_message(),
                        "${trialParameters.rate} stands where it cannot be left out, and lr is inactive in this trial");
    assert_ptr_equal(spec->template.manifest, before);
    arena_release(&arena);
    reading_release(&reading);
}

static void template_render__keys_that_become_one__are_refused(void **state)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct node *manifest, *map = node_map(&arena);
    const char *value = "b";
    struct spec changed = *reading_spec(&reading, minimal);

    (void)state;
    node_set(&arena, map, "${trialParameters.rate}", node_text(&arena, "1"));
    changed.template.manifest = map;
    assert_int_equal(template_render(&changed, &identity, &value, &arena, &manifest), 0);
    assert_string_equal(node_get(manifest, "b")->text, "1");
    node_set(&arena, map, "b", node_text(&arena, "2"));
    assert_int_equal(template_render(&changed, &identity, &value, &arena, &manifest), ERR_INVALID);
    assert_contains(fail_message(), "\"b\" stands twice");
    arena_release(&arena);
    reading_release(&reading);
}

static void template_render__more_text_than_a_manifest_may_hold__is_refused(void **state)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct node *manifest, *list = node_list(&arena);
    size_t length = 1 << 20;
    char *big = xmalloc(length + 1);
    const char *value = big;
    struct spec changed = *reading_spec(&reading, minimal);

    (void)state;
    memset(big, 'x', length);
    big[length] = '\0';
    for (int i = 0; i < 17; i++)
        node_add(&arena, list, node_text(&arena, "${trialParameters.rate}"));
    changed.template.manifest = list;
    assert_int_equal(template_render(&changed, &identity, &value, &arena, &manifest), ERR_LIMIT);
    free(big);
    arena_release(&arena);
    reading_release(&reading);
}

static void template_render__config_map__lets_plain_scalars_become_numbers(void **state)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct node *manifest;
    const char *values[] = { "2", "0.5", "two", "null", "2\nkind: Pod" };
    const enum node_kind kinds[] = { NODE_INTEGER, NODE_REAL, NODE_TEXT, NODE_TEXT, NODE_TEXT };
    const struct spec *spec = reading_spec(&reading, from_config_map);

    (void)state;
    assert_true(spec->template.from_config_map);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        assert_int_equal(template_render(spec, &identity, &values[i], &arena, &manifest), 0);
        assert_int_equal(node_path(manifest, "spec.parallelism")->kind, kinds[i]);
        assert_string_equal(node_get(manifest, "kind")->text, "Job");
        assert_string_equal(member(manifest, "args", 0), values[i]);
    }
    arena_release(&arena);
    reading_release(&reading);
}

static void template_check__whatever_does_not_fit__is_told_with_its_place(void **state)
{
    (void)state;
    assert_faults(
        HEAD OBJECTIVE ALGORITHM "  parameters:\n"
                                 "    - {name: lr, parameterType: double, feasibleSpace: {min: 0, max: 1}}\n"
                                 "    - {name: layers, parameterType: int, feasibleSpace: {min: 1, max: 3}}\n"
                                 "  trialTemplate:\n"
                                 "    primaryContainerName: main\n"
                                 "    trialParameters:\n"
                                 "      - {name: rate, reference: lr}\n"
                                 "      - {name: depth, reference: layer}\n"
                                 "      - {name: who, reference: \"${trialSpec.Nam}\"}\n"
                                 "      - {name: label, reference: \"${trialSpec.Labels[x]}\"}\n" JOB_HEAD
                                 "                command: [\"${trialParameters.rat}\", \"${trialParameters.who}\", "
                                 "\"${trialParameters.label}\"]\n",
        "exp.yaml:17:7: spec.trialTemplate.trialParameters: expected a member whose reference is \"layers\", for it is "
        "searched, "
        "got none\n"
        "exp.yaml:17:16: spec.trialTemplate.trialParameters[0].name: expected ${trialParameters.rate} in the template, "
        "got none\n"
        "exp.yaml:18:16: spec.trialTemplate.trialParameters[1].name: expected ${trialParameters.depth} in the "
        "template, got none\n"
        "exp.yaml:18:34: spec.trialTemplate.trialParameters[1].reference: expected the name of a search parameter or "
        "${trialSpec...}, got \"layer\"; did you mean layers?\n"
        "exp.yaml:19:32: spec.trialTemplate.trialParameters[2].reference: expected ${trialSpec.Name}, .Namespace, "
        ".Kind, "
        ".APIVersion, .Labels[key] or .Annotations[key], got \"${trialSpec.Nam}\"\n"
        "exp.yaml:20:34: spec.trialTemplate.trialParameters[3].reference: expected a key of the template's "
        "metadata.labels, got "
        "\"x\"\n"
        "exp.yaml:31:27: spec.trialTemplate.trialSpec.spec.template.spec.containers[0].command[0]: expected a name of "
        "trialParameters, got ${trialParameters.rat}; did you mean rate?\n");
}

static void template_check__conditional_placeholder__must_stand_where_it_can_be_left_out(void **state)
{
    (void)state;
    assert_faults(
        HEAD OBJECTIVE ALGORITHM
        "  parameters:\n"
        "    - {name: a, parameterType: categorical, feasibleSpace: {list: [x, z]}}\n"
        "    - {name: b, parameterType: int, feasibleSpace: {min: 1, max: 3}, condition: {parameter: a, in: [x]}}\n"
        "  trialTemplate:\n"
        "    primaryContainerName: main\n"
        "    trialParameters:\n"
        "      - {name: a, reference: a}\n"
        "      - {name: b, reference: b}\n" JOB_HEAD "                workingDir: /${trialParameters.b}\n"
        "                command: [sh, -c, \"train ${trialParameters.a} ${trialParameters.b}\"]\n",
        "exp.yaml:29:29: spec.trialTemplate.trialSpec.spec.template.spec.containers[0].workingDir: expected "
        "${trialParameters.b} "
        "only in a member of args, command or env, for b may be inactive\n"
        "exp.yaml:30:35: warning: spec.trialTemplate.trialSpec.spec.template.spec.containers[0].command[2]: all of "
        "this member is "
        "left out when b is inactive\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(template_render__hostile_values__never_break_out),
        cmocka_unit_test(template_render__inline_spec__keeps_a_number_as_text),
        cmocka_unit_test(template_render__metadata_references__are_those_of_the_trial),
        cmocka_unit_test(template_render__inactive_parameter__takes_its_arguments_with_it),
        cmocka_unit_test(template_render__value_that_is_missing__is_named),
        cmocka_unit_test(template_render__keys_that_become_one__are_refused),
        cmocka_unit_test(template_render__more_text_than_a_manifest_may_hold__is_refused),
        cmocka_unit_test(template_render__config_map__lets_plain_scalars_become_numbers),
        cmocka_unit_test(template_check__whatever_does_not_fit__is_told_with_its_place),
        cmocka_unit_test(template_check__conditional_placeholder__must_stand_where_it_can_be_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
