/*
 * CMA-ES as a suggestion method: samples out, finished trials in, whoever finishes first.
 *
 * A trial's sample is a function of seed, trial number, draw and the generation it was asked in, so none is kept. What the history
 * does not say is the generation: a finished trial belongs to the newest of the last generations whose sample for its
 * number is the recorded point. That depends on the order of finishing alone, so a replay finds the same. Told is then the sample
 * itself, unrounded and unfolded, with the coordinates of inactive parameters too.
 *
 * A generation closes with its lambda-th result, from whichever generation: a sample of an older one, and a point that is
 * no sample at all (enqueued, imported, replaced as a duplicate), is told clipped to a likely length, as an injection.
 * Only what comes back after a restart is left out: it speaks of the region that was given up.
 * Until the first own sample comes back, points of other origin warm-start the distribution instead, from ten on.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "suggest/choice_distribution.h"
#include "suggest/cma_restart.h"
#include "suggest/cma_space.h"
#include "suggest/cma_warm.h"
#include "suggest/entries.h"

enum {
    GENERATIONS_KEPT = 8,
    DRAWS_KEPT = 32,      /* sample streams set apart for one trial */
    DIAGONAL_ABOVE = 100, /* parameters: a full covariance would learn too slowly */
    ATTEMPTS = 10,        /* at a sample inside the bounds */
    WARM_ROWS = 10,       /* rows of other origin that make a warm start */
};
static const double WARM_SHARE = 0.1, WARM_GROWTH = 1.2, SIGMA = 0.2, HASTE = 2;

enum { STRATEGY, SIGMA_0 };

static const struct setting settings[] = {
    [STRATEGY] = { "restart_strategy", SETTING_CHOICE, 0, 0, 0, "none|ipop|bipop", false, true,
                   "what a restart does to the population; by default bipop" },
    [SIGMA_0] = { "sigma", NULLABLE_NUMBER(NAN, 0, INFINITY),
                  "first step size, in widths of the range; 0 or none: 0.2" },
    RANDOM_STATE,
    { 0 },
};

/* How good a trial was: by tier, then by key. */
enum tier { TIER_FEASIBLE, TIER_INFEASIBLE, TIER_FAILED };

struct result {
    enum tier tier;
    double key; /* loss, or violation in all */
    size_t row; /* of the pool */
};

/* What the samples of one generation were drawn from. */
struct generation {
    unsigned run;
    bool is_used;
    struct cma_distribution *distribution;
    double *q; /* (n_q) */
};

struct cmaes {
    const struct suggest_problem *problem;
    struct cma_space *cs;
    uint64_t seed;
    double sigma_0;
    struct cma_schedule schedule;
    struct cma_watch watch;
    struct cma *cma;
    struct choice_distribution *choices;
    struct generation kept[GENERATIONS_KEPT]; /* ring */
    size_t newest;

    size_t n_seen;       /* rows of the history already told */
    bool is_begun;       /* an own sample has come back */
    double next_warm_at; /* rows at which the warm start is made anew */
    double n_samples;    /* told in this run */

    size_t n_pool; /* results of this generation so far, of lambda */
    struct result *results;
    double *real, *sorted;          /* (lambda, d) */
    size_t *picked, *sorted_picked; /* (lambda, n_choices) */
    size_t *tie;                    /* (lambda) */
    double *losses, *weights;       /* (lambda) */
    double *z, *x, *values;         /* (d), (n), (n) scratch */
};

static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
{
    const char *fault = check_parameters(problem, values, arena);

    if (fault != NULL || problem->space == NULL)
        return fault;
    if (problem->n_objectives > 1)
        return "CMA-ES searches one objective; nsga2 and auto search several.";
    /* Katib asks for two dimensions, which is a limit of its library; one that has an order is needed. */
    for (size_t i = 0; i < problem->space->n; i++)
        if (problem->space->parameters[i].type != PARAMETER_CATEGORICAL)
            return NULL;
    return "CMA-ES needs at least one parameter that is not categorical.";
}

