/*
 * NSGA-II.
 */
#include "suggest/entries.h"

static const struct setting settings[] = {
    { "population_size", INTEGER(50, 2, 100000), "trials in a generation" },
    RANDOM_STATE,
    { 0 },
};

const struct suggest_method suggest_nsga2 = {
    .name = "nsga2",
    .summary = "non-dominated sorting genetic algorithm, for several objectives",
    .settings = settings,
    .check = check_parameters,
};
