/*
 * Losses, constraints, order and Pareto set of trials.
 */
#include "experiment/merit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suggest/pareto.h"

static bool counts(const struct trial *trial)
{
    return trial->state == TRIAL_SUCCEEDED || trial->state == TRIAL_EARLY_STOPPED;
}

static double value_of(const struct experiment *experiment, const struct trial *trial, size_t metric)
{
    double number;

    observation_value(&trial->observation, &experiment->spec->objective, metric, &number);
    return number;
}

void merit_losses(const struct experiment *experiment, const struct trial *trial, double *losses)
{
    const struct spec *spec = experiment->spec;

    for (size_t i = 0; i < spec_n_objectives(spec); i++) {
        struct aim aim = spec_aim(spec, i);
        double value = counts(trial) ? value_of(experiment, trial, aim.metric) : NAN;

        losses[i] = aim.type == OBJECTIVE_MAXIMIZE ? -value : value;
    }
}

double constraint_violation(const struct constraint *constraint, double value)
{
    return isnan(value) ? NAN : fmax(constraint->min - value, value - constraint->max);
}

void merit_violations(const struct experiment *experiment, const struct trial *trial, double *violations)
{
    const struct spec *spec = experiment->spec;

    for (size_t i = 0; i < spec->n_constraints; i++)
        violations[i] = constraint_violation(&spec->constraints[i],
                                             value_of(experiment, trial, spec->constraints[i].metric));
}

bool merit_is_acceptable(const struct experiment *experiment, const struct trial *trial)
{
    double violations[CONSTRAINTS_LIMIT];

    if (!counts(trial))
        return false;
    merit_violations(experiment, trial, violations);
    for (size_t i = 0; i < experiment->spec->n_constraints; i++)
        if (!(violations[i] <= 0))
            return false;
    return true;
}

bool merit_reaches_goals(const struct experiment *experiment, const struct trial *trial)
{
    const struct spec *spec = experiment->spec;
    size_t n_goals = 0;

    if (!merit_is_acceptable(experiment, trial))
        return false;
    for (size_t i = 0; i < spec_n_objectives(spec); i++) {
        struct aim aim = spec_aim(spec, i);
        double value = value_of(experiment, trial, aim.metric);

        if (aim.has_goal && (isinf(value) || !(aim.type == OBJECTIVE_MINIMIZE ? value <= aim.goal : value >= aim.goal)))
            return false;
        n_goals += aim.has_goal;
    }
    return n_goals > 0;
}

/* 2: a finite number for every objective; 1: text; 0: nothing to compare. */
static int kind_of(const struct experiment *experiment, const struct trial *trial, double *losses)
{
    double number;

    if (trial == NULL || !merit_is_acceptable(experiment, trial) || trial_objective(experiment, trial, &number) == NULL)
        return 0;
    merit_losses(experiment, trial, losses);
    for (size_t i = 0; i < spec_n_objectives(experiment->spec); i++)
        if (!isfinite(losses[i]))
            return i == 0 && isnan(number) ? 1 : 0;
    return 2;
}

bool experiment_is_better(const struct experiment *experiment, const struct trial *a, const struct trial *b)
{
    double a_losses[OBJECTIVES_LIMIT], b_losses[OBJECTIVES_LIMIT];
    int a_kind = kind_of(experiment, a, a_losses), b_kind = kind_of(experiment, b, b_losses);

    if (a_kind != b_kind)
        return a_kind > b_kind;
    for (size_t i = 0; a_kind == 2 && i < spec_n_objectives(experiment->spec); i++)
        if (a_losses[i] != b_losses[i])
            return a_losses[i] < b_losses[i];
    if (a_kind == 2)
        return a->finish_order < b->finish_order;
    return a_kind == 1 && a->finish_order > b->finish_order;
}

/* --- several objectives --- */

struct candidate {
    int64_t number;
    double losses[OBJECTIVES_LIMIT];
};

static int by_losses(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    for (size_t i = 0; i < OBJECTIVES_LIMIT; i++)
        if (x->losses[i] != y->losses[i])
            return x->losses[i] < y->losses[i] ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Losses (n, n_objectives) of the acceptable trials with a number for each, and which trials these are. */
static struct candidate *gather(const struct experiment *experiment, size_t *n)
{
    struct candidate *found = xcalloc(experiment->n_trials + 1, sizeof *found);

    *n = 0;
    for (size_t i = 0; i < experiment->n_trials; i++) {
        found[*n] = (struct candidate){ .number = experiment->trials[i]->number };
        if (kind_of(experiment, experiment->trials[i], found[*n].losses) == 2)
            ++*n;
    }
    return found;
}

static void pack_losses(const struct candidate *candidates, size_t n, size_t m, double *losses)
{
    for (size_t i = 0; i < n; i++)
        memcpy(losses + i * m, candidates[i].losses, m * sizeof *losses);
}

const int64_t *merit_front(const struct experiment *experiment, struct arena *arena, size_t *n)
{
    size_t m = spec_n_objectives(experiment->spec), n_candidates;
    struct candidate *candidates = gather(experiment, &n_candidates);
    double *losses = xcalloc(n_candidates + 1, m * sizeof *losses);
    size_t *rank = xcalloc(n_candidates + 1, sizeof *rank);
    int64_t *front = arena_array(arena, n_candidates, sizeof *front);

    qsort(candidates, n_candidates, sizeof *candidates, by_losses);
    pack_losses(candidates, n_candidates, m, losses);
    pareto_ranks(losses, n_candidates, m, rank);
    *n = 0;
    for (size_t i = 0; i < n_candidates; i++)
        if (rank[i] == 0)
            front[(*n)++] = candidates[i].number;
    free(rank);
    free(losses);
    free(candidates);
    return front;
}

/* The worst finite loss of each objective among all trials that count. */
static void worst_seen(const struct experiment *experiment, double *worst)
{
    size_t m = spec_n_objectives(experiment->spec);
    double losses[OBJECTIVES_LIMIT] = { 0 };

    for (size_t k = 0; k < m; k++)
        worst[k] = -INFINITY;
    for (size_t i = 0; i < experiment->n_trials; i++) {
        merit_losses(experiment, experiment->trials[i], losses);
        for (size_t k = 0; k < m; k++)
            if (isfinite(losses[k]) && losses[k] > worst[k])
                worst[k] = losses[k];
    }
}

double merit_hypervolume(const struct experiment *experiment, const int64_t *front, size_t n)
{
    size_t m = spec_n_objectives(experiment->spec);
    double reference[OBJECTIVES_LIMIT], *losses, volume;

    if (n == 0)
        return 0;
    if (m > 2 && n > HYPERVOLUME_ROWS)
        return NAN;
    worst_seen(experiment, reference);
    losses = xcalloc(n, m * sizeof *losses);
    for (size_t i = 0; i < n; i++)
        merit_losses(experiment, experiment_trial(experiment, front[i]), losses + i * m);
    volume = pareto_hypervolume(losses, n, m, reference);
    free(losses);
    return volume;
}
