/*
 * Quantiles by sorting: curves are compared some hundred at a time.
 */
#include "earlystop/ranking.h"

#include <stdlib.h>

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

double ranking_quantile(double *values, size_t n, double q)
{
    double place = q * (double)(n - 1);
    size_t below = (size_t)place;

    qsort(values, n, sizeof *values, by_value);
    if (below + 1 >= n || values[below] == values[below + 1])
        return values[below];
    return values[below] + (place - (double)below) * (values[below + 1] - values[below]);
}
