/*
 * Reading Experiments: defaults, faults with their places, what this build lacks, comparing, Katib's own examples.
 */
#include "tests/experiment/reading.h"

#include <dirent.h>

#include "base/json.h"
#include "experiment/explain.h"
#include "trialrunner/collectors/collector.h"
#include "trialrunner/jobs/job_kind.h"

#define JOB JOB_HEAD COMMAND
static const char minimal[] = HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB;

static void bundle_parse__smallest_experiment__gets_katib_defaults(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, minimal);

    (void)state;
    assert_string_equal(text_string(&reading.printed), "");
    assert_string_equal(spec->name, "tune");
    assert_string_equal(spec->namespace, "default");
    assert_int_equal(spec->parallel_trial_count, 3);
    assert_int_equal(spec->max_trial_count, 0);
    assert_int_equal(spec->max_failed_trial_count, -1);
    assert_int_equal(spec->resume_policy, RESUME_NEVER);
    assert_int_equal(spec->objective.n_metrics, 1);
    assert_int_equal(spec->objective.metrics[0].strategy, STRATEGY_MIN);
    assert_false(spec->objective.has_goal);
    assert_string_equal(spec->method->name, "random");
    assert_null(spec->early_stopping);
    assert_string_equal(spec->collector.kind->name, "StdOut");
    assert_int_equal(spec->collector.n_filters, 1);
    assert_string_equal(spec->template.kind->kind, "Job");
    assert_string_equal(spec->template.success_condition,
                        "status.conditions.#(type==\"Complete\")#|#(status==\"True\")#");
    assert_int_equal(spec->template.n_primary_labels, 0);
    assert_false(spec->hone.has_seed);
    assert_int_equal(spec->hone.log_limit, 64 << 20);
    assert_int_equal(spec->hone.keep, KEEP_ALL);
    assert_string_equal(spec->hone.engine, "local");
    assert_null(spec->missing);
    assert_string_equal(reading.bundle.directory, "/somewhere");
    assert_int_equal(spec->space.n, 1);
    assert_close(spec->space.parameters[0].min, 0.01, 0);
    assert_close(spec->space.parameters[0].max, 0.05, 0);
    reading_release(&reading);
}

static void bundle_parse__max_below_three__lowers_the_default_of_parallel(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, HEAD
                                           "  maxTrialCount: \"2\"\n" OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB);

    (void)state;
    assert_int_equal(spec->max_trial_count, 2);
    assert_int_equal(spec->parallel_trial_count, 2);
    reading_release(&reading);
}

static void bundle_parse__strategies__default_by_type_and_yield_to_the_file(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(
        &reading, HEAD "  objective:\n"
                       "    type: maximize\n"
                       "    goal: \"0.99\"\n"
                       "    objectiveMetricName: valid_1 auc\n"
                       "    additionalMetricNames: [loss, acc]\n"
                       "    metricStrategies: [{name: acc, value: max}]\n" ALGORITHM PARAMETERS TEMPLATE_HEAD JOB);

    (void)state;
    assert_int_equal(spec->objective.type, OBJECTIVE_MAXIMIZE);
    assert_true(spec->objective.has_goal);
    assert_close(spec->objective.goal, 0.99, 0);
    assert_int_equal(spec->objective.n_metrics, 3);
    assert_string_equal(spec->objective.metrics[0].name, "valid_1 auc");
    assert_int_equal(spec->objective.metrics[0].strategy, STRATEGY_MAX);
    assert_int_equal(spec->objective.metrics[1].strategy, STRATEGY_LATEST);
    assert_int_equal(spec->objective.metrics[2].strategy, STRATEGY_MAX);
    reading_release(&reading);
}

static void bundle_parse__every_kind_of_parameter__becomes_a_typed_one(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(
        &reading, HEAD OBJECTIVE ALGORITHM
        "  parameters:\n"
        "    - {name: a, parameterType: double, feasibleSpace: {min: 1e-5, max: '1', distribution: logUniform}}\n"
        "    - {name: b, parameterType: int, feasibleSpace: {min: 2, max: 8, step: 2}}\n"
        "    - {name: c, parameterType: discrete, feasibleSpace: {list: [64, '16', 32]}}\n"
        "    - {name: d, parameterType: categorical, feasibleSpace: {list: [sgd, adam, '1']}}\n"
        "    - {name: e, parameterType: int, feasibleSpace: {min: 1, max: 3}, condition: {parameter: d, in: [adam, "
        "1]}}\n"
        "    - {name: f, parameterType: int, feasibleSpace: {min: 1, max: 3}, condition: {parameter: c, min: 20}}\n"
        "    - {name: g, parameterType: int, feasibleSpace: {min: 1, max: 3}, condition: {parameter: b, min: 3, max: "
        "5}}\n"
        "  trialTemplate:\n"
        "    primaryContainerName: main\n"
        "    trialParameters:\n"
        "      - {name: a, reference: a}\n      - {name: b, reference: b}\n      - {name: c, reference: c}\n"
        "      - {name: d, reference: d}\n      - {name: e, reference: e}\n      - {name: f, reference: f}\n"
        "      - {name: g, reference: g}\n" JOB_HEAD
        "                args: [\"${trialParameters.a}\", \"${trialParameters.b}\", \"${trialParameters.c}\", "
        "\"${trialParameters.d}\", \"${trialParameters.e}\", \"${trialParameters.f}\", \"${trialParameters.g}\"]\n");
    const struct parameter *p = spec->space.parameters;

    (void)state;
    assert_int_equal(spec->space.n, 7);
    assert_int_equal(p[0].distribution, DISTRIBUTION_LOG_UNIFORM);
    assert_close(p[0].min, 1e-5, 0);
    assert_close(p[1].step, 2, 0);
    assert_int_equal(p[2].n_choices, 3);
    assert_string_equal(p[2].choices[0], "16");
    assert_close(p[2].numbers[2], 64, 0);
    assert_string_equal(p[3].choices[2], "1");
    assert_null(p[3].numbers);
    assert_int_equal(p[4].activation->parameter, 3);
    assert_int_equal(p[4].activation->n_values, 2);
    assert_close(p[4].activation->values[0], 1, 0);
    assert_close(p[4].activation->values[1], 2, 0);
    assert_int_equal(p[5].activation->n_values, 2); /* 32 and 64 */
    assert_close(p[5].activation->values[0], 1, 0);
    assert_null(p[6].activation->values);
    assert_close(p[6].activation->min, 3, 0);
    assert_close(p[6].activation->max, 5, 0);
    reading_release(&reading);
}

