/*
 * PaddleJob: Workers alone (collective), or a Master that serves parameters to them. Katib has no defaults for it.
 */
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/jobs/replica_plan.h"

static const struct shape paddle_shape[] = {
    { .name = "runPolicy", .type = SHAPE_MAP, .shape = run_policy_shape },
    { .name = "paddleReplicaSpecs" },
    { .name = "elasticPolicy", .type = SHAPE_MAP, .shape = elastic_shape },
    { 0 },
};

static const struct replica_type types[] = { { "Master", false, 1 }, { "Worker", false, 0 }, { 0 } };

static void environment(const struct replica_set *set, const struct replica *replica, struct replica_env *env)
{
    bool has_servers = replicas_first(set, "Master") != NULL;

    replica_set_env(env, "PYTHONUNBUFFERED", "1");
    replica_set_env(env, "PADDLE_JOB_ID", "%s", set->context->trial_name);
    replica_set_env(env, "PADDLE_NNODES", "%zu", set->n);
    replica_set_env(env, "PADDLE_MASTER", "%s", replica_address(set, &set->items[0]));
    if (has_servers)
        replica_set_env(env, replica_is(replica, "Master") ? "PADDLE_SERVER_NUM" : "PADDLE_TRAINER_NUM", "1");
}

static bool decides(const struct replica_set *set, const struct replica *replica)
{
    return replicas_first(set, "Master") == NULL || replica_is(replica, "Master");
}

static bool leads(const struct replica_set *set, const struct replica *replica)
{
    return replica == &set->items[0];
}

static const struct replica_kind paddle = {
    .name = "PaddleJob",
    .specs = "paddleReplicaSpecs",
    .container = "paddle",
    .spec = paddle_shape,
    .types = types,
    .restart = RESTART_ON_FAILURE,
    .environment = environment,
    .decides = decides,
    .leads = leads,
};

static void check(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                  struct faults *faults)
{
    struct replicas replicas;

    replicas_check(&paddle, manifest, file, path, arena, faults, &replicas);
}

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    return replicas_plan(&paddle, manifest, context, arena, plan, faults);
}

const struct job_kind job_kind_paddle = {
    .api_version = "kubeflow.org/v1",
    .kind = "PaddleJob",
    .success_condition = REPLICAS_SUCCEEDED,
    .failure_condition = REPLICAS_FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check,
    .plan = plan,
    .status = replicas_status,
};