/* Half of what Hansen's tutorial adds to 4: runs begin small, restarts grow. */
static size_t default_lambda(size_t n)
{
    return 4 + (size_t)(1.5 * log(n > 0 ? (double)n : 1));
}

static size_t searched_parameters(const struct cmaes *es)
{
    return es->cs->n_reals + es->cs->n_choices;
}

/* Room for the results of a generation; lambda differs from run to run. */
static void make_pool(struct cmaes *es)
{
    size_t lambda = es->cma->lambda, d = es->cs->d, c = es->cs->n_choices + 1;

    es->results = xreallocarray(es->results, lambda, sizeof *es->results);
    es->real = xreallocarray(es->real, lambda, 2 * d * sizeof *es->real);
    es->sorted = es->real + lambda * d;
    es->picked = xreallocarray(es->picked, lambda, (2 * c + 1) * sizeof *es->picked);
    es->sorted_picked = es->picked + lambda * c;
    es->tie = es->sorted_picked + lambda * c;
    es->losses = xreallocarray(es->losses, lambda, 2 * sizeof *es->losses);
    es->weights = es->losses + lambda;
    es->n_pool = 0;
}

/* Samples are drawn from what cma and choices are now. */
static void keep_generation(struct cmaes *es)
{
    es->newest = (es->newest + 1) % GENERATIONS_KEPT;
    struct generation *generation = &es->kept[es->newest];

    generation->is_used = true;
    generation->run = es->schedule.run;
    cma_distribution_copy(generation->distribution, es->cma->now);
    memcpy(generation->q, es->choices->q, es->choices->n_q * sizeof *generation->q);
}

static struct choice_distribution *new_choices(const struct cma_space *cs)
{
    size_t *sizes = xcalloc(cs->n_choices + 1, sizeof *sizes);

    for (size_t i = 0; i < cs->space->n; i++)
        if (cs->axes[i].type == CMA_AXIS_CHOICE)
            sizes[cs->axes[i].index] = cs->axes[i].size;
    struct choice_distribution *choices = choice_distribution_create(cs->n_choices, sizes,
                                                                     cs->n_choices + cs->n_stepped);
    free(sizes);
    return choices;
}

/* A new run from mean, sigma and covariance (NULL: the identity). */
static void begin_run(struct cmaes *es, size_t lambda, const double *mean, double sigma, const double *covariance,
                      double max_generations)
{
    size_t d = es->cs->d;
    const struct cma_options options = { .d = d, .lambda = lambda, .is_diagonal = d > DIAGONAL_ABOVE, .haste = HASTE };

    cma_destroy(es->cma);
    choice_distribution_destroy(es->choices);
    es->cma = cma_create(&options, mean, sigma, covariance);
    es->choices = new_choices(es->cs);
    cma_watch_init(&es->watch, es->cma, max_generations);
    es->n_samples = 0;
    make_pool(es);
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct cmaes *es = xcalloc(1, sizeof *es);
    size_t n = problem->space->n, d;
    double sigma = values[SIGMA_0].number;

    es->problem = problem;
    es->seed = seed;
    es->cs = cma_space_create(problem->space);
    d = es->cs->d;
    es->sigma_0 = sigma > 0 ? fmin(sigma, 1) : SIGMA; /* false for NAN */
    es->schedule.strategy = values[STRATEGY].given ? (enum cma_restart_strategy)fmax(values[STRATEGY].number, 0)
                                                   : CMA_RESTART_BIPOP;
    es->schedule.lambda_0 = default_lambda(searched_parameters(es));
    es->next_warm_at = WARM_ROWS;
    es->z = xcalloc(2 * d + 2 * n, sizeof *es->z);
    es->x = es->z + 2 * d;
    es->values = es->x + n;
    for (size_t i = 0; i < d; i++)
        es->z[i] = 0.5;
    begin_run(es, es->schedule.lambda_0, es->z, es->sigma_0, NULL, INFINITY);
    for (size_t k = 0; k < GENERATIONS_KEPT; k++) {
        es->kept[k].distribution = cma_distribution_create(d, es->cma->now->is_diagonal);
        es->kept[k].q = xcalloc(es->choices->n_q + 1, sizeof *es->kept[k].q);
    }
    keep_generation(es);
    return es;
}

