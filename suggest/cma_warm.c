/*
 * Equations (7)-(9) of the paper: the mixture's mean and covariance, split into a step size and a shape.
 */
#include "suggest/cma_warm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const double ALPHA = 0.1; /* deviation of each small normal */

/* log det of a positive definite matrix, by Cholesky in place of its lower half. */
static double log_determinant(double *a, size_t d)
{
    double sum = 0;

    for (size_t j = 0; j < d; j++) {
        for (size_t i = j; i < d; i++) {
            double value = a[i * d + j];
            for (size_t k = 0; k < j; k++)
                value -= a[i * d + k] * a[j * d + k];
            a[i * d + j] = i == j ? sqrt(value) : value / a[j * d + j];
        }
        sum += 2 * log(a[j * d + j]);
    }
    return sum;
}

void cma_warm_start(const double *points, size_t n, size_t d, double *mean, double *sigma, double *covariance)
{
    memset(mean, 0, d * sizeof *mean);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < d; i++)
            mean[i] += points[k * d + i] / (double)n;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            double sum = i == j ? ALPHA * ALPHA : 0;
            for (size_t k = 0; k < n; k++)
                sum += (points[k * d + i] - mean[i]) * (points[k * d + j] - mean[j]) / (double)n;
            covariance[i * d + j] = sum;
        }
    double *scratch = xmalloc(d * d * sizeof *scratch);
    memcpy(scratch, covariance, d * d * sizeof *scratch);
    double log_det = log_determinant(scratch, d);
    free(scratch);
    *sigma = exp(log_det / (2 * (double)d));
    for (size_t i = 0; i < d * d; i++)
        covariance[i] /= *sigma * *sigma;
}
