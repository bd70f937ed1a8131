/*
 * The asha and hyperband rules, on arrivals in a known order.
 */
#include "base/rungs.h"

#include "tests/earlystop/curves.h"

/* Losses in the order of arrival at the first rung; eta 3. Whoever is in the top third of those there, or the best of fewer than
   three, goes on. */
static void asha__scripted_arrivals__are_decided_as_by_hand(void **state)
{
    static const double arrivals[] = { 5, 6, 4, 7, 4.5, 3, NAN, 3.5, 2 };
    static const bool stop[] = { false, true, false, true, true, false, true, false, false };
    struct curves curves = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++) {
        curves.own.number = (int64_t)i + 1;
        report(&curves.own, &arrivals[i], 1);
        assert_int_equal(stops(&curves, "asha", NULL), stop[i]);
        curve_release(&curves.own);
        add_other(&curves, false, &arrivals[i], 1);
    }
    curves_release(&curves);
}

static void asha__reports_between_rungs__are_not_judged_and_none_is_missed(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    for (int i = 0; i < 6; i++) {
        struct curve *other = add_other(&curves, true, NULL, 0);
        for (int step = 5; step <= 30; step += 5)
            curve_append(other, step, 1);
    }
    curve_append(&curves.own, 5, 0.5); /* past rungs 1 and 3: among the best */
    assert_false(stops(&curves, "asha", NULL));
    curve_append(&curves.own, 8, 0.5);
    assert_false(stops(&curves, "asha", NULL));
    for (int i = 0; i < 6; i++)
        curves.others[i].best[1] = 0.1; /* what they had at step 10, first past rung 9 */
    curve_append(&curves.own, 8.5, 0.5);
    assert_false(stops(&curves, "asha", NULL));
    curve_append(&curves.own, 10, 0.5);
    assert_true(stops(&curves, "asha", NULL));
    assert_contains(curves.why, "1 in 3 of the 7 trials at rung 9");
    curve_append(&curves.own, 11, 0.5);
    assert_false(stops(&curves, "asha", NULL));
    curves_release(&curves);
}

static void hyperband__trials__are_compared_within_their_bracket(void **state)
{
    const char *const *nine = SETTINGS("max_resource", "9");
    size_t stopped_at[10] = { 0 }, never = 0;

    (void)state;
    for (int64_t number = 100; number < 400; number++) { /* always the worst: stops at the first rung of its bracket */
        struct curves curves = { 0 };
        curves.own.number = number;
        for (int i = 0; i < CURVES_LIMIT - 1; i++)
            add_other(&curves, true, LOSSES(1, 1, 1, 1, 1, 1, 1, 1, 1));
        size_t step = 1;
        for (; step <= 9; step++) {
            curve_append(&curves.own, (double)step, 2);
            if (stops(&curves, "hyperband", nine))
                break;
        }
        if (step <= 9)
            stopped_at[step]++;
        else
            never++;
        curves_release(&curves);
    }
    /* brackets of 9, 5 and 3 configurations begin at rungs 1, 3 and 9 */
    assert_in_range(stopped_at[1], 300 * 9 / 17 - 30, 300 * 9 / 17 + 30);
    assert_in_range(stopped_at[3], 300 * 5 / 17 - 30, 300 * 5 / 17 + 30);
    assert_in_range(never, 300 * 3 / 17 - 30, 300 * 3 / 17 + 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asha__scripted_arrivals__are_decided_as_by_hand),
        cmocka_unit_test(asha__reports_between_rungs__are_not_judged_and_none_is_missed),
        cmocka_unit_test(hyperband__trials__are_compared_within_their_bracket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
