/*
 * What an experiment has seen, as the history that methods and models read.
 */
#include <stdlib.h>
#include <string.h>

#include "experiment/merit.h"
#include "service/past.h"

enum outcome past_outcome(const struct trial *trial)
{
    switch (trial->state) {
    case TRIAL_SUCCEEDED:
        return OUTCOME_SUCCEEDED;
    case TRIAL_EARLY_STOPPED:
        return OUTCOME_EARLY_STOPPED;
    case TRIAL_KILLED:
        return OUTCOME_ABANDONED;
    default:
        return OUTCOME_FAILED;
    }
}

void past_losses(const struct experiment *experiment, const struct trial *trial, double *losses)
{
    merit_losses(experiment, trial, losses);
    for (size_t i = 0; trial->state == TRIAL_EARLY_STOPPED && i < spec_n_objectives(experiment->spec); i++) {
        struct aim aim = spec_aim(experiment->spec, i);
        double latest = trial->observation.metrics[aim.metric].latest_value;

        losses[i] = aim.type == OBJECTIVE_MAXIMIZE ? -latest : latest;
    }
}

uint64_t past_seed(const struct live *live)
{
    uint64_t seed;

    if (live->spec->hone.has_seed)
        return live->spec->hone.seed;
    memcpy(&seed, live->experiment->uid, sizeof seed);
    return seed;
}

static int by_finish_order(const void *a, const void *b)
{
    const struct trial *const *x = a, *const *y = b;

    return ((*x)->finish_order > (*y)->finish_order) - ((*x)->finish_order < (*y)->finish_order);
}

static void add_warm(const struct live *live, struct history *history)
{
    for (size_t i = 0; i < live->warm.n; i++) {
        struct warm_row row = warm_start_row(&live->warm, live->spec, i);
        int64_t number = -1 - (int64_t)i;

        history_start(history, number, row.values, row.resource, 0);
        history_finish(history, number, NULL, row.outcome, row.losses, row.violations);
    }
}

static void add_trial(const struct live *live, const struct trial *trial, struct history *history)
{
    double losses[OBJECTIVES_LIMIT], violations[CONSTRAINTS_LIMIT];

    history_start(history, trial->number, trial->values, trial->resource, trial->parent);
    if (trial->finish_order == 0)
        return;
    past_losses(live->experiment, trial, losses);
    merit_violations(live->experiment, trial, violations);
    history_finish(history, trial->number, NULL, past_outcome(trial), losses, violations);
}

void past_fill(const struct live *live, struct history *history)
{
    const struct experiment *experiment = live->experiment;
    struct trial **trials = xcalloc(experiment->n_trials + 1, sizeof(struct trial *));
    size_t n = 0;

    add_warm(live, history);
    for (size_t i = 0; i < experiment->n_trials; i++)
        if (experiment->trials[i]->finish_order > 0)
            trials[n++] = experiment->trials[i];
    qsort(trials, n, sizeof(struct trial *), by_finish_order);
    for (size_t i = 0; i < n; i++)
        add_trial(live, trials[i], history);
    for (size_t i = 0; i < experiment->n_trials; i++)
        if (experiment->trials[i]->finish_order == 0)
            add_trial(live, experiment->trials[i], history);
    free(trials);
}
