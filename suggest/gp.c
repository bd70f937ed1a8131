/*
 * A Gaussian process as its rows, its factored covariance, and what is predicted from them.
 *
 * The noise floor of 1e-6 keeps the covariance positive definite even when rows repeat; where rounding still wins, the diagonal
 * grows by a jitter of 1e-10, 1e-9, ... 1e-2 of the scale until it factors.
 */
#include "suggest/gp.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

#include "base/memory.h"
#include "base/status.h"
#include "suggest/cholesky.h"
#include "suggest/gp_parts.h"
#include "suggest/kernel.h"

enum { ROWS_STEP = 64 };
static const double JITTER_FIRST = 1e-10, JITTER_LAST = 1e-2, PIVOT_MIN = 1e-10;
static const double Y_LIMIT = 1e100; /* squares and sums of it stay finite */

void gp_set(struct gp *gp, const double *theta)
{
    memmove(gp->theta, theta, (gp->d + 2) * sizeof *theta);
    for (size_t i = 0; i < gp->d; i++)
        gp->weights[i] = exp(theta[i]);
    gp->scale = exp(theta[gp->d]);
    gp->noise = exp(theta[gp->d + 1]);
}

/* The middle of the cell that x lies in. */
static double round_coordinate(const struct space *space, size_t i, double x)
{
    const struct parameter *p = &space->parameters[i];
    double size = space_parameter_size(space, i);

    if (p->type == PARAMETER_CATEGORICAL || !isfinite(size))
        return x;
    if (p->type == PARAMETER_DISCRETE || p->distribution == DISTRIBUTION_UNIFORM || size == 1)
        return (fmin(fmax(floor(x * size), 0), size - 1) + 0.5) / size;
    struct parameter alone = *p;
    const struct space one = { 1, &alone };
    double value;
    alone.activation = NULL;
    space_decode(&one, &x, &value);
    space_encode(&one, &value, &x);
    return x;
}

void gp_point(const struct gp *gp, const double *x, double *point)
{
    gp_smooth_point(gp, x, point);
    for (size_t k = 0; k < gp->d; k++)
        if (point[k] != KERNEL_INACTIVE)
            point[k] = round_coordinate(gp->space, gp->parameters[k], point[k]);
}

void gp_smooth_point(const struct gp *gp, const double *x, double *point)
{
    for (size_t k = 0; k < gp->d; k++) {
        size_t i = gp->parameters[k];
        point[k] = isnan(x[i]) ? KERNEL_INACTIVE : x[i];
    }
}

/* Room for n rows; those that are there stay. */
static void reserve(struct gp *gp, size_t n)
{
    if (n <= gp->stride)
        return;
    size_t stride = (n + n / 4 + ROWS_STEP - 1) / ROWS_STEP * ROWS_STEP, d = gp->d;
    struct gp old = *gp;
    gp->rows = xcalloc(stride, (d + 4 + stride) * sizeof *gp->rows);
    gp->stride = stride;
    gp->columns = gp->rows;
    gp->y = gp->columns + d * stride;
    gp->white = gp->y + stride;
    gp->alpha = gp->white + stride;
    gp->doubt = gp->alpha + stride;
    gp->factor = gp->doubt + stride;
    if (old.n > 0) {
        for (size_t k = 0; k < d; k++)
            memcpy(gp->columns + k * stride, old.columns + k * old.stride, old.n * sizeof(double));
        memcpy(gp->y, old.y, old.n * sizeof(double));
        memcpy(gp->white, old.white, old.n * sizeof(double));
        memcpy(gp->alpha, old.alpha, old.n * sizeof(double));
        memcpy(gp->doubt, old.doubt, old.n * sizeof(double));
        for (size_t i = 0; i < old.n; i++)
            memcpy(gp->factor + i * stride, old.factor + i * old.stride, (i + 1) * sizeof(double));
    }
    free(old.rows);
}

struct gp *gp_create(const struct space *space, size_t skip, bool is_noisy)
{
    size_t m = space->n + 2;
    struct gp *gp = xcalloc(1, sizeof *gp + space->n * sizeof *gp->parameters + 2 * m * sizeof(double));

    gp->space = space;
    gp->is_noisy = is_noisy;
    gp->theta = (double *)(gp + 1);
    gp->weights = gp->theta + m;
    gp->parameters = (size_t *)(gp->weights + m);
    for (size_t i = 0; i < space->n; i++)
        if (i != skip)
            gp->parameters[gp->d++] = i;
    gp_start(gp, 0, gp->theta);
    gp_set(gp, gp->theta);
    reserve(gp, 1);
    return gp;
}

void gp_destroy(struct gp *gp)
{
    if (gp == NULL)
        return;
    free(gp->rows);
    free(gp);
}

static void fill_covariance(struct gp *gp, double *point)
{
    for (size_t i = 0; i < gp->n; i++) {
        double *row = gp->factor + i * gp->stride;
        for (size_t k = 0; k < gp->d; k++)
            point[k] = gp->columns[k * gp->stride + i];
        kernel_distances(gp->columns, gp->stride, gp->d, gp->weights, point, i, row);
        kernel_matern(row, i, gp->scale, row, NULL);
        row[i] = gp->scale + gp->noise + gp->doubt[i] + gp->jitter;
    }
}

