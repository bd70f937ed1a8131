/*
 * What is believed about a process before it has seen anything.
 *
 * Up to DIMENSIONS_FEW parameters, Optuna's heuristic on w = 1 / l^2 pulls towards 1 from both sides: exp(-0.1 / w - 0.1 w).
 * Above, the lengthscales grow with the square root of the dimension: l ~ LogNormal(sqrt 2 + log(d) / 2, sqrt 3) (Hvarfner et
 * al., Vanilla Bayesian optimization performs great in high dimensions, 2024). Scale ~ Gamma(2, 1); noise ~ Gamma(1.1, 30), or
 * Gamma(1.1, 3) where the objective is declared noisy. Densities are those of w, l, scale and noise, not of their logarithms;
 * constants are left out.
 */
#include <math.h>

#include "suggest/gp_parts.h"

enum { DIMENSIONS_FEW = 10 };

static const double LENGTHSCALE_MIN = 0.025, LENGTHSCALE_MAX = 100, SCALE_MIN = 1e-3, SCALE_MAX = 1e3, NOISE_MIN = 1e-6,
                    NOISE_MAX = 1;
static const double PULL = 0.1, SCALE_SHAPE = 2, SCALE_RATE = 1, NOISE_SHAPE = 1.1, NOISE_RATE = 30, NOISY_RATE = 3;

/* Density of Gamma(shape, rate) at exp(t), and its slope by t. */
static double log_gamma_density(double t, double shape, double rate, double *slope)
{
    double value = exp(t);

    *slope += shape - 1 - rate * value;
    return (shape - 1) * t - rate * value;
}

static double log_pull(double t, double *slope)
{
    double w = exp(t);

    *slope += PULL / w - PULL * w;
    return -PULL / w - PULL * w;
}

/* LogNormal density of l = exp(-t / 2). */
static double log_lengthscale_density(double t, double d, double *slope)
{
    double log_l = -0.5 * t, centre = M_SQRT2 + 0.5 * log(d), variance = 3;

    *slope += 0.5 + 0.5 * (log_l - centre) / variance;
    return -log_l - 0.5 * (log_l - centre) * (log_l - centre) / variance;
}

double gp_log_prior(const struct gp *gp, const double *theta, double *gradient)
{
    double sum = log_gamma_density(theta[gp->d], SCALE_SHAPE, SCALE_RATE, &gradient[gp->d]);

    sum += log_gamma_density(theta[gp->d + 1], NOISE_SHAPE, gp->is_noisy ? NOISY_RATE : NOISE_RATE,
                             &gradient[gp->d + 1]);
    for (size_t i = 0; i < gp->d; i++)
        sum += gp->d <= DIMENSIONS_FEW ? log_pull(theta[i], &gradient[i])
                                       : log_lengthscale_density(theta[i], (double)gp->d, &gradient[i]);
    return sum;
}

void gp_bounds(const struct gp *gp, double *lower, double *upper)
{
    for (size_t i = 0; i < gp->d; i++) {
        lower[i] = -2 * log(LENGTHSCALE_MAX);
        upper[i] = -2 * log(LENGTHSCALE_MIN);
    }
    lower[gp->d] = log(SCALE_MIN);
    upper[gp->d] = log(SCALE_MAX);
    lower[gp->d + 1] = log(NOISE_MIN);
    upper[gp->d + 1] = log(NOISE_MAX);
}

void gp_start(const struct gp *gp, unsigned k, double *theta)
{
    static const struct {
        double weight, scale, noise;
    } starts[GP_STARTS_LIMIT] = { { 1, 1, 1e-2 }, { 10, 1, 1e-1 }, { 0.1, 1, 1e-4 }, { 100, 1, 1e-3 } };
    /* the mode of the prior in many dimensions is exp(centre - variance) */
    double mode = gp->d <= DIMENSIONS_FEW ? 1 : exp(-2 * (M_SQRT2 + 0.5 * log((double)gp->d) - 3));

    for (size_t i = 0; i < gp->d; i++)
        theta[i] = log(mode * starts[k].weight);
    theta[gp->d] = log(starts[k].scale);
    theta[gp->d + 1] = log(starts[k].noise);
}
