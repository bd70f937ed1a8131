/*
 * Bayesian optimisation with a Gaussian process, by the settings of Katib's scikit-optimize service.
 *
 * gp_hedge draws one of the three acquisitions for every trial, with probability proportional to exp(-loss predicted at the
 * candidate each names): the gain of Hoffman et al., Portfolio allocation for Bayesian optimization (2011), from the present
 * model alone. Summed over past rounds it would hang on when trials were asked, not on what they taught.
 */
#include <string.h>

#include "suggest/bayes.h"
#include "suggest/entries.h"

enum { BASE_ESTIMATOR, N_INITIAL_POINTS, ACQ_FUNC, ACQ_OPTIMIZER };

static const struct setting settings[] = {
    [BASE_ESTIMATOR] = { "base_estimator", CHOICE("GP|RF|ET|GBRT"), "surrogate model; always a Gaussian process" },
    [N_INITIAL_POINTS] = { "n_initial_points", INTEGER(NAN, 0, INFINITY),
                           "trials before the model is asked; by default by the number of parameters" },
    [ACQ_FUNC] = { "acq_func", CHOICE("gp_hedge|LCB|EI|PI|EIps|PIps"), "what the next point maximises" },
    [ACQ_OPTIMIZER] = { "acq_optimizer", CHOICE("auto|sampling|lbfgs"), "how; always by sampling, then L-BFGS-B" },
    RANDOM_STATE,
    { 0 },
};

/* In the order of acq_func's choices. */
static const enum acquisition acquisitions[] = { ACQUISITION_EI, ACQUISITION_LCB, ACQUISITION_EI,
                                                 ACQUISITION_PI, ACQUISITION_EI,  ACQUISITION_PI };
static const char *const instead[] = { NULL, NULL, NULL, NULL, "EI", "PI" };

static const char *warn(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
{
    size_t acq_func = (size_t)values[ACQ_FUNC].number;
    const char *estimator = "", *function = "", *optimizer = "";

    if (values[BASE_ESTIMATOR].number != 0)
        estimator = arena_printf(arena, " a Gaussian process in place of %s,", values[BASE_ESTIMATOR].text);
    if (problem->n_objectives > 1 && values[ACQ_FUNC].given)
        function = arena_printf(arena, " expected hypervolume improvement in place of %s,", values[ACQ_FUNC].text);
    else if (instead[acq_func] != NULL)
        function = arena_printf(arena, " %s in place of %s,", instead[acq_func], values[ACQ_FUNC].text);
    if (values[ACQ_OPTIMIZER].number != 0)
        optimizer = arena_printf(arena, " sampling followed by L-BFGS-B in place of acq_optimizer %s,",
                                 values[ACQ_OPTIMIZER].text);
    const char *text = arena_printf(arena, "bayesianoptimization uses%s%s%s", estimator, function, optimizer);
    bool is_plain = estimator[0] == '\0' && function[0] == '\0' && optimizer[0] == '\0';
    return is_plain ? NULL : arena_strndup(arena, text, strlen(text) - 1);
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    const struct bayes_options options = {
        .is_hedged = values[ACQ_FUNC].number == 0,
        .acquisition = acquisitions[(size_t)values[ACQ_FUNC].number],
        .n_initial = isnan(values[N_INITIAL_POINTS].number) ? SIZE_MAX : (size_t)values[N_INITIAL_POINTS].number,
        .resource = NAN,
        .skip = SIZE_MAX,
    };

    return bayes_create(problem, &options, seed);
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    return bayes_suggest(state, history, request, out->x, out->why);
}

static void destroy(void *state)
{
    bayes_destroy(state);
}

const struct suggest_method suggest_bayesianoptimization = {
    .name = "bayesianoptimization",
    .summary = "Bayesian optimisation with a Gaussian process",
    .settings = settings,
    .check = check_parameters,
    .warn = warn,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