static void set_alpha(struct gp *gp)
{
    memcpy(gp->alpha, gp->white, gp->n * sizeof *gp->alpha);
    cholesky_solve_upper(gp->factor, gp->n, gp->stride, gp->alpha);
}

static int factor(struct gp *gp, double *point)
{
    gp->jitter = 0;
    fill_covariance(gp, point);
    for (double share = JITTER_FIRST; !cholesky_factor(gp->factor, gp->n, gp->stride); share *= 10) {
        if (share > 1.5 * JITTER_LAST)
            return fail(ERR_NUMERIC, "the covariance of %zu trials cannot be factored", gp->n);
        gp->jitter = share * gp->scale;
        fill_covariance(gp, point);
    }
    memcpy(gp->white, gp->y, gp->n * sizeof *gp->white);
    cholesky_solve_lower(gp->factor, gp->n, gp->stride, gp->white);
    set_alpha(gp);
    return 0;
}

int gp_fit_doubtful(struct gp *gp, const double *x, const double *y, const double *doubt, size_t n, unsigned n_starts)
{
    assert(n <= GP_ROWS_LIMIT);
    gp->n = 0;
    for (size_t i = 0; i < n; i++)
        if (!(fabs(y[i]) <= Y_LIMIT))
            return fail(ERR_NUMERIC, "a loss of %g cannot be modelled", y[i]);
    reserve(gp, n);
    double *point = xcalloc(gp->d + 1, sizeof *point);
    for (size_t i = 0; i < n; i++) {
        gp_point(gp, x + i * gp->space->n, point);
        for (size_t k = 0; k < gp->d; k++)
            gp->columns[k * gp->stride + i] = point[k];
        gp->y[i] = y[i];
        gp->doubt[i] = doubt != NULL ? doubt[i] : 0;
    }
    gp->n = n;
    if (n > 0 && n_starts > 0)
        gp_climb(gp, n_starts);
    int status = factor(gp, point);
    if (status < 0)
        gp->n = 0;
    free(point);
    return status;
}

int gp_fit(struct gp *gp, const double *x, const double *y, size_t n, unsigned n_starts)
{
    return gp_fit_doubtful(gp, x, y, NULL, n, n_starts);
}

void gp_copy_hyperparameters(struct gp *gp, const struct gp *from)
{
    assert(gp->d == from->d);
    gp_set(gp, from->theta);
}

/* The last row of L, and the last number of L^-1 y. */
static bool extend_factor(struct gp *gp, const double *point, double y)
{
    size_t n = gp->n;
    double *row = gp->factor + n * gp->stride;

    kernel_distances(gp->columns, gp->stride, gp->d, gp->weights, point, n, row);
    kernel_matern(row, n, gp->scale, row, NULL);
    cholesky_solve_lower(gp->factor, n, gp->stride, row);
    double pivot = gp->scale + gp->noise + gp->jitter - cblas_ddot((int)n, row, 1, row, 1);
    if (!(pivot > PIVOT_MIN))
        return false;
    row[n] = sqrt(pivot);
    gp->y[n] = y;
    gp->doubt[n] = 0;
    gp->white[n] = (y - cblas_ddot((int)n, row, 1, gp->white, 1)) / row[n];
    return true;
}

int gp_append(struct gp *gp, const double *x, double y)
{
    if (!(fabs(y) <= Y_LIMIT))
        return fail(ERR_NUMERIC, "a loss of %g cannot be modelled", y);
    reserve(gp, gp->n + 1);
    double *point = xcalloc(gp->d + 1, sizeof *point);
    gp_point(gp, x, point);
    bool is_extended = extend_factor(gp, point, y);
    for (size_t k = 0; k < gp->d; k++)
        gp->columns[k * gp->stride + gp->n] = point[k];
    free(point);
    if (!is_extended)
        return fail(ERR_NUMERIC, "the covariance of %zu trials takes no further one", gp->n);
    gp->n++;
    set_alpha(gp);
    return 0;
}

void gp_truncate(struct gp *gp, size_t n)
{
    if (n >= gp->n)
        return;
    gp->n = n;
    set_alpha(gp);
}

size_t gp_rows(const struct gp *gp)
{
    return gp->n;
}

double gp_lengthscale(const struct gp *gp, size_t parameter)
{
    for (size_t k = 0; k < gp->d; k++)
        if (gp->parameters[k] == parameter)
            return 1 / sqrt(gp->weights[k]);
    return INFINITY;
}

double gp_noise(const struct gp *gp)
{
    return gp->noise;
}

double gp_log_likelihood(const struct gp *gp)
{
    double sum = -0.5 * cblas_ddot((int)gp->n, gp->white, 1, gp->white, 1);

    for (size_t i = 0; i < gp->n; i++)
        sum -= log(gp->factor[i * gp->stride + i]);
    return sum - 0.5 * (double)gp->n * log(2 * M_PI);
}
