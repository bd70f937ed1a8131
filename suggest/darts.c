/*
 * Differentiable architecture search in one training (Liu et al., DARTS (2019)): the trial does the search, so there is nothing
 * to choose here. The settings are the trial's, with Katib's defaults and ranges.
 */
#include <stdio.h>

#include "base/memory.h"
#include "suggest/entries.h"

static const struct setting settings[] = {
    { "num_epochs", INTEGER(50, 1, INFINITY), "epochs of the search" },
    { "w_lr", NUMBER(0.025, 0, INFINITY), "learning rate of the weights" },
    { "w_lr_min", NUMBER(0.001, 0, INFINITY), "where its cosine schedule ends" },
    { "w_momentum", NUMBER(0.9, 0, INFINITY), "momentum of the weights" },
    { "w_weight_decay", NUMBER(3e-4, 0, INFINITY), "weight decay of the weights" },
    { "w_grad_clip", NUMBER(5, 0, INFINITY), "largest norm of their gradient" },
    { "alpha_lr", NUMBER(3e-4, 0, INFINITY), "learning rate of the architecture" },
    { "alpha_weight_decay", NUMBER(1e-3, 0, INFINITY), "weight decay of the architecture" },
    { "batch_size", NULLABLE_INTEGER(128, 1, INFINITY), "images a step" },
    { "num_workers", INTEGER(4, 0, INFINITY), "loader threads" },
    { "init_channels", INTEGER(16, 1, INFINITY), "channels of the first cell" },
    { "print_step", INTEGER(50, 1, INFINITY), "steps between two lines of output" },
    { "num_nodes", INTEGER(4, 1, INFINITY), "intermediate nodes of a cell" },
    { "stem_multiplier", INTEGER(3, 1, INFINITY), "channels of the stem, in init_channels" },
    { 0 },
};

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
    .settings = settings,
    .check = check,
    .create = create,
    .suggest = suggest,
    .destroy = free,
    .repeats = true,
    .any_setting = true,
    .is_nas = true,
};
