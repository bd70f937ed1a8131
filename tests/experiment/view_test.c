/* What people and programs get to see: whole documents, compared as text, and the same for an experiment with nothing in it. */
#include "experiment/view.h"

#include "base/json.h"
#include "experiment/lifecycle.h"
#include "tests/experiment/fixture.h"
#include "tests/experiment/reading.h"

static const char experiment_file[] =
    "apiVersion: kubeflow.org/v1beta1\n"
    "kind: Experiment\n"
    "metadata:\n"
    "  name: mnist\n"
    "  labels: {team: vision}\n"
    "spec:\n"
    "  parallelTrialCount: 2\n"
    "  maxTrialCount: 4\n"
    "  objective:\n"
    "    type: minimize\n"
    "    goal: 0.001\n"
    "    objectiveMetricName: loss\n"
    "    additionalMetricNames: [accuracy]\n"
    "  algorithm:\n"
    "    algorithmName: random\n"
    "  parameters:\n"
    "    - name: lr\n"
    "      parameterType: double\n"
    "      feasibleSpace: {min: \"0\", max: \"1\"}\n"
    "    - name: layers\n"
    "      parameterType: int\n"
    "      feasibleSpace: {min: \"1\", max: \"9\"}\n"
    "  trialTemplate:\n"
    "    primaryContainerName: main\n"
    "    trialParameters:\n"
    "      - {name: rate, reference: lr}\n"
    "      - {name: depth, reference: layers}\n"
    "    trialSpec:\n"
    "      apiVersion: batch/v1\n"
    "      kind: Job\n"
    "      spec:\n"
    "        template:\n"
    "          spec:\n"
    "            restartPolicy: Never\n"
    "            containers:\n"
    "              - name: main\n"
    "                image: img\n"
    "                command: [train, \"--lr=${trialParameters.rate}\", \"--layers=${trialParameters.depth}\"]\n";

enum { SECOND = 1000000 };
static const int64_t year_2026_us = INT64_C(1767323045) * SECOND + 500000; /* 2026-01-02T03:04:05.5Z */

struct shown {
    struct reading reading;
    struct experiment *experiment;
    struct arena arena;
    struct text text;
};

static void step(struct shown *shown, struct fact fact, int64_t seconds)
{
    struct actions actions = { 0 };

    fact.now_us = year_2026_us + seconds * SECOND;
    lifecycle_step(shown->experiment, &fact, &actions);
    actions_release(&actions);
}

/* Trial 1 succeeds, trial 2 fails, trial 3 runs, trial 4 waits. */
static int setup(void **state)
{
    static const double values[][2] = { { 0.25, 3 }, { 0.5, 9 }, { 0.125, 1 }, { 1, 2 } };
    struct shown *shown = calloc(1, sizeof *shown);

    *state = shown;
    shown->experiment = experiment_create(reading_spec(&shown->reading, experiment_file), fixture_uid, year_2026_us);
    step(shown, (struct fact){ .kind = FACT_CLAIMED }, 1);
    for (int64_t i = 1; i <= 4; i++) {
        step(shown,
             (struct fact){ .kind = FACT_SUGGESTED,
                            .number = i,
                            .values = values[i - 1],
                            .resource = NAN,
                            .why = i == 1 ? "first" : NULL },
             1 + i);
        if (i == 4)
            break;
        step(shown, (struct fact){ .kind = FACT_STARTED, .number = i, .attempt = 1 }, 2 + i);
        observation_add(&shown->experiment->trials[i - 1]->observation, 0, i, i == 1 ? "0.50" : "7");
        if (i == 1) {
            observation_add(&shown->experiment->trials[0]->observation, 0, 9, "0.75");
            step(shown,
                 (struct fact){ .kind = FACT_ENDED,
                                .number = 1,
                                .attempt = 1,
                                .end = ATTEMPT_SUCCEEDED,
                                .success = true,
                                .usage = { 1.5, 2.25, 4096 } },
                 4);
        }
        if (i == 2)
            step(shown,
                 (struct fact){ .kind = FACT_ENDED,
                                .number = 2,
                                .attempt = 1,
                                .end = ATTEMPT_FAILED,
                                .failure = true,
                                .message = "exit code 3",
                                .tail = "boom\n" },
                 5);
    }
    return 0;
}

static int teardown(void **state)
{
    struct shown *shown = *state;

    experiment_destroy(shown->experiment);
    reading_release(&shown->reading);
    arena_release(&shown->arena);
    text_release(&shown->text);
    free(shown);
    return 0;
}

static const char *as_json(struct shown *shown, const struct node *node)
{
    text_clear(&shown->text);
    json_write(node, JSON_COMPACT, &shown->text);
    return text_string(&shown->text);
}

