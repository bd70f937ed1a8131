/*
 * Importance: what is known to matter comes out, what is known not to does not.
 */
#include "suggest/importance.h"

#include "tests/suggest/spaces.h"

static const struct parameter parameters[] = {
    { .name = "lr", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_LOG_UNIFORM, .min = 1e-5, .max = 1 },
    { .name = "momentum", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "optimizer", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
    { .name = "layers", .type = PARAMETER_INT, .min = 1, .max = 8, .step = 1 },
    { .name = "epochs", .type = PARAMETER_INT, .min = 5, .max = 5, .step = 1 },
};
static const struct space space = SPACE(parameters);
enum { LR, MOMENTUM, OPTIMIZER, LAYERS, EPOCHS, N };

static double of_lr(const double *values)
{
    double log_lr = log10(values[LR]) + 3;

    return log_lr * log_lr;
}

static double of_optimizer(const double *values)
{
    return values[OPTIMIZER] == 1 ? 0 : 1 + 0.01 * values[MOMENTUM];
}

static double nothing(const double *values)
{
    (void)values;
    return 3;
}

static void fill(struct history *history, size_t n, double (*loss)(const double *values))
{
    struct rng rng = rng_stream(7, n, "test");
    double x[N], values[N];

    history_init(history, &space, 1, 0);
    for (size_t k = 0; k < n; k++) {
        space_draw(&space, &rng, x);
        space_decode(&space, x, values);
        double own = loss(values);
        history_finish(history, (int64_t)k + 1, values, OUTCOME_SUCCEEDED, &own, NULL);
    }
}

static void compute(const struct history *history, enum importance_evaluator evaluator, double *share)
{
    double sum = 0;
    size_t n;

    assert_int_equal(importance_compute(history, evaluator, 0, 1, share, &n), 0);
    for (size_t i = 0; i < history->space->n; i++) {
        assert_true(share[i] >= 0);
        sum += share[i];
    }
    assert_close(sum, 1, 1e-12);
}

static void compute__only_the_log_of_lr_matters__it_has_nearly_all(void **state)
{
    double share[N];

    (void)state;
    for (enum importance_evaluator evaluator = IMPORTANCE_PED_ANOVA; evaluator <= IMPORTANCE_FANOVA; evaluator++) {
        struct history history;
        fill(&history, 400, of_lr);
        compute(&history, evaluator, share);
        assert_true(share[LR] > 0.95);
        assert_close(share[EPOCHS], 0, 0);
        history_release(&history);
    }
}

static void compute__only_a_choice_matters__it_has_nearly_all(void **state)
{
    double share[N];

    (void)state;
    for (enum importance_evaluator evaluator = IMPORTANCE_PED_ANOVA; evaluator <= IMPORTANCE_FANOVA; evaluator++) {
        struct history history;
        fill(&history, 200, of_optimizer);
        compute(&history, evaluator, share);
        assert_true(share[OPTIMIZER] > 0.9);
        history_release(&history);
    }
}

static void compute__constant_objective__says_that_nothing_matters(void **state)
{
    double share[N];
    size_t n;

    (void)state;
    for (enum importance_evaluator evaluator = IMPORTANCE_PED_ANOVA; evaluator <= IMPORTANCE_FANOVA; evaluator++) {
        struct history history;
        fill(&history, 30, nothing);
        assert_int_equal(importance_compute(&history, evaluator, 0, 1, share, &n), ERR_NOT_FOUND);
        assert_contains(fail_message(), "the 30 trials does not depend on any parameter");
        history_release(&history);
    }
}

static void compute__too_few_trials__says_how_many_it_takes(void **state)
{
    const double infinite = INFINITY, loss = 1;
    struct history history;
    double share[N];
    size_t n;

    (void)state;
    fill(&history, 9, of_lr);
    history_finish(&history, 10, history_values(&history, 0), OUTCOME_SUCCEEDED, &infinite, NULL);
    history_finish(&history, 11, history_values(&history, 0), OUTCOME_EARLY_STOPPED, &loss, NULL);
    history_finish(&history, 12, history_values(&history, 0), OUTCOME_FAILED, NULL, NULL);
    assert_int_equal(importance_compute(&history, IMPORTANCE_PED_ANOVA, 0, 1, share, &n), ERR_NOT_FOUND);
    assert_string_equal(fail_message(), "expected 10 trials or more that succeeded, got 9");
    assert_int_equal(n, 9);
    history_release(&history);
}

/* f depends on beta, which only adam has, and there on nothing else; then on the optimizer alone. */
static void compute__conditional_parameter__counts_where_it_is_active(void **state)
{
    static const struct parameter tree[] = {
        { .name = "optimizer", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
        { .name = "beta", .type = PARAMETER_DOUBLE, .min = 0, .max = 1, .activation = &if_adam },
        { .name = "other", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    };
    const struct space conditional = SPACE(tree);

    (void)state;
    for (int by_beta = 0; by_beta < 2; by_beta++) {
        for (enum importance_evaluator evaluator = IMPORTANCE_PED_ANOVA; evaluator <= IMPORTANCE_FANOVA; evaluator++) {
            struct rng rng = rng_stream(5, 1, "test");
            struct history history;
            double x[3], values[3], share[3];
            history_init(&history, &conditional, 1, 0);
            for (int64_t k = 1; k <= 500; k++) {
                space_draw(&conditional, &rng, x);
                space_decode(&conditional, x, values);
                double loss = isnan(values[1]) ? 0.5 : by_beta ? values[1] : 0;
                history_finish(&history, k, values, OUTCOME_SUCCEEDED, &loss, NULL);
            }
            compute(&history, evaluator, share);
            assert_true(by_beta ? share[1] > 0.5 : share[0] > 0.95);
            assert_true(share[2] < 0.05);
            history_release(&history);
        }
    }
}

/* One loss falls with a, the other rises; both rise with b. */
static void compute__several_objectives__one_of_them_or_the_front(void **state)
{
    static const struct parameter pair[] = {
        { .name = "a", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
        { .name = "b", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    };
    const struct space plane = SPACE(pair);
    struct rng rng = rng_stream(5, 1, "test");
    struct history history;
    double share[2];
    size_t n;

    (void)state;
    history_init(&history, &plane, 2, 0);
    for (int64_t k = 1; k <= 300; k++) {
        double a = rng_uniform(&rng), b = rng_uniform(&rng);
        history_finish(&history, k, (double[]){ a, b }, OUTCOME_SUCCEEDED, (double[]){ a + b, 1e6 * (0.1 - a + b) },
                       NULL);
    }
    for (enum importance_evaluator evaluator = IMPORTANCE_PED_ANOVA; evaluator <= IMPORTANCE_FANOVA; evaluator++) {
        assert_int_equal(importance_compute(&history, evaluator, 1, 1, share, &n), 0);
        assert_true(fabs(share[0] - 0.5) < 0.15);
        assert_int_equal(importance_compute(&history, evaluator, SIZE_MAX, 1, share, &n), 0);
        assert_true(evaluator == IMPORTANCE_FANOVA ? fabs(share[0] - 0.5) < 0.1 : share[1] > 0.8);
    }
    history_release(&history);
}

/* At the small resource the loss depends on momentum. */
static void compute__several_resources__takes_the_largest_with_enough_trials(void **state)
{
    struct rng rng = rng_stream(5, 1, "test");
    double x[N], values[N], share[N];
    struct history history;
    size_t n;

    (void)state;
    history_init(&history, &space, 1, 0);
    for (int64_t k = 1; k <= 200; k++) {
        space_draw(&space, &rng, x);
        space_decode(&space, x, values);
        double resource = k <= 100 ? 1 : k <= 195 ? 3 : 9, loss = resource == 3 ? of_lr(values) : values[MOMENTUM];
        history_start(&history, k, values, resource, 0);
        history_finish(&history, k, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    assert_int_equal(importance_compute(&history, IMPORTANCE_PED_ANOVA, 0, 1, share, &n), 0);
    assert_int_equal(n, 95);
    assert_true(share[LR] > 0.7 && share[MOMENTUM] < 0.1);
    history_release(&history);
}

static void compute__an_outlier__changes_little(void **state)
{
    const double huge = 1e12;
    double share[N];
    struct history history;

    (void)state;
    fill(&history, 200, of_lr);
    history_finish(&history, 201, history_values(&history, 0), OUTCOME_SUCCEEDED, &huge, NULL);
    compute(&history, IMPORTANCE_FANOVA, share);
    assert_true(share[LR] > 0.9);
    history_release(&history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compute__only_the_log_of_lr_matters__it_has_nearly_all),
        cmocka_unit_test(compute__only_a_choice_matters__it_has_nearly_all),
        cmocka_unit_test(compute__constant_objective__says_that_nothing_matters),
        cmocka_unit_test(compute__too_few_trials__says_how_many_it_takes),
        cmocka_unit_test(compute__conditional_parameter__counts_where_it_is_active),
        cmocka_unit_test(compute__several_objectives__one_of_them_or_the_front),
        cmocka_unit_test(compute__several_resources__takes_the_largest_with_enough_trials),
        cmocka_unit_test(compute__an_outlier__changes_little),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
