/*
 * Stopping rules and restart schedules.
 */
#include "suggest/cma_restart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Below TOL_X, points of a search space are written alike (space_decode): coordinates are in units of the range. */
static const double TOL_X = 1e-8, TOL_FUN = 1e-12, TOL_UP = 1e3, CONDITION = 1e14;
enum { HISTORY_LEAST = 10, FLAT_LIMIT = 1, SMALL_CHECK_EVERY = 10 };

void cma_watch_init(struct cma_watch *watch, const struct cma *cma, double max_generations)
{
    double d = (double)cma->d, limit = 100 + 150 * (d + 3) * (d + 3) / sqrt((double)cma->lambda);

    cma_watch_release(watch);
    watch->sigma_0 = cma->sigma;
    watch->max_generations = fmin(limit, max_generations);
}

void cma_watch_release(struct cma_watch *watch)
{
    free(watch->best);
    free(watch->median);
    *watch = (struct cma_watch){ 0 };
}

void cma_watch_add(struct cma_watch *watch, const struct cma *cma, const double *losses, bool is_flat)
{
    size_t lambda = cma->lambda;

    if (watch->n == watch->capacity) {
        watch->capacity = watch->capacity ? 2 * watch->capacity : 64;
        watch->best = xreallocarray(watch->best, watch->capacity, sizeof *watch->best);
        watch->median = xreallocarray(watch->median, watch->capacity, sizeof *watch->median);
    }
    watch->best[watch->n] = losses[0];
    watch->median[watch->n] = losses[lambda / 2];
    if (losses[0] < watch->best[watch->best_at])
        watch->best_at = watch->n;
    watch->n_flat = is_flat ? watch->n_flat + 1 : 0;
    watch->n++;
}

/* Do the last generations' best losses differ by their last digits only? */
static bool is_still(const double *best, size_t n, size_t last)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t i = n - (last < n ? last : n); i < n; i++) {
        low = fmin(low, best[i]);
        high = fmax(high, best[i]);
    }
    return high - low <= TOL_FUN * fmax(fabs(low), fabs(high)); /* false where none is finite */
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(const double *values, size_t n)
{
    double *sorted = xmalloc(n * sizeof *sorted);

    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    double middle = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    free(sorted);
    return middle;
}

/* Have best and median of the last generations become no better than those of as many before them? */
static bool is_stagnant(const struct cma_watch *watch, const struct cma *cma)
{
    double d = (double)cma->d, lambda = (double)cma->lambda, patience = 100 + 100 * pow(d, 1.5) / lambda;
    size_t half = (size_t)fmax(patience / 10, (double)watch->n / 10), n = watch->n;

    if (n % SMALL_CHECK_EVERY != 0 || n <= 100 || 2 * half >= n || (double)n <= d * (5 + 100 / lambda) ||
        (double)(n - watch->best_at) <= patience / 2)
        return false;
    return median(watch->median + n - half, half) >= median(watch->median + n - 2 * half, half) &&
           median(watch->best + n - half, half) >= median(watch->best + n - 2 * half, half);
}

/* The largest standard deviation of a coordinate, and whether none moves any more. */
static void deviation_range(const struct cma *cma, double *largest, bool *is_over)
{
    *largest = 0;
    *is_over = true;
    for (size_t i = 0; i < cma->d; i++) {
        double deviation = cma_deviation(cma, i), path = cma->now->scale[i] * fabs(cma->p_c[i]);
        *largest = fmax(*largest, deviation);
        *is_over = *is_over && deviation < TOL_X && path < TOL_X;
    }
}

static double condition(const struct cma *cma)
{
    double low = INFINITY, high = 0;

    for (size_t i = 0; i < cma->d; i++) {
        low = fmin(low, cma->D[i]);
        high = fmax(high, cma->D[i]);
    }
    return (high / low) * (high / low);
}

const char *cma_watch_verdict(const struct cma_watch *watch, const struct cma *cma)
{
    double d = (double)cma->d, largest;
    size_t window = 10 + (size_t)ceil(30 * d / (double)cma->lambda);
    bool is_over;

    deviation_range(cma, &largest, &is_over);
    if (is_over)
        return "the step is tiny";
    if (!(largest <= TOL_UP * watch->sigma_0))
        return "the step grows without end";
    if (condition(cma) > CONDITION)
        return "one direction is too narrow";
    if (watch->n_flat > FLAT_LIMIT)
        return "the losses are equal";
    if (watch->n >= HISTORY_LEAST && is_still(watch->best, watch->n, window))
        return "the best loss stands still";
    if (is_stagnant(watch, cma))
        return "no progress";
    if ((double)watch->n >= watch->max_generations)
        return "its share of the trials is spent";
    return NULL;
}

struct cma_run cma_schedule_next(struct cma_schedule *schedule, double n_samples, struct rng *rng)
{
    *(schedule->is_large ? &schedule->large : &schedule->small) += n_samples;
    schedule->run++;
    struct cma_run run = { .lambda = schedule->lambda_0, .sigma_factor = 1, .max_generations = INFINITY };
    if (schedule->strategy == CMA_RESTART_NONE)
        return run;
    if (schedule->strategy == CMA_RESTART_BIPOP && schedule->small < schedule->large) {
        double factor = exp2(schedule->n_large), u = rng_uniform(rng);
        schedule->is_large = false;
        run.sigma_factor = pow(0.01, rng_uniform(rng));
        run.lambda = (size_t)((double)schedule->lambda_0 * pow(factor, u * u));
        run.max_generations = 0.5 * schedule->large / (double)run.lambda;
        return run;
    }
    schedule->n_large++;
    schedule->is_large = true;
    run.lambda = (size_t)((double)schedule->lambda_0 * exp2(schedule->n_large));
    return run;
}
