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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append__numbers_and_others__keeps_best_and_mean_of_the_numbers),
        cmocka_unit_test(append__infinite_loss__stays_in_the_mean_and_never_makes_it_nan),
        cmocka_unit_test(append__step_that_falls__counts_as_the_last_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
