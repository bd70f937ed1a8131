/*
 * K = L L^T in place, and what is solved with it. Matrices are row-major, n rows of stride numbers; only the lower triangle is
 * read and written.
 */
#ifndef HONE_SUGGEST_CHOLESKY_H
#define HONE_SUGGEST_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

enum { CHOLESKY_ROWS_LIMIT = 30000 }; /* LAPACK counts in ints */

/* Replace the lower triangle of K by L. False when K is not positive definite; a is then spoilt. O(n^3 / 3). */
bool cholesky_factor(double *a, size_t n, size_t stride);
/* Replace L by the lower triangle of K^-1. O(2 n^3 / 3). */
void cholesky_invert(double *a, size_t n, size_t stride);
/* b := L^-1 b, b := L^-T b, for vectors b (n). */
void cholesky_solve_lower(const double *a, size_t n, size_t stride, double *b);
void cholesky_solve_upper(const double *a, size_t n, size_t stride, double *b);
/* Rows b (m, n), apart by b_stride: each row b := L^-1 b. O(m n^2). */
void cholesky_solve_rows(const double *a, size_t n, size_t stride, double *b, size_t m, size_t b_stride);

#endif
