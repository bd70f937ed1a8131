/*
 * The posterior: mean k*^T alpha, variance a - |L^-1 k*|^2, for many points at once and with gradients for one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

#include "base/memory.h"
#include "suggest/cholesky.h"
#include "suggest/gp_parts.h"
#include "suggest/kernel.h"

enum { BATCH = 128 };
static const double VARIANCE_MIN = 1e-12;

/* Covariance with the rows (n), and dk/ds (NULL: not wanted). */
static void covariance_with_rows(const struct gp *gp, const double *point, double *covariance, double *slope)
{
    kernel_distances(gp->columns, gp->stride, gp->d, gp->weights, point, gp->n, covariance);
    kernel_matern(covariance, gp->n, gp->scale, covariance, slope);
}

static double mean_of(const struct gp *gp, const double *covariance)
{
    return cblas_ddot((int)gp->n, covariance, 1, gp->alpha, 1);
}

void gp_predict(const struct gp *gp, const double *x, size_t n, double *mean, double *variance)
{
    double *room = xcalloc(BATCH * gp->stride + gp->d + 1, sizeof *room), *point = room + BATCH * gp->stride;

    for (size_t first = 0; first < n; first += BATCH) {
        size_t m = n - first < BATCH ? n - first : BATCH;
        for (size_t i = 0; i < m; i++) {
            gp_point(gp, x + (first + i) * gp->space->n, point);
            covariance_with_rows(gp, point, room + i * gp->stride, NULL);
            mean[first + i] = mean_of(gp, room + i * gp->stride);
        }
        if (variance == NULL)
            continue;
        cholesky_solve_rows(gp->factor, gp->n, gp->stride, room, m, gp->stride);
        for (size_t i = 0; i < m; i++) {
            const double *row = room + i * gp->stride;
            variance[first + i] = fmax(gp->scale - cblas_ddot((int)gp->n, row, 1, row, 1), VARIANCE_MIN);
        }
    }
    free(room);
}

/* factors := factors * slope, then its sum with d s / d x of every parameter, into gradient (space->n). */
static void gather_gradient(const struct gp *gp, const double *point, const double *slope, double sign, double *factors,
                            double *gradient)
{
    memset(gradient, 0, gp->space->n * sizeof *gradient);
    for (size_t j = 0; j < gp->n; j++)
        factors[j] *= sign * slope[j];
    for (size_t k = 0; k < gp->d; k++) {
        size_t i = gp->parameters[k];
        if (gp->space->parameters[i].type != PARAMETER_CATEGORICAL && point[k] != KERNEL_INACTIVE)
            gradient[i] = gp->weights[k] * kernel_slope(gp->columns + k * gp->stride, point[k], factors, gp->n);
    }
}

void gp_gradient(const struct gp *gp, const double *x, double *mean, double *variance, double *d_mean,
                 double *d_variance)
{
    size_t n = gp->n;
    double *room = xcalloc(3 * n + gp->d + 1, sizeof *room);
    double *covariance = room, *slope = covariance + n, *solved = slope + n, *point = solved + n;

    gp_smooth_point(gp, x, point);
    covariance_with_rows(gp, point, covariance, slope);
    *mean = mean_of(gp, covariance);
    memcpy(solved, covariance, n * sizeof *solved);
    cholesky_solve_lower(gp->factor, n, gp->stride, solved);
    *variance = fmax(gp->scale - cblas_ddot((int)n, solved, 1, solved, 1), VARIANCE_MIN);
    cholesky_solve_upper(gp->factor, n, gp->stride, solved);
    gather_gradient(gp, point, slope, -2, solved, d_variance);
    memcpy(solved, gp->alpha, n * sizeof *solved);
    gather_gradient(gp, point, slope, 1, solved, d_mean);
    free(room);
}

/* Prior covariance of points (n, d), lower triangle first, then mirrored. */
static void prior_covariance(const struct gp *gp, const double *points, size_t n, double *covariance)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            kernel_distances(points + j * gp->d, 1, gp->d, gp->weights, points + i * gp->d, 1, &covariance[i * n + j]);
    kernel_matern(covariance, n * n, gp->scale, covariance, NULL);
}

void gp_covariance(const struct gp *gp, const double *x, size_t n, double *mean, double *covariance)
{
    double *points = xcalloc(n * (gp->d + gp->stride) + 1, sizeof *points), *rows = points + n * gp->d;

    for (size_t i = 0; i < n; i++) {
        gp_point(gp, x + i * gp->space->n, points + i * gp->d);
        covariance_with_rows(gp, points + i * gp->d, rows + i * gp->stride, NULL);
        mean[i] = mean_of(gp, rows + i * gp->stride);
    }
    prior_covariance(gp, points, n, covariance);
    cholesky_solve_rows(gp->factor, gp->n, gp->stride, rows, n, gp->stride);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            covariance[i * n + j] -= cblas_ddot((int)gp->n, rows + i * gp->stride, 1, rows + j * gp->stride, 1);
        covariance[i * n + i] = fmax(covariance[i * n + i], VARIANCE_MIN);
    }
    free(points);
}
