/*
 * The Experiment and Trial resources as Katib would show them: katib.md 5.1, 5.2. As in Katib, what is empty or 0 is left out.
 */
#include "base/clock.h"
#include "experiment/assignment.h"
#include "experiment/template.h"
#include "experiment/view.h"

static const char unavailable[] = "unavailable";

static void set_text(struct arena *arena, struct node *map, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        node_set(arena, map, key, node_text(arena, text));
}

static void set_moment(struct arena *arena, struct node *map, const char *key, int64_t at_us)
{
    char text[CLOCK_TEXT_SIZE];

    if (at_us != 0)
        node_set(arena, map, key, node_text(arena, clock_format(at_us, text)));
}

static void set_copy(struct arena *arena, struct node *map, const char *key, const struct node *value)
{
    if (value != NULL)
        node_set(arena, map, key, node_copy(arena, value));
}

static void add_condition(struct arena *arena, struct node *list, const char *type, bool status, const char *reason,
                          const char *message, int64_t changed_us)
{
    struct node *map = node_add(arena, list, node_map(arena));

    node_set(arena, map, "type", node_text(arena, type));
    node_set(arena, map, "status", node_text(arena, status ? "True" : "False"));
    set_text(arena, map, "reason", reason);
    set_text(arena, map, "message", message);
    set_moment(arena, map, "lastUpdateTime", changed_us);
    set_moment(arena, map, "lastTransitionTime", changed_us);
}

/* Katib's word for a value that there is not. */
static struct node *known(struct arena *arena, const char *value)
{
    return node_text(arena, value != NULL ? value : unavailable);
}

static struct node *katib_observation(const struct experiment *experiment, const struct trial *trial,
                                      struct arena *arena)
{
    const struct objective *objective = &experiment->spec->objective;
    struct node *map = node_map(arena), *list = node_set(arena, map, "metrics", node_list(arena));

    for (size_t i = 0; i < objective->n_metrics; i++) {
        const struct metric_summary *metric = &trial->observation.metrics[i];
        struct node *entry = node_add(arena, list, node_map(arena));

        node_set(arena, entry, "name", node_text(arena, objective->metrics[i].name));
        node_set(arena, entry, "min", known(arena, metric->min));
        node_set(arena, entry, "max", known(arena, metric->max));
        node_set(arena, entry, "latest", known(arena, metric->latest));
    }
    return map;
}

static struct node *katib_assignments(const struct experiment *experiment, const struct trial *trial,
                                      struct arena *arena)
{
    const struct spec *spec = experiment->spec;
    const char *const *texts = assignment_texts(spec, trial->values, arena);
    struct node *list = node_list(arena);

    for (size_t i = 0; i < assignment_count(spec); i++) {
        struct node *entry;

        if (texts[i] == NULL)
            continue;
        entry = node_add(arena, list, node_map(arena));
        node_set(arena, entry, "name", node_text(arena, assignment_name(spec, i)));
        node_set(arena, entry, "value", node_text(arena, texts[i]));
    }
    return list;
}

/* --- Experiment --- */

static const struct {
    const char *list, *count;
    enum trial_state state;
} state_keys[] = {
    { "runningTrialList", "trialsRunning", TRIAL_RUNNING },
    { "pendingTrialList", "trialsPending", TRIAL_PENDING },
    { "failedTrialList", "trialsFailed", TRIAL_FAILED },
    { "succeededTrialList", "trialsSucceeded", TRIAL_SUCCEEDED },
    { "killedTrialList", "trialsKilled", TRIAL_KILLED },
    { "earlyStoppedTrialList", "trialsEarlyStopped", TRIAL_EARLY_STOPPED },
    { "metricsUnavailableTrialList", "trialMetricsUnavailable", TRIAL_METRICS_UNAVAILABLE },
};

static void add_trials(const struct experiment *experiment, struct node *status, struct arena *arena)
{
    struct trial_counts counts = experiment_counts(experiment);
    struct node *lists[N_TRIAL_STATES];

    for (size_t i = 0; i < sizeof state_keys / sizeof *state_keys; i++) {
        lists[state_keys[i].state] = node_list(arena);
        if (counts.by_state[state_keys[i].state] > 0)
            node_set(arena, status, state_keys[i].list, lists[state_keys[i].state]);
    }
    for (size_t i = 0; i < experiment->n_trials; i++) {
        const struct trial *trial = experiment->trials[i];

        node_add(arena, lists[trial->state], node_text(arena, trial->name));
    }
    if (counts.total > 0)
        node_set(arena, status, "trials", node_integer(arena, counts.total));
    for (size_t i = 0; i < sizeof state_keys / sizeof *state_keys; i++)
        if (counts.by_state[state_keys[i].state] > 0)
            node_set(arena, status, state_keys[i].count, node_integer(arena, counts.by_state[state_keys[i].state]));
}

