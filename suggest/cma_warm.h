/*
 * A distribution to start from, out of the best points of an earlier search: Nomura et al., Warm Starting CMA-ES for Hyperparameter
 * Optimization (AAAI 2021).
 */
#ifndef HONE_SUGGEST_CMA_WARM_H
#define HONE_SUGGEST_CMA_WARM_H

#include <stddef.h>

/* The normal that is nearest to a mixture of small ones, one at each of n points (n, d): its mean (d), step size, and covariance
   (d, d) of determinant 1. O(n d^2 + d^3). */
void cma_warm_start(const double *points, size_t n, size_t d, double *mean, double *sigma, double *covariance);

#endif
