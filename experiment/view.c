/*
 * Experiments and trials for --json and for tables. Every key is always there, null where there is nothing to say: docs/json.md.
 */
#include "experiment/view.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "experiment/assignment.h"
#include "experiment/merit.h"

static struct node *moment(struct arena *arena, int64_t at_us)
{
    char text[CLOCK_TEXT_SIZE];

    return at_us != 0 ? node_text(arena, clock_format_us(at_us, text)) : node_null(arena);
}

/* A number where the text is a finite one. */
static struct node *measure(struct arena *arena, const char *text, double number)
{
    return text != NULL && isfinite(number) ? node_real(arena, number) : node_text(arena, text);
}

static struct node *integer_or_null(struct arena *arena, bool is_given, int64_t value)
{
    return is_given ? node_integer(arena, value) : node_null(arena);
}

static struct node *real_or_null(struct arena *arena, bool is_given, double value)
{
    return is_given && isfinite(value) ? node_real(arena, value) : node_null(arena);
}

static struct node *view_assignments(const struct spec *spec, const double *values, struct arena *arena)
{
    const char *const *texts = assignment_texts(spec, values, arena);
    struct node *map = node_map(arena);

    for (size_t i = 0; i < assignment_count(spec); i++)
        if (texts[i] != NULL)
            node_set(arena, map, assignment_name(spec, i), node_text(arena, texts[i]));
    return map;
}

static struct node *view_observation(const struct experiment *experiment, const struct trial *trial,
                                     struct arena *arena)
{
    const struct objective *objective = &experiment->spec->objective;
    struct node *map = node_map(arena);

    for (size_t i = 0; i < objective->n_metrics; i++) {
        const struct metric_summary *metric = &trial->observation.metrics[i];
        struct node *entry = node_set(arena, map, objective->metrics[i].name, node_map(arena));
        double number;
        const char *value = observation_value(&trial->observation, objective, i, &number);

        node_set(arena, entry, "min", node_text(arena, metric->min));
        node_set(arena, entry, "max", node_text(arena, metric->max));
        node_set(arena, entry, "latest", node_text(arena, metric->latest));
        node_set(arena, entry, "value", measure(arena, value, number));
    }
    return map;
}

static struct node *view_objective(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    const struct objective *objective = &experiment->spec->objective;
    struct node *map = node_map(arena);
    double number;
    const char *value = trial_objective(experiment, trial, &number);

    node_set(arena, map, "metric", node_text(arena, objective->metrics[0].name));
    node_set(arena, map, "type", node_text(arena, objective_type_names[objective->type]));
    node_set(arena, map, "value", measure(arena, value, number));
    return map;
}

static struct node *view_objectives(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    const struct objective *objective = &experiment->spec->objective;
    struct node *list = node_list(arena);

    for (size_t i = 0; i < spec_n_objectives(experiment->spec); i++) {
        struct aim aim = spec_aim(experiment->spec, i);
        struct node *map = node_add(arena, list, node_map(arena));
        double number;
        const char *value = observation_value(&trial->observation, objective, aim.metric, &number);

        node_set(arena, map, "metric", node_text(arena, objective->metrics[aim.metric].name));
        node_set(arena, map, "type", node_text(arena, objective_type_names[aim.type]));
        node_set(arena, map, "value", measure(arena, value, number));
    }
    return list;
}

static struct node *view_constraints(const struct experiment *experiment, const struct trial *trial,
                                     struct arena *arena)
{
    const struct spec *spec = experiment->spec;
    struct node *list = node_list(arena);

    for (size_t i = 0; i < spec->n_constraints; i++) {
        const struct constraint *constraint = &spec->constraints[i];
        struct node *map = node_add(arena, list, node_map(arena));
        double number;
        const char *value = observation_value(&trial->observation, &spec->objective, constraint->metric, &number);

        node_set(arena, map, "metric", node_text(arena, spec->objective.metrics[constraint->metric].name));
        node_set(arena, map, "min", real_or_null(arena, true, constraint->min));
        node_set(arena, map, "max", real_or_null(arena, true, constraint->max));
        node_set(arena, map, "value", measure(arena, value, number));
        node_set(arena, map, "violation", real_or_null(arena, true, constraint_violation(constraint, number)));
    }
    return list;
}

/* Only of trials that have an end which counts. */
static struct node *view_feasible(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    if (trial->state != TRIAL_SUCCEEDED && trial->state != TRIAL_EARLY_STOPPED)
        return node_null(arena);
    return node_boolean(arena, merit_is_acceptable(experiment, trial));
}

static struct node *view_attempt(const struct attempt *attempt, struct arena *arena)
{
    struct node *map = node_map(arena);
    bool has_ended = attempt->end != ATTEMPT_RUNNING;