/* Always there; without a best trial its texts are empty, as Go writes a struct that nobody has filled. */
static struct node *katib_best(const struct experiment *experiment, struct arena *arena)
{
    const struct trial *best = experiment_trial(experiment, experiment->best);
    struct node *map = node_map(arena);

    node_set(arena, map, "bestTrialName", node_text(arena, best != NULL ? best->name : ""));
    node_set(arena, map, "parameterAssignments",
             best != NULL ? katib_assignments(experiment, best, arena) : node_null(arena));
    node_set(arena, map, "observation", best != NULL ? katib_observation(experiment, best, arena) : node_map(arena));
    return map;
}

/* The last thing that happened to it. */
static int64_t last_change(const struct experiment *experiment)
{
    int64_t at_us = experiment_condition(experiment)->changed_us;

    for (size_t i = 0; i < experiment->n_trials; i++) {
        const struct trial *trial = experiment->trials[i];
        int64_t last_us = trial->ended_us != 0     ? trial->ended_us
                          : trial->started_us != 0 ? trial->started_us
                                                   : trial->created_us;

        if (last_us > at_us)
            at_us = last_us;
    }
    return at_us;
}

static struct node *katib_status(const struct experiment *experiment, struct arena *arena)
{
    struct node *status = node_map(arena), *conditions;

    set_moment(arena, status, "startTime", experiment->started_us);
    set_moment(arena, status, "completionTime", experiment->completed_us);
    set_moment(arena, status, "lastReconcileTime", last_change(experiment));
    conditions = node_set(arena, status, "conditions", node_list(arena));
    for (size_t i = 0; i < experiment->n_conditions; i++) {
        const struct condition *condition = &experiment->conditions[i];

        add_condition(arena, conditions, condition->type, condition->status, condition->reason, condition->message,
                      condition->changed_us);
    }
    node_set(arena, status, "currentOptimalTrial", katib_best(experiment, arena));
    add_trials(experiment, status, arena);
    return status;
}

/* The budget as edited. */
static void set_budget(const struct experiment *experiment, struct node *spec, struct arena *arena)
{
    if (experiment->parallel_trial_count > 0)
        node_set(arena, spec, "parallelTrialCount", node_integer(arena, experiment->parallel_trial_count));
    if (experiment->max_trial_count > 0)
        node_set(arena, spec, "maxTrialCount", node_integer(arena, experiment->max_trial_count));
    else
        node_remove(spec, "maxTrialCount");
    if (experiment->max_failed_trial_count >= 0)
        node_set(arena, spec, "maxFailedTrialCount", node_integer(arena, experiment->max_failed_trial_count));
    else
        node_remove(spec, "maxFailedTrialCount");
}

struct node *view_document(const struct experiment *experiment, struct arena *arena)
{
    struct node *root = spec_to_node(experiment->spec, arena);

    set_budget(experiment, node_get(root, "spec"), arena);
    return root;
}

struct node *view_katib_experiment(const struct experiment *experiment, struct arena *arena)
{
    struct node *root = view_document(experiment, arena), *metadata = node_get(root, "metadata");
    char uid[UID_TEXT_SIZE];

    node_set(arena, metadata, "uid", node_text(arena, uid_format(experiment->uid, uid)));
    set_moment(arena, metadata, "creationTimestamp", experiment->created_us);
    node_set(arena, root, "status", katib_status(experiment, arena));
    return root;
}

/* --- Trial --- */

