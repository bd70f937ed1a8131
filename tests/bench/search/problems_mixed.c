/*
 * Mixed and conditional problems: the suite M8, two correlated branches, and the choices of a machine learning pipeline.
 *
 * M8: three doubles, a learning rate, two integers and two categoricals; mix_int and mix_rug move the optimum of the doubles by
 * category, mix_rug adds a cosine. Branches: two conditional parameters that must equal a third (optuna issue 5299). Best 0.
 */
#include <math.h>

#include "tests/bench/search/problems.h"

enum { FLOATS = 3, LARGE = 5, SMALL = 4 };

static const char *const letters[] = { "a", "b", "c", "d", "e" };
static const struct parameter m8_parameters[] = {
    { .name = "x0", .type = PARAMETER_DOUBLE, .min = -5, .max = 5 },
    { .name = "x1", .type = PARAMETER_DOUBLE, .min = -5, .max = 5 },
    { .name = "x2", .type = PARAMETER_DOUBLE, .min = -5, .max = 5 },
    { .name = "lr", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_LOG_UNIFORM, .min = 1e-5, .max = 1 },
    { .name = "n", .type = PARAMETER_INT, .min = -10, .max = 10, .step = 1 },
    { .name = "m", .type = PARAMETER_INT, .min = -10, .max = 10, .step = 1 },
    { .name = "c", .type = PARAMETER_CATEGORICAL, .n_choices = LARGE, .choices = letters },
    { .name = "e", .type = PARAMETER_CATEGORICAL, .n_choices = SMALL, .choices = letters },
};

struct m8 {
    double xo[FLOATS], log_rate, n0, m0, shift[LARGE][FLOATS], off[LARGE], off1[SMALL];
    bool is_rugged;
};

static void draw_offsets(double *offsets, size_t n, double min, double max, struct rng *rng)
{
    size_t best = rng_below(rng, n);

    for (size_t i = 0; i < n; i++)
        offsets[i] = i == best ? 0 : problem_uniform(rng, min, max);
}

static struct m8 *build_m8(struct problem *problem, struct rng *rng)
{
    struct m8 *m8 = problem->constants = arena_alloc(&problem->arena, sizeof *m8);

    problem->space = (struct space){ sizeof m8_parameters / sizeof m8_parameters[0], m8_parameters };
    for (size_t i = 0; i < FLOATS; i++)
        m8->xo[i] = problem_uniform(rng, -3, 3);
    m8->log_rate = problem_uniform(rng, -4, -1);
    m8->n0 = (double)rng_below(rng, 17) - 8;
    m8->m0 = (double)rng_below(rng, 17) - 8;
    draw_offsets(m8->off, LARGE, 0.5, 3, rng);
    draw_offsets(m8->off1, SMALL, 0.5, 3, rng);
    return m8;
}

static void draw_shifts(struct m8 *m8, struct rng *rng)
{
    for (size_t c = 0; c < LARGE; c++)
        for (size_t i = 0; i < FLOATS; i++)
            m8->shift[c][i] = m8->off[c] > 0 ? problem_uniform(rng, -2, 2) : 0;
}

static bool build_add(struct problem *problem, size_t d, struct rng *rng)
{
    build_m8(problem, rng);
    return d == 0;
}

static bool build_int(struct problem *problem, size_t d, struct rng *rng)
{
    draw_shifts(build_m8(problem, rng), rng);
    return d == 0;
}

static bool build_rug(struct problem *problem, size_t d, struct rng *rng)
{
    struct m8 *m8 = build_m8(problem, rng);

    draw_shifts(m8, rng);
    m8->is_rugged = true;
    return d == 0;
}

static void evaluate_m8(const struct problem *problem, const double *v, double *losses, double *violations)
{
    const struct m8 *m8 = problem->constants;
    const double rate = log10(v[3]) - m8->log_rate, *shift = m8->shift[(size_t)v[6]];

    (void)violations;
    losses[0] = 2 * rate * rate + 0.1 * (v[4] - m8->n0) * (v[4] - m8->n0) + 0.1 * fabs(v[5] - m8->m0) +
                2 * m8->off[(size_t)v[6]] + 2 * m8->off1[(size_t)v[7]];
    for (size_t i = 0; i < FLOATS; i++) {
        double z = v[i] - m8->xo[i] - shift[i];
        losses[0] += z * z + (m8->is_rugged ? 3 * (1 - cos(M_PI * z)) : 0);
    }
}

static const double first[] = { 0 }, second[] = { 1 }, third[] = { 2 };
#define IF(name, index, list) \
    static const struct activation name = { .parameter = (index), .values = (list), .n_values = 1 }

IF(if_a, 0, first);
IF(if_b, 0, second);
static const struct parameter branch_parameters[] = {
    { .name = "x", .type = PARAMETER_CATEGORICAL, .n_choices = 2, .choices = letters },
    { .name = "t", .type = PARAMETER_DOUBLE, .min = -2, .max = 2 },
    { .name = "y", .type = PARAMETER_DOUBLE, .min = 1, .max = 2, .activation = &if_a },
    { .name = "z", .type = PARAMETER_DOUBLE, .min = -2, .max = 1, .activation = &if_b },
};

static bool build_branches(struct problem *problem, size_t d, struct rng *rng)
{
    (void)rng;
    problem->space = (struct space){ sizeof branch_parameters / sizeof branch_parameters[0], branch_parameters };
    return d == 0;
}

static void evaluate_branches(const struct problem *problem, const double *v, double *losses, double *violations)
{
    double gap = (v[0] == 0 ? v[2] : v[3]) - v[1];

    (void)problem;
    (void)violations;
    losses[0] = gap * gap;
}