static void bundle_parse__many_faults__are_all_found_with_their_places(void **state)
{
    (void)state;
    assert_faults(
        "apiVersion: kubeflow.org/v1beta1\n"
        "kind: Experiment\n"
        "metadata:\n"
        "  name: aB_\n"
        "  labels: [x]\n"
        "spec:\n"
        "  parallelTrialCont: 2\n"
        "  maxTrialCount: 2\n"
        "  parallelTrialCount: 3\n"
        "  maxFailedTrialCount: -1\n"
        "  resumePolicy: never\n"
        "  objective:\n"
        "    type: minimise\n"
        "    goal: low\n"
        "    additionalMetricNames: [loss, acc, acc]\n"
        "    objectiveMetricName: loss\n"
        "  algorithm:\n"
        "    algorithmName: randon\n"
        "  earlyStopping: {algorithmName: medianstop, algorithmSettings: [{name: start_stp, value: 1}]}\n"
        "  parameters:\n"
        "    - name: lr\n"
        "      parameterType: double\n"
        "      feasibleSpace: {min: abc, list: [1]}\n"
        "    - name: lr\n"
        "      parameterType: int\n"
        "      feasibleSpace: {min: 5, max: 2}\n"
        "    - name: opt\n"
        "      parameterType: categorial\n"
        "    - name: act\n"
        "      parameterType: categorical\n"
        "      feasibleSpace: {list: [on, off], min: 1}\n"
        "  metricsCollectorSpec:\n"
        "    collector: {kind: Fil}\n"
        "  trialTemplate:\n"
        "    trialParameters: []\n"
        "    retain: perhaps\n",
        "exp.yaml:4:9: metadata.name: expected lower-case letters, digits and '-', from a letter to a letter or digit, "
        "at most 40 characters, got \"aB_\"\n"
        "exp.yaml:5:11: metadata.labels: expected a map, got a list\n"
        "exp.yaml:7:3: warning: spec.parallelTrialCont: unknown field; did you mean parallelTrialCount?\n"
        "exp.yaml:9:23: spec.parallelTrialCount: expected at most maxTrialCount = 2, got 3\n"
        "exp.yaml:10:24: spec.maxFailedTrialCount: expected an integer in [0, 2147483647], got -1\n"
        "exp.yaml:11:17: spec.resumePolicy: expected one of Never, LongRunning, FromVolume, got \"never\"; did you "
        "mean Never?\n"
        "exp.yaml:13:11: spec.objective.type: expected one of minimize, maximize, got \"minimise\"; did you mean "
        "minimize?\n"
        "exp.yaml:14:11: spec.objective.goal: expected a number, got \"low\"\n"
        "exp.yaml:15:29: spec.objective.additionalMetricNames[0]: expected a metric other than objectiveMetricName, "
        "got \"loss\"\n"
        "exp.yaml:15:40: spec.objective.additionalMetricNames[2]: expected different names, got \"acc\" again\n"
        "exp.yaml:18:20: spec.algorithm.algorithmName: expected the name of a search method, got \"randon\"; did you "
        "mean random?\n"
        "exp.yaml:19:73: spec.earlyStopping.algorithmSettings[0].name: unknown setting start_stp for algorithm "
        "medianstop; did you mean start_step?\n"
        "exp.yaml:23:22: spec.parameters[0].feasibleSpace.max: expected a number, got nothing\n"
        "exp.yaml:23:28: spec.parameters[0].feasibleSpace.min: expected a number, got \"abc\"\n"
        "exp.yaml:23:39: spec.parameters[0].feasibleSpace.list: expected no list for parameterType double\n"
        "exp.yaml:24:13: spec.parameters[1].name: expected different names, got \"lr\" again\n"
        "exp.yaml:26:28: spec.parameters[1].feasibleSpace.min: expected at most max = 2, got 5\n"
        "exp.yaml:28:22: spec.parameters[2].parameterType: expected one of double, int, discrete, categorical, got "
        "\"categorial\"; did you mean categorical?\n"
        "exp.yaml:31:30: warning: spec.parameters[3].feasibleSpace.list[0]: expected a text in quotes, got a plain on, "
        "which Kubernetes reads as a boolean\n"
        "exp.yaml:31:34: warning: spec.parameters[3].feasibleSpace.list[1]: expected a text in quotes, got a plain "
        "off, which Kubernetes reads as a boolean\n"
        "exp.yaml:31:45: spec.parameters[3].feasibleSpace.min: expected no min for parameterType categorical\n"
        "exp.yaml:33:23: spec.metricsCollectorSpec.collector.kind: expected one of StdOut, File, TensorFlowEvent, "
        "PrometheusMetric, Custom, Push, None, got \"Fil\"; did you mean File?\n"
        "exp.yaml:35:5: spec.trialTemplate.primaryContainerName: expected the name of a container, got nothing\n"
        "exp.yaml:35:5: spec.trialTemplate.trialSpec: expected trialSpec or configMap, got neither\n"
        "exp.yaml:36:13: spec.trialTemplate.retain: expected true or false, got \"perhaps\"\n");
}

static void bundle_parse__parts_that_are_missing__are_named(void **state)
{
    (void)state;
    assert_faults("apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nspec:\n",
                  "exp.yaml:1:1: metadata: expected metadata with a name, got nothing\n"
                  "exp.yaml:3:6: spec: expected what is tuned, got nothing\n");
}

static void bundle_parse__unknown_key__is_a_warning_and_strictly_an_error(void **state)
{
    static const char text[] = HEAD "  maxTrialCont: 3\n" OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB;
    const struct source_file file = { "/x/exp.yaml", "exp.yaml", text, sizeof text - 1 };
    struct bundle bundle;
    struct faults faults = { 0 };

    (void)state;
    assert_faults(text, "exp.yaml:6:3: warning: spec.maxTrialCont: unknown field; did you mean maxTrialCount?\n");
    assert_int_equal(bundle_parse(&bundle, &file, 1, NULL, NULL, true, &faults), ERR_INVALID);
    assert_int_equal(faults.n_errors, 1);
    bundle_release(&bundle);
    faults_release(&faults);
}

