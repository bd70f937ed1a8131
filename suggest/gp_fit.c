/*
 * Hyperparameters: the posterior density over them with its analytic gradient, and the climb to its maximum.
 *
 * With K = K_f + noise I, alpha = K^-1 y and M = alpha alpha^T - K^-1 (Rasmussen and Williams, Gaussian Processes for Machine
 * Learning, equation 5.9): d log p / d theta = tr(M dK/dtheta) / 2. The scale's K_f is K - noise I - D, D the doubts, so
 * that only the lengthscales need a pass over pairs: O(n^3 + n^2 d).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

#include "base/memory.h"
#include "suggest/cholesky.h"
#include "suggest/gp_parts.h"
#include "suggest/kernel.h"
#include "suggest/minimize.h"

static const struct minimize_options climb_options = {
    .memory = 10, .evaluations_limit = 60, .gradient_tolerance = 1e-2, .decrease_tolerance = 1e-3
};

/* Row i of the covariance, j < i, and of dk/ds. */
static void fill_row(const struct gp *gp, size_t i, double *point, double *covariance, double *slope)
{
    for (size_t k = 0; k < gp->d; k++)
        point[k] = gp->columns[k * gp->stride + i];
    kernel_distances(gp->columns, gp->stride, gp->d, gp->weights, point, i, covariance);
    kernel_matern(covariance, i, gp->scale, covariance, slope);
}

/* The lengthscales' part: totals (d) = sum over pairs of M_ij dk/ds_ij d_k^2. inverse: K^-1, its lower triangle. */
static void gather_lengthscales(const struct gp *gp, const double *inverse, double *slopes, double *point,
                                double *totals)
{
    for (size_t i = 1; i < gp->n; i++) {
        const double *row = inverse + i * gp->stride;
        double *slope = slopes + i * gp->stride;
        for (size_t k = 0; k < gp->d; k++)
            point[k] = gp->columns[k * gp->stride + i];
        for (size_t j = 0; j < i; j++)
            slope[j] *= gp->alpha[i] * gp->alpha[j] - row[j];
        kernel_gather(gp->columns, gp->stride, gp->d, point, slope, i, totals);
    }
}

static void set_gradient(const struct gp *gp, double *slopes, double *point, double *gradient)
{
    size_t n = gp->n, d = gp->d;
    double trace = 0, doubts = 0, fit = cblas_ddot((int)n, gp->y, 1, gp->alpha, 1),
           size = cblas_ddot((int)n, gp->alpha, 1, gp->alpha, 1);

    memset(gradient, 0, d * sizeof *gradient);
    cholesky_invert(gp->factor, n, gp->stride);
    for (size_t i = 0; i < n; i++) {
        double inverse = gp->factor[i * gp->stride + i];
        trace += inverse;
        doubts += gp->doubt[i] * (gp->alpha[i] * gp->alpha[i] - inverse);
    }
    gather_lengthscales(gp, gp->factor, slopes, point, gradient);
    for (size_t k = 0; k < d; k++)
        gradient[k] *= gp->weights[k];
    gradient[d] = 0.5 * (fit - gp->noise * size - (double)n + gp->noise * trace - doubts);
    gradient[d + 1] = 0.5 * gp->noise * (size - trace);
}

double gp_objective(void *context, const double *theta, double *gradient)
{
    const struct gp_objective *objective = context;
    struct gp *gp = objective->gp;
    double *point = objective->slopes + gp->stride * gp->stride;

    gp_set(gp, theta);
    for (size_t i = 0; i < gp->n; i++) {
        double *row = gp->factor + i * gp->stride;
        fill_row(gp, i, point, row, objective->slopes + i * gp->stride);
        row[i] = gp->scale + gp->noise + gp->doubt[i];
    }
    if (!cholesky_factor(gp->factor, gp->n, gp->stride))
        return INFINITY;
    memcpy(gp->white, gp->y, gp->n * sizeof *gp->y);
    cholesky_solve_lower(gp->factor, gp->n, gp->stride, gp->white);
    memcpy(gp->alpha, gp->white, gp->n * sizeof *gp->alpha);
    cholesky_solve_upper(gp->factor, gp->n, gp->stride, gp->alpha);
    double value = gp_log_likelihood(gp);
    set_gradient(gp, objective->slopes, point, gradient);
    value += gp_log_prior(gp, theta, gradient);
    for (size_t i = 0; i < gp->d + 2; i++)
        gradient[i] = -gradient[i];
    return -value;
}

void gp_climb(struct gp *gp, unsigned n_starts)
{
    size_t m = gp->d + 2, n_slopes = gp->stride * gp->stride + gp->d;
    double *room = xcalloc(n_slopes + 4 * m, sizeof *room);
    double *lower = room + n_slopes, *upper = lower + m, *best = upper + m, *theta = best + m, least = INFINITY;
    struct gp_objective objective = { .gp = gp, .slopes = room };

    gp_bounds(gp, lower, upper);
    memcpy(best, gp->theta, m * sizeof *best);
    memcpy(theta, gp->theta, m * sizeof *theta);
    for (unsigned k = 0; k < n_starts && k < GP_STARTS_LIMIT; k++) {
        if (k > 0)
            gp_start(gp, k - 1, theta);
        double value = minimize(gp_objective, &objective, lower, upper, m, &climb_options, theta);
        if (value < least) {
            least = value;
            memcpy(best, theta, m * sizeof *best);
        }
    }
    gp_set(gp, best);
    free(room);
}
