/*
 * batch/v1 Job: pods that run to completion, `parallelism` at a time, `completions` in all.
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "trialrunner/jobs/job_status.h"
#include "trialrunner/jobs/job_table.h"
#include "trialrunner/pod.h"
#include "trialrunner/pod_shape.h"

#define INDEX_KEY "batch.kubernetes.io/job-completion-index"

static const struct shape job_spec_shape[] = {
    { .name = "template", .required = true }, /* pod_check */
    { .name = "activeDeadlineSeconds", .type = SHAPE_COUNT },
    { .name = "backoffLimit", .type = SHAPE_INTEGER },
    { .name = "completionMode", .type = SHAPE_TEXT },
    { .name = "completions", .type = SHAPE_COUNT },
    { .name = "parallelism", .type = SHAPE_COUNT },
    { .name = "backoffLimitPerIndex",
      .type = SHAPE_INTEGER,
      .note = "failures of all pods count together, by backoffLimit" },
    { .name = "managedBy", .type = SHAPE_TEXT, .note = "the engine of the experiment runs the Job" },
    { .name = "manualSelector", .type = SHAPE_BOOLEAN, .note = "there are no other pods to select" },
    { .name = "maxFailedIndexes",
      .type = SHAPE_INTEGER,
      .note = "failures of all pods count together, by backoffLimit" },
    { .name = "podFailurePolicy", .note = "every failure counts, by backoffLimit" },
    { .name = "podReplacementPolicy", .type = SHAPE_TEXT, .note = "a pod is replaced when it has ended" },
    { .name = "selector", .note = "there are no other pods to select" },
    { .name = "successPolicy", .note = "the Job has succeeded when all completions have" },
    { .name = "suspend",
      .type = SHAPE_BOOLEAN,
      .note = "the Job starts at once; `hone stop` and `hone resume` suspend an experiment" },
    { .name = "ttlSecondsAfterFinished",
      .type = SHAPE_INTEGER,
      .note = "a trial is kept until its experiment is deleted; spec.hone.keep says whose directories stay" },
    { 0 },
};

static const struct shape job_shape[] = {
    { .name = "apiVersion", .type = SHAPE_TEXT, .required = true },
    { .name = "kind", .type = SHAPE_TEXT, .required = true },
    { .name = "metadata", .type = SHAPE_MAP, .shape = object_meta_shape },
    { .name = "spec", .type = SHAPE_MAP, .shape = job_spec_shape, .required = true },
    { .name = "status" },
    { 0 },
};

static void check_choice(const struct shape_walk *walk, const struct node *node, const char *path, const char *a,
                         const char *b)
{
    const char *text = node_to_text(walk->arena, node);

    if (text != NULL && !is_placeholder(node) && strcmp(text, a) != 0 && strcmp(text, b) != 0)
        faults_error(walk->faults, walk->file, node, path, "expected %s or %s, got \"%s\"", a, b, text);
}

/* Katib refuses a Job that does not read as batchv1.Job: unknown keys are errors. */
static void check(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                  struct faults *faults)
{
    const struct shape_walk walk = { .file = file, .strict = true, .arena = arena, .faults = faults };
    const struct node *spec = node_get(manifest, "spec"), *template = node_get(spec, "template");
    const struct node *restart = node_path(template, "spec.restartPolicy"), *pods = node_get(template, "spec");
    const char *pods_path = arena_printf(arena, "%s.spec.template.spec.restartPolicy", path);
    int64_t completions;

    shape_check(&walk, job_shape, manifest, path);
    pod_check(template, file, arena_printf(arena, "%s.spec.template", path), true, arena, faults);
    check_choice(&walk, node_get(spec, "completionMode"), arena_printf(arena, "%s.spec.completionMode", path),
                 "NonIndexed", "Indexed");
    check_choice(&walk, restart, pods_path, "Never", "OnFailure");
    if (pods != NULL && pods->kind == NODE_MAP && restart == NULL)
        faults_warning(faults, file, pods, pods_path,
                       "expected Never or OnFailure, got nothing: Never is taken, Kubernetes refuses it");
    if (node_to_integer(node_get(spec, "completions"), &completions) && completions > ROLE_LIMIT)
        faults_error(faults, file, node_get(spec, "completions"), arena_printf(arena, "%s.spec.completions", path),
                     "expected at most %d, got %lld", ROLE_LIMIT, (long long)completions);
}

/* A rendered manifest once more: what stood behind placeholders is known now. */
static int check_rendered(const struct node *manifest, struct arena *arena)
{
    struct faults found = { 0 };
    int status;

    check(manifest, NULL, "trialSpec", arena, &found);
    status = first_error(&found);
    faults_release(&found);
    return status;
}

