/*
 * Differentiable architecture search in one training (Liu et al., DARTS (2019)): the trial does the search, so there is nothing
 * to choose here. The settings are the trial's, with Katib's defaults and ranges.
 */
#include <stdio.h>

#include "base/memory.h"
#include "nas/darts_settings.h"
#include "suggest/entries.h"

static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
{
    (void)values;
    (void)arena;
    return problem->n_layers > 0 ? NULL : "searches architectures: nasConfig must be given";
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    (void)problem;
    (void)values;
    (void)seed;
    return xcalloc(1, 1);
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    (void)state;
    (void)history;
    (void)request;
    snprintf(out->why, sizeof out->why, "the trial itself searches");
    return 0;
}

const struct suggest_method suggest_darts = {
    .name = "darts",
    .summary = "differentiable architecture search in one training",
    .settings = darts_settings,
    .check = check,
    .create = create,
    .suggest = suggest,
    .destroy = free,
    .repeats = true,
    .any_setting = true,
    .is_nas = true,
};
