/*
 * Loops of the covariance, each compiled for plain x86-64 and for wider vectors and chosen when the program is loaded.
 */
#include "suggest/kernel.h"

#include <math.h>

#include "suggest/exponential.h"

/* The choice is made by the loader, before a thread sanitizer is ready for it. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_THREAD__)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif

enum { LANES = 8 }; /* partial sums that do not wait for each other */

static inline __attribute__((always_inline)) double squared_distance(double a, double b)
{
    double square = (a - b) * (a - b);

    return square < 1 ? square : 1;
}

VECTORISED
void kernel_distances(const double *restrict columns, size_t stride, size_t d, const double *weights,
                      const double *point, size_t n, double *restrict s)
{
    for (size_t j = 0; j < n; j++)
        s[j] = 0;
    for (size_t i = 0; i < d; i++) {
        const double *column = columns + i * stride;
        double weight = weights[i], x = point[i];
        for (size_t j = 0; j < n; j++)
            s[j] += weight * squared_distance(x, column[j]);
    }
}

VECTORISED
static void matern(const double *s, size_t n, double scale, double *covariance)
{
    for (size_t j = 0; j < n; j++) {
        double square = 5 * s[j], r = sqrt(square);
        covariance[j] = scale * exponential(-r) * (1 + r + square / 3);
    }
}

VECTORISED
static void matern_with_slope(const double *s, size_t n, double scale, double *covariance, double *restrict slope)
{
    for (size_t j = 0; j < n; j++) {
        double square = 5 * s[j], r = sqrt(square), e = scale * exponential(-r);
        covariance[j] = e * (1 + r + square / 3);
        slope[j] = -5.0 / 6 * e * (1 + r);
    }
}

void kernel_matern(const double *s, size_t n, double scale, double *covariance, double *slope)
{
    if (slope != NULL)
        matern_with_slope(s, n, scale, covariance, slope);
    else
        matern(s, n, scale, covariance);
}

static double sum_lanes(const double lanes[LANES])
{
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

VECTORISED
void kernel_gather(const double *restrict columns, size_t stride, size_t d, const double *point,
                   const double *restrict factors, size_t n, double *totals)
{
    for (size_t i = 0; i < d; i++) {
        const double *column = columns + i * stride;
        double x = point[i], lanes[LANES] = { 0 };
        size_t j = 0;
        for (; j + LANES <= n; j += LANES)
            for (size_t lane = 0; lane < LANES; lane++)
                lanes[lane] += factors[j + lane] * squared_distance(x, column[j + lane]);
        for (; j < n; j++)
            lanes[0] += factors[j] * squared_distance(x, column[j]);
        totals[i] += sum_lanes(lanes);
    }
}

VECTORISED
double kernel_slope(const double *restrict column, double x, const double *restrict factors, size_t n)
{
    double lanes[LANES] = { 0 };
    size_t j = 0;

    for (; j + LANES <= n; j += LANES)
        for (size_t lane = 0; lane < LANES; lane++) {
            double difference = x - column[j + lane];
            lanes[lane] += fabs(difference) <= 1 ? factors[j + lane] * difference : 0;
        }
    for (; j < n; j++)
        lanes[0] += fabs(x - column[j]) <= 1 ? factors[j] * (x - column[j]) : 0;
    return 2 * sum_lanes(lanes);
}