/* How a Job's pods differ from each other. */
struct pods {
    const struct node *template;
    const struct plan_context *context;
    bool is_indexed;
    int64_t completions;
};

static int plan_pod(const struct pods *pods, int index, struct arena *arena, struct role *role, struct faults *faults)
{
    const char *number = arena_printf(arena, "%d", index), *job = pods->context->trial_name;
    const char *const completion = arena_printf(arena, INDEX_KEY "=%s", number);
    const char *const labels[] = {
        arena_printf(arena, "job-name=%s", job),
        arena_printf(arena, "batch.kubernetes.io/job-name=%s", job),
        completion,
    };
    const char *const env[] = { arena_printf(arena, "JOB_COMPLETION_INDEX=%s", number) };
    const struct pod_owner owner = {
        .pod = arena_printf(arena, "%s-%s", job, number),
        .metrics_port = pods->context->is_scraped ? pods->context->first_port + index : 0,
        .n_labels = pods->is_indexed ? 3 : 2,
        .labels = labels,
        .n_annotations = pods->is_indexed,
        .annotations = &completion,
        .n_env = pods->is_indexed,
        .env = env,
    };

    role->name = pods->completions > 1 ? arena_printf(arena, "main-%s", number) : "main";
    role->index = index;
    role->decides = true;
    return pod_plan(pods->template, pods->context, &owner, arena, role, faults);
}

static int plan_pods(const struct pods *pods, struct arena *arena, struct plan *plan, struct faults *faults)
{
    struct role *roles = arena_array(arena, (size_t)pods->completions, sizeof *roles);

    for (int i = 0; i < pods->completions; i++)
        TRY(plan_pod(pods, i, arena, &roles[i], faults));
    plan->roles = roles;
    plan->n_roles = (size_t)pods->completions;
    plan->completions = (int)pods->completions;
    plan->n_ports = pods->context->is_scraped ? plan->completions : 0;
    return plan_finish(plan, pods->context->primary_container);
}

/* The Job's own deadline and that of its pods: the sooner. */
static double deadline(const struct node *template, double of_job, struct faults *faults)
{
    double of_pod = pod_deadline_s(template);

    if (of_pod == 0)
        return of_job;
    warn_once(faults, template, NULL,
              "activeDeadlineSeconds of a pod counts from the start of the trial, not of the pod");
    return of_job > 0 ? fmin(of_job, of_pod) : of_pod;
}

static int plan(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults)
{
    const struct shape_walk walk = { .arena = arena, .faults = faults };
    const struct node *spec = node_get(manifest, "spec"), *template = node_get(spec, "template");
    const char *mode = node_to_text(arena, node_get(spec, "completionMode"));
    struct pods pods = { .template = template, .context = context, .is_indexed = text_equal(mode, "Indexed") };
    int64_t parallelism = 1, seconds = 0;
    bool has_completions;

    TRY(check_rendered(manifest, arena));
    shape_notes(&walk, job_shape, manifest, "trialSpec");
    node_to_integer(node_get(spec, "parallelism"), &parallelism);
    has_completions = node_to_integer(node_get(spec, "completions"), &pods.completions);
    if (!has_completions)
        pods.completions = parallelism < ROLE_LIMIT ? parallelism : ROLE_LIMIT;
    if (!has_completions && parallelism > 1)
        warn_once(faults, spec, NULL, "parallelism without completions: every one of the %lld pods must succeed",
                  (long long)pods.completions);
    *plan = (struct plan){ .grace_s = pod_grace_s(template) };
    plan->parallelism = (int)(parallelism < pods.completions ? parallelism : pods.completions);
    plan->backoff_is_given = node_to_integer(node_get(spec, "backoffLimit"), &plan->backoff_limit);
    node_to_integer(node_get(spec, "activeDeadlineSeconds"), &seconds);
    plan->deadline_s = deadline(template, (double)seconds, faults);
    return plan_pods(&pods, arena, plan, faults);
}

static struct node *status(bool succeeded, const char *reason, const char *message, struct arena *arena)
{
    return job_status(succeeded ? "Complete" : "Failed", succeeded ? "succeeded" : "failed", reason, message, arena);
}

const struct job_kind job_kind_job = {
    .api_version = "batch/v1",
    .kind = "Job",
    .success_condition = "status.conditions.#(type==\"Complete\")#|#(status==\"True\")#",
    .failure_condition = "status.conditions.#(type==\"Failed\")#|#(status==\"True\")#",
    .check = check,
    .plan = plan,
    .status = status,
};
