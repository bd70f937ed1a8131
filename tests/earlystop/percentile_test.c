/*
 * The percentile rule, the quantiles below it.
 */
#include "earlystop/ranking.h"

#include "tests/earlystop/curves.h"

static void judge__half__is_the_median_of_bests(void **state)
{
    struct curves curves = { 0 };
    const char *const *half = SETTINGS("percentile", "50", "start_step", "1");

    (void)state;
    for (int i = 0; i < 5; i++)
        add_other(&curves, true, LOSSES(i + 5.0, i + 1.0));
    report(&curves.own, LOSSES(7));
    assert_false(stops(&curves, "percentile", half));
    report(&curves.own, LOSSES(3.1));
    assert_true(stops(&curves, "percentile", half));
    assert_string_equal(curves.why, "best so far 3.1 at step 2 is not among the best 50 % of 5 trials: 3 or better");
    curves_release(&curves);
}

static void quantile__even_number__lies_between_neighbours(void **state)
{
    (void)state;
    assert_close(ranking_quantile((double[]){ 4, 1, 3, 2 }, 4, 0.5), 2.5, 1e-15);
    assert_close(ranking_quantile((double[]){ 4, 1, 3, 2 }, 4, 0.25), 1.75, 1e-15);
    assert_true(ranking_quantile((double[]){ 7 }, 1, 1) == 7);
    assert_true(ranking_quantile((double[]){ INFINITY, INFINITY, 1 }, 3, 0.9) == INFINITY);
}

static void judge__zero_percent__stops_all_but_the_best(void **state)
{
    struct curves curves = { 0 };
    const char *const *none = SETTINGS("percentile", "0", "start_step", "1");

    (void)state;
    for (int i = 0; i < 4; i++)
        add_other(&curves, true, LOSSES(i + 1.0));
    report(&curves.own, LOSSES(1.0));
    assert_false(stops(&curves, "percentile", none));
    curve_release(&curves.own);
    report(&curves.own, LOSSES(1.01));
    assert_true(stops(&curves, "percentile", none));
    curves_release(&curves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__half__is_the_median_of_bests),
        cmocka_unit_test(quantile__even_number__lies_between_neighbours),
        cmocka_unit_test(judge__zero_percent__stops_all_but_the_best),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
