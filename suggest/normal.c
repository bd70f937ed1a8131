/*
 * Tails by the scaled complementary error function: a power of x is never subtracted from another.
 */
#include "suggest/normal.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

static const double LOG_SQRT_2PI = 0.91893853320467274178, LOG_SQRT_HALF_PI = 0.22579135264472743236;

double normal_log_density(double z)
{
    return -0.5 * z * z - LOG_SQRT_2PI;
}

/* Continued fraction of Laplace, evaluated from the far end; 60 terms give full precision from x = 2 on. */
static double erfcx_tail(double x)
{
    double f = x;

    for (int k = 60; k > 0; k--)
        f = x + 0.5 * k / f;
    return M_2_SQRTPI / 2 / f;
}

double erfcx(double x)
{
    return x < 3 ? exp(x * x) * erfc(x) : erfcx_tail(x);
}

double normal_log_cdf(double z)
{
    if (z > 0)
        return log1p(-0.5 * erfc(z * M_SQRT1_2));
    return log(0.5 * erfcx(-z * M_SQRT1_2)) - 0.5 * z * z;
}

/* log(1 - exp(w)), w <= 0. */
static double log1m_exp(double w)
{
    return w > -M_LN2 ? log(-expm1(w)) : log1p(-exp(w));
}

double normal_log_mass(double a, double b)
{
    if (!(a < b))
        return -INFINITY;
    if (a > 0) { /* the smaller tail */
        double flipped = -a;
        a = -b;
        b = flipped;
    }
    if (b > 0) /* both tails are small: nothing cancels */
        return log1p(-0.5 * erfc(b * M_SQRT1_2) - 0.5 * erfc(-a * M_SQRT1_2));
    double upper = normal_log_cdf(b);
    return upper + log1m_exp(normal_log_cdf(a) - upper);
}

/* Newton on log Phi from the normal's own tail: u is a share of a mass that may have underflowed. */
static double quantile_in_lower_tail(double a, double b, double u)
{
    double lower = normal_log_cdf(a), upper = normal_log_cdf(b);
    double target = u > 0 ? upper + log(u + (1 - u) * exp(lower - upper)) : lower;
    double z = target > -700 ? gsl_cdf_ugaussian_Pinv(exp(target)) : -sqrt(-2 * target);

    for (int k = 0; k < 8; k++) {
        double value = normal_log_cdf(z), step = (value - target) * exp(value - normal_log_density(z));
        z -= step;
        if (fabs(step) < 1e-14 * fabs(z))
            break;
    }
    return z;
}

double normal_quantile_between(double a, double b, double u)
{
    double z;

    if (a > 0)
        z = -quantile_in_lower_tail(-b, -a, 1 - u);
    else
        z = quantile_in_lower_tail(a, b, u);
    return fmin(fmax(z, a), b);
}

double normal_log_improvement(double z)
{
    if (z > -1)
        return log(exp(normal_log_density(z)) + z * 0.5 * erfc(-z * M_SQRT1_2));
    if (z > -1e6)
        return normal_log_density(z) + log1m_exp(log(erfcx(-z * M_SQRT1_2) * -z) + LOG_SQRT_HALF_PI);
    return normal_log_density(z) - 2 * log(-z);
}
