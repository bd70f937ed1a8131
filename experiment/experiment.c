/*
 * Experiments and trials as data: made, counted, compared, taken apart. What moves them is lifecycle.c.
 */
#include "experiment/experiment.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/merit.h"

const char *const trial_state_names[] = {
    [TRIAL_PENDING] = "Pending",
    [TRIAL_RUNNING] = "Running",
    [TRIAL_SUCCEEDED] = "Succeeded",
    [TRIAL_FAILED] = "Failed",
    [TRIAL_KILLED] = "Killed",
    [TRIAL_EARLY_STOPPED] = "EarlyStopped",
    [TRIAL_METRICS_UNAVAILABLE] = "MetricsUnavailable",
    [N_TRIAL_STATES] = NULL,
};

const char *const attempt_end_names[] = {
    [ATTEMPT_RUNNING] = "running",   [ATTEMPT_SUCCEEDED] = "succeeded", [ATTEMPT_FAILED] = "failed",
    [ATTEMPT_DEADLINE] = "deadline", [ATTEMPT_STOPPED] = "stopped",     [ATTEMPT_LOST] = "lost",
    [ATTEMPT_LOST + 1] = NULL,
};

/* What a trial says of its state when nothing more is known: katib.md 5.2. */
static const struct {
    const char *reason, *message;
} state_words[N_TRIAL_STATES] = {
    [TRIAL_PENDING] = { "TrialCreated", "Trial is created" },
    [TRIAL_RUNNING] = { "TrialRunning", "Trial is running" },
    [TRIAL_SUCCEEDED] = { "TrialSucceeded", "Trial has succeeded" },
    [TRIAL_FAILED] = { "TrialFailed", "Trial has failed" },
    [TRIAL_KILLED] = { "TrialStopped", "Trial is stopped" },
    [TRIAL_EARLY_STOPPED] = { "TrialEarlyStopped", "Trial is early stopped" },
    [TRIAL_METRICS_UNAVAILABLE] = { "MetricsUnavailable", "Metrics are not available" },
};

/* --- experiments --- */

struct experiment *experiment_create(const struct spec *spec, const uint8_t uid[16], int64_t now_us)
{
    struct experiment *experiment = xcalloc(1, sizeof *experiment);

    experiment->spec = spec;
    memcpy(experiment->uid, uid, sizeof experiment->uid);
    experiment->parallel_trial_count = spec->parallel_trial_count;
    experiment->max_trial_count = spec->max_trial_count;
    experiment->max_failed_trial_count = spec->max_failed_trial_count;
    experiment->created_us = now_us;
    experiment_set_condition(experiment, "Created", true, "ExperimentCreated", "Experiment is created", now_us);
    return experiment;
}

static void condition_release(struct condition *condition)
{
    free(condition->type);
    free(condition->reason);
    free(condition->message);
}

void experiment_destroy(struct experiment *experiment)
{
    if (experiment == NULL)
        return;
    for (size_t i = 0; i < experiment->n_conditions; i++)
        condition_release(&experiment->conditions[i]);
    for (size_t i = 0; i < experiment->n_trials; i++)
        trial_destroy(experiment->trials[i]);
    free(experiment->conditions);
    free(experiment->trials);
    free(experiment);
}

void experiment_consider(struct experiment *experiment, const struct trial *trial)
{
    if (experiment_is_better(experiment, trial, experiment_trial(experiment, experiment->best)))
        experiment->best = trial->number;
    if (experiment->reached == 0 && merit_reaches_goals(experiment, trial))
        experiment->reached = trial->number;
}

void experiment_restore(struct experiment *experiment)
{
    experiment->best = experiment->reached = 0;
    for (size_t i = 0; i < experiment->n_trials; i++) {
        const struct trial *trial = experiment->trials[i];

        if (trial->finish_order > experiment->n_finished)
            experiment->n_finished = trial->finish_order;
        experiment_consider(experiment, trial);
    }
    if (experiment->n_asked < (int64_t)experiment->n_trials)
        experiment->n_asked = (int64_t)experiment->n_trials;
}

/* --- conditions --- */

const struct condition *experiment_find_condition(const struct experiment *experiment, const char *type)
{
    for (size_t i = 0; i < experiment->n_conditions; i++)
        if (strcmp(experiment->conditions[i].type, type) == 0)
            return &experiment->conditions[i];
    return NULL;
}

void experiment_remove_condition(struct experiment *experiment, const char *type)
{
    struct condition *conditions = experiment->conditions;

    for (size_t i = 0; i < experiment->n_conditions; i++) {
        if (strcmp(conditions[i].type, type) != 0)
            continue;
        condition_release(&conditions[i]);
        experiment->n_conditions--;
        memmove(&conditions[i], &conditions[i + 1], (experiment->n_conditions - i) * sizeof *conditions);
        return;
    }
}

void experiment_set_condition(struct experiment *experiment, const char *type, bool status, const char *reason,
                              const char *message, int64_t now_us)
{
    const struct condition *present = experiment_find_condition(experiment, type);
    struct condition next = { .status = status, .changed_us = now_us };

    if (present != NULL && present->status == status && text_equal(present->reason, reason))
        return;
    next.type = xstrdup(type);
    next.reason = reason != NULL ? xstrdup(reason) : NULL;
    next.message = message != NULL ? xstrdup(message) : NULL;
    experiment_remove_condition(experiment, type);
    experiment->conditions = grow(experiment->conditions, experiment->n_conditions, &experiment->conditions_capacity,
                                  sizeof next);
    experiment->conditions[experiment->n_conditions++] = next;
}

