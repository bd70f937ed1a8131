#include "tests/suggest/studies.h"

#include "base/memory.h"

static const struct space tree = SPACE(finite_parameters), mixed = SPACE(mixed_parameters);

/* A method that always says the same. */
static void *stubborn_create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    (void)values;
    (void)seed;
    size_t *n = xcalloc(1, sizeof *n);
    *n = problem->space->n;
    return n;
}

static int stubborn_suggest(void *state, const struct history *history, struct suggest_request *request,
                            struct suggestion *out)
{
    const size_t *n = state;

    (void)history;
    (void)request;
    for (size_t i = 0; i < *n; i++)
        out->x[i] = 0.25;
    snprintf(out->why, sizeof out->why, "because");
    return 0;
}

static const struct suggest_method stubborn = {
    .name = "stubborn",
    .create = stubborn_create,
    .suggest = stubborn_suggest,
    .destroy = free,
};

/* A method that has nothing to say after its third trial, and goes up in resource. */
static int finite_suggest(void *state, const struct history *history, struct suggest_request *request,
                          struct suggestion *out)
{
    if (history->n_finished + history->n_running >= 3)
        return SUGGEST_EXHAUSTED;
    out->resource = (double)(history->n_finished + history->n_running + 1);
    out->parent = request->number - 1;
    return stubborn_suggest(state, history, request, out);
}

static const struct suggest_method ladder = {
    .name = "ladder",
    .create = stubborn_create,
    .suggest = finite_suggest,
    .destroy = free,
};

static const struct study_options plain = { .seed = 1 };

static void ask__method_repeats_itself__other_points_are_found_to_the_last(void **state)
{
    struct study *study = create_study(&tree, &stubborn, &plain, NULL);
    double points[FINITE_SIZE][COUNT(finite_parameters)];
    struct suggestion out = { 0 };

    (void)state;
    for (int64_t k = 0; k < FINITE_SIZE; k++) {
        assert_int_equal(study_ask(study, k + 1, points[k], &out), 0);
        if (k > 0)
            assert_contains(out.why, "first free point");
        else
            assert_string_equal(out.why, "because");
        for (int64_t j = 0; j < k; j++)
            assert_false(is_same_point(points[j], points[k], tree.n));
    }
    assert_int_equal(study_ask(study, FINITE_SIZE + 1, points[0], &out), SUGGEST_EXHAUSTED);
    assert_int_equal(study_history(study)->n_running, FINITE_SIZE);
    study_destroy(study);
}

static void ask__continuous_space__a_repeated_point_becomes_a_random_one(void **state)
{
    struct study *study = create_study(&mixed, &stubborn, &plain, NULL);
    double a[COUNT(mixed_parameters)], b[COUNT(mixed_parameters)];
    struct suggestion out = { 0 };

    (void)state;
    ask(study, 1, a);
    assert_int_equal(study_ask(study, 2, b, &out), 0);
    assert_contains(out.why, "a random point");
    assert_false(is_same_point(a, b, mixed.n));
    study_destroy(study);
}

static void ask__a_range_of_few_doubles__ends(void **state)
{
    const struct parameter p = { .name = "p", .type = PARAMETER_DOUBLE, .min = 1, .max = 1 + 4 * 0x1p-52 };
    const struct space space = { 1, &p };
    struct study *study = create_study(&space, suggest_method_find("random", NULL), &plain, NULL);
    double value;
    int64_t number = 1;

    (void)state;
    while (study_ask(study, number, &value, &(struct suggestion){ 0 }) == 0)
        number++;
    assert_int_equal(number, 6);
    study_destroy(study);
}

static void ask__abandoned_point__may_come_again_others_not(void **state)
{
    const struct parameter p = { .name = "n", .type = PARAMETER_INT, .min = 1, .max = 4, .step = 1 };
    const struct space space = { 1, &p };
    struct study *study = create_study(&space, suggest_method_find("grid", NULL), &plain, NULL);
    double values[5];

    (void)state;
    for (int64_t number = 1; number <= 4; number++)
        ask(study, number, &values[number - 1]);
    study_finish(study, 2, NULL, OUTCOME_FAILED, NULL, NULL);
    study_finish(study, 3, NULL, OUTCOME_ABANDONED, NULL, NULL);
    ask(study, 5, &values[4]);
    assert_true(values[4] == values[2]);
    assert_int_equal(study_ask(study, 6, &values[4], &(struct suggestion){ 0 }), SUGGEST_EXHAUSTED);
    study_destroy(study);
}

