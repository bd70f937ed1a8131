/*
 * Running minima and means of a curve.
 */
#include "tests/earlystop/curves.h"

static void append__numbers_and_others__keeps_best_and_mean_of_the_numbers(void **state)
{
    struct curve curve = { 0 };

    (void)state;
    report(&curve, LOSSES(NAN, 4, 2, NAN, 3));
    assert_true(isnan(curve_best_at(&curve, 0.5)) && isnan(curve_best_at(&curve, 1)));
    assert_true(curve_best_at(&curve, 2) == 4 && curve_best_at(&curve, 3.5) == 2 && curve_best_at(&curve, 9) == 2);
    assert_true(curve_mean_at(&curve, 2) == 4 && curve_mean_at(&curve, 4) == 3 && curve_mean_at(&curve, 5) == 3);
    assert_true(curve_reaches(&curve, 5) && !curve_reaches(&curve, 5.5));
    curve_release(&curve);
    assert_false(curve_reaches(&curve, -INFINITY));
}

static void append__infinite_loss__stays_in_the_mean_and_never_makes_it_nan(void **state)
{
    struct curve curve = { 0 };

    (void)state;
    report(&curve, LOSSES(1, INFINITY, -INFINITY, 2));
    assert_true(curve_mean_at(&curve, 4) == INFINITY);
    assert_true(curve_best_at(&curve, 4) == -INFINITY);
    curve_release(&curve);
}

static void append__step_that_falls__counts_as_the_last_one(void **state)
{
    struct curve curve = { 0 };

    (void)state;
    curve_append(&curve, 5, 1);
    curve_append(&curve, 3, 0);
    curve_append(&curve, NAN, -1);
    assert_int_equal(curve_reports(&curve, 4.9), 0);
    assert_int_equal(curve_reports(&curve, 5), 3);
    curve_release(&curve);
}

static void thin__long_curve__keeps_its_ends_and_the_best_and_mean_of_all(void **state)
{
    struct curve curve = { 0 };

    (void)state;
    for (int step = 1; step <= 1000; step++)
        curve_append(&curve, step, step == 500 ? -7 : 1000 - step);
    double mean = curve.mean[999];
    curve_thin(&curve, 1000);
    assert_int_equal(curve.n, 1000);
    curve_thin(&curve, 100);
    assert_true(curve.n <= 100 && curve.n > 50);
    assert_true(curve.step[0] == 1 && curve.step[curve.n - 1] == 1000);
    assert_true(curve_best_at(&curve, 1000) == -7 && curve_mean_at(&curve, 1000) == mean);
    for (size_t i = 1; i < curve.n; i++)
        assert_true(curve.step[i] > curve.step[i - 1] && curve.step[i] - curve.step[i - 1] <= 16);
    curve_append(&curve, 1001, -8);
    assert_true(curve_best_at(&curve, 1001) == -8);
    curve_release(&curve);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append__numbers_and_others__keeps_best_and_mean_of_the_numbers),
        cmocka_unit_test(append__infinite_loss__stays_in_the_mean_and_never_makes_it_nan),
        cmocka_unit_test(append__step_that_falls__counts_as_the_last_one),
        cmocka_unit_test(thin__long_curve__keeps_its_ends_and_the_best_and_mean_of_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
