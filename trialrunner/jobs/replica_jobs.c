/*
 * The Training Operator's kinds (kubeflow.org/v1), one row each: known by name and checked, not planned.
 */
#include "trialrunner/jobs/job_status.h"
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/jobs/replica_check.h"
#include "trialrunner/pod_shape.h"

#define SUCCEEDED    "status.conditions.#(type==\"Succeeded\")#|#(status==\"True\")#"
#define FAILED       "status.conditions.#(type==\"Failed\")#|#(status==\"True\")#"
#define MASTER_LABEL "training.kubeflow.org/job-role", "master"

static const struct shape scheduling_shape[] = {
    { .name = "minAvailable", .type = SHAPE_INTEGER },
    { .name = "minResources", .type = SHAPE_QUANTITIES },
    { .name = "priorityClass", .type = SHAPE_TEXT },
    { .name = "queue", .type = SHAPE_TEXT },
    { .name = "scheduleTimeoutSeconds", .type = SHAPE_INTEGER },
    { 0 },
};

static const struct shape run_policy_shape[] = {
    { .name = "activeDeadlineSeconds", .type = SHAPE_COUNT },
    { .name = "backoffLimit", .type = SHAPE_INTEGER },
    { .name = "cleanPodPolicy", .type = SHAPE_TEXT },
    { .name = "managedBy", .type = SHAPE_TEXT },
    { .name = "schedulingPolicy", .type = SHAPE_MAP, .shape = scheduling_shape },
    { .name = "suspend", .type = SHAPE_BOOLEAN },
    { .name = "ttlSecondsAfterFinished", .type = SHAPE_INTEGER },
    { 0 },
};

static const struct shape elastic_shape[] = {
    { .name = "maxReplicas", .type = SHAPE_COUNT },
    { .name = "maxRestarts", .type = SHAPE_INTEGER },
    { .name = "metrics" },
    { .name = "minReplicas", .type = SHAPE_COUNT },
    { .name = "nProcPerNode", .type = SHAPE_COUNT },
    { .name = "rdzvBackend", .type = SHAPE_TEXT },
    { .name = "rdzvConf" },
    { .name = "rdzvHost", .type = SHAPE_TEXT },
    { .name = "rdzvId", .type = SHAPE_TEXT },
    { .name = "rdzvPort", .type = SHAPE_COUNT },
    { .name = "standalone", .type = SHAPE_BOOLEAN },
    { 0 },
};

#define RUN_POLICY                                                        \
    {                                                                     \
        .name = "runPolicy", .type = SHAPE_MAP, .shape = run_policy_shape \
    }

static const struct shape pytorch_shape[] = {
    RUN_POLICY,
    { .name = "pytorchReplicaSpecs" },
    { .name = "nprocPerNode", .type = SHAPE_TEXT },
    { .name = "elasticPolicy", .type = SHAPE_MAP, .shape = elastic_shape },
    { 0 },
};

static const struct shape tensorflow_shape[] = {
    RUN_POLICY,
    { .name = "tfReplicaSpecs" },
    { .name = "successPolicy", .type = SHAPE_TEXT },
    { .name = "enableDynamicWorker", .type = SHAPE_BOOLEAN },
    { 0 },
};

static const struct shape xgboost_shape[] = { RUN_POLICY, { .name = "xgbReplicaSpecs" }, { 0 } };

static const struct shape mpi_shape[] = {
    RUN_POLICY,
    { .name = "mpiReplicaSpecs" },
    { .name = "slotsPerWorker", .type = SHAPE_COUNT },
    { .name = "cleanPodPolicy", .type = SHAPE_TEXT },
    { .name = "mainContainer", .type = SHAPE_TEXT },
    { 0 },
};

static const struct shape paddle_shape[] = {
    RUN_POLICY,
    { .name = "paddleReplicaSpecs" },
    { .name = "elasticPolicy", .type = SHAPE_MAP, .shape = elastic_shape },
    { 0 },
};

static const struct shape jax_shape[] = { RUN_POLICY, { .name = "jaxReplicaSpecs" }, { 0 } };

static const struct replica_type master_worker[] = { { "Master", false, 1 }, { "Worker", false, 0 }, { 0 } };
static const struct replica_type tensorflow_types[] = { { "Chief", false, 0 },     { "Master", false, 0 },
                                                        { "PS", false, 0 },        { "Worker", false, 0 },
                                                        { "Evaluator", false, 0 }, { 0 } };