static void destroy(void *state)
{
    struct cmaes *es = state;

    if (es == NULL)
        return;
    for (size_t k = 0; k < GENERATIONS_KEPT; k++) {
        free(es->kept[k].distribution);
        free(es->kept[k].q);
    }
    cma_destroy(es->cma);
    choice_distribution_destroy(es->choices);
    cma_watch_release(&es->watch);
    free(es->results);
    free(es->real);
    free(es->picked);
    free(es->losses);
    free(es->z);
    free(es->cs);
    free(es);
}

/* The sample of that trial and draw: real (d), picked (n_choices). Trials 2k and 2k + 1 go opposite ways (Brockhoff et al., Mirrored
   Sampling and Sequential Selection for Evolution Strategies, 2010). What the fold would bring back from
   beyond a mirror is sampled some times anew. */
static void sample(struct cmaes *es, const struct generation *generation, int64_t number, unsigned draw, double *real,
                   size_t *picked)
{
    uint64_t stream = (uint64_t)number * DRAWS_KEPT + draw;
    struct rng pair = rng_stream(es->seed, (uint64_t)number / 2 * DRAWS_KEPT + draw, "cmaes.pair");
    struct rng own = rng_stream(es->seed, stream, "cmaes.sample");
    double sign = number % 2 == 0 ? 1 : -1;

    for (size_t i = 0; i < es->cs->n_choices; i++)
        picked[i] = choice_distribution_pick(es->choices, generation->q, i, rng_uniform(&own));
    for (unsigned attempt = 0; attempt < ATTEMPTS; attempt++) {
        for (size_t i = 0; i < es->cs->d; i++)
            es->z[i] = attempt == 0 ? sign * rng_normal(&pair) : rng_normal(&own);
        cma_distribution_sample(generation->distribution, es->z, real);
        if (cma_space_is_inside(es->cs, real))
            return;
    }
}

/* Is that the recorded point? */
static bool is_point(struct cmaes *es, const double *real, const size_t *picked, const struct history *history,
                     size_t row)
{
    const double *x = history_point(history, row), *values = history_values(history, row);

    cma_space_point(es->cs, real, picked, es->x);
    for (size_t i = 0; i < es->cs->space->n; i++) /* no need to decode what is far off */
        if (es->cs->axes[i].type == CMA_AXIS_CONTINUOUS && fabs(es->x[i] - x[i]) > 1e-3)
            return false;
    space_decode(es->cs->space, es->x, es->values);
    for (size_t i = 0; i < es->cs->space->n; i++)
        if (!(es->values[i] == values[i] || (isnan(es->values[i]) && isnan(values[i]))))
            return false;
    return true;
}

/* Find the newest generation and the draw whose sample was that trial; NULL: none of those kept. Draws after the first happen where
   points run out. */
static const struct generation *find_generation(struct cmaes *es, const struct history *history, size_t row,
                                                double *real, size_t *picked)
{
    int64_t number = history->number[row];
    unsigned draws = es->cs->n_reals > es->cs->n_stepped ? 1 : DRAWS_KEPT;

    for (size_t age = 0; number > 0 && age < GENERATIONS_KEPT; age++) {
        const struct generation *generation = &es->kept[(es->newest + GENERATIONS_KEPT - age) % GENERATIONS_KEPT];
        for (unsigned draw = 0; generation->is_used && draw < draws; draw++) {
            sample(es, generation, number, draw, real, picked);
            if (is_point(es, real, picked, history, row))
                return generation;
        }
    }
    return NULL;
}

