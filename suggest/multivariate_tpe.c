/*
 * Tree-structured Parzen estimator over all parameters jointly.
 */
#include "suggest/entries.h"

static const struct setting settings[] = {
    { "n_startup_trials", INTEGER(10, 0, INFINITY), "random trials before the model is asked" },
    { "n_ei_candidates", INTEGER(24, 0, INFINITY), "points drawn to choose the best of" },
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_multivariate_tpe = {
    .name = "multivariate-tpe",
    .summary = "tree-structured Parzen estimator over all parameters jointly",
    .settings = settings,
    .check = check_parameters,
};
