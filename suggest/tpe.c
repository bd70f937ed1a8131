/*
 * Tree-structured Parzen estimator, one parameter at a time.
 */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "suggest/entries.h"
#include "suggest/tpe_model.h"

enum { GAMMA, PRIOR_WEIGHT, N_CANDIDATES };

static const struct setting settings[] = {
    [GAMMA] = { "gamma", NUMBER(0.15, 0, 1), "share of finished trials that count as good; 0 and 1 excluded" },
    [PRIOR_WEIGHT] = { "prior_weight", NUMBER(1, 0, INFINITY), "weight of the prior beside one observation; above 0" },
    [N_CANDIDATES] = { "n_EI_candidates", INTEGER(NAN, 1, 1000000),
                       "points drawn to choose the best of; by default by the kind of parameter" },
    RANDOM_STATE,
    { 0 },
};

enum { STARTUP_TRIALS = 10 };

struct tpe_method {
    const struct space *space;
    struct tpe *model;
};

static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
{
    if (values[GAMMA].number <= 0 || values[GAMMA].number >= 1)
        return "gamma should be in the range of (0, 1)";
    if (values[PRIOR_WEIGHT].number <= 0)
        return "prior_weight should be great than zero";
    return check_parameters(problem, values, arena);
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct tpe_method *state = xcalloc(1, sizeof *state);
    const struct tpe_options options = {
        .is_joint = false,
        .gamma = values[GAMMA].number,
        .prior_weight = values[PRIOR_WEIGHT].number,
        .n_candidates = values[N_CANDIDATES].given ? (size_t)values[N_CANDIDATES].number : 0,
        .resource = NAN,
        .skip = SIZE_MAX,
    };

    (void)seed; /* the stream of every request comes from it */
    state->space = problem->space;
    state->model = tpe_create(problem, &options);
    return state;
}

static int suggest(void *opaque, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct tpe_method *state = opaque;

    if (tpe_rows(state->model, history) < STARTUP_TRIALS) {
        space_draw(state->space, &request->rng, out->x);
        snprintf(out->why, sizeof out->why, "a random point: the model starts after %d trials", STARTUP_TRIALS);
        return 0;
    }
    return tpe_suggest(state->model, history, request, out->x, out->why);
}

static void destroy(void *opaque)
{
    struct tpe_method *state = opaque;

    if (state == NULL)
        return;
    tpe_destroy(state->model);
    free(state);
}

const struct suggest_method suggest_tpe = {
    .name = "tpe",
    .summary = "tree-structured Parzen estimator, one parameter at a time",
    .settings = settings,
    .check = check,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