/* Constraints count before the loss: the sum of what is violated, unknown being worst. */
static struct result judge(const struct history *history, size_t row, size_t pool_row)
{
    const double *violation = history->violation + row * history->n_constraints;
    struct result result = { TIER_FAILED, 0, pool_row };
    double loss = history->loss[row * history->n_objectives], sum = 0;

    if (!isfinite(loss) || history->outcome[row] == OUTCOME_FAILED)
        return result;
    for (size_t k = 0; k < history->n_constraints; k++)
        sum += isnan(violation[k]) ? INFINITY : fmax(violation[k], 0);
    result.tier = sum > 0 ? TIER_INFEASIBLE : TIER_FEASIBLE;
    result.key = sum > 0 ? sum : loss;
    return result;
}

static int compare_goodness(const struct result *a, const struct result *b)
{
    if (a->tier != b->tier)
        return a->tier < b->tier ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

static int compare_results(const void *x, const void *y)
{
    const struct result *a = x, *b = y;
    int order = compare_goodness(a, b);

    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static void sort_pool(struct cmaes *es)
{
    size_t lambda = es->cma->lambda, d = es->cs->d, c = es->cs->n_choices;

    qsort(es->results, lambda, sizeof *es->results, compare_results);
    for (size_t k = 0; k < lambda; k++) {
        const struct result *result = &es->results[k];
        es->tie[k] = k > 0 && compare_goodness(result, result - 1) == 0 ? es->tie[k - 1] : k;
        es->losses[k] = result->tier == TIER_FEASIBLE ? result->key : INFINITY;
        memcpy(es->sorted + k * d, es->real + result->row * d, d * sizeof *es->real);
        memcpy(es->sorted_picked + k * c, es->picked + result->row * c, c * sizeof *es->picked);
    }
}

static void restart(struct cmaes *es)
{
    struct rng rng = rng_stream(es->seed, es->schedule.run + 1, "cmaes.restart");
    struct cma_run run = cma_schedule_next(&es->schedule, es->n_samples, &rng);

    for (size_t i = 0; i < es->cs->d; i++)
        es->z[i] = rng_uniform(&rng);
    begin_run(es, run.lambda, es->z, es->sigma_0 * run.sigma_factor, NULL, run.max_generations);
}

/* lambda results are there: learn from them. */
static void close_generation(struct cmaes *es)
{
    struct cma *cma = es->cma;
    double margin = 1 / ((double)cma->lambda * (double)searched_parameters(es));

    sort_pool(es);
    bool is_flat = es->tie[3 * cma->lambda / 4] == 0;
    cma_update(cma, es->sorted, es->tie);
    if (is_flat) /* out of the plateau; Hansen's purecma */
        cma->sigma *= exp(0.2 + cma->c_sigma / cma->d_sigma);
    cma_parent_weights(cma, es->tie, es->weights);
    choice_distribution_update(es->choices, es->sorted_picked, es->weights, cma->lambda);
    cma_space_settle(es->cs, cma, margin);
    cma_watch_add(&es->watch, cma, es->losses, is_flat);
    es->n_pool = 0;
    if (es->schedule.strategy != CMA_RESTART_NONE && cma_watch_verdict(&es->watch, cma) != NULL)
        restart(es);
    keep_generation(es);
}

/* One more result, as the sample of a generation or (NULL) as a point of other origin. */
static void tell(struct cmaes *es, const struct history *history, size_t row, const struct generation *generation)
{
    double *real = es->real + es->n_pool * es->cs->d;
    size_t *picked = es->picked + es->n_pool * es->cs->n_choices;

    if (history->outcome[row] == OUTCOME_ABANDONED || (generation != NULL && generation->run != es->schedule.run))
        return; /* says nothing about the point, or nothing about this run's region */
    if (generation == NULL)
        cma_space_real(es->cs, history_point(history, row), es->cma->now->mean, real, picked);
    if (generation != &es->kept[es->newest])
        cma_clip(es->cma, real);
    es->results[es->n_pool] = judge(history, row, es->n_pool);
    es->n_pool++;
    es->n_samples++;
    if (es->n_pool == es->cma->lambda)
        close_generation(es);
}

/* Start from the best tenth of the first n rows, if there are so many good ones. */
static void warm_start(struct cmaes *es, const struct history *history, size_t n)
{
    size_t d = es->cs->d, n_good = 0, c = es->cs->n_choices;
    struct result *results = xcalloc(n, sizeof *results);

    for (size_t row = 0; row < n; row++) {
        struct result result = judge(history, row, row);
        if (result.tier == TIER_FEASIBLE)
            results[n_good++] = result;
    }
    size_t n_top = (size_t)(WARM_SHARE * (double)n_good);
    if (n_top > 0) {
        double *points = xcalloc(n_top * d + d + d * d, sizeof *points), *mean = points + n_top * d, sigma;
        size_t *picked = xcalloc(n_top * c + 1, sizeof *picked);
        qsort(results, n_good, sizeof *results, compare_results);
        for (size_t i = 0; i < d; i++)
            mean[i] = 0.5;
        for (size_t k = 0; k < n_top; k++)
            cma_space_real(es->cs, history_point(history, results[k].row), mean, points + k * d, picked + k * c);
        cma_warm_start(points, n_top, d, mean, &sigma, mean + d);
        begin_run(es, es->schedule.lambda_0, mean, sigma, mean + d, INFINITY);
        for (size_t k = 0; k < es->choices->n_q; k++)
            es->choices->q[k] /= (double)n_top + 1;
        for (size_t k = 0; k < n_top * c; k++)
            if (picked[k] != SIZE_MAX)
                es->choices->q[es->choices->first[k % c] + picked[k]] += 1 / ((double)n_top + 1);
        choice_distribution_repair(es->choices, es->choices->q);
        cma_space_settle(es->cs, es->cma, 1 / ((double)es->cma->lambda * (double)searched_parameters(es)));
        keep_generation(es);
        free(points);
        free(picked);
    }
    free(results);
}

/* The slot of the pool for the next result. */
static const struct generation *find_for_pool(struct cmaes *es, const struct history *history, size_t row)
{
    return find_generation(es, history, row, es->real + es->n_pool * es->cs->d,
                           es->picked + es->n_pool * es->cs->n_choices);
}

/* A row while no own sample has come back: others' points are kept for a warm start. At the first own one, what was too little
   for that is told. */
static void wait_for_own(struct cmaes *es, const struct history *history, size_t row)
{
    if (find_for_pool(es, history, row) == NULL) {
        if ((double)row + 1 >= es->next_warm_at) {
            warm_start(es, history, row + 1);
            es->next_warm_at *= WARM_GROWTH;
        }
        return;
    }
    es->is_begun = true;
    for (size_t earlier = 0; row < WARM_ROWS && earlier < row; earlier++)
        tell(es, history, earlier, NULL);
}

static void absorb(struct cmaes *es, const struct history *history)
{
    for (; es->n_seen < history->n_finished; es->n_seen++) {
        if (!es->is_begun)
            wait_for_own(es, history, es->n_seen);
        if (es->is_begun)
            tell(es, history, es->n_seen, find_for_pool(es, history, es->n_seen));
    }
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct cmaes *es = state;
    double *real = es->z + es->cs->d;

    absorb(es, history);
    size_t *picked = es->sorted_picked; /* free between generations */
    sample(es, &es->kept[es->newest], request->number, request->draw, real, picked);
    cma_space_point(es->cs, real, picked, out->x);
    snprintf(out->why, sizeof out->why, "sample of generation %u of run %u, %zu a generation, step %.2g of the range",
             es->cma->generation + 1, es->schedule.run + 1, es->cma->lambda, es->cma->sigma);
    return 0;
}

const struct suggest_method suggest_cmaes = {
    .name = "cmaes",
    .summary = "covariance matrix adaptation evolution strategy",
    .settings = settings,
    .check = check,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
    .any_setting = true,
};
