/*
 * The loops of the covariance beside their plain definitions, for all lengths that vector code splits differently.
 */
#include "suggest/kernel.h"

#include <math.h>

#include "suggest/exponential.h"
#include "tests/suggest/spaces.h"

enum { STRIDE = 40, D = 3 };

/* Numbers in [0, 1], choices 0 .. 3, and a number that is often inactive. */
static void draw_columns(double *columns, double *point)
{
    struct rng rng = rng_stream(1, 0, "columns");

    for (size_t j = 0; j < STRIDE; j++) {
        columns[j] = rng_uniform(&rng);
        columns[STRIDE + j] = (double)rng_below(&rng, 4);
        columns[2 * STRIDE + j] = rng_below(&rng, 2) ? rng_uniform(&rng) : KERNEL_INACTIVE;
    }
    point[0] = 0.4;
    point[1] = 2;
    point[2] = 0.7;
}

static double distance(double a, double b)
{
    return fmin(1, (a - b) * (a - b));
}

static void exponential__whole_range__is_that_of_the_library(void **state)
{
    (void)state;
    for (int step = -51600; step <= 51600; step++)
        assert_close(exponential(0.0137 * step), exp(0.0137 * step), 5e-16);
    assert_true(exponential(0) == 1);
    assert_true(exponential(-1e300) > 0 && exponential(-INFINITY) < 1e-300);
    assert_true(isfinite(exponential(INFINITY)) && isfinite(exponential(NAN)));
}

static void distances__any_length__are_the_weighted_sums(void **state)
{
    static const double weights[D] = { 2, 0.5, 3 };
    double columns[D * STRIDE], point[D], s[STRIDE];

    (void)state;
    draw_columns(columns, point);
    for (size_t n = 0; n <= STRIDE; n++) {
        kernel_distances(columns, STRIDE, D, weights, point, n, s);
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t i = 0; i < D; i++)
                sum += weights[i] * distance(point[i], columns[i * STRIDE + j]);
            assert_close(s[j], sum, 1e-14);
        }
    }
}

static void distances__inactive_parameters__are_one_from_active_and_none_from_each_other(void **state)
{
    const double columns[] = { KERNEL_INACTIVE, 0, 1, 0.5 }, weight = 1, inactive = KERNEL_INACTIVE;
    double s[4];

    (void)state;
    kernel_distances(columns, 4, 1, &weight, &inactive, 4, s);
    assert_true(s[0] == 0 && s[1] == 1 && s[2] == 1 && s[3] == 1);
}

static void matern__any_distance__is_its_formula_with_its_slope(void **state)
{
    double s[STRIDE], k[STRIDE], slope[STRIDE], above[STRIDE], alone[STRIDE];

    (void)state;
    for (size_t j = 0; j < STRIDE; j++)
        s[j] = 1e-6 * pow(1.7, (double)j);
    kernel_matern(s, STRIDE, 1.3, k, slope);
    kernel_matern(s, STRIDE, 1.3, alone, NULL);
    for (size_t j = 0; j < STRIDE; j++) {
        double r = sqrt(5 * s[j]), h = 1e-5 * s[j];
        assert_close(k[j], 1.3 * exp(-r) * (1 + r + r * r / 3), 1e-13);
        assert_true(k[j] == alone[j]);
        double shifted = s[j] + h;
        kernel_matern(&shifted, 1, 1.3, &above[j], NULL);
        if (s[j] > 1e-3 && s[j] < 100)
            assert_close((above[j] - k[j]) / h, slope[j], 1e-4);
    }
    double zero = 0;
    kernel_matern(&zero, 1, 1.3, k, slope);
    assert_true(k[0] == 1.3);
    assert_close(slope[0], -1.3 * 5 / 6, 1e-15);
}

static void gather_and_slope__any_length__are_the_sums(void **state)
{
    double columns[D * STRIDE], point[D], factors[STRIDE];

    (void)state;
    draw_columns(columns, point);
    for (size_t j = 0; j < STRIDE; j++)
        factors[j] = cos((double)j);
    for (size_t n = 0; n <= STRIDE; n++) {
        double totals[D] = { 1, 2, 3 };
        kernel_gather(columns, STRIDE, D, point, factors, n, totals);
        for (size_t i = 0; i < D; i++) {
            double sum = (double)i + 1, change = 0, h = 1e-6;
            for (size_t j = 0; j < n; j++) {
                double other = columns[i * STRIDE + j];
                sum += factors[j] * distance(point[i], other);
                change += factors[j] * (distance(point[i] + h, other) - distance(point[i] - h, other)) / (2 * h);
            }
            assert_true(fabs(totals[i] - sum) < 1e-13);
            if (i != 1) /* choices have no slope */
                assert_true(fabs(kernel_slope(columns + i * STRIDE, point[i], factors, n) - change) < 1e-7);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential__whole_range__is_that_of_the_library),
        cmocka_unit_test(distances__any_length__are_the_weighted_sums),
        cmocka_unit_test(distances__inactive_parameters__are_one_from_active_and_none_from_each_other),
        cmocka_unit_test(matern__any_distance__is_its_formula_with_its_slope),
        cmocka_unit_test(gather_and_slope__any_length__are_the_sums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
