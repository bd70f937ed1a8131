/*
 * TrainJob of Kubeflow Trainer (trainer.kubeflow.org/v1alpha1): known by name and checked, not planned.
 */
#include "base/text.h"
#include "trialrunner/jobs/job_status.h"
#include "trialrunner/jobs/job_table.h"
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
    .status = status,
};
