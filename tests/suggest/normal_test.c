/*
 * The normal distribution in its tails, against published values and its own derivatives.
 */
#include "suggest/normal.h"

#include <math.h>

#include "tests/suggest/spaces.h"

/* Values of BoTorch's log_h, to nine digits. */
static void log_improvement__from_two_to_minus_ten_thousand__is_the_published_value(void **state)
{
    static const double rows[][2] = {
        { 2, 0.69738355 },      { 0, -0.91893853 },     { -1, -2.48512103 },     { -5, -16.74430116 },
        { -20, -206.91783851 }, { -26, -345.43954672 }, { -100, -5010.1295788 }, { -1e4, -50000019.33961927 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_close(normal_log_improvement(rows[i][0]), rows[i][1], 1e-8);
}

/* d/dz log h = Phi / h. */
static void log_improvement__any_z__has_the_derivative_of_expected_improvement(void **state)
{
    static const double points[] = { 3, 0.5, -0.99, -1.01, -8, -40, -300 };

    (void)state;
    for (size_t i = 0; i < COUNT(points); i++) {
        double z = points[i], h = 1e-5 * fmax(1, fabs(z));
        double slope = (normal_log_improvement(z + h) - normal_log_improvement(z - h)) / (2 * h);
        assert_close(slope, exp(normal_log_cdf(z) - normal_log_improvement(z)), 1e-6);
    }
}

static void log_mass__anywhere__is_that_of_its_mirror_image_and_of_its_parts(void **state)
{
    static const double edges[] = { -50, -38.6, -20, -5, -1, -0.1, 0, 0.3, 2, 7, 30, 45 };

    (void)state;
    for (size_t i = 0; i + 1 < COUNT(edges); i++) {
        double a = edges[i], b = edges[i + 1], whole = normal_log_mass(a, b), middle = 0.5 * (a + b);
        assert_close(whole, normal_log_mass(-b, -a), 1e-12);
        double left = normal_log_mass(a, middle), right = normal_log_mass(middle, b);
        double top = fmax(left, right);
        assert_close(whole, top + log1p(exp(fmin(left, right) - top)), 1e-9);
    }
    assert_close(normal_log_mass(-1, 1), log(0.68268949213708590), 1e-14);
    assert_true(isinf(normal_log_mass(2, 2)));
}

static void log_cdf__far_below__is_the_known_value(void **state)
{
    (void)state;
    assert_close(normal_log_cdf(-10), -53.23128515051247, 1e-13); /* scipy.special.log_ndtr */
    assert_close(normal_log_cdf(-100), -5005.524208694205, 1e-13);
    assert_close(normal_log_cdf(3), log(0.9986501019683699), 1e-12);
    assert_close(erfcx(2.9999), exp(2.9999 * 2.9999) * erfc(2.9999), 1e-12);
    assert_close(erfcx(3.0001), exp(3.0001 * 3.0001) * erfc(3.0001), 1e-12);
    assert_close(erfcx(1e8), 5.641895835477562e-9, 1e-13);
}

static void quantile_between__any_interval__has_that_share_of_the_mass_below_it(void **state)
{
    static const double intervals[][2] = {
        { -1, 2 }, { 5, 9 }, { -60, -40 }, { 38, 39 }, { -0.001, 0.001 }, { -3, 80 }
    };

    (void)state;
    for (size_t i = 0; i < COUNT(intervals); i++)
        for (int k = 0; k < 7; k++) {
            const double u = 0.05 + 0.15 * k;
            double a = intervals[i][0], b = intervals[i][1], z = normal_quantile_between(a, b, u);
            assert_true(z >= a && z <= b);
            assert_close(exp(normal_log_mass(a, z) - normal_log_mass(a, b)), u, 1e-8);
        }
    assert_close(normal_quantile_between(-1, 2, 0), -1, 1e-12);
    assert_close(normal_quantile_between(-1, 2, 1), 2, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_improvement__from_two_to_minus_ten_thousand__is_the_published_value),
        cmocka_unit_test(log_improvement__any_z__has_the_derivative_of_expected_improvement),
        cmocka_unit_test(log_mass__anywhere__is_that_of_its_mirror_image_and_of_its_parts),
        cmocka_unit_test(log_cdf__far_below__is_the_known_value),
        cmocka_unit_test(quantile_between__any_interval__has_that_share_of_the_mass_below_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
