/*
 * Leaving rows out without fitting again: with the inverse of K, mean_i = y_i - alpha_i / (K^-1)_ii and variance_i =
 * 1 / (K^-1)_ii. Rasmussen and Williams, Gaussian Processes for Machine Learning, equation 5.12.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/cholesky.h"
#include "suggest/gp_parts.h"

void gp_leave_one_out(const struct gp *gp, double *mean, double *variance)
{
    size_t n = gp->n;
    double *inverse = xcalloc(n * n + 1, sizeof *inverse);

    for (size_t i = 0; i < n; i++)
        memcpy(inverse + i * n, gp->factor + i * gp->stride, (i + 1) * sizeof *inverse);
    cholesky_invert(inverse, n, n);
    for (size_t i = 0; i < n; i++) {
        variance[i] = 1 / inverse[i * n + i];
        mean[i] = gp->y[i] - gp->alpha[i] * variance[i];
    }
    free(inverse);
}
