/*
 * The Training Operator's kinds as gangs: what each role finds in its environment, and whose success is the job's.
 */
#include "tests/trialrunner/manifest.h"
#include "trialrunner/ports.h"

struct gang {
    struct arena arena;
    struct faults faults;
    struct plan_context context;
    struct plan plan;
};

static int set_up(void **state)
{
    struct gang *gang = xcalloc(1, sizeof *gang);

    gang->context = plain_context();
    gang->context.primary_container = NULL;
    gang->context.first_port = 23100;
    *state = gang;
    return 0;
}

static int tear_down(void **state)
{
    struct gang *gang = *state;

    faults_release(&gang->faults);
    arena_release(&gang->arena);
    free(gang);
    return 0;
}

#define POD(name) "template: {spec: {containers: [{name: " name ", image: i, command: [train]}]}}"

/* spec: of the job, in YAML's flow form. */
static int plan(struct gang *gang, const char *kind, const char *container, const char *spec)
{
    const char *text = arena_printf(&gang->arena, "apiVersion: kubeflow.org/v1\nkind: %s\nspec: %s\n", kind, spec);

    gang->context.primary_container = container;
    return job_kind_find("kubeflow.org/v1", kind)
        ->plan(read_manifest(&gang->arena, text), &gang->context, &gang->arena, &gang->plan, &gang->faults);
}

static const struct role *role_of(const struct gang *gang, const char *name)
{
    for (size_t i = 0; i < gang->plan.n_roles; i++)
        if (strcmp(gang->plan.roles[i].name, name) == 0)
            return &gang->plan.roles[i];
    fail_msg("no role %s", name);
    return NULL;
}

static void expect(const struct gang *gang, const char *role, const char *name, const char *value)
{
    const char *found = variable(&role_of(gang, role)->containers[0], name);

    if (value == NULL) {
        assert_null(found);
    } else {
        assert_non_null(found);
        assert_string_equal(found, value);
    }
}

/* The names of the roles that decide, in order. */
static const char *deciders(struct gang *gang)
{
    const char *all = "";

    for (size_t i = 0; i < gang->plan.n_roles; i++)
        if (gang->plan.roles[i].decides)
            all = arena_printf(&gang->arena, "%s%s ", all, gang->plan.roles[i].name);
    return all;
}

static void pytorch__with_a_master__meets_there(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(plan(gang, "PyTorchJob", "pytorch",
                          "{nprocPerNode: '2', pytorchReplicaSpecs: {Master: {replicas: 1, " POD(
                              "pytorch") "}, "
                                         "Worker: {replicas: 2, restartPolicy: ExitCode, " POD("pytorch") "}}}"),
                     0);
    assert_int_equal(gang->plan.n_roles, 3);
    assert_int_equal(gang->plan.parallelism, 3);
    assert_int_equal(gang->plan.n_ports, 3);
    assert_true(gang->plan.is_gang);
    assert_string_equal(deciders(gang), "master-0 ");
    assert_int_equal(gang->plan.completions, 1);
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = { "master-0", "worker-0", "worker-1" }, *const ranks[] = { "0", "1", "2" };

        expect(gang, names[i], "MASTER_ADDR", "127.0.0.1");
        expect(gang, names[i], "MASTER_PORT", "23100");
        expect(gang, names[i], "PET_MASTER_PORT", "23100");
        expect(gang, names[i], "WORLD_SIZE", "6");
        expect(gang, names[i], "RANK", ranks[i]);
        expect(gang, names[i], "PET_NODE_RANK", ranks[i]);
        expect(gang, names[i], "PET_NNODES", "3");
        expect(gang, names[i], "PET_NPROC_PER_NODE", "2");
        expect(gang, names[i], "PYTHONUNBUFFERED", "1");
    }
    assert_int_equal(role_of(gang, "master-0")->restart, RESTART_ON_FAILURE);
    assert_int_equal(role_of(gang, "worker-0")->restart, RESTART_EXIT_CODE);
}

