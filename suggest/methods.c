/*
 * The table of suggestion methods.
 */
#include "base/text.h"
#include "suggest/entries.h"

const struct suggest_method *const suggest_methods[] = {
    &suggest_random,
    &suggest_grid,
    &suggest_sobol,
    &suggest_tpe,
    &suggest_multivariate_tpe,
    &suggest_bayesianoptimization,
    &suggest_cmaes,
    &suggest_hyperband,
    &suggest_pbt,
    &suggest_enas,
    &suggest_darts,
    &suggest_auto,
    &suggest_asha,
    &suggest_bohb,
    &suggest_dehb,
    &suggest_nsga2,
    NULL,
};

enum { N_ROWS = sizeof suggest_methods / sizeof suggest_methods[0] };

const struct suggest_method *suggest_method_find(const char *name, const char **nearest)
{
    const char *names[N_ROWS] = { NULL };

    if (nearest != NULL)
        *nearest = NULL;
    for (size_t i = 0; suggest_methods[i] != NULL; i++) {
        if (text_equal(suggest_methods[i]->name, name))
            return suggest_methods[i];
        names[i] = suggest_methods[i]->name;
    }
    if (nearest != NULL && name != NULL)
        *nearest = text_nearest(name, names);
    return NULL;
}

const char *check_parameters(const struct suggest_problem *problem, const struct setting_value *values,
                             struct arena *arena)
{
    (void)values;
    (void)arena;
    return problem->n_layers > 0 ? "searches parameters, got nasConfig: enas and darts search architectures" : NULL;
}
