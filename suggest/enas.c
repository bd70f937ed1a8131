/*
 * Architecture search by a controller that learns from the trials it proposed.
 *
 * REINFORCE with per-trial credit: every finished trial's own rows are scored, log p(rows) times its reward minus a baseline
 * (Williams, Simple statistical gradient-following algorithms (1992); Pham et al. (2018)). Each finished row is followed by
 * some updates, each on a batch of all rows so far, so that a trial teaches more than once. Rewards are scores of the
 * ranks, the same whatever the metric's scale, failures ranking last. Rows are taken in the order of the history
 * and batches from streams named by the row, so a controller rebuilt by replay is the same.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nas/controller.h"
#include "suggest/entries.h"
#include "suggest/merit.h"

enum {
    HIDDEN_SIZE,
    TEMPERATURE,
    TANH_CONST,
    ENTROPY_WEIGHT,
    BASELINE_DECAY,
    LEARNING_RATE,
    SKIP_TARGET,
    SKIP_WEIGHT,
    TRAIN_STEPS,
    LOG_EVERY_STEPS,
    BATCH_SIZE,
};

static const struct setting settings[] = {
    [HIDDEN_SIZE] = { "controller_hidden_size", INTEGER(16, 1, 1024), "units of the controller's LSTM" },
    [TEMPERATURE] = { "controller_temperature", NULLABLE_NUMBER(1, 0, INFINITY), "divides the logits; above 0" },
    [TANH_CONST] = { "controller_tanh_const", NULLABLE_NUMBER(2.25, 0, INFINITY), "bound of the logits; above 0" },
    [ENTROPY_WEIGHT] = { "controller_entropy_weight", NULLABLE_NUMBER(0.15, 0, INFINITY),
                         "of the entropy in the loss; above 0" },
    [BASELINE_DECAY] = { "controller_baseline_decay", NUMBER(0.9, 0, 1), "of the moving average of rewards; above 0" },
    [LEARNING_RATE] = { "controller_learning_rate", NUMBER(0.01, 0, 1), "of Adam; above 0" },
    [SKIP_TARGET] = { "controller_skip_target", NUMBER(0.4, 0, 1), "wanted share of skip connections; above 0" },
    [SKIP_WEIGHT] = { "controller_skip_weight", NULLABLE_NUMBER(0.8, 0, INFINITY),
                      "of the distance to it in the loss; above 0" },
    [TRAIN_STEPS] = { "controller_train_steps", INTEGER(5, 1, 100000), "controller updates a finished trial" },
    [LOG_EVERY_STEPS] = { "controller_log_every_steps", INTEGER(10, 1, INFINITY),
                          "updates between two log lines of Katib's controller; ours keeps no log" },
    [BATCH_SIZE] = { "controller_batch_size", INTEGER(8, 1, 10000), "finished trials an update learns from" },
    RANDOM_STATE,
    { 0 },
};

/* A finished trial as the controller sees it. */
struct lesson {
    struct macro macro;
    struct merit merit;
    double reward; /* score of its rank among the lessons so far */
};

struct enas {
    const struct setting_value *values;
    size_t n_layers;
    uint64_t seed;
    bool has_skips;
    struct controller *controller;
    size_t n_seen, n_lessons, capacity;
    struct lesson *lessons; /* (n_lessons) */
    size_t *order;          /* (n_lessons) lessons, the worst first */
    double baseline;
    double gradient[];
};

static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
{
    for (size_t i = TEMPERATURE; i <= SKIP_WEIGHT; i++) /* the ranges are open at 0 */
        if (values[i].number <= 0)
            return arena_printf(arena, "Algorithm Setting %s: %g with float type must be in range (0, %g%c",
                                settings[i].name, values[i].number, settings[i].max,
                                isinf(settings[i].max) ? ')' : ']');
    if (problem->n_objectives > 1)
        return "searches for one objective, got several";
    return problem->n_layers > 0 ? NULL : "searches architectures: nasConfig must be given";
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    const struct space *space = problem->space;
    const struct controller_options options = {
        .n_layers = (unsigned)problem->n_layers,
        .n_operations = (unsigned)space->parameters[0].n_choices,
        .has_skips = space->n > problem->n_layers,
        .hidden_size = (unsigned)values[HIDDEN_SIZE].number,
        .temperature = values[TEMPERATURE].number,
        .tanh_const = values[TANH_CONST].number,
        .skip_target = values[SKIP_TARGET].number,
    };
    struct controller *controller = controller_create(&options, seed);
    struct enas *enas = xcalloc(1, sizeof *enas + controller_n_parameters(controller) * sizeof enas->gradient[0]);

    enas->values = values;
    enas->seed = seed;
    enas->n_layers = problem->n_layers;
    enas->has_skips = options.has_skips;
    enas->controller = controller;
    return enas;
}

static void destroy(void *state)
{
    struct enas *enas = state;

    if (enas == NULL)
        return;
    controller_destroy(enas->controller);
    free(enas->lessons);
    free(enas->order);
    free(enas);
}

/* Parameters: the operation of each layer, then the skips of layer 1, of layer 2, ... */
static size_t skip_index(const struct enas *enas, size_t layer, size_t k)
{
    return enas->n_layers + layer * (layer - 1) / 2 + k;
}