static const char first_trial[] =
    "{\"name\":\"mnist-mm98khgw\",\"number\":1,\"state\":\"Succeeded\",\"reason\":\"TrialSucceeded\",\"message\":"
    "\"Trial has succeeded\","
    "\"assignments\":{\"lr\":\"0.25\",\"layers\":\"3\"},"
    "\"objective\":{\"metric\":\"loss\",\"type\":\"minimize\",\"value\":0.5},"
    "\"objectives\":[{\"metric\":\"loss\",\"type\":\"minimize\",\"value\":0.5}],\"constraints\":[],\"feasible\":true,"
    "\"observation\":{\"loss\":{\"min\":\"0.50\",\"max\":\"0.75\",\"latest\":\"0.75\",\"value\":0.5},"
    "\"accuracy\":{\"min\":null,\"max\":null,\"latest\":null,\"value\":null}},"
    "\"resource\":null,\"parent\":null,\"labels\":{},\"notes\":{},\"why\":\"first\","
    "\"created\":\"2026-01-02T03:04:07.500000Z\",\"started\":\"2026-01-02T03:04:08.500000Z\",\"completed\":\"2026-01-"
    "02T03:04:09.500000Z\","
    "\"attempts\":[{\"attempt\":1,\"end\":\"succeeded\",\"message\":null,\"tail\":null,"
    "\"started\":\"2026-01-02T03:04:08.500000Z\",\"ended\":\"2026-01-02T03:04:09.500000Z\","
    "\"wallSeconds\":1.5,\"cpuSeconds\":2.25,\"peakMemoryBytes\":4096,\"gpus\":null}]}";

static void view_trial__succeeded__has_every_key(void **state)
{
    struct shown *shown = *state;

    assert_string_equal(as_json(shown, view_trial(shown->experiment, shown->experiment->trials[0], &shown->arena)),
                        first_trial);
}

static void view_trial__failed__shows_exit_code_and_last_lines(void **state)
{
    struct shown *shown = *state;
    const char *text = as_json(shown, view_trial(shown->experiment, shown->experiment->trials[1], &shown->arena));

    assert_contains(
        text,
        "\"state\":\"Failed\",\"reason\":\"TrialFailed\",\"message\":\"Trial has failed. Job message: exit code 3\"");
    assert_contains(text, "\"end\":\"failed\",\"message\":\"exit code 3\",\"tail\":\"boom\\n\"");
}

static void view_trial__running__has_null_where_nothing_is_known(void **state)
{
    struct shown *shown = *state;
    const char *text = as_json(shown, view_trial(shown->experiment, shown->experiment->trials[2], &shown->arena));

    assert_contains(text, "\"state\":\"Running\",\"reason\":\"TrialRunning\"");
    assert_contains(text, "\"completed\":null");
    assert_contains(text, "\"ended\":null,\"wallSeconds\":null,\"cpuSeconds\":null,\"peakMemoryBytes\":null");
}

static void view_trial__objective_that_is_no_finite_number__is_text(void **state)
{
    struct shown *shown = *state;
    struct trial *trial = shown->experiment->trials[2];

    observation_add(&trial->observation, 0, 99, "-inf");
    assert_contains(as_json(shown, view_trial(shown->experiment, trial, &shown->arena)),
                    "\"type\":\"minimize\",\"value\":\"-inf\"}");
    observation_release(&trial->observation);
    observation_init(&trial->observation, 2);
    observation_add(&trial->observation, 0, 99, "Genotype(normal=[])");
    assert_contains(as_json(shown, view_trial(shown->experiment, trial, &shown->arena)),
                    "\"value\":\"Genotype(normal=[])\"}");
}

static void view_experiment__summary__has_every_key_and_neither_conditions_nor_spec(void **state)
{
    static const char head[] = "{\"name\":\"mnist\",\"namespace\":\"default\",\"uid\":\"01234567-89ab-4def-8123-"
                               "010203040506\",\"state\":\"Running\","
                               "\"reason\":\"ExperimentRunning\",\"message\":\"Experiment is "
                               "running\",\"created\":\"2026-01-02T03:04:05.500000Z\","
                               "\"started\":\"2026-01-02T03:04:06.500000Z\",\"completed\":null,"
                               "\"objective\":{\"metric\":\"loss\",\"type\":\"minimize\",\"goal\":0.001},"
                               "\"objectives\":[{\"metric\":\"loss\",\"type\":\"minimize\",\"goal\":0.001}],"
                               "\"algorithm\":"
                               "\"random\",\"earlyStopping\":null,\"parallelTrialCount\":2,"
                               "\"maxTrialCount\":4,\"maxFailedTrialCount\":null,\"resumePolicy\":\"Never\","
                               "\"counts\":{\"trials\":4,\"succeeded\":1,\"failed\":1,\"killed\":0,\"pending\":1,"
                               "\"running\":1,\"earlyStopped\":0,"
                               "\"metricsUnavailable\":0,\"infeasible\":0},\"best\":";
    struct shown *shown = *state;
    const char *text = as_json(shown, view_experiment(shown->experiment, true, &shown->arena));

    assert_true(text_starts_with(text, head));
    assert_true(text_starts_with(text + strlen(head), first_trial));
    assert_string_equal(text + strlen(head) + strlen(first_trial), "}");
}

