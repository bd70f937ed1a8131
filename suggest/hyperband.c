/*
 * Hyperband: brackets of successive halving over random configurations.
 *
 * Li et al., Hyperband: a novel bandit-based approach to hyperparameter optimization, JMLR 18 (2018). Katib's settings; its
 * rungs are really climbed, with any number of parallel trials (brackets.h).
 */
#include <stdio.h>

#include "suggest/brackets.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    RANDOM_STATE,
    { 0 },
};

struct hyperband {
    const struct space *space;
    struct resource resource;
    struct brackets brackets; /* read anew at every ask */
};

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct hyperband *hyperband = xcalloc(1, sizeof *hyperband);

    (void)seed; /* the stream of every request comes from it */
    hyperband->space = problem->space;
    hyperband->resource = read_resource_settings(problem, values);
    return hyperband;
}

static void destroy(void *state)
{
    struct hyperband *hyperband = state;

    if (hyperband != NULL)
        brackets_release(&hyperband->brackets);
    free(hyperband);
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct hyperband *hyperband = state;
    const struct resource *resource = &hyperband->resource;
    struct step step;
    int status = brackets_next(&hyperband->brackets, history, resource, &step);

    if (status != 0)
        return status;
    if (step.from != NULL) {
        step_promote(&step, history, resource, out);
    } else {
        space_draw(hyperband->space, &request->rng, out->x);
        step_begin(&step, resource, "a random point", out);
    }
    return 0;
}

const struct suggest_method suggest_hyperband = {
    .name = "hyperband",
    .summary = "brackets of successive halving",
    .settings = settings,
    .check = check_resource_settings,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
    .any_setting = true,
};
