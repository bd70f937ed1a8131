/*
 * Formulas in z, the distance to the best loss in standard deviations.
 */
#include "suggest/acquisition.h"

#include <math.h>

#include "suggest/normal.h"

static const double PROBABILITY_MARGIN = 0.01, CONFIDENCE_KAPPA = 1.96;

const char *const acquisition_names[ACQUISITION_COUNT] = {
    [ACQUISITION_EI] = "expected improvement",
    [ACQUISITION_PI] = "probability of improvement",
    [ACQUISITION_LCB] = "lower confidence bound",
};

/* EI = sd h(z), h = phi + z Phi: d/dmean = -Phi / (sd h), d/dsd = phi / (sd h), each as one exponential of logarithms. */
double acquisition_log_improvement(double best, double mean, double variance, struct slopes *slopes)
{
    double sd = sqrt(variance), z = (best - mean) / sd, log_h = normal_log_improvement(z);

    if (slopes != NULL) {
        slopes->by_mean = -exp(normal_log_cdf(z) - log_h) / sd;
        slopes->by_variance = exp(normal_log_density(z) - log_h) / (2 * variance);
    }
    return log(sd) + log_h;
}

double acquisition_log_probability(double threshold, double mean, double variance, struct slopes *slopes)
{
    double sd = sqrt(variance), z = (threshold - mean) / sd, log_cdf = normal_log_cdf(z);

    if (slopes != NULL) {
        double by_z = exp(normal_log_density(z) - log_cdf);
        slopes->by_mean = -by_z / sd;
        slopes->by_variance = -by_z * z / (2 * variance);
    }
    return log_cdf;
}

/* log log(1 + e^t), t = best - (mean - kappa sd): t itself far below. */
double acquisition_confidence_bound(double kappa, double best, double mean, double variance, struct slopes *slopes)
{
    double sd = sqrt(variance), t = best - mean + kappa * sd, soft = t > 30 ? t : log1p(exp(t));
    double by_t = t < -30 ? 1 : 1 / ((1 + exp(-t)) * soft);

    if (slopes != NULL)
        *slopes = (struct slopes){ -by_t, by_t * kappa / (2 * sd) };
    return t < -30 ? t : log(soft);
}

double acquisition_value(enum acquisition acquisition, double best, double mean, double variance, struct slopes *slopes)
{
    switch (acquisition) {
    case ACQUISITION_PI:
        return acquisition_log_probability(best - PROBABILITY_MARGIN, mean, variance, slopes);
    case ACQUISITION_LCB:
        return acquisition_confidence_bound(CONFIDENCE_KAPPA, best, mean, variance, slopes);
    default:
        return acquisition_log_improvement(best, mean, variance, slopes);
    }
}
