/*
 * The contract of every job kind, and the shapes of the Training Operator's kinds.
 */
#include "tests/trialrunner/manifest.h"

static const char *faults_of(struct arena *arena, const struct job_kind *kind, const char *text)
{
    struct faults faults = { 0 };
    const char *said;

    kind->check(read_manifest(arena, text), "exp.yaml", "trialSpec", arena, &faults);
    said = printed(&faults, arena);
    faults_release(&faults);
    return said;
}

static const char *faults_of_kind(struct arena *arena, const char *kind, const char *spec)
{
    const char *text = arena_printf(arena, "apiVersion: kubeflow.org/v1\nkind: %s\nspec: %s\n", kind, spec);

    return faults_of(arena, job_kind_find("kubeflow.org/v1", kind), text);
}

static void job_kinds__every_kind__is_found_by_its_names(void **state)
{
    (void)state;
    for (const struct job_kind *const *kind = job_kinds; *kind != NULL; kind++) {
        assert_ptr_equal(job_kind_find((*kind)->api_version, (*kind)->kind), *kind);
        assert_null(job_kind_find("v0", (*kind)->kind));
    }
    assert_ptr_equal(job_kinds[0], job_kind_find("batch/v1", "Job"));
    assert_non_null(job_kinds[0]->plan);
}

static void job_kinds__every_kind__has_both_conditions_or_none(void **state)
{
    (void)state;
    for (const struct job_kind *const *kind = job_kinds; *kind != NULL; kind++) {
        size_t n = 0;

        assert_int_equal((*kind)->success_condition == NULL, (*kind)->failure_condition == NULL);
        while ((*kind)->primary_labels[n] != NULL)
            n++;
        assert_int_equal(n % 2, 0);
    }
}

static void job_kinds__every_kind__checks_any_manifest(void **state)
{
    static const char *const texts[] = {
        "null", "[]", "text", "{}", "{spec: 1}", "{spec: {template: []}}", "{metadata: [], spec: {x: {y: {z: 1}}}}"
    };
    struct arena arena = { 0 };

    (void)state;
    for (const struct job_kind *const *kind = job_kinds; *kind != NULL; kind++)
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            const struct node *list = read_manifest(&arena, arena_printf(&arena, "[%s]", texts[i]));
            struct faults faults = { 0 };

            (*kind)->check(list->items[0], NULL, "trialSpec", &arena, &faults);
            assert_in_range(faults.n_errors, 1, FAULTS_LIMIT);
            faults_release(&faults);
        }
    arena_release(&arena);
}

static const struct node *condition_of(const struct node *root)
{
    return node_path(root, "status.conditions")->items[0];
}

static void job_kinds__status__carries_the_type_that_the_condition_asks_for(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    for (const struct job_kind *const *kind = job_kinds; *kind != NULL; kind++) {
        const struct node *good = condition_of((*kind)->status(true, NULL, NULL, &arena));
        const struct node *bad = condition_of((*kind)->status(false, "BackoffLimitExceeded", "exit code 3", &arena));

        assert_string_equal(node_get(good, "status")->text, "True");
        assert_null(node_get(good, "reason"));
        assert_string_equal(node_get(bad, "reason")->text, "BackoffLimitExceeded");
        assert_string_equal(node_get(bad, "message")->text, "exit code 3");
        if ((*kind)->success_condition != NULL) {
            assert_contains((*kind)->success_condition, node_get(good, "type")->text);
            assert_contains((*kind)->failure_condition, node_get(bad, "type")->text);
        }
    }
    arena_release(&arena);
}

#define WORKER(name) "{template: {spec: {containers: [{name: " name ", image: i, command: [a]}]}}}"