const struct condition *experiment_condition(const struct experiment *experiment)
{
    assert(experiment->n_conditions > 0);
    return &experiment->conditions[experiment->n_conditions - 1];
}

static bool is_in_state(const struct experiment *experiment, const char *type)
{
    return strcmp(experiment_condition(experiment)->type, type) == 0;
}

bool experiment_is_finished(const struct experiment *experiment)
{
    return is_in_state(experiment, "Succeeded") || is_in_state(experiment, "Failed");
}

bool experiment_is_stopped(const struct experiment *experiment)
{
    return is_in_state(experiment, "Stopped");
}

/* --- trials --- */

struct trial *experiment_trial(const struct experiment *experiment, int64_t number)
{
    return number >= 1 && number <= (int64_t)experiment->n_trials ? experiment->trials[number - 1] : NULL;
}

void experiment_add_trial(struct experiment *experiment, struct trial *trial)
{
    assert(trial->number == (int64_t)experiment->n_trials + 1);
    experiment->trials = grow(experiment->trials, experiment->n_trials, &experiment->trials_capacity,
                              sizeof(struct trial *));
    experiment->trials[experiment->n_trials++] = trial;
}

void trial_set_number(const struct experiment *experiment, struct trial *trial, int64_t number)
{
    char name[TRIAL_NAME_SIZE];

    trial_name(experiment->spec->name, experiment->uid, number, name);
    free(trial->name);
    trial->number = number;
    trial->name = xstrdup(name);
}

struct trial *trial_create(const struct experiment *experiment, int64_t number)
{
    const struct spec *spec = experiment->spec;
    struct trial *trial = xcalloc(1, sizeof *trial);

    trial_set_number(experiment, trial, number);
    trial->resource = NAN;
    trial->values = xcalloc(spec->space.n, sizeof *trial->values);
    for (size_t i = 0; i < spec->space.n; i++)
        trial->values[i] = NAN;
    observation_init(&trial->observation, spec->objective.n_metrics);
    return trial;
}

void trial_widen(struct trial *trial, size_t n_old, size_t n_new)
{
    trial->values = xreallocarray(trial->values, n_new + 1, sizeof *trial->values);
    for (size_t i = n_old; i < n_new; i++)
        trial->values[i] = NAN;
}

void trial_destroy(struct trial *trial)
{
    if (trial == NULL)
        return;
    for (size_t i = 0; i < trial->n_attempts; i++) {
        free(trial->attempts[i].gpus);
        free(trial->attempts[i].message);
        free(trial->attempts[i].tail);
    }
    for (size_t i = 0; i < trial->n_labels; i++) {
        free(trial->labels[i].name);
        free(trial->labels[i].value);
    }
    observation_release(&trial->observation);
    free(trial->labels);
    free(trial->attempts);
    free(trial->name);
    free(trial->reason);
    free(trial->message);
    free(trial->values);
    free(trial->why);
    free(trial);
}

struct attempt *trial_attempt(const struct trial *trial)
{
    return trial->n_attempts > 0 ? &trial->attempts[trial->n_attempts - 1] : NULL;
}

struct attempt *trial_add_attempt(struct trial *trial)
{
    struct attempt *attempt;

    trial->attempts = grow(trial->attempts, trial->n_attempts, &trial->attempts_capacity, sizeof *attempt);
    attempt = &trial->attempts[trial->n_attempts++];
    *attempt = (struct attempt){ .number = (int64_t)trial->n_attempts };
    return attempt;
}

bool trial_is_finished(const struct trial *trial)
{
    return trial->state != TRIAL_PENDING && trial->state != TRIAL_RUNNING;
}

bool trial_is_begun(const struct trial *trial)
{
    const struct attempt *attempt = trial_attempt(trial);

    return attempt != NULL && attempt->end == ATTEMPT_RUNNING;
}

const char *trial_reason(const struct trial *trial)
{
    return trial->reason != NULL ? trial->reason : state_words[trial->state].reason;
}

const char *trial_state_reason(enum trial_state state)
{
    return state_words[state].reason;
}

const char *trial_message(const struct trial *trial)
{
    return trial->message != NULL ? trial->message : state_words[trial->state].message;
}

const char *trial_objective(const struct experiment *experiment, const struct trial *trial, double *number)
{
    return observation_value(&trial->observation, &experiment->spec->objective, 0, number);
}

/* --- questions about all of them --- */

void trial_counts_add(struct trial_counts *counts, const struct experiment *experiment, const struct trial *trial)
{
    bool has_ended_well = trial->state == TRIAL_SUCCEEDED || trial->state == TRIAL_EARLY_STOPPED;

    counts->by_state[trial->state]++;
    if (experiment->spec->n_constraints > 0 && has_ended_well && !merit_is_acceptable(experiment, trial))
        counts->infeasible++;
}

struct trial_counts experiment_counts(const struct experiment *experiment)
{
    struct trial_counts counts = experiment->settled;

    for (size_t i = experiment->n_settled; i < experiment->n_trials; i++)
        trial_counts_add(&counts, experiment, experiment->trials[i]);
    counts.total = (int64_t)experiment->n_trials;
    counts.completed = counts.total - counts.by_state[TRIAL_PENDING] - counts.by_state[TRIAL_RUNNING];
    counts.failed = counts.by_state[TRIAL_FAILED] + counts.by_state[TRIAL_METRICS_UNAVAILABLE];
    return counts;
}