static void pytorch__elastic__meets_by_a_rendezvous_and_ends_with_any_worker(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(plan(gang, "PyTorchJob", "pytorch",
                          "{elasticPolicy: {minReplicas: 1, maxReplicas: 3, rdzvBackend: c10d, maxRestarts: 4, "
                          "rdzvConf: [{key: a, value: b}, "
                          "{key: c, value: d}]}, pytorchReplicaSpecs: {worker: {replicas: 2, " POD("pytorch") "}}}"),
                     0);
    assert_string_equal(deciders(gang), "worker-0 worker-1 ");
    assert_int_equal(gang->plan.completions, 1);
    expect(gang, "worker-1", "PET_RDZV_ENDPOINT", "127.0.0.1:23100");
    expect(gang, "worker-1", "PET_RDZV_BACKEND", "c10d");
    expect(gang, "worker-1", "PET_NNODES", "1:3");
    expect(gang, "worker-1", "PET_MAX_RESTARTS", "4");
    expect(gang, "worker-1", "PET_RDZV_CONF", "a=b,c=d");
    expect(gang, "worker-1", "PET_NPROC_PER_NODE", "auto");
    expect(gang, "worker-1", "MASTER_ADDR", NULL);
}

static void pytorch__workers_alone__must_all_succeed(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(
        plan(gang, "PyTorchJob", "pytorch", "{pytorchReplicaSpecs: {Worker: {replicas: 3, " POD("pytorch") "}}}"), 0);
    assert_int_equal(gang->plan.completions, 3);
}

static void tensorflow__every_type__is_in_the_cluster(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(plan(gang, "TFJob", "tensorflow",
                          "{tfReplicaSpecs: {PS: {replicas: 1, " POD("tensorflow") "}, Worker: {replicas: 2, " POD(
                              "tensorflow") "}, "
                                            "Chief: {" POD("tensorflow") "}, Evaluator: {" POD("tensorflow") "}}}"),
                     0);
    assert_string_equal(deciders(gang), "chief-0 ");
    expect(gang, "worker-1", "TF_CONFIG",
           "{\"cluster\":{\"chief\":[\"127.0.0.1:23100\"],\"ps\":[\"127.0.0.1:23101\"],\"worker\":[\"127.0.0.1:23102\","
           "\"127.0.0.1:23103\"],\"evaluator\":[\"127.0.0.1:23104\"]},\"task\":{\"type\":\"worker\",\"index\":1},"
           "\"environment\":\"cloud\"}");
    assert_int_equal(role_of(gang, "ps-0")->restart, RESTART_NEVER);
}

static void tensorflow__workers__decide_by_the_success_policy(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(
        plan(gang, "TFJob", "tensorflow", "{tfReplicaSpecs: {Worker: {replicas: 2, " POD("tensorflow") "}}}"), 0);
    assert_string_equal(deciders(gang), "worker-0 ");
    assert_int_equal(
        plan(gang, "TFJob", "tensorflow",
             "{successPolicy: AllWorkers, tfReplicaSpecs: {Worker: {replicas: 2, " POD("tensorflow") "}}}"),
        0);
    assert_string_equal(deciders(gang), "worker-0 worker-1 ");
    assert_int_equal(
        plan(gang, "TFJob", "tensorflow", "{tfReplicaSpecs: {Worker: {replicas: 1, " POD("tensorflow") "}}}"), 0);
    expect(gang, "worker-0", "TF_CONFIG", NULL); /* alone it is no cluster */
}

static void tensorflow__dynamic_workers__know_themselves_and_the_servers(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(plan(gang, "TFJob", "tensorflow",
                          "{enableDynamicWorker: true, tfReplicaSpecs: {PS: {" POD(
                              "tensorflow") "}, Worker: {replicas: 2, " POD("tensorflow") "}}}"),
                     0);
    expect(gang, "worker-1", "TF_CONFIG",
           "{\"cluster\":{\"ps\":[\"127.0.0.1:23100\"],\"worker\":{\"1\":\"127.0.0.1:23102\"}},\"task\":{\"type\":"
           "\"worker\","
           "\"index\":1}}");
}

