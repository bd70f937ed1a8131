/*
 * OpenBLAS behind the names we use. LAPACK thinks in columns: our lower triangle is its upper one.
 */
#include "suggest/cholesky.h"

#include <assert.h>
#include <math.h>

#include <cblas.h>

/* LAPACK's own symbols, which OpenBLAS exports: info > 0 is the first minor that is not positive definite. */
extern void dpotrf_(const char *triangle, const int *n, double *a, const int *stride, int *info);
extern void dpotri_(const char *triangle, const int *n, double *a, const int *stride, int *info);

bool cholesky_factor(double *a, size_t n, size_t stride)
{
    const int order = (int)n, leading = (int)stride;
    int info = 0;

    assert(n <= CHOLESKY_ROWS_LIMIT && n <= stride);
    if (n == 0)
        return true;
    dpotrf_("U", &order, a, &leading, &info);
    for (size_t i = 0; i < n && info == 0; i++)
        if (!isfinite(a[i * stride + i])) /* a NAN passes as positive in some kernels */
            return false;
    return info == 0;
}

void cholesky_invert(double *a, size_t n, size_t stride)
{
    const int order = (int)n, leading = (int)stride;
    int info = 0;

    if (n > 0)
        dpotri_("U", &order, a, &leading, &info);
    assert(info == 0);
}

void cholesky_solve_lower(const double *a, size_t n, size_t stride, double *b)
{
    if (n > 0)
        cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, a, (int)stride, b, 1);
}

void cholesky_solve_upper(const double *a, size_t n, size_t stride, double *b)
{
    if (n > 0)
        cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, (int)n, a, (int)stride, b, 1);
}

void cholesky_solve_rows(const double *a, size_t n, size_t stride, double *b, size_t m, size_t b_stride)
{
    if (n > 0 && m > 0)
        cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, (int)m, (int)n, 1, a, (int)stride,
                    b, (int)b_stride);
}