static void bundle_parse__name__is_held_to_the_whole_rule(void **state)
{
    static const struct {
        const char *name;
        bool is_good;
    } cases[] = {
        { "a", true },
        { "a-1", true },
        { "tune-2-layers", true },
        { "aB_", false },
        { "1a", false },
        { "-a", false },
        { "a-", false },
        { "a.b", false },
        { "abcdefghijabcdefghijabcdefghijabcdefghij", true },
        { "abcdefghijabcdefghijabcdefghijabcdefghijk", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reading reading;
        char *text = xasprintf("apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nmetadata: {name: '%s'}\nspec:\n%s",
                               cases[i].name, OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB);

        reading_parse(&reading, text, NULL, NULL, NULL);
        assert_int_equal(reading.code, cases[i].is_good ? 0 : ERR_INVALID);
        reading_release(&reading);
        free(text);
    }
}

static void bundle_parse__what_this_build_lacks__is_valid_and_named(void **state)
{
    struct reading reading;
    const struct spec *spec;

    (void)state;
    spec = reading_spec(&reading, HEAD OBJECTIVE
                        "    additionalMetricNames: [size]\n"
                        "  algorithm: {algorithmName: random}\n" PARAMETERS TEMPLATE_HEAD JOB "  hone:\n"
                        "    objectives: [{metricName: loss, type: minimize}, "
                        "{metricName: size, type: minimize, goal: 3}]\n"
                        "    constraints: [{metricName: size, max: 10}]\n"
                        "    seed: 7\n"
                        "    noisy: true\n"
                        "    enqueue: [{lr: 0.02}]\n"
                        "    warmStart: [{experiment: old}]\n"
                        "    timeoutSeconds: 1.5\n"
                        "    stopAfterNoProgress: 20\n"
                        "    retries: 2\n"
                        "    backoffSeconds: 0.5\n"
                        "    logLimit: 1Mi\n"
                        "    keep: best\n"
                        "    roles: [{name: worker, template: spec.template, replicas: 2, decides: true}]\n"
                        "    engine: slurm\n");
    assert_string_equal(spec->missing, "spec.hone.engine: slurm");
    assert_int_equal(spec->hone.patience, 20);
    assert_int_equal(spec_n_objectives(spec), 2);
    assert_int_equal(spec_aim(spec, 1).metric, 1);
    assert_close(spec_aim(spec, 1).goal, 3, 0);
    assert_int_equal(spec->objective.metrics[1].strategy, STRATEGY_MIN);
    assert_int_equal(spec->n_constraints, 1);
    assert_close(spec->constraints[0].max, 10, 0);
    assert_true(isinf(spec->constraints[0].min));
    assert_true(spec->hone.noisy);
    assert_int_equal(spec->n_enqueued, 1);
    assert_close(spec->enqueued[0], 0.02, 0);
    assert_string_equal(spec->warm[0].shown, "default/old");
    assert_true(spec->hone.has_seed);
    assert_int_equal(spec->hone.seed, 7);
    assert_close(spec->hone.timeout_s, 1.5, 0);
    assert_int_equal(spec->hone.retries, 2);
    assert_close(spec->hone.backoff_s, 0.5, 0);
    assert_int_equal(spec->hone.log_limit, 1 << 20);
    assert_int_equal(spec->hone.keep, KEEP_BEST);
    reading_release(&reading);
}

static void bundle_parse__hone_options_that_are_wrong__are_told(void **state)
{
    (void)state;
    assert_faults(
        HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
        "  hone:\n"
        "    objectives: [{metricName: other, type: maximize}]\n"
        "    constraints: [{metricName: loss}]\n"
        "    seed: -1\n"
        "    enqueue: [{lr: 7}, {rate: 1}, 3]\n"
        "    warmStart: [{experiment: a, file: b}, {namespace: c}]\n"
        "    timeoutSeconds: 0\n"
        "    logLimit: 1\n"
        "    keep: bst\n"
        "    roles: [{name: a, template: spec.nowhere}, {name: a}]\n"
        "    engine: locl\n",
        "exp.yaml:32:31: spec.hone.objectives[0].metricName: expected spec.objective's metric first, \"loss\", got "
        "\"other\"\n"
        "exp.yaml:32:44: spec.hone.objectives[0].type: expected spec.objective's type, minimize, got maximize\n"
        "exp.yaml:33:19: spec.hone.constraints[0]: expected min or max, got neither\n"
        "exp.yaml:34:11: spec.hone.seed: expected an integer of 0 or more, got -1\n"
        "exp.yaml:35:20: spec.hone.enqueue[0].lr: expected a number in [0.01, 0.05], got 7\n"
        "exp.yaml:35:25: spec.hone.enqueue[1].rate: expected the name of a parameter, got \"rate\"\n"
        "exp.yaml:35:35: spec.hone.enqueue[2]: expected a map, got a text\n"
        "exp.yaml:36:17: spec.hone.warmStart[0]: expected either experiment or file, got both\n"
        "exp.yaml:36:43: spec.hone.warmStart[1]: expected either experiment or file, got neither\n"
        "exp.yaml:36:55: spec.hone.warmStart[1].namespace: expected it beside an experiment\n"
        "exp.yaml:37:21: spec.hone.timeoutSeconds: expected a number above 0, got 0\n"
        "exp.yaml:38:15: spec.hone.logLimit: expected from 4Ki to 1Pi bytes, got 1\n"
        "exp.yaml:39:11: spec.hone.keep: expected one of all, best, failed, none, got \"bst\"; did you mean best?\n"
        "exp.yaml:40:12: warning: spec.hone.roles: has no meaning for the kind Job, whose pods are known\n"
        "exp.yaml:40:33: spec.hone.roles[0].template: expected the path of a pod template in trialSpec, got "
        "\"spec.nowhere\"\n"
        "exp.yaml:40:48: spec.hone.roles[1].template: expected the path of a pod template in trialSpec, got nothing\n"
        "exp.yaml:40:55: spec.hone.roles[1].name: expected different names, got \"a\" again\n"
        "exp.yaml:41:13: spec.hone.engine: expected one of local, slurm, kubernetes, client, got \"locl\"; did you "
        "mean "
        "local?\n");
}

static void bundle_parse__settings__are_read_by_the_rows_of_the_method(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, HEAD OBJECTIVE PARAMETERS TEMPLATE_HEAD JOB
                                           "  algorithm:\n"
                                           "    algorithmName: random\n"
                                           "    algorithmSettings: [{name: random_state, value: 10}]\n");
    const struct setting *row = setting_find(spec->method->settings, "random_state");

    (void)state;
    assert_non_null(row);
    assert_true(spec->settings[row - spec->method->settings].given);
    assert_close(spec->settings[row - spec->method->settings].number, 10, 0);
    reading_release(&reading);
    assert_faults(
        HEAD OBJECTIVE PARAMETERS TEMPLATE_HEAD JOB "  algorithm:\n"
                                                    "    algorithmName: random\n"
                                                    "    algorithmSettings:\n"
                                                    "      - {name: random_state, value: -1}\n"
                                                    "      - {name: random_stat, value: 1}\n"
                                                    "      - {name: random_state}\n"
                                                    "      - {value: 3}\n",
        "exp.yaml:32:37: spec.algorithm.algorithmSettings[0].value: random_state: expected an integer in [0, "
        "9007199254740992], got \"-1\"\n"
        "exp.yaml:33:16: spec.algorithm.algorithmSettings[1].name: unknown setting random_stat for algorithm random; "
        "did you mean random_state?\n"
        "exp.yaml:34:9: spec.algorithm.algorithmSettings[2].value: expected a value, got nothing\n"
        "exp.yaml:35:9: spec.algorithm.algorithmSettings[3].name: expected the name of a setting, got nothing\n");
}

static void bundle_parse__what_the_method_cannot_take__is_told(void **state)
{
    struct reading reading;

    (void)state;
    reading_parse(&reading, HEAD OBJECTIVE "  algorithm: {algorithmName: grid}\n" PARAMETERS TEMPLATE_HEAD JOB, NULL,
                  NULL, NULL);
    assert_int_equal(reading.faults.n_errors, 1);
    assert_contains(text_string(&reading.printed), "exp.yaml:9:30: spec.algorithm.algorithmName: ");
    assert_contains(text_string(&reading.printed), "lr");
    reading_release(&reading);
}

static void bundle_parse__setting_that_the_method_refuses__is_told_at_its_value(void **state)
{
    (void)state;
    assert_faults(
        HEAD OBJECTIVE PARAMETERS TEMPLATE_HEAD JOB "  algorithm:\n"
                                                    "    algorithmName: hyperband\n"
                                                    "    algorithmSettings:\n"
                                                    "      - {name: r_l, value: 9}\n"
                                                    "      - {name: resource_name, value: nowhere}\n",
        "exp.yaml:33:38: spec.algorithm.algorithmSettings[1].value: value of resource_name setting must be in "
        "parameters.\n");
}

static void bundle_parse__method_that_this_build_lacks__is_valid_and_named(void **state)
{
    struct reading reading;

    (void)state;
    for (size_t i = 0; suggest_methods[i] != NULL; i++) {
        if (suggest_methods[i]->create == NULL && suggest_methods[i]->check == NULL) {
            char *text = xasprintf(HEAD OBJECTIVE PARAMETERS "  algorithm: {algorithmName: %s}\n%s",
                                   suggest_methods[i]->name, TEMPLATE_HEAD JOB);
            char *want = xasprintf("spec.algorithm.algorithmName: %s", suggest_methods[i]->name);

            assert_string_equal(reading_spec(&reading, text)->missing, want);
            reading_release(&reading);
            free(want);
            free(text);
        }
    }
}