static void view_experiment__whole__shows_conditions_and_the_budget_as_edited(void **state)
{
    struct shown *shown = *state;
    const struct node *view;
    int64_t max;

    step(shown,
         (struct fact){
             .kind = FACT_EDITED, .parallel_trial_count = 2, .max_trial_count = 40, .max_failed_trial_count = 3 },
         9);
    view = view_experiment(shown->experiment, false, &shown->arena);
    assert_true(node_to_integer(node_path(view, "spec.maxTrialCount"), &max) && max == 40);
    assert_true(node_to_integer(node_get(view, "maxFailedTrialCount"), &max) && max == 3);
    assert_string_equal(
        as_json(shown, node_get(view, "conditions")),
        "[{\"type\":\"Created\",\"status\":true,\"reason\":\"ExperimentCreated\",\"message\":\"Experiment is created\","
        "\"changed\":\"2026-01-02T03:04:05.500000Z\"},"
        "{\"type\":\"Running\",\"status\":true,\"reason\":\"ExperimentRunning\",\"message\":\"Experiment is running\","
        "\"changed\":\"2026-01-02T03:04:07.500000Z\"}]");
}

static void view_experiment__before_any_trial__has_no_best(void **state)
{
    struct shown *shown = *state;
    struct experiment *fresh = experiment_create(shown->experiment->spec, fixture_uid, year_2026_us);
    const struct node *view = view_experiment(fresh, true, &shown->arena);

    assert_int_equal(node_get(view, "best")->kind, NODE_NULL);
    assert_int_equal(node_get(view, "started")->kind, NODE_NULL);
    assert_string_equal(
        as_json(shown, node_path(view_katib_experiment(fresh, &shown->arena), "status")),
        "{\"lastReconcileTime\":\"2026-01-02T03:04:05Z\",\"conditions\":[{\"type\":\"Created\",\"status\":\"True\","
        "\"reason\":\"ExperimentCreated\",\"message\":\"Experiment is "
        "created\",\"lastUpdateTime\":\"2026-01-02T03:04:05Z\","
        "\"lastTransitionTime\":\"2026-01-02T03:04:05Z\"}],"
        "\"currentOptimalTrial\":{\"bestTrialName\":\"\",\"parameterAssignments\":null,\"observation\":{}}}");
    experiment_destroy(fresh);
}

static void view_katib_experiment__midway__has_katibs_status(void **state)
{
    struct shown *shown = *state;
    const struct experiment *experiment = shown->experiment;
    struct node *root = view_katib_experiment(experiment, &shown->arena);
    char *want;

    assert_string_equal(as_json(shown, node_get(root, "apiVersion")), "\"kubeflow.org/v1beta1\"");
    assert_string_equal(
        as_json(shown, node_get(root, "metadata")),
        "{\"name\":\"mnist\",\"labels\":{\"team\":\"vision\"},\"namespace\":\"default\","
        "\"uid\":\"01234567-89ab-4def-8123-010203040506\",\"creationTimestamp\":\"2026-01-02T03:04:05Z\"}");
    assert_non_null(node_path(root, "spec.trialTemplate.trialSpec"));
    node_remove(node_get(root, "status"), "conditions");
    want = xasprintf("{\"startTime\":\"2026-01-02T03:04:06Z\",\"lastReconcileTime\":\"2026-01-02T03:04:10Z\","
                     "\"currentOptimalTrial\":{\"bestTrialName\":\"%s\",\"parameterAssignments\":[{\"name\":\"lr\","
                     "\"value\":\"0.25\"},"
                     "{\"name\":\"layers\",\"value\":\"3\"}],\"observation\":{\"metrics\":[{\"name\":\"loss\",\"min\":"
                     "\"0.50\",\"max\":\"0.75\","
                     "\"latest\":\"0.75\"},{\"name\":\"accuracy\",\"min\":\"unavailable\",\"max\":\"unavailable\","
                     "\"latest\":\"unavailable\"}]}},"
                     "\"runningTrialList\":[\"%s\"],\"pendingTrialList\":[\"%s\"],\"failedTrialList\":[\"%s\"],"
                     "\"succeededTrialList\":[\"%s\"],"
                     "\"trials\":4,\"trialsRunning\":1,\"trialsPending\":1,\"trialsFailed\":1,\"trialsSucceeded\":1}",
                     experiment->trials[0]->name, experiment->trials[2]->name, experiment->trials[3]->name,
                     experiment->trials[1]->name, experiment->trials[0]->name);
    assert_string_equal(as_json(shown, node_get(root, "status")), want);
    free(want);
}

