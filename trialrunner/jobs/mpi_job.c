/*
 * MPIJob: a Launcher, and the Workers on which it starts ranks; known by name and checked, not planned.
 */
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/jobs/replica_plan.h"

static const struct shape mpi_shape[] = {
    { .name = "runPolicy", .type = SHAPE_MAP, .shape = run_policy_shape },
    { .name = "mpiReplicaSpecs" },
    { .name = "slotsPerWorker", .type = SHAPE_COUNT },
    { .name = "cleanPodPolicy", .type = SHAPE_TEXT },
    { .name = "mainContainer", .type = SHAPE_TEXT },
    { 0 },
};

static const struct replica_type types[] = { { "Launcher", true, 1 }, { "Worker", false, 0 }, { 0 } };

static const struct replica_kind mpi = {
    .name = "MPIJob",
    .specs = "mpiReplicaSpecs",
    .spec = mpi_shape,
    .types = types,
};

static void check(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                  struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&mpi, manifest, file, path, arena, faults, &replicas);
}

const struct job_kind job_kind_mpi = {
    .api_version = "kubeflow.org/v1",
    .kind = "MPIJob",
    .success_condition = REPLICAS_SUCCEEDED,
    .failure_condition = REPLICAS_FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check,
    .status = replicas_status,
};
