/*
 * XGBoostJob: a Master, whose tracker the Workers find, and they.
 */
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/jobs/replica_plan.h"

static const struct shape xgboost_shape[] = { { .name = "runPolicy", .type = SHAPE_MAP, .shape = run_policy_shape },
                                              { .name = "xgbReplicaSpecs" },
                                              { 0 } };

static const struct replica_type types[] = { { "Master", true, 1 }, { "Worker", false, 0 }, { 0 } };

static const char *worker_addresses(const struct replica_set *set)
{
    const char *all = NULL;

    for (int i = 0; i < replicas_count(set, "Worker"); i++)
        all = all == NULL ? replicas_host(set) : arena_printf(set->arena, "%s,%s", all, replicas_host(set));
    return all;
}

static void environment(const struct replica_set *set, const struct replica *replica, struct replica_env *env)
{
    const struct replica *master = replicas_first(set, "Master"), *worker = replicas_first(set, "Worker");

    replica_set_env(env, "MASTER_PORT", "%d", master->port);
    replica_set_env(env, "MASTER_ADDR", "%s", replicas_host(set));
    replica_set_env(env, "WORLD_SIZE", "%zu", set->n);
    replica_set_env(env, "RANK", "%d", replica_is(replica, "Master") ? 0 : replica->index + 1);
    replica_set_env(env, "PYTHONUNBUFFERED", "1");
    if (worker != NULL) { /* for LightGBM's list of machines */
        replica_set_env(env, "WORKER_PORT", "%d", replica_is(replica, "Worker") ? replica->port : worker->port);
        replica_set_env(env, "WORKER_ADDRS", "%s", worker_addresses(set));
    }
}

static bool decides(const struct replica_set *set, const struct replica *replica)
{
    (void)set;
    return replica_is(replica, "Master");
}

static bool leads(const struct replica_set *set, const struct replica *replica)
{
    return decides(set, replica);
}

static const struct replica_kind xgboost = {
    .name = "XGBoostJob",
    .specs = "xgbReplicaSpecs",
    .container = "xgboost",
    .spec = xgboost_shape,
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

    replicas_check(&xgboost, manifest, file, path, arena, faults, &replicas);
}

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    return replicas_plan(&xgboost, manifest, context, arena, plan, faults);
}

const struct job_kind job_kind_xgboost = {
    .api_version = "kubeflow.org/v1",
    .kind = "XGBoostJob",
    .success_condition = REPLICAS_SUCCEEDED,
    .failure_condition = REPLICAS_FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check,
    .plan = plan,
    .status = replicas_status,
};
