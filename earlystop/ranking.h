/*
 * Where one loss stands among others.
 */
#ifndef HONE_EARLYSTOP_RANKING_H
#define HONE_EARLYSTOP_RANKING_H

#include <math.h>
#include <stddef.h>

/* A trial that has nothing to show is as bad as can be. */
static inline double worst_if_nan(double loss)
{
    return isnan(loss) ? INFINITY : loss;
}

/* The q-quantile (0 <= q <= 1) of values (n > 0, no NAN), interpolated between neighbours; sorts them. */
double ranking_quantile(double *values, size_t n, double q);

#endif
