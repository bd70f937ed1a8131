/*
 * The curve rule, on curves whose end is known.
 */
#include "tests/earlystop/curves.h"

static void power_curve(struct curve *curve, double floor, double height, double rate, double noise, int first,
                        int last)
{
    for (int step = first; step <= last; step++)
        curve_append(curve, step, floor + height * pow(step, -rate) + noise * sin(12.9898 * step));
}

static void add_complete(struct curves *curves, double floor)
{
    power_curve(add_other(curves, true, NULL, 0), floor, 1, 0.5, 0, 1, 100);
}

static void judge__ends_far_above_the_best__stops_early(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    add_complete(&curves, 0.1); /* ends at 0.2 */
    for (int step = 1; step <= 100; step++) {
        power_curve(&curves.own, 0.8, 1, 0.5, 0.003, step, step);
        if (stops(&curves, "curve", NULL)) {
            assert_in_range(step, 6, 30);
            assert_contains(curves.why, "the chance to beat 0.2 by step 100 is");
            break;
        }
    }
    assert_true(curves.own.n < 100);
    curves_release(&curves);
}

static void judge__will_be_the_best__is_never_stopped(void **state)
{
    static const double rates[] = { 0.3, 0.5, 1 };

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct curves curves = { 0 };
        add_complete(&curves, 0.4); /* ends at 0.5 */
        for (int step = 1; step <= 100; step++) {
            power_curve(&curves.own, 0.1, 2, rates[k], 0.003, step, step);
            if (0.1 + 2 * pow(100, -rates[k]) < 0.49)
                assert_false(stops(&curves, "curve", NULL));
        }
        curves_release(&curves);
    }
}

static void judge__units__do_not_matter(void **state)
{
    int stopped_at[2] = { 0 };

    (void)state;
    for (int k = 0; k < 2; k++) {
        struct curves curves = { 0 };
        double scale = k ? 1e6 : 1;
        power_curve(add_other(&curves, true, NULL, 0), 0.1 * scale, scale, 0.5, 0, 1, 50);
        for (int step = 1; step <= 50 && stopped_at[k] == 0; step++) {
            curve_append(&curves.own, step, scale * (0.6 + pow(step, -0.5)));
            stopped_at[k] = stops(&curves, "curve", NULL) ? step : 0;
        }
        curves_release(&curves);
    }
    assert_true(stopped_at[0] > 0);
    assert_int_equal(stopped_at[0], stopped_at[1]);
}

static void judge__odd_curves__are_answered(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    report(&curves.own, LOSSES(1, 1, 1, 1, 1, 1, 1));
    assert_false(stops(&curves, "curve", NULL)); /* nobody to compare with */
    add_complete(&curves, 0.1);
    assert_true(stops(&curves, "curve", NULL)); /* flat, above */
    curve_release(&curves.own);
    report(&curves.own, LOSSES(NAN, INFINITY, NAN, INFINITY, NAN, INFINITY, NAN));
    assert_true(stops(&curves, "curve", NULL));
    curve_release(&curves.own);
    report(&curves.own, LOSSES(1e300, -1e300, 1e300, -1e300, 1e300, 1e300, 1e300));
    assert_false(stops(&curves, "curve", NULL)); /* was better than all */
    curves_release(&curves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__ends_far_above_the_best__stops_early),
        cmocka_unit_test(judge__will_be_the_best__is_never_stopped),
        cmocka_unit_test(judge__units__do_not_matter),
        cmocka_unit_test(judge__odd_curves__are_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
