/*
 * Warm starts.
 */
#include "suggest/cma_warm.h"
#include "tests/test.h"

/* cmaes 0.13.1 on the 20 points (0.1 i, 0.05 i) with losses i, of which it takes the best two. */
static void warm_start__two_points__published_distribution(void **state)
{
    static const double points[] = { 0, 0, 0.1, 0.05 };
    double mean[2], sigma, covariance[4];

    (void)state;
    cma_warm_start(points, 2, 2, mean, &sigma, covariance);
    assert_close(mean[0], .05, 1e-12);
    assert_close(mean[1], .025, 1e-12);
    assert_close(sigma, .107034757, 1e-8);
    assert_close(covariance[0], 1.091089451, 1e-9);
    assert_close(covariance[1], .109108945, 1e-8);
    assert_close(covariance[2], .109108945, 1e-8);
    assert_close(covariance[3], .927426034, 1e-9);
}

static void warm_start__one_point__is_a_ball_around_it(void **state)
{
    static const double point[] = { 0.2, 0.7, 0.4 };
    double mean[3], sigma, covariance[9];

    (void)state;
    cma_warm_start(point, 1, 3, mean, &sigma, covariance);
    assert_close(sigma, 0.1, 1e-12);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            assert_close(covariance[3 * i + j], i == j ? 1 : 0, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warm_start__two_points__published_distribution),
        cmocka_unit_test(warm_start__one_point__is_a_ball_around_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