static void bundle_parse__collectors__take_what_katib_gives_them(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
                                           "  metricsCollectorSpec: {collector: {kind: File}, source: {fileSystemPath: "
                                           "{path: /k/m.json, format: JSON}}}\n");

    (void)state;
    assert_string_equal(spec->collector.path, "/k/m.json");
    assert_int_equal(spec->collector.format, FORMAT_JSON);
    assert_int_equal(spec->collector.n_filters, 0);
    reading_release(&reading);
    spec = reading_spec(&reading, HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
                        "  metricsCollectorSpec: {collector: {kind: TensorFlowEvent}}\n");
    assert_string_equal(spec->collector.path, "/var/log/katib/tfevent/");
    reading_release(&reading);
    assert_faults(
        HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
        "  metricsCollectorSpec:\n"
        "    collector: {kind: File, customCollector: {name: x}}\n"
        "    source:\n"
        "      fileSystemPath: {path: rel, kind: Directory, format: JSON}\n"
        "      filter: {metricsFormat: ['(a)=(b)']}\n"
        "      httpGet: {}\n",
        "exp.yaml:32:46: warning: spec.metricsCollectorSpec.collector.customCollector: has no meaning for the "
        "collector File\n"
        "exp.yaml:34:30: spec.metricsCollectorSpec.source.fileSystemPath.path: expected an absolute path, got \"rel\"\n"
        "exp.yaml:34:41: spec.metricsCollectorSpec.source.fileSystemPath.kind: expected File for the collector File, "
        "got Directory\n"
        "exp.yaml:35:15: spec.metricsCollectorSpec.source.filter: expected no filter for the format JSON\n"
        "exp.yaml:36:16: warning: spec.metricsCollectorSpec.source.httpGet: has no meaning for the collector File\n");
    assert_faults(HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
                  "  metricsCollectorSpec: {collector: {kind: TensorFlowEvent}, source: {fileSystemPath: {kind: File, "
                  "format: TEXT}}}\n"
                  "  nasConfig: {graphConfig: {numLayers: 1}, operations: [{operationType: skip_connection}]}\n",
                  "exp.yaml:31:94: spec.metricsCollectorSpec.source.fileSystemPath.kind: expected Directory for the "
                  "collector TensorFlowEvent, got File\n"
                  "exp.yaml:31:108: spec.metricsCollectorSpec.source.fileSystemPath.format: expected no format for the "
                  "collector TensorFlowEvent\n"
                  "exp.yaml:32:14: spec.nasConfig: expected only one of parameters and nasConfig, got both\n");
    assert_faults(
        HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
        "  metricsCollectorSpec: {collector: {kind: Custom}, source: {filter: {metricsFormat: ['(a)=(b)']}}}\n",
        "exp.yaml:31:37: spec.metricsCollectorSpec.collector.customCollector: expected a container, got nothing\n");
    assert_faults(
        HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
        "  metricsCollectorSpec: {collector: {kind: Custom, customCollector: {comand: [a], workingDir: b}}}\n",
        "exp.yaml:31:69: spec.metricsCollectorSpec.collector.customCollector.name: expected a value, got nothing: it "
        "must be specified\n"
        "exp.yaml:31:70: warning: spec.metricsCollectorSpec.collector.customCollector.comand: unknown field; did you "
        "mean command?\n"
        "exp.yaml:31:95: spec.metricsCollectorSpec.collector.customCollector.workingDir: expected an absolute path "
        "without .., got \"b\"\n");
    assert_faults(
        HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
        "  metricsCollectorSpec: {collector: {kind: PrometheusMetric}, source: {httpGet: {path: x, port: 0, host: "
        "y}}}\n",
        "exp.yaml:31:88: spec.metricsCollectorSpec.source.httpGet.path: expected a path from a slash, got \"x\"\n"
        "exp.yaml:31:97: spec.metricsCollectorSpec.source.httpGet.port: expected an integer in [1, 65535], got 0\n"
        "exp.yaml:31:106: warning: spec.metricsCollectorSpec.source.httpGet.host: expected a text in quotes, got a "
        "plain y, which Kubernetes reads as a boolean\n"
        "exp.yaml:31:106: warning: spec.metricsCollectorSpec.source.httpGet.host: has no meaning: Katib does not use "
        "it either\n");
}

static void bundle_parse__filters_that_are_wrong__are_told_each(void **state)
{
    struct reading reading;

    (void)state;
    reading_parse(&reading,
                  HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB
                  "  metricsCollectorSpec: {source: {filter: {metricsFormat: ['(a)=(b', '(a)=(b)', 'x']}}}\n",
                  NULL, NULL, NULL);
    assert_int_equal(reading.faults.n_errors, 2);
    assert_contains(text_string(&reading.printed),
                    "exp.yaml:31:60: spec.metricsCollectorSpec.source.filter.metricsFormat[0]: expected ");
    assert_contains(text_string(&reading.printed),
                    "exp.yaml:31:81: spec.metricsCollectorSpec.source.filter.metricsFormat[2]: expected ");
    reading_release(&reading);
}

static void bundle_parse__parts_of_another_kind__are_told_once(void **state)
{
    (void)state;
    assert_faults(HEAD "  objective: 1\n  algorithm: []\n  parameters: [3, null]\n  trialTemplate: x\n"
                       "  metricsCollectorSpec: {collector: 1, source: []}\n  hone: {warmStart: {}, roles: [x]}\n"
                       "  earlyStopping: 1\n  maxTrialCount: []\n",
                  "exp.yaml:6:14: spec.objective: expected a map, got \"1\"\n"
                  "exp.yaml:7:14: spec.algorithm: expected a map, got a list\n"
                  "exp.yaml:8:16: spec.parameters[0]: expected a map, got \"3\"\n"
                  "exp.yaml:8:19: spec.parameters[1]: expected a map, got nothing\n"
                  "exp.yaml:9:18: spec.trialTemplate: expected a map, got \"x\"\n"
                  "exp.yaml:10:37: spec.metricsCollectorSpec.collector: expected a map, got \"1\"\n"
                  "exp.yaml:10:48: spec.metricsCollectorSpec.source: expected a map, got a list\n"
                  "exp.yaml:11:21: spec.hone.warmStart: expected a list, got a map\n"
                  "exp.yaml:11:33: spec.hone.roles[0]: expected a map, got \"x\"\n"
                  "exp.yaml:12:18: spec.earlyStopping: expected a map, got \"1\"\n"
                  "exp.yaml:13:18: spec.maxTrialCount: expected an integer in [1, 2147483647], got a list\n");
}

