/*
 * Search stays as good as it was: S5 and M8 after 100 trials, 5 seeds, may be 0.1 log10 worse than recorded here, no more.
 *
 * The recorded values are what `build/tests/bench/search/search guard` prints; a change that betters one by more should record it.
 */
#include "tests/bench/search/guard.h"
#include "tests/test.h"

struct record_row {
    const char *method;
    double s5, m8; /* mean log10 of the best loss */
    bool is_slow;  /* left out of sanitized builds, which would take minutes over it */
};

static const struct record_row rows[] = {
    { "random", 1.39, 1.03, false },
    { "sobol", 1.28, 1.06, false },
    { "tpe", 0.72, 0.56, false },
    { "multivariate-tpe", 0.44, 0.32, false },
    { "cmaes", 0.32, 0.12, false },
    { "nsga2", 0.79, 0.66, false },
    { "bayesianoptimization", -0.33, -1.39, true },
    { "auto", -0.43, -1.95, true },
};

static const double tolerance = 0.1;

#ifdef __SANITIZE_ADDRESS__
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

static void assert_score(const struct guard_suite *suite, const struct suggest_method *method, double recorded)
{
    double score = guard_score(suite, method);

    if (!(score <= recorded + tolerance))
        fail_msg("%s on %s: mean log10 of the best is %.3f, recorded is %.2f", method->name, suite->name, score,
                 recorded);
}

static void assert_row(const struct record_row *row)
{
    const struct suggest_method *method = suggest_method_find(row->method, NULL);

    assert_non_null(method);
    assert_string_equal(guard_suites[0].name, "S5");
    assert_string_equal(guard_suites[1].name, "M8");
    assert_score(&guard_suites[0], method, row->s5);
    assert_score(&guard_suites[1], method, row->m8);
}

static void fast_methods__two_suites__as_good_as_recorded(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (!rows[i].is_slow)
            assert_row(&rows[i]);
}

static void models__two_suites__as_good_as_recorded(void **state)
{
    (void)state;
    if (is_sanitized)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].is_slow)
            assert_row(&rows[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_methods__two_suites__as_good_as_recorded),
        cmocka_unit_test(models__two_suites__as_good_as_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
