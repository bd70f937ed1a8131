/*
 * What the kinds of the Training Operator (kubeflow.org/v1) share: pods by type and index, their labels and ends, runPolicy.
 */
#include "trialrunner/jobs/replica_plan.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/status.h"
#include "base/text.h"
#include "trialrunner/jobs/job_status.h"
#include "trialrunner/pod.h"

enum { DEFAULT_BACKOFF_LIMIT = 6 }; /* of Kubernetes' Job; the operator itself would go on for ever */

static const struct shape scheduling_shape[] = {
    { .name = "minAvailable", .type = SHAPE_INTEGER, .note = "all roles of a trial start together" },
    { .name = "minResources", .type = SHAPE_QUANTITIES, .note = "all roles of a trial start together" },
    { .name = "priorityClass", .type = SHAPE_TEXT },
    { .name = "queue", .type = SHAPE_TEXT },
    { .name = "scheduleTimeoutSeconds", .type = SHAPE_INTEGER },
    { 0 },
};

const struct shape run_policy_shape[] = {
    { .name = "activeDeadlineSeconds", .type = SHAPE_COUNT },
    { .name = "backoffLimit", .type = SHAPE_INTEGER },
    { .name = "cleanPodPolicy", .type = SHAPE_TEXT, .note = "all roles end with their trial" },
    { .name = "managedBy", .type = SHAPE_TEXT },
    { .name = "schedulingPolicy", .type = SHAPE_MAP, .shape = scheduling_shape },
    { .name = "suspend", .type = SHAPE_BOOLEAN, .note = "the job starts at once" },
    { .name = "ttlSecondsAfterFinished",
      .type = SHAPE_INTEGER,
      .note = "a trial is kept until its experiment is deleted; spec.hone.keep says whose directories stay" },
    { 0 },
};

const struct shape elastic_shape[] = {
    { .name = "maxReplicas", .type = SHAPE_COUNT },
    { .name = "maxRestarts", .type = SHAPE_INTEGER },
    { .name = "metrics" },
    { .name = "minReplicas", .type = SHAPE_COUNT },
    { .name = "nProcPerNode", .type = SHAPE_COUNT },
    { .name = "rdzvBackend", .type = SHAPE_TEXT },
    { .name = "rdzvConf" },
    { .name = "rdzvHost", .type = SHAPE_TEXT },
    { .name = "rdzvId", .type = SHAPE_TEXT },
    { .name = "rdzvPort", .type = SHAPE_COUNT },
    { .name = "standalone", .type = SHAPE_BOOLEAN },
    { 0 },
};

/* --- the set --- */

bool replica_is(const struct replica *replica, const char *type)
{
    return strcmp(replica->type, type) == 0;
}

const struct replica *replicas_first(const struct replica_set *set, const char *type)
{
    for (size_t i = 0; i < set->n; i++)
        if (replica_is(&set->items[i], type))
            return &set->items[i];
    return NULL;
}

int replicas_count(const struct replica_set *set, const char *type)
{
    const struct replica *first = replicas_first(set, type);

    return first != NULL ? first->n : 0;
}

const char *replicas_host(const struct replica_set *set)
{
    return set->context->address != NULL ? set->context->address : "127.0.0.1";
}

const char *replica_address(const struct replica_set *set, const struct replica *replica)
{
    return arena_printf(set->arena, "%s:%d", replicas_host(set), replica->port);
}

void replica_set_env(struct replica_env *env, const char *name, const char *format, ...)
{
    char value[65536];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    if (env->n < sizeof env->items / sizeof *env->items)
        env->items[env->n++] = arena_printf(env->arena, "%s=%s", name, value);
}

static int64_t count_of(const struct node *spec, int64_t fallback)
{
    int64_t n = fallback;

    node_to_integer(node_get(spec, "replicas"), &n);
    return n;
}

static int gather(struct replica_set *set)
{
    const struct node *specs = node_get(set->spec, set->kind->specs);
    int64_t total = 0;

    for (const struct replica_type *type = set->kind->types; type->name != NULL; type++) {
        const struct node *spec = replicas_find(specs, type->name);
        int64_t n = spec != NULL ? count_of(spec, 1) : 0;

        if (n < 0 || total + n > ROLE_LIMIT)
            return fail(ERR_INVALID, "%s.%s.replicas: expected at most %d pods in all", set->kind->specs, type->name,
                        ROLE_LIMIT);
        total += n;
    }
    set->items = arena_array(set->arena, (size_t)total + 1, sizeof *set->items);
    for (const struct replica_type *type = set->kind->types; type->name != NULL; type++) {
        const struct node *spec = replicas_find(specs, type->name);
        int n = spec != NULL ? (int)count_of(spec, 1) : 0;

        for (int i = 0; i < n; i++, set->n++)
            set->items[set->n] = (struct replica){ type->name, i, n, spec, set->context->first_port + (int)set->n };
    }
    return set->n > 0 ? 0 : fail(ERR_INVALID, "%s: expected at least one replica", set->kind->specs);
}

/* --- roles --- */

