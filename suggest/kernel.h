/*
 * The covariance of a Gaussian process, a row at a time: plain loops over columns that a compiler turns into vector code.
 *
 * Coordinates are columns (d, stride): one row a parameter, points side by side. The distance in one parameter is
 * min(1, |difference|): numbers lie in [0, 1], different choices are 1 apart, and an inactive parameter is stored as
 * KERNEL_INACTIVE, 1 away from any active value and 0 from another inactive one.
 */
#ifndef HONE_SUGGEST_KERNEL_H
#define HONE_SUGGEST_KERNEL_H

#include <stddef.h>

#define KERNEL_INACTIVE (-1e6)

/* s[j] = sum_i weights[i] min(1, (point[i] - columns[i][j])^2), j < n; point, weights (d). */
void kernel_distances(const double *columns, size_t stride, size_t d, const double *weights, const double *point,
                      size_t n, double *s);

/* Matern-5/2 at squared distances s (n): k = scale exp(-r) (1 + r + r^2 / 3), r = sqrt(5 s), into covariance (may be s
   itself), and dk/ds = -5/6 scale exp(-r) (1 + r), finite at 0, into slope (NULL: not wanted). */
void kernel_matern(const double *s, size_t n, double scale, double *covariance, double *slope);

/* totals[i] += sum_j factors[j] min(1, (point[i] - columns[i][j])^2), j < n. */
void kernel_gather(const double *columns, size_t stride, size_t d, const double *point, const double *factors, size_t n,
                   double *totals);

/* sum_j factors[j] d/dx min(1, (x - column[j])^2), j < n: 0 where the two are 1 or more apart, both ends of [0, 1] excepted. */
double kernel_slope(const double *column, double x, const double *factors, size_t n);

#endif
