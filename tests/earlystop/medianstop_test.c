/*
 * The median rule, in the literature's and in Katib's arithmetic.
 */
#include "tests/earlystop/curves.h"

static void fill(struct curves *curves)
{
    add_other(curves, true, LOSSES(1, 1, 1, 1, 1, 1));
    add_other(curves, true, LOSSES(2, 2, 2, 2, 2, 2));
    add_other(curves, true, LOSSES(9, 9, 9, 9, 9, 9));
}

static void judge__best_worse_than_the_median_of_averages__stops_at_any_report_from_start_step(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    fill(&curves);
    report(&curves.own, LOSSES(3, 3, 3));
    assert_false(stops(&curves, "medianstop", NULL));
    report(&curves.own, LOSSES(2.5));
    assert_true(stops(&curves, "medianstop", NULL));
    assert_string_equal(curves.why, "best so far 2.5 at step 4 is worse than the median average 2 of 3 trials by then");
    report(&curves.own, LOSSES(3));
    assert_true(stops(&curves, "medianstop", NULL));
    report(&curves.own, LOSSES(2));
    assert_false(stops(&curves, "medianstop", NULL));
    curves_release(&curves);
}

static void judge__others_running_or_shorter__do_not_count(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    fill(&curves);
    curves.others[0].is_complete = false;
    report(&curves.own, LOSSES(30, 30, 30, 30));
    assert_false(stops(&curves, "medianstop", NULL));
    assert_true(stops(&curves, "medianstop", SETTINGS("min_trials_required", "2")));
    curves.others[0].is_complete = true;
    assert_true(stops(&curves, "medianstop", NULL));
    report(&curves.own, LOSSES(30, 30, 30));
    assert_false(stops(&curves, "medianstop", NULL)); /* nobody went as far as step 7 */
    curves_release(&curves);
}

static void judge__nothing_but_nan__is_as_bad_as_can_be(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    fill(&curves);
    report(&curves.own, LOSSES(NAN, NAN, NAN, NAN));
    assert_true(stops(&curves, "medianstop", NULL));
    curves_release(&curves);
}

static void judge__maximized__shows_the_metrics_own_values(void **state)
{
    struct curves curves = { .is_maximized = true };

    (void)state;
    for (int i = 0; i < 3; i++)
        add_other(&curves, true, LOSSES(-0.9));
    report(&curves.own, LOSSES(-0.5));
    assert_true(stops(&curves, "medianstop", SETTINGS("start_step", "1")));
    assert_contains(curves.why, "best so far 0.5 at step 1 is worse than the median average 0.9");
    curves_release(&curves);
}

static void judge__katibs_arithmetic__is_the_mean_and_only_at_start_step(void **state)
{
    struct curves curves = { 0 };
    const char *const *katib = SETTINGS("arithmetic", "katib", "start_step", "2");

    (void)state;
    fill(&curves); /* mean 4, median 2 */
    report(&curves.own, LOSSES(5));
    assert_false(stops(&curves, "medianstop", katib));
    report(&curves.own, LOSSES(3));
    assert_false(stops(&curves, "medianstop", katib));
    curve_release(&curves.own);
    report(&curves.own, LOSSES(5, 4.5));
    assert_true(stops(&curves, "medianstop", katib));
    report(&curves.own, LOSSES(9));
    assert_false(stops(&curves, "medianstop", katib));
    curves_release(&curves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__best_worse_than_the_median_of_averages__stops_at_any_report_from_start_step),
        cmocka_unit_test(judge__others_running_or_shorter__do_not_count),
        cmocka_unit_test(judge__nothing_but_nan__is_as_bad_as_can_be),
        cmocka_unit_test(judge__maximized__shows_the_metrics_own_values),
        cmocka_unit_test(judge__katibs_arithmetic__is_the_mean_and_only_at_start_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