static const char *lower(const char *name, struct arena *arena)
{
    char *text = arena_strdup(arena, name);

    for (char *at = text; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    return text;
}

static enum restart_policy restart_of(const struct replica_set *set, const struct replica *replica)
{
    const char *word = node_to_text(set->arena, node_get(replica->spec, "restartPolicy"));

    for (int i = 0; word != NULL && restart_policy_names[i] != NULL; i++)
        if (strcmp(word, restart_policy_names[i]) == 0)
            return (enum restart_policy)i;
    return set->kind->restart;
}

/* A pod that is not started needs no command of its own: as the operator has it, it would sleep. */
static const struct node *with_commands(const struct replica_set *set, const struct node *template)
{
    struct node *copy = node_copy(set->arena, template), *command;
    const struct node *containers = node_path(copy, "spec.containers");

    for (size_t i = 0; containers != NULL && containers->kind == NODE_LIST && i < containers->length; i++) {
        if (containers->items[i]->kind != NODE_MAP || node_get(containers->items[i], "command") != NULL)
            continue;
        command = node_set(set->arena, containers->items[i], "command", node_list(set->arena));
        node_add(set->arena, command, node_text(set->arena, "sleep"));
    }
    return copy;
}

static int plan_replica(const struct replica_set *set, const struct replica *replica, struct role *role,
                        struct faults *faults)
{
    struct replica_env env = { .arena = set->arena };
    const struct node *template = node_get(replica->spec, "template");
    const char *type = lower(replica->type, set->arena), *job = set->context->trial_name;
    const char *const labels[] = {
        arena_printf(set->arena, "training.kubeflow.org/job-name=%s", job),
        arena_printf(set->arena, "training.kubeflow.org/operator-name=%s-controller",
                     lower(set->kind->name, set->arena)),
        arena_printf(set->arena, "training.kubeflow.org/replica-type=%s", type),
        arena_printf(set->arena, "training.kubeflow.org/replica-index=%d", replica->index),
        "training.kubeflow.org/job-role=master",
    };
    struct pod_owner owner = {
        .pod = arena_printf(set->arena, "%s-%s-%d", job, type, replica->index),
        .metrics_port = set->context->is_scraped ? replica->port + (int)set->n : 0,
        .n_labels = set->kind->leads(set, replica) ? 5 : 4,
        .labels = labels,
    };

    set->kind->environment(set, replica, &env);
    owner.n_env = env.n;
    owner.env = env.items;
    role->name = arena_printf(set->arena, "%s-%d", type, replica->index);
    role->index = replica->index;
    role->decides = set->kind->decides(set, replica);
    if (set->kind->is_first_alone && replica != &set->items[0])
        template = with_commands(set, template);
    TRY(pod_plan(template, set->context, &owner, set->arena, role, faults));
    role->restart = restart_of(set, replica);
    return 0;
}

static void read_run_policy(const struct replica_set *set, struct plan *plan)
{
    const struct node *policy = node_get(set->spec, "runPolicy");
    int64_t seconds = 0;

    plan->backoff_is_given = node_to_integer(node_get(policy, "backoffLimit"), &plan->backoff_limit);
    if (!plan->backoff_is_given)
        plan->backoff_limit = DEFAULT_BACKOFF_LIMIT;
    node_to_integer(node_get(policy, "activeDeadlineSeconds"), &seconds);
    plan->deadline_s = (double)seconds;
}

static int check_rendered(const struct replica_kind *kind, const struct node *manifest, struct arena *arena)
{
    struct faults found = { 0 };
    struct replicas replicas;
    int status;

    replicas_check(kind, manifest, NULL, "trialSpec", arena, &found, &replicas);
    status = first_error(&found);
    faults_release(&found);
    return status;
}

int replicas_plan(const struct replica_kind *kind, const struct node *manifest, const struct plan_context *context,
                  struct arena *arena, struct plan *plan, struct faults *faults)
{
    const struct shape_walk walk = { .arena = arena, .faults = faults };
    struct replica_set set = { .kind = kind, .context = context, .arena = arena, .spec = node_get(manifest, "spec") };
    struct role *roles;

    TRY(check_rendered(kind, manifest, arena));
    shape_notes(&walk, kind->spec, set.spec, "trialSpec.spec");
    TRY(gather(&set));
    *plan = (struct plan){ .n_roles = set.n, .parallelism = (int)set.n, .is_gang = true, .n_ports = (int)set.n };
    if (context->is_scraped)
        plan->n_ports += plan->n_ports;
    roles = arena_array(arena, set.n, sizeof *roles);
    for (size_t i = 0; i < set.n; i++) {
        double grace_s = pod_grace_s(node_get(set.items[i].spec, "template"));

        TRY(plan_replica(&set, &set.items[i], &roles[i], faults));
        plan->completions += roles[i].decides;
        plan->grace_s = grace_s > plan->grace_s ? grace_s : plan->grace_s;
    }
    plan->roles = roles;
    if (kind->ends_with_one != NULL && kind->ends_with_one(&set))
        plan->completions = 1;
    read_run_policy(&set, plan);
    TRY(plan_finish(plan, context->primary_container));
    if (kind->is_first_alone)
        plan->n_roles = (size_t)(plan->parallelism = plan->completions = 1);
    return 0;
}

struct node *replicas_status(bool succeeded, const char *reason, const char *message, struct arena *arena)
{
    return job_status(succeeded ? "Succeeded" : "Failed", succeeded ? "succeeded" : "failed", reason, message, arena);
}
