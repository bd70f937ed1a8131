/*
 * How much is promised by a point whose loss is normal with a known mean and variance. Losses are minimised, promises
 * maximised. All are smooth, finite and with usable slopes however unlikely an improvement is, for they are logarithms
 * where a probability is meant. Ament et al., Unexpected Improvements to Expected Improvement (2023).
 *
 * Slopes are by mean and by variance, or NULL. variance > 0.
 */
#ifndef HONE_SUGGEST_ACQUISITION_H
#define HONE_SUGGEST_ACQUISITION_H

#include <stddef.h>

enum acquisition { ACQUISITION_EI, ACQUISITION_PI, ACQUISITION_LCB, ACQUISITION_COUNT };

extern const char *const acquisition_names[ACQUISITION_COUNT]; /* in words: "expected improvement", ... */

struct slopes {
    double by_mean, by_variance;
};

/* log E max(best - f, 0). */
double acquisition_log_improvement(double best, double mean, double variance, struct slopes *slopes);
/* log P(f <= threshold): of a constraint, that it holds. */
double acquisition_log_probability(double threshold, double mean, double variance, struct slopes *slopes);
/* How far the bound mean - kappa sd lies below best: the logarithm of a smooth max(that, 0), in standard units. It names the same
   point as the bound itself, and may be weighed by probabilities as the others are. */
double acquisition_confidence_bound(double kappa, double best, double mean, double variance, struct slopes *slopes);

/* One of them by name, over standardised losses: the probability is that of an improvement by PROBABILITY_MARGIN, kappa is
   CONFIDENCE_KAPPA (the defaults of scikit-optimize). */
double acquisition_value(enum acquisition acquisition, double best, double mean, double variance,
                         struct slopes *slopes);

#endif