static void bundle_parse__parameters_that_are_wrong__are_told(void **state)
{
    (void)state;
    assert_faults(
        HEAD OBJECTIVE ALGORITHM
        "  parameters:\n"
        "    - {name: a, parameterType: double, feasibleSpace: {min: 0, max: 1, distribution: logUniform}}\n"
        "    - {name: b, parameterType: int, feasibleSpace: {min: 0.5, max: 3, step: 0}}\n"
        "    - {name: c, parameterType: categorical, feasibleSpace: {list: []}}\n"
        "    - {name: d, parameterType: discrete, feasibleSpace: {list: [1, x, 1.0], distribution: normal}}\n"
        "    - {name: e, parameterType: categorical, feasibleSpace: {list: [u, v, u]}}\n"
        "    - {name: f, parameterType: categorical, feasibleSpace: {list: [u, v]}, condition: {parameter: g, in: "
        "[u]}}\n"
        "    - {name: g, parameterType: categorical, feasibleSpace: {list: [u, v]}, condition: {parameter: f}}\n"
        "    - {name: h, parameterType: int, feasibleSpace: {min: 1, max: 2}, condition: {parameter: f, in: [w], min: "
        "3}}\n"
        "    - {name: good, parameterType: categorical, feasibleSpace: {list: [u, v]}}\n"
        "    - {name: i, parameterType: int, feasibleSpace: {min: 1, max: 2}, condition: {parameter: good, in: [w]}}\n"
        "    - {name: j, parameterType: int, feasibleSpace: {min: 1, max: 2}, condition: {parameter: good, min: 3}}\n"
        "    - {name: k, parameterType: int, feasibleSpace: 3, condition: {parameter: god, in: []}}\n"
        "  trialTemplate: 3\n",
        "exp.yaml:12:61: spec.parameters[0].feasibleSpace.min: expected a number above 0 for logUniform, got 0\n"
        "exp.yaml:13:58: spec.parameters[1].feasibleSpace.min: expected a whole number, got \"0.5\"\n"
        "exp.yaml:13:77: spec.parameters[1].feasibleSpace.step: expected a number above 0, got 0\n"
        "exp.yaml:14:67: spec.parameters[2].feasibleSpace.list: expected at least one value, got none\n"
        "exp.yaml:15:68: spec.parameters[3].feasibleSpace.list[1]: expected a number, got \"x\"\n"
        "exp.yaml:15:91: warning: spec.parameters[3].feasibleSpace.distribution: has no meaning for parameterType "
        "discrete\n"
        "exp.yaml:16:67: spec.parameters[4].feasibleSpace.list: expected different values, got \"u\" twice\n"
        "exp.yaml:17:99: spec.parameters[5].condition.parameter: expected the name of an earlier parameter, got \"g\"\n"
        "exp.yaml:18:87: spec.parameters[6].condition: expected either in, or min and max, got neither\n"
        "exp.yaml:19:81: spec.parameters[7].condition: expected either in, or min and max, got both\n"
        "exp.yaml:21:104: spec.parameters[9].condition.in[0]: good: expected one of its 2 values, got \"w\"\n"
        "exp.yaml:22:93: spec.parameters[10].condition.parameter: expected a parameter with numbers for min and max, "
        "got the categorical \"good\"\n"
        "exp.yaml:23:52: spec.parameters[11].feasibleSpace: expected a map, got \"3\"\n"
        "exp.yaml:23:78: spec.parameters[11].condition.parameter: expected the name of an earlier parameter, got "
        "\"god\"; did you mean good?\n"
        "exp.yaml:24:18: spec.trialTemplate: expected a map, got \"3\"\n");
}

static void bundle_parse__misspelt_job_field__is_an_error(void **state)
{
    struct reading reading;

    (void)state;
    reading_parse(&reading, HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB "                imagee: x\n", NULL,
                  NULL, NULL);
    assert_int_equal(reading.faults.n_errors, 1);
    assert_contains(text_string(&reading.printed),
                    "spec.trialTemplate.trialSpec.spec.template.spec.containers[0].imagee: ");
    reading_release(&reading);
}

static void bundle_parse__very_many_members__end_in_bounded_time(void **state)
{
    struct reading reading;
    struct text text = { 0 };

    (void)state;
    text_add(&text, HEAD OBJECTIVE ALGORITHM "  parameters:\n");
    for (int i = 0; i < 7000; i++)
        text_printf(&text, "    - {name: p%d, parameterType: int, feasibleSpace: {min: 1, max: 2}}\n", i);
    reading_parse(&reading, text_string(&text), NULL, NULL, NULL);
    assert_contains(text_string(&reading.printed), "spec.parameters: expected at most 2000 members, got 7000\n");
    reading_release(&reading);
    text_clear(&text);
    text_add(&text, HEAD OBJECTIVE ALGORITHM
             "  parameters:\n    - {name: a, parameterType: discrete, feasibleSpace: {list: [0");
    for (int i = 1; i < 90000; i++)
        text_printf(&text, ",%d", i);
    text_add(&text, "]}}\n");
    reading_parse(&reading, text_string(&text), NULL, NULL, NULL);
    assert_contains(text_string(&reading.printed), "feasibleSpace.list: expected at most 4096 members, got 90000\n");
    reading_release(&reading);
    text_release(&text);
}

static void bundle_parse__unknown_job_kind__is_taken_and_missing(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD
                                           "    successCondition: status.[@this].#(phase==\"Succeeded\")#\n"
                                           "    failureCondition: status.[@this].#(phase==\"Failed\")#\n"
                                           "    trialSpec:\n"
                                           "      apiVersion: argoproj.io/v1alpha1\n"
                                           "      kind: Workflow\n"
                                           "      spec: {x: \"${trialParameters.rate}\"}\n");

    (void)state;
    assert_string_equal(
        text_string(&reading.printed),
        "exp.yaml:24:13: warning: spec.trialTemplate.trialSpec.kind: the job kind argoproj.io/v1alpha1 Workflow "
        "is not known: its fields are not checked, and spec.hone.roles must name its pods\n");
    assert_null(spec->template.kind);
    assert_string_equal(spec->missing, "spec.trialTemplate.trialSpec.kind: Workflow");
    reading_release(&reading);
}

static void bundle_parse__template_faults__are_told(void **state)
{
    (void)state;
    assert_faults(
        HEAD OBJECTIVE ALGORITHM PARAMETERS
        "  trialTemplate:\n"
        "    primaryContainerName: mainn\n"
        "    successCondition: status.#(\n"
        "    trialParameters:\n"
        "      - {name: rate, reference: lr}\n"
        "      - {name: rate, reference: lr}\n"
        "      - {name: \"a{b\"}\n"
        "    trialSpec:\n"
        "      apiVersion: argoproj.io/v1alpha1\n"
        "      kind: Workflow\n"
        "      metadata: {name: x, namespace: y}\n"
        "      spec: {containers: [{name: main, args: [\"${trialParameters.rate}\"]}]}\n",
        "exp.yaml:16:5: spec.trialTemplate.failureCondition: expected a GJSON path, for this kind has no default, got "
        "nothing\n"
        "exp.yaml:16:27: warning: spec.trialTemplate.primaryContainerName: expected the name of a container of the "
        "template, got \"mainn\"; did you mean main?\n"
        "exp.yaml:17:23: spec.trialTemplate.successCondition: expected a GJSON path, got \"status.#(\": expected a "
        "closing bracket, got #(\n"
        "exp.yaml:20:16: spec.trialTemplate.trialParameters[1].name: expected different names, got \"rate\" again\n"
        "exp.yaml:20:33: spec.trialTemplate.trialParameters[1].reference: expected different references, got \"lr\" "
        "again\n"
        "exp.yaml:21:9: spec.trialTemplate.trialParameters[2].reference: expected the name of a search parameter or "
        "${trialSpec...}, got nothing\n"
        "exp.yaml:21:16: spec.trialTemplate.trialParameters[2].name: expected a name without { and }, got \"a{b\"\n"
        "exp.yaml:24:13: warning: spec.trialTemplate.trialSpec.kind: the job kind argoproj.io/v1alpha1 Workflow is not "
        "known: its fields are not checked, and spec.hone.roles must name its pods\n"
        "exp.yaml:25:24: spec.trialTemplate.trialSpec.metadata.name: must be omitted: each trial gets its own\n"
        "exp.yaml:25:38: spec.trialTemplate.trialSpec.metadata.namespace: must be omitted: each trial gets its own\n");
}

