/*
 * Population-based training.
 */
#include "suggest/entries.h"

enum { SUGGESTION_TRIAL_DIR, N_POPULATION, TRUNCATION_THRESHOLD };

static const struct setting settings[] = {
    [SUGGESTION_TRIAL_DIR] = { "suggestion_trial_dir", TEXT(NULL),
                               "where the trial finds and leaves its checkpoint; required" },
    [N_POPULATION] = { "n_population", INTEGER(NAN, -INFINITY, INFINITY),
                       "trials in a generation, 5 or more; required" },
    [TRUNCATION_THRESHOLD] = { "truncation_threshold", NUMBER(NAN, -INFINITY, INFINITY),
                               "share of the worst that copies the best, in [0, 1]; required" },
    { "resample_probability", NULLABLE_NUMBER(NAN, 0, 1), "chance to draw a parameter anew; None: always perturb" },
    { 0 },
};

static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
{
    const char *missing = NULL;

    for (size_t i = SUGGESTION_TRIAL_DIR; i <= TRUNCATION_THRESHOLD; i++)
        if (!values[i].given)
            missing = missing ? arena_printf(arena, "%s, %s", missing, settings[i].name) : settings[i].name;
    if (missing != NULL)
        return arena_printf(arena, "Required params missing: %s", missing);
    if (values[N_POPULATION].number < 5)
        return "Param(n_population) should be >= 5";
    if (!(values[TRUNCATION_THRESHOLD].number >= 0 && values[TRUNCATION_THRESHOLD].number <= 1))
        return "Param(truncation_threshold) should be between 0 and 1, inclusive";
    return check_parameters(problem, values, arena);
}

const struct suggest_method suggest_pbt = {
    .name = "pbt",
    .summary = "population-based training: the worst go on from the best's checkpoints with changed parameters",
    .settings = settings,
    .check = check,
    .repeats = true,
};