static void xgboost__workers__find_the_master_and_each_other(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(
        plan(gang, "XGBoostJob", "xgboost",
             "{xgbReplicaSpecs: {Master: {" POD("xgboost") "}, Worker: {replicas: 2, " POD("xgboost") "}}}"),
        0);
    assert_string_equal(deciders(gang), "master-0 ");
    expect(gang, "worker-1", "MASTER_PORT", "23100");
    expect(gang, "worker-1", "WORLD_SIZE", "3");
    expect(gang, "worker-1", "RANK", "2");
    expect(gang, "worker-1", "WORKER_ADDRS", "127.0.0.1,127.0.0.1");
    expect(gang, "worker-1", "WORKER_PORT", "23102");
}

static void paddle__workers__meet_at_the_first(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(
        plan(gang, "PaddleJob", "paddle", "{paddleReplicaSpecs: {Worker: {replicas: 2, " POD("paddle") "}}}"), 0);
    expect(gang, "worker-1", "PADDLE_MASTER", "127.0.0.1:23100");
    expect(gang, "worker-1", "PADDLE_NNODES", "2");
    expect(gang, "worker-1", "PADDLE_JOB_ID", "exp-abc");
    assert_int_equal(gang->plan.completions, 2);
}

static void jax__workers__have_a_coordinator(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(plan(gang, "JAXJob", "jax", "{jaxReplicaSpecs: {Worker: {replicas: 2, " POD("jax") "}}}"), 0);
    expect(gang, "worker-1", "COORDINATOR_ADDRESS", "127.0.0.1");
    expect(gang, "worker-1", "COORDINATOR_PORT", "23100");
    expect(gang, "worker-1", "NUM_PROCESSES", "2");
    expect(gang, "worker-1", "PROCESS_ID", "1");
}

static void mpi__the_launcher__starts_the_ranks_of_all_workers(void **state)
{
    static const char *const pod =
        "template: {spec: {containers: [{name: mpi, image: i, command: [mpirun], resources: {requests: {cpu: 2}}}]}}";
    struct gang *gang = *state;
    const char *spec = arena_printf(
        &gang->arena, "{slotsPerWorker: 2, mpiReplicaSpecs: {Worker: {replicas: 3, %s}, Launcher: {%s}}}", pod, pod);

    assert_int_equal(plan(gang, "MPIJob", "mpi", spec), 0);
    assert_int_equal(gang->plan.n_roles, 1);
    assert_int_equal(gang->plan.parallelism, 1);
    assert_string_equal(deciders(gang), "launcher-0 ");
    assert_true(gang->plan.total.cpus == 8);
    expect(gang, "launcher-0", "OMPI_MCA_orte_set_default_slots", "6");
}

static void train_job__nodes__are_joined_by_torchrun(void **state)
{
    struct gang *gang = *state;
    const char *text = "apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nspec: {runtimeRef: {name: RUNTIME}, "
                       "trainer: {numNodes: 2, "
                       "numProcPerNode: '3', image: i, command: [torchrun, t.py], env: [{name: A, value: b}]}}\n";
    const struct job_kind *kind = job_kind_find("trainer.kubeflow.org/v1alpha1", "TrainJob");
    struct node *manifest = read_manifest(&gang->arena, text);

    gang->context.primary_container = "node";
    assert_int_equal(kind->plan(manifest, &gang->context, &gang->arena, &gang->plan, &gang->faults), ERR_UNSUPPORTED);
    text = arena_printf(&gang->arena, "%.*storch-distributed%s", (int)(strstr(text, "RUNTIME") - text), text,
                        strstr(text, "RUNTIME") + strlen("RUNTIME"));
    manifest = read_manifest(&gang->arena, text);
    assert_int_equal(kind->plan(manifest, &gang->context, &gang->arena, &gang->plan, &gang->faults), 0);
    assert_string_equal(deciders(gang), "node-0 node-1 ");
    expect(gang, "node-1", "PET_NODE_RANK", "1");
    expect(gang, "node-1", "PET_NNODES", "2");
    expect(gang, "node-1", "PET_NPROC_PER_NODE", "3");
    expect(gang, "node-1", "PET_MASTER_ADDR", "127.0.0.1");
    expect(gang, "node-1", "PET_MASTER_PORT", "23100");
    expect(gang, "node-1", "A", "b");
}

