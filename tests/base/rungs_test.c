/*
 * Levels, sizes and decisions of successive halving.
 */
#include "base/rungs.h"

#include "tests/test.h"

static size_t n_levels(double max, double min, double eta)
{
    struct rungs rungs;

    rungs_init(&rungs, eta, min, max, false);
    return rungs.n;
}

static void init__exact_powers__lose_no_rung(void **state)
{
    (void)state;
    assert_int_equal(n_levels(81, 1, 3), 5);
    assert_int_equal(n_levels(243, 1, 3), 6); /* plain floor: 5 */
    assert_int_equal(n_levels(1000, 1, 10), 4);
    assert_int_equal(n_levels(125, 1, 5), 4);
    assert_int_equal(n_levels(100, 1, 3), 5);
    for (int eta = 2; eta <= 10; eta++)
        for (int k = 0; pow(eta, k) < 1e15; k++) {
            assert_int_equal(rungs_exponent(pow(eta, k), eta), k);
            assert_int_equal(rungs_exponent(pow(eta, k) * (1 - 1e-6), eta), k > 0 ? k - 1 : 0);
        }
}

static void init__any_range__ends_at_the_largest_resource(void **state)
{
    struct rungs rungs;

    (void)state;
    rungs_init(&rungs, 3, 1, 100, false);
    assert_close(rungs.level[0], 100.0 / 81, 1e-15);
    assert_close(rungs.level[4], 100, 0);
    rungs_init(&rungs, 3, 1, 100, true);
    const double whole[] = { 1, 3, 11, 33, 100 };
    for (size_t i = 0; i < 5; i++)
        assert_close(rungs.level[i], whole[i], 0);
    rungs_init(&rungs, 2, 1e-3, 1, false);
    assert_int_equal(rungs.n, 10);
    assert_true(rungs.level[0] >= 1e-3);
    rungs_init(&rungs, 3, 7, 7, true);
    assert_int_equal(rungs.n, 1);
}

static void init__eta_near_one__has_a_limit_and_equal_levels_once(void **state)
{
    struct rungs rungs;

    (void)state;
    rungs_init(&rungs, 1 + 1e-6, 1, 1e300, false);
    assert_int_equal(rungs.n, RUNGS_LIMIT);
    rungs_init(&rungs, 1.1, 1, 9, true);
    assert_int_equal(rungs.n, 9);
    for (size_t i = 0; i < rungs.n; i++)
        assert_close(rungs.level[i], (double)i + 1, 0);
}

static void find__level_or_not__is_told(void **state)
{
    struct rungs rungs;

    (void)state;
    rungs_init(&rungs, 3, 1, 100, false);
    for (size_t i = 0; i < rungs.n; i++)
        assert_int_equal(rungs_find(&rungs, rungs.level[i]), i);
    assert_int_equal(rungs_find(&rungs, 50), SIZE_MAX);
    assert_int_equal(rungs_find(&rungs, NAN), SIZE_MAX);
}

/* The table of the paper: R = 81, eta = 3. */
static void bracket_size__of_the_paper__is_met(void **state)
{
    static const size_t sizes[] = { 81, 34, 15, 8, 5 };
    struct rungs rungs;

    (void)state;
    rungs_init(&rungs, 3, 1, 81, true);
    for (size_t i = 0; i < rungs.n; i++)
        assert_int_equal(rungs_bracket_size(&rungs, i), sizes[i]);
    rungs_init(&rungs, 10, 1e-300, 1e300, false);
    assert_true(rungs_bracket_size(&rungs, 0) > 1000000);
}

static void kept__any_number__is_a_share_of_eta_but_one(void **state)
{
    (void)state;
    assert_int_equal(rungs_kept(81, 3), 27);
    assert_int_equal(rungs_kept(34, 3), 11);
    assert_int_equal(rungs_kept(2, 3), 1);
    assert_int_equal(rungs_kept(0, 3), 0);
    assert_int_equal(rungs_kept(11, 1.1), 10);
}

/* Arrivals in order, with decisions worked out by hand. */
static void in_top__scripted_arrivals__are_judged_against_what_is_recorded(void **state)
{
    static const struct {
        double loss;
        bool goes_on;
    } arrivals[] = {
        { 5, true },  /* the first is the best of one */
        { 7, false }, /* 5 is better, one of two goes on */
        { 4, true },  { 6, false }, { NAN, false }, { 4.5, true }, /* second of six: two go on */
        { 4.4, true }, { INFINITY, false }, { 4.6, false },        /* fourth of nine */
        { -INFINITY, true },
    };
    double losses[sizeof arrivals / sizeof arrivals[0]];

    (void)state;
    for (size_t n = 0; n < sizeof arrivals / sizeof arrivals[0]; n++) {
        losses[n] = arrivals[n].loss;
        assert_int_equal(rungs_in_top(losses[n], losses, n + 1, 3), arrivals[n].goes_on);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init__exact_powers__lose_no_rung),
        cmocka_unit_test(init__any_range__ends_at_the_largest_resource),
        cmocka_unit_test(init__eta_near_one__has_a_limit_and_equal_levels_once),
        cmocka_unit_test(find__level_or_not__is_told),
        cmocka_unit_test(bracket_size__of_the_paper__is_met),
        cmocka_unit_test(kept__any_number__is_a_share_of_eta_but_one),
        cmocka_unit_test(in_top__scripted_arrivals__are_judged_against_what_is_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