static void ask__points_by_other_means__are_not_named_again(void **state)
{
    const struct parameter p = { .name = "n", .type = PARAMETER_INT, .min = 1, .max = 4, .step = 1 };
    const struct space space = { 1, &p };
    struct study *study = create_study(&space, suggest_method_find("sobol", NULL), &plain, NULL);
    double value;

    (void)state;
    study_start(study, 1, (double[]){ 2 }, NAN, 0);
    study_finish(study, 2, (double[]){ 3 }, OUTCOME_SUCCEEDED, (double[]){ 0 }, NULL);
    study_finish(study, 3, (double[]){ 1 }, OUTCOME_ABANDONED, NULL, NULL);
    for (int64_t number = 4; number <= 5; number++) {
        ask(study, number, &value);
        assert_true(value == 1 || value == 4);
    }
    assert_int_equal(study_ask(study, 6, &value, &(struct suggestion){ 0 }), SUGGEST_EXHAUSTED);
    study_destroy(study);
}

static void ask__noisy_objective__may_repeat(void **state)
{
    const struct study_options noisy = { .seed = 1, .is_noisy = true };
    struct study *study = create_study(&tree, &stubborn, &noisy, NULL);
    double a[COUNT(finite_parameters)], b[COUNT(finite_parameters)];

    (void)state;
    ask(study, 1, a);
    ask(study, 2, b);
    assert_true(is_same_point(a, b, tree.n));
    study_destroy(study);
}

static void ask__same_point_with_another_resource__is_new(void **state)
{
    struct study *study = create_study(&tree, &ladder, &plain, NULL);
    double a[COUNT(finite_parameters)], b[COUNT(finite_parameters)];
    struct suggestion out = { 0 };

    (void)state;
    ask(study, 1, a);
    assert_int_equal(study_ask(study, 2, b, &out), 0);
    assert_true(is_same_point(a, b, tree.n));
    assert_true(out.resource == 2 && out.parent == 1);
    ask(study, 3, b);
    assert_int_equal(study_ask(study, 4, b, &out), SUGGEST_EXHAUSTED);
    assert_true(study_history(study)->running_resource[2] == 3);
    study_destroy(study);
}

static void ask__coordinates_wanted__are_those_of_the_values(void **state)
{
    struct study *study = create_study(&mixed, suggest_method_find("random", NULL), &plain, NULL);
    double values[COUNT(mixed_parameters)], x[COUNT(mixed_parameters)], want[COUNT(mixed_parameters)];
    struct suggestion out = { .x = x };

    (void)state;
    for (int64_t number = 1; number <= 50; number++) {
        assert_int_equal(study_ask(study, number, values, &out), 0);
        space_encode(&mixed, values, want);
        assert_ptr_equal(out.x, x);
        assert_true(is_same_point(x, want, mixed.n));
        assert_true(
            is_same_point(study_history(study)->running_values + (size_t)(number - 1) * mixed.n, values, mixed.n));
    }
    study_destroy(study);
}

/* The k-th ask is the same whatever is told before it, for methods that do not learn. */
static void ask__any_interleaving_of_finishes__gives_the_same_points(void **state)
{
    static const char *const names[] = { "random", "sobol", "grid" };

    (void)state;
    for (size_t m = 0; m < COUNT(names); m++) {
        struct study *a = create_study(&tree, suggest_method_find(names[m], NULL), &plain, NULL);
        struct study *b = create_study(&tree, suggest_method_find(names[m], NULL), &plain, NULL);
        double values[2][COUNT(finite_parameters)];
        for (int64_t number = 1; number <= 40; number++) {
            ask(a, number, values[0]);
            ask(b, number, values[1]);
            assert_true(is_same_point(values[0], values[1], tree.n));
            study_finish(a, number, NULL, OUTCOME_SUCCEEDED, (double[]){ (double)number }, NULL);
            if (number % 5 == 0)
                for (int64_t late = number; late > number - 5; late--)
                    study_finish(b, late, NULL, OUTCOME_SUCCEEDED, (double[]){ -1 }, NULL);
        }
        study_destroy(a);
        study_destroy(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ask__method_repeats_itself__other_points_are_found_to_the_last),
        cmocka_unit_test(ask__continuous_space__a_repeated_point_becomes_a_random_one),
        cmocka_unit_test(ask__a_range_of_few_doubles__ends),
        cmocka_unit_test(ask__abandoned_point__may_come_again_others_not),
        cmocka_unit_test(ask__points_by_other_means__are_not_named_again),
        cmocka_unit_test(ask__noisy_objective__may_repeat),
        cmocka_unit_test(ask__same_point_with_another_resource__is_new),
        cmocka_unit_test(ask__coordinates_wanted__are_those_of_the_values),
        cmocka_unit_test(ask__any_interleaving_of_finishes__gives_the_same_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
