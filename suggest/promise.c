/*
 * A model at a time over a batch of points, so that each solves its triangular system once for all.
 */
#include "suggest/promise.h"

#include <math.h>
#include <string.h>

/* room: means and variances (PROMISE_BATCH, n_losses), one column of each (PROMISE_BATCH), gradients (n) twice, slopes. */
size_t promise_room(const struct space *space, size_t n_losses)
{
    size_t n = n_losses > 0 ? n_losses : 1;

    return 2 * PROMISE_BATCH * (n + 1) + 2 * (n + 1) * space->n + 2 * n;
}

static double of_losses(const struct promise *p, const double *mean, const double *variance, struct slopes *slopes)
{
    if (p->n_losses == 0)
        return 0;
    if (p->improvement != NULL)
        return improvement_log_expected(p->improvement, mean, variance, slopes);
    if (p->chebyshev != NULL)
        return chebyshev_log_expected(p->chebyshev, mean, variance, slopes);
    return acquisition_value(p->acquisition, p->best, *mean, *variance, slopes);
}

static void batch_values(const struct promise *p, const double *x, size_t n, double *values)
{
    size_t m = p->n_losses;
    double *means = p->room, *variances = means + PROMISE_BATCH * m;
    double *mean = variances + PROMISE_BATCH * m, *variance = mean + PROMISE_BATCH;

    for (size_t k = 0; k < m; k++) {
        gp_predict(p->losses[k], x, n, mean, variance);
        for (size_t i = 0; i < n; i++) {
            means[i * m + k] = mean[i];
            variances[i * m + k] = variance[i];
        }
    }
    for (size_t i = 0; i < n; i++)
        values[i] = of_losses(p, means + i * m, variances + i * m, NULL);
    for (size_t k = 0; k < p->n_conditions; k++) {
        gp_predict(p->conditions[k].gp, x, n, mean, variance);
        for (size_t i = 0; i < n; i++)
            values[i] += acquisition_log_probability(p->conditions[k].threshold, mean[i], variance[i], NULL);
    }
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i]))
            values[i] = -INFINITY;
}

static void all_values(const void *context, const double *x, size_t n, double *values)
{
    const struct promise *p = context;

    for (size_t first = 0; first < n; first += PROMISE_BATCH)
        batch_values(p, x + first * p->space->n, n - first < PROMISE_BATCH ? n - first : PROMISE_BATCH, values + first);
}

static void add_scaled(double *to, const double *by_mean, const double *by_variance, const struct slopes *slopes,
                       size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += slopes->by_mean * by_mean[i] + slopes->by_variance * by_variance[i];
}

static double value_and_gradient(const void *context, const double *x, double *gradient)
{
    const struct promise *p = context;
    size_t m = p->n_losses, n = p->space->n;
    double *mean = p->room, *variance = mean + m + 1, *by_mean = variance + m + 1, *by_variance = by_mean + (m + 1) * n;
    struct slopes *slopes = (struct slopes *)(by_variance + (m + 1) * n), slope;

    memset(gradient, 0, n * sizeof *gradient);
    for (size_t k = 0; k < m; k++)
        gp_gradient(p->losses[k], x, &mean[k], &variance[k], by_mean + k * n, by_variance + k * n);
    double value = of_losses(p, mean, variance, slopes);
    for (size_t k = 0; k < m; k++)
        add_scaled(gradient, by_mean + k * n, by_variance + k * n, &slopes[k], n);
    for (size_t k = 0; k < p->n_conditions; k++) {
        gp_gradient(p->conditions[k].gp, x, mean, variance, by_mean, by_variance);
        value += acquisition_log_probability(p->conditions[k].threshold, *mean, *variance, &slope);
        add_scaled(gradient, by_mean, by_variance, &slope, n);
    }
    return isnan(value) ? -INFINITY : value;
}

struct utility promise_utility(const struct promise *promise)
{
    return (struct utility){ all_values, value_and_gradient, promise };
}
