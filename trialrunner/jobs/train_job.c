/*
 * TrainJob of Kubeflow Trainer (trainer.kubeflow.org/v1alpha1) with its runtime torch-distributed: nodes that torchrun joins.
 */
#include "base/status.h"
#include "base/text.h"
#include "trialrunner/jobs/job_status.h"
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/pod.h"
#include "trialrunner/pod_shape.h"

static const struct shape runtime_shape[] = {
    { .name = "apiGroup", .type = SHAPE_TEXT },
    { .name = "kind", .type = SHAPE_TEXT },
    { .name = "name", .type = SHAPE_TEXT, .required = true },
    { 0 },
};

static const struct shape trainer_shape[] = {
    { .name = "image", .type = SHAPE_TEXT },
    { .name = "command", .type = SHAPE_TEXTS },
    { .name = "args", .type = SHAPE_TEXTS },
    { .name = "env", .type = SHAPE_MAPS, .shape = env_shape },
    { .name = "numNodes", .type = SHAPE_COUNT },
    { .name = "numProcPerNode", .type = SHAPE_TEXT },
    { .name = "resourcesPerNode", .type = SHAPE_MAP, .shape = resources_shape },
    { 0 },
};

static const struct shape spec_shape[] = {
    { .name = "runtimeRef", .type = SHAPE_MAP, .shape = runtime_shape, .required = true },
    { .name = "trainer", .type = SHAPE_MAP, .shape = trainer_shape },
    { .name = "initializer" },
    { .name = "labels", .type = SHAPE_TEXT_MAP },
    { .name = "annotations", .type = SHAPE_TEXT_MAP },
    { .name = "podSpecOverrides" },
    { .name = "podTemplateOverrides" },
    { .name = "suspend", .type = SHAPE_BOOLEAN },
    { .name = "managedBy", .type = SHAPE_TEXT },
    { 0 },
};

static const struct shape train_job_shape[] = {
    { .name = "apiVersion", .type = SHAPE_TEXT, .required = true },
    { .name = "kind", .type = SHAPE_TEXT, .required = true },
    { .name = "metadata", .type = SHAPE_MAP, .shape = object_meta_shape },
    { .name = "spec", .type = SHAPE_MAP, .shape = spec_shape, .required = true },
    { .name = "status" },
    { 0 },
};

static void check(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                  struct faults *faults)
{
    const struct shape_walk walk = { .file = file, .arena = arena, .faults = faults };

    shape_check(&walk, train_job_shape, manifest, path);
}

/* --- plan --- */

enum { DEFAULT_BACKOFF_LIMIT = 0 }; /* of the runtime's JobSet */

static int64_t nodes_of(const struct node *trainer)
{
    int64_t n = 1;

    node_to_integer(node_get(trainer, "numNodes"), &n);
    return n;
}

/* The pod that the runtime makes of the trainer: one container, called node. */
static const struct node *template_of(const struct node *trainer, struct arena *arena)
{
    static const char *const kept[] = { "image", "command", "args", "env" };
    struct node *template = node_map(arena), *spec = node_set(arena, template, "spec", node_map(arena));
    struct node *container = node_map(arena);

    node_set(arena, spec, "restartPolicy", node_text(arena, "Never"));
    node_add(arena, node_set(arena, spec, "containers", node_list(arena)), container);
    node_set(arena, container, "name", node_text(arena, "node"));
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (node_get(trainer, kept[i]) != NULL)
            node_set(arena, container, kept[i], node_copy(arena, node_get(trainer, kept[i])));
    if (node_get(trainer, "resourcesPerNode") != NULL)
        node_set(arena, container, "resources", node_copy(arena, node_get(trainer, "resourcesPerNode")));
    return template;
}

