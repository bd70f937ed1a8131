/*
 * Model-based and evolutionary methods known by name: their settings and Katib's checks, no search in this build.
 */
#include "suggest/entries.h"

enum { GAMMA, PRIOR_WEIGHT };

static const struct setting tpe_settings[] = {
    [GAMMA] = { "gamma", NUMBER(0.25, 0, 1), "share of finished trials that count as good; 0 and 1 excluded" },
    [PRIOR_WEIGHT] = { "prior_weight", NUMBER(1, 0, INFINITY), "weight of the prior beside one observation; above 0" },
    { "n_EI_candidates", INTEGER(24, 1, INFINITY), "points drawn to choose the best of" },
    RANDOM_STATE,
    { 0 },
};

static const char *check_tpe(const struct suggest_problem *problem, const struct setting_value *values,
                             struct arena *arena)
{
    if (values[GAMMA].number <= 0 || values[GAMMA].number >= 1)
        return "gamma should be in the range of (0, 1)";
    if (values[PRIOR_WEIGHT].number <= 0)
        return "prior_weight should be great than zero";
    return check_parameters(problem, values, arena);
}

const struct suggest_method suggest_tpe = {
    .name = "tpe",
    .summary = "tree-structured Parzen estimator, one parameter at a time",
    .settings = tpe_settings,
    .check = check_tpe,
};

static const struct setting multivariate_tpe_settings[] = {
    { "n_startup_trials", INTEGER(10, 0, INFINITY), "random trials before the model is asked" },
    { "n_ei_candidates", INTEGER(24, 0, INFINITY), "points drawn to choose the best of" },
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_multivariate_tpe = {
    .name = "multivariate-tpe",
    .summary = "tree-structured Parzen estimator over all parameters jointly",
    .settings = multivariate_tpe_settings,
    .check = check_parameters,
};

static const struct setting bayesianoptimization_settings[] = {
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
    .settings = bayesianoptimization_settings,
    .check = check_parameters,
};

static const struct setting cmaes_settings[] = {
    { "restart_strategy", SETTING_CHOICE, 0, 0, 0, "none|ipop|bipop", false, true,
      "what a restart does to the population" },
    { "sigma", NULLABLE_NUMBER(NAN, 0, INFINITY), "first step size; by default a sixth of the range" },
    RANDOM_STATE,
    { 0 },
};

/* Katib asks for two dimensions, which is a limit of its library; one that has an order is needed. */
static const char *check_cmaes(const struct suggest_problem *problem, const struct setting_value *values,
                               struct arena *arena)
{
    const char *fault = check_parameters(problem, values, arena);

    if (fault != NULL || problem->space == NULL)
        return fault;
    for (size_t i = 0; i < problem->space->n; i++)
        if (problem->space->parameters[i].type != PARAMETER_CATEGORICAL)
            return NULL;
    return "CMA-ES needs at least one parameter that is not categorical.";
}

const struct suggest_method suggest_cmaes = {
    .name = "cmaes",
    .summary = "covariance matrix adaptation evolution strategy",
    .settings = cmaes_settings,
    .check = check_cmaes,
    .any_setting = true,
};

static const struct setting nsga2_settings[] = {
    { "population_size", INTEGER(50, 2, 100000), "trials in a generation" },
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_nsga2 = {
    .name = "nsga2",
    .summary = "non-dominated sorting genetic algorithm, for several objectives",
    .settings = nsga2_settings,
    .check = check_parameters,
};

static const struct setting auto_settings[] = {
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_auto = {
    .name = "auto",
    .summary = "chooses the method from the space, the budget and what was seen",
    .settings = auto_settings,
    .check = check_parameters,
};