    node_set(arena, map, "attempt", node_integer(arena, attempt->number));
    node_set(arena, map, "end", node_text(arena, attempt_end_names[attempt->end]));
    node_set(arena, map, "message", node_text(arena, attempt->message));
    node_set(arena, map, "tail", node_text(arena, attempt->tail));
    node_set(arena, map, "started", moment(arena, attempt->started_us));
    node_set(arena, map, "ended", moment(arena, attempt->ended_us));
    node_set(arena, map, "wallSeconds", real_or_null(arena, has_ended, attempt->usage.wall_s));
    node_set(arena, map, "cpuSeconds", real_or_null(arena, has_ended, attempt->usage.cpu_s));
    node_set(arena, map, "peakMemoryBytes", integer_or_null(arena, has_ended, attempt->usage.peak_memory));
    node_set(arena, map, "gpus", node_text(arena, attempt->gpus));
    return map;
}

static struct node *view_labels(const struct trial *trial, struct arena *arena)
{
    struct node *map = node_map(arena);

    for (size_t i = 0; i < trial->n_labels; i++)
        if (!trial_label_is_kept(&trial->labels[i]))
            node_set(arena, map, trial->labels[i].name, node_text(arena, trial->labels[i].value));
    return map;
}

static struct node *view_notes(const struct trial *trial, struct arena *arena)
{
    struct node *map = node_map(arena), *value;

    for (size_t i = 0; i < trial->n_labels; i++) {
        const struct trial_label *label = &trial->labels[i];

        if (text_starts_with(label->name, NOTE_PREFIX) &&
            json_read(label->value, strlen(label->value), arena, &value) == 0)
            node_set(arena, map, label->name + strlen(NOTE_PREFIX), value);
    }
    return map;
}

struct node *view_trial(const struct experiment *experiment, const struct trial *trial, struct arena *arena)
{
    struct node *map = node_map(arena), *attempts;

    node_set(arena, map, "name", node_text(arena, trial->name));
    node_set(arena, map, "number", node_integer(arena, trial->number));
    node_set(arena, map, "state", node_text(arena, trial_state_names[trial->state]));
    node_set(arena, map, "reason", node_text(arena, trial_reason(trial)));
    node_set(arena, map, "message", node_text(arena, trial_message(trial)));
    node_set(arena, map, "assignments", view_assignments(experiment->spec, trial->values, arena));
    node_set(arena, map, "objective", view_objective(experiment, trial, arena));
    node_set(arena, map, "objectives", view_objectives(experiment, trial, arena));
    node_set(arena, map, "constraints", view_constraints(experiment, trial, arena));
    node_set(arena, map, "feasible", view_feasible(experiment, trial, arena));
    node_set(arena, map, "observation", view_observation(experiment, trial, arena));
    node_set(arena, map, "resource", real_or_null(arena, true, trial->resource));
    node_set(arena, map, "parent", integer_or_null(arena, trial->parent != 0, trial->parent));
    node_set(arena, map, "labels", view_labels(trial, arena));
    node_set(arena, map, "notes", view_notes(trial, arena));
    node_set(arena, map, "why", node_text(arena, trial->why));
    node_set(arena, map, "created", moment(arena, trial->created_us));
    node_set(arena, map, "started", moment(arena, trial->started_us));
    node_set(arena, map, "completed", moment(arena, trial->ended_us));
    attempts = node_set(arena, map, "attempts", node_list(arena));
    for (size_t i = 0; i < trial->n_attempts; i++)
        node_add(arena, attempts, view_attempt(&trial->attempts[i], arena));
    return map;
}

static struct node *view_aim(const struct spec *spec, size_t i, struct arena *arena)
{
    struct aim aim = spec_aim(spec, i);
    struct node *map = node_map(arena);

    node_set(arena, map, "metric", node_text(arena, spec->objective.metrics[aim.metric].name));
    node_set(arena, map, "type", node_text(arena, objective_type_names[aim.type]));
    node_set(arena, map, "goal", real_or_null(arena, aim.has_goal, aim.goal));
    return map;
}

static struct node *view_aims(const struct spec *spec, struct arena *arena)
{
    struct node *list = node_list(arena);

    for (size_t i = 0; i < spec_n_objectives(spec); i++)
        node_add(arena, list, view_aim(spec, i, arena));
    return list;
}

/* The trials that nobody beats, each with what tells it from the others. */
static struct node *view_front(const struct experiment *experiment, const int64_t *front, size_t n, struct arena *arena)
{
    struct node *list = node_list(arena);

    for (size_t i = 0; i < n; i++) {
        const struct trial *trial = experiment_trial(experiment, front[i]);
        struct node *map = node_add(arena, list, node_map(arena));

        node_set(arena, map, "name", node_text(arena, trial->name));
        node_set(arena, map, "number", node_integer(arena, trial->number));
        node_set(arena, map, "objectives", view_objectives(experiment, trial, arena));
        node_set(arena, map, "assignments", view_assignments(experiment->spec, trial->values, arena));
    }
    return list;
}

