/*
 * CMA-ES as a suggestion method.
 */
#include "suggest/entries.h"

static const struct setting settings[] = {
    { "restart_strategy", SETTING_CHOICE, 0, 0, 0, "none|ipop|bipop", false, true,
      "what a restart does to the population" },
    { "sigma", NULLABLE_NUMBER(NAN, 0, INFINITY), "first step size; by default a sixth of the range" },
    RANDOM_STATE,
    { 0 },
};

/* Katib asks for two dimensions, which is a limit of its library; one that has an order is needed. */
static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
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
    .settings = settings,
    .check = check,
    .any_setting = true,
};
