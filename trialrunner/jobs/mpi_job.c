/*
 * MPIJob: a Launcher, which starts the ranks of all Workers on this machine itself.
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

static bool is_launcher(const struct replica_set *set, const struct replica *replica)
{
    (void)set;
    return replica_is(replica, "Launcher");
}

/* Ranks that Workers take together. */
static long long slots(const struct replica_set *set)
{
    int64_t each = 1;

    node_to_integer(node_get(set->spec, "slotsPerWorker"), &each);
    return (long long)each * (replicas_count(set, "Worker") > 0 ? replicas_count(set, "Worker") : 1);
}

/* Open MPI's mpirun finds no other hosts than this one, with as many slots as all Workers have: its ranks are children of the launcher. */
static void environment(const struct replica_set *set, const struct replica *replica, struct replica_env *env)
{
    (void)replica;
    replica_set_env(env, "OMPI_MCA_orte_set_default_slots", "%lld", slots(set));
    replica_set_env(env, "OMPI_MCA_rmaps_base_oversubscribe", "1");
    replica_set_env(env, "OMPI_MCA_plm_rsh_agent", "false");
    replica_set_env(env, "OMPI_ALLOW_RUN_AS_ROOT", "1"); /* as who runs the service */
    replica_set_env(env, "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
}

static const struct replica_kind mpi = {
    .name = "MPIJob",
    .specs = "mpiReplicaSpecs",
    .spec = mpi_shape,
    .types = types,
    .restart = RESTART_NEVER,
    .environment = environment,
    .decides = is_launcher,
    .leads = is_launcher,
    .is_first_alone = true,
};

static void check(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                  struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&mpi, manifest, file, path, arena, faults, &replicas);
}

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    return replicas_plan(&mpi, manifest, context, arena, plan, faults);
}

const struct job_kind job_kind_mpi = {
    .api_version = "kubeflow.org/v1",
    .kind = "MPIJob",
    .success_condition = REPLICAS_SUCCEEDED,
    .failure_condition = REPLICAS_FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check,
    .plan = plan,
    .status = replicas_status,
};
