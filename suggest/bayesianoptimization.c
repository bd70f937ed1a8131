/*
 * Bayesian optimisation with a Gaussian process.
 */
#include "suggest/entries.h"

static const struct setting settings[] = {
    { "base_estimator", CHOICE("GP|RF|ET|GBRT"), "surrogate model" },
    { "n_initial_points", INTEGER(10, 0, INFINITY), "trials before the model is asked" },
    { "acq_func", CHOICE("gp_hedge|LCB|EI|PI|EIps|PIps"), "what the next point maximises" },
    { "acq_optimizer", CHOICE("auto|sampling|lbfgs"), "how it is maximised" },
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_bayesianoptimization = {
    .name = "bayesianoptimization",
    .summary = "Bayesian optimisation with a Gaussian process",
    .settings = settings,
    .check = check_parameters,
};
