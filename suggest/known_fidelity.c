/*
 * Methods that decide how long a trial trains, known by name: their settings and Katib's checks, no search in this build.
 *
 * What Katib requires is checked here, not by its row, so that the complaint is Katib's.
 */
#include "suggest/entries.h"

enum { ETA, R_L, RESOURCE_NAME };

#define RUNG_SETTINGS                                                                                                 \
    [ETA] = { "eta", NUMBER(3, -INFINITY, INFINITY), "one in eta goes on, to eta times the resource; 0 or less: 3" }, \
    [R_L] = { "r_l", NUMBER(NAN, -INFINITY, INFINITY), "largest resource of a trial, above 0; required" },            \
    [RESOURCE_NAME] = { "resource_name", TEXT(NULL), "the parameter that takes the resource (epochs, say); required" }

static const struct setting hyperband_settings[] = {
    RUNG_SETTINGS,
    { 0 },
};

static const struct setting rung_settings[] = {
    RUNG_SETTINGS,
    { "min_resource", NUMBER(1, 0, INFINITY), "resource of the lowest rung" },
    RANDOM_STATE,
    { 0 },
};

static const char *check_resource(const struct space *space, const char *name)
{
    for (size_t i = 0; i < space->n; i++)
        if (text_equal(space->parameters[i].name, name))
            return parameter_is_choice(&space->parameters[i])
                       ? "value of resource_name setting must be an int or double."
                       : NULL;
    return "value of resource_name setting must be in parameters.";
}

/* Katib also asks for eta^s_max parallel trials, for it fills whole rungs at once; that falls away. */
static const char *check_rungs(const struct suggest_problem *problem, const struct setting_value *values,
                               struct arena *arena)
{
    const char *fault = check_parameters(problem, values, arena);

    if (fault != NULL)
        return fault;
    if (!values[R_L].given || !values[RESOURCE_NAME].given)
        return "r_l and resource_name must be set.";
    if (!(values[R_L].number > 0))
        return "r_l must be a positive float number.";
    if (values[ETA].number > 0 && values[ETA].number <= 1)
        return arena_printf(arena, "eta must be greater than 1, got %g.", values[ETA].number);
    return problem->space ? check_resource(problem->space, values[RESOURCE_NAME].text) : NULL;
}

const struct suggest_method suggest_hyperband = {
    .name = "hyperband",
    .summary = "brackets of successive halving",
    .settings = hyperband_settings,
    .check = check_rungs,
    .any_setting = true,
};

const struct suggest_method suggest_asha = {
    .name = "asha",
    .summary = "asynchronous successive halving: promotes what is good without waiting for a rung to fill",
    .settings = rung_settings,
    .check = check_rungs,
};

const struct suggest_method suggest_bohb = {
    .name = "bohb",
    .summary = "Hyperband whose new configurations come from a density model",
    .settings = rung_settings,
    .check = check_rungs,
};

const struct suggest_method suggest_dehb = {
    .name = "dehb",
    .summary = "Hyperband whose new configurations come from differential evolution",
    .settings = rung_settings,
    .check = check_rungs,
};

enum { SUGGESTION_TRIAL_DIR, N_POPULATION, TRUNCATION_THRESHOLD };

static const struct setting pbt_settings[] = {
    [SUGGESTION_TRIAL_DIR] = { "suggestion_trial_dir", TEXT(NULL),
                               "where the trial finds and leaves its checkpoint; required" },
    [N_POPULATION] = { "n_population", INTEGER(NAN, -INFINITY, INFINITY),
                       "trials in a generation, 5 or more; required" },
    [TRUNCATION_THRESHOLD] = { "truncation_threshold", NUMBER(NAN, -INFINITY, INFINITY),
                               "share of the worst that copies the best, in [0, 1]; required" },
    { "resample_probability", NULLABLE_NUMBER(NAN, 0, 1), "chance to draw a parameter anew; None: always perturb" },
    { 0 },
};

static const char *check_pbt(const struct suggest_problem *problem, const struct setting_value *values,
                             struct arena *arena)
{
    const char *missing = NULL;

    for (size_t i = SUGGESTION_TRIAL_DIR; i <= TRUNCATION_THRESHOLD; i++)
        if (!values[i].given)
            missing = missing ? arena_printf(arena, "%s, %s", missing, pbt_settings[i].name) : pbt_settings[i].name;
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
    .settings = pbt_settings,
    .check = check_pbt,
    .repeats = true,
};
