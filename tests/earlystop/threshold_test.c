/*
 * The threshold rule.
 */
#include "tests/earlystop/curves.h"

static void judge__outside_or_not_a_number__stops(void **state)
{
    struct curves curves = { .is_maximized = true };
    const char *const *range = SETTINGS("lower", "0.2", "upper", "0.9");

    (void)state;
    report(&curves.own, LOSSES(-0.5));
    assert_false(stops(&curves, "threshold", range));
    report(&curves.own, LOSSES(-0.1));
    assert_true(stops(&curves, "threshold", range));
    assert_string_equal(curves.why, "0.1 at step 2 is below 0.2");
    report(&curves.own, LOSSES(-INFINITY));
    assert_true(stops(&curves, "threshold", range));
    assert_contains(curves.why, "above 0.9");
    report(&curves.own, LOSSES(NAN));
    assert_true(stops(&curves, "threshold", SETTINGS("lower", "0.2")));
    assert_false(stops(&curves, "threshold", SETTINGS("lower", "0.2", "start_step", "5")));
    curves_release(&curves);
}

static void check__no_bound_or_crossed_bounds__is_refused(void **state)
{
    const struct earlystop_rule *rule = earlystop_rule_find("threshold", NULL);
    struct setting_value values[] = { { .number = NAN }, { .number = NAN }, { .number = 1 } };

    (void)state;
    assert_contains(rule->check(values), "lower, upper or both");
    values[0].number = 2;
    assert_null(rule->check(values));
    values[1].number = 1;
    assert_contains(rule->check(values), "above upper");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__outside_or_not_a_number__stops),
        cmocka_unit_test(check__no_bound_or_crossed_bounds__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
