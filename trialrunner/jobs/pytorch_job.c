/*
 * PyTorchJob: a Master and Workers, or Workers alone; elastic ones meet by torchrun's rendezvous.
 */
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/jobs/replica_plan.h"

static const struct shape pytorch_shape[] = {
    { .name = "runPolicy", .type = SHAPE_MAP, .shape = run_policy_shape },
    { .name = "pytorchReplicaSpecs" },
    { .name = "nprocPerNode", .type = SHAPE_TEXT },
    { .name = "elasticPolicy", .type = SHAPE_MAP, .shape = elastic_shape },
    { 0 },
};

static const struct replica_type types[] = { { "Master", false, 1 }, { "Worker", false, 0 }, { 0 } };

/* Processes of a node: a number, or what torchrun makes of auto, cpu and gpu. */
static const char *processes(const struct replica_set *set)
{
    const char *given = node_to_text(set->arena, node_get(set->spec, "nprocPerNode")),
               *elastic = node_to_text(set->arena, node_path(set->spec, "elasticPolicy.nProcPerNode"));

    return elastic != NULL ? elastic : given != NULL ? given : "auto";
}

static const char *rendezvous_settings(const struct replica_set *set, const struct node *list)
{
    const char *all = NULL;

    for (size_t i = 0; list != NULL && list->kind == NODE_LIST && i < list->length; i++) {
        const char *key = node_to_text(set->arena, node_get(list->items[i], "key")),
                   *value = node_to_text(set->arena, node_get(list->items[i], "value"));

        if (key != NULL && value != NULL)
            all = arena_printf(set->arena, "%s%s%s=%s", all != NULL ? all : "", all != NULL ? "," : "", key, value);
    }
    return all;
}

static void set_rendezvous(const struct replica_set *set, const struct node *elastic, struct replica_env *env)
{
    int64_t n = replicas_count(set, "Worker"), least = n, most = n, restarts;
    const char *backend = node_to_text(set->arena, node_get(elastic, "rdzvBackend")),
               *id = node_to_text(set->arena, node_get(elastic, "rdzvId")),
               *settings = rendezvous_settings(set, node_get(elastic, "rdzvConf"));
    bool is_standalone = false;

    node_to_integer(node_get(elastic, "minReplicas"), &least);
    node_to_integer(node_get(elastic, "maxReplicas"), &most);
    node_to_boolean(node_get(elastic, "standalone"), &is_standalone);
    replica_set_env(env, "PET_RDZV_ENDPOINT", "%s", replica_address(set, replicas_first(set, "Worker")));
    replica_set_env(env, "PET_RDZV_BACKEND", "%s", backend != NULL ? backend : "c10d");
    replica_set_env(env, "PET_NNODES", "%lld:%lld", (long long)least, (long long)most);
    if (node_to_integer(node_get(elastic, "maxRestarts"), &restarts))
        replica_set_env(env, "PET_MAX_RESTARTS", "%lld", (long long)restarts);
    if (id != NULL)
        replica_set_env(env, "PET_RDZV_ID", "%s", id);
    if (settings != NULL)
        replica_set_env(env, "PET_RDZV_CONF", "%s", settings);
    if (is_standalone)
        replica_set_env(env, "PET_STANDALONE", "%s", "");
}

/* RANK is the rank of the node, as the operator has it: for scripts that are one process a node. */
static void set_master(const struct replica_set *set, const struct replica *replica, struct replica_env *env)
{
    const struct replica *master = replicas_first(set, "Master");
    int rank = replica_is(replica, "Master") ? 0 : replica->index + 1;
    int64_t n_processes = 1;

    node_to_integer(node_get(set->spec, "nprocPerNode"), &n_processes);
    replica_set_env(env, "MASTER_PORT", "%d", master->port);
    replica_set_env(env, "PET_MASTER_PORT", "%d", master->port);
    replica_set_env(env, "MASTER_ADDR", "%s", replicas_host(set));
    replica_set_env(env, "PET_MASTER_ADDR", "%s", replicas_host(set));
    replica_set_env(env, "WORLD_SIZE", "%lld", (long long)set->n * (long long)n_processes);
    replica_set_env(env, "RANK", "%d", rank);
    replica_set_env(env, "PET_NODE_RANK", "%d", rank);
}

static void environment(const struct replica_set *set, const struct replica *replica, struct replica_env *env)
{
    const struct node *elastic = node_get(set->spec, "elasticPolicy");

    replica_set_env(env, "PYTHONUNBUFFERED", "1");
    if (replicas_first(set, "Master") != NULL)
        set_master(set, replica, env);
    replica_set_env(env, "PET_NPROC_PER_NODE", "%s", processes(set));
    if (elastic != NULL && replicas_first(set, "Worker") != NULL)
        set_rendezvous(set, elastic, env);
    else
        replica_set_env(env, "PET_NNODES", "%zu", set->n);
}

static bool decides(const struct replica_set *set, const struct replica *replica)
{
    return replicas_first(set, "Master") == NULL || replica_is(replica, "Master");
}

static bool leads(const struct replica_set *set, const struct replica *replica)
{
    return replica == &set->items[0];
}

static bool ends_with_one(const struct replica_set *set)
{
    return replicas_first(set, "Master") == NULL && node_get(set->spec, "elasticPolicy") != NULL;
}

static const struct replica_kind pytorch = {
    .name = "PyTorchJob",
    .specs = "pytorchReplicaSpecs",
    .container = "pytorch",
    .spec = pytorch_shape,
    .types = types,
    .restart = RESTART_ON_FAILURE,
    .environment = environment,
    .decides = decides,
    .leads = leads,
    .ends_with_one = ends_with_one,
};

static void check(const struct node *manifest, const char *file, const char *path, struct arena *arena,
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

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    return replicas_plan(&pytorch, manifest, context, arena, plan, faults);
}

const struct job_kind job_kind_pytorch = {
    .api_version = "kubeflow.org/v1",
    .kind = "PyTorchJob",
    .success_condition = REPLICAS_SUCCEEDED,
    .failure_condition = REPLICAS_FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check,
    .plan = plan,
    .status = replicas_status,
};
