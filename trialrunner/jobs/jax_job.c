/*
 * JAXJob: Workers, coordinated by the first. Katib has no defaults for it.
 */
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/jobs/replica_plan.h"

static const struct shape jax_shape[] = { { .name = "runPolicy", .type = SHAPE_MAP, .shape = run_policy_shape },
                                          { .name = "jaxReplicaSpecs" },
                                          { 0 } };

static const struct replica_type types[] = { { "Worker", true, 0 }, { 0 } };

static void environment(const struct replica_set *set, const struct replica *replica, struct replica_env *env)
{
    replica_set_env(env, "PYTHONUNBUFFERED", "1");
    replica_set_env(env, "COORDINATOR_PORT", "%d", set->items[0].port);
    replica_set_env(env, "COORDINATOR_ADDRESS", "%s", replicas_host(set));
    replica_set_env(env, "NUM_PROCESSES", "%zu", set->n);
    replica_set_env(env, "PROCESS_ID", "%d", replica->index);
}

static bool decides(const struct replica_set *set, const struct replica *replica)
{
    (void)set;
    (void)replica;
    return true;
}

static bool leads(const struct replica_set *set, const struct replica *replica)
{
    return replica == &set->items[0];
}

static const struct replica_kind jax = {
    .name = "JAXJob",
    .specs = "jaxReplicaSpecs",
    .container = "jax",
    .spec = jax_shape,
    .types = types,
    .restart = RESTART_NEVER,
    .environment = environment,
    .decides = decides,
    .leads = leads,
};

static void check(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                  struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&jax, manifest, file, path, arena, faults, &replicas);
}

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    return replicas_plan(&jax, manifest, context, arena, plan, faults);
}

const struct job_kind job_kind_jax = {
    .api_version = "kubeflow.org/v1",
    .kind = "JAXJob",
    .success_condition = REPLICAS_SUCCEEDED,
    .failure_condition = REPLICAS_FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check,
    .plan = plan,
    .status = replicas_status,
};
