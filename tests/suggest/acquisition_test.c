/*
 * Promises of a point: published values, slopes against finite differences, far tails.
 */
#include "suggest/acquisition.h"

#include <math.h>

#include "suggest/normal.h"
#include "tests/suggest/spaces.h"

/* A promise as a function of mean and variance alone. */
typedef double promise(double mean, double variance, struct slopes *slopes);

static double improvement(double mean, double variance, struct slopes *slopes)
{
    return acquisition_log_improvement(0.5, mean, variance, slopes);
}

static double probability(double mean, double variance, struct slopes *slopes)
{
    return acquisition_log_probability(0.5, mean, variance, slopes);
}

static double bound(double mean, double variance, struct slopes *slopes)
{
    return acquisition_confidence_bound(1.96, 0.5, mean, variance, slopes);
}

/* Optuna's logei at its golden Gaussian process: best -0.5 of losses, mean 0.098292418, variance 0.028630269. */
static void log_improvement__golden_posterior__is_the_published_value(void **state)
{
    (void)state;
    assert_close(acquisition_log_improvement(-0.5, 0.098292418, 0.028630269, NULL), -11.666867984, 1e-7);
}

static void every_promise__down_to_forty_deviations__is_finite_with_its_slopes(void **state)
{
    static promise *const promises[] = { improvement, probability, bound };
    static const double z[] = { 3, 0.5, 0, -0.999, -1.001, -5, -20, -40, -400 }, deviations[] = { 1e-3, 1, 30 };

    (void)state;
    for (size_t p = 0; p < COUNT(promises); p++)
        for (size_t i = 0; i < COUNT(z); i++)
            for (size_t j = 0; j < COUNT(deviations); j++) {
                double sd = deviations[j], mean = 0.5 - z[i] * sd, variance = sd * sd;
                double h = 1e-4 * sd, g = 1e-4 * variance / fmax(1, fabs(z[i]));
                struct slopes slopes;
                double value = promises[p](mean, variance, &slopes);
                assert_true(isfinite(value));
                assert_close(promises[p](mean, variance, NULL), value, 0);
                double by_mean = (promises[p](mean + h, variance, NULL) - promises[p](mean - h, variance, NULL)) /
                                 (2 * h);
                double by_variance = (promises[p](mean, variance + g, NULL) - promises[p](mean, variance - g, NULL)) /
                                     (2 * g);
                assert_true(fabs(slopes.by_mean - by_mean) <= 1e-6 * fabs(by_mean) + 1e-8 / sd);
                assert_true(fabs(slopes.by_variance - by_variance) <= 1e-6 * fabs(by_variance) + 1e-7 / variance);
            }
}

static void log_improvement__hopeless_point__still_prefers_the_less_hopeless(void **state)
{
    struct slopes slopes;

    (void)state;
    assert_true(acquisition_log_improvement(0, 41, 1, &slopes) < acquisition_log_improvement(0, 40, 1, NULL));
    assert_true(slopes.by_mean < -1 && isfinite(slopes.by_mean) && slopes.by_variance > 1);
}

static void value__each_name__is_its_function(void **state)
{
    (void)state;
    assert_close(acquisition_value(ACQUISITION_EI, 0.3, 0.1, 0.04, NULL),
                 acquisition_log_improvement(0.3, 0.1, 0.04, NULL), 0);
    assert_close(acquisition_value(ACQUISITION_PI, 0.3, 0.1, 0.04, NULL), normal_log_cdf(0.95), 1e-12);
    assert_close(acquisition_value(ACQUISITION_LCB, 0.3, 0.1, 0.04, NULL), log(log1p(exp(0.3 - 0.1 + 1.96 * 0.2))),
                 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_improvement__golden_posterior__is_the_published_value),
        cmocka_unit_test(every_promise__down_to_forty_deviations__is_finite_with_its_slopes),
        cmocka_unit_test(log_improvement__hopeless_point__still_prefers_the_less_hopeless),
        cmocka_unit_test(value__each_name__is_its_function),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
