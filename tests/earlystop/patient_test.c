/*
 * The patient rule.
 */
#include "tests/earlystop/curves.h"

static void judge__no_progress_for_patience_reports__stops(void **state)
{
    struct curves curves = { 0 };
    const char *const *two = SETTINGS("patience", "2");

    (void)state;
    report(&curves.own, LOSSES(3, 2, 2));
    assert_false(stops(&curves, "patient", two));
    report(&curves.own, LOSSES(2.5));
    assert_true(stops(&curves, "patient", two));
    assert_string_equal(curves.why, "no progress in 2 reports: best so far 2 at step 4");
    report(&curves.own, LOSSES(1.9));
    assert_false(stops(&curves, "patient", two));
    assert_true(stops(&curves, "patient", SETTINGS("patience", "2", "min_delta", "0.5")));
    curves_release(&curves);
}

static void judge__never_a_number__stops(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    report(&curves.own, LOSSES(NAN, NAN, NAN));
    assert_true(stops(&curves, "patient", SETTINGS("patience", "2")));
    curves_release(&curves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__no_progress_for_patience_reports__stops),
        cmocka_unit_test(judge__never_a_number__stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
