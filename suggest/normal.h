/*
 * The normal distribution far into its tails: logarithms that stay finite where the probabilities underflow.
 */
#ifndef HONE_SUGGEST_NORMAL_H
#define HONE_SUGGEST_NORMAL_H

double normal_log_density(double z);

/* log Phi(z), for any z. */
double normal_log_cdf(double z);

/* log(Phi(b) - Phi(a)), a <= b; -INFINITY for a == b. */
double normal_log_mass(double a, double b);

/* The z in [a, b] below which lies the share u in [0, 1] of the mass between a and b. */
double normal_quantile_between(double a, double b, double u);

/* exp(x^2) erfc(x), x > -26. */
double erfcx(double x);

/* log(phi(z) + z Phi(z)): expected improvement in standard units. Ament et al., Unexpected Improvements to Expected
   Improvement (2023), equation 9. */
double normal_log_improvement(double z);

#endif
