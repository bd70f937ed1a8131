/*
 * Sampling and update of the strategy. Equation numbers are those of Hansen's tutorial (arXiv:1604.00772v2).
 */
#include "suggest/cma.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

#include "base/memory.h"

static const double EIGENVALUE_FLOOR = 1e-18; /* of the largest one: below the last digit of the matrix */

/* LAPACK's divide and conquer: a (n, n) becomes its eigenvectors in columns, w ascending. */
extern void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
                    double *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t);

static size_t matrix_size(size_t d, bool is_diagonal)
{
    return is_diagonal ? d : d * d;
}

struct cma_distribution *cma_distribution_create(size_t d, bool is_diagonal)
{
    size_t n = 2 * d + matrix_size(d, is_diagonal);
    struct cma_distribution *distribution = xcalloc(1, sizeof *distribution + n * sizeof(double));

    distribution->d = d;
    distribution->is_diagonal = is_diagonal;
    distribution->mean = (double *)(distribution + 1);
    distribution->scale = distribution->mean + d;
    distribution->axes = distribution->scale + d;
    return distribution;
}

void cma_distribution_copy(struct cma_distribution *to, const struct cma_distribution *of)
{
    assert(to->d == of->d && to->is_diagonal == of->is_diagonal);
    memcpy(to->mean, of->mean, (2 * of->d + matrix_size(of->d, of->is_diagonal)) * sizeof *of->mean);
}

void cma_distribution_sample(const struct cma_distribution *distribution, const double *z, double *x)
{
    size_t d = distribution->d;

    for (size_t i = 0; i < d; i++) {
        const double *row = distribution->axes + i * d;
        double y = 0;
        if (distribution->is_diagonal)
            y = distribution->axes[i] * z[i];
        else
            for (size_t j = 0; j < d; j++)
                y += row[j] * z[j];
        x[i] = distribution->mean[i] + distribution->scale[i] * y;
    }
}

/* (49), and (50)-(53) for the negative ones, before they are scaled. Returns mu_eff of the negative ones. */
static double raw_weights(struct cma *cma)
{
    double sum[2] = { 0 }, squares[2] = { 0 };

    for (size_t i = 0; i < cma->lambda; i++) {
        double w = log(((double)cma->lambda + 1) / 2) - log((double)i + 1);
        cma->weights[i] = w;
        sum[i >= cma->mu] += w;
        squares[i >= cma->mu] += w * w;
    }
    cma->mu_eff = sum[0] * sum[0] / squares[0];
    return sum[1] * sum[1] / squares[1];
}

/* (53): parents sum to 1, the others to the least of what keeps C positive definite and of what the parents balance. */
static void scale_weights(struct cma *cma, double mu_eff_minus)
{
    double d = (double)cma->d, positive = 0, negative = 0;
    double limit = fmin(1 + cma->c_1 / cma->c_mu, 1 + 2 * mu_eff_minus / (cma->mu_eff + 2));

    limit = fmin(limit, (1 - cma->c_1 - cma->c_mu) / (d * cma->c_mu));
    for (size_t i = 0; i < cma->lambda; i++)
        *(cma->weights[i] > 0 ? &positive : &negative) += fabs(cma->weights[i]);
    for (size_t i = 0; i < cma->lambda; i++)
        cma->weights[i] *= cma->weights[i] > 0 ? 1 / positive : limit / negative;
}

/* (54)-(58); learning rates of a diagonal matrix are (d + 2) / 3 times as large, having fewer entries to learn. */
static void set_constants(struct cma *cma, double haste)
{
    double d = (double)cma->d, mu_eff_minus = raw_weights(cma), mu_eff = cma->mu_eff;
    double faster = haste * (cma->now->is_diagonal ? (d + 2) / 3 : 1);

    cma->c_1 = fmin(0.5, faster * 2 / ((d + 1.3) * (d + 1.3) + mu_eff));
    cma->c_mu = fmin(1 - cma->c_1 - 1e-8, faster * 2 * (mu_eff - 2 + 1 / mu_eff) / ((d + 2) * (d + 2) + mu_eff));
    cma->c_sigma = (mu_eff + 2) / (d + mu_eff + 5);
    cma->d_sigma = (1 + 2 * fmax(0, sqrt((mu_eff - 1) / (d + 1)) - 1) + cma->c_sigma) / haste;
    cma->c_c = (4 + mu_eff / d) / (d + 4 + 2 * mu_eff / d);
    cma->chi = sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d));
    scale_weights(cma, mu_eff_minus);
}

/* Doubles that dsyevd asks for. */
static size_t decomposition_size(size_t d)
{
    return 1 + 6 * d + 2 * d * d;
}

static void fill_axes(struct cma *cma)
{
    size_t d = cma->d;

    for (size_t i = 0; i < d; i++) {
        if (cma->now->is_diagonal)
            cma->now->axes[i] = cma->D[i];
        else
            for (size_t j = 0; j < d; j++)
                cma->now->axes[i * d + j] = cma->B[i * d + j] * cma->D[j];
    }
}