static void bundle_parse__config_map__is_found_in_either_file_or_missed(void **state)
{
    static const char text[] = HEAD OBJECTIVE ALGORITHM PARAMETERS
        "  trialTemplate:\n"
        "    primaryContainerName: main\n"
        "    successCondition: a\n"
        "    failureCondition: b\n"
        "    trialParameters: [{name: rate, reference: lr}]\n"
        "    configMap: {configMapName: t, configMapNamespace: lab, templatePath: job.yaml}\n";
    static const char map[] =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t, namespace: lab}\n"
        "data:\n  job.yaml: |\n    apiVersion: batch/v1\n    kind: Job\n    spec: {template: {spec: "
        "{restartPolicy: Never, containers: [{name: main, image: i, args: "
        "[\"${trialParameters.rate}\", \"${trialParameters.x}\"]}]}}}\n";
    struct reading reading;

    (void)state;
    reading_parse(&reading, text, map, NULL, NULL);
    assert_string_equal(text_string(&reading.printed),
                        "ConfigMap lab/t: job.yaml:3:118: spec.template.spec.containers[0].args[1]: expected a name of "
                        "trialParameters, got ${trialParameters.x}\n");
    reading_release(&reading);
    assert_faults(
        text,
        "exp.yaml:20:32: spec.trialTemplate.configMap.configMapName: expected a ConfigMap document t in namespace "
        "lab, in this file or one of --with, got none\n");
}

static void bundle_parse__several_documents__are_sorted_by_kind(void **state)
{
    struct reading reading;
    char *text = xasprintf(
        "%s---\n%s---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: hidden}\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
        minimal,
        "apiVersion: kubeflow.org/v1beta1\nkind: Experiment\nmetadata: {name: other, namespace: lab}\n"
        "spec:\n" OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB);

    (void)state;
    reading_parse(&reading, text, minimal, NULL, "team");
    assert_int_equal(reading.code, 0);
    assert_int_equal(reading.faults.n_warnings, 2);
    assert_contains(text_string(&reading.printed), "warning: kind: a document of kind Service is passed over\n");
    assert_contains(text_string(&reading.printed),
                    "with.yaml:2:7: warning: kind: expected ConfigMaps and Secrets in a file of "
                    "--with, got an Experiment: it is passed over\n");
    assert_int_equal(reading.bundle.n_specs, 2);
    assert_string_equal(reading.bundle.specs[0]->namespace, "team");
    assert_string_equal(reading.bundle.specs[1]->namespace, "lab");
    assert_non_null(bundle_resource(&reading.bundle, "Secret", "team", "s"));
    assert_null(bundle_resource(&reading.bundle, "Secret", "lab", "s"));
    assert_null(bundle_resource(&reading.bundle, "ConfigMap", "team", "s"));
    reading_release(&reading);
    free(text);
}

static void bundle_parse__documents_that_cannot_be_used__are_told(void **state)
{
    (void)state;
    assert_faults("", "exp.yaml: expected an Experiment (apiVersion kubeflow.org/v1beta1), got none\n");
    assert_faults("[1]\n---\nkind: [x]\n---\napiVersion: kubeflow.org/v1alpha3\nkind: Experiment\n---\n"
                  "apiVersion: v1\nkind: Secret\nmetadata: {}\ndata: {a: \"no base64!\"}\n",
                  "exp.yaml:1:1: expected a document with apiVersion and kind, got a list\n"
                  "exp.yaml:3:7: kind: expected a document with apiVersion and kind, got a list\n"
                  "exp.yaml:5:13: apiVersion: expected kubeflow.org/v1beta1, got kubeflow.org/v1alpha3\n"
                  "exp.yaml:10:11: metadata.name: expected a name, got nothing\n"
                  "exp.yaml:11:11: data.a: expected base64 (stringData takes plain text)\n");
    assert_faults("kind: Experimnt\n",
                  "exp.yaml: expected an Experiment (apiVersion kubeflow.org/v1beta1), got none\n"
                  "exp.yaml:1:7: warning: kind: a document of kind Experimnt is passed over; did you mean "
                  "Experiment?\n");
}

static void bundle_parse__same_name_twice__is_refused_within_a_namespace(void **state)
{
    struct reading reading;
    char *text = xasprintf("%s---\n%s", minimal, minimal);

    (void)state;
    reading_parse(&reading, text, NULL, NULL, NULL);
    assert_contains(text_string(&reading.printed),
                    "metadata.name: expected different names, got \"tune\" again in namespace default\n");
    assert_int_equal(reading.faults.n_errors, 1);
    reading_release(&reading);
    free(text);
}

static size_t differences(const char *old_text, const char *new_text, struct text *out, bool *only_budget)
{
    struct reading old, new;
    const struct spec *old_spec = reading_spec(&old, old_text), *new_spec = reading_spec(&new, new_text);
    size_t n = spec_differences(old_spec, new_spec, out, only_budget);

    reading_release(&new);
    reading_release(&old);
    return n;
}

static void spec_differences__other_spelling__is_no_difference(void **state)
{
    struct text out = { 0 };
    bool only_budget;

    (void)state;
    assert_int_equal(
        differences(
            minimal,
            "kind: Experiment\napiVersion: kubeflow.org/v1beta1\n"
            "metadata: {name: tune, namespace: default, uid: abc, annotations: {a: b}}\n"
            "spec:\n  parallelTrialCount: '3'\n  resumePolicy: Never\n"
            "  metricsCollectorSpec: {collector: {kind: StdOut}}\n" ALGORITHM
            "  objective: {objectiveMetricName: loss, type: minimize, metricStrategies: [{name: loss, value: min}]}\n"
            "  parameters: [{name: lr, parameterType: double, feasibleSpace: {min: '0.01', max: 0.05, distribution: "
            "uniform}}]\n" TEMPLATE_HEAD "    retain: null\n" JOB "status: {x: y}\n",
            &out, &only_budget),
        0);
    assert_true(only_budget);
    assert_string_equal(text_string(&out), "");
    text_release(&out);
}

static void spec_differences__budget_and_fields__are_told_apart(void **state)
{
    static const char a[] = HEAD "  maxTrialCount: 4\n" OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB;
    static const char b[] = HEAD
        "  maxTrialCount: 9\n  maxFailedTrialCount: 1\n" OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB;
    static const char c[] = HEAD "  maxTrialCount: 4\n" OBJECTIVE "    goal: 0.5\n"
                                 "  algorithm: {algorithmName: sobol}\n" PARAMETERS TEMPLATE_HEAD JOB_HEAD
                                 "                command: [train, \"--lr=${trialParameters.rate}\", -v]\n";
    struct text out = { 0 };
    bool only_budget;

    (void)state;
    assert_int_equal(differences(a, b, &out, &only_budget), 2);
    assert_true(only_budget);
    assert_string_equal(text_string(&out), "spec.maxTrialCount: 4 -> 9\nspec.maxFailedTrialCount: nothing -> 1\n");
    text_clear(&out);
    assert_int_equal(differences(a, c, &out, &only_budget), 3);
    assert_false(only_budget);
    assert_string_equal(
        text_string(&out),
        "spec.objective.goal: nothing -> 0.5\n"
        "spec.algorithm.algorithmName: \"random\" -> \"sobol\"\n"
        "spec.trialTemplate.trialSpec.spec.template.spec.containers[0].command[2]: nothing -> \"-v\"\n");
    text_release(&out);
}