static int plan_node(const struct node *trainer, const struct plan_context *context, int index, struct arena *arena,
                     struct role *role, struct faults *faults)
{
    const char *processes = node_to_text(arena, node_get(trainer, "numProcPerNode"));
    const char *const labels[] = {
        "jobset.sigs.k8s.io/replicatedjob-name=node",
        arena_printf(arena, "jobset.sigs.k8s.io/jobset-name=%s", context->trial_name),
        arena_printf(arena, "batch.kubernetes.io/job-completion-index=%d", index),
    };
    const char *const env[] = {
        arena_printf(arena, "PET_NNODES=%lld", (long long)nodes_of(trainer)),
        arena_printf(arena, "PET_NPROC_PER_NODE=%s", processes != NULL ? processes : "auto"),
        arena_printf(arena, "PET_NODE_RANK=%d", index),
        arena_printf(arena, "PET_MASTER_ADDR=%s", context->address != NULL ? context->address : "127.0.0.1"),
        arena_printf(arena, "PET_MASTER_PORT=%d", context->first_port),
        arena_printf(arena, "JOB_COMPLETION_INDEX=%d", index),
    };
    const struct pod_owner owner = {
        .pod = arena_printf(arena, "%s-node-0-%d", context->trial_name, index),
        .metrics_port = context->is_scraped ? context->first_port + 1 + index : 0,
        .n_labels = 3,
        .labels = labels,
        .n_env = sizeof env / sizeof *env,
        .env = env,
    };

    role->name = arena_printf(arena, "node-%d", index);
    role->index = index;
    role->decides = true;
    return pod_plan(template_of(trainer, arena), context, &owner, arena, role, faults);
}

static int check_rendered(const struct node *manifest, struct arena *arena)
{
    struct faults found = { 0 };
    int status;

    check(manifest, NULL, "trialSpec", arena, &found);
    status = first_error(&found);
    faults_release(&found);
    return status;
}

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    const struct node *trainer = node_path(manifest, "spec.trainer");
    const char *runtime = node_to_text(arena, node_path(manifest, "spec.runtimeRef.name"));
    int64_t n = nodes_of(trainer);
    struct role *roles;

    TRY(check_rendered(manifest, arena));
    if (!text_equal(runtime, "torch-distributed"))
        return fail(ERR_UNSUPPORTED,
                    "spec.runtimeRef.name: expected torch-distributed, the runtime that is known here, got \"%s\"",
                    runtime);
    if (n < 1 || n > ROLE_LIMIT)
        return fail(ERR_INVALID, "spec.trainer.numNodes: expected 1 to %d, got %lld", ROLE_LIMIT, (long long)n);
    *plan = (struct plan){ .is_gang = true,
                           .n_ports = context->is_scraped ? 1 + (int)n : 1,
                           .n_roles = (size_t)n,
                           .parallelism = (int)n,
                           .completions = (int)n,
                           .backoff_limit = DEFAULT_BACKOFF_LIMIT,
                           .grace_s = 30 };
    roles = arena_array(arena, (size_t)n, sizeof *roles);
    for (int i = 0; i < n; i++)
        TRY(plan_node(trainer, context, i, arena, &roles[i], faults));
    plan->roles = roles;
    return plan_finish(plan, context->primary_container);
}

static struct node *status(bool succeeded, const char *reason, const char *message, struct arena *arena)
{
    return job_status(succeeded ? "Complete" : "Failed", succeeded ? "succeeded" : "failed", reason, message, arena);
}

const struct job_kind job_kind_train_job = {
    .api_version = "trainer.kubeflow.org/v1alpha1",
    .kind = "TrainJob",
    .success_condition = "status.conditions.#(type==\"Complete\")#|#(status==\"True\")#",
    .failure_condition = "status.conditions.#(type==\"Failed\")#|#(status==\"True\")#",
    .primary_labels = { "jobset.sigs.k8s.io/replicatedjob-name", "node", "batch.kubernetes.io/job-completion-index",
                        "0" },
    .check = check,
    .plan = plan,
    .status = status,
};