static struct macro to_macro(const struct enas *enas, const double *values)
{
    struct macro macro = { .n_layers = (unsigned)enas->n_layers };

    for (size_t i = 0; i < enas->n_layers; i++) {
        macro.operations[i] = (unsigned)values[i];
        for (size_t k = 0; k < i && enas->has_skips; k++)
            macro.skips[i] |= (uint64_t)values[skip_index(enas, i, k)] << k;
    }
    return macro;
}

static void from_macro(const struct enas *enas, const struct macro *macro, double *x)
{
    for (size_t i = 0; i < enas->n_layers; i++) {
        x[i] = macro->operations[i];
        for (size_t k = 0; k < i && enas->has_skips; k++)
            x[skip_index(enas, i, k)] = (double)(macro->skips[i] >> k & 1);
    }
}

static bool is_worse(const struct merit *a, const struct merit *b)
{
    return a->class != b->class ? a->class > b->class : a->key > b->key;
}

static bool is_equal(const struct merit *a, const struct merit *b)
{
    return !is_worse(a, b) && !is_worse(b, a);
}

/* Savage scores, expected order statistics of the exponential distribution (shifted to mean 0, nearly): the best stand out, the
   worst hardly differ. Equals share the mean of their ranks. */
static void score_lessons(struct enas *enas)
{
    size_t n = enas->n_lessons;

    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n; end++)
            if (!is_equal(&enas->lessons[enas->order[first]].merit, &enas->lessons[enas->order[end]].merit))
                break;
        double share_below = 0.5 * ((double)first + (double)end) / (double)n;
        for (size_t k = first; k < end; k++)
            enas->lessons[enas->order[k]].reward = -log1p(-share_below) - 1;
    }
}

static void add_lesson(struct enas *enas, const struct history *history, size_t row, const struct merit *merit)
{
    size_t n = enas->n_lessons, at = n;

    if (n == enas->capacity) {
        enas->capacity = n > 0 ? 2 * n : 64;
        enas->lessons = xreallocarray(enas->lessons, enas->capacity, sizeof *enas->lessons);
        enas->order = xreallocarray(enas->order, enas->capacity, sizeof *enas->order);
    }
    enas->lessons[n] = (struct lesson){ to_macro(enas, history_values(history, row)), *merit, 0 };
    for (; at > 0 && is_worse(merit, &enas->lessons[enas->order[at - 1]].merit); at--)
        enas->order[at] = enas->order[at - 1];
    enas->order[at] = n;
    enas->n_lessons++;
    score_lessons(enas);
}

static double weight_of(const struct setting_value *value)
{
    return isnan(value->number) ? 0 : value->number;
}

/* One update on a batch of what is known. */
static void train_once(struct enas *enas, struct rng *rng)
{
    size_t n_batch = (size_t)fmin(enas->values[BATCH_SIZE].number, (double)enas->n_lessons);

    memset(enas->gradient, 0, controller_n_parameters(enas->controller) * sizeof enas->gradient[0]);
    for (size_t b = 0; b < n_batch; b++) {
        const struct lesson *lesson = &enas->lessons[rng_below(rng, enas->n_lessons)];
        const struct controller_loss loss = {
            .advantage = (lesson->reward - enas->baseline) / (double)n_batch,
            .entropy_weight = weight_of(&enas->values[ENTROPY_WEIGHT]) / (double)n_batch,
            .skip_weight = weight_of(&enas->values[SKIP_WEIGHT]) / (double)n_batch,
        };
        controller_gradient(enas->controller, &lesson->macro, &loss, enas->gradient);
    }
    controller_step(enas->controller, enas->gradient, enas->values[LEARNING_RATE].number);
}

/* The average of rewards as they came, each row's by what was known then. */
static void move_baseline(struct enas *enas, double reward)
{
    double decay = enas->values[BASELINE_DECAY].number;

    enas->baseline += (1 - decay) * (reward - enas->baseline);
}

static void absorb(struct enas *enas, const struct history *history, size_t row)
{
    struct merit merit = merit_of(history, row);
    struct rng rng = rng_stream(enas->seed, (uint64_t)row, "enas.batch");

    if (merit.class == MERIT_NONE)
        return;
    if (merit.class == MERIT_FAILED)
        merit.key = 0; /* all alike */
    add_lesson(enas, history, row, &merit);
    move_baseline(enas, enas->lessons[enas->n_lessons - 1].reward);
    for (size_t step = 0; step < (size_t)enas->values[TRAIN_STEPS].number; step++)
        train_once(enas, &rng);
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct enas *enas = state;
    struct macro macro;

    for (; enas->n_seen < history->n_finished; enas->n_seen++)
        absorb(enas, history, enas->n_seen);
    double log_p = controller_sample(enas->controller, pow(1.15, request->draw), &request->rng, &macro);
    from_macro(enas, &macro, out->x);
    snprintf(out->why, sizeof out->why, "drawn with probability %.2g by the controller, which learned from %zu trials",
             exp(log_p), enas->n_lessons);
    return 0;
}

const struct suggest_method suggest_enas = {
    .name = "enas",
    .summary = "efficient neural architecture search: a recurrent controller trained by reinforcement",
    .settings = settings,
    .check = check,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
    .is_nas = true,
};
