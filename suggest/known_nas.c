/*
 * Architecture search known by name: settings with Katib's defaults and ranges, no search in this build.
 */
#include "suggest/entries.h"

enum { HIDDEN_SIZE, TEMPERATURE, TANH_CONST, ENTROPY_WEIGHT, BASELINE_DECAY, LEARNING_RATE, SKIP_TARGET, SKIP_WEIGHT };

static const struct setting enas_settings[] = {
    [HIDDEN_SIZE] = { "controller_hidden_size", INTEGER(64, 1, INFINITY), "units of the controller's LSTM" },
    [TEMPERATURE] = { "controller_temperature", NULLABLE_NUMBER(5, 0, INFINITY), "divides the logits; above 0" },
    [TANH_CONST] = { "controller_tanh_const", NULLABLE_NUMBER(2.25, 0, INFINITY), "bound of the logits; above 0" },
    [ENTROPY_WEIGHT] = { "controller_entropy_weight", NULLABLE_NUMBER(1e-5, 0, INFINITY),
                         "of the entropy in the reward; above 0" },
    [BASELINE_DECAY] = { "controller_baseline_decay", NUMBER(0.999, 0, 1),
                         "of the moving average of rewards; above 0" },
    [LEARNING_RATE] = { "controller_learning_rate", NUMBER(5e-5, 0, 1), "of Adam; above 0" },
    [SKIP_TARGET] = { "controller_skip_target", NUMBER(0.4, 0, 1), "wanted share of skip connections; above 0" },
    [SKIP_WEIGHT] = { "controller_skip_weight", NULLABLE_NUMBER(0.8, 0, INFINITY),
                      "of the distance to it in the loss; above 0" },
    { "controller_train_steps", INTEGER(50, 1, INFINITY), "controller updates a call" },
    { "controller_log_every_steps", INTEGER(10, 1, INFINITY), "updates between two log lines" },
    { 0 },
};

static const char *check_architecture(const struct suggest_problem *problem, const struct setting_value *values,
                                      struct arena *arena)
{
    (void)values;
    (void)arena;
    return problem->is_nas ? NULL : "searches architectures: nasConfig must be given";
}

static const char *check_enas(const struct suggest_problem *problem, const struct setting_value *values,
                              struct arena *arena)
{
    for (size_t i = TEMPERATURE; i <= SKIP_WEIGHT; i++) /* the ranges are open at 0 */
        if (values[i].number <= 0)
            return arena_printf(arena, "Algorithm Setting %s: %g with float type must be in range (0, %g%c",
                                enas_settings[i].name, values[i].number, enas_settings[i].max,
                                isinf(enas_settings[i].max) ? ')' : ']');
    return check_architecture(problem, values, arena);
}

const struct suggest_method suggest_enas = {
    .name = "enas",
    .summary = "efficient neural architecture search: a recurrent controller trained by reinforcement",
    .settings = enas_settings,
    .check = check_enas,
};

static const struct setting darts_settings[] = {
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

const struct suggest_method suggest_darts = {
    .name = "darts",
    .summary = "differentiable architecture search in one training",
    .settings = darts_settings,
    .check = check_architecture,
    .repeats = true,
    .any_setting = true,
};
