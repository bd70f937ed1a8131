/*
 * When a search has little left to gain.
 */
#include "suggest/regret.h"

#include "tests/suggest/spaces.h"

static const struct parameter square[] = {
    { .name = "a", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "b", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
};
static const struct space plane = SPACE(square);

static void add(struct history *history, double a, double b, double loss)
{
    history_finish(history, (int64_t)history->n_finished + 1, (double[]){ a, b }, OUTCOME_SUCCEEDED, &loss, NULL);
}

static double bowl(double a, double b)
{
    return (a - 0.4) * (a - 0.4) + 2 * (b - 0.7) * (b - 0.7);
}

/* Random points of a bowl, its bottom at row n / 3. */
static void fill_bowl(struct history *history, size_t n, double scale)
{
    struct rng rng = rng_stream(3, 1, "test");

    for (size_t k = 0; k < n; k++) {
        double a = k == n / 3 ? 0.4 : rng_uniform(&rng), b = k == n / 3 ? 0.7 : rng_uniform(&rng);
        add(history, a, b, scale * bowl(a, b));
    }
}

static void stops__the_bottom_of_a_bowl_is_found__yes(void **state)
{
    char why[SUGGEST_WHY_SIZE] = "";
    struct history history;
    struct regret regret;

    (void)state;
    history_init(&history, &plane, 1, 0);
    fill_bowl(&history, 45, 1e7);
    regret_estimate(&history, false, 1, &regret);
    assert_int_equal(regret.n_rows, 45);
    assert_int_equal(regret.n_since, 29);
    assert_true(regret.lead > 1e6 && regret.expected >= 0 && regret.expected < 1e-3 * regret.lead);
    assert_int_equal(regret_stops(&history, false, 20, 1, why), 1);
    assert_contains(why, "29 trials in a row have not improved the best, and 20 more are expected to gain");
    assert_int_equal(regret_stops(&history, false, 30, 1, why), 0);
    history_release(&history);
}

static void stops__a_slope_whose_end_is_unseen__not_before_three_times_as_many(void **state)
{
    char why[SUGGEST_WHY_SIZE] = "";
    struct rng rng = rng_stream(3, 1, "test");
    struct history history;

    (void)state;
    history_init(&history, &plane, 1, 0);
    for (size_t k = 0; k < 25; k++) { /* the best first, the slope going on beyond it */
        double a = k == 0 ? 0.5 : 0.5 * rng_uniform(&rng), b = rng_uniform(&rng);
        add(&history, a, b, -a);
    }
    assert_int_equal(regret_stops(&history, false, 10, 1, why), 0);
    for (size_t k = 0; k < 6; k++)
        add(&history, 0.1, (double)k / 6, -0.1);
    assert_int_equal(regret_stops(&history, false, 10, 1, why), 1);
    assert_string_equal(why, "30 trials in a row have not improved the best");
    history_release(&history);
}

static void stops__progress_until_now__no(void **state)
{
    char why[SUGGEST_WHY_SIZE] = "";
    struct history history;

    (void)state;
    history_init(&history, &plane, 1, 0);
    assert_int_equal(regret_stops(&history, false, 1, 1, why), 0);
    fill_bowl(&history, 30, 1);
    add(&history, 0.4, 0.7, -1);
    assert_int_equal(regret_stops(&history, false, 1, 1, why), 0);
    history_release(&history);
}

static void stops__constant_or_failing_objective__ends_or_leaves_it_to_the_limit_of_failures(void **state)
{
    char why[SUGGEST_WHY_SIZE] = "";
    struct history history;

    (void)state;
    history_init(&history, &plane, 1, 0);
    for (size_t k = 0; k < 40; k++)
        history_finish(&history, (int64_t)k + 1, (double[]){ 0.5, 0.01 * (double)k }, OUTCOME_FAILED, NULL, NULL);
    assert_int_equal(regret_stops(&history, false, 5, 1, why), 0);
    for (size_t k = 0; k < 12; k++)
        add(&history, 0.2, 0.01 * (double)k, 3);
    assert_int_equal(regret_stops(&history, false, 5, 1, why), 1);
    history_release(&history);
}

static void estimate__imported_abandoned_and_violating_trials__are_not_tries_in_vain(void **state)
{
    const double low = -9, loss = 1, high = 2, violated = 1, satisfied = -1, unknown = NAN;
    struct history history;
    struct regret regret;

    (void)state;
    history_init(&history, &plane, 1, 1);
    history_finish(&history, -1, (double[]){ 0, 0 }, OUTCOME_SUCCEEDED, &high, &satisfied);
    history_finish(&history, 1, (double[]){ 0, 0.1 }, OUTCOME_SUCCEEDED, &loss, &satisfied);
    history_finish(&history, 2, (double[]){ 0, 0.2 }, OUTCOME_SUCCEEDED, &low, &violated);
    history_finish(&history, 3, (double[]){ 0, 0.3 }, OUTCOME_SUCCEEDED, &low, &unknown);
    history_finish(&history, 4, (double[]){ 0, 0.4 }, OUTCOME_ABANDONED, NULL, NULL);
    history_finish(&history, 5, (double[]){ 0, 0.5 }, OUTCOME_FAILED, NULL, NULL);
    regret_estimate(&history, false, 1, &regret);
    assert_int_equal(regret.n_rows, 4);
    assert_int_equal(regret.n_since, 3);
    history_release(&history);
}

static void stops__several_objectives__when_the_front_stands_still(void **state)
{
    char why[SUGGEST_WHY_SIZE] = "";
    struct history history;

    (void)state;
    history_init(&history, &plane, 2, 0);
    for (int64_t k = 1; k <= 20; k++)
        history_finish(&history, k, (double[]){ 0, 0.01 * (double)k }, OUTCOME_SUCCEEDED,
                       (double[]){ (double)k, 21 - (double)k }, NULL);
    assert_int_equal(regret_stops(&history, false, 8, 1, why), 0);
    for (int64_t k = 21; k <= 28; k++)
        history_finish(&history, k, (double[]){ 1, 0.01 * (double)k }, OUTCOME_SUCCEEDED, (double[]){ 20, 20 }, NULL);
    assert_int_equal(regret_stops(&history, false, 8, 1, why), 1);
    assert_contains(why, "the last 8 trials have enlarged the dominated volume by 0 % only");
    assert_int_equal(regret_stops(&history, false, 16, 1, why), 0);
    history_release(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops__the_bottom_of_a_bowl_is_found__yes),
        cmocka_unit_test(stops__a_slope_whose_end_is_unseen__not_before_three_times_as_many),
        cmocka_unit_test(stops__progress_until_now__no),
        cmocka_unit_test(stops__constant_or_failing_objective__ends_or_leaves_it_to_the_limit_of_failures),
        cmocka_unit_test(estimate__imported_abandoned_and_violating_trials__are_not_tries_in_vain),
        cmocka_unit_test(stops__several_objectives__when_the_front_stands_still),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