static struct node *view_best(const struct experiment *experiment, bool summary, struct arena *arena)
{
    const struct trial *best = experiment_trial(experiment, experiment->best);
    struct node *map;
    const int64_t *front;
    size_t n;

    if (best == NULL)
        return node_null(arena);
    map = view_trial(experiment, best, arena);
    if (spec_n_objectives(experiment->spec) == 1 || summary)
        return map;
    front = merit_front(experiment, arena, &n);
    node_set(arena, map, "pareto", view_front(experiment, front, n, arena));
    node_set(arena, map, "hypervolume", real_or_null(arena, true, merit_hypervolume(experiment, front, n)));
    return map;
}

static const struct {
    const char *key;
    enum trial_state state;
} count_keys[] = {
    { "succeeded", TRIAL_SUCCEEDED },
    { "failed", TRIAL_FAILED },
    { "killed", TRIAL_KILLED },
    { "pending", TRIAL_PENDING },
    { "running", TRIAL_RUNNING },
    { "earlyStopped", TRIAL_EARLY_STOPPED },
    { "metricsUnavailable", TRIAL_METRICS_UNAVAILABLE },
};

static struct node *view_counts(const struct experiment *experiment, struct arena *arena)
{
    struct trial_counts counts = experiment_counts(experiment);
    struct node *map = node_map(arena);

    node_set(arena, map, "trials", node_integer(arena, counts.total));
    for (size_t i = 0; i < sizeof count_keys / sizeof *count_keys; i++)
        node_set(arena, map, count_keys[i].key, node_integer(arena, counts.by_state[count_keys[i].state]));
    node_set(arena, map, "infeasible", node_integer(arena, counts.infeasible));
    return map;
}

static struct node *view_conditions(const struct experiment *experiment, struct arena *arena)
{
    struct node *list = node_list(arena);

    for (size_t i = 0; i < experiment->n_conditions; i++) {
        const struct condition *condition = &experiment->conditions[i];
        struct node *map = node_add(arena, list, node_map(arena));

        node_set(arena, map, "type", node_text(arena, condition->type));
        node_set(arena, map, "status", node_boolean(arena, condition->status));
        node_set(arena, map, "reason", node_text(arena, condition->reason));
        node_set(arena, map, "message", node_text(arena, condition->message));
        node_set(arena, map, "changed", moment(arena, condition->changed_us));
    }
    return list;
}

static void add_budget(const struct experiment *experiment, struct node *map, struct arena *arena)
{
    node_set(arena, map, "parallelTrialCount",
             integer_or_null(arena, experiment->parallel_trial_count > 0, experiment->parallel_trial_count));
    node_set(arena, map, "maxTrialCount",
             integer_or_null(arena, experiment->max_trial_count > 0, experiment->max_trial_count));
    node_set(arena, map, "maxFailedTrialCount",
             integer_or_null(arena, experiment->max_failed_trial_count >= 0, experiment->max_failed_trial_count));
}

struct node *view_experiment(const struct experiment *experiment, bool summary, struct arena *arena)
{
    const struct spec *spec = experiment->spec;
    const struct condition *condition = experiment_condition(experiment);
    struct node *map = node_map(arena);
    char uid[UID_TEXT_SIZE];

    node_set(arena, map, "name", node_text(arena, spec->name));
    node_set(arena, map, "namespace", node_text(arena, spec->namespace));
    node_set(arena, map, "uid", node_text(arena, uid_format(experiment->uid, uid)));
    node_set(arena, map, "state", node_text(arena, condition->type));
    node_set(arena, map, "reason", node_text(arena, condition->reason));
    node_set(arena, map, "message", node_text(arena, condition->message));
    node_set(arena, map, "created", moment(arena, experiment->created_us));
    node_set(arena, map, "started", moment(arena, experiment->started_us));
    node_set(arena, map, "completed", moment(arena, experiment->completed_us));
    node_set(arena, map, "objective", view_aim(spec, 0, arena));
    node_set(arena, map, "objectives", view_aims(spec, arena));
    node_set(arena, map, "algorithm", node_text(arena, spec->method->name));
    node_set(arena, map, "earlyStopping",
             node_text(arena, spec->early_stopping != NULL ? spec->early_stopping->name : NULL));
    add_budget(experiment, map, arena);
    node_set(arena, map, "resumePolicy", node_text(arena, resume_policy_names[spec->resume_policy]));
    node_set(arena, map, "counts", view_counts(experiment, arena));
    node_set(arena, map, "best", view_best(experiment, summary, arena));
    if (!summary) {
        node_set(arena, map, "conditions", view_conditions(experiment, arena));
        node_set(arena, map, "spec", node_get(view_document(experiment, arena), "spec"));
    }
    return map;
}