static struct node *trial_metadata(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    const struct spec *spec = experiment->spec;
    struct node *map = node_map(arena), *labels, *owner;
    char uid[UID_TEXT_SIZE];

    node_set(arena, map, "name", node_text(arena, trial->name));
    node_set(arena, map, "namespace", node_text(arena, spec->namespace));
    set_moment(arena, map, "creationTimestamp", trial->created_us);
    labels = node_set(arena, map, "labels", node_map(arena));
    for (size_t i = 0; i < spec->n_labels; i++)
        node_set(arena, labels, spec->labels[i].name, node_text(arena, spec->labels[i].value));
    for (size_t i = 0; i < trial->n_labels; i++)
        if (!trial_label_is_kept(&trial->labels[i]))
            node_set(arena, labels, trial->labels[i].name, node_text(arena, trial->labels[i].value));
    node_set(arena, labels, "katib.kubeflow.org/experiment", node_text(arena, spec->name));
    owner = node_add(arena, node_set(arena, map, "ownerReferences", node_list(arena)), node_map(arena));
    node_set(arena, owner, "apiVersion", node_text(arena, "kubeflow.org/v1beta1"));
    node_set(arena, owner, "kind", node_text(arena, "Experiment"));
    node_set(arena, owner, "name", node_text(arena, spec->name));
    node_set(arena, owner, "uid", node_text(arena, uid_format(experiment->uid, uid)));
    node_set(arena, owner, "controller", node_boolean(arena, true));
    node_set(arena, owner, "blockOwnerDeletion", node_boolean(arena, true));
    return map;
}

/* The rendered job; NULL without a template, or when it cannot take these values, which is then the trial's own failure. */
static struct node *run_spec(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    const struct spec *spec = experiment->spec;
    struct trial_identity identity = { trial->name, spec->namespace };
    const char *const *assignments = assignment_texts(spec, trial->values, arena);
    struct node *manifest = NULL;

    if (spec->by_clients)
        return NULL;
    return template_render(spec, &identity, assignments, arena, &manifest) == 0 ? manifest : NULL;
}

static struct node *trial_spec(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    const struct trial_template *template = &experiment->spec->template;
    const struct node *document = spec_to_node(experiment->spec, arena);
    struct node *map = node_map(arena);

    set_copy(arena, map, "objective", node_path(document, "spec.objective"));
    node_set(arena, map, "parameterAssignments", katib_assignments(experiment, trial, arena));
    set_copy(arena, map, "runSpec", run_spec(experiment, trial, arena));
    if (template->retain)
        node_set(arena, map, "retainRun", node_boolean(arena, true));
    set_copy(arena, map, "metricsCollector", node_path(document, "spec.metricsCollectorSpec"));
    if (template->n_primary_labels > 0) {
        struct node *labels = node_set(arena, map, "primaryPodLabels", node_map(arena));

        for (size_t i = 0; i < template->n_primary_labels; i++)
            node_set(arena, labels, template->primary_labels[i].name,
                     node_text(arena, template->primary_labels[i].value));
    }
    set_text(arena, map, "primaryContainerName", template->primary_container);
    set_text(arena, map, "successCondition", template->success_condition);
    set_text(arena, map, "failureCondition", template->failure_condition);
    return map;
}

static struct node *trial_status(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    struct node *status = node_map(arena), *conditions;

    set_moment(arena, status, "startTime", trial->created_us);
    set_moment(arena, status, "completionTime", trial->ended_us);
    set_moment(arena, status, "lastReconcileTime",
               trial->ended_us != 0     ? trial->ended_us
               : trial->started_us != 0 ? trial->started_us
                                        : trial->created_us);
    conditions = node_set(arena, status, "conditions", node_list(arena));
    add_condition(arena, conditions, "Created", true, "TrialCreated", "Trial is created", trial->created_us);
    if (trial->state == TRIAL_RUNNING)
        add_condition(arena, conditions, "Running", true, trial_reason(trial), trial_message(trial), trial->started_us);
    else if (trial->started_us != 0)
        add_condition(arena, conditions, "Running", false, "TrialRunning", "Trial is running",
                      trial->ended_us != 0 ? trial->ended_us : trial->started_us);
    if (trial_is_finished(trial)) {
        add_condition(arena, conditions, trial_state_names[trial->state], true, trial_reason(trial),
                      trial_message(trial), trial->ended_us);
        node_set(arena, status, "observation", katib_observation(experiment, trial, arena));
    }
    return status;
}

struct node *view_katib_trial(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    struct node *root = node_map(arena);

    node_set(arena, root, "apiVersion", node_text(arena, "kubeflow.org/v1beta1"));
    node_set(arena, root, "kind", node_text(arena, "Trial"));
    node_set(arena, root, "metadata", trial_metadata(experiment, trial, arena));
    node_set(arena, root, "spec", trial_spec(experiment, trial, arena));
    node_set(arena, root, "status", trial_status(experiment, trial, arena));
    return root;
}