/* C = B D^2 B', with D that was lifted off zero. */
static void recompose(struct cma *cma)
{
    int d = (int)cma->d;

    fill_axes(cma);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, d, d, d, 1, cma->now->axes, d, cma->now->axes, d, 0, cma->C,
                d);
}

static void decompose_full(struct cma *cma)
{
    size_t d = cma->d;
    int n = (int)d, lwork = (int)decomposition_size(d), liwork = (int)(3 + 5 * d), info = 0;
    int *iwork = (int *)(cma->work + lwork);
    double *vectors = cma->now->axes; /* borrowed: filled below */

    memcpy(vectors, cma->C, d * d * sizeof *vectors);
    dsyevd_("V", "L", &n, vectors, &n, cma->D, cma->work, &lwork, iwork, &liwork, &info, 1, 1);
    if (info != 0 || !isfinite(cma->D[0]) || !(cma->D[d - 1] > 0)) { /* keep the axes of the decomposition before */
        for (size_t j = 0; j < d; j++)
            cma->D[j] = 1;
        memset(cma->B, 0, d * d * sizeof *cma->B);
        for (size_t j = 0; j < d; j++)
            cma->B[j * d + j] = 1;
        recompose(cma);
        return;
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            cma->B[i * d + j] = vectors[j * d + i];
    bool is_lifted = cma->D[0] < EIGENVALUE_FLOOR * cma->D[d - 1];
    for (size_t j = 0; j < d; j++)
        cma->D[j] = sqrt(fmax(cma->D[j], EIGENVALUE_FLOOR * cma->D[d - 1]));
    if (is_lifted)
        recompose(cma);
}

static void decompose(struct cma *cma)
{
    if (cma->now->is_diagonal)
        for (size_t i = 0; i < cma->d; i++)
            cma->D[i] = sqrt(cma->C[i]);
    else
        decompose_full(cma);
    fill_axes(cma);
    cma->decomposed = cma->generation;
}

struct cma *cma_create(const struct cma_options *options, const double *mean, double sigma, const double *covariance)
{
    size_t d = options->d, lambda = options->lambda;
    bool is_diagonal = options->is_diagonal;

    assert(d >= 1 && lambda >= 4 && sigma > 0);
    size_t m = matrix_size(d, is_diagonal), n_integers = (3 + 5 * d) * sizeof(int) / sizeof(double) + 1;
    size_t n_work = decomposition_size(is_diagonal ? 1 : d) + n_integers + 4 * d + 2 * lambda;
    struct cma *cma = xcalloc(1, sizeof *cma + (lambda + 4 * d + 2 * m + n_work) * sizeof(double));

    cma->d = d;
    cma->lambda = lambda;
    cma->mu = lambda / 2;
    cma->sigma = sigma;
    cma->now = cma_distribution_create(d, is_diagonal);
    cma->weights = (double *)(cma + 1);
    cma->widen = cma->weights + lambda;
    cma->D = cma->widen + d;
    cma->p_sigma = cma->D + d;
    cma->p_c = cma->p_sigma + d;
    cma->C = cma->p_c + d;
    cma->B = cma->C + m;
    cma->work = cma->B + m;
    set_constants(cma, options->haste > 0 ? options->haste : 1);
    memcpy(cma->now->mean, mean, d * sizeof *mean);
    for (size_t i = 0; i < d; i++) {
        cma->widen[i] = 1;
        cma->C[is_diagonal ? i : i * d + i] = covariance ? covariance[i * d + i] : 1;
    }
    if (covariance != NULL && !is_diagonal)
        memcpy(cma->C, covariance, m * sizeof *covariance);
    decompose(cma);
    cma_refresh(cma);
    return cma;
}

void cma_destroy(struct cma *cma)
{
    if (cma == NULL)
        return;
    free(cma->now);
    free(cma);
}

void cma_refresh(struct cma *cma)
{
    for (size_t i = 0; i < cma->d; i++)
        cma->now->scale[i] = cma->sigma * cma->widen[i];
}

double cma_deviation(const struct cma *cma, size_t i)
{
    return cma->now->scale[i] * sqrt(cma->C[cma->now->is_diagonal ? i : i * cma->d + i]);
}

/* D^-1 B' y, whose length is Mahalanobis'. */
static void whiten(const struct cma *cma, const double *y, double *z)
{
    size_t d = cma->d;

    if (cma->now->is_diagonal) {
        for (size_t i = 0; i < d; i++)
            z[i] = y[i] / cma->D[i];
        return;
    }
    for (size_t j = 0; j < d; j++)
        z[j] = 0;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            z[j] += cma->B[i * d + j] * y[i];
    for (size_t j = 0; j < d; j++)
        z[j] /= cma->D[j];
}

static double norm(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

/* Share of one sign's weights by ties: positive (sign 1) or negative (-1). */
static void share_weights(const struct cma *cma, const size_t *tie, double sign, double *weights)
{
    for (size_t first = 0, end; first < cma->lambda; first = end) {
        double sum = 0;
        for (end = first; end < cma->lambda && tie[end] == tie[first]; end++)
            sum += cma->weights[end] * sign > 0 ? cma->weights[end] : 0;
        for (size_t k = first; k < end; k++)
            weights[k] = sum / (double)(end - first);
    }
}

void cma_parent_weights(const struct cma *cma, const size_t *tie, double *weights)
{
    share_weights(cma, tie, 1, weights);
}

/* (43)-(44): B D^-1 B' y_w goes into the path, its length into sigma. Returns h_sigma. z: (d) scratch. */
static bool adapt_sigma(struct cma *cma, const double *y_w, double *z)
{
    size_t d = cma->d;
    double c = cma->c_sigma, gain = sqrt(c * (2 - c) * cma->mu_eff);

    whiten(cma, y_w, z);
    for (size_t i = 0; i < d; i++) {
        double step = z[i];
        if (!cma->now->is_diagonal) {
            step = 0;
            for (size_t j = 0; j < d; j++)
                step += cma->B[i * d + j] * z[j];
        }
        cma->p_sigma[i] = (1 - c) * cma->p_sigma[i] + gain * step;
    }
    double length = norm(cma->p_sigma, d);
    cma->sigma *= exp(fmin(1, c / cma->d_sigma * (length / cma->chi - 1)));
    double settled = length / sqrt(1 - pow(1 - c, 2 * (cma->generation + 1.0)));
    return settled < (1.4 + 2 / ((double)d + 1)) * cma->chi;
}

/* C += a y y' */
static void add_outer(struct cma *cma, double a, const double *y)
{
    size_t d = cma->d;

    if (cma->now->is_diagonal) {
        for (size_t i = 0; i < d; i++)
            cma->C[i] += a * y[i] * y[i];
        return;
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            cma->C[i * d + j] += a * (y[i] * y[j]);
}

/* (45)-(47), negative weights scaled by the squared length of their step. y (lambda, d) comes in x's place. */
static void adapt_covariance(struct cma *cma, const double *x, const double *mean, const double *y_w, bool h_sigma,
                             const double *positive, const double *negative)
{
    size_t d = cma->d;
    double c_c = cma->c_c, gain = h_sigma * sqrt(c_c * (2 - c_c) * cma->mu_eff), sum = 0;
    double *y = cma->work, *z = y + d;

    for (size_t k = 0; k < cma->lambda; k++)
        sum += cma->weights[k];
    double keep = 1 + cma->c_1 * (1 - h_sigma) * c_c * (2 - c_c) - cma->c_1 - cma->c_mu * sum;
    for (size_t i = 0; i < matrix_size(d, cma->now->is_diagonal); i++)
        cma->C[i] *= keep;
    for (size_t i = 0; i < d; i++)
        cma->p_c[i] = (1 - c_c) * cma->p_c[i] + gain * y_w[i];
    add_outer(cma, cma->c_1, cma->p_c);
    for (size_t k = 0; k < cma->lambda; k++) {
        for (size_t i = 0; i < d; i++)
            y[i] = (x[k * d + i] - mean[i]) / cma->now->scale[i];
        double w = positive[k];
        if (negative[k] < 0) {
            whiten(cma, y, z);
            double length = norm(z, d);
            w += negative[k] * (double)d / (length * length + 1e-8);
        }
        add_outer(cma, cma->c_mu * w, y);
    }
}

/* Has C moved so much that an eigendecomposition is due? */
static bool is_decomposition_due(const struct cma *cma)
{
    double gap = 1 / ((cma->c_1 + cma->c_mu) * (double)cma->d * 10);

    return cma->generation - cma->decomposed >= gap || cma->now->is_diagonal;
}

void cma_update(struct cma *cma, const double *x, const size_t *tie)
{
    size_t d = cma->d;
    double *y_w = cma->work + 2 * d, *positive = y_w + 2 * d, *negative = positive + cma->lambda;
    double *mean = y_w + d;

    share_weights(cma, tie, 1, positive);
    share_weights(cma, tie, -1, negative);
    memcpy(mean, cma->now->mean, d * sizeof *mean);
    for (size_t i = 0; i < d; i++) {
        double step = 0;
        for (size_t k = 0; k < cma->lambda; k++)
            step += positive[k] * (x[k * d + i] - mean[i]);
        cma->now->mean[i] = mean[i] + step;
        y_w[i] = step / cma->now->scale[i];
    }
    bool h_sigma = adapt_sigma(cma, y_w, cma->work);
    adapt_covariance(cma, x, mean, y_w, h_sigma, positive, negative);
    cma->generation++;
    if (is_decomposition_due(cma))
        decompose(cma);
    cma_refresh(cma);
}

void cma_clip(struct cma *cma, double *x)
{
    size_t d = cma->d;
    const double *mean = cma->now->mean;
    double *y = cma->work, limit = sqrt((double)d) + 2 * (double)d / ((double)d + 2);

    for (size_t i = 0; i < d; i++)
        y[i] = (x[i] - mean[i]) / cma->now->scale[i];
    whiten(cma, y, y + d);
    double length = norm(y + d, d);
    if (length > limit)
        for (size_t i = 0; i < d; i++)
            x[i] = mean[i] + (x[i] - mean[i]) * (limit / length);
}