static void spec_to_node__defaults__are_filled_in_as_katib_does(void **state)
{
    struct reading reading;
    struct arena arena = { 0 };
    struct text out = { 0 };
    struct node *node = spec_to_node(reading_spec(&reading, minimal), &arena);

    (void)state;
    node_remove(node_path(node, "spec.trialTemplate"), "trialSpec");
    yaml_write(node, &out);
    assert_string_equal(text_string(&out),
                        "apiVersion: kubeflow.org/v1beta1\n"
                        "kind: Experiment\n"
                        "metadata:\n"
                        "  name: tune\n"
                        "  namespace: default\n"
                        "spec:\n"
                        "  objective:\n"
                        "    type: minimize\n"
                        "    objectiveMetricName: loss\n"
                        "    metricStrategies:\n"
                        "    - name: loss\n"
                        "      value: min\n"
                        "  algorithm:\n"
                        "    algorithmName: random\n"
                        "  parameters:\n"
                        "  - name: lr\n"
                        "    parameterType: double\n"
                        "    feasibleSpace:\n"
                        "      min: \"0.01\"\n"
                        "      max: \"0.05\"\n"
                        "      distribution: uniform\n"
                        "  trialTemplate:\n"
                        "    primaryContainerName: main\n"
                        "    trialParameters:\n"
                        "    - name: rate\n"
                        "      reference: lr\n"
                        "    successCondition: status.conditions.#(type==\"Complete\")#|#(status==\"True\")#\n"
                        "    failureCondition: status.conditions.#(type==\"Failed\")#|#(status==\"True\")#\n"
                        "  parallelTrialCount: 3\n"
                        "  resumePolicy: Never\n"
                        "  metricsCollectorSpec:\n"
                        "    collector:\n"
                        "      kind: StdOut\n");
    text_release(&out);
    arena_release(&arena);
    reading_release(&reading);
}

/* Experiments that hold every field of the table between them, none of them unknown to the reader. */
static const char *const all_fields[] = {
    "apiVersion: kubeflow.org/v1beta1\n"
    "kind: Experiment\n"
    "metadata: {name: a, namespace: b, labels: {k: v}, annotations: {k: v}, uid: x, resourceVersion: '1', generation: "
    "1, "
    "creationTimestamp: x, finalizers: [x], managedFields: [{}], ownerReferences: [{}], selfLink: x}\n"
    "spec:\n"
    "  parallelTrialCount: 1\n"
    "  maxTrialCount: 5\n"
    "  maxFailedTrialCount: 2\n"
    "  resumePolicy: LongRunning\n"
    "  objective: {type: minimize, goal: 1, objectiveMetricName: loss, additionalMetricNames: [acc], metricStrategies: "
    "[{name: acc, "
    "value: max}]}\n"
    "  algorithm: {algorithmName: random, algorithmSettings: [{name: random_state, value: 3}]}\n"
    "  earlyStopping: {algorithmName: medianstop, algorithmSettings: [{name: start_step, value: 3}]}\n"
    "  parameters:\n"
    "    - {name: lr, parameterType: double, feasibleSpace: {min: 0, max: 1, step: 0.5, distribution: normal}}\n"
    "    - {name: o, parameterType: categorical, feasibleSpace: {list: [x, z]}, condition: {parameter: lr, min: 0, "
    "max: 0.5}}\n"
    "    - {name: p, parameterType: categorical, feasibleSpace: {list: [x, z]}, condition: {parameter: o, in: [x]}}\n"
    "  metricsCollectorSpec:\n"
    "    collector: {kind: File}\n"
    "    source: {filter: {metricsFormat: ['(a)=(b)']}, fileSystemPath: {path: /x, kind: File, format: TEXT}}\n"
    "  trialTemplate:\n"
    "    primaryContainerName: main\n"
    "    primaryPodLabels: {k: v}\n"
    "    successCondition: a\n"
    "    failureCondition: b\n"
    "    retain: true\n"
    "    trialParameters: [{name: a, description: d, reference: lr}, {name: b, reference: o}, {name: c, reference: "
    "p}]\n" JOB_HEAD
    "                args: [\"${trialParameters.a}\", \"${trialParameters.b}\", \"${trialParameters.c}\"]\n"
    "  hone:\n"
    "    objectives: [{metricName: loss, type: minimize, goal: 1}]\n"
    "    constraints: [{metricName: acc, min: 1, max: 10}]\n"
    "    seed: 7\n"
    "    noisy: true\n"
    "    enqueue: [{lr: 0.5}]\n"
    "    warmStart: [{experiment: old, namespace: x}, {file: x.csv}]\n"
    "    timeoutSeconds: 1.5\n"
    "    stopAfterNoProgress: 20\n"
    "    retries: 2\n"
    "    backoffSeconds: 0.5\n"
    "    logLimit: 1Mi\n"
    "    keep: best\n"
    "    roles: [{name: worker, template: spec.template, replicas: 2, decides: true}]\n"
    "    engine: local\n"
    "status: {}\n",

    HEAD OBJECTIVE "  algorithm: {algorithmName: enas}\n"
                   "  nasConfig:\n"
                   "    graphConfig: {numLayers: 1, inputSizes: [3], outputSizes: [3]}\n"
                   "    operations:\n"
                   "      - operationType: convolution\n"
                   "        parameters:\n"
                   "          - {name: a, parameterType: categorical, feasibleSpace: {list: ['3']}}\n"
                   "          - {name: b, parameterType: double, feasibleSpace: {min: '1', max: '2', step: '1', "
                   "distribution: uniform}}\n"
                   "  metricsCollectorSpec:\n"
                   "    collector: {kind: PrometheusMetric}\n"
                   "    source: {httpGet: {path: /x, port: 1, host: h, scheme: s, httpHeaders: [{}]}}\n"
                   "  trialTemplate:\n"
                   "    primaryContainerName: main\n"
                   "    trialParameters: [{name: a, reference: architecture}]\n" JOB_HEAD
                   "                args: [\"${trialParameters.a}\"]\n"
                   "  hone: {skips: false}\n",

    HEAD OBJECTIVE ALGORITHM PARAMETERS
    "  metricsCollectorSpec: {collector: {kind: Custom, customCollector: {name: x, image: y}}}\n"
    "  trialTemplate:\n"
    "    primaryContainerName: main\n"
    "    successCondition: a\n"
    "    failureCondition: b\n"
    "    trialParameters: [{name: a, reference: lr}]\n"
    "    configMap: {configMapName: m, configMapNamespace: n, templatePath: t}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: ConfigMap\n"
    "metadata: {name: m, namespace: n}\n"
    "data: {t: 'apiVersion: x/v1\n\n    kind: Y\n\n    z: \"${trialParameters.a}\"'}\n",
};
static const char image_map[] = "images: [{match: x, workingDir: ., entrypoint: [a], paths: {/a: b}, env: {A: b}}]\n";

static struct node *read_documents(const char *text, struct arena *arena)
{
    struct faults faults = { 0 };
    struct node *documents;

