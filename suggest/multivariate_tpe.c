/*
 * Tree-structured Parzen estimator over all parameters jointly.
 */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "suggest/entries.h"
#include "suggest/tpe_model.h"

enum { N_STARTUP, N_CANDIDATES };

static const struct setting settings[] = {
    [N_STARTUP] = { "n_startup_trials", INTEGER(10, 0, INFINITY), "random trials before the model is asked" },
    [N_CANDIDATES] = { "n_ei_candidates", INTEGER(0, 0, 1000000),
                       "points drawn to choose the best of; 0: by the kind of space" },
    RANDOM_STATE,
    { 0 },
};

struct multivariate_tpe {
    const struct space *space;
    double n_startup;
    struct tpe *model;
};

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct multivariate_tpe *state = xcalloc(1, sizeof *state);
    const struct tpe_options options = {
        .is_joint = true,
        .gamma = 0.15,
        .prior_weight = 1,
        .n_candidates = (size_t)values[N_CANDIDATES].number,
        .resource = NAN,
        .skip = SIZE_MAX,
    };

    (void)seed; /* the stream of every request comes from it */
    state->space = problem->space;
    state->n_startup = values[N_STARTUP].number;
    state->model = tpe_create(problem, &options);
    return state;
}

static int suggest(void *opaque, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct multivariate_tpe *state = opaque;

    if ((double)tpe_rows(state->model, history) < state->n_startup) {
        space_draw(state->space, &request->rng, out->x);
        snprintf(out->why, sizeof out->why, "a random point: the model starts after %g trials", state->n_startup);
        return 0;
    }
    return tpe_suggest(state->model, history, request, out->x, out->why);
}

static void destroy(void *opaque)
{
    struct multivariate_tpe *state = opaque;

    if (state == NULL)
        return;
    tpe_destroy(state->model);
    free(state);
}

const struct suggest_method suggest_multivariate_tpe = {
    .name = "multivariate-tpe",
    .summary = "tree-structured Parzen estimator over all parameters jointly",
    .settings = settings,
    .check = check_parameters,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
