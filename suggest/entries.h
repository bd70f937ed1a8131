/*
 * What the methods' own files share with the table: their entries, the common settings row, the common check.
 */
#ifndef HONE_SUGGEST_ENTRIES_H
#define HONE_SUGGEST_ENTRIES_H

#include <math.h>
#include <stdlib.h>

#include "suggest/method.h"

/* Katib's name for the seed; it takes the place of the study's (study.h). Up to 2^53. */
#define RANDOM_STATE                                                                             \
    {                                                                                            \
        "random_state", INTEGER(NAN, 0, 9007199254740992.0), "seed; by default the experiment's" \
    }

/* Methods that search parameters cannot take a nasConfig. */
const char *check_parameters(const struct suggest_problem *problem, const struct setting_value *values,
                             struct arena *arena);

extern const struct suggest_method suggest_random, suggest_grid, suggest_sobol, suggest_tpe, suggest_multivariate_tpe,
    suggest_bayesianoptimization, suggest_cmaes, suggest_hyperband, suggest_pbt, suggest_auto, suggest_asha,
    suggest_bohb, suggest_dehb, suggest_nsga2, suggest_enas, suggest_darts;

#endif