static void job_kinds__replica_jobs__are_taken(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    assert_string_equal(
        faults_of_kind(&arena, "PyTorchJob",
                       "{pytorchReplicaSpecs: {master: " WORKER("pytorch") ", Worker: " WORKER("pytorch") "}}"),
        "");
    assert_string_equal(faults_of_kind(&arena, "TFJob", "{tfReplicaSpecs: {PS: " WORKER("tensorflow") "}}"), "");
    assert_string_equal(faults_of_kind(&arena, "XGBoostJob", "{xgbReplicaSpecs: {Master: " WORKER("xgboost") "}}"), "");
    assert_string_equal(
        faults_of_kind(&arena, "MPIJob", "{slotsPerWorker: 1, mpiReplicaSpecs: {Launcher: " WORKER("any") "}}"), "");
    assert_string_equal(faults_of_kind(&arena, "PaddleJob", "{paddleReplicaSpecs: {Worker: " WORKER("paddle") "}}"),
                        "");
    assert_string_equal(faults_of_kind(&arena, "JAXJob", "{jaxReplicaSpecs: {Worker: " WORKER("jax") "}}"), "");
    arena_release(&arena);
}

static void job_kinds__replica_jobs__complain_as_the_operator(void **state)
{
    struct arena arena = { 0 };
    const char *said;

    (void)state;
    assert_contains(faults_of_kind(&arena, "PyTorchJob", "{}"), "trialSpec.spec.pytorchReplicaSpecs: must be required");
    said = faults_of_kind(&arena, "PyTorchJob",
                          "{elasticPolicy: {nProcPerNode: 2}, nprocPerNode: '2', pytorchReplicaSpecs: {Mastr: {}, "
                          "Master: {replicas: 2, restartPolicy: "
                          "Perhaps, template: {spec: {containers: [{name: x, comand: [a]}]}}}}}");
    assert_contains(said, "pytorchReplicaSpecs.Mastr: unknown replica type; did you mean Master?");
    assert_contains(said, "pytorchReplicaSpecs.Master.replicas: must be 1");
    assert_contains(said, "Master.restartPolicy: expected Never, OnFailure, Always or ExitCode, got \"Perhaps\"");
    assert_contains(said, "containers: must have at least one container with name pytorch");
    assert_contains(said, "containers[0].image: must be required");
    assert_contains(said, "containers[0].comand: unknown field; did you mean command?");
    assert_contains(said, "pytorchReplicaSpecs.Worker: must be configured if elastic policy is used");
    assert_contains(said, "elasticPolicy.nProcPerNode: must not be used with spec.nprocPerNode");
    assert_contains(
        faults_of_kind(&arena, "TFJob",
                       "{tfReplicaSpecs: {Chief: " WORKER("tensorflow") ", Master: " WORKER("tensorflow") "}}"),
        "must not have more than 1 Chief or Master role");
    assert_contains(faults_of_kind(&arena, "XGBoostJob", "{xgbReplicaSpecs: {Worker: " WORKER("xgboost") "}}"),
                    "xgbReplicaSpecs.Master: must be present");
    assert_contains(faults_of_kind(&arena, "MPIJob", "{mpiReplicaSpecs: {Launcher: {template: {spec: {}}}}}"),
                    "containers: must be specified");
    arena_release(&arena);
}

static void job_kinds__train_job__needs_a_runtime(void **state)
{
    const struct job_kind *kind = job_kind_find("trainer.kubeflow.org/v1alpha1", "TrainJob");
    struct arena arena = { 0 };

    (void)state;
    assert_string_equal(
        faults_of(&arena, kind,
                  "apiVersion: trainer.kubeflow.org/v1alpha1\n"
                  "kind: TrainJob\n"
                  "spec: {runtimeRef: {name: torch-distributed}, trainer: {numNodes: 2, command: [a]}}\n"),
        "");
    assert_contains(faults_of(&arena, kind, "{apiVersion: a, kind: b, spec: {trainer: {numNodes: 0}}}"),
                    "trialSpec.spec.runtimeRef: expected a value, got nothing");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(job_kinds__every_kind__is_found_by_its_names),
        cmocka_unit_test(job_kinds__every_kind__has_both_conditions_or_none),
        cmocka_unit_test(job_kinds__every_kind__checks_any_manifest),
        cmocka_unit_test(job_kinds__status__carries_the_type_that_the_condition_asks_for),
        cmocka_unit_test(job_kinds__replica_jobs__are_taken),
        cmocka_unit_test(job_kinds__replica_jobs__complain_as_the_operator),
        cmocka_unit_test(job_kinds__train_job__needs_a_runtime),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
