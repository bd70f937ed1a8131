/*
 * Tree-structured Parzen estimator, one parameter at a time.
 */
#include "suggest/entries.h"

enum { GAMMA, PRIOR_WEIGHT };

static const struct setting settings[] = {
    [GAMMA] = { "gamma", NUMBER(0.25, 0, 1), "share of finished trials that count as good; 0 and 1 excluded" },
    [PRIOR_WEIGHT] = { "prior_weight", NUMBER(1, 0, INFINITY), "weight of the prior beside one observation; above 0" },
    { "n_EI_candidates", INTEGER(24, 1, INFINITY), "points drawn to choose the best of" },
    RANDOM_STATE,
    { 0 },
};

static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
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
    .settings = settings,
    .check = check,
};