static void gangs__primary_labels__choose_whose_metrics_count(void **state)
{
    static const char *const labels[] = { "training.kubeflow.org/job-role=master" }, *const types[] = {
        "training.kubeflow.org/replica-type=worker"
    };
    struct gang *gang = *state;
    const char *spec = "{pytorchReplicaSpecs: {Master: {" POD("pytorch") "}, Worker: {replicas: 2, " POD(
        "pytorch") "}}}";

    gang->context.n_primary_labels = 1;
    gang->context.primary_labels = labels;
    assert_int_equal(plan(gang, "PyTorchJob", "pytorch", spec), 0);
    assert_true(role_of(gang, "master-0")->containers[0].collect);
    assert_false(role_of(gang, "worker-0")->containers[0].collect);
    gang->context.primary_labels = types;
    assert_int_equal(plan(gang, "PyTorchJob", "pytorch", spec), 0);
    assert_false(role_of(gang, "master-0")->containers[0].collect);
    assert_true(role_of(gang, "worker-1")->containers[0].collect);
}

static void gangs__run_policy__is_kept(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(
        plan(gang, "JAXJob", "jax",
             "{runPolicy: {backoffLimit: 2, activeDeadlineSeconds: 60}, jaxReplicaSpecs: {Worker: {replicas: 2, " POD(
                 "jax") "}}}"),
        0);
    assert_int_equal(gang->plan.backoff_limit, 2);
    assert_true(gang->plan.deadline_s == 60);
}

static void gangs__too_many_replicas__are_refused(void **state)
{
    struct gang *gang = *state;

    assert_int_equal(plan(gang, "JAXJob", "jax", "{jaxReplicaSpecs: {Worker: {replicas: 5000, " POD("jax") "}}}"),
                     ERR_INVALID);
    assert_int_equal(plan(gang, "JAXJob", "jax", "{jaxReplicaSpecs: {Worker: {replicas: 0, " POD("jax") "}}}"),
                     ERR_INVALID);
}

static void ports__are_never_shared(void **state)
{
    static struct ports ports;
    int first[100];

    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(ports_take(&ports, 7, &first[i]), 0);
        for (int k = 0; k < i; k++)
            assert_true(first[i] >= first[k] + 7 || first[k] >= first[i] + 7);
    }
    for (int i = 0; i < 100; i++)
        ports_give(&ports, first[i], 7);
    assert_int_equal(ports_take(&ports, PORT_END - PORT_FIRST + 1, &first[0]), ERR_LIMIT);
}

static void gangs__with_a_page_to_serve__have_a_port_more_each(void **state)
{
    struct gang *gang = *state;

    gang->context.is_scraped = true;
    assert_int_equal(
        plan(gang, "TFJob", "tensorflow",
             "{tfReplicaSpecs: {PS: {" POD("tensorflow") "}, Worker: {replicas: 2, " POD("tensorflow") "}}}"),
        0);
    assert_int_equal(gang->plan.n_ports, 6);
    expect(gang, "worker-1", "HONE_METRICS_PORT", "23105");
    for (size_t i = 0; i < gang->plan.n_roles; i++)
        assert_int_equal(gang->plan.roles[i].metrics_port, 23103 + (int)i);
}