static const struct replica_type xgboost_types[] = { { "Master", true, 1 }, { "Worker", false, 0 }, { 0 } };
static const struct replica_type mpi_types[] = { { "Launcher", true, 1 }, { "Worker", false, 0 }, { 0 } };
static const struct replica_type worker_only[] = { { "Worker", true, 0 }, { 0 } };

static const struct replica_kind pytorch = { "pytorchReplicaSpecs", "pytorch", pytorch_shape, master_worker };
static const struct replica_kind tensorflow = { "tfReplicaSpecs", "tensorflow", tensorflow_shape, tensorflow_types };
static const struct replica_kind xgboost = { "xgbReplicaSpecs", "xgboost", xgboost_shape, xgboost_types };
static const struct replica_kind mpi = { "mpiReplicaSpecs", NULL, mpi_shape, mpi_types };
static const struct replica_kind paddle = { "paddleReplicaSpecs", "paddle", paddle_shape, master_worker };
static const struct replica_kind jax = { "jaxReplicaSpecs", "jax", jax_shape, worker_only };

static void check_pytorch(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                          struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&pytorch, manifest, file, path, arena, faults, &replicas);

    const struct node *elastic = node_get(replicas.spec, "elasticPolicy");

    if (elastic != NULL && replicas_find(replicas.specs, "Worker") == NULL)
        replicas_complain(&replicas, elastic, arena_printf(arena, "%s.Worker", replicas.path),
                          "must be configured if elastic policy is used");
    if (node_get(elastic, "nProcPerNode") != NULL && node_get(replicas.spec, "nprocPerNode") != NULL)
        replicas_complain(&replicas, elastic, arena_printf(arena, "%s.spec.elasticPolicy.nProcPerNode", path),
                          "must not be used with spec.nprocPerNode");
}

static void check_tensorflow(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                             struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&tensorflow, manifest, file, path, arena, faults, &replicas);
    if (replicas_find(replicas.specs, "Chief") != NULL && replicas_find(replicas.specs, "Master") != NULL)
        replicas_complain(&replicas, replicas.specs, replicas.path, "must not have more than 1 Chief or Master role");
}

static void check_xgboost(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                          struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&xgboost, manifest, file, path, arena, faults, &replicas);
}

static void check_mpi(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                      struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&mpi, manifest, file, path, arena, faults, &replicas);
}

static void check_paddle(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                         struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&paddle, manifest, file, path, arena, faults, &replicas);
}

static void check_jax(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                      struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&jax, manifest, file, path, arena, faults, &replicas);
}

static struct node *status(bool succeeded, const char *reason, const char *message, struct arena *arena)
{
    return job_status(succeeded ? "Succeeded" : "Failed", succeeded ? "succeeded" : "failed", reason, message, arena);
}

const struct job_kind job_kind_pytorch = {
    .api_version = "kubeflow.org/v1",
    .kind = "PyTorchJob",
    .success_condition = SUCCEEDED,
    .failure_condition = FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check_pytorch,
    .status = status,
};

const struct job_kind job_kind_tensorflow = {
    .api_version = "kubeflow.org/v1",
    .kind = "TFJob",
    .success_condition = SUCCEEDED,
    .failure_condition = FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check_tensorflow,
    .status = status,
};

const struct job_kind job_kind_xgboost = {
    .api_version = "kubeflow.org/v1",
    .kind = "XGBoostJob",
    .success_condition = SUCCEEDED,
    .failure_condition = FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check_xgboost,
    .status = status,
};

const struct job_kind job_kind_mpi = {
    .api_version = "kubeflow.org/v1",
    .kind = "MPIJob",
    .success_condition = SUCCEEDED,
    .failure_condition = FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check_mpi,
    .status = status,
};

/* Katib has no default conditions and labels for these two. */
const struct job_kind job_kind_paddle = {
    .api_version = "kubeflow.org/v1",
    .kind = "PaddleJob",
    .check = check_paddle,
    .status = status,
};

const struct job_kind job_kind_jax = {
    .api_version = "kubeflow.org/v1",
    .kind = "JAXJob",
    .check = check_jax,
    .status = status,
};
