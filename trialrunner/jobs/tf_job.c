/*
 * TFJob: Chief or Master, parameter servers, Workers and an Evaluator, which find each other by TF_CONFIG.
 */
#include "base/json.h"
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/jobs/replica_plan.h"

static const struct shape tensorflow_shape[] = {
    { .name = "runPolicy", .type = SHAPE_MAP, .shape = run_policy_shape },
    { .name = "tfReplicaSpecs" },
    { .name = "successPolicy", .type = SHAPE_TEXT },
    { .name = "enableDynamicWorker", .type = SHAPE_BOOLEAN },
    { 0 },
};

static const struct replica_type types[] = { { "Chief", false, 0 },  { "Master", false, 0 },    { "PS", false, 0 },
                                             { "Worker", false, 0 }, { "Evaluator", false, 0 }, { 0 } };

static const struct {
    const char *type, *task; /* as TF_CONFIG has them */
} tasks[] = {
    { "Chief", "chief" }, { "Master", "master" }, { "PS", "ps" }, { "Worker", "worker" }, { "Evaluator", "evaluator" },
};

static const char *task_of(const struct replica *replica)
{
    size_t i = 0;

    while (!replica_is(replica, tasks[i].type))
        i++;
    return tasks[i].task;
}

static struct node *cluster(const struct replica_set *set)
{
    struct node *map = node_map(set->arena), *list = NULL;

    for (size_t i = 0; i < set->n; i++) {
        if (set->items[i].index == 0)
            list = node_set(set->arena, map, task_of(&set->items[i]), node_list(set->arena));
        node_add(set->arena, list, node_text(set->arena, replica_address(set, &set->items[i])));
    }
    return map;
}

/* What a replica of a cluster that changes knows: itself and the parameter servers. */
static struct node *sparse_cluster(const struct replica_set *set, const struct replica *replica)
{
    struct node *map = node_map(set->arena), *self = node_map(set->arena), *servers = node_list(set->arena);

    for (size_t i = 0; i < set->n; i++)
        if (replica_is(&set->items[i], "PS"))
            node_add(set->arena, servers, node_text(set->arena, replica_address(set, &set->items[i])));
    node_set(set->arena, self, arena_printf(set->arena, "%d", replica->index),
             node_text(set->arena, replica_address(set, replica)));
    node_set(set->arena, map, "ps", servers);
    if (!replica_is(replica, "PS"))
        node_set(set->arena, map, task_of(replica), self);
    return map;
}

static void environment(const struct replica_set *set, const struct replica *replica, struct replica_env *env)
{
    struct node *config = node_map(set->arena), *task = node_map(set->arena);
    struct text text = { 0 };
    bool is_dynamic = false;

    if (set->n == 1)
        return;
    node_to_boolean(node_get(set->spec, "enableDynamicWorker"), &is_dynamic);
    node_set(set->arena, config, "cluster", is_dynamic ? sparse_cluster(set, replica) : cluster(set));
    node_set(set->arena, config, "task", task);
    node_set(set->arena, task, "type", node_text(set->arena, task_of(replica)));
    node_set(set->arena, task, "index", node_integer(set->arena, replica->index));
    if (!is_dynamic)
        node_set(set->arena, config, "environment", node_text(set->arena, "cloud"));
    json_write(config, JSON_COMPACT, &text);
    replica_set_env(env, "TF_CONFIG", "%s", text.data);
    text_release(&text);
}

static bool has_chief(const struct replica_set *set)
{
    return replicas_first(set, "Chief") != NULL || replicas_first(set, "Master") != NULL;
}

static bool is_chief(const struct replica *replica)
{
    return replica_is(replica, "Chief") || replica_is(replica, "Master");
}

static bool decides(const struct replica_set *set, const struct replica *replica)
{
    const char *policy = node_to_text(set->arena, node_get(set->spec, "successPolicy"));

    if (has_chief(set))
        return is_chief(replica);
    if (replicas_first(set, "Worker") == NULL)
        return true;
    return replica_is(replica, "Worker") && (replica->index == 0 || text_equal(policy, "AllWorkers"));
}

static bool leads(const struct replica_set *set, const struct replica *replica)
{
    return has_chief(set) ? is_chief(replica) : replica_is(replica, "Worker") && replica->index == 0;
}

static const struct replica_kind tensorflow = {
    .name = "TFJob",
    .specs = "tfReplicaSpecs",
    .container = "tensorflow",
    .spec = tensorflow_shape,
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

    replicas_check(&tensorflow, manifest, file, path, arena, faults, &replicas);
    if (replicas_find(replicas.specs, "Chief") != NULL && replicas_find(replicas.specs, "Master") != NULL)
        replicas_complain(&replicas, replicas.specs, replicas.path, "must not have more than 1 Chief or Master role");
}

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    return replicas_plan(&tensorflow, manifest, context, arena, plan, faults);
}

const struct job_kind job_kind_tensorflow = {
    .api_version = "kubeflow.org/v1",
    .kind = "TFJob",
    .success_condition = REPLICAS_SUCCEEDED,
    .failure_condition = REPLICAS_FAILED,
    .primary_labels = { MASTER_LABEL },
    .check = check,
    .plan = plan,
    .status = replicas_status,
};
