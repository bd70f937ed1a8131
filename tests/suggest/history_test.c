#include "suggest/history.h"

#include "tests/suggest/spaces.h"

static const struct parameter parameters[] = {
    { .name = "a", .type = PARAMETER_INT, .min = 0, .max = 9, .step = 1 },
    { .name = "b", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
};
static const struct space space = SPACE(parameters);

static void start__running_number__is_left_as_it_is(void **state)
{
    struct history history;

    (void)state;
    history_init(&history, &space, 1, 0);
    history_start(&history, 7, (double[]){ 1, 0.5 }, NAN, 3);
    history_start(&history, 7, (double[]){ 2, 0.5 }, 9, 0);
    assert_int_equal(history.n_running, 1);
    assert_true(history.running_values[0] == 1 && isnan(history.running_resource[0]));
    assert_int_equal(history_find_running(&history, 7), 0);
    assert_true(history_find_running(&history, 8) == SIZE_MAX);
    history_release(&history);
}

static void finish__out_of_order__keeps_both_orders(void **state)
{
    struct history history;

    (void)state;
    history_init(&history, &space, 2, 1);
    for (int64_t number = 1; number <= 40; number++)
        history_start(&history, number, (double[]){ (double)(number % 10), (double)number / 40 }, (double)number,
                      number - 1);
    for (int64_t number = 39; number >= 1; number -= 2) {
        const double loss[] = { (double)number, -(double)number }, violation = 0.5;
        history_finish(&history, number, NULL, OUTCOME_SUCCEEDED, loss, number == 1 ? NULL : &violation);
    }
    assert_int_equal(history.n_finished, 20);
    assert_int_equal(history.n_running, 20);
    for (size_t row = 0; row < 20; row++) {
        int64_t finished = 39 - 2 * (int64_t)row, running = 2 + 2 * (int64_t)row;
        assert_int_equal(history.number[row], finished);
        assert_true(history.resource[row] == (double)finished);
        assert_true(history_values(&history, row)[0] == (double)(finished % 10));
        assert_close(history_point(&history, row)[1], (double)finished / 40, 1e-12);
        assert_true(history.loss[2 * row] == (double)finished && history.loss[2 * row + 1] == -(double)finished);
        assert_true(finished == 1 ? isnan(history.violation[row]) : history.violation[row] == 0.5);
        assert_int_equal(history.parent[row], finished - 1);
        assert_int_equal(history.running_parent[row], running - 1);
        assert_int_equal(history.running_number[row], running);
        assert_true(history.running_values[2 * row + 1] == (double)running / 40);
        assert_true(history.running_resource[row] == (double)running);
    }
    history_release(&history);
}

static void finish__never_started_or_without_loss__is_a_row(void **state)
{
    struct history history;

    (void)state;
    history_init(&history, &space, 1, 0);
    history_finish(&history, 3, (double[]){ 4, 0.25 }, OUTCOME_FAILED, NULL, NULL);
    assert_int_equal(history.n_finished, 1);
    assert_int_equal(history.outcome[0], OUTCOME_FAILED);
    assert_true(isnan(history.loss[0]) && isnan(history.resource[0]));
    assert_close(history_point(&history, 0)[0], 0.45, 1e-12);
    history_release(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start__running_number__is_left_as_it_is),
        cmocka_unit_test(finish__out_of_order__keeps_both_orders),
        cmocka_unit_test(finish__never_started_or_without_loss__is_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
