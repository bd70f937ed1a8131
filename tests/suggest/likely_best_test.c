/*
 * The likely best of a noisy search.
 */
#include "suggest/likely_best.h"

#include "tests/suggest/spaces.h"

static const struct parameter line[] = { { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 } };

static void add(struct history *history, int64_t number, double x, double loss, double violation, enum outcome outcome)
{
    history_finish(history, number, &x, outcome, &loss, &violation);
}

/* A parabola with its bottom at 0.3, and noise of so much. */
static void add_parabola(struct history *history, size_t n, double noise)
{
    struct rng rng = rng_stream(11, 0, "parabola");

    for (size_t i = 0; i < n; i++) {
        double x = ((double)i + 0.5) / (double)n;

        add(history, (int64_t)i + 1, x, (x - 0.3) * (x - 0.3) + noise * rng_normal(&rng), -1, OUTCOME_SUCCEEDED);
    }
}

static void likely_best_find__one_lucky_report__is_seen_through(void **state)
{
    const struct space space = SPACE(line);
    struct history history;
    struct likely_best likely;

    (void)state;
    history_init(&history, &space, 1, 1);
    add_parabola(&history, 60, 0.02);
    add(&history, 61, 0.62, -0.15, -1, OUTCOME_SUCCEEDED); /* lower than any, where the truth is 0.1 */
    likely_best_find(&history, &likely);
    assert_int_not_equal(likely.number, 61);
    assert_true(fabs(history_values(&history, (size_t)likely.number - 1)[0] - 0.3) < 0.1);
    assert_true(fabs(likely.loss) < 0.03);
    assert_true(likely.deviation > 0 && likely.deviation < 0.03);
    history_release(&history);
}

static void likely_best_find__infeasible_imported_or_unfinished__is_never_chosen(void **state)
{
    const struct space space = SPACE(line);
    struct history history;
    struct likely_best likely;

    (void)state;
    history_init(&history, &space, 1, 1);
    add(&history, -1, 0.30, 0.0, -1, OUTCOME_SUCCEEDED);
    add(&history, 1, 0.31, 0.0, 0.5, OUTCOME_SUCCEEDED);
    add(&history, 2, 0.32, 0.0, NAN, OUTCOME_SUCCEEDED);
    add(&history, 3, 0.33, 0.0, -1, OUTCOME_EARLY_STOPPED);
    add(&history, 4, 0.34, NAN, -1, OUTCOME_SUCCEEDED);
    add(&history, 5, 0.35, -INFINITY, -1, OUTCOME_SUCCEEDED);
    add(&history, 6, 0.36, NAN, -1, OUTCOME_FAILED);
    add(&history, 7, 0.8, 0.3, -1, OUTCOME_SUCCEEDED);
    add(&history, 8, 0.9, 0.4, 0, OUTCOME_SUCCEEDED);
    likely_best_find(&history, &likely);
    assert_int_equal(likely.number, 7);
    history_release(&history);
}

static void likely_best_find__nothing_to_choose_from__gives_none(void **state)
{
    const struct space space = SPACE(line);
    struct history history;
    struct likely_best likely;

    (void)state;
    history_init(&history, &space, 1, 0);
    likely_best_find(&history, &likely);
    assert_int_equal(likely.number, 0);
    assert_true(isnan(likely.loss));
    history_release(&history);
    history_init(&history, &space, 2, 0);
    likely_best_find(&history, &likely);
    assert_int_equal(likely.number, 0);
    history_release(&history);
}

static void likely_best_find__constant_objective__chooses_some(void **state)
{
    const struct space space = SPACE(mixed_parameters);
    struct history history;
    struct likely_best likely;
    double x[COUNT(mixed_parameters)], values[COUNT(mixed_parameters)], loss = 3;

    (void)state;
    history_init(&history, &space, 1, 0);
    for (int64_t number = 1; number <= 8; number++) {
        struct rng rng = rng_stream(5, (uint64_t)number, "constant");

        space_draw(&space, &rng, x);
        space_decode(&space, x, values);
        history_finish(&history, number, values, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    likely_best_find(&history, &likely);
    assert_true(likely.number >= 1 && likely.number <= 8);
    assert_close(likely.loss, 3, 1e-9);
    history_release(&history);
}

static void likely_best_find__more_rows_than_the_model_takes__expects_no_luck(void **state)
{
    const struct space space = SPACE(line);
    struct history history;
    struct likely_best likely;

    (void)state;
    history_init(&history, &space, 1, 0);
    add_parabola(&history, 3 * LIKELY_BEST_ROWS, 0.1);
    likely_best_find(&history, &likely);
    assert_true(fabs(history_values(&history, (size_t)likely.number - 1)[0] - 0.3) < 0.1);
    assert_true(fabs(likely.loss) < 0.02); /* the luckiest report is below -0.2 */
    assert_true(likely.deviation < 0.02);
    history_release(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(likely_best_find__one_lucky_report__is_seen_through),
        cmocka_unit_test(likely_best_find__infeasible_imported_or_unfinished__is_never_chosen),
        cmocka_unit_test(likely_best_find__nothing_to_choose_from__gives_none),
        cmocka_unit_test(likely_best_find__constant_objective__chooses_some),
        cmocka_unit_test(likely_best_find__more_rows_than_the_model_takes__expects_no_luck),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