static int plan_given(struct gang *gang, const struct given_role *roles, size_t n)
{
    static const char text[] = "{apiVersion: a/v1, kind: B, spec: {head: {" POD("main") "}, many: {n: '2', " POD(
        "main") "}}}";

    gang->context.primary_container = "main";
    gang->context.given_roles = roles;
    gang->context.n_given_roles = n;
    return job_kind_given.plan(read_manifest(&gang->arena, text), &gang->context, &gang->arena, &gang->plan,
                               &gang->faults);
}

static void roles__of_an_unknown_kind__know_each_other(void **state)
{
    static const struct given_role roles[] = { { "head", "spec.head.template", "1", true },
                                               { "p-s", "spec.many.template", "spec.many.n", false } };
    struct gang *gang = *state;

    assert_int_equal(plan_given(gang, roles, 2), 0);
    assert_int_equal(gang->plan.n_roles, 3);
    assert_int_equal(gang->plan.completions, 1);
    assert_int_equal(gang->plan.n_ports, 3);
    assert_true(gang->plan.is_gang && role_of(gang, "head-0")->containers[0].collect);
    assert_false(role_of(gang, "p-s-1")->containers[0].collect);
    expect(gang, "p-s-1", "HONE_ADDRESSES_HEAD", "127.0.0.1:23100");
    expect(gang, "head-0", "HONE_ADDRESSES_P_S", "127.0.0.1:23101,127.0.0.1:23102");
    expect(gang, "p-s-1", "HONE_PORT", "23102");
    expect(gang, "p-s-1", "HONE_RANK", "2");
    expect(gang, "p-s-1", "HONE_WORLD_SIZE", "3");
    expect(gang, "p-s-1", "HONE_ROLE_INDEX", "1");
}

static void roles__that_cannot_be_counted_or_decide_nothing__are_refused(void **state)
{
    static const struct given_role nowhere = { "head", "spec.head.template", "spec.many.m", true },
                                   many = { "head", "spec.head.template", "5000", true },
                                   none = { "head", "spec.head.template", "0", true },
                                   idle = { "head", "spec.head.template", "1", false },
                                   empty = { "head", "spec.tail.template", "1", true };
    struct gang *gang = *state;

    assert_int_equal(plan_given(gang, &nowhere, 1), ERR_INVALID);
    assert_contains(fail_message(), "replicas of head: expected a number at spec.many.m");
    assert_int_equal(plan_given(gang, &many, 1), ERR_INVALID);
    assert_int_equal(plan_given(gang, &none, 1), ERR_INVALID);
    assert_int_equal(plan_given(gang, &idle, 1), ERR_INVALID);
    assert_contains(fail_message(), "role that decides");
    assert_int_equal(plan_given(gang, &empty, 1), ERR_INVALID);
}

#define GANG_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GANG_TEST(pytorch__with_a_master__meets_there),
        GANG_TEST(pytorch__elastic__meets_by_a_rendezvous_and_ends_with_any_worker),
        GANG_TEST(pytorch__workers_alone__must_all_succeed),
        GANG_TEST(tensorflow__every_type__is_in_the_cluster),
        GANG_TEST(tensorflow__workers__decide_by_the_success_policy),
        GANG_TEST(tensorflow__dynamic_workers__know_themselves_and_the_servers),
        GANG_TEST(xgboost__workers__find_the_master_and_each_other),
        GANG_TEST(paddle__workers__meet_at_the_first),
        GANG_TEST(jax__workers__have_a_coordinator),
        GANG_TEST(mpi__the_launcher__starts_the_ranks_of_all_workers),
        GANG_TEST(train_job__nodes__are_joined_by_torchrun),
        GANG_TEST(gangs__primary_labels__choose_whose_metrics_count),
        GANG_TEST(gangs__run_policy__is_kept),
        GANG_TEST(gangs__too_many_replicas__are_refused),
        GANG_TEST(gangs__with_a_page_to_serve__have_a_port_more_each),
        GANG_TEST(roles__of_an_unknown_kind__know_each_other),
        GANG_TEST(roles__that_cannot_be_counted_or_decide_nothing__are_refused),
        cmocka_unit_test(ports__are_never_shared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