static void view_katib_experiment__finished__ends_running_and_names_the_end(void **state)
{
    struct shown *shown = *state;
    const struct node *status, *conditions;

    for (int64_t i = 3; i <= 4; i++)
        step(shown,
             (struct fact){ .kind = FACT_ENDED, .number = i, .attempt = 1, .end = ATTEMPT_SUCCEEDED, .success = true },
             10 + i);
    status = node_get(view_katib_experiment(shown->experiment, &shown->arena), "status");
    conditions = node_get(status, "conditions");
    assert_int_equal(conditions->length, 3);
    assert_string_equal(as_json(shown, node_get(conditions->items[1], "status")), "\"False\"");
    assert_string_equal(as_json(shown, node_get(conditions->items[2], "reason")), "\"ExperimentMaxTrialsReached\"");
    assert_string_equal(as_json(shown, node_get(status, "completionTime")), "\"2026-01-02T03:04:19Z\"");
    assert_string_equal(as_json(shown, node_get(status, "trialMetricsUnavailable")), "1");
}

static void view_katib_trial__failed__has_spec_and_status(void **state)
{
    struct shown *shown = *state;
    struct node *root = view_katib_trial(shown->experiment, shown->experiment->trials[1], &shown->arena);
    const struct node *spec = node_get(root, "spec");

    assert_string_equal(as_json(shown, node_get(root, "kind")), "\"Trial\"");
    assert_string_equal(as_json(shown, node_path(root, "metadata.labels")),
                        "{\"team\":\"vision\",\"katib.kubeflow.org/experiment\":\"mnist\"}");
    assert_string_equal(as_json(shown, node_get(spec, "parameterAssignments")),
                        "[{\"name\":\"lr\",\"value\":\"0.5\"},{\"name\":\"layers\",\"value\":\"9\"}]");
    assert_contains(as_json(shown, node_get(spec, "runSpec")), "[\"train\",\"--lr=0.5\",\"--layers=9\"]");
    assert_contains(as_json(shown, node_get(spec, "objective")), "\"objectiveMetricName\":\"loss\"");
    assert_contains(as_json(shown, node_get(spec, "metricsCollector")), "\"kind\":\"StdOut\"");
    assert_contains(as_json(shown, node_get(spec, "successCondition")), "Complete");
    assert_string_equal(
        as_json(shown, node_path(root, "status.conditions")),
        "[{\"type\":\"Created\",\"status\":\"True\",\"reason\":\"TrialCreated\",\"message\":\"Trial is created\","
        "\"lastUpdateTime\":\"2026-01-02T03:04:08Z\",\"lastTransitionTime\":\"2026-01-02T03:04:08Z\"},"
        "{\"type\":\"Running\",\"status\":\"False\",\"reason\":\"TrialRunning\",\"message\":\"Trial is running\","
        "\"lastUpdateTime\":\"2026-01-02T03:04:10Z\",\"lastTransitionTime\":\"2026-01-02T03:04:10Z\"},"
        "{\"type\":\"Failed\",\"status\":\"True\",\"reason\":\"TrialFailed\","
        "\"message\":\"Trial has failed. Job message: exit code 3\","
        "\"lastUpdateTime\":\"2026-01-02T03:04:10Z\",\"lastTransitionTime\":\"2026-01-02T03:04:10Z\"}]");
}

#define VIEW_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        VIEW_TEST(view_trial__succeeded__has_every_key),
        VIEW_TEST(view_trial__failed__shows_exit_code_and_last_lines),
        VIEW_TEST(view_trial__running__has_null_where_nothing_is_known),
        VIEW_TEST(view_trial__objective_that_is_no_finite_number__is_text),
        VIEW_TEST(view_experiment__summary__has_every_key_and_neither_conditions_nor_spec),
        VIEW_TEST(view_experiment__whole__shows_conditions_and_the_budget_as_edited),
        VIEW_TEST(view_experiment__before_any_trial__has_no_best),
        VIEW_TEST(view_katib_experiment__midway__has_katibs_status),
        VIEW_TEST(view_katib_experiment__finished__ends_running_and_names_the_end),
        VIEW_TEST(view_katib_trial__failed__has_spec_and_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
