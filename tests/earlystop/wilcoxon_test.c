/*
 * The Wilcoxon rule, against SciPy's p-values.
 */
#include <stdlib.h>

#include "tests/earlystop/curves.h"

/* p is in the reason: scipy.stats.wilcoxon(own - best, alternative="greater"). */
static void judge__worse_on_every_fold__has_the_exact_p(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    add_other(&curves, true, LOSSES(1, 2, 3, 4, 5));
    report(&curves.own, LOSSES(1.1, 2.2, 3.3, 4.4, 5.5));
    assert_true(stops(&curves, "wilcoxon", NULL));
    assert_contains(curves.why, "worse than trial 1 on 5 common steps: p = 0.0312 "); /* 2^-5 */
    curves_release(&curves);
}

static void judge__two_signs__counts_the_sign_patterns(void **state)
{
    struct curves curves = { 0 };
    const char *const *lenient = SETTINGS("p_threshold", "0.5");

    (void)state;
    add_other(&curves, true, LOSSES(0, 0, 0, 0, 0, 0));
    report(&curves.own, LOSSES(2, 3, 4, 5, 6, -1)); /* W+ = 20 of 21: two of 64 patterns */
    assert_true(stops(&curves, "wilcoxon", lenient));
    assert_contains(curves.why, "p = 0.0312 ");
    curve_release(&curves.own);
    report(&curves.own, LOSSES(1, 1, 1, 1, 1, -1)); /* ties: all ranks 3.5, at least five of six: 7 of 64 */
    assert_true(stops(&curves, "wilcoxon", lenient));
    assert_contains(curves.why, "p = 0.109 ");
    curves_release(&curves);
}

static void judge__many_folds__goes_on_from_the_exact_distribution(void **state)
{
    struct curves curves = { 0 };
    double best[60], own[60];
    double p[2];

    (void)state;
    for (int n = 50; n <= 51; n++) { /* exact, then approximate */
        for (int i = 0; i < n; i++) {
            best[i] = 0;
            own[i] = (i % 3 == 0 ? -1 : 1) * (1 + 0.01 * i);
        }
        add_other(&curves, true, best, (size_t)n);
        report(&curves.own, own, (size_t)n);
        assert_true(stops(&curves, "wilcoxon", NULL));
        p[n - 50] = strtod(strstr(curves.why, "p = ") + 4, NULL);
        curves_release(&curves);
    }
    assert_true(p[0] > 0.001 && p[0] < 0.05);
    assert_true(p[1] < p[0] && p[1] > 0.6 * p[0]); /* one more fold speaks against it */
}

static void judge__better_on_average_or_equal__goes_on(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    add_other(&curves, true, LOSSES(1, 1, 1, 1, 1, 90));
    report(&curves.own, LOSSES(2, 2, 2, 2, 2, 3));
    assert_false(stops(&curves, "wilcoxon", NULL));
    curve_release(&curves.own);
    report(&curves.own, LOSSES(1, 1, 1, 1, 1, 90));
    assert_false(stops(&curves, "wilcoxon", SETTINGS("p_threshold", "1")));
    curves_release(&curves);
}

static void judge__best_of_several__is_the_one_compared_with(void **state)
{
    struct curves curves = { 0 };

    (void)state;
    add_other(&curves, true, LOSSES(5, 5, 5, 5, 5));
    add_other(&curves, true, LOSSES(1, 2, 1, 2, 1));
    add_other(&curves, false, LOSSES(0, 0, 0, 0, 0));
    report(&curves.own, LOSSES(3, 3, 3, 3, 3));
    assert_true(stops(&curves, "wilcoxon", NULL));
    assert_contains(curves.why, "worse than trial 2 ");
    curves_release(&curves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__worse_on_every_fold__has_the_exact_p),
        cmocka_unit_test(judge__two_signs__counts_the_sign_patterns),
        cmocka_unit_test(judge__many_folds__goes_on_from_the_exact_distribution),
        cmocka_unit_test(judge__better_on_average_or_equal__goes_on),
        cmocka_unit_test(judge__best_of_several__is_the_one_compared_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