enum { SCALER, N_QUANTILES, REDUCER, RATIO, N_FEATURES, MODEL, N_PIPELINE = 12, N_CHOICES = 3 };

static const char *const scalers[] = { "none", "standard", "quantile" },
                         *const reducers[] = { "none", "pca", "select" },
                         *const models[] = { "svm", "forest", "boosting" };
IF(if_quantile, SCALER, third);
IF(if_pca, REDUCER, second);
IF(if_select, REDUCER, third);
IF(if_svm, MODEL, first);
IF(if_forest, MODEL, second);
IF(if_boosting, MODEL, third);
#define LOG .distribution = DISTRIBUTION_LOG_UNIFORM
static const struct parameter pipeline_parameters[N_PIPELINE] = {
    { .name = "scaler", .type = PARAMETER_CATEGORICAL, .n_choices = N_CHOICES, .choices = scalers },
    { .name = "quantiles", .type = PARAMETER_INT, LOG, .min = 10, .max = 1000, .step = 1, .activation = &if_quantile },
    { .name = "reducer", .type = PARAMETER_CATEGORICAL, .n_choices = N_CHOICES, .choices = reducers },
    { .name = "ratio", .type = PARAMETER_DOUBLE, .min = 0.3, .max = 1, .activation = &if_pca },
    { .name = "features", .type = PARAMETER_INT, .min = 1, .max = 50, .step = 1, .activation = &if_select },
    { .name = "model", .type = PARAMETER_CATEGORICAL, .n_choices = N_CHOICES, .choices = models },
    { .name = "svm_c", .type = PARAMETER_DOUBLE, LOG, .min = 1e-3, .max = 1e3, .activation = &if_svm },
    { .name = "svm_gamma", .type = PARAMETER_DOUBLE, LOG, .min = 1e-5, .max = 10, .activation = &if_svm },
    { .name = "forest_depth", .type = PARAMETER_INT, .min = 2, .max = 30, .step = 1, .activation = &if_forest },
    { .name = "forest_share", .type = PARAMETER_DOUBLE, .min = 0.05, .max = 1, .activation = &if_forest },
    { .name = "boost_rate", .type = PARAMETER_DOUBLE, LOG, .min = 5e-3, .max = 0.5, .activation = &if_boosting },
    { .name = "boost_depth", .type = PARAMETER_INT, .min = 1, .max = 10, .step = 1, .activation = &if_boosting },
};

/* Each choice has its offset; numbers have a parabola in their coordinate, and in the model's numbers it moves with the
   scaler. The best is 0 at the best choices, where integers are at their optimum. */
struct pipeline {
    double offset[N_PIPELINE][N_CHOICES], optimum[N_PIPELINE], weight[N_PIPELINE], move[N_CHOICES];
};

static bool build_pipeline(struct problem *problem, size_t d, struct rng *rng)
{
    struct pipeline *pipeline = problem->constants = arena_alloc(&problem->arena, sizeof *pipeline);
    double values[N_PIPELINE], x[N_PIPELINE];

    problem->space = (struct space){ N_PIPELINE, pipeline_parameters };
    for (size_t i = 0; i < N_PIPELINE; i++) {
        draw_offsets(pipeline->offset[i], N_CHOICES, 0.1, 1, rng);
        pipeline->weight[i] = problem_uniform(rng, 1, 4);
        x[i] = problem_uniform(rng, 0.2, 0.8);
    }
    for (size_t c = 0; c < N_CHOICES; c++)
        pipeline->move[c] = pipeline->offset[SCALER][c] > 0 ? problem_uniform(rng, -0.2, 0.2) : 0;
    for (size_t model = 0; model < N_CHOICES; model++) { /* once a model: its numbers become those of a whole point */
        double point[N_PIPELINE];
        for (size_t i = 0; i < N_PIPELINE; i++)
            point[i] = x[i];
        point[SCALER] = point[REDUCER] = point[MODEL] = (double)model;
        space_decode(&problem->space, point, values);
        space_encode(&problem->space, values, point);
        for (size_t i = 0; i < N_PIPELINE; i++)
            if (!isnan(point[i]))
                pipeline->optimum[i] = point[i];
    }
    return d == 0;
}

static void evaluate_pipeline(const struct problem *problem, const double *values, double *losses, double *violations)
{
    const struct pipeline *pipeline = problem->constants;
    double x[N_PIPELINE];

    (void)violations;
    space_encode(&problem->space, values, x);
    losses[0] = 0;
    for (size_t i = 0; i < N_PIPELINE; i++) {
        if (isnan(x[i]))
            continue;
        double move = i > MODEL ? pipeline->move[(size_t)values[SCALER]] : 0;
        double gap = x[i] - pipeline->optimum[i] - move;
        losses[0] += pipeline_parameters[i].type == PARAMETER_CATEGORICAL ? pipeline->offset[i][(size_t)values[i]]
                                                                          : pipeline->weight[i] * gap * gap;
    }
}

const struct problem_kind mixed_problems[] = {
    { "m8/mix_add", 1, 0, { 0 }, build_add, evaluate_m8 },
    { "m8/mix_int", 1, 0, { 0 }, build_int, evaluate_m8 },
    { "m8/mix_rug", 1, 0, { 0 }, build_rug, evaluate_m8 },
    { "tree/branches", 1, 0, { 0 }, build_branches, evaluate_branches },
    { "tree/pipeline", 1, 0, { 0 }, build_pipeline, evaluate_pipeline },
    { 0 },
};
