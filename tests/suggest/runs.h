/*
 * Runs of the evolution strategy on textbook functions, without bounds.
 */
#ifndef HONE_TESTS_SUGGEST_RUNS_H
#define HONE_TESTS_SUGGEST_RUNS_H

#include "base/memory.h"
#include "base/rng.h"
#include "suggest/cma.h"
#include "tests/test.h"

typedef double function(const double *x, size_t d);

static inline double ellipsoid(const double *x, size_t d, double exponent)
{
    double sum = 0;

    for (size_t i = 0; i < d; i++)
        sum += pow(10, exponent * (double)i / (double)(d - 1)) * x[i] * x[i];
    return sum;
}

static inline double ellipsoid_1e6(const double *x, size_t d)
{
    return ellipsoid(x, d, 6);
}

static inline double ellipsoid_1e14(const double *x, size_t d)
{
    return ellipsoid(x, d, 14);
}

static inline double rastrigin(const double *x, size_t d)
{
    double sum = 10 * (double)d;

    for (size_t i = 0; i < d; i++)
        sum += x[i] * x[i] - 10 * cos(2 * M_PI * x[i]);
    return sum;
}

struct run {
    struct cma *cma;
    struct rng rng;
    size_t n_samples;
    double best;
    double *x, *sorted, *z, *losses; /* (lambda, d) twice, (d), (lambda) */
    size_t *order, *tie;             /* (lambda) */
};

/* The strategy of run becomes one with another population, from a random point of [-4, 4]^d. */
static inline void restart_run(struct run *run, const struct cma_options *options, double sigma)
{
    size_t d = options->d, lambda = options->lambda;

    cma_destroy(run->cma);
    free(run->x);
    free(run->order);
    run->x = xcalloc(2 * lambda * d + d + lambda, sizeof *run->x);
    run->sorted = run->x + lambda * d;
    run->z = run->sorted + lambda * d;
    run->losses = run->z + d;
    run->order = xcalloc(2 * lambda, sizeof *run->order);
    run->tie = run->order + lambda;
    for (size_t i = 0; i < d; i++)
        run->z[i] = 8 * rng_uniform(&run->rng) - 4;
    run->cma = cma_create(options, run->z, sigma, NULL);
}

static inline struct run start_run(size_t d, size_t lambda, bool is_diagonal, double haste, uint64_t seed)
{
    const struct cma_options options = { .d = d, .lambda = lambda, .is_diagonal = is_diagonal, .haste = haste };
    struct run run = { .rng = rng_stream(seed, 0, "run"), .best = INFINITY };

    restart_run(&run, &options, 2);
    return run;
}

static inline void end_run(struct run *run)
{
    cma_destroy(run->cma);
    free(run->x);
    free(run->order);
}

/* One generation; run->losses are then sorted. */
static inline void advance_run(struct run *run, function *f)
{
    struct cma *cma = run->cma;
    size_t d = cma->d;

    for (size_t k = 0; k < cma->lambda; k++) {
        for (size_t i = 0; i < d; i++)
            run->z[i] = rng_normal(&run->rng);
        cma_distribution_sample(cma->now, run->z, run->x + k * d);
        double loss = f(run->x + k * d, d);
        size_t at = k;
        for (; at > 0 && run->losses[at - 1] > loss; at--) {
            run->losses[at] = run->losses[at - 1];
            run->order[at] = run->order[at - 1];
        }
        run->losses[at] = loss;
        run->order[at] = k;
    }
    for (size_t k = 0; k < cma->lambda; k++) {
        memcpy(run->sorted + k * d, run->x + run->order[k] * d, d * sizeof *run->x);
        run->tie[k] = k > 0 && run->losses[k] == run->losses[k - 1] ? run->tie[k - 1] : k;
    }
    cma_update(cma, run->sorted, run->tie);
    run->n_samples += cma->lambda;
    run->best = fmin(run->best, run->losses[0]);
}

#endif