    assert_int_equal(yaml_read(text, strlen(text), NULL, arena, &faults, &documents), 0);
    return documents;
}

/* Is there a node at a path of the table? Members of a list are tried one after another. */
static bool holds_path(const struct node *node, const char *path)
{
    size_t length = strcspn(path, ".[");
    char *key = strndup(path, length);
    const struct node *child = node_get(node, key);
    bool found = child != NULL && path[length] == '\0';

    free(key);
    path += length;
    if (child != NULL && text_starts_with(path, "[].")) {
        for (size_t i = 0; i < child->length && !found; i++)
            found = holds_path(child->items[i], path + strlen("[]."));
    } else if (child != NULL && *path == '.') {
        found = holds_path(child, path + 1);
    }
    return found;
}

static void experiment_fields__every_row__is_one_that_the_reader_takes(void **state)
{
    struct arena arena = { 0 };
    const size_t n = sizeof all_fields / sizeof *all_fields;

    (void)state;
    for (const struct field_help *field = experiment_fields; field->path != NULL; field++) {
        bool found = holds_path(read_documents(image_map, &arena)->items[0], field->path);

        for (size_t i = 0; i < n; i++)
            found = found || holds_path(read_documents(all_fields[i], &arena)->items[0], field->path);
        if (!found)
            print_error("no test file holds %s\n", field->path);
        assert_true(found);
    }
    for (size_t i = 0; i < n; i++) {
        struct reading reading;

        reading_parse(&reading, all_fields[i], NULL, image_map, NULL);
        assert_null(strstr(text_string(&reading.printed), "unknown field"));
        if (reading.code < 0)
            print_error("%s", text_string(&reading.printed));
        assert_int_equal(reading.code, 0);
        reading_release(&reading);
    }
    arena_release(&arena);
}

/* The document with one more key in one of its maps must give "unknown field" for it: the reader closes every map that it
   reads. */
static size_t poison_maps(const struct node *root, struct node *node, const char *path, const char *rest,
                          struct arena *arena)
{
    const struct field_help *field = explain_find(path);
    size_t n = 0;

    if (node->kind == NODE_LIST) {
        for (size_t i = 0; i < node->length; i++)
            n += poison_maps(root, node->items[i], arena_printf(arena, "%s[%zu]", path, i), rest, arena);
    } else if (node->kind == NODE_MAP && (field == NULL || strstr(field->type, "object") != NULL)) {
        struct reading reading;
        struct text text = { 0 };
        char *want = xasprintf("%s%szzz: unknown field", path, *path != '\0' ? "." : "");

        node_set(arena, node, "zzz", node_text(arena, "1"));
        yaml_write(root, &text);
        text_add(&text, rest);
        reading_parse(&reading, text_string(&text), NULL, NULL, NULL);
        assert_contains(text_string(&reading.printed), want);
        node_remove(node, "zzz");
        reading_release(&reading);
        text_release(&text);
        free(want);
        n = 1;
        for (size_t i = 0; i < node->length; i++)
            n += poison_maps(root, node->items[i],
                             arena_printf(arena, "%s%s%s", path, *path != '\0' ? "." : "", node->keys[i]->text), rest,
                             arena);
    }
    return n;
}

static void bundle_parse__unknown_key_in_any_map__is_noted(void **state)
{
    struct arena arena = { 0 };
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof all_fields / sizeof *all_fields; i++) {
        const char *rest = strstr(all_fields[i], "---\n");
        struct node *root = read_documents(all_fields[i], &arena)->items[0];

        n += poison_maps(root, root, "", rest != NULL ? rest : "", &arena);
    }
    assert_true(n > 40);
    arena_release(&arena);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void bundle_parse__katib_examples__all_validate(void **state)
{
    struct dirent **names;
    char *directory;
    int n, n_read = 0;

    (void)state;
    if (test_data() == NULL)
        skip();
    directory = file_join(test_data(), "katib-examples");
    n = scandir(directory, &names, NULL, by_name);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        if (text_ends_with(names[i]->d_name, ".yaml")) {
            char *path = file_join(directory, names[i]->d_name);
            struct text text = { 0 };
            struct reading reading;

            assert_int_equal(file_read(path, YAML_SIZE_LIMIT, &text), 0);
            reading_spec(&reading, text_string(&text));
            if (reading.printed.length > 0) /* it allows 3 failed trials of 2 */
                assert_string_equal(names[i]->d_name, "simple-pbt.yaml");
            n_read++;
            reading_release(&reading);
            text_release(&text);
            free(path);
        }
        free(names[i]);
    }
    assert_true(n_read >= 15);
    free(names);
    free(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bundle_parse__smallest_experiment__gets_katib_defaults),
        cmocka_unit_test(bundle_parse__max_below_three__lowers_the_default_of_parallel),
        cmocka_unit_test(bundle_parse__strategies__default_by_type_and_yield_to_the_file),
        cmocka_unit_test(bundle_parse__every_kind_of_parameter__becomes_a_typed_one),
        cmocka_unit_test(bundle_parse__many_faults__are_all_found_with_their_places),
        cmocka_unit_test(bundle_parse__parts_that_are_missing__are_named),
        cmocka_unit_test(bundle_parse__unknown_key__is_a_warning_and_strictly_an_error),
        cmocka_unit_test(bundle_parse__name__is_held_to_the_whole_rule),
        cmocka_unit_test(bundle_parse__what_this_build_lacks__is_valid_and_named),
        cmocka_unit_test(bundle_parse__hone_options_that_are_wrong__are_told),
        cmocka_unit_test(bundle_parse__settings__are_read_by_the_rows_of_the_method),
        cmocka_unit_test(bundle_parse__what_the_method_cannot_take__is_told),
        cmocka_unit_test(bundle_parse__setting_that_the_method_refuses__is_told_at_its_value),
        cmocka_unit_test(bundle_parse__method_that_this_build_lacks__is_valid_and_named),
        cmocka_unit_test(bundle_parse__collectors__take_what_katib_gives_them),
        cmocka_unit_test(bundle_parse__filters_that_are_wrong__are_told_each),
        cmocka_unit_test(bundle_parse__parts_of_another_kind__are_told_once),
        cmocka_unit_test(bundle_parse__parameters_that_are_wrong__are_told),
        cmocka_unit_test(bundle_parse__misspelt_job_field__is_an_error),
        cmocka_unit_test(bundle_parse__very_many_members__end_in_bounded_time),
        cmocka_unit_test(bundle_parse__unknown_job_kind__is_taken_and_missing),
        cmocka_unit_test(bundle_parse__template_faults__are_told),
        cmocka_unit_test(bundle_parse__config_map__is_found_in_either_file_or_missed),
        cmocka_unit_test(bundle_parse__several_documents__are_sorted_by_kind),
        cmocka_unit_test(bundle_parse__documents_that_cannot_be_used__are_told),
        cmocka_unit_test(bundle_parse__same_name_twice__is_refused_within_a_namespace),
        cmocka_unit_test(spec_differences__other_spelling__is_no_difference),
        cmocka_unit_test(spec_differences__budget_and_fields__are_told_apart),
        cmocka_unit_test(spec_to_node__defaults__are_filled_in_as_katib_does),
        cmocka_unit_test(experiment_fields__every_row__is_one_that_the_reader_takes),
        cmocka_unit_test(bundle_parse__unknown_key_in_any_map__is_noted),
        cmocka_unit_test(bundle_parse__katib_examples__all_validate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
