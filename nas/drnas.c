/*
 * DrNAS (Chen et al., 2021): the weights of an edge are a draw from a Dirichlet distribution of concentrations elu(alpha) + 1.
 *
 * A draw is gamma variates over their sum. The way back differentiates each variate by its concentration implicitly (Figurnov et
 * al., 2018): dg / da = -(dF(g; a) / da) / f(g; a), F the distribution function and f the density, with dF / da by a central
 * difference of the incomplete gamma function.
 */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "nas/relaxation.h"

/* Below it variates underflow. */
#define CONCENTRATION_MIN 0.01

static double concentration(double alpha)
{
    return fmax(CONCENTRATION_MIN, alpha > 0 ? alpha + 1 : exp(alpha));
}

static double concentration_slope(double alpha)
{
    return alpha > 0 ? 1 : exp(alpha) > CONCENTRATION_MIN ? exp(alpha) : 0;
}

/* A gamma variate by its quantile, so that it moves smoothly with its concentration. */
static double draw(double a, struct rng *rng)
{
    return fmax(1e-12, gsl_cdf_gamma_Pinv(rng_uniform(rng) + 0x1p-54, a, 1));
}

static void weigh(const double *alphas, unsigned n, double temperature, struct rng *rng, double *weights,
                  double *memory)
{
    double sum = 0;

    (void)temperature;
    for (unsigned k = 0; k < n; k++)
        sum += memory[k] = draw(concentration(alphas[k]), rng);
    for (unsigned k = 0; k < n; k++)
        weights[k] = memory[k] / sum;
}

static double variate_slope(double g, double a)
{
    const double h = 1e-4 * a, density = gsl_ran_gamma_pdf(g, a, 1);

    if (!(density > 0) || g <= 1e-12)
        return 0;
    return -(gsl_cdf_gamma_P(g, a + h, 1) - gsl_cdf_gamma_P(g, a - h, 1)) / (2 * h) / density;
}

static void back(const double *alphas, const double *weights, const double *memory, unsigned n, double temperature,
                 const double *slopes, double *gradient)
{
    double sum = 0, mean = 0;

    (void)temperature;
    for (unsigned k = 0; k < n; k++) {
        sum += memory[k];
        mean += weights[k] * slopes[k];
    }
    for (unsigned k = 0; k < n; k++)
        gradient[k] = (slopes[k] - mean) / sum * variate_slope(memory[k], concentration(alphas[k])) *
                      concentration_slope(alphas[k]);
}

const struct relaxation relaxation_drnas = {
    .name = "drnas",
    .summary = "weights drawn from a Dirichlet distribution, a quarter of the channels through the operations",
    .partial = 4,
    .weigh = weigh,
    .back = back,
};
