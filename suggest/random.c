/*
 * Random search: every trial a uniform draw in model coordinates, from a stream of its own.
 */
#include <stdio.h>

#include "base/memory.h"
#include "suggest/entries.h"

static const struct setting settings[] = {
    RANDOM_STATE,
    { 0 },
};

struct random {
    const struct space *space;
};

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    const struct space *space = problem->space;
    struct random *random = xcalloc(1, sizeof *random);

    (void)values;
    (void)seed; /* the stream of every request comes from it */
    random->space = space;
    return random;
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    const struct random *random = state;

    (void)history;
    space_draw(random->space, &request->rng, out->x);
    snprintf(out->why, sizeof out->why, "a random point");
    return 0;
}

const struct suggest_method suggest_random = {
    .name = "random",
    .summary = "independent uniform draws (in log space, or from the normal prior, where the parameter says so)",
    .settings = settings,
    .check = check_parameters,
    .create = create,
    .suggest = suggest,
    .destroy = free,
};
